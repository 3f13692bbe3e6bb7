"""S2: a duty done as required in a period, with its checklist and its deadline."""

from __future__ import annotations

import re
from dataclasses import replace

from meritbook.kit.words import told
from meritbook.rules.tables import measures
from meritbook.rules.tables.deadlines import without_deadlines
from meritbook.rules.tables.drafts import Draft
from meritbook.rules.tables.readers import PERIOD_NAMES, Doubts, Reader
from meritbook.rules.tables.timing import duty_deadline
from meritbook.rules.tables.units import period_in
from meritbook.rules.tables.vague import WEEK_SPAN

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
    if span := WEEK_SPAN.search(reader.standard):
        doubts.ask(
            "period",
            told("“%(text)s”是每天计一次，还是每周计一次？", text=span[0]),
            told("每%(period)s计一次", period=PERIOD_NAMES[period]),
        )
    checklist = (
        measures.alternatives_in(reader.standard)
        if re.search(r"目标|达标|指标|均|全部", reader.standard)
        else ()
    )
    if not checklist:
        checklist = measures.checklist_in(without_deadlines(reader.standard), period=period)
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
        deadline=duty_deadline(reader, period, doubts),
    )
