"""Shapes that count something: S3 per unit, S4 in proportion, S5 at a target or in tiers."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from meritbook.kit.words import told
from meritbook.rules.tables import measures
from meritbook.rules.tables.amounts import AMOUNT, squeezed
from meritbook.rules.tables.drafts import Draft, number_text
from meritbook.rules.tables.provisos import provisos_in
from meritbook.rules.tables.readers import PLAN_MONTH, Doubts, Reader
from meritbook.rules.tables.tiers import tiers_of
from meritbook.rules.tables.units import COUNTERS, MONEY_CONTEXT, period_in

_SEVERAL_A_PERIOD = re.compile(rf"{AMOUNT}(?:{COUNTERS})/(?:天|日|周|月)")
_SPAN_OF_RATIO = re.compile(rf"({AMOUNT})%(?:至|到|~|-)(?={AMOUNT}%)")
_RATIO = re.compile(
    r"率[x×*]|按(?:完成)?(?:比例|比率|完成率|达成率|百分比)|比例(?:计|得|折)|等比例|按率"
)


def ratio(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    """S4: full points at a target, less in proportion."""
    if reader.negative or not _RATIO.search(reader.standard):
        return None
    named = any(each.kind == "floor" for each in provisos_in(reader.said))
    if (span := _SPAN_OF_RATIO.search(reader.standard)) and not named:
        doubts.ask(
            "floor",
            told("“%(text)s”以下怎么算？还不能设起计线", text=span[0] + "…"),
            told("也按同样的比例计"),
        )
    target = measures.target_in(
        re.sub(r"每个按|每个", "", _SPAN_OF_RATIO.sub("", reader.standard)), context=reader.context
    ) or measures.quota_in(reader.standard)
    source = reader.standard
    if target is None or not target.text:
        target = measures.quota_in(reader.result) or measures.threshold_in(reader.result) or target
        source = reader.result
    if target is None or not target.text:
        target = target or measures.Target(Decimal(100), "%", "")
        doubts.ask(
            "target",
            told("“%(standard)s”没有写目标数", standard=reader.line.standard),
            told("按完成率，100% 得满分"),
        )
    period = reader.worth.period or period_in(reader.standard) or period_in(source)
    period = period or period_in(reader.context)
    if period is None:
        period = "month"
        doubts.ask(
            "period",
            told("“%(standard)s”没有写考核周期", standard=reader.line.standard),
            told("按月"),
        )
    return replace(
        base,
        shape="S4",
        target=target.value,
        unit=target.unit,
        period=period,
        proportional=True,
        divisor=None,
    )


def reached(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    """S5: all at a target, or nothing."""
    worth = reader.worth
    if reader.negative or worth.unit is not None:
        return None
    if measures.alternatives_in(reader.standard) or _counts_units(reader):
        return None
    target = measures.target_in(reader.standard, context=reader.context)
    if target is None:
        return None
    period = _period(reader, doubts)
    if not target.text:
        doubts.ask(
            "target",
            told("“%(standard)s”没有写目标数额", standard=reader.line.standard),
            told("按完成率计，超过 100% 得分")
            if target.strict
            else told("按完成率计，达到 100% 得分"),
        )
    elif target.verb in {"完成", "目标", "实现"} and target.unit != "%":
        doubts.ask(
            "proportional",
            told("“%(standard)s”没完成时给不给部分积分？", standard=reader.line.standard),
            told("不给，达到才得分"),
        )
    return replace(
        base,
        shape="S5",
        target=target.value,
        unit=target.unit,
        period=period,
        strict=target.strict,
    )


def tiered(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    """S5 in tiers: the highest bound reached pays."""
    if reader.worth.unit is not None:
        return None
    found = tiers_of(reader.standard, points=squeezed(reader.line.points))
    if found is None or reader.negative != (found.steps[0][1] < 0):
        return None
    unit = found.unit
    if found.is_large:
        unit = "元"
        if not MONEY_CONTEXT.search(reader.context):
            doubts.ask(
                "unit",
                told("“%(standard)s”没有写是钱还是数量", standard=reader.line.standard),
                told("按金额，单位元"),
            )
    if found.ends_at is not None:
        bound, most = number_text(found.ends_at), number_text(found.steps[-1][1])
        doubts.ask(
            "tiers",
            told(
                "“%(standard)s”没有写超过 %(bound)s 怎么算",
                standard=reader.line.standard,
                bound=bound,
            ),
            told("按 %(most)s 分", most=most),
        )
    if not reader.worth.is_range and reader.worth.low not in {worth for _at, worth in found.steps}:
        doubts.remark(
            "contradiction",
            told(
                "“%(standard)s”与积分“%(points)s”不一致，按分档读",
                standard=reader.line.standard,
                points=reader.line.points,
            ),
            told("改成一致"),
        )
    return replace(
        base,
        shape="S5",
        points=found.steps[-1][1],
        target=found.steps[-1][0],
        unit=unit,
        period=_period(reader, doubts),
        strict=found.strict,
        tiers=found.steps,
    )


def _period(reader: Reader, doubts: Doubts) -> str:
    """Return the period of a target; where none is said it is a month, with a question."""
    spoken = period_in(reader.standard) or period_in(reader.result) or period_in(reader.indicator)
    period = reader.worth.period or spoken or period_in(reader.process)
    if period is None:
        period = "month"
        doubts.ask(
            "period",
            told("“%(standard)s”没有写考核周期", standard=reader.line.standard),
            told("按月"),
        )
        doubts.remark(
            "target_without_period",
            told("目标“%(standard)s”没有写周期", standard=reader.line.standard),
            told("写明每月或每季"),
        )
    return period


def _counts_units(reader: Reader) -> bool:
    found = measures.unit_in(reader.standard, context=reader.context)
    return found is not None and "每" in found.text


def counted(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    """S3: so much for each unit counted."""
    worth = reader.worth
    counted: measures.Unit | None = None
    if worth.unit is not None:
        if worth.unit in {"次", "回", "人次"} and worth.divisor == 1:
            return None
        spoken = measures.unit_in(reader.standard, context=reader.context)
        sure = worth.unit != "元" or bool(
            MONEY_CONTEXT.search(reader.standard + reader.context)
            or re.search(r"元|块", worth.unit + squeezed(reader.line.points))
        )
        counted = measures.Unit(worth.unit, worth.divisor or Decimal(1), "", sure=sure)
        # "每 10 单 5 分/单" would be odd; a divisor in the standard wins over a bare 分/单.
        if spoken and spoken.unit == worth.unit and worth.divisor == 1 and spoken.divisor > 1:
            doubts.ask(
                "divisor",
                told(
                    "“%(standard)s”与“%(points)s”的单位不一致",
                    standard=reader.line.standard,
                    points=reader.line.points,
                ),
                told(
                    "每 %(divisor)s %(unit)s计一次",
                    divisor=number_text(spoken.divisor),
                    unit=spoken.unit,
                ),
            )
            counted = spoken
    elif worth.period is None or reader.negative:
        if _SEVERAL_A_PERIOD.search(reader.standard):
            return None
        counted = measures.years_in(reader.standard) or (
            measures.time_lost_in(reader.standard) if reader.negative else None
        )
        counted = counted or measures.unit_in(reader.standard, context=reader.context)
        if counted is not None and counted.unit in {"次", "回", "人次"} and counted.divisor == 1:
            return None
        if counted is None and worth.period == "day":
            counted = measures.Unit("天", Decimal(1), "")
        if (
            counted
            and counted.text
            and "每" not in counted.text
            and (not reader.line.spoken or counted.unit in {"分钟", "小时", "天"})
        ):
            doubts.ask(
                "unit",
                told("“%(points)s”没有写单位", points=reader.line.points),
                told("每 1 %(unit)s %(low)s 分", unit=counted.unit, low=number_text(worth.low)),
            )
    if counted is None:
        return None
    if not counted.sure:
        doubts.ask(
            "unit",
            told("“%(standard)s”没有写是钱还是数量", standard=reader.line.standard),
            told("按金额，每 %(divisor)s 元", divisor=number_text(counted.divisor)),
        )
    threshold = None if reader.negative else measures.threshold_in(reader.result)
    if threshold and threshold.value >= counted.divisor and counted.unit != "天":
        return _with_threshold(reader, base, counted, threshold, doubts)
    draft = replace(base, shape="S3", unit=counted.unit, divisor=counted.divisor)
    return draft if reader.negative else _with_quota(reader, draft, doubts)


def _with_threshold(
    reader: Reader, base: Draft, unit: measures.Unit, bound: measures.Target, doubts: Doubts
) -> Draft:
    strict = bound.strict
    if strict and unit.divisor == 1 and bound.value == 1:
        # ">1 个" beside "1 个 300 分": the first one would earn nothing.
        doubts.ask(
            "threshold",
            told(
                "“%(text)s”与“%(standard)s”矛盾：第 1 个算不算？",
                text=bound.text,
                standard=reader.line.standard,
            ),
            told("算，从第 1 个起计（≥1）"),
        )
        strict = False
    return replace(
        base,
        shape="S3",
        unit=unit.unit,
        divisor=unit.divisor,
        threshold=bound.value,
        strict=strict,
    )


def _with_quota(reader: Reader, draft: Draft, doubts: Doubts) -> Draft:
    """Add a progress target from the result (or from the process, if it counts the same)."""
    source, quota = reader.result, measures.quota_in(reader.result)
    if quota is None:
        source, quota = reader.process, measures.quota_in(reader.process)
        if quota is not None and quota.unit != draft.unit:
            quota = None
    if quota is None:
        return draft
    month = PLAN_MONTH.search(source)
    period = period_in(source) or ("month" if month else None)
    if quota.unit != draft.unit and draft.unit == "元":
        doubts.remark(
            "different_measure",
            told(
                "结果“%(text)s”数的是%(unit)s，标准“%(standard)s”数的是金额",
                text=reader.line.result.text,
                unit=quota.unit,
                standard=reader.line.standard,
            ),
            told("让结果与标准数同一样东西"),
        )
    if month and not period_in(source):
        doubts.remark(
            "one_off",
            told("“%(month)s”的计划事项，过后是否继续由公司决定", month=month[0]),
            told("到期后停用或改成每月"),
        )
    if period is None:
        doubts.remark(
            "target_without_period",
            told("目标“%(text)s”没有写周期，只用作进度", text=quota.text),
            told("写明每周或每月"),
        )
    return replace(
        draft,
        target=quota.value,
        period=period,
        month=int(month["month"]) if month and not period_in(source) else None,
    )
