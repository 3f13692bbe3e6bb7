"""A wallet as its page shows it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from meritbook.kit.periods import MONTH, Period
from meritbook.kit.points import from_minor
from meritbook.kit.templatetags.kit import points as shown
from meritbook.kit.templatetags.kit import signed
from meritbook.ledger.statements import Account, wallet
from meritbook.org.models import Employee
from meritbook.site.queries.entry_rows import asset_name
from meritbook.standings.queries import board, points_of

ON_BOARDS = ("honour", "spendable")
ICONS = {
    "honour": {"icon": "award"},
    "spendable": {"icon": "coins"},
    "coin": {"icon": "banknote"},
    "stock": {"icon": "chart-candlestick"},
    "option": {"icon": "file-badge"},
    "annuity": {"icon": "piggy-bank"},
    "quota": {"icon": "gauge"},
}


class AccountCard(NamedTuple):
    """One asset of a wallet."""

    asset: str
    name: str
    balance: Decimal
    note: str
    icon: str
    address: str


def account_cards(*, employee: Employee, day: date) -> list[AccountCard]:
    """The assets of somebody's wallet with what they earned this month and what expires."""
    accounts = wallet(company_id=employee.company_id, party_id=employee.party_id)
    return [
        AccountCard(
            asset=account.asset,
            name=asset_name(account.asset),
            balance=from_minor(account.balance, account.scale),
            note=_note(account, employee=employee, day=day),
            icon=ICONS.get(account.asset, ICONS["spendable"])["icon"],
            address=f"?asset={account.asset}#statement",
        )
        for account in accounts
    ]


def _note(account: Account, *, employee: Employee, day: date) -> str:
    notes = []
    if account.asset in ON_BOARDS:
        month = Period.containing(MONTH, day)
        earned = points_of(
            company_id=employee.company_id,
            period=month,
            employee_id=employee.pk,
            asset=account.asset,
        )
        if earned is not None:
            shown_points = signed(from_minor(earned, account.scale))
            notes.append(_("本月 %(points)s") % {"points": shown_points})
        if earned and account.asset == ON_BOARDS[0]:
            own = board(company_id=employee.company_id, period=month).own(employee.pk)
            if own is not None:
                notes.append(_("第 %(rank)s 名") % {"rank": own.rank})
    if account.held:
        held = shown(from_minor(account.held, account.scale))
        notes.append(_("冻结 %(points)s") % {"points": held})
    if account.expiring:
        first = account.expiring[0]
        notes.append(
            _("%(points)s 分 %(day)s 到期")
            % {
                "points": shown(from_minor(first.amount, account.scale)),
                "day": first.day.isoformat(),
            }
        )
    return " · ".join(notes)
