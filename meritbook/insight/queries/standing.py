"""Where people stand at the end of a backtest's days: department, post, manager."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from django.db import connection


class Standing(NamedTuple):
    """A person's main place on a day, and whom they answer to."""

    employee_id: int
    employee_no: str
    department_id: int | None
    post_id: int | None
    manager_id: int | None


def standings_on(*, company_id: int, day: date) -> dict[int, Standing]:
    """Everybody's last main place up to the day. Without a manager of one's own it is the
    department's, of those above when one manages it oneself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id, e.employee_no, a.department_id, a.post_id, coalesce(e.manager_id, ("
            "  SELECT d.manager_id FROM org_department d WHERE d.company_id = e.company_id"
            "   AND d.id = ANY(a.path_ids) AND d.manager_id IS NOT NULL AND d.manager_id <> e.id"
            "  ORDER BY array_position(a.path_ids, d.id) DESC LIMIT 1))"
            " FROM org_employee e LEFT JOIN LATERAL ("
            "  SELECT s.department_id, s.post_id, p.path_ids FROM org_assignment s"
            "  JOIN org_department p ON p.company_id = s.company_id AND p.id = s.department_id"
            "  WHERE s.company_id = e.company_id AND s.employee_id = e.id AND s.is_main"
            "   AND s.valid_from <= %s ORDER BY s.valid_from DESC LIMIT 1) a ON true"
            " WHERE e.company_id = %s",
            [day, company_id],
        )
        return {row[0]: Standing(*row) for row in cursor.fetchall()}
