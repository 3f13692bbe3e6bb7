"""The ledger's pages as tabs; pages of other contexts stand among them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from meritbook.org.permissions import Insider

FOR_OFFICERS = ("/ledger/quotas/", "/ledger/opening/", "/ledger/assets/", "/ledger/rates/")
"""Pages that are there to change something: who only reads has no use for them."""


def ledger_tabs(current: str, *, member: Insider) -> list[dict[str, Any]]:
    """The ledger's pages that ``member`` may open, one of them at hand."""
    pages = (
        ("/ledger/", _("记账")),
        ("/ledger/balances/", _("余额")),
        ("/ledger/expiry/", _("到期预告")),
        ("/ledger/liability/", _("积分负债")),
        ("/ledger/budget/", _("预算")),
        ("/ledger/caps/", _("上限")),
        ("/ledger/quotas/", _("额度")),
        ("/ledger/periods/", _("月结")),
        ("/ledger/opening/", _("期初")),
        ("/ledger/assets/", _("积分种类")),
        ("/ledger/rates/", _("兑换比例")),
        ("/ledger/proof/", _("封账与对账")),
    )
    return [
        {"address": address, "label": label, "current": address == current}
        for address, label in pages
        if member.is_officer or address not in FOR_OFFICERS
    ]
