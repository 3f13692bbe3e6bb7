"""The calendar of expiry and caps once more, by months counted from year 0 instead of intervals."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

FOREVER = date.max
_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


def later(day: date, months: int) -> date:
    """So many months later; a month too short gives its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def start_of(period: str, day: date) -> date:
    """The first day of the day's period."""
    if period == "day":
        return day
    if period == "week":
        return day - timedelta(day.weekday())
    length = _MONTHS[period]
    return day.replace(month=(day.month - 1) // length * length + 1, day=1)


def end_of(period: str, day: date) -> date:
    """The last day of the day's period."""
    if period == "day":
        return day
    return later(start_of(period, day), _MONTHS[period]) - timedelta(1)


def last_day(
    expiry: str, count: int, period: str, month_and_day: tuple[int, int], grace: int, day: date
) -> date:
    """The last day on which points that count on ``day`` may be used."""
    if expiry == "never":
        return FOREVER
    if expiry == "months":
        end = end_of(period, later(day, count))
    elif expiry == "period_end":
        end = later(end_of(period, day) + timedelta(1), count) - timedelta(1)
    else:
        month, wanted = month_and_day
        end = min(
            found
            for year in (day.year, day.year + 1)
            if (found := date(year, month, min(wanted, monthrange(year, month)[1]))) >= day
        )
    return end + timedelta(grace)
