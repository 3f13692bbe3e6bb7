"""Until when a duty is on time.

A deadline gives the last instant that is still on time; an event at that very instant counts.
A deadline that names a day only holds until the end of that day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

from meritbook.kit.periods import Period
from meritbook.rules.spec import SpecIncomplete

KINDS = (
    "time_of_day",
    "weekday",
    "day_of_month",
    "last_day",
    "first_day_of_next",
    "cut_off",
    "date",
)

Deadline = Mapping[str, object]


def due_finder(deadline: Deadline | None) -> Callable[[date, date], datetime | None]:
    """A function from a window's first and last day to the last instant on time in it; None where
    the deadline sets none (no deadline, a cut-off, a day that the window does not have)."""
    if deadline is None:
        return lambda _start, _end: None
    kind = kind_of(deadline)
    at = time_of(deadline)
    if kind in ("time_of_day", "last_day"):
        return lambda _start, end: datetime.combine(end, at)
    if kind == "first_day_of_next":
        return lambda _start, end: datetime.combine(_after(end), at)
    if kind == "cut_off":
        cut_off(deadline)
        return lambda _start, _end: None
    if kind == "weekday":
        weekday = _number(deadline, "weekday", 1, 7)
        return lambda start, end: _combined(_last_weekday(start, end, weekday), at)
    if kind == "day_of_month":
        number = _number(deadline, "day", 1, 31)
        return lambda start, end: _combined(_day_of_month(start, end, number), at)
    month, number = _number(deadline, "month", 1, 12), _number(deadline, "day", 1, 31)
    return lambda start, end: _combined(_day_of_year(start, end, month, number), at)


def needs_time(deadline: Deadline | None) -> bool:
    """Whether a time of day decides: not where the whole day is on time. A cut-off asks for one
    only when the order's time is given."""
    if deadline is None or kind_of(deadline) == "cut_off":
        return False
    return time_of(deadline) != time.max


def kind_of(deadline: Deadline) -> str:
    """The kind, one of KINDS; raises SpecIncomplete."""
    kind = str(deadline.get("kind", ""))
    if kind not in KINDS:
        raise SpecIncomplete("deadline", f"unknown kind of deadline: {kind!r}")
    return kind


def time_of(deadline: Deadline) -> time:
    """The time of day at which it ends; without one the end of the day. 24:00 is the end too."""
    text = deadline.get("time")
    if not text:
        if kind_of(deadline) in ("time_of_day", "cut_off"):
            raise SpecIncomplete("deadline", "the deadline has no time of day")
        return time.max
    return clock_time(str(text))


def clock_time(text: str) -> time:
    """``22:00`` as a time; ``24:00`` is the last instant of the day. Raises SpecIncomplete."""
    if text.strip() in ("24:00", "24:00:00"):
        return time.max
    hour, _, rest = text.strip().partition(":")
    try:
        return time.fromisoformat(f"{int(hour):02d}:{rest or '00'}")
    except ValueError as trouble:
        raise SpecIncomplete("deadline", f"{text!r} is no time of day") from trouble


class CutOff:
    """An order before a time is due on the same day, one after it on a later day."""

    __slots__ = ("at", "due_after", "due_before")

    def __init__(self, at: time, before: tuple[int, time], after: tuple[int, time]) -> None:
        self.at = at
        self.due_before = before
        self.due_after = after

    def due(self, ordered_at: datetime) -> datetime:
        """The last instant on time for what was ordered at ``ordered_at``."""
        days, until = self.due_before if ordered_at.time() <= self.at else self.due_after
        return datetime.combine(ordered_at.date() + timedelta(days=days), until)


def cut_off(deadline: Deadline) -> CutOff:
    """The cut-off that the deadline describes; raises SpecIncomplete."""
    return CutOff(
        time_of(deadline),
        _relative(str(deadline.get("before") or "same_day")),
        _relative(str(deadline.get("after") or "next_day")),
    )


def _relative(text: str) -> tuple[int, time]:
    """``next_day 12:00`` as days later and a time of day."""
    name, _, at = text.strip().partition(" ")
    days = {"same_day": 0, "next_day": 1}.get(name)
    if days is None:
        raise SpecIncomplete("deadline", f"{text!r} is neither same_day nor next_day")
    return days, clock_time(at) if at.strip() else time.max


def _number(deadline: Deadline, name: str, low: int, high: int) -> int:
    try:
        number = int(str(deadline.get(name)))
    except ValueError:
        number = 0
    if not low <= number <= high:
        raise SpecIncomplete("deadline", f"the deadline's {name} is not between {low} and {high}")
    return number


def _combined(day: date | None, at: time) -> datetime | None:
    return None if day is None else datetime.combine(day, at)


def _after(day: date) -> date:
    return day if day == date.max else day + timedelta(days=1)


def _last_weekday(start: date, end: date, weekday: int) -> date | None:
    day = end - timedelta(days=(end.isoweekday() - weekday) % 7)
    return day if day >= start else None


def _day_of_month(start: date, end: date, number: int) -> date | None:
    """That day in the window's last month; the month's last day where the month is shorter."""
    month = Period.containing("month", end)
    day = month.start + timedelta(days=min(number, month.days) - 1)
    return day if start <= day <= end else None


def _day_of_year(start: date, end: date, month: int, number: int) -> date | None:
    """That date where the window has it; 29 February is the 28th in a common year."""
    for year in {start.year, end.year}:
        whole = Period.containing("month", date(year, month, 1))
        day = whole.start + timedelta(days=min(number, whole.days) - 1)
        if start <= day <= end:
            return day
    return None
