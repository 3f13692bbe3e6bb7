"""A line into a draft: which of the ten shapes it is, and with what parameters.

The shapes are tried from the most telling wording to the plainest; the first that fits is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from meritbook.rules.tables import measures
from meritbook.rules.tables.amounts import squeezed
from meritbook.rules.tables.deadlines import DeadlineReading, cut_off_in, deadline_in, fits
from meritbook.rules.tables.drafts import Draft, Finding, Question, number_text
from meritbook.rules.tables.lines import Line
from meritbook.rules.tables.units import MONEY_CONTEXT, period_in
from meritbook.rules.tables.worths import Worth

PERIOD_NAMES = {
    "day": "天",
    "week": "周",
    "month": "月",
    "quarter": "季度",
    "half_year": "半年",
    "year": "年",
}
_LATE = re.compile(
    r"(?:每|按)?(?:延迟|延误|超期|逾期|拖延|推迟|延期|迟交|晚交|超|晚|迟|拖)(?:交付|交货|完成|提交|交)?(?:满|过)?1?(?:[天日]|个?工作日)"
    r"|(?:延迟|延误|超期|逾期|拖延|推迟|延期)[,;]?每[天日]|每逾期|每延[迟误期]"
)
_DELIVERED = re.compile(
    r"(?:及时|按时|按期|准时|如期|提前|按约|按交期|按合同期)[^,;。\d]{0,4}(?:交货|交付|发货|出货|到货|送达|交期|交单)"
    r"|(?:交货|交付|发货|出货|到货|交期)[^,;。\d]{0,4}(?:及时|按时|按期|准时|如期)"
)
_RATIO = re.compile(r"按(?:完成)?(?:比例|比率|完成率|达成率|百分比)|比例(?:计|得|折)|等比例|按率")
_JUDGED = re.compile(
    r"(?:视|按|根据|依据?)(?:其)?(?P<by>[^,;。\d]{0,6}?(?:轻重程度|严重程度|程度|情节|情况|轻重|大小|质量|贡献|影响|等级|性质|效果))"
)
_RESPONSE_BAD = re.compile(r"超过|超出|超|逾|大于|>|晚于|以上")
_DONE = re.compile(r"按要求|按标准|达标|完成|按规定|做到|合格|工作量|达到要求")
_NEGATIVE_DEED = re.compile(
    r"(?<!不)(?<!无)(?<!未)(?<!零)(?<!0)(?:迟到|早退|旷工|缺勤|抽烟|吸烟|打架|脱岗|串岗|缺岗|泄密|违规|违纪|漏打卡|忘打卡)"
)
_GOOD_DEED = re.compile(
    r"制止|举报|劝阻|避免|杜绝|没有|无|零|未|不|减少|防止|发现|处理|解决|0次|全勤"
)
_STAGE = re.compile(r"方案|项目|阶段|验收|里程碑|上线|立项|落地|试点|^\d{1,2}月,")
_PLAN_MONTH = re.compile(
    r"(?<![\d年])(?P<month>1[0-2]|[1-9])月(?=[,,]|完成|内|份|底|达|实现|前|开始)"
)


@dataclass(frozen=True, slots=True)
class Reader:
    """A line with its squeezed texts, what its points cell says and its neighbours' cells."""

    line: Line
    worth: Worth
    standard: str
    indicator: str
    process: str
    result: str
    siblings: tuple[str, ...] = ()
    """Squeezed result cells of the same process, in order."""
    project_total: Decimal | None = None

    @property
    def context(self) -> str:
        """Return all texts but the standard."""
        return f"{self.indicator};{self.process};{self.result}"

    @property
    def negative(self) -> bool:
        """Say whether the line takes points away."""
        return self.worth.high < 0 or self.worth.low < 0


@dataclass
class Doubts:
    """Questions and findings that come up while a line is read."""

    line: Line
    questions: list[Question] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def ask(self, name: str, text: str, proposal: str) -> None:
        """Add a question once."""
        question = Question(field=name, text=text, proposal=proposal)
        if question not in self.questions:
            self.questions.append(question)

    def remark(self, kind: str, text: str, mend: str = "") -> None:
        """Add a finding."""
        self.findings.append(
            Finding(kind=kind, sheet=self.line.sheet, row=self.line.row, text=text, mend=mend)
        )


def reader_of(
    line: Line, worth: Worth, *, siblings: Sequence[Line], project_total: Decimal | None
) -> Reader:
    """Prepare a line for reading."""
    return Reader(
        line=line,
        worth=worth,
        standard=squeezed(line.standard),
        indicator=squeezed(line.indicator.text),
        process=squeezed(line.process.text),
        result=squeezed(line.result.text),
        siblings=tuple(dict.fromkeys(squeezed(other.result.text) for other in siblings)),
        project_total=project_total,
    )


def draft_of(reader: Reader) -> tuple[Draft, list[Finding]]:
    """Return the draft of a line in the first shape that fits, with the findings on the way."""
    doubts = Doubts(reader.line)
    base = _base(reader)
    draft = None
    for shape in _SHAPES:
        draft = shape(reader, base, doubts)
        if draft is not None:
            break
    assert draft is not None  # noqa: S101 -- the last shape takes everything
    draft = _with_sign(reader, draft, doubts)
    draft = _with_trimmings(reader, draft, doubts)
    return replace(draft, questions=tuple(doubts.questions)), doubts.findings


def is_stage(lines: Sequence[Line]) -> bool:
    """Say whether the lines of one indicator speak of a project in stages."""
    texts = (squeezed(t) for x in lines for t in (x.process.text, x.result.text, x.standard))
    return any(_STAGE.search(text) for text in texts)


def _base(reader: Reader) -> Draft:
    line, worth = reader.line, reader.worth
    return Draft(
        sheet=line.sheet,
        row=line.row,
        indicator=line.indicator.text,
        process=line.process.text,
        result=line.result.text,
        weight_percent=line.weight_percent,
        standard=line.standard,
        points_text=line.points,
        shape="S1",
        points=worth.low,
        cap=worth.cap,
    )


def _multiplier(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    if reader.worth.multiplier is None:
        return None
    times = number_text(reader.worth.multiplier)
    doubts.ask(
        "multiplier", f"“{reader.line.points}”乘在哪条标准上?", f"本人同期所得积分 × {times}"
    )
    return replace(base, shape="S10", points=None, multiplier=reader.worth.multiplier)


def _range(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    worth = reader.worth
    if not worth.is_range:
        return None
    low, high = worth.low, worth.high
    if worth.odd_signs:
        doubts.ask(
            "points_min",
            f"“{reader.line.points}”只有一边有负号",
            f"{number_text(high)} 至 {number_text(low)}",
        )
        doubts.remark(
            "missing_sign",
            f"“{reader.line.points}”像是漏了负号",
            f"写成“{number_text(high)} 至 {number_text(low)}”",
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


def _stage(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    if reader.project_total is None:
        return None
    month = _PLAN_MONTH.search(reader.process) or _PLAN_MONTH.search(reader.result)
    if month:
        doubts.remark("one_off", f"{month['month']} 月的计划事项,只发生一次", "完成验收后可停用")
    return replace(
        base,
        shape="S6",
        project_total=reader.project_total,
        needs=reader.line.result.text,
        month=int(month["month"]) if month else None,
    )


def _late(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    if not _LATE.search(reader.standard) or (reader.worth.low >= 0 and not _bare(reader)):
        return None
    points = -abs(reader.worth.low)
    _pair_question(reader, doubts)
    return replace(
        base, shape="S7", points=points, unit="天", divisor=Decimal(1), deadline=_date_of(reader)
    )


def _delivered(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
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
        f"“{reader.line.result.text}”只写了一张订单的交期({day['month']} 月 {day['day']} 日)",
        "每张订单按自己的应交日期计,按期加分、延迟扣分都适用",
    )


def _date_of(reader: Reader) -> dict[str, str | int] | None:
    for text in (reader.standard, reader.result, reader.process):
        if (found := deadline_in(text)) and found.deadline["kind"] == "date":
            return found.deadline
    return None


def _response(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    limit = measures.minutes_in(reader.standard)
    if limit is None or reader.worth.period:
        return None
    minutes, over, words = limit
    unit = measures.unit_in(reader.standard, context="")
    if unit is not None and unit.unit in {"分钟", "小时"}:
        return None
    if not over and reader.negative:
        doubts.ask("shape", f"“{words}”内发生就扣分?", "每次照扣,不看分钟数")
        return replace(base, shape="S1", unit="次", divisor=Decimal(1))
    points = -abs(reader.worth.low) if over and _bare(reader) else reader.worth.low
    if over and points > 0:
        return None
    return replace(base, shape="S8", points=points, unit="次", limit_minutes=minutes)


def _bare(reader: Reader) -> bool:
    return not reader.worth.signed and bool(re.search(r"扣|罚|减", reader.standard))


def _ratio(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    if reader.negative or not _RATIO.search(reader.standard):
        return None
    target = measures.target_in(
        re.sub(r"每个按|每个", "", reader.standard), context=reader.context
    ) or measures.quota_in(reader.standard)
    source = reader.standard
    if target is None or not target.text:
        target = measures.quota_in(reader.result) or measures.threshold_in(reader.result) or target
        source = reader.result
    if target is None or not target.text:
        target = target or measures.Target(Decimal(100), "%", "")
        doubts.ask("target", f"“{reader.line.standard}”没有写目标数", "按完成率,100% 得满分")
    period = reader.worth.period or period_in(reader.standard) or period_in(source)
    period = period or period_in(reader.context)
    if period is None:
        period = "month"
        doubts.ask("period", f"“{reader.line.standard}”没有写考核周期", "按月")
    return replace(
        base,
        shape="S4",
        target=target.value,
        unit=target.unit,
        period=period,
        proportional=True,
        divisor=None,
    )


def _target(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    worth = reader.worth
    if reader.negative or worth.unit is not None:
        return None
    if measures.alternatives_in(reader.standard) or _counts_units(reader):
        return None
    target = measures.target_in(reader.standard, context=reader.context)
    if target is None:
        return None
    spoken = period_in(reader.standard) or period_in(reader.result) or period_in(reader.indicator)
    period = worth.period or spoken or period_in(reader.process)
    if period is None:
        period = "month"
        doubts.ask("period", f"“{reader.line.standard}”没有写考核周期", "按月")
        doubts.remark(
            "target_without_period", f"目标“{reader.line.standard}”没有写周期", "写明每月或每季"
        )
    if not target.text:
        doubts.ask(
            "target",
            f"“{reader.line.standard}”没有写目标数额",
            "按完成率计," + ("超过 100%" if target.strict else "达到 100%") + " 得分",
        )
    elif target.verb in {"完成", "目标", "实现"} and target.unit != "%":
        doubts.ask(
            "proportional", f"“{reader.line.standard}”没完成时给不给部分积分?", "不给,达到才得分"
        )
    return replace(
        base,
        shape="S5",
        target=target.value,
        unit=target.unit,
        period=period,
        strict=target.strict,
    )


def _counts_units(reader: Reader) -> bool:
    found = measures.unit_in(reader.standard, context=reader.context)
    return found is not None and "每" in found.text


def _unit(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
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
                f"“{reader.line.standard}”与“{reader.line.points}”的单位不一致",
                f"每 {number_text(spoken.divisor)} {spoken.unit}计一次",
            )
            counted = spoken
    elif worth.period is None or reader.negative:
        counted = measures.unit_in(reader.standard, context=reader.context)
        if counted is not None and counted.unit in {"次", "回", "人次"} and counted.divisor == 1:
            return None
        if counted is None and worth.period == "day":
            counted = measures.Unit("天", Decimal(1), "")
        if counted and counted.text and "每" not in counted.text and not reader.line.spoken:
            doubts.ask(
                "unit",
                f"“{reader.line.points}”没有写单位",
                f"每 1 {counted.unit} {number_text(worth.low)} 分",
            )
    if counted is None:
        return None
    if not counted.sure:
        doubts.ask(
            "unit",
            f"“{reader.line.standard}”没有写是钱还是数量",
            f"按金额,每 {number_text(counted.divisor)} 元",
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
            f"“{bound.text}”与“{reader.line.standard}”矛盾:第 1 个算不算?",
            "算,从第 1 个起计(≥1)",
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
    month = _PLAN_MONTH.search(source)
    period = period_in(source) or ("month" if month else None)
    if quota.unit != draft.unit and draft.unit == "元":
        doubts.remark(
            "different_measure",
            f"结果“{reader.line.result.text}”数的是{quota.unit},标准“{reader.line.standard}”数的是金额",
            "让结果与标准数同一样东西",
        )
    if month and not period_in(source):
        doubts.remark(
            "one_off", f"“{month[0]}”的计划事项,过后是否继续由公司决定", "到期后停用或改成每月"
        )
    if period is None:
        doubts.remark(
            "target_without_period", f"目标“{quota.text}”没有写周期,只用作进度", "写明每周或每月"
        )
    return replace(
        draft,
        target=quota.value,
        period=period,
        month=int(month["month"]) if month and not period_in(source) else None,
    )


def _duty(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
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
                    f"“{reader.line.points}”没有写单位",
                    f"每{PERIOD_NAMES[period]}完成得一次",
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
                f"“{found.text}”与每{PERIOD_NAMES[period]}计分的周期不同,没有用作时限",
                "如要限时,请写成同一周期",
            )
    return None


def _accepted(found: DeadlineReading, doubts: Doubts) -> dict[str, str | int]:
    doubts.questions.extend(q for q in found.questions if q not in doubts.questions)
    if found.remark:
        doubts.remark("time_read", found.remark, "写成 24 小时制,如 16:30")
    return found.deadline


def _occurrence(reader: Reader, base: Draft, doubts: Doubts) -> Draft | None:
    """S1: whatever happens once and has a price."""
    deadline = None
    if reader.negative and (found := cut_off_in(reader.siblings)):
        deadline = found.deadline
    if reader.worth.period and reader.negative:
        doubts.ask(
            "unit",
            f"“{reader.line.points}”是每{PERIOD_NAMES[reader.worth.period]}扣一次,还是每次扣?",
            "每次发生扣一次",
        )
    if deadline is None and not reader.negative and (found := deadline_in(reader.standard)):
        deadline = found.deadline if found.deadline["kind"] == "date" else None
    points = -abs(reader.worth.low) if _bare(reader) else reader.worth.low
    return replace(
        base, shape="S1", points=points, unit="次", divisor=Decimal(1), deadline=deadline
    )


_SHAPES: tuple[Callable[[Reader, Draft, Doubts], Draft | None], ...] = (
    _multiplier,
    _range,
    _stage,
    _late,
    _delivered,
    _response,
    _ratio,
    _target,
    _unit,
    _duty,
    _occurrence,
)


def _with_sign(reader: Reader, draft: Draft, doubts: Doubts) -> Draft:
    """Ask when a misdeed seems to earn points."""
    points = draft.points
    if points is None or points <= 0 or reader.worth.signed:
        return draft
    text = reader.standard
    if not _NEGATIVE_DEED.search(text) or _GOOD_DEED.search(text):
        return draft
    proposed = number_text(-points)
    doubts.ask(
        "points", f"“{reader.line.standard} {reader.line.points}”像是漏了负号", f"{proposed} 分"
    )
    doubts.remark(
        "missing_sign", f"“{reader.line.standard}”得正分,像是漏了负号", f"写成 {proposed}"
    )
    return replace(draft, shape="S1", points=-points, period=None, unit=draft.unit or "次")


def _with_trimmings(reader: Reader, draft: Draft, doubts: Doubts) -> Draft:
    """Add what the texts say beside the shape: exemptions, evidence, conditions, extras."""
    exclude = tuple(
        dict.fromkeys(found[1] for found in re.finditer(r"\(非([^()]{1,10})\)", reader.result))
    )
    if exclude:
        doubts.ask("exclude", f"“非{exclude[0]}”怎样识别?", f"事件里标明{exclude[0]}的不计")
    needs = draft.needs
    if not needs and (
        found := re.search(r"(?:并|且|经|被)(采纳|验收|审核|批准|确认|认可)", reader.standard)
    ):
        needs = found[1]
    evidence = ""
    if (
        found := re.search(
            r"提交([^,;。\d()]{0,6}(?:报表|报告|表|照片|截图|凭证|记录))", reader.standard
        )
    ) or (
        found := re.search(r"录入[^,;。]*?到([A-Za-z]+|[^,;。\d()]{1,6})(?:系统)?", reader.process)
    ):
        evidence = found[1]
    if reader.worth.cap is not None:
        doubts.remark(
            "cap",
            f"“{reader.line.points}”写了封顶 {number_text(reader.worth.cap)} 分",
            "封顶请在限额里设置",
        )
    if reader.line.shares_points:
        doubts.remark(
            "shared_points",
            f"积分“{reader.line.points}”与上一行合并,每行各按此计分",
            "拆开合并单元格",
        )
    return replace(
        draft,
        exclude=exclude,
        needs=needs,
        evidence=evidence,
        bonus=bool(re.search(r"额外|另外?奖|附加", reader.standard)),
    )
