"""What a window counted, what it left out, and how it stands to its target."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from meritbook.rules import checks, values
from meritbook.rules.condition_words import condition_failed
from meritbook.rules.conditions import condition_check, reads_person
from meritbook.rules.reasons import NOTHING_MEASURED, failed_text
from meritbook.rules.spec import (
    DEADLINE,
    MEASURE,
    THRESHOLD,
    TRIGGER,
    Contribution,
    EventFacts,
    PersonFacts,
    RuleSpec,
    Window,
)
from meritbook.rules.texts import (
    LIST_SIGN,
    Translator,
    day_text,
    gettext_noop,
    measured,
    window_text,
)

_ = gettext_noop

NOBODY = PersonFacts()
"""The reasons here are those that an event alone tells."""

NOTHING_IN_WINDOW = _("%(window)s 没有记录")
NONE_COUNTED = _("%(window)s 共 %(events)d 条记录，都未计入：%(reasons)s")
DONE_IN_WINDOW = _("%(window)s 按要求完成 %(counted)d 次，按一次计")
SUMMED = _("%(window)s 计入 %(counted)d 条记录，合计 %(measure)s")
LAST_VALUE = _("%(window)s 以最后一次填报为准：%(measure)s")
LEFT_OUT = _("%(text)s；另有 %(left)d 条未计入：%(reasons)s")
TARGET_MET = _("%(measure)s达到目标 %(target)s")
TARGET_PASSED = _("%(measure)s超过目标 %(target)s")
TARGET_NOT_MET = _("%(measure)s未达到目标 %(target)s，还差 %(missing)s")
TARGET_NOT_PASSED = _("%(measure)s没有超过目标 %(target)s，要超过才得分")
TIER_REACHED = _("%(measure)s达到第 %(tier)d 档 %(bound)s")
TIER_PASSED = _("%(measure)s超过第 %(tier)d 档 %(bound)s")
TIER_HIGHEST = _("%(reached)s，已是最高一档")
TIER_NEXT = _("%(reached)s，离第 %(tier)d 档 %(bound)s还差 %(missing)s")
TIER_NEXT_TO_PASS = _("%(reached)s，要超过 %(bound)s才到第 %(tier)d 档")
TIER_NONE = _("%(measure)s未达到第 1 档 %(bound)s，还差 %(missing)s")
TIER_NONE_PASSED = _("%(measure)s没有超过第 1 档 %(bound)s，要超过才得分")
NOT_COUNTED = _("%(day)s 的记录不符合这条标准")
NOT_MET = _("%(day)s 的记录：%(text)s")
MORE = _("等")
DISTINCT = _("%(text)s（同一对象只算一次，共 %(objects)d 个对象）")

_SHOWN = 5
"""So many left-out events are named one by one."""


def window_measure_text(
    spec: RuleSpec,
    window: Window,
    events: Sequence[tuple[Contribution, EventFacts]],
    tr: Translator,
) -> str:
    """What a window counted, and what it left out and why."""
    contributions = [contribution for contribution, _event in events]
    counted = sum(1 for one in contributions if one.counted)
    measure = values.window_measure(spec, contributions) or Decimal(0)
    template = DONE_IN_WINDOW if spec.shape == "S2" else SUMMED
    text = tr(LAST_VALUE if spec.percent_target and spec.shape != "S2" else template) % {
        "window": window_text(window, tr),
        "counted": counted,
        "measure": measured(measure, spec, tr),
    }
    if spec.distinct:
        objects = len(values.first_of_each_object([one for one in contributions if one.counted]))
        text = tr(DISTINCT) % {"text": text, "objects": objects}
    left_out = [event for contribution, event in events if not contribution.counted]
    if not left_out:
        return text
    return tr(LEFT_OUT) % {
        "text": text,
        "left": len(left_out),
        "reasons": _left_out(spec, left_out, tr),
    }


def window_failed_text(
    spec: RuleSpec,
    window: Window,
    events: Sequence[tuple[Contribution, EventFacts]],
    tr: Translator,
) -> str:
    """Why a window has nothing to count."""
    name = window_text(window, tr)
    left_out = [event for contribution, event in events if not contribution.counted]
    if left_out:
        return tr(NONE_COUNTED) % {
            "window": name,
            "events": len(left_out),
            "reasons": _left_out(spec, left_out, tr),
        }
    return tr(NOTHING_MEASURED) if events else tr(NOTHING_IN_WINDOW) % {"window": name}


def _left_out(spec: RuleSpec, events: Sequence[EventFacts], tr: Translator) -> str:
    ordered = sorted(events, key=lambda event: event.happened_at)
    reasons = [_left_out_reason(spec, event, tr) for event in ordered[:_SHOWN]]
    return tr(LIST_SIGN).join(reasons) + (tr(MORE) if len(ordered) > _SHOWN else "")


def _left_out_reason(spec: RuleSpec, event: EventFacts, tr: Translator) -> str:
    """Why one event was not counted, as far as the event alone tells."""
    untriggered = checks.trigger_check(spec)
    if untriggered is not None and untriggered(event):
        return failed_text(spec, event, NOBODY, TRIGGER, tr)
    due, slow = checks.due_of(spec, event), checks.slowness_check(spec)
    if (due is not None and event.happened_at > due) or (slow is not None and slow(event)):
        return failed_text(spec, event, NOBODY, DEADLINE, tr)
    unmet = checks.checklist_check(spec)
    if unmet is not None and unmet(event):
        return failed_text(spec, event, NOBODY, THRESHOLD, tr)
    if values.measure_of(spec)(event) is None:
        return failed_text(spec, event, NOBODY, MEASURE, tr)
    if spec.condition is not None and not reads_person(spec.condition):
        fails = condition_check(spec)
        if fails is not None and fails(event, NOBODY):
            text = condition_failed(spec, event, NOBODY, tr)
            return tr(NOT_MET) % {"day": day_text(event.happened_at.date(), tr), "text": text}
    return tr(NOT_COUNTED) % {"day": day_text(event.happened_at.date(), tr)}


def window_threshold_text(
    spec: RuleSpec, contributions: Sequence[Contribution], tr: Translator
) -> str:
    """How the window's measure compares with a target that must be reached; empty without one."""
    if spec.shape != "S5" or spec.proportional:
        return ""
    measure = values.window_measure(spec, contributions)
    if measure is None:
        return ""
    if spec.tiers:
        return _tier_text(spec, measure, tr)
    target = values.positive_target(spec)
    met = values.reaches(measure, target, strict=spec.strict)
    templates = (TARGET_PASSED, TARGET_NOT_PASSED) if spec.strict else (TARGET_MET, TARGET_NOT_MET)
    return tr(templates[0 if met else 1]) % {
        "measure": measured(measure, spec, tr),
        "target": measured(target, spec, tr),
        "missing": measured(max(target - measure, Decimal(0)), spec, tr),
    }


def _tier_text(spec: RuleSpec, measure: Decimal, tr: Translator) -> str:
    """Which tier the measure reaches, and how far it is from the next."""
    reached = values.tier_reached(spec, measure)
    numbers = {"measure": measured(measure, spec, tr)}
    here = ""
    if reached:
        bound = measured(spec.tiers[reached - 1].from_, spec, tr)
        template = TIER_PASSED if spec.strict else TIER_REACHED
        here = tr(template) % {**numbers, "tier": reached, "bound": bound}
        if reached == len(spec.tiers):
            return tr(TIER_HIGHEST) % {"reached": here}
    following = spec.tiers[reached].from_
    numbers |= {
        "reached": here,
        "bound": measured(following, spec, tr),
        "missing": measured(max(following - measure, Decimal(0)), spec, tr),
    }
    if not reached:
        return tr(TIER_NONE_PASSED if spec.strict else TIER_NONE) % numbers
    template = TIER_NEXT_TO_PASS if spec.strict else TIER_NEXT
    return tr(template) % {**numbers, "tier": reached + 1}
