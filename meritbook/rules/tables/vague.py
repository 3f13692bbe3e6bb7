"""Words for a time that is no certain day, or that no kind of deadline can express: 月初, 3 天内."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from meritbook.kit.words import told
from meritbook.rules.tables.clocks import BEFORE, CLOCK, END_OF_DAY
from meritbook.rules.tables.days import LIMIT, TAIL
from meritbook.rules.tables.limits import (
    LONG,
    WEEK,
    YEAR,
    Deadline,
    DeadlineReading,
    asked,
    limit_of,
    unclear,
    weekday_name,
)

_OF_MONTH = r"(?:(?:每个?|当|本|次|下个?)月度?的?)"
_WEEK = r"(?:周|星期|礼拜)"
_DAY = r"[一二三四五六日天1-7]"
WEEK_SPAN = re.compile(rf"(?:每个?)?{_WEEK}{_DAY}(?:至|到|~|-){_WEEK}?{_DAY}")
"""周一至周五 says on which days something is done, not until when."""
ODD_PERIOD = re.compile(
    r"每(?:[2-9]|\d\d)个?(?:天|日|周|星期|礼拜|月|季度?|年)(?!内)|每?半个?月|每?[双单](?:周|月)|隔(?:天|日|周|月)(?=提交|交|完成|做|打|进行|开|检|盘|巡|召|更|发|周|[,;.]|$)|每旬"
)
"""每两周: a period that is none of ours."""


@dataclass(frozen=True, slots=True)
class _Proposed:
    pattern: re.Pattern[str]
    deadline: Deadline
    periods: frozenset[str]
    proposal: str = ""
    """With the time to be filled in. Empty where the words say the day well enough: 上旬 ends on the tenth."""


def _proposed(
    pattern: str, deadline: Deadline, periods: frozenset[str], proposal: str = ""
) -> _Proposed:
    return _Proposed(re.compile(f"{LIMIT}(?:{pattern}){TAIL}"), deadline, periods, proposal)


_MONTHLY = frozenset({"month"})
_PROPOSED = (
    _proposed(rf"{_OF_MONTH}?上旬", {"kind": "day_of_month", "day": 10}, _MONTHLY),
    _proposed(rf"{_OF_MONTH}?中旬", {"kind": "day_of_month", "day": 20}, _MONTHLY),
    _proposed(rf"{_OF_MONTH}?下旬", {"kind": "last_day"}, _MONTHLY),
    _proposed(
        rf"{_OF_MONTH}?月初|{_OF_MONTH}初",
        {"kind": "day_of_month", "day": 5},
        _MONTHLY,
        told("每月 5 日 %(time)s 前算按时"),
    ),
    _proposed(
        rf"{_OF_MONTH}?月中(?=之?前|以前|提交|交|完成|上报|[,;.]|$)|{_OF_MONTH}中(?=之?前)",
        {"kind": "day_of_month", "day": 15},
        _MONTHLY,
        told("每月 15 日 %(time)s 前算按时"),
    ),
    _proposed(
        rf"(?:每|本|当)?{_WEEK}的?最后1个?工作日",
        {"kind": "weekday", "weekday": 5, "time": END_OF_DAY},
        WEEK,
        told("%(weekday)s %(time)s 前算按时"),
    ),
    _proposed(
        r"(?:每|本|当)?周初",
        {"kind": "weekday", "weekday": 1, "time": END_OF_DAY},
        WEEK,
        told("%(weekday)s %(time)s 前算按时"),
    ),
    _proposed(
        r"(?:每|本|当)?周中(?=之?前|提交|交|完成|[,;.]|$)",
        {"kind": "weekday", "weekday": 3, "time": END_OF_DAY},
        WEEK,
        told("%(weekday)s %(time)s 前算按时"),
    ),
    _proposed(
        r"(?:每年?|本|当|今)?年初",
        {"kind": "date", "month": 1, "day": 31},
        YEAR,
        told("每年 1 月 31 日 %(time)s 前算按时"),
    ),
    _proposed(
        r"(?:每年?|本|当|今)?年中(?=之?前|以前|提交|交|完成)",
        {"kind": "date", "month": 6, "day": 30},
        YEAR,
        told("每年 6 月 30 日 %(time)s 前算按时"),
    ),
    _proposed(
        rf"(?:{_OF_MONTH}|(?:每个?|本|当)?(?:季度?|半年度?|年度?)的?)?(?:倒数第?\d+[天日]|最后(?:[2-9]|\d\d)[天日](?:之内|以内|内)?"
        r"|最后\d*个?工作日(?:之内|以内|内)?)",
        {"kind": "last_day"},
        LONG,
        told("到最后一天 %(time)s 都算按时"),
    ),
)
_UNCLEAR = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{LIMIT}{_OF_MONTH}?的?(?:第\d+周|(?:第\d+|最后1?)个?{_WEEK}(?:的?{_WEEK})?)(?:的?{_WEEK}?{_DAY}(?!\d))?{TAIL}",
        rf"{LIMIT}(?:(?:每个?|本|当|次|下个?|上)?(?:季度?|半年度?)的?)(?:(?:第\d+|头1|最后1|首|次)个?月)的?(?:\d{{1,2}}[日号]|底|末|初|内|之内)?{TAIL}",
        rf"{LIMIT}(?:每个?|本|当)?季度?的?\d{{1,2}}[日号]{TAIL}",
        rf"{LIMIT}(?:次|下个?)(?:季度?|半年)的?(?:\d{{1,2}}[日号]|初|内)?{TAIL}",
        rf"{LIMIT}(?:每个?|本|当)?季度?的?(?:季度?)?初{TAIL}",
        r"(?:(?:每个?|当|本)?(?:月度?|季度?|半年度?|年度?)的?(?:结束|终了|底|末)?之?后的?)?(?<![前每\d.])\d+(?:个?工作日|个?自然日|[天日]|周|个?星期|个?月)(?:之内|以内|内)",
        rf"{LIMIT}(?:{_OF_MONTH}|(?:每个?|本|当)?(?:周|季度?|年度?)的?|次|下)?(?:第\d+|头\d*|前\d+|首)个?工作日(?:之内|以内|内)?{TAIL}",
        rf"(?:每个?|本|当|次|下个?)?{_WEEK}{_DAY}(?:之后|以后|后)",
        rf"(?:{_OF_MONTH}|(?<![月\d]))\d{{1,2}}[日号](?:之后|以后|后(?!台))",
        rf"(?:春节|国庆节?|中秋节?|元旦|端午节?|清明节?|五一|劳动节|过年|放假|长假|节假日|假期)(?:假期)?{BEFORE}",
        rf"在?{CLOCK}(?:至|到|~|-)(?:次日)?(?:上午|下午|晚上|晚)?\d{{1,2}}(?::\d{{2}}|[点时]半?)(?:之间|期间)?",
        r"在?(?:早上|上午|中午|下午|晚上|晚)?(?<!\d)\d{1,2}(?::\d{2}|[点时](?:半|\d{1,2}分?)?)(?:之后|以后|后|起)",
    )
)


def vague(text: str) -> DeadlineReading | None:
    """Return what such words come to: a proposed day with a question, or no deadline and a doubt."""
    if found := WEEK_SPAN.search(text):
        return replace(unclear(found, ""), explicit=False)
    for each in _PROPOSED:
        if found := each.pattern.search(text):
            reading = limit_of(found, each.deadline, each.periods)
            if not each.proposal:
                return reading
            doubt = told("“%(found)s”没有写明是哪一天", found=found[0])
            said = {"time": reading.time, "weekday": weekday_name(each.deadline)}
            return asked(replace(reading, questions=()), doubt, each.proposal % said)
    for pattern in _UNCLEAR:
        if found := pattern.search(text):
            return replace(
                unclear(found, told("“%(found)s”这样的时限还不能自动核对", found=found[0])),
                explicit=True,
            )
    return None
