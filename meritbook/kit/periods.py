"""Stretches of calendar days with a name: a day, a week, a month … or all time.

    2026-11-21  2026-W47  2026-11  2026-Q4  2026-H2  2026  all

Weeks are ISO weeks (Monday to Sunday, and they cross the turn of the year). Days are those of the
company's own time zone; nothing here knows a clock.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from meritbook.kit.errors import Refusal
from meritbook.kit.words import say

DAY = "day"
WEEK = "week"
MONTH = "month"
QUARTER = "quarter"
HALF_YEAR = "half_year"
YEAR = "year"
ALL = "all"
KINDS = (DAY, WEEK, MONTH, QUARTER, HALF_YEAR, YEAR, ALL)

FIRST_YEAR, LAST_YEAR = 1900, 2999
"""The years that ``parse`` knows."""

_MONTHS = {MONTH: 1, QUARTER: 3, HALF_YEAR: 6, YEAR: 12}
_FORMS = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})|(?P<week>\d{4}-W\d{2})|(?P<month>\d{4}-\d{2})"
    r"|(?P<quarter>\d{4}-Q[1-4])|(?P<half_year>\d{4}-H[12])|(?P<year>\d{4})|(?P<all>all)"
)


class PeriodUnknown(Refusal, ValueError):
    """The text names no period."""

    code = "unknown_period"

    def __init__(self, text: str) -> None:
        super().__init__(
            say(
                "“%(text)s”不是周期；请写 2026-11-21、2026-W47、2026-11、2026-Q4、2026-H2、2026 或 all",
                text=text,
            )
        )
        self.text = text


class Period(NamedTuple):
    """Consecutive days, both ends included."""

    kind: str
    start: date
    end: date

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period that ``text`` names; raises PeriodUnknown."""
        match = _FORMS.fullmatch(text.strip())
        if match is None or match.lastgroup is None:
            raise PeriodUnknown(text)
        kind, name = match.lastgroup, match.group()
        if kind == ALL:
            return ALL_TIME
        if not FIRST_YEAR <= int(name[:4]) <= LAST_YEAR:
            raise PeriodUnknown(text)  # the calendar needs a period before it and one after it
        try:
            return cls.containing(kind, _first_day(kind, name))
        except (ValueError, OverflowError) as trouble:
            raise PeriodUnknown(text) from trouble

    @classmethod
    def containing(cls, kind: str, day: date) -> Period:
        """The period of ``kind`` in which ``day`` lies; raises PeriodUnknown for another kind."""
        return _containing(kind, day)

    @property
    def text(self) -> str:
        """The period's name, as ``parse`` takes it."""
        start = self.start
        year = f"{start.year:04d}"
        if self.kind == DAY:
            return start.isoformat()
        if self.kind == WEEK:
            iso = start.isocalendar()
            return f"{iso.year:04d}-W{iso.week:02d}"
        if self.kind == MONTH:
            return f"{year}-{start.month:02d}"
        if self.kind == QUARTER:
            return f"{year}-Q{(start.month + 2) // 3}"
        if self.kind == HALF_YEAR:
            return f"{year}-H{(start.month + 5) // 6}"
        return year if self.kind == YEAR else ALL

    def previous(self) -> Period:
        """The period just before; all time has none before it and answers itself."""
        if self.kind == ALL:
            return self
        return Period.containing(self.kind, self.start - timedelta(days=1))

    def next(self) -> Period:
        """The period just after; all time answers itself."""
        if self.kind == ALL:
            return self
        return Period.containing(self.kind, self.end + timedelta(days=1))

    def holds(self, day: date) -> bool:
        """Whether ``day`` lies in the period."""
        return self.start <= day <= self.end

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1


ALL_TIME = Period(ALL, date.min, date.max)


@lru_cache(maxsize=4096)
def _containing(kind: str, day: date) -> Period:
    if kind == DAY:
        return Period(kind, day, day)
    if kind == WEEK:
        monday = day - timedelta(days=day.weekday())
        return Period(kind, monday, monday + timedelta(days=6))
    if kind == ALL:
        return ALL_TIME
    if kind not in _MONTHS:
        raise PeriodUnknown(kind)
    length = _MONTHS[kind]
    first_month = (day.month - 1) // length * length + 1
    start = date(day.year, first_month, 1)
    return Period(kind, start, _last_day_of_month(day.year, first_month + length - 1))


def _last_day_of_month(year: int, month: int) -> date:
    if month == 12:
        return date(year, 12, 31)
    return date(year, month + 1, 1) - timedelta(days=1)


def _first_day(kind: str, name: str) -> date:
    year = int(name[:4])
    if kind == DAY:
        return date.fromisoformat(name)
    if kind == WEEK:
        return date.fromisocalendar(year, int(name[6:]), 1)
    if kind == MONTH:
        return date(year, int(name[5:]), 1)
    if kind == QUARTER:
        return date(year, int(name[6]) * 3 - 2, 1)
    if kind == HALF_YEAR:
        return date(year, int(name[6]) * 6 - 5, 1)
    return date(year, 1, 1)
