"""Reads the attributes of an event: days, moments, numbers, yes and no, as people write them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

_NO = frozenset(("否", "无", "没有", "没", "错", "0", "n", "no", "false", "f", "x", "×", "✗"))
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_CLOCK = re.compile(r"(\d{1,2})[:时点](\d{1,2})?分?(?::(\d{1,2}))?(?:\.\d+)?")
_NUMBER = re.compile(r"([+-]?\d[\d,]*(?:\.\d+)?)\s*(千|万|亿)?\s*[^\d\s]{0,4}")
_TIMES = {"千": 1000, "万": 10_000, "亿": 100_000_000}


def clean(text: str) -> str:
    """Full-width signs as ASCII, no blanks around."""
    return unicodedata.normalize("NFKC", text).strip()


@lru_cache(maxsize=8192)
def day_of(text: str) -> date | None:
    """A day, also where a time stands behind it; None when the text is none."""
    moment = moment_of(text)
    return None if moment is None else moment[0].date()


@lru_cache(maxsize=8192)
def moment_of(text: str) -> tuple[datetime, bool] | None:
    """A day with its time of day, and whether a time was given; None when the text is none."""
    text = clean(text).replace("T", " ")
    found = _DAY.match(text)
    if found is None:
        return None
    rest = text[found.end() :].strip()
    clock = _CLOCK.fullmatch(rest) if rest else None
    if rest and clock is None:
        return None
    hour, minute, second = (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
    year, month, day = (int(part) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second), clock is not None  # noqa: DTZ001 -- local time of the company
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def number_of(text: str) -> Decimal | None:
    """A number, also as 1,000 or 1.2万 or 45 分钟; None when the text is none."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        found = _NUMBER.fullmatch(clean(text))
        if found is None:
            return None
        number = Decimal(found[1].replace(",", "")) * _TIMES.get(found[2] or "", 1)
    return number if number.is_finite() else None


def is_yes(text: str) -> bool:
    """Whether an item without a bound is met: anything said but a no."""
    text = clean(text).lower()
    return bool(text) and text not in _NO and not text.startswith(("未", "不"))


def names_kind(text: str, kind: str) -> bool:
    """Whether ``text`` names the kind of thing ``kind`` (标签类) and not its opposite."""
    at = text.find(kind)
    return at >= 0 and text[at - 1 : at] not in ("非", "不")
