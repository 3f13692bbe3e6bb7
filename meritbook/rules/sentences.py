"""Rules and results as Chinese sentences that anyone can check by hand."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from meritbook.kit.points import to_minor
from meritbook.rules import deadlines, values
from meritbook.rules.checks import deadline_gates
from meritbook.rules.reasons import failed_text
from meritbook.rules.scoring import CompiledRule
from meritbook.rules.spec import (
    CAP_PER_EVENT,
    SCALE,
    THRESHOLD,
    Contribution,
    EventFacts,
    PersonFacts,
    RuleSpec,
    Window,
)
from meritbook.rules.texts import (
    EACH_TIME,
    EVERY,
    LIST_SIGN,
    PER,
    WEEKDAYS,
    Translator,
    day_text,
    duty,
    gettext_noop,
    measured,
    number_text,
    plain_points,
    subject,
    unit_of,
    window_text,
)
from meritbook.rules.window_reasons import window_threshold_text
from meritbook.rules.windows import period_kind
from meritbook.rules.workings import event_measure, event_working, window_working

_ = gettext_noop

EARNS = _("得 %(points)s 分")
LOSES = _("扣 %(points)s 分")
RULE_DUTY = _("%(when)s%(duty)s%(marks)s，%(value)s")
RULE_EACH_TIME = _("%(subject)s%(marks)s：每次%(value)s")
RULE_EXTRA = _("%(subject)s%(marks)s：每次额外%(value)s")
RULE_EACH = _("%(subject)s%(marks)s：每 %(unit)s%(value)s")
RULE_PROPORTION = _(
    "%(subject)s%(marks)s：%(every)s目标 %(target)s，达到%(value)s，未达到的按比例计"
)
RULE_REACHED = _("%(subject)s%(marks)s：%(every)s达到 %(target)s，%(value)s")
RULE_PASSED = _("%(subject)s%(marks)s：%(every)s超过 %(target)s，%(value)s")
RULE_TIERS = _("%(subject)s%(marks)s：%(every)s%(tiers)s，只取最高一档")
TIER = _("达到 %(bound)s%(value)s")
TIER_ABOVE = _("超过 %(bound)s%(value)s")
RULE_TIMES = _("%(subject)s%(marks)s：按 %(times)s 倍计，每次额外得原分值的 %(extra)s 倍")
CAPPED = _("%(rule)s，每次最多 %(cap)s 分")
CAPPED_PER = _("%(rule)s，每人%(per)s最多 %(cap)s 分")
CAP_NOTED = _("%(rule)s（原文写有%(per)s最多 %(cap)s 分，目前不限制）")
ONCE_PER_OBJECT = _("%(rule)s，同一对象%(per)s只算一次")
FOR_NEWCOMERS = _("%(rule)s，入职不满 %(months)d 个月的乘 %(times)s")
ONLY_IF = _("%(rule)s；仅当 %(condition)s")
RULE_STAGE = _("%(subject)s：验收通过后%(value)s")
RULE_STAGE_SHARE = _("%(subject)s：验收通过后%(value)s（项目总分 %(total)s 的 %(weight)s%%）")
RULE_ON_TIME = _("%(subject)s%(marks)s：按期交付，每次%(value)s")
RULE_PER_DAY_LATE = _("%(subject)s%(marks)s：每延迟 1 天%(value)s")
RULE_SLOW = _("%(subject)s%(marks)s：超过 %(limit)s 分钟，每次%(value)s")
RULE_QUICK = _("%(subject)s%(marks)s：%(limit)s 分钟之内，每次%(value)s")
RULE_JUDGED_LOSS = _("%(subject)s%(marks)s：按程度每次扣 %(low)s 至 %(high)s 分，由审核人评定")
RULE_JUDGED_GAIN = _("%(subject)s%(marks)s：按程度每次得 %(low)s 至 %(high)s 分，由审核人评定")
RULE_JUDGED = _("%(subject)s%(marks)s：按程度每次 %(low)s 至 %(high)s 分，由审核人评定")

WHEN_TIME = _("%(every)s%(before)s")
WHEN_WEEKDAY = _("每%(weekday)s%(before)s")
WHEN_DAY = _("%(every)s %(day)d 日%(before)s")
WHEN_DAY_OF_LAST_MONTH = _("%(every)s最后一个月的 %(day)d 日%(before)s")
WHEN_SHORT_MONTH = _("%(when)s（没有 %(day)d 日的月份，按最后一天）")
WHEN_LAST_DAY = _("%(every)s最后 1 天%(before)s")
WHEN_FIRST_OF_NEXT = _("%(every)s（下期第 1 天%(before)s）")
WHEN_FIRST_OF_MONTH = _("每月（次月 1 日%(before)s）")
WHEN_DATE = _("每年 %(month)d 月 %(day)d 日%(before)s")
WHEN_CUT_OFF = _("%(every)s（%(time)s 前下单的%(early)s、之后下单的%(late)s）")
DUE_SAME_DAY = _("当天完成")
DUE_SAME_DAY_AT = _("当天%(before)s完成")
DUE_NEXT_DAY = _("第二天完成")
DUE_NEXT_DAY_AT = _("第二天%(before)s完成")
BEFORE = _("前")
BEFORE_HOUR = _(" %(hour)d 点前")
BEFORE_CLOCK = _(" %(time)s 前")

MARKS = _("（%(marks)s）")
MARK_ABOVE = _("超过 %(threshold)s起算")
MARK_FROM = _("满 %(threshold)s起算")
MARK_TARGET = _("目标 %(target)s")
MARK_TARGET_PER = _("目标%(every)s %(target)s")
MARK_EXCEPT = _("%(kinds)s除外")
MARK_MINUTES = _("%(minutes)s 分钟之内")

EVENT = _("%(day)s %(subject)s%(measure)s：%(working)s")
WINDOW = _("%(window)s %(subject)s%(measure)s%(target)s：%(working)s")
WINDOW_TARGET = _("（目标 %(target)s）")
WINDOW_TARGET_PER = _("（目标 %(target)s/%(per)s）")
NOTHING_COUNTED = _("没有计入的记录，0 分")
IN_TIERS = _("%(comparison)s；%(working)s")
BELOW_TARGET = _("%(comparison)s，0 分")


def rule_sentence(spec: RuleSpec, *, tr: Translator = str) -> str:
    """The rule as one sentence: “每天 22 点前按要求完成工作汇报,得 5 分”."""
    sentence = _capped(spec, _rule(spec, tr), tr)
    if spec.distinct:
        sentence = tr(ONCE_PER_OBJECT) % {"rule": sentence, "per": tr(EVERY[period_kind(spec)])}
    if spec.newcomer is not None:
        numbers = {"months": spec.newcomer.months, "times": number_text(spec.newcomer.times)}
        sentence = tr(FOR_NEWCOMERS) % {"rule": sentence, **numbers}
    if spec.condition is not None:
        sentence = tr(ONLY_IF) % {"rule": sentence, "condition": spec.condition.text}
    return sentence


def _capped(spec: RuleSpec, sentence: str, tr: Translator) -> str:
    if spec.cap is None:
        return sentence
    cap = number_text(abs(spec.cap))
    if spec.event_cap is not None:
        return tr(CAPPED) % {"rule": sentence, "cap": cap}
    per = {**EVERY, CAP_PER_EVENT: EACH_TIME}.get(spec.cap_per)
    if spec.gain_cap is not None and per is not None:
        return tr(CAPPED_PER) % {"rule": sentence, "per": tr(per).lower(), "cap": cap}
    return tr(CAP_NOTED) % {"rule": sentence, "per": tr(per).lower() if per else "", "cap": cap}


def _rule(spec: RuleSpec, tr: Translator) -> str:
    parts = {
        "subject": subject(spec, tr),
        "marks": _marks(spec, tr),
        "value": "" if spec.shape == "S9" else _value(spec, tr),
        "every": (_when(spec, tr) if _is_limited(spec) else _every(spec, tr)).lower(),
        "target": "" if spec.target is None else measured(spec.target, spec, tr),
        "limit": "" if spec.limit_minutes is None else number_text(spec.limit_minutes),
    }
    match spec.shape:
        case "S1":
            return tr(RULE_EACH_TIME) % parts
        case "S2":
            return tr(RULE_DUTY) % {**parts, **_duty_parts(spec, tr)}
        case "S3":
            return tr(RULE_EACH) % {**parts, "unit": _unit_phrase(spec, tr)}
        case "S4":
            return tr(RULE_PROPORTION) % parts
        case "S5" if spec.tiers:
            return tr(RULE_TIERS) % {**parts, "tiers": _tiers(spec, tr)}
        case "S5" if spec.proportional:
            return tr(RULE_PROPORTION) % parts
        case "S5":
            return tr(RULE_PASSED if spec.strict else RULE_REACHED) % parts
        case "S6":
            return _stage_sentence(spec, parts, tr)
        case "S7":
            return tr(RULE_PER_DAY_LATE if (spec.points or 0) < 0 else RULE_ON_TIME) % parts
        case "S8":
            return tr(RULE_SLOW if (spec.points or 0) < 0 else RULE_QUICK) % parts
        case "S9":
            return _judged_sentence(spec, parts, tr)
        case "S10" if spec.multiplier is not None:
            numbers = {
                "times": number_text(spec.multiplier),
                "extra": number_text(values.extra_share(spec)),
            }
            return tr(RULE_TIMES) % {**parts, **numbers}
    return tr(RULE_EXTRA) % parts


def event_sentence(
    rule: CompiledRule, event: EventFacts, person: PersonFacts, *, tr: Translator = str
) -> str:
    """What one event of a per-event rule earned, or why it earned nothing:
    “11月12日 增加单量 5,600 元:5,600 ÷ 1,000 取整为 5,5 × 50 = 250 分”."""
    spec, score = rule.spec, rule.score(event, person)
    failed = score.failed
    working = (
        event_working(spec, event, person, score, tr)
        if failed is None
        else failed_text(spec, event, person, failed, tr)
    )
    measure = event_measure(spec, event, tr)
    return tr(EVENT) % {
        "day": day_text(score.effective_on, tr),
        "subject": subject(spec, tr),
        "measure": f" {measure}" if measure and unit_of(spec, tr) else "",
        "working": working,
    }


def window_sentence(
    rule: CompiledRule,
    window: Window,
    contributions: Sequence[Contribution],
    *,
    tr: Translator = str,
) -> str:
    """What a window earned so far:
    “11月9日至15日 回访老客户 13 个(目标 20 个/周):100 × 13/20 = 65 分”."""
    spec, score = rule.spec, rule.score_window(window, contributions)
    measure = values.window_measure(spec, contributions) if spec.shape != "S2" else None
    if score.failed is None:
        working = window_working(spec, contributions, score, tr)
        if spec.tiers:
            comparison = window_threshold_text(spec, contributions, tr)
            working = tr(IN_TIERS) % {"comparison": comparison, "working": working}
    elif score.failed == THRESHOLD:
        comparison = window_threshold_text(spec, contributions, tr)
        working = tr(BELOW_TARGET) % {"comparison": comparison}
    else:
        working = tr(NOTHING_COUNTED)
    return tr(WINDOW) % {
        "window": window_text(window, tr),
        "subject": subject(spec, tr),
        "measure": "" if measure is None else f" {measured(measure, spec, tr)}",
        "target": _window_target(spec, tr),
        "working": working,
    }


def _window_target(spec: RuleSpec, tr: Translator) -> str:
    if spec.target is None or spec.shape == "S2" or spec.tiers:
        return ""
    per = PER.get(period_kind(spec))
    target = measured(spec.target, spec, tr)
    if per is None or spec.percent_target:
        return tr(WINDOW_TARGET) % {"target": target}
    return tr(WINDOW_TARGET_PER) % {"target": target, "per": tr(per)}


def _value(spec: RuleSpec, tr: Translator) -> str:
    worth = values.stage_points(spec) if spec.shape == "S6" else spec.points or Decimal(0)
    return _worth(worth, tr)


def _tiers(spec: RuleSpec, tr: Translator) -> str:
    template = TIER_ABOVE if spec.strict else TIER
    gap = "" if unit_of(spec, tr) else " "
    return tr(LIST_SIGN).join(
        tr(template)
        % {"bound": measured(tier.from_, spec, tr) + gap, "value": _worth(tier.points, tr)}
        for tier in values.ladder_of(spec)
    )


def _worth(worth: Decimal, tr: Translator) -> str:
    template = LOSES if worth < 0 else EARNS
    return tr(template) % {"points": plain_points(to_minor(abs(worth), SCALE))}


def _every(spec: RuleSpec, tr: Translator) -> str:
    return tr(EVERY.get(period_kind(spec), EVERY["month"]))


def _duty_parts(spec: RuleSpec, tr: Translator) -> dict[str, str]:
    """When and what; the standard's own words where they begin with the same: 每周五之后补交."""
    when, what = _when(spec, tr), duty(spec, tr)
    return {"when": "" if what.startswith(when) else when, "duty": what}


def _is_limited(spec: RuleSpec) -> bool:
    """Whether the sentence of a target says until when: a cut-off is none."""
    return spec.deadline is not None and deadlines.kind_of(spec.deadline) != "cut_off"


def _unit_phrase(spec: RuleSpec, tr: Translator) -> str:
    divisor = spec.divisor or Decimal(1)
    if not unit_of(spec, tr):
        return number_text(divisor) + " "
    return measured(divisor, spec, tr)


def _stage_sentence(spec: RuleSpec, parts: dict[str, str], tr: Translator) -> str:
    if spec.project_total is None or spec.weight_percent is None:
        return tr(RULE_STAGE) % parts
    return tr(RULE_STAGE_SHARE) % {
        **parts,
        "total": number_text(spec.project_total),
        "weight": number_text(spec.weight_percent),
    }


def _judged_sentence(spec: RuleSpec, parts: dict[str, str], tr: Translator) -> str:
    low, high = values.judged_range(spec)
    if high <= 0:
        numbers = {"low": number_text(-high), "high": number_text(-low)}
        return tr(RULE_JUDGED_LOSS) % {**parts, **numbers}
    numbers = {"low": number_text(low), "high": number_text(high)}
    return tr(RULE_JUDGED_GAIN if low >= 0 else RULE_JUDGED) % {**parts, **numbers}


def _marks(spec: RuleSpec, tr: Translator) -> str:
    """What restricts the rule, in brackets behind the subject."""
    marks: list[str] = []
    if spec.shape == "S2":
        marks += [checklist_item_text(item.item, item.op, item.value) for item in spec.checklist]
        if spec.limit_minutes is not None:
            marks.append(tr(MARK_MINUTES) % {"minutes": number_text(spec.limit_minutes)})
    if spec.shape in ("S1", "S3") and spec.threshold is not None and spec.threshold > 1:
        template = MARK_ABOVE if spec.strict else MARK_FROM
        marks.append(tr(template) % {"threshold": measured(spec.threshold, spec, tr)})
    if spec.shape in ("S1", "S3") and spec.target is not None:
        counts_pieces = spec.money and spec.target < (spec.divisor or 1)
        target = number_text(spec.target) if counts_pieces else measured(spec.target, spec, tr)
        every = tr(EVERY[spec.period]).lower() if spec.period in EVERY else ""
        template = MARK_TARGET_PER if every else MARK_TARGET
        marks.append(tr(template) % {"target": target, "every": every})
    if spec.shape in ("S1", "S3", "S10") and deadline_gates(spec):
        marks.append(_when(spec, tr).lower())
    if spec.exclude:
        marks.append(tr(MARK_EXCEPT) % {"kinds": tr(LIST_SIGN).join(spec.exclude)})
    return tr(MARKS) % {"marks": tr(LIST_SIGN).join(marks)} if marks else ""


def checklist_item_text(item: str, op: str, value: Decimal | None) -> str:
    """``电话量 ≥ 50``; the item alone when it has no bound."""
    if value is None:
        return item
    sign = {"": "≥", ">=": "≥", "<=": "≤"}.get(op, op)
    return f"{item} {sign} {number_text(value)}"


def when_phrase(spec: RuleSpec, *, tr: Translator = str) -> str:
    """How often, and until when it is on time: “每周五 22 点前”."""
    return _when(spec, tr)


def _when(spec: RuleSpec, tr: Translator) -> str:
    every = _every(spec, tr)
    deadline = spec.deadline
    if deadline is None:
        return every
    numbers: dict[str, object] = {"every": every, "before": _before(deadline.get("time"), tr)}
    match deadlines.kind_of(deadline):
        case "time_of_day":
            return tr(WHEN_TIME) % numbers
        case "weekday":
            weekday = WEEKDAYS[int(str(deadline.get("weekday"))) - 1]
            return tr(WHEN_WEEKDAY) % {**numbers, "weekday": tr(weekday)}
        case "day_of_month":
            whole = tr(WHEN_DAY if period_kind(spec) == "month" else WHEN_DAY_OF_LAST_MONTH)
            day = int(str(deadline.get("day")))
            said = whole % {**numbers, "day": day}
            return tr(WHEN_SHORT_MONTH) % {"when": said, "day": day} if day > 28 else said
        case "last_day":
            return tr(WHEN_LAST_DAY) % numbers
        case "first_day_of_next":
            monthly = period_kind(spec) == "month"
            return tr(WHEN_FIRST_OF_MONTH if monthly else WHEN_FIRST_OF_NEXT) % numbers
        case "date":
            of_year = {"month": int(str(deadline["month"])), "day": int(str(deadline["day"]))}
            return tr(WHEN_DATE) % {**numbers, **of_year}
    return tr(WHEN_CUT_OFF) % {
        "every": every,
        "time": str(deadline.get("time")),
        "early": _due_phrase(str(deadline.get("before") or "same_day"), tr),
        "late": _due_phrase(str(deadline.get("after") or "next_day"), tr),
    }


def _due_phrase(text: str, tr: Translator) -> str:
    name, _sep, at = text.partition(" ")
    plain, timed = (
        (DUE_SAME_DAY, DUE_SAME_DAY_AT) if name == "same_day" else (DUE_NEXT_DAY, DUE_NEXT_DAY_AT)
    )
    return tr(timed if at else plain) % {"before": _before(at, tr)}


def _before(value: object, tr: Translator) -> str:
    """Until a time of day as people say it: 22 点前, 16:30 前; without one just 前."""
    if not value:
        return tr(BEFORE)
    hour, _sep, minute = str(value).partition(":")
    if minute in ("", "00", "00:00"):
        return tr(BEFORE_HOUR) % {"hour": int(hour)}
    return tr(BEFORE_CLOCK) % {"time": value}
