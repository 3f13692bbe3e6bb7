"""Shapes that score each event by itself: S1, S6, S7, S8, S9 and S10."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from meritbook.kit.words import told
from meritbook.rules.tables import measures
from meritbook.rules.tables.deadlines import cut_off_in, date_in
from meritbook.rules.tables.drafts import Draft, number_text
from meritbook.rules.tables.limits import Deadline
from meritbook.rules.tables.provisos import streak_in
from meritbook.rules.tables.readers import PERIOD_NAMES, PLAN_MONTH, Doubts, Reader
from meritbook.rules.tables.units import period_in

_LATE = re.compile(
    r"(?:每|按)?(?:延迟|延误|超期|逾期|拖延|推迟|延期|迟交|晚交|超|晚|迟|拖)(?:交付|交货|完成|提交|交)?(?:满|过)?1?(?:[天日]|个?工作日)"
    r"|(?:延迟|延误|超期|逾期|拖延|推迟|延期)[,;]?每[天日]|每逾期|每延[迟误期]"
)
_DELIVERED = re.compile(
    r"(?:及时|按时|按期|准时|如期|提前|按约|按交期|按合同期)[^,;。\d]{0,4}(?:交货|交付|发货|出货|到货|送达|交期|交单)"
    r"|(?:交货|交付|发货|出货|到货|交期)[^,;。\d]{0,4}(?:及时|按时|按期|准时|如期)"
)
_JUDGED = re.compile(
    r"(?:视|按|根据|依据?)(?:其)?(?P<by>[^,;。\d]{0,6}?(?:轻重程度|严重程度|程度|情节|情况|轻重|大小|质量|贡献|影响|等级|性质|效果))"
)


def multiplier(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    """S10: times what another rule gave."""
    if reader.worth.multiplier is None:
        return None
    times = number_text(reader.worth.multiplier)
    doubts.ask(
        "multiplier",
        told("“%(points)s”乘在哪条标准上？", points=reader.line.points),
        told("乘在事件写的分值上，额外得分值 × (%(times)s − 1)", times=times),
    )
    return replace(base, shape="S10", points=None, multiplier=reader.worth.multiplier)


def judged(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    """S9: a range from which a reviewer chooses."""
    worth = reader.worth
    if not worth.is_range:
        return None
    low, high = worth.low, worth.high
    if worth.odd_signs:
        doubts.ask(
            "points_min",
            told("“%(points)s”只有一边有负号", points=reader.line.points),
            told("%(high)s 至 %(low)s", high=number_text(high), low=number_text(low)),
        )
        doubts.remark(
            "missing_sign",
            told("“%(points)s”像是漏了负号", points=reader.line.points),
            told("写成“%(high)s 至 %(low)s”", high=number_text(high), low=number_text(low)),
        )
    elif not worth.signed and re.search(r"扣|罚|减分", reader.standard):
        low, high = -worth.high, -worth.low
    by = _JUDGED.search(reader.standard)
    return replace(
        base,
        shape="S9",
        points=None,
        points_min=low,
        points_max=high,
        unit=worth.unit or "次",
        needs=by["by"] if by else "",
    )


def stage(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    """S6: a stage of a project, paid on acceptance."""
    if reader.project_total is None:
        return None
    month = PLAN_MONTH.search(reader.process) or PLAN_MONTH.search(reader.result)
    if month:
        doubts.remark(
            "one_off",
            told("%(month)s 月的计划事项，只发生一次", month=month["month"]),
            told("完成验收后可停用"),
        )
    return replace(
        base,
        shape="S6",
        project_total=reader.project_total,
        needs=reader.line.result.text,
        month=int(month["month"]) if month else None,
    )


def late(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    """S7: so much for each day late."""
    if not _LATE.search(reader.standard) or (
        reader.worth.low >= 0 and not reader.unsigned_deduction
    ):
        return None
    points = -abs(reader.worth.low)
    _pair_question(reader, doubts)
    return replace(
        base, shape="S7", points=points, unit="天", divisor=Decimal(1), deadline=_date_of(reader)
    )


def delivered(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    """S7: delivered on time."""
    if not _DELIVERED.search(reader.standard) or reader.negative or reader.worth.period:
        return None
    if period_in(reader.standard) or measures.target_in(reader.standard, context=reader.context):
        return None
    unit = reader.worth.unit
    if unit is None and (counted := measures.unit_in(reader.standard, context=reader.context)):
        unit = counted.unit
    if unit == "元":
        return None
    _pair_question(reader, doubts)
    return replace(base, shape="S7", unit=unit, divisor=Decimal(1), deadline=_date_of(reader))


def _pair_question(reader: Reader, doubts: Doubts) -> None:
    if (day := _date_of(reader)) is None:
        return
    doubts.ask(
        "deadline",
        told(
            "“%(text)s”只写了一张订单的交期（%(month)s 月 %(day)s 日）",
            text=reader.line.result.text,
            month=day["month"],
            day=day["day"],
        ),
        told("每张订单按自己的应交日期计，按期加分、延迟扣分都适用"),
    )


def _date_of(reader: Reader) -> Deadline | None:
    texts = (reader.standard, reader.result, reader.process)
    return next((found for text in texts if (found := date_in(text))), None)


def response(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    """S8: a response beyond a limit of minutes, or within it."""
    limit = measures.minutes_in(reader.standard)
    if limit is None or reader.worth.period:
        return None
    minutes, over, words = limit
    unit = measures.unit_in(reader.standard, context="")
    if unit is not None and unit.unit in {"分钟", "小时"}:
        return None
    if not over and reader.negative:
        doubts.ask(
            "shape", told("“%(words)s”内发生就扣分？", words=words), told("每次照扣，不看分钟数")
        )
        return replace(base, shape="S1", unit="次", divisor=Decimal(1))
    points = -abs(reader.worth.low) if over and reader.unsigned_deduction else reader.worth.low
    if over and points > 0:
        return None
    return replace(base, shape="S8", points=points, unit="次", limit_minutes=minutes)


def streak(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    """S1: something kept up, or adding up, over a stretch that nothing here counts."""
    del doubts  # the question about the stretch is asked with the other words beside the price
    if not streak_in(reader.standard) or reader.worth.unit or reader.worth.period:
        return None
    points = -abs(reader.worth.low) if reader.unsigned_deduction else reader.worth.low
    return replace(base, shape="S1", points=points, unit="次", divisor=Decimal(1))


def occurrence(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    """S1: whatever happens once and has a price."""
    deadline = None
    if reader.negative and (found := cut_off_in(reader.siblings)):
        deadline = found.deadline
    if reader.worth.period and reader.negative:
        doubts.ask(
            "unit",
            told(
                "“%(points)s”是每%(period)s扣一次，还是每次扣？",
                points=reader.line.points,
                period=PERIOD_NAMES[reader.worth.period],
            ),
            told("每次发生扣一次"),
        )
    points = -abs(reader.worth.low) if reader.unsigned_deduction else reader.worth.low
    return replace(
        base, shape="S1", points=points, unit="次", divisor=Decimal(1), deadline=deadline
    )
