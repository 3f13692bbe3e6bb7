"""Who earned what in a period, from the ledger's day totals: each of these is one query."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from meritbook.kit.periods import Period

HONOUR = "honour"
_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)


class Listed(NamedTuple):
    """Somebody on the board of a period, or on that of the period before it."""

    employee_id: int
    party_id: int
    employee_no: str
    name: str
    department_id: int | None
    department: str
    points: int
    old_points: int
    is_on: bool
    was_on: bool


# Of both periods at once: what people have, and the last main department that they were in. Who has
# points without being employed in the period is shown with the latest department of all.
_LISTED = """
WITH earned AS (
    SELECT a.party_id,
        sum(d.earned - d.deducted) FILTER (WHERE d.day >= %(start)s)::bigint AS points,
        sum(d.earned - d.deducted) FILTER (WHERE d.day <= %(old_end)s)::bigint AS old_points
    FROM ledger_day_total d
    JOIN ledger_account a ON a.company_id = d.company_id AND a.account_id = d.account_id
    JOIN ledger_asset s ON s.company_id = a.company_id AND s.asset_id = a.asset_id
    WHERE d.company_id = %(company)s AND s.code = %(asset)s AND a.kind = 'wallet'
      AND d.day BETWEEN coalesce(%(old_start)s, %(start)s) AND %(end)s
      AND {total_counts}
    GROUP BY a.party_id
), place AS (
    SELECT DISTINCT ON (a.employee_id) a.employee_id, a.department_id
    FROM org_assignment a
    WHERE a.company_id = %(company)s AND a.is_main AND a.valid_from <= %(end)s
      AND (a.valid_to IS NULL OR a.valid_to > %(start)s)
    ORDER BY a.employee_id, a.valid_from DESC
), old_place AS (
    SELECT DISTINCT ON (a.employee_id) a.employee_id, a.department_id
    FROM org_assignment a
    WHERE a.company_id = %(company)s AND a.is_main AND a.valid_from <= %(old_end)s
      AND (a.valid_to IS NULL OR a.valid_to > %(old_start)s)
    ORDER BY a.employee_id, a.valid_from DESC
), listed AS (
    SELECT e.id, e.party_id, e.employee_no, e.name, p.department_id,
        coalesce(t.points, 0) AS points, coalesce(t.old_points, 0) AS old_points,
        coalesce({place_counts}, false) OR coalesce(t.points, 0) <> 0 AS is_on,
        coalesce({old_place_counts}, false) OR coalesce(t.old_points, 0) <> 0 AS was_on
    FROM org_employee e
    LEFT JOIN place p ON p.employee_id = e.id
    LEFT JOIN old_place o ON o.employee_id = e.id
    LEFT JOIN earned t ON t.party_id = e.party_id
    WHERE e.company_id = %(company)s
)
SELECT l.id, l.party_id, l.employee_no, l.name, d.id, coalesce(d.name, ''),
    l.points, l.old_points, l.is_on, l.was_on
FROM listed l
LEFT JOIN LATERAL (
    SELECT a.department_id FROM org_assignment a
    WHERE l.department_id IS NULL AND l.is_on AND a.company_id = %(company)s
      AND a.employee_id = l.id AND a.is_main
    ORDER BY a.valid_from DESC LIMIT 1
) latest ON true
LEFT JOIN org_department d
    ON d.company_id = %(company)s AND d.id = coalesce(l.department_id, latest.department_id)
WHERE l.is_on OR l.was_on
"""
_SUBTREE = (
    "{column} IN (SELECT id FROM org_department"
    " WHERE company_id = %(company)s AND %(department)s = ANY (path_ids))"
)
_IN_COMPANY = _LISTED.format(
    total_counts="true",
    place_counts="p.department_id IS NOT NULL",
    old_place_counts="o.department_id IS NOT NULL",
)
_IN_DEPARTMENT = _LISTED.format(
    total_counts=_SUBTREE.format(column="d.department_id"),
    place_counts=_SUBTREE.format(column="p.department_id"),
    old_place_counts=_SUBTREE.format(column="o.department_id"),
)


def listed(
    *,
    company_id: int,
    period: Period,
    previous: Period | None,
    asset: str,
    department_id: int | None,
) -> list[Listed]:
    """Who is on the board of a period or of the one before, with the points of both; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _IN_COMPANY if department_id is None else _IN_DEPARTMENT,
            {
                "company": company_id,
                "asset": asset,
                **_days(period),
                "old_start": previous and max(previous.start, _FIRST_DAY),
                "old_end": previous and min(previous.end, _LAST_DAY),
                "department": department_id,
            },
        )
        return [Listed._make(row) for row in cursor.fetchall()]


_EARNED = """
SELECT coalesce(sum(d.earned - d.deducted), 0)::bigint
FROM ledger_asset s
JOIN ledger_account a ON a.company_id = s.company_id AND a.asset_id = s.asset_id
    AND a.kind = 'wallet'
JOIN org_employee e ON e.company_id = a.company_id AND e.party_id = a.party_id
JOIN ledger_day_total d ON d.company_id = a.company_id AND d.account_id = a.account_id
WHERE s.company_id = %(company)s AND s.code = %(asset)s
  AND d.day BETWEEN %(start)s AND %(end)s
"""
_EARNED_BY_ONE = f"""
SELECT ({_EARNED} AND e.id = %(employee)s), EXISTS (
    SELECT FROM org_assignment
    WHERE company_id = %(company)s AND employee_id = %(employee)s AND is_main
      AND valid_from <= %(end)s AND (valid_to IS NULL OR valid_to > %(start)s))
"""


def points_of_all(*, company_id: int, period: Period, asset: str = HONOUR) -> int:
    """The sum of a company's board, minor units, without making the board."""
    with connection.cursor() as cursor:
        cursor.execute(_EARNED, {"company": company_id, "asset": asset, **_days(period)})
        return int(cursor.fetchone()[0])


def points_of(
    *, company_id: int, period: Period, employee_id: int, asset: str = HONOUR
) -> int | None:
    """One person's points on the company's board, minor units; None for who is not on it."""
    with connection.cursor() as cursor:
        cursor.execute(
            _EARNED_BY_ONE,
            {"company": company_id, "asset": asset, "employee": employee_id, **_days(period)},
        )
        points, is_employed = cursor.fetchone()
    return points if points or is_employed else None


def _days(period: Period) -> dict[str, Any]:
    return {"start": max(period.start, _FIRST_DAY), "end": min(period.end, _LAST_DAY)}
