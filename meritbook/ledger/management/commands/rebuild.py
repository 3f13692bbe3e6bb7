"""Make what is kept beside the transfers anew from them; says where it differs."""

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand
from meritbook.ledger.operations.rebuilding import rebuild
from meritbook.org.operations.audit import SYSTEM, note

KEPT_IN_AUDIT = 100
"""So many differences stand in the audit log; the answer has all."""


class Command(CompanyCommand):
    help = "Recompute balances, lots and totals from the transfers; --apply replaces them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--apply", action="store_true", dest="is_applied")

    def company_answer(self, *, company_id: int, **options: Any) -> dict[str, Any]:
        is_applied = bool(options["is_applied"])
        differences = [one._asdict() for one in rebuild(company_id=company_id, apply=is_applied)]
        if is_applied and differences:
            note(
                company_id=company_id,
                actor=SYSTEM,
                now=clock.now(),
                action="ledger.rebuild",
                object_kind="ledger",
                after={"count": len(differences), "differences": differences[:KEPT_IN_AUDIT]},
            )
        return {"applied": is_applied, "differences": differences}

    def show(self, value: dict[str, Any]) -> str:
        lines = [
            f"{one['what']} {one['place']}: {one['stored']} → {one['rebuilt']}"
            for one in value["differences"]
        ]
        count = {"n": len(lines)}
        if not lines:
            verdict = _("余额、批次和合计都与记账相符")
        elif value["applied"]:
            verdict = _("有 %(n)s 处与记账不符，已按记账改正") % count
        else:
            verdict = _("有 %(n)s 处与记账不符；加 --apply 按记账改正") % count
        return "\n".join([*lines, verdict])
