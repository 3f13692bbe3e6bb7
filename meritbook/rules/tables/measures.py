"""Targets, thresholds, checklists and limits in the wording of rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from meritbook.rules.tables.amounts import AMOUNT, MAGNITUDES, amount_of
from meritbook.rules.tables.drafts import CheckItem
from meritbook.rules.tables.units import COUNTERS, MONEY_CONTEXT, period_in

_MONEY = r"(?:元|块钱|块)"
_COUNT = rf"(?P<number>{AMOUNT})(?P<unit>%|{_MONEY}|{COUNTERS})?"
_NOUNS = "客户|订单|建议|员工|产品|供应商|合同|项目|方案|报告|线索|好友|会员|门店|课程|案例|问题|投诉|人才|候选人"
_LIMIT = re.compile(
    rf"(?P<over>超过|超出|超|逾|大于|>|晚于)?(?P<number>{AMOUNT}|半个?)(?P<unit>分钟|小时|min|h)(?P<after>以上|以内|之内|内)?"
)
_NOT_PER = re.compile(
    r"每(?:天|日|周|月|季|年|\d*个?(?:工作日|星期|礼拜|月|季度|周)|[双单](?:周|月|休)|半年|半个?月|晚|早)"
)
_UNIT_PHRASE = re.compile(
    rf"每(?P<verb>[^,;。\d每%]{{0,8}}?)(?P<number>{AMOUNT})?(?P<magnitude>[百千万亿]+)?"
    rf"(?P<unit>元|块钱|{COUNTERS}|天|日|倍|%)(?P<noun>{_NOUNS})?"
)
_BARE_MAGNITUDE = re.compile(rf"每(?P<verb>[^,;。\d每%]{{0,8}}?)(?P<number>{AMOUNT})(?![元个%\d])")
_SPAN = r"(?:工作日|自然日|月|星期|礼拜|季度|小时|周)"
"""Behind 个 it makes a span of time, not a number of things."""
_ONE = re.compile(
    rf"(?<![\d.第首头])(?<!最后)1(?!个{_SPAN})(?P<unit>{COUNTERS})(?P<noun>{_NOUNS})?(?!,(?:奖|加|得))"
)
_ONE_SUM = re.compile(
    r"(?<![\d.])1(?P<magnitude>百|千|万|百万)元"
    r"|(?:业绩|销售额|回款|营业额|成交额|产值|利润)1(?P<magnitude2>百|千|万|百万)(?=[得加奖计给,;]|$)"
)
_YEARS = re.compile(
    rf"(?:工龄|司龄|年资|入职|在职|服务)[^,;。\d每]{{0,4}}每(?:增加|增长|满|多)?(?P<number>{AMOUNT})?年"
)
_TIME_LOST = re.compile(
    r"(?:(?:迟到|早退|超时|拖延|晚到|旷工|请假|事假|病假|缺勤|缺岗|脱岗)[^,;。\d每]{0,2})(?:每1?|1)个?(?P<unit>分钟|小时|天|日)"
    r"(?!内|之内|以内|以上|及以上)"
)
_STRICT = {">", "大于", "超过", "高于"}
_TARGET_VERB = re.compile(
    r"(?P<strict>超额完成|超额|超过|突破|大于|高于|超出|>(?!=))"
    r"|完成|达成|达到|实现|达标|不低于|不少于|满|>=|≥|达|以上|目标"
)
_ITEM = re.compile(
    rf"(?P<lead>每(?:[天日周月]|个?季度))?(?:必须|至少|需要|需|要|应|完成|不少于){{0,2}}(?P<name>[^\d,;。、/()每]{{1,10}}?)"
    rf"(?:至少|不少于|达到|不低于|>=|≥|>)?(?P<number>{AMOUNT})(?P<unit>{COUNTERS})(?P<tail>[^\d,;。、/()]{{0,4}})"
    r"(?:/(?P<per>[天日周月]))?"
)
_PERIOD_BETWEEN = re.compile(r"((?<![^,;、和及且])[^\d,;。、每()]{2,8})(每[天日周月])(?=\d)")
_ONCE_ITEM = re.compile(r"(?<!\d)1次(?!/)")
_EITHER = re.compile(r"\((?P<list>[^()\d]{1,12}(?:[/、|][^()\d/、|]{1,12})+)\)")


@dataclass(frozen=True, slots=True)
class Unit:
    """What is counted: 元 with a divisor, or a counter. `sure` is False where money is a guess."""

    unit: str
    divisor: Decimal
    text: str
    verb: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """A number to be reached: the unit ("%", 元, a counter or None), strictly or not."""

    value: Decimal
    unit: str | None
    text: str
    strict: bool = False
    verb: str = ""


def unit_in(standard: str, *, context: str) -> Unit | None:
    """Return the unit that a standard counts: 每条, 每增加1千单量, 每10单, 指导 1 个客户."""
    for found in _UNIT_PHRASE.finditer(standard):
        if _NOT_PER.match(standard, found.start()) or (
            found["unit"] in {"天", "日"} and not found["verb"]
        ):
            continue
        if not found["number"] and re.match(
            r"\d+(?:\.\d+)?(?![\d.]|个?积?分(?!钟))", standard[found.end() :]
        ):
            continue  # 每出单 1 万业绩 counts the money, not the 单
        number = amount_of(found["number"]) if found["number"] else Decimal(1)
        for sign in found["magnitude"] or "":
            number *= MAGNITUDES[sign]
        name = _named(found["unit"])
        if name in {"元", "块钱"}:
            return Unit(unit="元", divisor=number, text=found[0], verb=found["verb"])
        if name in {"天", "日"}:
            return Unit(unit="天", divisor=number, text=found[0], verb=found["verb"])
        return Unit(unit=name, divisor=number, text=found[0], verb=found["verb"])
    bare = next(
        (
            each
            for each in _BARE_MAGNITUDE.finditer(standard)
            if not re.search(r"超过|超出|达到?|满\d|以上", each["verb"])
            or not _NOT_PER.match(standard, each.start())
        ),
        None,
    )
    if bare:
        sure = bool(MONEY_CONTEXT.search(standard + context))
        number = amount_of(bare["number"])
        if re.search(r"[百千万亿wWkK]$", bare["number"]) or (sure and number >= 100):
            return Unit("元", number, bare[0], bare["verb"], sure=sure)
    if total := _ONE_SUM.search(standard):
        return Unit("元", amount_of(f"1{total['magnitude'] or total['magnitude2']}"), total[0])
    one = _ONE.search(standard)
    if one and one["unit"] not in {"分钟", "小时", "次", "人次"}:
        return Unit(_named(one["unit"]) + (one["noun"] or ""), Decimal(1), one[0])
    return None


def _named(counter: str) -> str:
    return "百分点" if counter.endswith("百分点") else counter


def years_in(text: str) -> Unit | None:
    """Return the years of service that a standard counts: 工龄每满1年."""
    found = _YEARS.search(text)
    if found is None:
        return None
    number = amount_of(found["number"]) if found["number"] else Decimal(1)
    return Unit("年", number, found[0])


def time_lost_in(text: str) -> Unit | None:
    """Return the stretch of time that a deduction counts: 迟到1分钟, 请假1天, 事假每天."""
    found = _TIME_LOST.search(text)
    return Unit(found["unit"].replace("日", "天"), Decimal(1), found[0]) if found else None


def target_in(standard: str, *, context: str) -> Target | None:
    """Return what a standard wants reached at once: 业绩目标 38 万, 回款量 100%, 超额完成…目标."""
    verb = _TARGET_VERB.search(standard)
    strict = bool(re.search(r"超额|超过|突破|大于|高于|超出|>(?!=)", standard))
    for found in re.finditer(_COUNT, standard):
        before, after = standard[: found.start()], standard[found.end() :]
        if before.endswith(("每", "第")) or re.match(r"[点号日月]|分钟|小时|天|年", after):
            continue
        unit, number = found["unit"], amount_of(found["number"])
        if unit == "个" and re.match(_SPAN, after):
            continue
        if unit in {"分钟", "小时"} or number == 0:
            continue
        if unit == "%":
            return Target(number, "%", found[0], strict=strict, verb=verb[0] if verb else "")
        if verb is None and not _is_sum(number, found["number"], before, after):
            continue
        if unit in {"元", "块", "块钱"}:
            unit = "元"
        elif unit is None:
            is_large = bool(re.search(r"[百千万亿wWkK]$", found["number"]))
            if not is_large and not MONEY_CONTEXT.search(before[-8:]):
                continue
            unit = "元" if MONEY_CONTEXT.search(standard + context) or is_large else None
        elif number == 1 and not re.search(r"目标|达|至少|不少于|不低于|>", standard):
            continue
        return Target(number, unit, found[0], strict=strict, verb=verb[0] if verb else "目标")
    if re.search(r"目标|指标|计划|任务额|定额", standard) and re.search(
        r"完成|达成|达到|达标|实现|超额|超过|突破", standard
    ):
        return Target(Decimal(100), "%", "", strict=strict, verb=verb[0] if verb else "")
    return None


def _is_sum(number: Decimal, written: str, before: str, after: str) -> bool:
    """Say whether a bare sum stands where a target would: 业绩38万得800分; 1万 is rather a unit."""
    return (
        bool(re.search(r"(?:销售额|业绩|营业额|回款额?|成交额|产值|利润|流水)为?$", before))
        and bool(re.match(r"(?:元|块)?[,:]?(?:则|可)?(?:[得加奖计给获;]|$)", after))
        and bool(re.search(r"[百千万亿wWkK]$", written) or number >= 100)
        and not re.fullmatch(r"1[百千万亿wWkK]+", written)
    )


def quota_in(text: str) -> Target | None:
    """Return the number a result cell names as its aim: 每月至少找 2 家, 潜在客户数量 20 个."""
    for found in re.finditer(_COUNT, text):
        unit, number = found["unit"], amount_of(found["number"])
        if unit in {None, "%", "分钟", "小时", "元", "块", "块钱"} or number == 0:
            continue
        if unit == "个" and re.match(_SPAN, text[found.end() :]):
            continue
        if text[: found.start()].endswith(("每", "第", ">", "≥", ">=")):
            continue
        return Target(number, unit, found[0])
    return None


def threshold_in(text: str) -> Target | None:
    """Return the bound a result cell sets with a comparison sign: 增加单量>1 千."""
    found = re.search(
        rf"(?P<op>>=|≥|>|大于等于|大于|超过|不低于)(?P<number>{AMOUNT})(?P<unit>{_MONEY}|{COUNTERS})?",
        text,
    )
    if found is None or re.match(r"分钟|小时|天|%", text[found.end() :]):
        return None
    if found["unit"] in {"分钟", "小时"}:
        return None
    strict = found["op"] in _STRICT
    return Target(amount_of(found["number"]), found["unit"], found[0], strict=strict)


def minutes_in(text: str) -> tuple[Decimal, bool, str] | None:
    """Return (minutes, over, words) of a time limit: 超过 30 分钟 → over, 30 分钟内 → not."""
    found = _LIMIT.search(text)
    if found is None or not (found["over"] or found["after"]):
        return None
    number = Decimal("0.5") if found["number"].startswith("半") else amount_of(found["number"])
    if found["unit"] in {"小时", "h"}:
        number *= 60
    over = bool(found["over"]) or found["after"] == "以上"
    return number, over, found[0]


def alternatives_in(standard: str) -> tuple[CheckItem, ...]:
    """Return the items of a bracketed list that must all be met: (质量/费用/交期)."""
    found = _EITHER.search(standard)
    if found is None:
        return ()
    items = re.split(r"[/、|]", found["list"])
    return tuple({"item": item, "op": "", "value": None} for item in items)


def checklist_in(text: str, *, period: str) -> tuple[CheckItem, ...]:
    """Return the counted items of a duty in that period: 电话量 50 个/天 拜访 1 个/天."""
    items: list[CheckItem] = []
    text = _PERIOD_BETWEEN.sub(r"\2\1", text)
    for clause in re.split(r"[,;。]", text):
        spoken = period_in(clause)
        for found in _ITEM.finditer(clause):
            own = period_in(f"/{found['per']}") if found["per"] else period_in(found["lead"] or "")
            if (own or spoken or period) != period:
                continue
            name = re.sub(
                r"^(?:每[天日周月])?(?:必须|至少|需要|需|要|应|完成|和|及|并|且)*",
                "",
                found["name"],
            )
            name = re.sub(r"(?:至少|不少于|达到|不低于|必须|>=|≥|>)$", "", name)
            if name in {"周", "天", "日", "月"}:
                name = found["tail"]  # 每周 3 次拜访
            elif len(name) == 1:
                name += found["tail"]  # 打 20 个电话
            name = re.sub(r"(?<=..)(?:可得|获得|得|奖励?|加)$", "", name)
            if found["unit"] == "个" and re.match(_SPAN, found["tail"]):
                continue
            if len(name) >= 2 and not re.search(
                r"[:点号月日]$|^[前第]|^(?:各|半年|季度?|年度?)*(?:提交|交)$", name
            ):
                strict = re.search(r"(?<![=])>(?!=)$", found["name"])
                number = format(amount_of(found["number"]), "f")
                items.append({"item": name, "op": ">" if strict else ">=", "value": number})
    if len(items) == 1 and _ONCE_ITEM.search(text) and items[0]["value"] == "1":
        return ()  # 每周提交一次: to do it once is the duty itself
    return tuple(items)
