"""The last day of points: a table of month ends and leap days, and the database's word on it."""

from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meritbook.ledger.lasting import Lasting, last_day
from tests.ledger.books import raw

MONTHS = "months"
END = "period_end"
DATE = "date"


def months(count: int, span: str = "day", grace: int = 0) -> Lasting:
    return Lasting(MONTHS, count, span, grace_days=grace)  # type: ignore[arg-type]


def period_end(span: str, count: int = 0, grace: int = 0) -> Lasting:
    return Lasting(END, count, span, grace_days=grace)  # type: ignore[arg-type]


def yearly(month: int, day: int, grace: int = 0) -> Lasting:
    return Lasting(DATE, month=month, day=day, grace_days=grace)


CASES = [
    pytest.param(Lasting(), "2026-11-03", None, id="终身"),
    pytest.param(months(1), "2026-01-31", "2026-02-28", id="1月31日+1个月"),
    pytest.param(months(1), "2028-01-31", "2028-02-29", id="闰年1月31日+1个月"),
    pytest.param(months(12), "2028-02-29", "2029-02-28", id="2月29日+12个月"),
    pytest.param(months(48), "2028-02-29", "2032-02-29", id="2月29日+48个月"),
    pytest.param(months(1), "2026-02-28", "2026-03-28", id="2月28日+1个月"),
    pytest.param(months(3), "2026-11-30", "2027-02-28", id="三个月到2月底"),
    pytest.param(months(3), "2026-12-01", "2027-03-01", id="三个月跨年"),
    pytest.param(months(12), "2026-11-03", "2027-11-03", id="一年"),
    pytest.param(months(12, "month"), "2026-11-03", "2027-11-30", id="一年后的月底"),
    pytest.param(months(12, "month"), "2027-02-10", "2028-02-29", id="一年后的闰月底"),
    pytest.param(months(1, "quarter"), "2026-12-31", "2027-03-31", id="一个月后的季末"),
    pytest.param(months(2, "half_year"), "2026-05-01", "2026-12-31", id="两个月后的半年末"),
    pytest.param(months(1, "year"), "2026-12-15", "2027-12-31", id="一个月后的年底"),
    pytest.param(months(12, grace=30), "2026-11-03", "2027-12-03", id="一年加宽限"),
    pytest.param(period_end("month"), "2026-11-30", "2026-11-30", id="当月最后一天"),
    pytest.param(period_end("month"), "2028-02-01", "2028-02-29", id="闰年二月底"),
    pytest.param(period_end("quarter"), "2026-10-01", "2026-12-31", id="季末"),
    pytest.param(period_end("quarter"), "2026-06-30", "2026-06-30", id="季末当天"),
    pytest.param(period_end("half_year"), "2026-06-30", "2026-06-30", id="上半年末当天"),
    pytest.param(period_end("half_year"), "2026-07-01", "2026-12-31", id="下半年末"),
    pytest.param(period_end("year"), "2026-01-01", "2026-12-31", id="年底"),
    pytest.param(period_end("year", 3), "2026-06-15", "2027-03-31", id="年底再过3个月"),
    pytest.param(period_end("quarter", 1), "2026-11-03", "2027-01-31", id="季末再过1个月"),
    pytest.param(period_end("month", 1), "2027-01-20", "2027-02-28", id="月底再过1个月"),
    pytest.param(period_end("year", 2), "2027-06-01", "2028-02-29", id="年底再过2个月到闰日"),
    pytest.param(yearly(12, 31), "2026-12-31", "2026-12-31", id="清零当天得的当天到期"),
    pytest.param(yearly(12, 31), "2027-01-01", "2027-12-31", id="清零次日得的到下一年"),
    pytest.param(yearly(2, 31), "2026-01-10", "2026-02-28", id="2月31日取月底"),
    pytest.param(yearly(2, 31), "2028-01-10", "2028-02-29", id="2月31日取闰月底"),
    pytest.param(yearly(2, 29), "2026-03-01", "2027-02-28", id="2月29日在平年"),
    pytest.param(yearly(4, 31), "2026-05-01", "2027-04-30", id="4月31日取月底"),
    pytest.param(yearly(12, 31, 31), "2026-12-10", "2027-01-31", id="年底加宽限"),
]  # fmt: skip


@pytest.fixture
def database(db: None) -> Iterator[psycopg.Connection]:
    with raw("superuser") as plain:
        yield plain


def asked(database: psycopg.Connection, lasting: Lasting, on: date) -> date | None:
    """The database's word: None where it says that the points do not lapse."""
    row = database.execute(
        "SELECT CASE WHEN day = 'infinity' THEN NULL ELSE day END FROM ledger_last_day("
        "%s, %s::smallint, %s, %s::smallint, %s::smallint, %s::smallint, %s) AS day",
        [
            lasting.expiry,
            lasting.count,
            lasting.span,
            lasting.month,
            lasting.day,
            lasting.grace_days,
            on,
        ],
    ).fetchone()
    assert row is not None
    found: date | None = row[0]
    return found


@pytest.mark.parametrize(("lasting", "on", "until"), CASES)
def test_the_last_day(
    database: psycopg.Connection, lasting: Lasting, on: str, until: str | None
) -> None:
    day = date.fromisoformat(on)
    expected = date.fromisoformat(until) if until else None
    assert last_day(lasting, on=day) == expected
    assert asked(database, lasting, day) == expected


LIVES = st.builds(
    Lasting,
    expiry=st.sampled_from(["never", MONTHS, END, DATE]),
    count=st.integers(1, 120),
    span=st.sampled_from(["month", "quarter", "half_year", "year"]),
    month=st.integers(1, 12),
    day=st.integers(1, 31),
    grace_days=st.integers(0, 366),
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lasting=LIVES, on=st.dates(date(2020, 1, 1), date(2060, 12, 31)))
def test_the_page_says_what_the_database_does(
    database: psycopg.Connection, lasting: Lasting, on: date
) -> None:
    until = last_day(lasting, on=on)
    assert asked(database, lasting, on) == until
    assert until is None or until >= on
