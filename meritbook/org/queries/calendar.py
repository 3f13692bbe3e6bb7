"""Which days are worked: the statutory calendar with 调休, and the company's own departures."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays

from meritbook.org.models import CalendarDay

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class DayKind:
    """One day: worked or not, what it is called, and whether the year's 调休 is published."""

    day: date
    is_workday: bool
    name: str
    is_certain: bool


class Calendar:
    """The company's days. Holds its departures from the statutory calendar; asks no database."""

    def __init__(self, departures: dict[date, tuple[str, str]]) -> None:
        self._departures = departures

    def kind_of(self, day: date) -> DayKind:
        """What ``day`` is. In a year whose 调休 is unpublished it may yet change."""
        certain = is_published(day.year)
        if day in self._departures:
            kind, name = self._departures[day]
            return DayKind(day, kind == CalendarDay.Kind.WORKDAY, name, is_certain=True)
        china = _china(day.year)
        if day in china.weekend_workdays:
            return DayKind(day, True, "", is_certain=certain)
        if day in china:
            return DayKind(day, False, str(china.get(day)), is_certain=certain)
        return DayKind(day, day.weekday() < SATURDAY, "", is_certain=certain)

    def is_workday(self, day: date) -> bool:
        return self.kind_of(day).is_workday


def calendar(*, company_id: int) -> Calendar:
    """The company's calendar; one query."""
    rows = CalendarDay.objects.filter(company_id=company_id)
    return Calendar(
        {day: (kind, name) for day, kind, name in rows.values_list("day", "kind", "name")}
    )


@lru_cache(maxsize=64)
def is_published(year: int) -> bool:
    """Whether the State Council's days for ``year`` are known: only then are there 调休 workdays.

    The library computes the festivals of any year; the exchanged days it can only know.
    """
    return any(day.year == year for day in _china(year).weekend_workdays)


@lru_cache(maxsize=64)
def _china(year: int) -> holidays.HolidayBase:
    found = holidays.country_holidays("CN", years=year, language="zh_CN")
    len(found)
    return found
