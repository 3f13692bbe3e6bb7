"""What lapses when, and what unspent points are worth by their age. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import connection

AGES = (30, 90, 180, 365)
"""The last day of each age but the open one: up to 30 days, up to 90 …, more than 365."""

NO_LIABILITY = ("quota",)
"""Assets that a company gives its managers to hand on; nobody can spend them."""


class Lapse(NamedTuple):
    """What is left of a party's lot, and its last day."""

    party_id: int
    asset: str
    scale: int
    day: date
    amount: int


class Aged(NamedTuple):
    """What a party has left of an asset; ``by_age`` as ``AGES``, the last one what is older.

    Spending takes the points that were earned first, so what is left of a lot was earned last.
    """

    party_id: int
    asset: str
    scale: int
    by_age: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.by_age)


_LAPSES = """
SELECT a.party_id, s.code, s.scale, l.expires_on,
    l.granted - l.used - l.revoked - l.expired - l.held
FROM ledger_lot l
JOIN ledger_account a ON a.company_id = l.company_id AND a.account_id = l.account_id
JOIN ledger_asset s ON s.company_id = l.company_id AND s.asset_id = a.asset_id
WHERE l.company_id = %(company)s AND l.expires_on < 'infinity'
    AND l.granted > l.used + l.revoked + l.expired + l.held
    AND a.party_id IS NOT NULL
    AND (%(parties)s::bigint[] IS NULL OR a.party_id = ANY (%(parties)s))
    AND (%(until)s::date IS NULL OR l.expires_on <= %(until)s)
ORDER BY l.expires_on, s.asset_id, a.party_id
"""


def lapses(
    *, company_id: int, party_ids: Sequence[int] | None = None, until: date | None = None
) -> list[Lapse]:
    """Everything that has a last day and is not held, the earliest first.

    Lots whose day has passed are here too until the expiry job has taken them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _LAPSES,
            {
                "company": company_id,
                "parties": None if party_ids is None else list(party_ids),
                "until": until,
            },
        )
        return list(map(Lapse._make, cursor.fetchall()))


# The gains that went into each lot by age, less what was taken back of them, against what is left
# of the lot: the youngest first. What no gain explains (put back by a reversal without its lot)
# counts as the oldest.
_AGED = """
WITH lots AS (
    SELECT l.account_id, l.expires_on, l.granted - l.used - l.revoked - l.expired AS remains
    FROM ledger_lot l
    JOIN ledger_account a ON a.company_id = l.company_id AND a.account_id = l.account_id
    JOIN ledger_asset s ON s.company_id = l.company_id AND s.asset_id = a.asset_id
    WHERE l.company_id = %(company)s AND l.granted > l.used + l.revoked + l.expired
        AND a.party_id IS NOT NULL AND s.code <> ALL (%(without)s)
        AND (%(parties)s::bigint[] IS NULL OR a.party_id = ANY (%(parties)s))
), gains AS (
    SELECT account_id, expires_on,
        sum(amount) FILTER (WHERE earned_on >= %(today)s::date - 30) AS a,
        sum(amount) FILTER (WHERE earned_on BETWEEN %(today)s::date - 90
            AND %(today)s::date - 31) AS b,
        sum(amount) FILTER (WHERE earned_on BETWEEN %(today)s::date - 180
            AND %(today)s::date - 91) AS c,
        sum(amount) FILTER (WHERE earned_on BETWEEN %(today)s::date - 365
            AND %(today)s::date - 181) AS d
    FROM (
        SELECT f.credit_id AS account_id, f.expires_on, f.effective_on AS earned_on, f.amount
        FROM ledger_transfer f
        WHERE f.company_id = %(company)s AND f.expires_on IS NOT NULL
            AND f.effective_on >= %(today)s::date - 365
        UNION ALL
        SELECT f.credit_id, f.expires_on, f.effective_on, -r.reversed
        FROM ledger_reversed_total r
        JOIN ledger_transfer f
            ON f.company_id = r.company_id AND f.tx_id = r.tx_id AND f.seq = r.seq
        WHERE r.company_id = %(company)s AND r.reversed > 0 AND f.expires_on IS NOT NULL
            AND f.effective_on >= %(today)s::date - 365
    ) g
    GROUP BY account_id, expires_on
), taken AS (
    SELECT o.account_id, o.remains,
        least(o.remains, coalesce(g.a, 0)) AS a,
        least(o.remains, coalesce(g.a, 0) + coalesce(g.b, 0)) AS b,
        least(o.remains, coalesce(g.a, 0) + coalesce(g.b, 0) + coalesce(g.c, 0)) AS c,
        least(o.remains, coalesce(g.a, 0) + coalesce(g.b, 0) + coalesce(g.c, 0)
            + coalesce(g.d, 0)) AS d
    FROM lots o LEFT JOIN gains g USING (account_id, expires_on)
)
SELECT a.party_id, s.code, s.scale, sum(t.a)::bigint, sum(t.b - t.a)::bigint,
    sum(t.c - t.b)::bigint, sum(t.d - t.c)::bigint, sum(t.remains - t.d)::bigint
FROM taken t
JOIN ledger_account a ON a.company_id = %(company)s AND a.account_id = t.account_id
JOIN ledger_asset s ON s.company_id = %(company)s AND s.asset_id = a.asset_id
GROUP BY s.asset_id, s.code, s.scale, a.party_id, a.account_id
ORDER BY s.asset_id, a.party_id, a.account_id
"""


def aged(*, company_id: int, today: date, party_ids: Sequence[int] | None = None) -> list[Aged]:
    """Unspent points of every party by the day on which they were earned, held ones included."""
    with connection.cursor() as cursor:
        cursor.execute(
            _AGED,
            {
                "company": company_id,
                "today": today,
                "without": list(NO_LIABILITY),
                "parties": None if party_ids is None else list(party_ids),
            },
        )
        return [Aged(row[0], row[1], row[2], tuple(row[3:])) for row in cursor.fetchall()]
