"""Units, periods and money in the wording of rules."""

from __future__ import annotations

import re
from decimal import Decimal

from meritbook.rules.tables.amounts import AMOUNT, MAGNITUDES, amount_of

COUNTERS = (
    "个客户|个?百分点|人次|人天|个|名|位|家|张|条|单(?!量)|笔|次|件|台|套|篇|份|人|户|例|项|批|箱|吨|公斤|小时|分钟"
    "|场|页|组|款|部(?![分门队])|辆|本|票|桌|瓶|份|米|斤|kg|分店|宗|起|则|封|课时|节|课|处|盒|只|把|双|块"
)
_PERIODS = (
    ("day", r"每个?工作日|工作日|每天|每日|天天|当天|当日|天|日"),
    ("week", r"每个?(?:周|星期|礼拜)|周|星期|礼拜"),
    ("month", r"每个?月度?|月度|月份|月"),
    ("quarter", r"每个?季度?|季度|季"),
    ("half_year", r"每?半年度?|半年"),
    ("year", r"每年度?|年度|年"),
)
_KEPT = r"(?=销|回款|产|业绩|营|完成|目标|考勤|出勤|到岗|满意|准确|合格|达标|增长|利润)"
_SPOKEN = (
    ("half_year", r"半年"),
    (
        "day",
        (
            r"每天|每日|每个?工作日|(?:^|[,;])当[天日](?=工作|任务|事|的|完成|内|日)|日报|日汇报|日总结|日清|日志|天天|/[天日]|每晚|每早"
            rf"|(?<![\d节假期生])日{_KEPT}"
            r"|(?:每个?)?(?:周|星期|礼拜)[一二三四五六日1-7](?:至|到|~|-)(?:周|星期|礼拜)?[一二三四五六日天1-7]"
        ),
    ),
    (
        "week",
        (
            r"每个?(?:周|星期|礼拜)|周报|周汇报|周总结|周例会|周计划|周志|本周|周度|/周"
            rf"|周(?:[一二三四五六日天](?!年)|[1-7初](?!\d)|末(?=之?前|提交|交|完成))|(?<!\d)周{_KEPT}"
        ),
    ),
    (
        "month",
        (
            r"每个?月|月报|月汇报|月总结|月度|(?<!\d)月[底末初]|[上中下]旬|当月|本月|次月|下个?月|(?<![\d个])月内|(?<![\d当本])月中(?=之?前|提交|交|完成)|全勤|/月|单月"
            rf"|(?<![\d个])月{_KEPT}"
        ),
    ),
    ("quarter", rf"每个?季|季度|季[底末初]|季报|季总结|本季|/季|季{_KEPT}"),
    (
        "year",
        rf"每年|年度|年终|年[底末初]|年中(?=之?前|提交|交|完成)|年报|全年|本年|/年|(?<![\d周])年{_KEPT}",
    ),
)
MONEY_CONTEXT = re.compile(
    r"销售额|业绩|金额|营业额|营收|收入|回款|货款|合同额|成交额|流水|产值|利润|元|万元|成本|费用"
)


def period_of_unit(text: str) -> str | None:
    """Return the period that a unit names: "天" → day, "季度" → quarter, else None."""
    for period, pattern in _PERIODS:
        if re.fullmatch(pattern, text):
            return period
    return None


def period_in(text: str) -> str | None:
    """Return the period that a sentence speaks of first, else None."""
    best: tuple[int, str] | None = None
    for period, pattern in _SPOKEN:
        found = re.search(pattern, text)
        if found and (best is None or found.start() < best[0]):
            best = (found.start(), period)
    return best[1] if best else None


def money_divisor(text: str) -> Decimal | None:
    """Return 元 per unit for a money unit: "千" → 1000, "万元" → 10000, "10元" → 10, else None."""
    found = re.fullmatch(
        rf"({AMOUNT})?([百千万亿]*)(?:元|块钱|块|人民币|rmb)?", text, re.IGNORECASE
    )
    if not found or not text:
        return None
    number, magnitude = found[1], found[2]
    if number is None and not magnitude:
        return Decimal(1) if text in {"元", "块", "块钱"} else None
    if text.isdigit():
        return None
    value = amount_of(number) if number else Decimal(1)
    for sign in magnitude:
        value *= MAGNITUDES[sign]
    return value


def counter_of(text: str) -> tuple[Decimal, str] | None:
    """Return (divisor, unit) for a counted unit: "个" → (1, 个), "10单" → (10, 单), else None."""
    found = re.fullmatch(rf"({AMOUNT})?([^\d\s]{{1,6}})", text)
    if found is None:
        return None
    divisor = amount_of(found[1]) if found[1] else Decimal(1)
    return divisor, found[2]
