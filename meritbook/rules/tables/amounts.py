"""Numbers as people write them in rules: 三百, 1 千, 38 万, 两百五, 百分之八十."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from meritbook.kit.sheets.wording import plain

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_TENS = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10_000, "亿": 100_000_000}
MAGNITUDES = {**_TENS, **_LARGE, "w": 10_000, "W": 10_000, "k": 1000, "K": 1000}
del MAGNITUDES["十"]

LONGEST = 500
"""So much of a cell is read; more is no rule but an essay, and matching must stay cheap."""
NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
MAGNITUDE = r"(?:[百千万亿]+|[wWkK](?![A-Za-z]))?"
AMOUNT = rf"(?:{NUMBER}){MAGNITUDE}"

# What may stand behind a numeral for it to be one: 一单 and 三百分, but not 统一 or 一般.
_BEHIND = (
    r"(?=个|名|位|家|张|条|单|笔|次|件|台|套|篇|份|人|户|例|项|批|箱|吨|公斤|小时|分|元|块|天|日|号|周"
    r"|月|季|年|点|万|千|百|倍|%|场|页|组|款|部|辆|本|票|桌|瓶|积|成|处(?!理)|起|则|宗|封|课|节|盒|只|所|间|米|斤|[,;。.)]|$|以上|以下|至|到|~)"
)
_NUMERAL = re.compile(
    rf"(?<![周期拜第统唯单同专十百千万亿零一二两三四五六七八九])([零〇一二两三四五六七八九十百千万亿]+)(?:{_BEHIND})"
)
# 一万二, 三百五十: no word but a number, whatever stands behind it.
_LONG_NUMERAL = re.compile(
    r"(?<![第周期拜零一二两三四五六七八九十百千万亿统唯单同专])"
    r"(?:[一二两三四五六七八九]?十)?[一二两三四五六七八九]?(?<=[一二两三四五六七八九十])[百千万亿][零〇一二两三四五六七八九十百千万亿]*"
)
_FORMAL = re.compile(
    r"[壹贰叁肆伍陆柒捌玖拾佰仟廿卅][壹贰叁肆伍陆柒捌玖拾佰仟零万廿卅一二三四五六七八九]*(?=个?积?分|元|次|天|日|月|年|个|名|位|单|件|台|家|条)"
)
_PLAIN_NUMERALS = str.maketrans(
    dict(zip("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千", strict=True))
    | {"廿": "二十", "卅": "三十"}
)
# 每周三次 counts; 每周三 before anything else is a day.
_TIMES_A_WEEK = re.compile(
    r"(?<=[周期拜])([一二两三四五六七八九十百]+)(?=次|篇|份|条|家|名|位|张|笔|件|台|套|户|场|页|组|款|遍|趟|回(?!访|复|款|顾)|个(?!别|人)"
    r"|人次|小时|课时)"
)
_PERCENT = re.compile(r"百分之([零〇一二两三四五六七八九十百]+|\d+(?:\.\d+)?)")


def squeezed(text: str) -> str:
    """Return `text` for matching: plain, no blanks, Chinese numerals as digits."""
    return _squeezed(text)


@lru_cache(maxsize=4096)
def _squeezed(text: str) -> str:
    text = re.sub(r"\s*\n\s*(?=\d{1,2}[、.)]|[((]\d|[①-⑳]|每|[-•·])", ";", text[:LONGEST])
    text = _FORMAL.sub(lambda found: found[0].translate(_PLAIN_NUMERALS), plain(text))
    text = re.sub(r"(?<=[\d分百千万%])\s*[—–―]{1,3}\s*(?=[\d扣加+-])", "~", text)
    text = re.sub(r"—+|–{2,}|\.{3,}|…+", "", text)
    text = re.sub(r"(?<=\d) (?=\d)", ";", text).replace(" ", "")
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    text = _PERCENT.sub(lambda found: f"{arabic(found[1])}%", text)
    text = text.replace("半数", "50%").replace("全部", "全部")
    text = _TIMES_A_WEEK.sub(lambda found: str(arabic(found[1])), text)
    text = _LONG_NUMERAL.sub(lambda found: str(arabic(found[0])), text)
    text = re.sub(r"(?<=每)([百千万]{1,2})(?=[加扣得奖计积减+-])", r"1\1", text)
    return _NUMERAL.sub(_numeral, text)


def _numeral(found: re.Match[str]) -> str:
    numeral = found[1]
    before = found.string[: found.start()]
    after = found.string[found.end() :]
    if before[-1:].isdigit() and set(numeral) <= set(MAGNITUDES):
        return numeral  # the 万 of 38万 is read with its number
    if set(numeral) <= set(MAGNITUDES):
        # 每千元 is 每1千元; 千 elsewhere (千方百计) is no number.
        return f"1{numeral}" if before[-1:] in {"每", "/", "增", "满"} else numeral
    if (
        numeral == "十"
        and after.startswith("分")
        and not re.search(r"(?:[加扣得奖罚给减记计]|[-+:])$", before)
    ):
        return numeral  # 十分认真
    return str(arabic(numeral))


def arabic(text: str) -> Decimal | int:
    """Return the value of a Chinese numeral: 二十二 → 22, 两百五 → 250."""
    if text[0].isdigit():
        return Decimal(text)
    total = 0
    section = 0
    digit: int | None = None
    last = 1
    for sign in text:
        if sign in _DIGITS:
            digit = _DIGITS[sign] if digit is None else digit * 10 + _DIGITS[sign]
        elif sign in _TENS:
            last = _TENS[sign]
            section += (1 if digit is None else digit) * last
            digit = None
        else:
            last = _LARGE[sign]
            total = (total + section + (digit or 0)) * last
            section, digit = 0, None
    if digit is not None:
        # 两百五 is 250, 三千六 is 3600: the tail counts in the next lower place.
        short = last >= 100 and "零" not in text and "〇" not in text and 0 < digit < 10
        section += digit * last // 10 if short else digit
    return total + section


def amount_of(text: str) -> Decimal:
    """Return the value of an AMOUNT: "38万" → 380000, "1.5千" → 1500."""
    found = re.fullmatch(rf"({NUMBER})({MAGNITUDE})", text)
    if found is None:
        raise ValueError(text)
    value = Decimal(found[1].replace(",", ""))
    for sign in found[2]:
        value *= MAGNITUDES[sign]
    if value >= 10**20:
        return value
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value
