"""Recompute every invariant of a company's ledger."""

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from meritbook.kit.commands import CompanyCommand
from meritbook.ledger.verification import verify


class Command(CompanyCommand):
    help = "Recompute all invariants of the ledger; exit code 1 when one does not hold."

    def company_answer(self, *, company_id: int, **options: Any) -> dict[str, Any]:
        verification = verify(company_id=company_id)
        return asdict(verification) | {"checks": [asdict(check) for check in verification.checks]}

    def failed(self, value: dict[str, Any]) -> bool:
        return not value["ok"]

    def show(self, value: dict[str, Any]) -> str:
        lines = [
            f"{'✓' if check['ok'] else '✗'} {check['name']} {check['detail']}".rstrip()
            for check in value["checks"]
        ]
        verdict = _("账目完全相符") if value["ok"] else _("账目有不符之处")
        count = _("共 %(n)s 笔记账") % {"n": value["transactions"]}
        return "\n".join([*lines, f"{verdict}，{count}"])
