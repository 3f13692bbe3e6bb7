"""The sum behind a result, with the numbers put in, so that anyone can check it by hand:
``100 × 13/20 = 65 分``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from meritbook.kit.points import to_minor
from meritbook.rules import attributes, values
from meritbook.rules.multipliers import supported, times
from meritbook.rules.spec import (
    DELIVERED_ON,
    DUE_ON,
    JUDGED_POINTS,
    SCALE,
    Contribution,
    EventFacts,
    PersonFacts,
    RuleSpec,
    Score,
)
from meritbook.rules.texts import (
    Translator,
    gettext_noop,
    measured,
    number_text,
    plain_points,
    points,
)

_ = gettext_noop

UNITS = _("%(measure)s ÷ %(divisor)s 取整为 %(units)s，%(units)s × %(each)s = %(points)s")
TIMES = _("%(units)s × %(each)s = %(points)s")
DAYS_LATE = _("%(each)s × %(days)d 天 = %(points)s")
SHARE = _("%(total)s × %(weight)s%% = %(points)s")
PROPORTION = _("%(full)s × %(measure)s/%(target)s = %(points)s")
AT_TIER = _("按第 %(tier)d 档计 %(points)s")
ON_TOP = _("%(base)s ×（%(times)s − 1）= %(points)s")
SUPPORTED = _("%(working)s；入职不满 %(months)d 个月，乘 %(times)s 为 %(points)s")
CAPPED = _("%(working)s，每次最多 %(cap)s 分，计 %(points)s")
FULL = _("已达到目标，得满分 %(points)s")


def event_working(
    spec: RuleSpec, event: EventFacts, person: PersonFacts, score: Score, tr: Translator
) -> str:
    """How one event that scored came to its points."""
    cap, newcomer = spec.event_cap, spec.newcomer
    if cap is None and newcomer is None:
        return _working(spec, event, score, tr)
    asked = values.event_value(replace(spec, cap=None))(event)
    working, reached = _working(spec, event, asked, tr), asked.points
    if newcomer is not None and reached > 0 and supported(newcomer, event, person):
        reached = times(reached, newcomer.times)
        working = tr(SUPPORTED) % {
            "working": working,
            "months": newcomer.months,
            "times": number_text(newcomer.times),
            "points": points(reached, tr),
        }
    if cap is None or reached == score.points:
        return working
    return tr(CAPPED) % {
        "working": working,
        "cap": number_text(abs(cap)),
        "points": points(score.points, tr),
    }


def _working(spec: RuleSpec, event: EventFacts, score: Score, tr: Translator) -> str:
    total = points(score.points, tr)
    match spec.shape:
        case "S10" if spec.multiplier is not None:
            base = attributes.number_of(event.attributes.get(JUDGED_POINTS, "")) or Decimal(0)
            times = number_text(spec.multiplier)
            return tr(ON_TOP) % {"base": number_text(base), "times": times, "points": total}
        case "S1" | "S3" | "S10":
            return _units(spec, event, total, tr)
        case "S7" if score.points < 0 or (spec.points or 0) < 0:
            days = days_late(event)
            each = plain_points(to_minor(values.required(spec.points, "points"), SCALE))
            return tr(DAYS_LATE) % {"each": each, "days": days or 0, "points": total}
        case "S6" if spec.points is None:
            return tr(SHARE) % {
                "total": number_text(values.required(spec.project_total, "project_total")),
                "weight": number_text(values.required(spec.weight_percent, "weight_percent")),
                "points": total,
            }
    return total


def _units(spec: RuleSpec, event: EventFacts, total: str, tr: Translator) -> str:
    measure = values.measure_of(spec)(event) or Decimal(1)
    divisor = spec.divisor or Decimal(1)
    units = Decimal(int(measure // divisor))
    if units == measure == 1:
        return total
    numbers = {
        "measure": number_text(measure),
        "divisor": number_text(divisor),
        "units": number_text(units),
        "each": number_text(values.required(spec.points, "points")),
        "points": total,
    }
    return tr(TIMES if units == measure else UNITS) % numbers


def window_working(
    spec: RuleSpec, contributions: Sequence[Contribution], score: Score, tr: Translator
) -> str:
    """How a window that scored came to its points."""
    total = points(score.points, tr)
    if spec.tiers:
        measure = values.window_measure(spec, contributions) or Decimal(0)
        return tr(AT_TIER) % {"tier": values.tier_reached(spec, measure), "points": total}
    if spec.shape == "S4" or (spec.shape == "S5" and spec.proportional):
        measure = values.window_measure(spec, contributions) or Decimal(0)
        target = values.positive_target(spec)
        if measure > target:
            return tr(FULL) % {"points": total}
        return tr(PROPORTION) % {
            "full": number_text(values.required(spec.points, "points")),
            "measure": number_text(measure),
            "target": number_text(target),
            "points": total,
        }
    return total


def days_late(event: EventFacts) -> int | None:
    """Calendar days from the due day to the delivery; None when one of them is not given."""
    due = attributes.day_of(event.attributes.get(DUE_ON, ""))
    delivered = attributes.day_of(event.attributes.get(DELIVERED_ON, ""))
    return None if due is None or delivered is None else (delivered - due).days


def event_measure(spec: RuleSpec, event: EventFacts, tr: Translator) -> str:
    """One event's measure with its unit, or nothing where it is simply once."""
    if spec.shape not in ("S1", "S3", "S4", "S5", "S10") or spec.multiplier is not None:
        return ""
    measure = values.measure_of(spec)(event)
    return "" if measure is None else measured(measure, spec, tr)
