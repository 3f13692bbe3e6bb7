"""Assignments through time: what they are after a move, a leaving or a return. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

BEGINNING = date(1970, 1, 1)
"""Where somebody's first assignment begins when the day of hiring is not known."""


@dataclass(frozen=True, slots=True)
class Span:
    """A main assignment; ``id`` is None while it is not stored; ``valid_to`` is not included."""

    id: int | None
    valid_from: date
    valid_to: date | None
    department_id: int
    post_id: int | None
    grade_id: int | None

    def fields(self) -> dict[str, object]:
        """What is stored, in the order of the table's columns."""
        return {
            "department_id": self.department_id,
            "post_id": self.post_id,
            "grade_id": self.grade_id,
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
        }

    def as_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            **self.fields(),
            "valid_from": self.valid_from.isoformat(),
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is wanted from ``effective_on`` on. No post or grade: it stays as it was.

    ``hired_on`` None: not known or not told. ``left_on``: the last day, when somebody left.
    """

    department_id: int
    post_id: int | None
    grade_id: int | None
    hired_on: date | None
    left_on: date | None
    effective_on: date


def spans_after(spans: Sequence[Span], change: Change) -> list[Span]:
    """The assignments, in order of time, after the change. Nothing to change gives the same."""
    ended = change.left_on + timedelta(days=1) if change.left_on else None
    if not spans:
        start = change.hired_on or BEGINNING
        return [_first(change, start=start, end=_after(start, ended))]
    known = _with_start(list(spans), hired_on=change.hired_on)
    last = known[-1]
    if last.valid_to is not None and ended is None:
        return [*known, _return(last, change)]
    if last.valid_to is None:
        known = _moved(known, change)
    if ended is not None:
        known = _ended(known, ended)
    return known


def _first(change: Change, *, start: date, end: date | None) -> Span:
    return Span(None, start, end, change.department_id, change.post_id, change.grade_id)


def _after(start: date, end: date | None) -> date | None:
    return None if end is None else max(end, start + timedelta(days=1))


def _with_start(spans: list[Span], *, hired_on: date | None) -> list[Span]:
    """Let the only employment begin on the day of hiring that was told later or corrected."""
    first = spans[0]
    if (
        hired_on is None
        or hired_on == first.valid_from
        # A later employment has its own start; the first one is history.
        or any(a.valid_to != b.valid_from for a, b in pairwise(spans))
        or (first.valid_to is not None and hired_on >= first.valid_to)
    ):
        return spans
    return [replace(first, valid_from=hired_on), *spans[1:]]


def _return(last: Span, change: Change) -> Span:
    start = change.effective_on
    if change.hired_on and last.valid_to and change.hired_on >= last.valid_to:
        start = change.hired_on
    if last.valid_to:
        start = max(start, last.valid_to)
    return Span(
        None,
        start,
        None,
        change.department_id,
        change.post_id or last.post_id,
        change.grade_id or last.grade_id,
    )


def _moved(spans: list[Span], change: Change) -> list[Span]:
    last = spans[-1]
    wanted = replace(
        last,
        department_id=change.department_id,
        post_id=change.post_id or last.post_id,
        grade_id=change.grade_id or last.grade_id,
    )
    if wanted == last:
        return spans
    if change.effective_on <= last.valid_from:
        return [*spans[:-1], wanted]
    return [
        *spans[:-1],
        replace(last, valid_to=change.effective_on),
        replace(wanted, id=None, valid_from=change.effective_on),
    ]


def _ended(spans: list[Span], ended: date) -> list[Span]:
    """End everything on ``ended``; what would begin later falls away, but never the last span."""
    kept = [span for span in spans if span.valid_from < ended] or spans[:1]
    last = kept[-1]
    end = _after(last.valid_from, ended)
    return [*kept[:-1], last if last.valid_to == end else replace(last, valid_to=end)]
