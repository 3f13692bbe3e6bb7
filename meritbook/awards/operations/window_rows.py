"""The rows of windows: events into them and out of them, locks, statuses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from meritbook.awards.evaluation import Brought
from meritbook.awards.operations import storing


class OpenWindow(NamedTuple):
    """A window's row, locked by the present transaction."""

    id: int
    rule_id: int
    employee_id: int
    starts_on: date
    ends_on: date
    closes_at: datetime
    state: str
    revision: int
    points: int


_COLUMNS = (
    "w.id, w.rule_id, w.employee_id, w.starts_on, w.ends_on, w.closes_at, w.state, w.revision,"
    " w.points"
)
_ORDER = "w.rule_id, w.employee_id, w.starts_on, w.ends_on"

_ADD_WINDOWS = """
INSERT INTO awards_window (
    company_id, rule_id, employee_id, starts_on, ends_on, closes_at, state, revision, points)
SELECT %s, t.rule_id, t.employee_id, t.starts_on, t.ends_on, t.closes_at AT TIME ZONE %s, 'open',
    0, 0
FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[], %s::timestamp[])
    AS t(rule_id, employee_id, starts_on, ends_on, closes_at)
ORDER BY t.rule_id, t.employee_id, t.starts_on, t.ends_on
ON CONFLICT DO NOTHING
"""

_LOCK_WINDOWS = f"""
SELECT {_COLUMNS} FROM awards_window w
WHERE w.company_id = %s AND (
    w.id IN (
        SELECT m.window_id FROM awards_windowevent m
        WHERE m.company_id = %s AND m.event_id = ANY(%s))
    OR (w.rule_id, w.employee_id, w.starts_on, w.ends_on) IN (
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[])))
ORDER BY {_ORDER} FOR UPDATE OF w
"""

_LOCK_KEYS = f"""
SELECT {_COLUMNS} FROM awards_window w
JOIN unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[])
    AS t(rule_id, employee_id, starts_on, ends_on)
  ON w.rule_id = t.rule_id AND w.employee_id = t.employee_id AND w.starts_on = t.starts_on
    AND w.ends_on = t.ends_on
WHERE w.company_id = %s
ORDER BY {_ORDER} FOR UPDATE OF w
"""

_SET_STATUSES = """
WITH touched AS MATERIALIZED (
    SELECT DISTINCT m.event_id AS id FROM awards_windowevent m
    WHERE m.company_id = %(company)s AND m.window_id = ANY(%(windows)s)
), judged AS MATERIALIZED (
    SELECT t.id, CASE
        WHEN EXISTS (
            SELECT FROM awards_entry n
            WHERE n.company_id = %(company)s AND n.event_id = t.id AND n.reverses_id IS NULL
              AND NOT EXISTS (SELECT FROM awards_entry r WHERE r.company_id = %(company)s
                AND r.event_id = t.id AND r.reverses_id = n.id)) THEN 'posted'
        WHEN bool_or(m.counted AND w.state = 'closed' AND w.points <> 0) THEN 'posted'
        WHEN bool_or(m.counted AND w.state = 'open') THEN 'in_window'
        ELSE 'nothing' END AS status
    FROM touched t
    JOIN awards_windowevent m ON m.company_id = %(company)s AND m.event_id = t.id
    JOIN awards_window w ON w.company_id = %(company)s AND w.id = m.window_id
    GROUP BY t.id
)
UPDATE awards_event e SET status = j.status
FROM judged j
WHERE e.company_id = %(company)s AND e.id = j.id AND e.status NOT IN ('withdrawn', j.status)
"""

Key = tuple[int, int, date, date]


def bring(
    *,
    company_id: int,
    zone: str,
    brought: Sequence[tuple[int, int, Brought]],
    forgotten_event_ids: Sequence[int] = (),
) -> list[OpenWindow]:
    """Put (event, employee, brought) into their windows and take forgotten events out of theirs.

    Answers all windows touched, locked in one order that everybody keeps.
    """
    keys: dict[Key, datetime] = {}
    members: list[tuple[Key, int, bool]] = []
    for event_id, employee_id, one in brought:
        window = one.window
        key = (one.rule.spec.rule_id, employee_id, window.starts_on, window.ends_on)
        keys[key] = window.closes_at
        members.append((key, event_id, one.counted))
    if not keys and not forgotten_event_ids:
        return []
    columns = storing.columns(keys, 4)
    with connection.cursor() as cursor:
        if keys:
            cursor.execute(_ADD_WINDOWS, [company_id, zone, *columns, list(keys.values())])
        if forgotten_event_ids:
            forgotten = list(forgotten_event_ids)
            cursor.execute(_LOCK_WINDOWS, [company_id, company_id, forgotten, *columns])
        else:
            cursor.execute(_LOCK_KEYS, [*columns, company_id])
        windows = [OpenWindow(*row) for row in cursor.fetchall()]
        if forgotten_event_ids:
            cursor.execute(
                "DELETE FROM awards_windowevent WHERE company_id = %s AND event_id = ANY(%s)",
                [company_id, list(forgotten_event_ids)],
            )
        ids = {(w.rule_id, w.employee_id, w.starts_on, w.ends_on): w.id for w in windows}
        if members:
            cursor.execute(
                "INSERT INTO awards_windowevent (company_id, window_id, event_id, counted)"
                " SELECT %s, t.window_id, t.event_id, t.counted"
                " FROM unnest(%s::bigint[], %s::bigint[], %s::boolean[])"
                " AS t(window_id, event_id, counted) ON CONFLICT DO NOTHING",
                [
                    company_id,
                    *storing.columns(
                        ((ids[key], event, is_in) for key, event, is_in in members), 3
                    ),
                ],
            )
    return windows


def claim_due(*, company_id: int, until: datetime, limit: int) -> list[OpenWindow]:
    """Lock up to ``limit`` open windows into which nothing on time can come after ``until``.

    A second claim at the same time waits, and then finds them closed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM awards_window w"
            " WHERE w.company_id = %s AND w.state = 'open' AND w.closes_at <= %s"
            f" ORDER BY {_ORDER} LIMIT %s FOR UPDATE OF w",
            [company_id, until, limit],
        )
        return [OpenWindow(*row) for row in cursor.fetchall()]


def refresh_statuses(*, company_id: int, windows: Sequence[OpenWindow]) -> None:
    """Give the events of windows the status that follows from entries and windows.

    Comes after the posting, because an event may also have earned something by itself.
    """
    if not windows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _SET_STATUSES, {"company": company_id, "windows": [one.id for one in windows]}
        )
