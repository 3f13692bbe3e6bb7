"""Which window an event belongs to, and when that window may be closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from meritbook.kit import periods
from meritbook.kit.periods import Period
from meritbook.rules import deadlines
from meritbook.rules.spec import RuleSpec, Window

_PERIOD_OF_DEADLINE = {
    "time_of_day": periods.DAY,
    "cut_off": periods.DAY,
    "weekday": periods.WEEK,
    "day_of_month": periods.MONTH,
    "last_day": periods.MONTH,
    "first_day_of_next": periods.MONTH,
    "date": periods.YEAR,
}


def period_kind(spec: RuleSpec) -> str:
    """The kind of a windowed rule's window; a rule without a period takes its deadline's, and
    without a deadline the month."""
    if spec.period in periods.KINDS:
        return str(spec.period)
    kind = str((spec.deadline or {}).get("kind", ""))
    return _PERIOD_OF_DEADLINE.get(kind, periods.MONTH)


def belongs_to_previous(spec: RuleSpec) -> bool:
    """Whether an event on the first day of a period is the duty of the period before."""
    return (spec.deadline or {}).get("kind") == "first_day_of_next" and period_kind(spec) not in (
        periods.DAY,
        periods.ALL,
    )


def window_finder(spec: RuleSpec) -> Callable[[date], tuple[Window, datetime | None]]:
    """A function from the day of an event to its window and the last instant that is on time
    (None where the window has no such instant of its own)."""
    kind = period_kind(spec)
    from_next = belongs_to_previous(spec)
    due_in = deadlines.due_finder(spec.deadline)
    found: dict[date, tuple[Window, datetime | None]] = {}

    def find(day: date) -> tuple[Window, datetime | None]:
        answer = found.get(day)
        if answer is None:
            period = Period.containing(kind, day)
            if from_next and day == period.start:
                period = period.previous()
            due = due_in(period.start, period.end)
            answer = (Window(period.start, period.end, _closes_at(period.end, due)), due)
            if len(found) > 4096:
                found.clear()
            found[day] = answer
        return answer

    return find


def window_of(spec: RuleSpec, day: date) -> Window:
    """The window of a windowed rule to which an event on ``day`` belongs."""
    return window_finder(spec)(day)[0]


def window_from(spec: RuleSpec, starts_on: date) -> Window:
    """The window that starts on ``starts_on`` (for windows read back from a table)."""
    period = Period.containing(period_kind(spec), starts_on)
    due = deadlines.due_finder(spec.deadline)(period.start, period.end)
    return Window(period.start, period.end, _closes_at(period.end, due))


def _closes_at(last_day: date, due: datetime | None) -> datetime:
    """The midnight after the window's last day, or after the day of a deadline beyond it."""
    if last_day == date.max:
        return datetime.combine(date.max, time.max)
    last = last_day if due is None else max(last_day, due.date())
    return datetime.combine(last + timedelta(days=1), time.min)
