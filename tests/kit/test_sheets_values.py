"""Cells as people type them."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from meritbook.kit.sheets import (
    BadValue,
    CellValue,
    code_of,
    date_of,
    moment_of,
    number_of,
    phone_of,
    plain,
    text_of,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1001.0, "1001"),
        (1001, "1001"),
        (0.1, "0.1"),
        (13800000000.0, "13800000000"),
        (123456789012.0, "123456789012"),
        (0.30000000000000004, "0.3"),
        (" 0012 ", "0012"),
        ('="0012"', "0012"),
        ("'0012", "0012"),
        (date(2026, 11, 1), "2026-11-01"),
        (datetime(2026, 11, 1, 9, 5), "2026-11-01 09:05"),
        (time(22), "22:00"),
        (True, "是"),
        ("", ""),
    ],
)
def test_text(value: CellValue, text: str) -> None:
    assert text_of(value) == text


def test_codes_are_half_width_without_blanks() -> None:
    assert [code_of(v) for v in ("００１２", " Ａ 01 ", 1001.0, "E-01")] == [
        "0012",
        "A01",
        "1001",
        "E-01",
    ]


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0.1, "0.1"),
        (3, "3"),
        ("1,000.50", "1000.50"),
        ("￥300元", "300"),
        ("38万", "380000"),
        ("1.5千", "1500"),
        ("１２．５", "12.5"),
        ("-50", "-50"),
        ("－50", "-50"),
        ("98%", "98"),
        ("1E+5", "100000"),
        ("20 分", "20"),
    ],
)
def test_numbers(value: CellValue, number: str) -> None:
    assert number_of(value) == Decimal(number)


@pytest.mark.parametrize("value", ["", "abc", "1,00", "1 2 3 abc", "nan", "Infinity", True, "--5"])
def test_what_is_no_number(value: CellValue) -> None:
    with pytest.raises(BadValue):
        number_of(value)


@pytest.mark.parametrize(
    ("value", "moment", "has_time"),
    [
        ("2026-11-21", "2026-11-21T00:00", False),
        ("2026/11/21", "2026-11-21T00:00", False),
        ("2026.11.21", "2026-11-21T00:00", False),
        ("2026年11月21日", "2026-11-21T00:00", False),
        ("20261121", "2026-11-21T00:00", False),
        (20261121, "2026-11-21T00:00", False),
        ("２０２６－１１－２１", "2026-11-21T00:00", False),
        ("21/11/2026", "2026-11-21T00:00", False),
        ("2026-11-21 (周六)", "2026-11-21T00:00", False),
        (46347, "2026-11-21T00:00", False),
        ("46347", "2026-11-21T00:00", False),
        (date(2026, 11, 21), "2026-11-21T00:00", False),
        ("2026-11-21 14:05", "2026-11-21T14:05", True),
        ("2026-11-21T14:05:33", "2026-11-21T14:05:33", True),
        ("2026-11-21 14：05", "2026-11-21T14:05", True),
        ("2026年11月21日 下午2点05分", "2026-11-21T14:05", True),
        ("2026-11-21 2:05 PM", "2026-11-21T14:05", True),
        ("2026-11-21 中午12点", "2026-11-21T12:00", True),
        ("2026-11-21 24:00", "2026-11-22T00:00", True),
        (46347.5, "2026-11-21T12:00", True),
        (datetime(2026, 11, 21, 14, 5), "2026-11-21T14:05", True),
        ("2026-11-21T14:05:00+08:00", "2026-11-21T14:05+08:00", True),
        ("2026-11-21T06:05:00Z", "2026-11-21T06:05+00:00", True),
    ],
)
def test_moments(value: CellValue, moment: str, has_time: bool) -> None:
    found = moment_of(value)
    assert (found.at, found.has_time) == (datetime.fromisoformat(moment), has_time)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T10:00+99:00",
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59-12:00",
        "9999-12-31 24:00",
    ],
)
def test_moments_that_no_zone_has(text: str) -> None:
    with pytest.raises(BadValue):
        moment_of(text)


@pytest.mark.parametrize(
    "value",
    ["", "昨天", "2026-13-01", "2026-02-30", "05/06/2026", "2026-11-21 25:00", 5, True, time(9)],
)
def test_what_is_no_date(value: CellValue) -> None:
    with pytest.raises(BadValue) as bad:
        date_of(value)
    assert bad.value.reason
    assert bad.value.remedy


def test_phones() -> None:
    assert phone_of(13800000000.0) == "13800000000"
    assert phone_of("+86 138-0000-0000") == "13800000000"
    assert phone_of("") == ""
    for bad in ("1.38E+10", "12345", "abc"):
        with pytest.raises(BadValue):
            phone_of(bad)


def test_plain_makes_variants_of_writing_equal() -> None:
    assert plain("關鍵指標　（％）") == "关键指标 (%)"
    assert plain("－５ 分／次") == plain("−5 分/次") == "-5 分/次"
