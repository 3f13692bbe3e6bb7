"""What recording would do with rows, without writing: the same judgement, nothing claimed.

Each row is judged by ``Intake`` and told apart by ``taken_number``, as recording does; the numbers
that the store has are asked for once a chunk, and those of earlier rows are remembered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from meritbook.awards.content import NewEvent, Row
from meritbook.awards.evaluation import Versions
from meritbook.awards.operations import storing
from meritbook.awards.operations.faults import conflict_of
from meritbook.awards.operations.intake import Candidate, Intake
from meritbook.awards.operations.recording import (
    CHUNK,
    checked_source,
    collector_paused,
    open_intake,
)
from meritbook.awards.operations.results import (
    CONFLICT,
    DUPLICATE,
    NEW,
    REFUSED,
    REVISED,
    Recorded,
    RowResult,
    keeps_out,
    taken_number,
)
from meritbook.kit.problems import Problem
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.queries import closed_months

MOVED = "moved"
"""Rows whose day lies in a closed month: they count later."""
NOTES_KEPT = 200


@dataclass(slots=True)
class Checked:
    """What would become of each row, and what is worth knowing about rows that are no problem."""

    recorded: Recorded
    book: Versions
    notes: dict[str, list[Problem]] = field(default_factory=dict)
    """By kind (DUPLICATE, REVISED, MOVED): the first 200 in the order of the rows."""
    noted: Counter[str] = field(default_factory=Counter)
    """How many there are of each kind."""
    unscored: int = 0
    """New or corrected rows that would earn nothing, neither now nor in a window."""
    idle: list[Candidate] = field(default_factory=list)
    """The first 200 of those."""

    @property
    def problems(self) -> list[Problem]:
        """What keeps rows out, in the order of the rows."""
        return sorted(self.recorded.problems, key=lambda problem: problem.row)

    def note(self, kind: str, problem: Problem) -> None:
        self.noted[kind] += 1
        kept = self.notes.setdefault(kind, [])
        if len(kept) < NOTES_KEPT:
            kept.append(problem)


class _Known(NamedTuple):
    """Who has a number: an event of the store (row 0), or an earlier row of the file."""

    hash: bytes
    withdrawn: bool
    row: int
    type_code: str


def check(
    *,
    company_id: int,
    events: Sequence[Row],
    source: str,
    now: datetime,
    revise: bool = False,
    all_or_nothing: bool = False,
) -> Checked:
    """What ``record`` would do with the same arguments. Raises BadSource.

    What only the ledger can know while it posts, a balance that is too low, is not foreseen.
    """
    source = checked_source(source)
    results: list[RowResult | None] = [None] * len(events)
    with company_scope(company_id), collector_paused(len(events)):
        intake = open_intake(company_id=company_id, events=events, now=now)
        checked = Checked(Recorded([]), intake.book)
        closed = closed_months(company_id=company_id)
        known: dict[str, _Known] = {}
        for start in range(0, len(events), CHUNK):
            rows = events[start : start + CHUNK]
            good, bad = intake.look_at(enumerate(rows, start=start))
            for one in bad:
                results[one.position] = RowResult(REFUSED, None, one.problems)
            _meet_stored(intake, source, good, known)
            for candidate in good:
                results[candidate.position] = _result(
                    intake, candidate, known, checked, closed, revise
                )
    checked.recorded.results = [one for one in results if one is not None]
    checked.recorded.rolled_back = all_or_nothing and keeps_out(results)
    return checked


def _meet_stored(
    intake: Intake, source: str, candidates: Sequence[Candidate], known: dict[str, _Known]
) -> None:
    wanted = {one.event.event_no for one in candidates}.difference(known)
    stored = storing.find_current(
        company_id=intake.company_id, source=source, event_nos=sorted(wanted)
    )
    for event_no, there in stored.items():
        known[event_no] = _Known(there.hash, there.status == "withdrawn", 0, there.type_code)


def _result(
    intake: Intake,
    candidate: Candidate,
    known: dict[str, _Known],
    checked: Checked,
    closed: frozenset[date],
    revise: bool,
) -> RowResult:
    event = candidate.event
    there = known.get(event.event_no)
    became = NEW
    if there is not None:
        became = taken_number(
            is_same=intake.is_same(candidate, hash=there.hash, type_code=there.type_code),
            withdrawn=there.withdrawn,
            revise=revise,
        )
        if became == CONFLICT:
            return RowResult(CONFLICT, None, (conflict_of(event, row=there.row),))
        checked.note(became, _met(event, became, there.row))
        if became == DUPLICATE:
            return RowResult(DUPLICATE)
    known[event.event_no] = _Known(candidate.hash, False, event.row, candidate.type_code)
    if candidate.outcome.status == "nothing":
        checked.unscored += 1
        if len(checked.idle) < NOTES_KEPT:
            checked.idle.append(candidate)
    elif closed and (moved := _moved(candidate, closed)):
        checked.note(MOVED, moved)
    return RowResult(became)


def _met(event: NewEvent, became: str, row: int) -> Problem:
    """What a row is told whose number is taken, though nothing is wrong with it."""
    shown = {"no": event.event_no, "row": row}
    if became == REVISED:
        reason = (
            _("编号“%(no)s”会更正第 %(row)s 行") if row else _("编号“%(no)s”会更正以前记录的事件")
        )
        remedy = _("不用改，原来的得分会重算")
    else:
        reason = (
            _("编号“%(no)s”和第 %(row)s 行相同，内容也相同")
            if row
            else _("编号“%(no)s”以前已经记录，内容相同")
        )
        remedy = _("不用改，不会重复计分")
    return Problem(event.sheet, event.row, _("事件编号"), reason % shown, remedy)


def _moved(candidate: Candidate, closed: frozenset[date]) -> Problem | None:
    """Where the points of a row count whose month is closed."""
    outcome = candidate.outcome
    days = [award.score.effective_on for award in outcome.awards]
    days += [one.window.ends_on for one in outcome.brought if one.counted]
    for day in days:
        opens = _open_day(day, closed)
        if opens != day:
            return Problem(
                candidate.event.sheet,
                candidate.event.row,
                _("时间"),
                _("%(month)s 已经关账，得分计入 %(day)s")
                % {"month": f"{day:%Y-%m}", "day": opens.isoformat()},
                _("日期没有写错就不用改"),
            )
    return None


def _open_day(day: date, closed: frozenset[date]) -> date:
    """The day itself, or the first day of the next month that is open: as the ledger has it."""
    month = day.replace(day=1)
    while month in closed:
        month = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    return max(day, month)
