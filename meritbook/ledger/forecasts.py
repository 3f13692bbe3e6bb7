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

    Spending takes the earliest points of a lot first, so what is left is what was earned last.
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


# Per lot the gains that went into it, the latest first, until they make up what is left of it;
# what no gain explains (put back by a reversal without its lot) counts as the oldest.
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
    SELECT o.account_id, o.expires_on, o.remains, g.earned_on, g.amount,
        sum(g.amount) OVER (
            PARTITION BY o.account_id, o.expires_on
            ORDER BY g.posted_at DESC, g.tx_id DESC, g.seq DESC) - g.amount AS later
    FROM lots o
    JOIN LATERAL (
        SELECT f.effective_on AS earned_on, f.posted_at, f.tx_id, f.seq,
            f.amount - coalesce(r.reversed, 0) AS amount
        FROM ledger_transfer f
        LEFT JOIN ledger_reversed_total r
            ON r.company_id = f.company_id AND r.tx_id = f.tx_id AND r.seq = f.seq
        WHERE f.company_id = %(company)s AND f.credit_id = o.account_id
            AND f.expires_on = o.expires_on
    ) g ON g.amount > 0
), parts AS (
    SELECT account_id, earned_on, least(amount, remains - later) AS amount
    FROM gains WHERE later < remains
), whole AS (
    SELECT account_id, sum(remains) AS remains FROM lots GROUP BY account_id
), ages AS (
    SELECT account_id,
        sum(amount) AS explained,
        coalesce(sum(amount) FILTER (WHERE age <= 30), 0) AS a,
        coalesce(sum(amount) FILTER (WHERE age > 30 AND age <= 90), 0) AS b,
        coalesce(sum(amount) FILTER (WHERE age > 90 AND age <= 180), 0) AS c,
        coalesce(sum(amount) FILTER (WHERE age > 180 AND age <= 365), 0) AS d
    FROM (SELECT account_id, amount, %(today)s::date - earned_on AS age FROM parts) p
    GROUP BY account_id
)
SELECT a.party_id, s.code, s.scale, coalesce(g.a, 0)::bigint, coalesce(g.b, 0)::bigint,
    coalesce(g.c, 0)::bigint, coalesce(g.d, 0)::bigint,
    (w.remains - coalesce(g.a + g.b + g.c + g.d, 0))::bigint
FROM whole w
JOIN ledger_account a ON a.company_id = %(company)s AND a.account_id = w.account_id
JOIN ledger_asset s ON s.company_id = %(company)s AND s.asset_id = a.asset_id
LEFT JOIN ages g ON g.account_id = w.account_id
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
