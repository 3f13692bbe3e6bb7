"""Deadlines in the wording of rules: 每天 22 点前, 每周五下班前, 每月最后 1 天前, 4 点半前下单."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from meritbook.kit.words import told
from meritbook.rules.tables.clocks import BEFORE, CLOCK, END_OF_DAY, TIME, moment_of, with_digits
from meritbook.rules.tables.days import (
    LIMIT,
    TAIL,
    date_of_year,
    day_of_month,
    end_of_period,
    weekday,
    weekend,
)
from meritbook.rules.tables.limits import (
    ANY,
    DAY,
    Deadline,
    DeadlineReading,
    asked,
    limit_of,
    unclear,
)
from meritbook.rules.tables.vague import vague

_ORDER = r"(?:下单|下订单|订货|提单|提交订单|报修|申请|接单)"
_ORDERED = re.compile(rf"{CLOCK}{BEFORE}(?P<act>[^\d,;。]{{0,4}}?{_ORDER})")
_ORDERED_LATER = re.compile(rf"{CLOCK}(?:之后|以后|后)[^\d,;。]{{0,4}}?{_ORDER}")
_DUE = re.compile(
    rf"(?P<day>当天|当日|同日|第2天|第二天|次日|隔天|翌日|隔日)(?:{CLOCK})?(?P<before>{BEFORE})?"
)
_NEXT_DAY = re.compile(rf"{LIMIT}(?:次日|第2天|第二天|隔天|隔日|翌日){TAIL}")
_SAME_DAY = re.compile(
    r"(?:当[天日]|同日|今[天日])(?:之?内|以内|之?前|(?=完成|提交|上?交|上报|汇报|录入|回复|处理|反馈|更新|发|办))"
)
_TIME = re.compile(rf"(?:每[天日]|当[天日])?的?{LIMIT}在?(?P<time>{TIME})(?P<before>{BEFORE})?")
_MOST = 6
"""So many deadlines of one text are looked at."""


def deadlines_in(text: str) -> list[DeadlineReading]:
    """Return what a squeezed text says about time, the most telling kind first."""
    text = with_digits(text)
    if cut_off := cut_off_in([text]):
        return [cut_off]
    found: list[DeadlineReading] = []
    for read in _READERS:
        while len(found) < _MOST and (reading := read(text)):
            found.append(reading)
            start, end = reading.place
            text = f"{text[:start]}{'□' * (end - start)}{text[end:]}"
    return found


def without_deadlines(text: str) -> str:
    """Return a squeezed text with the words about time cut out: what is left may be counted."""
    for reading in deadlines_in(text):
        if reading.place != (0, 0):
            text = text.replace(reading.text, ";", 1)
    return text


def date_in(text: str) -> Deadline | None:
    """Return the day of a month that a squeezed text names, None when it names none."""
    return next((found.deadline for found in deadlines_in(text) if found.is_date), None)


def cut_off_in(texts: Sequence[str]) -> DeadlineReading | None:
    """Return the cut-off that several squeezed cells of one process describe together."""
    early = next(((m, t) for t in texts if (m := _ORDERED.search(t))), None)
    if early is None:
        return None
    match, text = early
    at = moment_of(match)
    deadline: Deadline = {
        "kind": "cut_off",
        "time": at.at,
        "before": "same_day",
        "after": "next_day",
    }
    later = next((m for t in texts if (m := _ORDERED_LATER.search(t))), None)
    if due := _DUE.search(text, match.end()):
        deadline["before"] = _relative(due)
    if later is not None and (due := _DUE.search(later.string, later.end())):
        deadline["after"] = _relative(due)
    return DeadlineReading(
        deadline=deadline, text=match[0], questions=at.questions, remark=at.remark, periods=ANY
    )


def _relative(due: re.Match[str]) -> str:
    name = "same_day" if due["day"] in {"当天", "当日", "同日"} else "next_day"
    return f"{name} {moment_of(due).at}" if due["hour"] else name


def _next_day(text: str) -> DeadlineReading | None:
    """次日 10 点前: the model counts a duty on the day on which it is done."""
    found = _NEXT_DAY.search(text)
    if found is None:
        return None
    doubt = told("“%(found)s”在第二天，算哪一天的工作？", found=found[0])
    if not found["time"]:
        return replace(unclear(found, doubt), explicit=True)
    reading = limit_of(found, {"kind": "time_of_day"}, DAY)
    proposal = told("算完成的那一天，%(time)s 前算按时", time=reading.time)
    return asked(replace(reading, questions=(), doubt=doubt), doubt, proposal)


def _time_of_day(text: str) -> DeadlineReading | None:
    for found in _TIME.finditer(text):
        if found["word"] and not found["before"]:
            continue  # 下班 alone is a thing: 下班关灯
        return limit_of(found, {"kind": "time_of_day"}, DAY)
    return None


def _same_day(text: str) -> DeadlineReading | None:
    found = _SAME_DAY.search(text)
    if found is None:
        return None
    deadline: Deadline = {"kind": "time_of_day", "time": END_OF_DAY}
    doubt = told("“%(found)s”从哪一天算起？", found=found[0])
    return replace(limit_of(found, deadline, DAY), explicit=True, doubt=doubt)


_READERS: tuple[Callable[[str], DeadlineReading | None], ...] = (
    vague,
    weekday,
    weekend,
    day_of_month,
    date_of_year,
    end_of_period,
    _next_day,
    _time_of_day,
    _same_day,
)
