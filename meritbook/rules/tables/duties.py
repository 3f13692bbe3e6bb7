"""S2: a duty done as required in a period, with its checklist and its deadline."""

from __future__ import annotations

import re
from dataclasses import replace

from meritbook.kit.words import told
from meritbook.rules.tables import measures
from meritbook.rules.tables.deadlines import DeadlineReading, cut_off_in, deadline_in, fits
from meritbook.rules.tables.drafts import Draft
from meritbook.rules.tables.readers import PERIOD_NAMES, Doubts, Reader
from meritbook.rules.tables.units import period_in

_DONE = re.compile(r"按要求|按标准|达标|完成|按规定|做到|合格|工作量|达到要求")


def duty(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    """S2: done as required in a period."""
    if reader.negative:
        return None
    period = reader.worth.period
    if period is None and reader.worth.unit is None:
        period = period_in(reader.standard) or period_in(reader.indicator)
        if period is None and _DONE.search(reader.standard):
            period = period_in(reader.process) or period_in(reader.result)
            if period is not None:
                doubts.ask(
                    "period",
                    told("“%(points)s”没有写单位", points=reader.line.points),
                    told("每%(period)s完成得一次", period=PERIOD_NAMES[period]),
                )
    if period is None:
        return None
    checklist = (
        measures.alternatives_in(reader.standard)
        if re.search(r"目标|达标|指标|均|全部", reader.standard)
        else ()
    )
    if not checklist:
        checklist = measures.checklist_in(reader.standard, period=period)
    if not checklist and _DONE.search(reader.standard):
        for text in (reader.process, reader.result):
            if checklist := measures.checklist_in(text, period=period):
                break
    limit = measures.minutes_in(reader.result) or measures.minutes_in(reader.standard)
    return replace(
        base,
        shape="S2",
        period=period,
        checklist=checklist,
        limit_minutes=limit[0] if limit else None,
        deadline=_deadline_for(reader, period, doubts),
    )


def _deadline_for(reader: Reader, period: str, doubts: Doubts) -> dict[str, str | int] | None:
    for text in (reader.standard, reader.result, reader.process):
        found = cut_off_in([text, *reader.siblings]) if text else None
        if found is None:
            found = deadline_in(text)
        if found is None:
            continue
        if found.deadline["kind"] == "cut_off" or fits(found.deadline, period):
            return _accepted(found, doubts)
        if found.deadline["kind"] != "date":
            doubts.remark(
                "deadline_other_period",
                told(
                    "“%(text)s”与每%(period)s计分的周期不同,没有用作时限",
                    text=found.text,
                    period=PERIOD_NAMES[period],
                ),
                told("如要限时,请写成同一周期"),
            )
    return None


def _accepted(found: DeadlineReading, doubts: Doubts) -> dict[str, str | int]:
    doubts.questions.extend(q for q in found.questions if q not in doubts.questions)
    if found.remark:
        doubts.remark("time_read", found.remark, told("写成 24 小时制,如 16:30"))
    return found.deadline
