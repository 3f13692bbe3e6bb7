"""Set-based writes to the event store: one statement for one row or for ten thousand."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from meritbook.awards.operations.copytext import NULL, escaped
from meritbook.awards.operations.intake import Candidate

# Rows come in by COPY into temporary tables, because COPY is refused on tables with row-level
# security; what is policed is the one statement that moves them on.
_EVENT_STAGE = """
CREATE TEMPORARY TABLE IF NOT EXISTS awards_event_stage (
    id bigint, revision int, event_no text, type_code text, rule_id bigint, employee_id bigint,
    local timestamp, has_time boolean, quantity numeric, amount numeric, object text, note text,
    attributes jsonb, content_hash bytea, status text
) ON COMMIT DELETE ROWS
"""

_INSERT_EVENTS = """
INSERT INTO awards_event (
    id, company_id, source, event_no, revision, is_current, type_code, rule_id, employee_id,
    happened_at, has_time, fact_on, quantity, amount, object, note, attributes, content_hash,
    status, received_at, import_run_id)
SELECT t.id, %s, %s, t.event_no, t.revision, true, t.type_code, t.rule_id, t.employee_id,
    t.local AT TIME ZONE %s, t.has_time, t.local::date, t.quantity, t.amount, t.object, t.note,
    t.attributes, t.content_hash, t.status, %s, %s
FROM pg_temp.awards_event_stage t
ORDER BY t.event_no
ON CONFLICT (company_id, source, event_no) WHERE is_current DO NOTHING
"""

_FIND_CURRENT = """
SELECT event_no, id, revision, content_hash, status, type_code
FROM awards_event
WHERE company_id = %s AND source = %s AND is_current AND event_no = ANY(%s)
ORDER BY event_no
"""

_ENTRY_STAGE = """
CREATE TEMPORARY TABLE IF NOT EXISTS awards_entry_stage (
    n int, rule_version_id bigint, event_id bigint, window_id bigint, employee_id bigint,
    points bigint, effective_on date, reverses_id bigint, facts jsonb
) ON COMMIT DELETE ROWS
"""

_INSERT_ENTRIES = """
INSERT INTO awards_entry (
    id, company_id, rule_version_id, event_id, window_id, employee_id, points, effective_on, tx_id,
    reverses_id, facts, created_at)
SELECT r.tx_id, %s, t.rule_version_id, t.event_id, t.window_id, t.employee_id, t.points,
    t.effective_on, r.tx_id, t.reverses_id, t.facts, %s
FROM pg_temp.awards_entry_stage t
JOIN unnest(%s::bigint[]) WITH ORDINALITY AS r (tx_id, n) ON r.n = t.n
"""


TABLES = (
    "awards_event",
    "awards_entry",
    "awards_window",
    "awards_windowevent",
    "ledger_account",
    "ledger_balance",
    "ledger_day_total",
    "ledger_lot",
    "ledger_transfer",
    "ledger_tx",
)
"""What a bulk load fills; see ``kit.statistics``."""


class Current(NamedTuple):
    """The revision of an event that counts now."""

    id: int
    revision: int
    hash: bytes
    status: str
    type_code: str


class NewEntry(NamedTuple):
    """One row of awards_entry to write, but for its transaction; ``facts`` is JSON text."""

    rule_version_id: int
    event_id: int | None
    window_id: int | None
    employee_id: int
    points: int
    effective_on: Any
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
            "SELECT array_agg(nextval('awards_event_id_seq')) FROM generate_series(1, %s)",
            [count],
        )
        return list(cursor.fetchone()[0] or ())


def insert_events(
    *,
    company_id: int,
    source: str,
    zone: str,
    rows: Sequence[tuple[int, int, Candidate]],
    now: datetime,
    import_run_id: int | None,
) -> Container[int]:
    """Store (id, revision, candidate) rows; the ids of those whose number was free.

    The rows go in by number, so that two batches with common numbers wait for each other instead
    of blocking each other; the loser of a race finds its number taken.
    """
    if not rows:
        return ()
    lines = [f"{event_id}\t{revision}\t{one.line}" for event_id, revision, one in rows]
    with connection.cursor() as cursor:
        _stage(cursor, "awards_event_stage", _EVENT_STAGE, lines)
        cursor.execute(_INSERT_EVENTS, [company_id, source, zone, now, import_run_id])
        if cursor.rowcount == len(rows):
            return range(rows[0][0], rows[-1][0] + 1)
        cursor.execute(
            "SELECT e.id FROM pg_temp.awards_event_stage t"
            " JOIN awards_event e ON e.company_id = %s AND e.id = t.id",
            [company_id],
        )
        return {row[0] for row in cursor.fetchall()}


def _stage(cursor: Any, table: str, definition: str, lines: Sequence[str]) -> None:
    """Fill a temporary table, emptied before, from lines of COPY text."""
    cursor.execute("SELECT to_regclass(%s) IS NULL", [f"pg_temp.{table}"])
    if cursor.fetchone()[0]:
        cursor.execute(definition)
    else:
        cursor.execute(f"TRUNCATE pg_temp.{table}")
    with cursor.copy(f"COPY pg_temp.{table} FROM STDIN") as copy:
        for start in range(0, len(lines), _BLOCK):
            copy.write("".join(lines[start : start + _BLOCK]))


_BLOCK = 4096


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
        return {
            row[0]: Current(row[1], row[2], bytes(row[3]), *row[4:]) for row in cursor.fetchall()
        }


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


def stage_entries(*, entries: Iterable[NewEntry]) -> None:
    """Bring entries to the database before their transactions are known: that takes no locks."""
    lines = []
    for n, entry in enumerate(entries, start=1):
        version, event, window, employee, points, effective, undone, facts = entry
        lines.append(
            f"{n}\t{version}\t{NULL if event is None else event}\t"
            f"{NULL if window is None else window}\t{employee}\t{points}\t{effective}\t"
            f"{NULL if undone is None else undone}\t{escaped(facts)}\n"
        )
    with connection.cursor() as cursor:
        _stage(cursor, "awards_entry_stage", _ENTRY_STAGE, lines)


def restate_entries(*, rows: Sequence[tuple[int, int, str]]) -> None:
    """Change staged entries, counted from 1: (n, points, facts as JSON text)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_temp.awards_entry_stage t SET points = r.points, facts = r.facts::jsonb"
            " FROM unnest(%s::int[], %s::bigint[], %s::text[]) AS r(n, points, facts)"
            " WHERE t.n = r.n",
            columns(rows, 3),
        )


def insert_entries(*, company_id: int, tx_ids: Sequence[int], now: datetime) -> None:
    """Write the staged entries, what each event or window earned; ``tx_ids`` in their order."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_ENTRIES, [company_id, now, list(tx_ids)])
