"""What points are worth in money: one table, rows with the day from which they hold.

    at = worth(company_id=…, asset_code="spendable", on=day)
    cents = at.cents_of(minor)            # whole 分, half up
    minor = at.minor_of(cents)            # back, rounded down: what the money still buys

For budgets and for liability. Nothing is paid by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from meritbook.kit.once import once

SCALE = 2
"""Money has cents (分)."""


class Worth(NamedTuple):
    """``points`` minor units of the asset are ``cents`` of money; 0 cents: not weighed in money.

    ``valid_from`` is None for the default, which holds until the company says something else.
    """

    points: int
    cents: int
    valid_from: date | None = None

    def cents_of(self, minor: int) -> int:
        """``minor`` units in whole cents, half up (away from zero)."""
        whole = (2 * abs(minor) * self.cents + self.points) // (2 * self.points)
        return whole if minor >= 0 else -whole

    def minor_of(self, cents: int) -> int | None:
        """How many minor units ``cents`` buy, rounded down; None when they cost nothing."""
        return cents * self.points // self.cents if self.cents else None


class WorthRow(NamedTuple):
    """A change of worth as it was said."""

    asset_code: str
    valid_from: date
    points: int
    cents: int
    announced_at: datetime
    actor_id: int | None
    approver_id: int | None
    note: str


def default_worth(*, asset_code: str, scale: int = 2) -> Worth:
    """What holds before the company says something: 100 points are 1 元, a coin is 1 元."""
    one = 10**scale
    return Worth(one, 100) if asset_code == "coin" else Worth(100 * one, 100)


def worth(*, company_id: int, asset_code: str, on: date) -> Worth:
    """What the points of an asset are worth on a day. An unknown asset has the default."""
    return worths(company_id=company_id, days=[on], asset_code=asset_code)[on]


def worths(*, company_id: int, asset_code: str, days: Sequence[date]) -> Mapping[date, Worth]:
    """The worth on each of several days; one query."""
    scale, rows = _of(company_id=company_id, asset_code=asset_code)
    default = default_worth(asset_code=asset_code, scale=scale)
    return {
        day: next((each for each in rows if each.valid_from and each.valid_from <= day), default)
        for day in days
    }


@once
def _of(*, company_id: int, asset_code: str) -> tuple[int, list[Worth]]:
    """The asset's scale, and its rows, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.scale, w.points, w.cents, w.valid_from FROM ledger_asset a"
            " LEFT JOIN ledger_worth w"
            " ON w.company_id = a.company_id AND w.asset_id = a.asset_id"
            " WHERE a.company_id = %s AND a.code = %s ORDER BY w.valid_from DESC",
            [company_id, asset_code],
        )
        found = cursor.fetchall()
    scale = found[0][0] if found else 2
    return scale, [Worth(*row[1:]) for row in found if row[1] is not None]


def worth_history(*, company_id: int) -> list[WorthRow]:
    """Every change of worth, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.code, w.valid_from, w.points, w.cents, w.announced_at, w.actor_id,"
            " w.approver_id, w.note FROM ledger_worth w"
            " JOIN ledger_asset a ON a.company_id = w.company_id AND a.asset_id = w.asset_id"
            " WHERE w.company_id = %s ORDER BY w.valid_from DESC, a.code",
            [company_id],
        )
        return [WorthRow(*row) for row in cursor.fetchall()]
