"""What one asset is worth in another: one table, rows with the day from which they hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection


class Rate(NamedTuple):
    """``denominator`` minor units of one asset become ``numerator`` of another from a day on."""

    from_code: str
    from_scale: int
    to_code: str
    to_scale: int
    valid_from: date
    numerator: int
    denominator: int
    announced_at: datetime
    actor_id: int | None
    approver_id: int | None
    note: str

    def converted(self, minor: int) -> int:
        """``minor`` units of the source in whole minor units of the target, rounded down."""
        return minor * self.numerator // self.denominator


class Outstanding(NamedTuple):
    """What all wallets of an asset hold together, in minor units, and of how many people."""

    amount: int
    wallets: int


def rates(*, company_id: int) -> list[Rate]:
    """All rates by pair of assets, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.code, f.scale, t.code, t.scale, r.valid_from, r.numerator, r.denominator,"
            " r.announced_at, r.actor_id, r.approver_id, coalesce(r.note, '')"
            " FROM ledger_rate r"
            " JOIN ledger_asset f ON f.company_id = r.company_id AND f.asset_id = r.from_asset_id"
            " JOIN ledger_asset t ON t.company_id = r.company_id AND t.asset_id = r.to_asset_id"
            " WHERE r.company_id = %s"
            " ORDER BY r.from_asset_id, r.to_asset_id, r.valid_from DESC",
            [company_id],
        )
        return [Rate(*row) for row in cursor.fetchall()]


def rate_on(found: Sequence[Rate], *, from_code: str, to_code: str, day: date) -> Rate | None:
    """Of ``rates`` the one that holds between two assets on a day."""
    return next(
        (
            one
            for one in found
            if (one.from_code, one.to_code) == (from_code, to_code) and one.valid_from <= day
        ),
        None,
    )


def outstanding(*, company_id: int, code: str) -> Outstanding:
    """What is in people's wallets now; debts are not counted against it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(b.posted), 0)::bigint, count(*) FROM ledger_balance b"
            " JOIN ledger_account w ON w.company_id = b.company_id"
            " AND w.account_id = b.account_id AND w.kind = 'wallet'"
            " JOIN ledger_asset a ON a.company_id = w.company_id AND a.asset_id = w.asset_id"
            " WHERE b.company_id = %s AND a.code = %s AND b.posted > 0",
            [company_id, code],
        )
        return Outstanding(*cursor.fetchone())
