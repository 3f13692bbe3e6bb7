"""Workdays: weekends, statutory holidays, 调休, and the company's own departures."""

from datetime import date

import pytest

from meritbook.kit.tenancy import company_scope
from meritbook.org.models import CalendarDay
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.calendar import clear_day, set_day
from meritbook.org.queries.calendar import Calendar, calendar, is_published
from tests.people import NOW, Cast


@pytest.mark.parametrize(
    ("day", "is_workday"),
    [
        pytest.param(date(2026, 11, 20), True, id="Friday"),
        pytest.param(date(2026, 11, 21), False, id="Saturday"),
        pytest.param(date(2026, 10, 1), False, id="国庆节"),
        pytest.param(date(2026, 2, 14), True, id="春节前调休上班的周六"),
        pytest.param(date(2026, 10, 10), True, id="国庆后调休上班的周六"),
        pytest.param(date(2026, 2, 17), False, id="春节"),
    ],
)
def test_the_statutory_calendar(day: date, is_workday: bool) -> None:
    assert Calendar({}).is_workday(day) is is_workday


def test_a_year_without_published_exchange_days_says_so() -> None:
    assert is_published(2026)
    assert not is_published(2031)
    unknown = Calendar({}).kind_of(date(2031, 10, 8))
    assert not unknown.is_certain
    assert Calendar({}).kind_of(date(2026, 10, 8)).is_certain


def test_a_company_departs_from_it(home: Cast, away: Cast) -> None:
    day = date(2026, 11, 21)
    with company_scope(home.company.pk):
        set_day(
            company_id=home.company.pk,
            day=day,
            kind=CalendarDay.Kind.WORKDAY,
            name="盘点",
            now=NOW,
            actor=SYSTEM,
        )
        kind = calendar(company_id=home.company.pk).kind_of(day)
        assert (kind.is_workday, kind.name, kind.is_certain) == (True, "盘点", True)
    with company_scope(away.company.pk):
        assert not calendar(company_id=away.company.pk).is_workday(day)
    with company_scope(home.company.pk):
        clear_day(company_id=home.company.pk, day=day, now=NOW, actor=SYSTEM)
        assert not calendar(company_id=home.company.pk).is_workday(day)
