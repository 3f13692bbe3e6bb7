"""What a rule's shape asks of one event: the inputs of a form, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from meritbook.rules import attributes, checks, deadlines, values
from meritbook.rules.conditions import compiled
from meritbook.rules.spec import (
    DELIVERED_ON,
    DUE_ON,
    JUDGED_POINTS,
    MINUTES,
    ORDERED_AT,
    EventFacts,
    Field,
    FieldProblem,
    RuleSpec,
)
from meritbook.rules.texts import MARK, YUAN, Translator, gettext_noop, number_text, unit_of
from meritbook.rules.workings import days_late

_ = gettext_noop

QUANTITY = _("数量")
AMOUNT = _("金额")
PERCENT = _("百分比")
MARKS = _("分数")
TIME = _("时间")
ONCE_HINT = _("不填按 1 计")
BASE_HINT = _("填写本来得到的分值，额外得它的 %(extra)s 倍")
BASE_REMEDY = _("请填写本来得到的分值，例如 20")
CUT_OFF_HINT = _("不填则当天完成即为按时")
CHECKLIST_HINT = _("各项都不填即视为已按要求完成")
CONDITION_HINT = _("计分条件要用；不填就不满足条件")
OBJECT = _("对象")
OBJECT_NEEDED = _("这条标准同一对象只算一次，没有对象就分不清")
OBJECT_REMEDY = _("请填写对象，例如客户名称")
RANGE_HINT = _("在 %(low)s 至 %(high)s 之间")

TIME_NEEDED = _("这条标准按钟点截止，只有日期看不出是否按时")
TIME_REMEDY = _("请填写日期和时间，例如 2026-11-12 21：30")
NEGATIVE = _("%(label)s %(number)s 小于 0")
NEGATIVE_REMEDY = _("请填写 0 以上的数；如果事情没有发生，请撤回原来的事件")
ABSURD = _("%(label)s %(number)s 超过上限 %(limit)s")
ABSURD_REMEDY = _("请检查是否多写了位数，或单位是否写错")
AMOUNT_NEEDED = _("这条标准按金额计分，但没有填写金额")
AMOUNT_REMEDY = _("请在“金额”一栏填写以元为单位的数")
PERCENT_NEEDED = _("这条标准按百分比计分，但没有填写数量")
PERCENT_REMEDY = _("请在“数量”一栏填写百分比，例如 98")
MARKS_NEEDED = _("这条标准按分数计分，但没有填写数量")
MARKS_REMEDY = _("请在“数量”一栏填写分数，例如 95")
MISSING = _("没有填写“%(name)s”")
DAY_REMEDY = _("请填写日期，例如 2026-11-12")
MINUTES_REMEDY = _("请填写分钟数，例如 45")
POINTS_REMEDY = _("请填写 %(low)s 至 %(high)s 之间的分值")
NOT_A_DAY = _("“%(name)s”的内容“%(text)s”不是日期")
NOT_A_NUMBER = _("“%(name)s”的内容“%(text)s”不是数")
NUMBER_REMEDY = _("请填写一个数，例如 50")
OUT_OF_RANGE = _("分值 %(points)s 不在 %(low)s 至 %(high)s 之间")
TOO_FINE = _("分值 %(points)s 的小数超过两位")
NOT_A_MOMENT = _("“%(name)s”的内容“%(text)s”不是日期和时间")
TOO_FAR_APART = _("“%(due)s”和“%(delivered)s”相差超过十年")
YEAR_REMEDY = _("请检查两个日期的年份")
ORDERED_LATER = _("“%(name)s”晚于事件发生的时间")
ORDERED_REMEDY = _("请检查下单时间和完成时间，下单应在前")

# The shapes' own attribute names, so that extraction finds them.
ATTRIBUTE_NAMES = (_("应交日期"), _("交付日期"), _("分钟"), _("分值"), _("下单时间"))

LARGEST = Decimal(10_000_000_000)
"""No single event counts more (10 thousand million): beyond it lies a slip of the pen."""

_TEN_YEARS = 3660
_MEASURED = frozenset({"S1", "S3", "S4", "S5", "S10"})


def fields_of(spec: RuleSpec, *, tr: Translator = str) -> tuple[Field, ...]:
    """The inputs that a form for one event of the rule shows, besides person, time and note."""
    return tuple(_fields(spec, tr))


def _fields(spec: RuleSpec, tr: Translator) -> Iterator[Field]:
    zero = Decimal(0)
    unit = unit_of(spec, tr)
    match spec.shape:
        case "S10" if spec.multiplier is not None:
            yield Field(
                "attribute",
                JUDGED_POINTS,
                tr(JUDGED_POINTS),
                "points",
                "",
                True,
                zero,
                LARGEST,
                tr(BASE_HINT) % {"extra": number_text(values.extra_share(spec))},
            )
        case "S1" | "S3" | "S4" | "S5" | "S10" if spec.money:
            yield Field("amount", "amount", tr(AMOUNT), "money", unit, True, zero, LARGEST)
        case "S4" | "S5" if spec.percent_target:
            label, kind = (MARKS, "number") if unit == MARK else (PERCENT, "percent")
            yield Field("quantity", "quantity", tr(label), kind, unit, True, zero, LARGEST)
        case "S1" | "S3" | "S4" | "S5" | "S10":
            yield Field(
                "quantity",
                "quantity",
                tr(QUANTITY),
                "number",
                unit,
                False,
                zero,
                LARGEST,
                tr(ONCE_HINT),
            )
        case "S7":
            for name in (DUE_ON, DELIVERED_ON):
                yield Field("attribute", name, tr(name), "date", required=True)
        case "S8":
            yield Field("attribute", MINUTES, tr(MINUTES), "number", "", True, zero)
        case "S9":
            low, high = values.judged_range(spec)
            numbers = {"low": number_text(low), "high": number_text(high)}
            hint = tr(RANGE_HINT) % numbers
            yield Field(
                "attribute", JUDGED_POINTS, tr(JUDGED_POINTS), "points", "", True, low, high, hint
            )
        case "S2":
            yield from _checklist_fields(spec, tr)
    if _has_cut_off(spec) and checks.deadline_gates(spec):
        hint = tr(CUT_OFF_HINT)
        yield Field("attribute", ORDERED_AT, tr(ORDERED_AT), "datetime", hint=hint)
    for kind in spec.exclude:
        yield Field("attribute", kind, kind, "yes_no")
    yield from _condition_fields(spec, tr)


def _condition_fields(spec: RuleSpec, tr: Translator) -> Iterator[Field]:
    """What the condition reads of an event, unless the shape has asked for it."""
    if spec.condition is None:
        return
    asked = {DUE_ON, DELIVERED_ON, MINUTES, JUDGED_POINTS, ORDERED_AT} & set(_shapes_own(spec))
    asked |= {item.item for item in spec.checklist} | set(spec.exclude)
    for name, kind in spec.condition.attributes:
        if name not in asked:
            yield Field("attribute", name, name, kind, hint=tr(CONDITION_HINT))
    if AMOUNT in compiled(spec.condition).names and not spec.money:
        yield Field("amount", "amount", tr(AMOUNT), "money", tr(YUAN), False, Decimal(0), LARGEST)


def _shapes_own(spec: RuleSpec) -> tuple[str, ...]:
    """Attributes that the shape itself asks for."""
    own = {"S7": (DUE_ON, DELIVERED_ON), "S8": (MINUTES,), "S9": (JUDGED_POINTS,)}
    names = own.get(spec.shape, ())
    if spec.multiplier is not None:
        names += (JUDGED_POINTS,)
    if spec.shape == "S2" and spec.limit_minutes is not None:
        names += (MINUTES,)
    if _has_cut_off(spec) and checks.deadline_gates(spec):
        names += (ORDERED_AT,)
    return names


def _checklist_fields(spec: RuleSpec, tr: Translator) -> Iterator[Field]:
    for item in spec.checklist:
        kind = "yes_no" if item.value is None else "number"
        yield Field("attribute", item.item, item.item, kind, hint=tr(CHECKLIST_HINT))
    if spec.limit_minutes is not None:
        yield Field("attribute", MINUTES, tr(MINUTES), "number", minimum=Decimal(0))


def validate_event(
    spec: RuleSpec, event: EventFacts, *, tr: Translator = str
) -> list[FieldProblem]:
    """Why the event cannot be taken for the rule; empty when it can.

    ``field`` is ``happened_at``, ``quantity``, ``amount`` or the name of an attribute.
    """
    return [
        *_time_problems(spec, event, tr),
        *_measure_problems(spec, event, tr),
        *_attribute_problems(spec, event, tr),
    ]


def column_of(field: str, *, tr: Translator = str) -> str:
    """The column of an events file that a problem's ``field`` stands for."""
    names = {"happened_at": TIME, "quantity": QUANTITY, "amount": AMOUNT, "object": OBJECT}
    return tr(names.get(field, field))


def _time_problems(spec: RuleSpec, event: EventFacts, tr: Translator) -> Iterator[FieldProblem]:
    if not checks.deadline_gates(spec):
        return
    ordered = event.attributes.get(ORDERED_AT, "") if _has_cut_off(spec) else ""
    if not event.has_time and (ordered or deadlines.needs_time(spec.deadline)):
        yield FieldProblem("happened_at", tr(TIME_NEEDED), tr(TIME_REMEDY))
    if not ordered:
        return
    moment = attributes.moment_of(ordered)
    if moment is None or not moment[1]:
        reason = tr(NOT_A_MOMENT) % {"name": tr(ORDERED_AT), "text": ordered}
        yield FieldProblem(ORDERED_AT, reason, tr(TIME_REMEDY))
    elif event.has_time and moment[0] > event.happened_at:
        reason = tr(ORDERED_LATER) % {"name": tr(ORDERED_AT)}
        yield FieldProblem(ORDERED_AT, reason, tr(ORDERED_REMEDY))


def _measure_problems(spec: RuleSpec, event: EventFacts, tr: Translator) -> Iterator[FieldProblem]:
    for name, label, number in (
        ("quantity", QUANTITY, event.quantity),
        ("amount", AMOUNT, event.amount),
    ):
        if number is None:
            continue
        if number < 0:
            reason = tr(NEGATIVE) % {"label": tr(label), "number": number_text(number)}
            yield FieldProblem(name, reason, tr(NEGATIVE_REMEDY))
        elif number > LARGEST:
            numbers = {"number": number_text(number), "limit": number_text(LARGEST)}
            reason = tr(ABSURD) % {"label": tr(label), **numbers}
            yield FieldProblem(name, reason, tr(ABSURD_REMEDY))
    if spec.multiplier is not None:
        return
    if spec.shape in _MEASURED and values.measure_of(spec)(event) is None:
        if spec.money:
            yield FieldProblem("amount", tr(AMOUNT_NEEDED), tr(AMOUNT_REMEDY))
        elif unit_of(spec, tr) == MARK:
            yield FieldProblem("quantity", tr(MARKS_NEEDED), tr(MARKS_REMEDY))
        else:
            yield FieldProblem("quantity", tr(PERCENT_NEEDED), tr(PERCENT_REMEDY))


def _attribute_problems(
    spec: RuleSpec, event: EventFacts, tr: Translator
) -> Iterator[FieldProblem]:
    given = event.attributes
    match spec.shape:
        case "S7":
            for name in (DUE_ON, DELIVERED_ON):
                yield from _day_problem(name, given.get(name, ""), tr)
            if abs(days_late(event) or 0) > _TEN_YEARS:
                names = {"due": tr(DUE_ON), "delivered": tr(DELIVERED_ON)}
                yield FieldProblem(DELIVERED_ON, tr(TOO_FAR_APART) % names, tr(YEAR_REMEDY))
        case "S8":
            yield from _number_problem(MINUTES, given.get(MINUTES, ""), MINUTES_REMEDY, tr)
        case "S9":
            yield from _judged_problem(spec, given.get(JUDGED_POINTS, ""), tr)
        case "S10" if spec.multiplier is not None:
            yield from _base_problem(given.get(JUDGED_POINTS, ""), tr)
        case "S2":
            items = [item.item for item in spec.checklist if item.value is not None]
            for name in (*items, *((MINUTES,) if spec.limit_minutes is not None else ())):
                if given.get(name):
                    yield from _number_problem(name, given[name], NUMBER_REMEDY, tr)
    if spec.condition is not None:
        for name, kind in spec.condition.attributes:
            text = given.get(name, "")
            if not text or name in _shapes_own(spec):
                continue
            if kind == "number" and attributes.number_of(text) is None:
                reason = tr(NOT_A_NUMBER) % {"name": tr(name), "text": text}
                yield FieldProblem(name, reason, tr(NUMBER_REMEDY))
            elif kind == "date":
                yield from _day_problem(name, text, tr)
    if spec.distinct and not event.object.strip():
        yield FieldProblem("object", tr(OBJECT_NEEDED), tr(OBJECT_REMEDY))


def _day_problem(name: str, text: str, tr: Translator) -> Iterator[FieldProblem]:
    if not text:
        yield FieldProblem(name, tr(MISSING) % {"name": tr(name)}, tr(DAY_REMEDY))
    elif attributes.day_of(text) is None:
        reason = tr(NOT_A_DAY) % {"name": tr(name), "text": text}
        yield FieldProblem(name, reason, tr(DAY_REMEDY))


def _number_problem(name: str, text: str, remedy: str, tr: Translator) -> Iterator[FieldProblem]:
    number = attributes.number_of(text)
    if not text:
        yield FieldProblem(name, tr(MISSING) % {"name": tr(name)}, tr(remedy))
    elif number is None:
        reason = tr(NOT_A_NUMBER) % {"name": tr(name), "text": text}
        yield FieldProblem(name, reason, tr(remedy))
    elif number < 0:
        reason = tr(NEGATIVE) % {"label": tr(name), "number": number_text(number)}
        yield FieldProblem(name, reason, tr(remedy))


def _base_problem(text: str, tr: Translator) -> Iterator[FieldProblem]:
    yield from _number_problem(JUDGED_POINTS, text, BASE_REMEDY, tr)
    base = attributes.number_of(text)
    if base is not None and base > LARGEST:
        numbers = {"number": number_text(base), "limit": number_text(LARGEST)}
        reason = tr(ABSURD) % {"label": tr(JUDGED_POINTS), **numbers}
        yield FieldProblem(JUDGED_POINTS, reason, tr(BASE_REMEDY))


def _judged_problem(spec: RuleSpec, text: str, tr: Translator) -> Iterator[FieldProblem]:
    low, high = values.judged_range(spec)
    numbers = {"low": number_text(low), "high": number_text(high)}
    remedy = tr(POINTS_REMEDY) % numbers
    judged = attributes.number_of(text)
    if not text:
        yield FieldProblem(JUDGED_POINTS, tr(MISSING) % {"name": tr(JUDGED_POINTS)}, remedy)
    elif judged is None:
        reason = tr(NOT_A_NUMBER) % {"name": tr(JUDGED_POINTS), "text": text}
        yield FieldProblem(JUDGED_POINTS, reason, remedy)
    elif not low <= judged <= high:
        reason = tr(OUT_OF_RANGE) % {"points": number_text(judged), **numbers}
        yield FieldProblem(JUDGED_POINTS, reason, remedy)
    elif judged != round(judged, 2):
        reason = tr(TOO_FINE) % {"points": number_text(judged)}
        yield FieldProblem(JUDGED_POINTS, reason, remedy)


def _has_cut_off(spec: RuleSpec) -> bool:
    return spec.deadline is not None and deadlines.kind_of(spec.deadline) == "cut_off"
