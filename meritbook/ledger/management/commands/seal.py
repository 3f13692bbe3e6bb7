"""Seal what a company posted since the last block."""

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from meritbook.kit import clock
from meritbook.kit.commands import CompanyCommand
from meritbook.kit.errors import Refusal
from meritbook.ledger.operations.sealing import seal


class AnchorUnwritten(Refusal):
    """The blocks are made, but the file outside the database could not be written."""

    code = "anchor_unwritten"


class Command(CompanyCommand):
    help = "Seal all transactions that wait, and write the chain's head to the file of anchors."
    scoped = False

    def company_answer(self, *, company_id: int, **options: Any) -> dict[str, Any]:
        try:
            return asdict(seal(company_id=company_id, now=clock.now()))
        except OSError as error:
            raise AnchorUnwritten(
                _("已封存，但写不了锚点文件：%(error)s") % {"error": error.strerror}
            ) from error

    def show(self, value: dict[str, Any]) -> str:
        if value["seq"] is None:
            return _("还没有可以封存的记账")
        return _("新封存 %(n)s 笔记账，当前第 %(seq)s 块，指纹 %(hash)s") % {
            "n": value["transactions"],
            "seq": value["seq"],
            "hash": value["hash"],
        }
