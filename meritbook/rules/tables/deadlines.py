"""Deadlines in the wording of rules: 每天 22 点前, 每周五下班前, 每月最后 1 天前, 4 点半前下单."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from meritbook.kit.words import told
from meritbook.rules.tables.drafts import Question

Deadline = dict[str, str | int]

_PART = r"(?P<part>凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|晚|夜里)?"
_CLOCK = rf"{_PART}(?P<hour>\d{{1,2}})(?::(?P<minute>\d{{2}})|[点时](?:(?P<half>半)|(?P<minute2>\d{{1,2}})分?|整)?)"
_BEFORE = r"(?:之前|以前|前|截止|止)"
_WEEKDAYS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "日": 7, "天": 7, "末": 7}
_AFTERNOON = {"下午", "傍晚", "晚上", "晚间", "晚", "夜里"}

_ORDERED = re.compile(
    rf"{_CLOCK}{_BEFORE}(?P<act>[^\d,;。]{{0,4}}?(?:下单|下订单|订货|提单|提交订单|报修|申请|接单))"
)
_ORDERED_LATER = re.compile(
    rf"{_CLOCK}(?:之后|以后|后)[^\d,;。]{{0,4}}?(?:下单|下订单|订货|提单|提交订单|报修|申请|接单)"
)
_DUE = re.compile(
    rf"(?P<day>当天|当日|同日|第2天|第二天|次日|隔天|翌日|隔日)(?:{_CLOCK})?(?P<before>{_BEFORE})?"
)
_WEEKDAY = re.compile(
    rf"(?:每个?|次|下|本)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末])的?(?:{_CLOCK}|(?P<off>下班))?(?P<before>{_BEFORE})?"
)
_TIME = re.compile(rf"{_CLOCK}(?P<before>{_BEFORE})")
_LAST_DAY = re.compile(
    rf"(?:每个?|当|本)?月(?:的)?(?:度)?(?:最后1[天日]|底|末|终)(?P<time>{_CLOCK})?(?P<before>{_BEFORE})?"
)
_DAY = re.compile(
    rf"(?P<which>每个?月|次月|下个?月|当月|本月)的?(?P<day>\d{{1,2}})[日号](?P<time>{_CLOCK})?(?P<before>{_BEFORE})?"
)
_DATE = re.compile(
    rf"(?<!\d)(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})[日号](?P<time>{_CLOCK})?{_BEFORE}?"
)

_FITS = {
    "time_of_day": {"day"},
    "weekday": {"week"},
    "last_day": {"month", "quarter", "half_year", "year"},
    "day_of_month": {"month", "quarter"},
    "first_day_of_next": {"month", "quarter", "half_year", "year"},
    "date": {"year", "month"},
}


@dataclass(frozen=True, slots=True)
class DeadlineReading:
    """A deadline with the words that say it and the doubts about it."""

    deadline: Deadline
    text: str
    questions: tuple[Question, ...] = ()
    remark: str = ""


def fits(deadline: Deadline, period: str | None) -> bool:
    """Say whether a deadline can belong to a duty of that period."""
    return period in _FITS.get(str(deadline["kind"]), set())


def deadline_in(text: str) -> DeadlineReading | None:
    """Return the deadline that a squeezed text names, None when it names none."""
    for read in (_cut_off_alone, _weekday, _last_day, _day_of_month, _date, _time_of_day):
        if found := read(text):
            return found
    return None


def cut_off_in(texts: Sequence[str]) -> DeadlineReading | None:
    """Return the cut-off that several squeezed cells of one process describe together."""
    early = next(((m, t) for t in texts if (m := _ORDERED.search(t))), None)
    if early is None:
        return None
    match, text = early
    at, remark = _clock(match)
    deadline: Deadline = {"kind": "cut_off", "time": at, "before": "same_day", "after": "next_day"}
    later = next((m for t in texts if (m := _ORDERED_LATER.search(t))), None)
    if due := _DUE.search(text, match.end()):
        deadline["before"] = _relative(due)
    if later is not None and (due := _DUE.search(later.string, later.end())):
        deadline["after"] = _relative(due)
    return DeadlineReading(deadline=deadline, text=match[0], remark=remark)


def _cut_off_alone(text: str) -> DeadlineReading | None:
    return cut_off_in([text])


def _relative(due: re.Match[str]) -> str:
    name = "same_day" if due["day"] in {"当天", "当日", "同日"} else "next_day"
    return f"{name} {_clock(due)[0]}" if due["hour"] else name


def _weekday(text: str) -> DeadlineReading | None:
    found = _WEEKDAY.search(text)
    if found is None or not (found["hour"] or found["off"] or found["before"]):
        return None
    deadline: Deadline = {"kind": "weekday", "weekday": _WEEKDAYS[found["weekday"]]}
    questions: tuple[Question, ...] = ()
    remark = ""
    if found["hour"]:
        deadline["time"], remark = _clock(found)
    elif found["off"]:
        deadline["time"] = "18:00"
        questions = (_off_work(found[0]),)
    return DeadlineReading(deadline=deadline, text=found[0], questions=questions, remark=remark)


def _time_of_day(text: str) -> DeadlineReading | None:
    if found := _TIME.search(text):
        at, remark = _clock(found)
        return DeadlineReading(
            deadline={"kind": "time_of_day", "time": at}, text=found[0], remark=remark
        )
    if found := re.search(r"(?:每[天日]|当[天日])?下班前", text):
        return DeadlineReading(
            deadline={"kind": "time_of_day", "time": "18:00"},
            text=found[0],
            questions=(_off_work(found[0]),),
        )
    return None


def _last_day(text: str) -> DeadlineReading | None:
    found = _LAST_DAY.search(text)
    if found is None:
        return None
    deadline: Deadline = {"kind": "last_day"}
    questions: tuple[Question, ...] = ()
    if found["time"]:
        deadline["time"] = _clock(found)[0]
    elif "最后" in found[0] and found["before"]:
        questions = (
            Question(
                field="deadline",
                text=told("“%(found)s”是否包括最后一天当天?", found=found[0]),
                proposal=told("包括,到当月最后一天 24:00"),
            ),
        )
    return DeadlineReading(deadline=deadline, text=found[0], questions=questions)


def _day_of_month(text: str) -> DeadlineReading | None:
    found = _DAY.search(text)
    if found is None or not 1 <= int(found["day"]) <= 31:
        return None
    day = int(found["day"])
    of_next = found["which"] in {"次月", "下个月", "下月"}
    deadline: Deadline
    questions: tuple[Question, ...] = ()
    if day == 1 and (of_next or found["which"].startswith("每")):
        deadline = {"kind": "first_day_of_next"}
        if not of_next:
            questions = (
                Question(
                    field="deadline",
                    text=told("“%(found)s”是哪个月的 1 号?", found=found[0]),
                    proposal=told("次月 1 日,算上个月的工作"),
                ),
            )
    else:
        deadline = {"kind": "day_of_month", "day": day}
        if of_next:
            questions = (
                Question(
                    field="deadline",
                    text=told("“%(found)s”在次月,算哪个月的工作?", found=found[0]),
                    proposal=told("每月 %(day)s 日前,算提交的当月", day=day),
                ),
            )
    if found["time"]:
        deadline["time"] = _clock(found)[0]
    return DeadlineReading(deadline=deadline, text=found[0], questions=questions)


def _date(text: str) -> DeadlineReading | None:
    found = _DATE.search(text)
    if found is None or not (1 <= int(found["month"]) <= 12 and 1 <= int(found["day"]) <= 31):
        return None
    deadline: Deadline = {
        "kind": "date",
        "month": int(found["month"]),
        "day": int(found["day"]),
    }
    if found["time"]:
        deadline["time"] = _clock(found)[0]
    return DeadlineReading(deadline=deadline, text=found[0])


def _clock(found: re.Match[str]) -> tuple[str, str]:
    """Return "HH:MM" and, where morning or afternoon was not said, a remark."""
    hour = int(found["hour"])
    minute = 30 if found["half"] else int(found["minute"] or found["minute2"] or 0)
    part = found["part"] or ""
    remark = ""
    if (part in _AFTERNOON and hour < 12) or (part == "中午" and hour < 10):
        hour += 12
    elif not part and 1 <= hour <= 6 and not found["minute"]:
        # Nobody takes orders at half past four in the night.
        hour += 12
        said = f"{found['hour']}点" + ("半" if found["half"] else "")
        remark = told("“%(said)s”读作下午 %(clock)s", said=said, clock=f"{hour:02d}:{minute:02d}")
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        hour, minute = 24, 0
    return f"{hour:02d}:{minute:02d}", remark


def _off_work(text: str) -> Question:
    return Question(
        field="deadline", text=told("“%(text)s”没有写几点", text=text), proposal=told("18:00 前")
    )
