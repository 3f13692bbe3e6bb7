"""The last day of points, by the policy of their asset: the arithmetic of ``ledger_last_day``.

Pure, for pages that show what a policy would mean. The database decides; a test holds both to the
same table of days.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Expiry = Literal["never", "months", "date", "period_end"]
Span = Literal["day", "month", "quarter", "half_year", "year"]
_MONTHS: dict[Span, int] = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long points last.

    ``never``; ``months``: ``count`` months after they count, rounded up to the end of a ``span``;
    ``date``: the next ``month``/``day``; ``period_end``: ``count`` months after the end of the
    ``span`` in which they count. ``grace_days`` follow in each case.
    """

    expiry: Expiry = "never"
    count: int = 0
    span: Span = "day"
    month: int = 12
    day: int = 31
    grace_days: int = 0


def last_day(lasting: Lasting, *, on: date) -> date | None:
    """The last day on which points that count ``on`` may be used; None: they do not lapse."""
    match lasting.expiry:
        case "never":
            return None
        case "months":
            found = span_end(lasting.span, months_later(on, lasting.count))
        case "period_end":
            after = span_end(lasting.span, on) + timedelta(days=1)
            found = months_later(after, lasting.count) - timedelta(days=1)
        case "date":
            found = _yearly(on.year, lasting.month, lasting.day)
            if found < on:
                found = _yearly(on.year + 1, lasting.month, lasting.day)
    return found + timedelta(days=lasting.grace_days)


def months_later(day: date, count: int) -> date:
    """``count`` months later; a month's end stays one: 31 January and one month is 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def span_end(span: Span, day: date) -> date:
    """The last day of the span that holds ``day``."""
    if span == "day":
        return day
    length = _MONTHS[span]
    month = (day.month - 1) // length * length + length
    return date(day.year, month, monthrange(day.year, month)[1])


def _yearly(year: int, month: int, day: int) -> date:
    """That day of a year; the month's last where it is shorter."""
    return date(year, month, min(day, monthrange(year, month)[1]))
