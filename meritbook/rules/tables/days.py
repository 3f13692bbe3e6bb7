"""Days in the wording of rules: 每周五, 每月 5 日前, 月底, 季度末, 12 月 31 日前, 次月 3 日前."""

from __future__ import annotations

import re
from dataclasses import replace

from meritbook.kit.words import told
from meritbook.rules.tables.clocks import BEFORE, TIME
from meritbook.rules.tables.limits import (
    LONG,
    OF_WEEK,
    WEEK,
    YEAR,
    DeadlineReading,
    asked,
    limit_of,
    unclear,
    until_midnight,
    weekday_name,
)

LIMIT = r"(?P<limit>不晚于|不迟于|最晚|最迟|至迟|截止(?:时间|日期)?[为是:到至在]*|截至|赶在)?"
TAIL = rf"的?(?:[,;]?(?P<time>{TIME}))?(?P<before>{BEFORE})?"

_WEEK = r"(?:周|星期|礼拜)"
_SIGN = r"[一二三四五六日天1-7]"
_NOT_A_COUNT = (
    r"(?![一二三四五六七八九十百.%次篇条家名位张笔件台套遍趟年岁内以之后前里]|个(?!别|人)|前后)"
)
_DAY_OF_WEEK = (
    rf"{_WEEK}(?!一[起定直般致共律些])(?:[一二三四五六日天]{{2,7}}(?![报志程清常])|[一二三四五六日天]|[1-7](?!\d))"
    rf"(?:(?={BEFORE})|{_NOT_A_COUNT})"
)
_WEEKDAY = re.compile(
    rf"{LIMIT}(?P<which>每个?|次|下个?|本|当)?(?P<first>{_DAY_OF_WEEK})"
    rf"(?P<others>(?:(?:[、,;/]|和|及|与|或)每?(?:{_DAY_OF_WEEK}|[一二三四五六日1-7](?=[^\d一二三四五六七八九十.%:个次条篇家名点时日号月分])))*)(?:当[天日])?{TAIL}"
)
_WEEKEND = re.compile(rf"{LIMIT}(?:每个?|本|当)?(?:周末|周底|{_WEEK}的?最后1[天日]){TAIL}")
_LAST = r"(?:(?P<last>最后1[天日])|[底末]|终(?!止|端|于|生|极))"
_ENDS = (
    ("half_year", rf"{LIMIT}(?:每个?|本)?[上下]?半年度?的?{_LAST}{TAIL}"),
    ("quarter", rf"{LIMIT}(?:每个?|本|当)?(?:季度?的?)?季度?的?{_LAST}{TAIL}"),
    (
        "month",
        rf"{LIMIT}(?:(?:每个?|当|本)月(?:度|份)?的?月?|(?<![\d个])月(?:度|份)?的?){_LAST}{TAIL}",
    ),
    ("year", rf"{LIMIT}(?:[每本当全今]年度?的?)?(?<!半)(?:年|(?<=年))度?的?{_LAST}{TAIL}"),
)
_END = tuple((period, re.compile(pattern)) for period, pattern in _ENDS)
_NOUN = re.compile(r"总结|奖|考核|考评|评|盘|大会|述职|报告|结|决|绩效|工资")
_DAY = re.compile(
    rf"{LIMIT}(?P<which>每个?月度?|次月|下个?月|当月|本月)的?"
    rf"(?:(?:(?P<first>\d{{1,2}})[日号]?(?:至|到|~|-))?(?P<day>\d{{1,2}})(?:[日号]|(?={BEFORE}))"
    rf"(?P<others>(?:(?:[、,;/]|和|及|与|或)\d{{1,2}}[日号])*)|(?P<one>第1[天日]|首日|头1[天日])|前(?P<within>\d{{1,2}})[天日](?:之内|以内|内)?){TAIL}"
)
_BARE_DAY = re.compile(
    rf"(?<![月\d.:提/-])(?P<day>\d{{1,2}})[日号](?P<time>{TIME})?(?P<before>{BEFORE})"
)
_DATE = re.compile(
    rf"{LIMIT}(?P<which>次年|第2年|下1?年|明年|每年|当年|今年|本年|\d{{4}}年)?的?(?<![\d.])(?P<month>\d{{1,2}})"
    rf"(?:月份?(?:(?P<day>\d{{1,2}})[日号]|(?P<end>底|末)|(?P<inside>之内|内)|(?P<alone>(?={BEFORE})))"
    rf"|[/.-](?P<day2>\d{{1,2}})日?(?={BEFORE})){TAIL}"
)


def weekday(text: str) -> DeadlineReading | None:
    """每周五 22 点前, 周三、周五; a weekday without a time lasts until its midnight."""
    found = _WEEKDAY.search(text)
    if found is None:
        return None
    named = re.findall(_SIGN, f"{found['first']}{found['others']}")
    day = max(OF_WEEK.find("日" if sign == "天" else sign) + 1 or int(sign) for sign in named)
    reading = limit_of(found, {"kind": "weekday", "weekday": day}, WEEK)
    if len(named) > 1:
        return _of_several(reading)
    reading = until_midnight(reading)
    if found["which"] in {"次", "下", "下个"}:
        return asked(
            reading,
            told("“%(found)s”在下一周，算哪一周的工作？", found=found[0]),
            told("算提交的那一周"),
        )
    return reading


def _of_several(reading: DeadlineReading) -> DeadlineReading:
    """One duty a week has one deadline: the last of the days named."""
    deadline = {**(reading.deadline or {}), "time": reading.time}
    return asked(
        replace(reading, deadline=deadline),
        told("“%(found)s”写了几天，各算一次吗？", found=reading.text),
        told(
            "每周计一次，%(weekday)s %(time)s 前算按时",
            weekday=weekday_name(deadline),
            time=reading.time,
        ),
    )


def weekend(text: str) -> DeadlineReading | None:
    """周末前, 每周最后一天."""
    found = _WEEKEND.search(text)
    if found is None:
        return None
    return until_midnight(limit_of(found, {"kind": "weekday", "weekday": 7}, WEEK))


def end_of_period(text: str) -> DeadlineReading | None:
    """月底, 每月最后 1 天前, 季度末, 半年底, 年底前."""
    for period, pattern in _END:
        for found in pattern.finditer(text):
            if period == "year" and not found["before"] and _NOUN.match(text, found.end()):
                continue  # 年终总结 is a thing, not a time
            periods = LONG if period == "month" else frozenset({period})
            reading = limit_of(found, {"kind": "last_day"}, periods)
            if not (found["last"] and found["before"]) or found["time"]:
                return reading
            return asked(
                reading,
                told("“%(found)s”是否包括最后一天当天？", found=found[0]),
                told("包括，到当月最后一天 24:00")
                if period == "month"
                else told("包括，到最后一天 24:00"),
            )
    return None


def day_of_month(text: str) -> DeadlineReading | None:
    """每月 10 日前, 每月 1 号, 次月 3 日前, 每月 1 至 5 日, 每月前 5 天."""
    found = _DAY.search(text)
    if found is None:
        return _bare_day(text)
    day = 1 if found["one"] else int(found["day"] or found["within"])
    of_next = found["which"] in {"次月", "下个月", "下月"}
    if not 1 <= day <= 31:
        return unclear(found, told("“%(found)s”没有这一天", found=found[0]))
    if day == 1 and not found["first"] and (of_next or found["which"].startswith("每")):
        reading = limit_of(found, {"kind": "first_day_of_next"}, LONG)
        if of_next:
            return reading
        return asked(
            reading,
            told("“%(found)s”是哪个月的 1 号？", found=found[0]),
            told("次月 1 日，算上个月的工作"),
        )
    others = [int(number) for number in re.findall(r"\d+", found["others"] or "")]
    day = max([day, *(other for other in others if other <= 31)])
    reading = limit_of(found, {"kind": "day_of_month", "day": day}, frozenset({"month", "quarter"}))
    if others:
        return asked(
            reading,
            told("“%(found)s”写了几天，各算一次吗？", found=found[0]),
            told("每月计一次，%(day)s 日前算按时", day=day),
        )
    if of_next:
        return asked(
            reading,
            told("“%(found)s”在次月，算哪个月的工作？", found=found[0]),
            told("每月 %(day)s 日前，算提交的当月", day=day),
        )
    if found["first"] and int(found["first"]) > 1:
        return asked(
            reading,
            told("“%(found)s”之前做完的算不算？", found=found[0]),
            told("算，%(day)s 日前都算按时", day=day),
        )
    return reading


def _bare_day(text: str) -> DeadlineReading | None:
    found = _BARE_DAY.search(text)
    if found is None or not 1 <= int(found["day"]) <= 31:
        return None
    return limit_of(found, {"kind": "day_of_month", "day": int(found["day"])}, frozenset({"month"}))


def date_of_year(text: str) -> DeadlineReading | None:
    """12 月 31 日前, 3 月底前, 12/31 前, 次年 1 月 15 日前."""
    found = _DATE.search(text)
    if found is None:
        return None
    month = int(found["month"]) - (1 if found["alone"] is not None and found["month"] != "1" else 0)
    day = int(found["day"] or found["day2"] or 31)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return unclear(found, told("“%(found)s”没有这一天", found=found[0]))
    day = min(day, 29 if month == 2 else 30 if month in {4, 6, 9, 11} else 31)
    periods = YEAR | _periods_ending(month, day)
    reading = limit_of(found, {"kind": "date", "month": month, "day": day}, periods)
    which = found["which"] or ""
    if found["alone"] is not None:
        return asked(
            reading,
            told("“%(found)s”是否包括当月？", found=found[0]),
            told("不包括，%(month)s 月 %(day)s 日前算按时", month=month, day=day),
        )
    if which[:1] in {"次", "下", "明", "第"}:
        return asked(
            reading,
            told("“%(found)s”在下一年，算哪一年的工作？", found=found[0]),
            told("每年 %(month)s 月 %(day)s 日前，算提交的当年", month=month, day=day),
        )
    if which[:1].isdigit():
        return asked(
            reading,
            told("“%(found)s”只限这一年吗？", found=found[0]),
            told("不限，每年 %(month)s 月 %(day)s 日前", month=month, day=day),
        )
    return reading


def _periods_ending(month: int, day: int) -> frozenset[str]:
    """Return the shorter periods that end on a day: 30 June ends a quarter and a half-year."""
    if (month, day) in {(6, 30), (12, 31)}:
        return frozenset({"half_year"})
    return frozenset()
