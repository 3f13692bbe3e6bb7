"""Recording events, one or a hundred thousand, on one road.

Rows are judged first, without writing. Then, a transaction per chunk: numbers are claimed by the
unique constraint, what was there before is told apart (duplicate, correction, conflict), windows
are touched, and everything earned is posted by one call to the ledger.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import cycle
from threading import Event
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _

from meritbook.awards.content import NewEvent, Row
from meritbook.awards.evaluation import Versions
from meritbook.awards.operations import storing
from meritbook.awards.operations.batches import Batch
from meritbook.awards.operations.intake import Candidate, Intake, Refused
from meritbook.awards.operations.results import (
    REFUSED,
    Progress,
    Recorded,
    RowResult,
    keeps_out,
)
from meritbook.awards.operations.rule_caps import keep_rule_caps
from meritbook.awards.paying import Payer
from meritbook.kit.errors import Refusal
from meritbook.kit.retries import retried
from meritbook.kit.statistics import refresh_statistics
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import Company
from meritbook.org.queries.roster import roster
from meritbook.rules.queries import rulebook

CHUNK = 10_000
SOURCE_MAX = 60
ATTEMPTS = 4
FEW = 200
"""Up to so many rows only the people named in them are read."""


class BadSource(Refusal):
    """The source's name is empty or too long."""

    code = "bad_source"

    def __init__(self) -> None:
        super().__init__(_("来源名称应为 1 至 %(n)s 个字") % {"n": SOURCE_MAX})


class _Undo(Exception):
    """Leaves the transaction of an all-or-nothing batch."""


def checked_source(source: str) -> str:
    """The source's name without spaces around it. Raises BadSource."""
    source = source.strip()
    if not 1 <= len(source) <= SOURCE_MAX or not source.isprintable():
        raise BadSource
    return source


def open_intake(*, company_id: int, events: Sequence[Row], now: datetime) -> Intake:
    """Everything that judging these rows needs: the rules, and the people named in them."""
    with company_scope(company_id):
        zone = Company.objects.values_list("time_zone", flat=True).get(id=company_id)
        return Intake(
            company_id=company_id,
            zone=ZoneInfo(zone),
            now=now,
            book=Versions(rulebook(company_id=company_id)),
            roster=roster(
                company_id=company_id,
                employee_nos=(
                    {one.employee_no for one in events if isinstance(one, NewEvent)}
                    if len(events) <= FEW
                    else None
                ),
            ),
        )


def record(
    *,
    company_id: int,
    events: Sequence[Row],
    source: str,
    now: datetime,
    revise: bool = False,
    all_or_nothing: bool = False,
    import_run_id: int | None = None,
    progress: Progress | None = None,
    payer: Payer | None = None,
) -> Recorded:
    """Store events and post what they earn. The same number with the same content does nothing.

    ``revise`` says that other content under a known number corrects it; without it that is a
    conflict. With ``all_or_nothing`` one transaction holds everything and is taken back when a row
    is refused or in conflict; else each chunk of 10,000 rows has its own. ``events`` may make its
    rows when they are asked for; empty ones (None) have no result. What is earned at once is taken
    from the quota of ``payer``. Raises BadSource.
    """
    source = checked_source(source)
    results: list[RowResult | None] = [None] * len(events)
    intake = open_intake(company_id=company_id, events=events, now=now)
    with company_scope(company_id):
        intake.caps = keep_rule_caps(company_id=company_id, book=intake.book.book, now=now)
    size = max(len(events), 1) if all_or_nothing else CHUNK
    rolled_back = False
    batch = Batch(intake, source, revise, import_run_id, results, payer=payer)
    done = 0
    with collector_paused(len(events)):
        looked = _looked_at(intake, events, size)
        for outcome in _recorded(batch, looked, all_or_nothing, overlapping=len(events) > size):
            rolled_back = rolled_back or outcome
            done = min(done + size, len(events))
            if progress is not None:
                progress(done, len(events))
    return Recorded([one for one in results if one is not None], rolled_back)


_Looked = tuple[list[Candidate], list[Refused]]


def _looked_at(intake: Intake, events: Sequence[Row], size: int) -> Iterator[_Looked]:
    """The chunks read and judged, each while the database is busy with the one before."""

    def look(start: int) -> _Looked:
        return intake.look_at(enumerate(events[start : start + size], start=start))

    starts = range(0, len(events), size)
    if len(starts) < 2:
        yield from map(look, starts)
        return
    with ThreadPoolExecutor(1, thread_name_prefix="look-at") as pool:
        # The context carries the language of the problems.
        coming = pool.submit(copy_context().run, look, starts[0])
        for following in (*starts[1:], None):
            looked = coming.result()
            if following is not None:
                coming = pool.submit(copy_context().run, look, following)
            yield looked


def _recorded(
    batch: Batch, looked: Iterator[_Looked], all_or_nothing: bool, *, overlapping: bool
) -> Iterator[bool]:
    """Record chunks in their order; whether each was rolled back.

    Two run at a time, each on a connection of its own: while one is posting, the next claims its
    numbers. The two take turns and keep their connections to the end: a new one would make its
    staging tables and plans again. Inside a caller's transaction there is one connection, and one
    chunk after the other.
    """
    if not overlapping or connection.in_atomic_block:
        for good, bad in looked:
            yield _record_or_undo(batch, good, bad, all_or_nothing)
        return
    running: deque[Future[bool]] = deque()
    before = Event()
    before.set()
    with _recorder() as this, _recorder() as other:
        turns = cycle((this, other))
        for good, bad in looked:
            claimed = Event()
            own = replace(batch, claimed=claimed.set)
            running.append(
                next(turns).submit(
                    copy_context().run, _record_in_turn, own, good, bad, before, claimed
                )
            )
            before = claimed
            if len(running) > 1:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


@contextmanager
def _recorder() -> Iterator[ThreadPoolExecutor]:
    """One thread, whose connection is closed after what it was given is done."""
    with ThreadPoolExecutor(1, thread_name_prefix="record") as thread:
        try:
            yield thread
        finally:
            thread.submit(connection.close)


def _record_in_turn(
    batch: Batch, good: list[Candidate], bad: list[Refused], before: Event, claimed: Event
) -> bool:
    try:
        before.wait()
        return _record_or_undo(batch, good, bad, False)
    finally:
        claimed.set()


def _record_or_undo(
    batch: Batch, good: list[Candidate], bad: list[Refused], all_or_nothing: bool
) -> bool:
    try:
        retried(partial(_record_chunk, batch, good, bad, all_or_nothing), attempts=ATTEMPTS)
    except _Undo:
        return True
    return False


@contextmanager
def collector_paused(rows: int) -> Iterator[None]:
    """Many rows are a million small values that all live: looking for garbage among them, again
    and again, costs a third of the time and finds none."""
    if rows < FEW or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _record_chunk(
    batch: Batch,
    good: list[Candidate],
    bad: list[Refused],
    all_or_nothing: bool,
) -> None:
    with company_scope(batch.intake.company_id):
        for one in bad:
            batch.results[one.position] = RowResult(REFUSED, None, one.problems)
        batch.record_rounds(good)
        if len(good) >= FEW:
            refresh_statistics(storing.TABLES)
        if all_or_nothing and keeps_out(batch.results):
            raise _Undo
