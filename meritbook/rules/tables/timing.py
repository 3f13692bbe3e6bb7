"""The deadline of a draft, from all that its line says about time; what cannot be used is asked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from meritbook.kit.words import told
from meritbook.rules.tables.deadlines import cut_off_in, deadlines_in
from meritbook.rules.tables.drafts import Draft
from meritbook.rules.tables.limits import Deadline, DeadlineReading, fits
from meritbook.rules.tables.readers import PERIOD_NAMES, Doubts, Reader
from meritbook.rules.tables.vague import ODD_PERIOD

_OWN_PERIOD = {
    "time_of_day": "day",
    "cut_off": "day",
    "weekday": "week",
    "day_of_month": "month",
    "last_day": "month",
    "first_day_of_next": "month",
}
"""The period that a deadline implies where a rule has none of its own."""
_COUNTED_BY_PERIOD = {"S1", "S2", "S3", "S4", "S5"}
_WINDOWED, _PER_OCCURRENCE = {"S4", "S5"}, {"S1", "S3"}


def duty_deadline(reader: Reader, period: str, doubts: Doubts) -> Deadline | None:
    """Return the deadline of a duty from its standard, else from its result or process."""
    for text in dict.fromkeys((reader.standard, reader.result, reader.process, reader.indicator)):
        if not text:
            continue
        cut_off = cut_off_in([text, *reader.siblings])
        said = [cut_off] if cut_off else deadlines_in(text)
        own = text == reader.standard
        chosen = next((each for each in said if fits(each, period)), None)
        for each in said:
            if not _is_same(each, chosen) and (own or each.explicit):
                _left_out(each, period, doubts, own=own)
        if chosen is not None:
            return _accepted(chosen, period, doubts)
        if own and any(each.doubt for each in said):
            return None  # the standard speaks for itself, though nobody can check it
    return None


def with_deadline(reader: Reader, draft: Draft, doubts: Doubts) -> Draft:
    """Add what a standard of another shape says of a limit; a deduction says what went wrong."""
    if (odd := ODD_PERIOD.search(reader.standard)) and draft.shape in _COUNTED_BY_PERIOD:
        doubts.ask(
            "period",
            told("“%(text)s”不是这里有的周期", text=odd[0]),
            told("每%(period)s计一次", period=PERIOD_NAMES[draft.period])
            if draft.period and draft.shape != "S3"
            else told("登记一次算一次"),
        )
    if draft.shape in {"S2", "S6"} or draft.deadline is not None:
        return draft
    gains = (draft.points or draft.points_max or Decimal(0)) > 0 or draft.multiplier is not None
    if not gains and draft.shape != "S7":
        return draft
    said = [each for each in deadlines_in(reader.standard) if each.explicit or _is_certain(each)]
    chosen = next((each for each in said if _can_bound(each, draft)), None)
    for each in said:
        if each is not chosen and (each.doubt or each.deadline is not None):
            doubts.ask("deadline", each.doubt or _unchecked(each), _uncounted(draft))
    if chosen is None:
        return draft
    if chosen.is_date and draft.shape in _PER_OCCURRENCE:
        doubts.ask(
            "deadline",
            told("“%(text)s”过后做到的，还计分吗？", text=chosen.text),
            told("计，日期只作计划"),
        )
        return replace(draft, deadline=chosen.deadline)
    return replace(draft, deadline=_accepted(chosen, draft.period, doubts))


def _is_same(found: DeadlineReading, chosen: DeadlineReading | None) -> bool:
    """Say whether the words only repeat the day: 周六前(含周六)."""
    if found is chosen or chosen is None or found.deadline is None or chosen.deadline is None:
        return found is chosen
    return found.deadline | {"time": ""} == chosen.deadline | {"time": ""}


def _is_certain(found: DeadlineReading) -> bool:
    """Say whether words without 前 set a limit all the same: 每周五, 每月 5 日, 8:30."""
    if found.deadline is None:
        return False
    if found.deadline["kind"] == "time_of_day":
        return not found.questions
    return found.text.startswith("每")


def _can_bound(found: DeadlineReading, draft: Draft) -> bool:
    if found.deadline is None:
        return False
    if draft.shape in _WINDOWED:
        return fits(found, draft.period)
    if draft.shape not in _PER_OCCURRENCE or found.doubt:
        return False
    kind = str(found.deadline["kind"])
    return found.is_date or fits(found, draft.period or _OWN_PERIOD[kind])


def _accepted(found: DeadlineReading, period: str | None, doubts: Doubts) -> Deadline | None:
    doubts.questions.extend(q for q in found.questions if q not in doubts.questions)
    if found.remark:
        doubts.remark("time_read", found.remark, told("写成 24 小时制，如 16:30"))
    deadline = found.deadline
    if deadline is None or period is None:
        return deadline
    name = PERIOD_NAMES[period]
    if found.is_date and period != "year":
        doubts.ask(
            "deadline",
            told("“%(text)s”只是其中一次的日期", text=found.text),
            told("每%(period)s的最后一天都算按时", period=name),
        )
        return {"kind": "last_day"}
    if deadline["kind"] == "day_of_month" and period == "quarter":
        doubts.ask(
            "deadline",
            told("“%(text)s”是季度里的哪个月？", text=found.text),
            told("每季度最后一个月的 %(day)s 日", day=deadline["day"]),
        )
    return deadline


def _left_out(found: DeadlineReading, period: str, doubts: Doubts, *, own: bool) -> None:
    """Say which words about time the deadline of a duty does not carry."""
    name = PERIOD_NAMES[period]
    if found.deadline is None and not found.doubt:
        return
    if found.deadline is None and own:
        doubts.ask("deadline", found.doubt, told("不核对时间，每%(period)s做到就计分", period=name))
    elif found.deadline is None:
        doubts.remark("deadline_unclear", found.doubt, told("写成“每月 5 日前”这样的形式"))
    elif fits(found, period):
        doubts.ask(
            "deadline",
            told("“%(text)s”是另一个时限", text=found.text),
            told("只用前一个时限"),
        )
    else:
        doubts.remark(
            "deadline_other_period",
            told(
                "“%(text)s”与每%(period)s计分的周期不同，没有用作时限",
                text=found.text,
                period=name,
            ),
            told("如要限时，请写成同一周期"),
        )


def _unchecked(found: DeadlineReading) -> str:
    return told("“%(text)s”这个时限，计分时没法核对", text=found.text)


def _uncounted(draft: Draft) -> str:
    if draft.shape == "S7":
        return told("按事件里的应交日期计")
    return told("不核对时间，登记了就计分")
