"""Cell values as codes, numbers, dates and moments, in the forms that people type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from meritbook.kit.sheets.grid import CellValue, text_of
from meritbook.kit.sheets.wording import plain
from meritbook.kit.words import say

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 -- day zero of a spreadsheet has no zone
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)")
_YEAR_LAST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_TIME = re.compile(
    r"(凌晨|早上|上午|中午|下午|傍晚|晚上|AM|PM)?\s*(\d{1,2})\s*[:点时]\s*(\d{1,2})?\s*分?"
    r"(?::(\d{1,2})(?:\.(\d+))?|(\d{1,2})秒)?\s*(AM|PM)?\s*(Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_MAGNITUDES = {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_NUMBER = re.compile(r"([+-]?)(\d+(?:,\d{3})*(?:\.\d+)?|\.\d+)\s*([百千万亿]*)")


class BadValue(ValueError):
    """A cell that cannot be read as what its column asks for."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time; `has_time` is False where the cell held a day alone."""

    at: datetime
    has_time: bool


def code_of(value: CellValue) -> str:
    """Return an identifier as text: 1001.0 → "1001", full-width → half-width, no blanks."""
    return re.sub(r"\s+", "", plain(text_of(value)))


def phone_of(value: CellValue) -> str:
    """Return a mainland mobile number as 11 digits, "" for none; BadValue otherwise."""
    text = re.sub(r"[\s()-]", "", plain(text_of(value)))
    if not text:
        return ""
    if re.fullmatch(r"\d(?:\.\d+)?E\+\d+", text, re.IGNORECASE):
        raise BadValue(
            say("手机号“%(text)s”被 Excel 显示成了科学记数", text=text),
            say("请把该列设为文本后重新填写"),
        )
    digits = re.sub(r"^(?:\+?86|0086)(?=1\d{10}$)", "", text)
    if not re.fullmatch(r"1[3-9]\d{9}", digits):
        raise BadValue(
            say("手机号“%(text)s”不是 11 位手机号", text=text), say("请填写 11 位手机号，或留空")
        )
    return digits


def number_of(value: CellValue) -> Decimal:
    """Return a number exactly as shown: 0.2, "1,000.50", "￥300元", "38万", "100%" → 100."""
    if isinstance(value, bool):
        raise BadValue(say("“%(value)s”不是数字", value=text_of(value)), say("请填写数字"))
    if isinstance(value, int | float):
        return _plain_decimal(text_of(value))
    text = re.sub(r"\s+", "", plain(text_of(value)))
    body = re.sub(r"^(?:¥|人民币|RMB|CNY)|(?:元|%|分|个)$", "", text, flags=re.IGNORECASE)
    found = _NUMBER.fullmatch(body)
    if found is None:
        if re.fullmatch(r"[+-]?\d+(?:\.\d+)?E[+-]?\d+", body, re.IGNORECASE):
            return _plain_decimal(body)
        raise BadValue(say("“%(value)s”不是数字", value=text_of(value)), say("请填写数字"))
    number = _plain_decimal(found[1] + found[2].replace(",", ""))
    for sign in found[3]:
        number *= _MAGNITUDES[sign]
    return number


def date_of(value: CellValue) -> date:
    """Return a day: 2026-11-21, 2026/11/21, 2026年11月21日, 20261121, or a spreadsheet date."""
    return moment_of(value).at.date()


def moment_of(value: CellValue) -> Moment:
    """Return a point in time; naive unless the text names a zone (Z, +08:00)."""
    match value:
        case datetime():
            return Moment(at=value, has_time=True)
        case date():
            return Moment(at=datetime.combine(value, time()), has_time=False)
        case bool() | time() | timedelta():
            raise _bad_date(value)
        case int() | float():
            return _from_serial(value)
    text = plain(text_of(value))
    day, rest = _leading_day(text)
    if day is None:
        if re.fullmatch(r"\d{5}(?:\.\d+)?", text):
            return _from_serial(float(text))
        raise _bad_date(value)
    rest = rest.strip(" T,")
    rest = re.sub(r"^\(?(?:星期|周)[一二三四五六日天]\)?\s*", "", rest)
    if not rest:
        return Moment(at=datetime.combine(day, time()), has_time=False)
    found = _TIME.fullmatch(rest)
    if found is None:
        raise _bad_date(value)
    return Moment(at=_at(day, found, value), has_time=True)


def _leading_day(text: str) -> tuple[date | None, str]:
    if found := _DATE.match(text) or _COMPACT.match(text):
        parts = (int(found[1]), int(found[2]), int(found[3]))
    elif found := _YEAR_LAST.match(text):
        first, second = int(found[1]), int(found[2])
        # 05/06/2026 may be May or June; only what can be read in one way is read.
        if first <= 12 and second <= 12 and first != second:
            raise BadValue(
                say("日期“%(text)s”分不清月和日", text=text), say("请写成 2026-11-21 的形式")
            )
        month, day = (first, second) if first <= 12 else (second, first)
        parts = (int(found[3]), month, day)
    else:
        return None, text
    try:
        return date(*parts), text[found.end() :]
    except ValueError:
        raise BadValue(
            say("日期“%(text)s”不存在", text=text), say("请写成 2026-11-21 的形式")
        ) from None


def _at(day: date, found: re.Match[str], value: CellValue) -> datetime:
    part = (found[1] or found[7] or "").upper()
    hour, minute = int(found[2]), int(found[3] or 0)
    second = int(found[4] or found[6] or 0)
    if part in {"下午", "傍晚", "晚上", "PM"} and hour < 12:
        hour += 12
    if part == "中午" and hour < 11:
        hour += 12
    if part == "AM" and hour == 12:
        hour = 0
    try:
        if hour == 24 and minute == second == 0:
            at = datetime.combine(day + timedelta(days=1), time())
        else:
            at = datetime.combine(day, time(hour, minute, second))
        if found[8]:
            zone = datetime.fromisoformat(f"2000-01-01T00:00{_colon(found[8].upper())}").tzinfo
            if not date.min.year < at.year < date.max.year:
                raise OverflowError  # such a moment has no local time everywhere
            at = at.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        raise BadValue(
            say("时间“%(value)s”不存在", value=text_of(value)),
            say("请写成 2026-11-21 14:05 的形式"),
        ) from None
    return at


def _colon(zone: str) -> str:
    if zone == "Z" or ":" in zone:
        return zone
    return f"{zone[:3]}:{zone[3:]}"


def _from_serial(value: float) -> Moment:
    # Spreadsheets count days; 20000 to 80000 is 1954 to 2119. 20261121 is a compact date.
    if float(value).is_integer() and 19000101 <= value <= 22001231:
        text = str(int(value))
        day, _rest = _leading_day(text)
        if day is not None:
            return Moment(at=datetime.combine(day, time()), has_time=False)
    if not 20_000 <= value <= 80_000:
        raise _bad_date(value)
    at = _EPOCH + timedelta(days=value)
    at = (at + timedelta(microseconds=500_000)).replace(microsecond=0)
    return Moment(at=at, has_time=not float(value).is_integer())


def _bad_date(value: CellValue) -> BadValue:
    return BadValue(
        say("“%(value)s”不是日期", value=text_of(value)), say("请写成 2026-11-21 的形式")
    )


def _plain_decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise BadValue(say("“%(text)s”不是数字", text=text), say("请填写数字")) from None
    if not number.is_finite():
        raise BadValue(say("“%(text)s”不是数字", text=text), say("请填写数字"))
    return number
