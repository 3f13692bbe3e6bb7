"""Past events, person by person, in one snapshot; only a few people's are held at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.db import connection, transaction

from meritbook.insight.replaying import PastEvent
from meritbook.kit.periods import Period
from meritbook.kit.tenancy import company_scope
from meritbook.rules.queries import Rulebook
from meritbook.rules.spec import EventFacts
from meritbook.rules.windows import period_kind

PEOPLE_AT_A_TIME = 25
ROWS_AT_A_TIME = 5_000
_NO_ATTRIBUTES: Mapping[str, str] = {}

_EVENTS = """
SELECT e.employee_id, e.id, e.source || chr(31) || e.event_no, e.type_code, e.fact_on,
    e.happened_at AT TIME ZONE %s, e.has_time, e.quantity, e.amount, e.object, e.attributes::text
FROM awards_event e
WHERE e.company_id = %s AND e.employee_id = ANY(%s) AND e.fact_on BETWEEN %s AND %s
  AND e.is_current AND e.status <> 'withdrawn'
ORDER BY e.employee_id, e.happened_at, e.source, e.event_no
"""


@contextmanager
def snapshot(company_id: int) -> Iterator[None]:
    """A company's scope that sees one moment and cannot write: REPEATABLE READ, READ ONLY.

    Inside a caller's transaction it is that transaction's moment.
    """
    if connection.in_atomic_block:
        with company_scope(company_id):
            yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # A chunk's events are put in order in memory.
            cursor.execute("SET LOCAL work_mem = '64MB'")
        with company_scope(company_id):
            yield


def events_of(
    *, company_id: int, zone: str, employee_ids: Sequence[int], start: date, end: date
) -> Iterator[tuple[int, list[PastEvent]]]:
    """(employee id, events in order of time) of the people who have events in the days."""
    for first in range(0, len(employee_ids), PEOPLE_AT_A_TIME):
        some = list(employee_ids[first : first + PEOPLE_AT_A_TIME])
        with connection.chunked_cursor() as cursor:
            cursor.execute(_EVENTS, [zone, company_id, some, start, end])
            for employee_id, rows in groupby(_rows(cursor), key=lambda row: int(row[0])):
                yield employee_id, [_event(row) for row in rows]


def _rows(cursor: Any) -> Iterator[Sequence[Any]]:
    while rows := cursor.fetchmany(ROWS_AT_A_TIME):
        yield from rows


def _event(row: Sequence[Any]) -> PastEvent:
    text = row[10]
    attributes = (
        _NO_ATTRIBUTES
        if text == "{}"
        else {str(name): str(value) for name, value in json.loads(text).items()}
    )
    return PastEvent(
        row[1],
        row[2],
        row[3],
        row[4],
        EventFacts(row[5], row[6], row[7], row[8], row[9], attributes),
    )


def reach_back(books: Sequence[Rulebook], start: date) -> date:
    """The first day whose events can belong to a window that ends on ``start`` or later; an event
    on a window's first day after may be the duty of the one before."""
    first = start
    for book in books:
        for timeline in book.rules.values():
            for version in timeline.versions:
                if version.windowed:
                    window = Period.containing(period_kind(version.spec), start)
                    first = min(first, window.start)
    return first


def read_until(end: date) -> date:
    """The last day whose events can belong to a window that ends by ``end`` (次月 1 日前)."""
    return end + timedelta(days=1)


def has_events(*, company_id: int, span: Period) -> bool:
    """Whether anything was recorded in the days."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM awards_event WHERE company_id = %s"
            " AND fact_on BETWEEN %s AND %s AND is_current AND status <> 'withdrawn')",
            [company_id, span.start, span.end],
        )
        return bool(cursor.fetchone()[0])


def posted_points(*, company_id: int, span: Period) -> dict[int, int]:
    """What the ledger has by person, of events and windows of the days: minor units."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.employee_id, sum(n.points)::bigint FROM awards_entry n"
            " LEFT JOIN awards_event e ON e.company_id = n.company_id AND e.id = n.event_id"
            " LEFT JOIN awards_window w ON w.company_id = n.company_id AND w.id = n.window_id"
            " WHERE n.company_id = %s AND coalesce(e.fact_on, w.ends_on) BETWEEN %s AND %s"
            " GROUP BY 1",
            [company_id, span.start, span.end],
        )
        return dict(cursor.fetchall())
