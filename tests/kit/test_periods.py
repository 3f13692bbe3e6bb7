"""Periods by their names, their neighbours, and the days they hold."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meritbook.kit.periods import ALL_TIME, KINDS, Period, PeriodUnknown

some_day = st.dates(date(1990, 1, 1), date(2090, 12, 31))
some_kind = st.sampled_from(KINDS)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-11-21", date(2026, 11, 21), date(2026, 11, 21)),
        ("2026-W47", date(2026, 11, 16), date(2026, 11, 22)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-H1", date(2026, 1, 1), date(2026, 6, 30)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("all", date.min, date.max),
    ],
)
def test_a_name_is_a_stretch_of_days(text: str, start: date, end: date) -> None:
    period = Period.parse(text)
    assert (period.start, period.end, period.text) == (start, end, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-13",
        "2026-02-30",
        "2027-W53",
        "2026-W00",
        "2026-Q5",
        "2026-H3",
        "26",
        "昨天",
        "0000",
        "0001-01-01",
        "9999-12-31",
        "9999",
    ],
)
def test_other_text_names_no_period(text: str) -> None:
    with pytest.raises(PeriodUnknown) as refusal:
        Period.parse(text)
    assert refusal.value.code == "unknown_period"


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("2026-03-01", "2026-02-28", "2026-03-02"),
        ("2027-W01", "2026-W53", "2027-W02"),
        ("2026-01", "2025-12", "2026-02"),
        ("2026-Q1", "2025-Q4", "2026-Q2"),
        ("2026-H1", "2025-H2", "2026-H2"),
        ("2026", "2025", "2027"),
        ("all", "all", "all"),
    ],
)
def test_neighbours(text: str, before: str, after: str) -> None:
    period = Period.parse(text)
    assert (period.previous().text, period.next().text) == (before, after)


@given(some_kind, some_day)
def test_names_round_trip_and_hold_their_day(kind: str, day: date) -> None:
    period = Period.containing(kind, day)
    assert period.holds(day)
    assert Period.parse(period.text) == period
    assert Period.containing(kind, period.start) == Period.containing(kind, period.end) == period


@given(some_kind.filter(lambda kind: kind != "all"), some_day)
def test_neighbours_touch_and_never_overlap(kind: str, day: date) -> None:
    period = Period.containing(kind, day)
    assert period.previous().end + timedelta(days=1) == period.start
    assert period.next().start - timedelta(days=1) == period.end
    assert period.next().previous() == period
    assert period.days == (period.next().start - period.start).days


def test_all_time_holds_every_day() -> None:
    assert ALL_TIME.holds(date(1, 1, 1))
    assert ALL_TIME.holds(date(9999, 12, 31))


def test_another_kind_is_refused() -> None:
    with pytest.raises(PeriodUnknown):
        Period.containing("fortnight", date(2026, 11, 21))
