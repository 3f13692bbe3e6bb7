"""The months of a book: which are closed, and what counted in each. Amounts are minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection


class MonthSum(NamedTuple):
    """What all parties gained and lost in one asset in a month."""

    asset: str
    scale: int
    earned: int
    deducted: int
    spent: int
    other: int


class MonthChange(NamedTuple):
    """That somebody closed a month or opened it again."""

    changed_at: datetime
    state: str
    actor_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month by its first day."""

    first_day: date
    is_closed: bool
    transactions: int
    sums: tuple[MonthSum, ...]
    changes: tuple[MonthChange, ...]
    """The latest first."""


# Day by day first: a year of a thousand people has half a million rows, and 365 days.
_SUMS = """
SELECT date_trunc('month', t.day)::date AS month, s.code, s.scale, sum(t.earned)::bigint,
    sum(t.deducted)::bigint, sum(t.spent)::bigint, sum(t.other)::bigint
FROM (
    SELECT d.day, a.asset_id, sum(d.earned) AS earned, sum(d.deducted) AS deducted,
        sum(d.spent) AS spent, sum(d.other) AS other
    FROM ledger_day_total d
    JOIN ledger_account a ON a.company_id = d.company_id AND a.account_id = d.account_id
    WHERE d.company_id = %(company)s AND d.day BETWEEN %(start)s AND %(end)s
    GROUP BY d.day, a.asset_id
) t
JOIN ledger_asset s ON s.company_id = %(company)s AND s.asset_id = t.asset_id
GROUP BY 1, s.asset_id, s.code, s.scale
ORDER BY 1, s.asset_id
"""

_COUNTS = """
SELECT date_trunc('month', day)::date, sum(n)::bigint FROM (
    SELECT effective_on AS day, count(*) AS n FROM ledger_tx
    WHERE company_id = %(company)s AND effective_on BETWEEN %(start)s AND %(end)s
    GROUP BY effective_on
) t
GROUP BY 1
"""


def first_month(*, company_id: int) -> date | None:
    """The first day of the first month on which something counts, or None."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT date_trunc('month', min(day))::date FROM ledger_day_total"
            " WHERE company_id = %s",
            [company_id],
        )
        found: date | None = cursor.fetchone()[0]
        return found


def months(*, company_id: int, start: date, end: date) -> list[Month]:
    """The months from that of ``start`` to that of ``end``, the latest first."""
    first = start.replace(day=1)
    values: dict[str, Any] = {"company": company_id, "start": first, "end": _last_day(end)}
    sums: dict[date, list[MonthSum]] = {}
    changes: dict[date, list[MonthChange]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, values)
        for row in cursor.fetchall():
            sums.setdefault(row[0], []).append(MonthSum(*row[1:]))
        cursor.execute(_COUNTS, values)
        counts = dict(cursor.fetchall())
        cursor.execute(
            "SELECT month FROM ledger_period WHERE company_id = %s AND state = 'closed'",
            [company_id],
        )
        closed = {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT month, changed_at, state, actor_id, coalesce(reason, '')"
            " FROM ledger_period_change WHERE company_id = %s ORDER BY month, number DESC",
            [company_id],
        )
        for row in cursor.fetchall():
            changes.setdefault(row[0], []).append(MonthChange(*row[1:]))
    found = []
    month = end.replace(day=1)
    while month >= first:
        found.append(
            Month(
                month,
                month in closed,
                counts.get(month, 0),
                tuple(sums.get(month, ())),
                tuple(changes.get(month, ())),
            )
        )
        month = _before(month)
    return found


def _before(month: date) -> date:
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def _last_day(day: date) -> date:
    return date.fromordinal(date(day.year + day.month // 12, day.month % 12 + 1, 1).toordinal() - 1)
