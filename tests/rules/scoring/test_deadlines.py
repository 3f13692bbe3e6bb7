"""On time is up to and with the very instant; days, months, weeks and years end where they end."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from meritbook.rules.deadlines import due_finder
from meritbook.rules.scoring import compile_rule
from meritbook.rules.spec import EventFacts, PersonFacts, SpecIncomplete
from meritbook.rules.windows import window_from, window_of
from tests.rules.scoring.rulebook import CUT_OFF, rule

LI_LEI = PersonFacts()


def failed(deadline: dict[str, Any] | None, period: str, at: str, **given: str) -> str | None:
    spec = rule("S2", points=Decimal(5), period=period, deadline=deadline)
    event = EventFacts(datetime.fromisoformat(at), attributes=given)
    return compile_rule(spec).admit(event, LI_LEI).failed


@pytest.mark.parametrize(
    ("deadline", "period", "on_time", "late"),
    [
        pytest.param(
            {"kind": "time_of_day", "time": "22:00"},
            "day",
            "2026-11-12 22:00",
            "2026-11-12 22:00:01",
            id="每天 22 点前",
        ),
        pytest.param(
            {"kind": "weekday", "weekday": 5, "time": "22:00"},
            "week",
            "2027-01-01 22:00",
            "2027-01-01 22:01",
            id="每周五 22 点前(跨年的一周)",
        ),
        pytest.param(
            {"kind": "weekday", "weekday": 5},
            "week",
            "2026-11-13 23:59:59",
            "2026-11-14",
            id="每周五前",
        ),
        pytest.param(
            {"kind": "day_of_month", "day": 10},
            "month",
            "2026-11-10 23:59:59",
            "2026-11-11",
            id="每月 10 日前",
        ),
        pytest.param(
            {"kind": "day_of_month", "day": 30, "time": "18:00"},
            "month",
            "2028-02-29 18:00",
            "2028-02-29 18:01",
            id="二月没有 30 日,闰年到 29 日",
        ),
        pytest.param(
            {"kind": "last_day", "time": "18:00"},
            "quarter",
            "2026-12-31 18:00",
            "2026-12-31 18:01",
            id="每季度最后 1 天 18 点前",
        ),
        pytest.param(
            {"kind": "date", "month": 8, "day": 30},
            "year",
            "2026-08-30 20:00",
            "2026-08-31",
            id="8 月 30 日",
        ),
        pytest.param(
            {"kind": "date", "month": 2, "day": 29},
            "year",
            "2027-02-28 20:00",
            "2027-03-01",
            id="平年的 2 月 29 日",
        ),
        pytest.param(
            {"kind": "first_day_of_next", "time": "12:00"},
            "month",
            "2026-12-01 12:00",
            "2026-12-01 12:01",
            id="每月 1 号 12 点前",
        ),
        pytest.param(
            {"kind": "time_of_day", "time": "24:00"},
            "week",
            "2026-11-15 23:59:59",
            None,
            id="24:00",
        ),
    ],
)
def test_the_very_instant_is_on_time(
    deadline: dict[str, Any], period: str, on_time: str, late: str | None
) -> None:
    assert failed(deadline, period, on_time) is None
    if late is not None:
        assert failed(deadline, period, late) == "deadline"


@pytest.mark.parametrize(
    ("ordered", "done", "expected"),
    [
        ("2026-11-12 16:00", "2026-11-12 23:59", None),
        ("2026-11-12 16:30", "2026-11-13 00:00", "deadline"),
        ("2026-11-12 16:31", "2026-11-13 12:00", None),
        ("2026-11-12 16:31", "2026-11-13 12:01", "deadline"),
        ("2026-12-31 17:00", "2027-01-01 11:00", None),
        ("2028-02-28 17:00", "2028-02-29 12:00", None),
    ],
)
def test_an_order_before_the_cut_off_is_due_the_same_day_a_later_one_the_next(
    ordered: str, done: str, expected: str | None
) -> None:
    assert failed(CUT_OFF, "day", done, 下单时间=ordered) == expected


def test_without_an_order_time_the_end_of_the_day_is_due() -> None:
    assert failed(CUT_OFF, "day", "2026-11-12 23:59:59") is None


@pytest.mark.parametrize(
    ("period", "day", "starts_on", "ends_on"),
    [
        ("day", date(2028, 2, 29), date(2028, 2, 29), date(2028, 2, 29)),
        ("week", date(2027, 1, 1), date(2026, 12, 28), date(2027, 1, 3)),
        ("month", date(2028, 2, 1), date(2028, 2, 1), date(2028, 2, 29)),
        ("quarter", date(2026, 11, 12), date(2026, 10, 1), date(2026, 12, 31)),
        ("half_year", date(2026, 6, 30), date(2026, 1, 1), date(2026, 6, 30)),
        ("year", date(2026, 6, 30), date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_windows_are_calendar_periods(
    period: str, day: date, starts_on: date, ends_on: date
) -> None:
    window = window_of(rule("S2", points=Decimal(5), period=period), day)
    assert (window.starts_on, window.ends_on) == (starts_on, ends_on)
    assert window.closes_at.date().toordinal() == ends_on.toordinal() + 1
    assert window_from(rule("S2", points=Decimal(5), period=period), starts_on) == window


@pytest.mark.parametrize(
    ("day", "ends_on"),
    [
        (date(2026, 11, 30), date(2026, 11, 30)),
        (date(2026, 12, 1), date(2026, 11, 30)),
        (date(2026, 12, 2), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2026, 12, 31)),
        (date(2028, 3, 1), date(2028, 2, 29)),
    ],
)
def test_the_first_belongs_to_the_month_before(day: date, ends_on: date) -> None:
    spec = rule("S2", points=Decimal(50), period="month", deadline={"kind": "first_day_of_next"})
    window = window_of(spec, day)
    assert window.ends_on == ends_on
    first = date.fromordinal(ends_on.toordinal() + 1)
    assert window.closes_at == datetime(first.year, first.month, 2)
    assert window_from(spec, window.starts_on) == window


def test_a_rule_without_a_period_takes_that_of_its_deadline() -> None:
    weekly = rule("S2", points=Decimal(5), deadline={"kind": "weekday", "weekday": 5})
    assert window_of(weekly, date(2026, 11, 12)).ends_on == date(2026, 11, 15)
    assert window_of(rule("S5", points=Decimal(5)), date(2026, 11, 12)).ends_on == date(
        2026, 11, 30
    )


@pytest.mark.parametrize(
    "deadline",
    [
        {"kind": "soon"},
        {"kind": "time_of_day"},
        {"kind": "time_of_day", "time": "25:00"},
        {"kind": "weekday", "weekday": 8},
        {"kind": "day_of_month", "day": 0},
        {"kind": "date", "month": 13, "day": 1},
        {"kind": "cut_off", "time": "16:30", "after": "some_day"},
    ],
)
def test_a_deadline_that_cannot_be_read_is_refused(deadline: dict[str, Any]) -> None:
    with pytest.raises(SpecIncomplete):
        due_finder(deadline)


def test_a_deduction_counts_whenever_it_happened() -> None:
    """漏单 is what went wrong: the deadline that was missed does not excuse it."""
    spec = rule("S1", points=Decimal(-50), deadline={"kind": "time_of_day", "time": "12:00"})
    event = EventFacts(datetime(2026, 11, 12, 15, 0))
    assert compile_rule(spec).score(event, LI_LEI).points == -5000


def test_an_award_per_occurrence_is_lost_after_its_deadline() -> None:
    spec = rule("S1", points=Decimal(10), deadline={"kind": "time_of_day", "time": "12:00"})
    compiled = compile_rule(spec)
    assert compiled.score(EventFacts(datetime(2026, 11, 12, 12, 0)), LI_LEI).points == 1000
    assert compiled.score(EventFacts(datetime(2026, 11, 12, 12, 1)), LI_LEI).failed == "deadline"
