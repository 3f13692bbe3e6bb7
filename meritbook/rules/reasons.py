"""What each step of a trace says: the numbers compared, and for a failed step the remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from meritbook.kit.points import points_text
from meritbook.rules import attributes, checks, deadlines, values
from meritbook.rules.condition_words import condition_failed
from meritbook.rules.conditions import condition_check
from meritbook.rules.scoring import legs
from meritbook.rules.spec import (
    DEADLINE,
    DELIVERED_ON,
    DUE_ON,
    JUDGED_POINTS,
    MINUTES,
    POPULATION,
    THRESHOLD,
    TRIGGER,
    ChecklistItem,
    EventFacts,
    PersonFacts,
    RuleSpec,
    Score,
)
from meritbook.rules.texts import (
    LIST_SIGN,
    AssetWords,
    Translator,
    day_text,
    gettext_noop,
    measured,
    moment_text,
    number_text,
)
from meritbook.rules.workings import days_late, event_measure

_ = gettext_noop

OUTSIDE = _("发生时的部门、岗位不在这条标准的适用范围之内；如果调岗未登记，请先更正任职记录")
OUTSIDE_GRADE = _("发生时的职级不在这条标准的适用范围之内")
EXCEPTED = _("属于这条标准排除的部门、岗位或人员")
NOT_NAMED = _("这条标准只适用于点名的人员")
TENURE_UNKNOWN = _("没有登记入职日期，看不出司龄；请先补上入职日期")
TENURE_SHORT = _("发生时入职 %(months)d 个月，不满 %(least)d 个月")
TENURE_LONG = _("发生时入职 %(months)d 个月，已满 %(below)d 个月")
EXEMPT = _("属于“%(kind)s”，不适用这条标准")
BEFORE_FIRST_DAY = _("%(day)s 早于这条标准的起始日 %(first)s，不计分")
ON_TIME = _("%(moment)s 完成，未超过截止 %(due)s")
LATE = _("%(moment)s 提交，晚于截止 %(due)s，不计分；下次请在截止之前提交")
LATE_FOR_ORDER = _("%(ordered)s 下单，%(moment)s 完成，晚于截止 %(due)s，不计分")
ON_TIME_FOR_ORDER = _("%(ordered)s 下单，%(moment)s 完成，未超过截止 %(due)s")
TOO_SLOW = _("用时 %(minutes)s 分钟，超过时限 %(limit)s 分钟，不计分")
DELIVERED = _("应交 %(due)s，%(delivered)s 交付，按期")
DELIVERED_LATE = _("应交 %(due)s，%(delivered)s 交付，延误 %(days)d 天")
NOT_LATE = _("应交 %(due)s，%(delivered)s 交付，没有延误，不扣分")
LATE_NO_AWARD = _("应交 %(due)s，%(delivered)s 交付，延误 %(days)d 天，不得按期奖励")
ABOVE = _("%(measure)s超过门槛 %(threshold)s")
AT_LEAST = _("%(measure)s达到门槛 %(threshold)s")
NOT_ABOVE = _("%(measure)s没有超过门槛 %(threshold)s，要超过才计分")
NOT_REACHED = _("%(measure)s未达到门槛 %(threshold)s，还差 %(missing)s")
OVER_LIMIT = _("用时 %(minutes)s 分钟，超过时限 %(limit)s 分钟")
WITHIN_LIMIT = _("用时 %(minutes)s 分钟，在时限 %(limit)s 分钟之内")
WITHIN_LIMIT_NOTHING = _("用时 %(minutes)s 分钟，在时限 %(limit)s 分钟之内，不扣分")
OVER_LIMIT_NOTHING = _("用时 %(minutes)s 分钟，超过时限 %(limit)s 分钟，不得分")
OUTSIDE_RANGE = _("分值 %(points)s 不在 %(low)s 至 %(high)s 之间；请在范围内重新评定")
CHECKLIST_MET = _("各项达标：%(items)s")
CHECKLIST_TAKEN = _("按要求完成（未填各项数据）")
CHECKLIST_UNMET = _("未达标：%(items)s；全部达标才计分")
ITEM = _("%(item)s %(given)s（要求 %(op)s %(bound)s）")
ITEM_YES = _("%(item)s：%(given)s")
ITEM_MISSING = _("%(item)s 未填（要求 %(op)s %(bound)s）")
ITEM_NOT_SAID = _("%(item)s 未填")
COUNTS = _("本次计 %(measure)s")
COUNTS_ONCE = _("本次计 1 次")
JUDGED = _("审核评定 %(points)s 分，在 %(low)s 至 %(high)s 之间")
LESS_THAN_ONE = _("%(measure)s不足 %(divisor)s，不满一个计分单位")
NOTHING_MEASURED = _("数量为 0，没有可以计分的内容")
AMOUNT_MISSING = _("没有填写金额，无法计分；请补上金额")
QUANTITY_MISSING = _("没有填写数量，无法计分；请补上数量")
ATTRIBUTE_MISSING = _("没有填写“%(names)s”，无法计分；请补上后重新提交")
POSTED = _("记入%(legs)s，%(day)s生效")
NO_ASSETS: Mapping[str, AssetWords] = {}
POSTED_LEG = _("%(asset)s %(points)s")


def failed_text(
    spec: RuleSpec, event: EventFacts, person: PersonFacts, failed: str, tr: Translator
) -> str:
    """Why one event failed the step."""
    if failed == POPULATION:
        return _population_failed(spec, event, person, tr)
    if failed == TRIGGER:
        return _trigger_failed(spec, event, person, tr)
    if failed == DEADLINE:
        return _deadline_failed(spec, event, tr)
    if failed == THRESHOLD:
        return _threshold_failed(spec, event, tr)
    return _measure_failed(spec, event, tr)


def _population_failed(
    spec: RuleSpec, event: EventFacts, person: PersonFacts, tr: Translator
) -> str:
    people = spec.population
    part = checks.outside_by(people, person)
    if part or not people.has_tenure:
        texts = {"grades": OUTSIDE_GRADE, "excepted": EXCEPTED, "employees": NOT_NAMED}
        return tr(texts.get(part, OUTSIDE))
    months = checks.months_of(event, person)
    if months is None:
        return tr(TENURE_UNKNOWN)
    if months < (people.tenure_from or 0):
        return tr(TENURE_SHORT) % {"months": months, "least": people.tenure_from}
    return tr(TENURE_LONG) % {"months": months, "below": people.tenure_to}


def _trigger_failed(spec: RuleSpec, event: EventFacts, person: PersonFacts, tr: Translator) -> str:
    day = event.happened_at.date()
    if spec.counts_from is not None and day < spec.counts_from:
        return tr(BEFORE_FIRST_DAY) % {
            "day": day_text(day, tr),
            "first": day_text(spec.counts_from, tr),
        }
    kind = checks.exempt_kind(spec.exclude, event)
    unmet = condition_check(spec)
    if kind is None and unmet is not None and unmet(event, person):
        return condition_failed(spec, event, person, tr)
    return tr(EXEMPT) % {"kind": kind or ""}


def _deadline_failed(spec: RuleSpec, event: EventFacts, tr: Translator) -> str:
    if spec.shape == "S7":
        return _delivery(spec, event, LATE_NO_AWARD, NOT_LATE, tr)
    due = checks.due_of(spec, event)
    if due is not None and event.happened_at > due:
        if deadlines.kind_of(spec.deadline or {}) == "cut_off":
            return _moments(LATE_FOR_ORDER, event, due, tr)
        return _moments(LATE, event, due, tr)
    return tr(TOO_SLOW) % _minutes(spec, event)


def deadline_text(spec: RuleSpec, event: EventFacts, tr: Translator) -> str:
    """How an event on time compares with its deadline; empty where there is none."""
    if spec.shape == "S7":
        return _delivery(spec, event, DELIVERED_LATE, DELIVERED, tr)
    if not checks.deadline_gates(spec):
        return ""
    due = checks.due_of(spec, event)
    if due is None:
        return ""
    by_order = deadlines.kind_of(spec.deadline or {}) == "cut_off"
    return _moments(ON_TIME_FOR_ORDER if by_order else ON_TIME, event, due, tr)


def _moments(template: str, event: EventFacts, due: datetime, tr: Translator) -> str:
    happened_at = event.happened_at
    ordered_at = checks.ordered_at_of(event)
    day = happened_at.date()
    timed = event.has_time and deadlines_name_time(due)
    return tr(template) % {
        "moment": moment_text(happened_at, tr, beside=due.date() if timed else None)
        if event.has_time
        else day_text(day, tr),
        "due": moment_text(due, tr, beside=day),
        "ordered": moment_text(ordered_at, tr) if ordered_at else "",
    }


def deadlines_name_time(due: datetime) -> bool:
    """Whether a deadline names a time of day, not the end of a day only."""
    return due.microsecond == 0


def _delivery(spec: RuleSpec, event: EventFacts, late: str, on_time: str, tr: Translator) -> str:
    days = days_late(event)
    due = attributes.day_of(event.attributes.get(DUE_ON, ""))
    delivered = attributes.day_of(event.attributes.get(DELIVERED_ON, ""))
    if days is None or due is None or delivered is None:
        return ""
    return tr(late if days > 0 else on_time) % {
        "due": day_text(due, tr),
        "delivered": day_text(delivered, tr),
        "days": days,
    }


def threshold_text(spec: RuleSpec, event: EventFacts, tr: Translator) -> str:
    """What the event passed: a threshold, a response limit, a checklist; empty without one."""
    if spec.shape == "S8":
        over = (spec.points or 0) < 0
        return tr(OVER_LIMIT if over else WITHIN_LIMIT) % _minutes(spec, event)
    if spec.shape == "S9":
        return _judged(JUDGED, spec, event, tr)
    if spec.checklist and spec.is_windowed:
        given = [item for item in spec.checklist if event.attributes.get(item.item)]
        if not given:
            return tr(CHECKLIST_TAKEN)
        return tr(CHECKLIST_MET) % {"items": _items(given, event, tr)}
    if spec.threshold is None or spec.is_windowed:
        return ""
    template = ABOVE if spec.strict else AT_LEAST
    return tr(template) % _threshold_numbers(spec, event, tr)


def _threshold_failed(spec: RuleSpec, event: EventFacts, tr: Translator) -> str:
    if spec.shape == "S8":
        rewarded = (spec.points or 0) >= 0
        template = OVER_LIMIT_NOTHING if rewarded else WITHIN_LIMIT_NOTHING
        return tr(template) % _minutes(spec, event)
    if spec.shape == "S9":
        return _judged(OUTSIDE_RANGE, spec, event, tr)
    if spec.is_windowed:
        unmet = [
            item
            for item in spec.checklist
            if not checks.item_test(item)(event.attributes.get(item.item, ""))
        ]
        return tr(CHECKLIST_UNMET) % {"items": _items(unmet, event, tr)}
    template = NOT_ABOVE if spec.strict else NOT_REACHED
    return tr(template) % _threshold_numbers(spec, event, tr)


def _threshold_numbers(spec: RuleSpec, event: EventFacts, tr: Translator) -> dict[str, str]:
    threshold = spec.threshold or Decimal(0)
    measure = values.measure_of(spec)(event) or Decimal(0)
    return {
        "measure": measured(measure, spec, tr),
        "threshold": measured(threshold, spec, tr),
        "missing": measured(max(threshold - measure, Decimal(0)), spec, tr),
    }


def _items(items: Sequence[ChecklistItem], event: EventFacts, tr: Translator) -> str:
    return tr(LIST_SIGN).join(
        _item(item, event.attributes.get(item.item, ""), tr) for item in items
    )


def _item(item: ChecklistItem, given: str, tr: Translator) -> str:
    if item.value is None:
        template = ITEM_YES if given else ITEM_NOT_SAID
        return tr(template) % {"item": item.item, "given": given}
    sign = {">=": "≥", "<=": "≤"}.get(checks.operator_of(item), checks.operator_of(item))
    return tr(ITEM if given else ITEM_MISSING) % {
        "item": item.item,
        "given": given,
        "op": sign,
        "bound": number_text(item.value),
    }


def _minutes(spec: RuleSpec, event: EventFacts) -> dict[str, str]:
    minutes = attributes.number_of(event.attributes.get(MINUTES, ""))
    return {
        "minutes": number_text(minutes or Decimal(0)),
        "limit": number_text(spec.limit_minutes or Decimal(0)),
    }


def _judged(template: str, spec: RuleSpec, event: EventFacts, tr: Translator) -> str:
    low, high = values.judged_range(spec)
    judged = attributes.number_of(event.attributes.get(JUDGED_POINTS, ""))
    return tr(template) % {
        "points": number_text(judged or Decimal(0)),
        "low": number_text(low),
        "high": number_text(high),
    }


def measure_text(spec: RuleSpec, event: EventFacts, tr: Translator) -> str:
    """How much the event counts; empty for shapes that measure nothing."""
    if spec.shape == "S2":
        return tr(COUNTS_ONCE)
    text = event_measure(spec, event, tr)
    return tr(COUNTS) % {"measure": text} if text else ""


def _measure_failed(spec: RuleSpec, event: EventFacts, tr: Translator) -> str:
    asked = {"S7": (DUE_ON, DELIVERED_ON), "S8": (MINUTES,), "S9": (JUDGED_POINTS,)}
    if spec.multiplier is not None:
        asked["S10"] = (JUDGED_POINTS,)
    if spec.shape in asked:
        missing = [name for name in asked[spec.shape] if not event.attributes.get(name)]
        names = tr(LIST_SIGN).join(missing or asked[spec.shape])
        return tr(ATTRIBUTE_MISSING) % {"names": names}
    measure = values.measure_of(spec)(event)
    if measure is None:
        return tr(AMOUNT_MISSING if spec.money else QUANTITY_MISSING)
    if measure <= 0:
        return tr(NOTHING_MEASURED)
    return tr(LESS_THAN_ONE) % {
        "measure": measured(measure, spec, tr),
        "divisor": measured(spec.divisor or Decimal(1), spec, tr),
    }


def posting_text(
    spec: RuleSpec, score: Score, tr: Translator, assets: Mapping[str, AssetWords] = NO_ASSETS
) -> str:
    """What is posted to which account (``assets``: their words by code), and from when it counts."""
    posted = [
        tr(POSTED_LEG) % _leg_words(assets, asset, minor)
        for asset, minor in legs(spec, score.points)
        if not assets or asset in assets
    ]
    return tr(POSTED) % {
        "legs": tr(LIST_SIGN).join(posted),
        "day": day_text(score.effective_on, tr),
    }


def _leg_words(assets: Mapping[str, AssetWords], code: str, minor: int) -> dict[str, str]:
    """The words of one leg; an asset that nobody names has its code and two decimals."""
    known = assets.get(code)
    text = points_text(minor, known.scale if known else 2)
    return {"asset": known.name if known else code, "points": f"+{text}" if minor > 0 else text}
