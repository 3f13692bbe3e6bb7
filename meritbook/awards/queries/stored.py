"""Events as values, for scoring and explaining them again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from meritbook.awards.content import StoredEvent, event_no_of
from meritbook.kit.errors import Refusal
from meritbook.kit.words import say

_COLUMNS = """
e.id, e.source, e.event_no, e.revision, e.is_current, e.type_code, p.employee_no,
e.happened_at AT TIME ZONE %s, e.has_time, e.fact_on, e.quantity, e.amount, e.object, e.note,
e.attributes::text, e.status
"""


class UnknownEvent(Refusal):
    """No event of the company has the number in that source."""

    code = "unknown_event"
    status = 404

    def __init__(self, event_no: str) -> None:
        super().__init__(say("没有编号为“%(no)s”的事件", no=event_no))


def event_of(row: Sequence[Any]) -> StoredEvent:
    """A row of the columns above as a value."""
    text = row[14]
    attributes = _attributes(text) if text != "{}" else {}
    return StoredEvent._make((*row[:14], attributes, row[15]))


def _attributes(text: str) -> dict[str, str]:
    return {str(name): str(value) for name, value in json.loads(text).items()}


def current_event(*, company_id: int, zone: str, source: str, event_no: str) -> StoredEvent:
    """The current revision of an event. Raises UnknownEvent."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM awards_event e"
            " JOIN org_employee p ON p.company_id = e.company_id AND p.id = e.employee_id"
            " WHERE e.company_id = %s AND e.source = %s AND e.event_no = %s AND e.is_current",
            [zone, company_id, source, event_no_of(event_no)],
        )
        row = cursor.fetchone()
    if row is None:
        raise UnknownEvent(event_no)
    return event_of(row)


def events_by_id(*, company_id: int, zone: str, event_ids: Iterable[int]) -> dict[int, StoredEvent]:
    """Events, of any revision, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM awards_event e"
            " JOIN org_employee p ON p.company_id = e.company_id AND p.id = e.employee_id"
            " WHERE e.company_id = %s AND e.id = ANY(%s) ORDER BY e.happened_at, e.id",
            [zone, company_id, list(event_ids)],
        )
        return {row[0]: event_of(row) for row in cursor.fetchall()}


def window_members(
    *, company_id: int, zone: str, window_ids: Iterable[int]
) -> dict[int, list[StoredEvent]]:
    """The events of windows, by window, in order of time."""
    found: dict[int, list[StoredEvent]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS}, m.window_id FROM awards_windowevent m"
            " JOIN awards_event e ON e.company_id = m.company_id AND e.id = m.event_id"
            " JOIN org_employee p ON p.company_id = e.company_id AND p.id = e.employee_id"
            " WHERE m.company_id = %s AND m.window_id = ANY(%s)"
            " ORDER BY m.window_id, e.happened_at, e.source, e.event_no",
            [zone, company_id, list(window_ids)],
        )
        for row in cursor.fetchall():
            found.setdefault(row[16], []).append(event_of(row))
    return found


def statuses_of(*, company_id: int, event_ids: Iterable[int]) -> dict[int, str]:
    """The statuses of events by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, status FROM awards_event WHERE company_id = %s AND id = ANY(%s)",
            [company_id, list(event_ids)],
        )
        return dict(cursor.fetchall())
