"""A wallet as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from meritbook.kit.periods import MONTH, Period
from meritbook.kit.points import from_minor
from meritbook.kit.templatetags.kit import points as shown
from meritbook.kit.templatetags.kit import signed
from meritbook.ledger.account_states import wallet_states
from meritbook.ledger.names import Named
from meritbook.ledger.statements import Account, wallet
from meritbook.org.models import Employee
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
OWN = {"icon": "sparkles"}
"""The icon of the company's own kinds of points."""


class AccountCard(NamedTuple):
    """One asset of a wallet."""

    asset: str
    name: str
    balance: Decimal
    unit: str
    note: str
    icon: str
    address: str


def account_cards(
    *, employee: Employee, day: date, sight: Mapping[str, Named], ranked: bool = True
) -> list[AccountCard]:
    """The assets of somebody's wallet with what they earned this month and what expires.

    Those in ``sight`` alone (``queries.sight``); ``ranked``: with the place on the board.
    """
    accounts = wallet(company_id=employee.company_id, party_id=employee.party_id)
    states = {
        one.code: one.state
        for one in wallet_states(company_id=employee.company_id, party_id=employee.party_id)
    }
    return [
        AccountCard(
            asset=account.asset,
            name=sight[account.asset].name,
            balance=shortened(
                from_minor(account.balance, account.scale), sight[account.asset].decimals
            ),
            unit=sight[account.asset].unit,
            note=_note(
                account,
                employee=employee,
                day=day,
                unit=sight[account.asset].unit,
                state=states.get(account.asset, "open"),
                ranked=ranked,
            ),
            icon=ICONS.get(account.asset, OWN)["icon"],
            address=f"?asset={account.asset}#statement",
        )
        for account in accounts
        if account.asset in sight
    ]


def shortened(value: Decimal, decimals: int) -> Decimal:
    """A balance with the decimals that the company shows; never more than there is."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_DOWN)


def _note(
    account: Account, *, employee: Employee, day: date, unit: str, state: str, ranked: bool
) -> str:
    notes = []
    if state != "open":
        notes.append(_("已冻结，暂时不能使用") if state == "blocked" else _("已归档"))
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
        if ranked and earned and account.asset == ON_BOARDS[0]:
            own = board(company_id=employee.company_id, period=month).own(employee.pk)
            if own is not None:
                notes.append(_("第 %(rank)s 名") % {"rank": own.rank})
    if account.held:
        held = shown(from_minor(account.held, account.scale))
        notes.append(_("冻结 %(points)s") % {"points": held})
    if account.expiring:
        first = account.expiring[0]
        notes.append(
            _("%(points)s %(unit)s %(day)s 到期")
            % {
                "unit": unit,
                "points": shown(from_minor(first.amount, account.scale)),
                "day": first.day.isoformat(),
            }
        )
    return " · ".join(notes)
