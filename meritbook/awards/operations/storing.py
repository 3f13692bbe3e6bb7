"""Set-based writes to the event store: one statement for one row or for ten thousand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from meritbook.awards.operations.intake import Candidate

_INSERT_EVENTS = """
INSERT INTO awards_event (
    id, company_id, source, event_no, revision, is_current, type_code, rule_id, employee_id,
    happened_at, has_time, fact_on, quantity, amount, object, note, attributes, content_hash,
    status, received_at, import_run_id)
SELECT t.id, %s, %s, t.event_no, t.revision, true, t.type_code, t.rule_id, t.employee_id,
    t.local AT TIME ZONE %s, t.has_time, t.local::date, t.quantity, t.amount, t.object, t.note,
    t.attributes, decode(t.hash, 'hex'), t.status, %s, %s
FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::text[], %s::bigint[], %s::bigint[],
    %s::timestamp[], %s::boolean[], %s::numeric[], %s::numeric[], %s::text[], %s::text[],
    %s::jsonb[], %s::text[], %s::text[])
    AS t(id, event_no, revision, type_code, rule_id, employee_id, local, has_time, quantity,
         amount, object, note, attributes, hash, status)
ORDER BY t.event_no
ON CONFLICT DO NOTHING
RETURNING id
"""

_FIND_CURRENT = """
SELECT event_no, id, revision, content_hash, status
FROM awards_event
WHERE company_id = %s AND source = %s AND is_current AND event_no = ANY(%s)
ORDER BY event_no
"""

_INSERT_ENTRIES = """
INSERT INTO awards_entry (
    id, company_id, rule_version_id, event_id, window_id, employee_id, points, effective_on, tx_id,
    reverses_id, facts, created_at)
SELECT t.tx_id, %s, t.rule_version_id, t.event_id, t.window_id, t.employee_id, t.points, t.effective_on,
    t.tx_id, t.reverses_id, t.facts, %s
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::date[],
    %s::bigint[], %s::bigint[], %s::jsonb[])
    AS t(rule_version_id, event_id, window_id, employee_id, points, effective_on, tx_id,
         reverses_id, facts)
"""


class Current(NamedTuple):
    """The revision of an event that counts now."""

    id: int
    revision: int
    hash: bytes
    status: str


class NewEntry(NamedTuple):
    """One row of awards_entry to write; ``facts`` is JSON text."""

    rule_version_id: int
    event_id: int | None
    window_id: int | None
    employee_id: int
    points: int
    effective_on: Any
    tx_id: int
    reverses_id: int | None
    facts: str


def columns(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows as columns, for unnest; ``width`` empty lists when there are no rows."""
    turned = [list(column) for column in zip(*rows, strict=True)]
    return turned or [[] for _ in range(width)]


def allocate_event_ids(count: int) -> list[int]:
    """Fresh ids, so that everything about a batch can be prepared before it is written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('awards_event', 'id'))"
            " FROM generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]


def insert_events(
    *,
    company_id: int,
    source: str,
    zone: str,
    rows: Sequence[tuple[int, int, Candidate]],
    now: datetime,
    import_run_id: int | None,
) -> set[int]:
    """Store (id, revision, candidate) rows; the ids of those whose number was free.

    The rows go in by number, so that two batches with common numbers wait for each other instead
    of blocking each other; the loser of a race finds its number taken.
    """
    if not rows:
        return set()
    values = columns(
        (
            (
                event_id,
                one.event.event_no,
                revision,
                one.type_code,
                one.rule_id,
                one.person.id,
                one.local,
                one.event.has_time,
                one.event.quantity,
                one.event.amount,
                one.event.object,
                one.event.note,
                json_text(one.event.attributes),
                one.hash.hex(),
                one.outcome.status,
            )
            for event_id, revision, one in rows
        ),
        15,
    )
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_EVENTS, [company_id, source, zone, now, import_run_id, *values])
        return {row[0] for row in cursor.fetchall()}


def find_current(
    *, company_id: int, source: str, event_nos: Sequence[str], lock: bool = False
) -> dict[str, Current]:
    """The current revisions of numbered events, locked in order of the number when asked.

    Who waits for the lock of a revision that is replaced meanwhile gets no row for it, not even
    the new one: what is still missing is asked for again.
    """
    found: dict[str, Current] = {}
    missing = list(event_nos)
    while missing:
        seen = _current(company_id, source, missing)
        if not seen or not lock:
            return found | seen
        found |= _current(company_id, source, sorted(seen), "FOR UPDATE")
        missing = [event_no for event_no in missing if event_no not in found]
    return found


def _current(
    company_id: int, source: str, event_nos: Sequence[str], lock: str = ""
) -> dict[str, Current]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_FIND_CURRENT} {lock}", [company_id, source, list(event_nos)])
        return {row[0]: Current(row[1], row[2], bytes(row[3]), row[4]) for row in cursor.fetchall()}


def retire_revisions(*, company_id: int, event_ids: Sequence[int]) -> None:
    """Mark revisions as replaced. Their windows forget them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE awards_event SET is_current = false WHERE company_id = %s AND id = ANY(%s)",
            [company_id, list(event_ids)],
        )


def set_statuses(*, company_id: int, event_ids: Sequence[int], status: str) -> None:
    """Give events a status."""
    if not event_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE awards_event SET status = %s"
            " WHERE company_id = %s AND id = ANY(%s) AND status <> %s",
            [status, company_id, list(event_ids), status],
        )


def insert_entries(*, company_id: int, entries: Sequence[NewEntry], now: datetime) -> None:
    """Write entries, what each event or window earned."""
    if not entries:
        return
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_ENTRIES, [company_id, now, *columns(entries, 9)])


def json_text(value: Mapping[str, object]) -> str:
    """JSON for a jsonb column."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else "{}"
