"""The value functions: how a measure becomes points, for each shape.

STEPS (S2, S5, S8), LINEAR (S1, S3, S4, S7, S10), CHOICE (S9), SHARE (S6). Points leave here as
minor units, rounded once and half up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise

from meritbook.kit.points import ratio_to_minor, to_minor
from meritbook.rules import attributes
from meritbook.rules.spec import (
    DEADLINE,
    DELIVERED_ON,
    DUE_ON,
    JUDGED_POINTS,
    MEASURE,
    MINUTES,
    SCALE,
    THRESHOLD,
    Contribution,
    EventFacts,
    RuleSpec,
    Score,
    SpecIncomplete,
    Tier,
    Window,
)

EventValue = Callable[[EventFacts], Score]
WindowValue = Callable[[Window, Sequence[Contribution]], Score]
Measure = Callable[[EventFacts], Decimal | None]

ONE = Decimal(1)
ZERO = Decimal(0)


def event_value(spec: RuleSpec) -> EventValue:
    """The value of one event under a per-event rule; raises SpecIncomplete."""
    match spec.shape:
        case "S10" if spec.multiplier is not None:
            return _on_top(spec)
        case "S1" | "S3" | "S10":
            return _capped(spec, _per_unit(spec))
        case "S6":
            return _stage(spec)
        case "S7":
            return _capped(spec, _delivery(spec))
        case "S8":
            return _response(spec)
        case "S9":
            return _judged(spec)
    raise SpecIncomplete("shape", f"{spec.shape!r} is no shape of a per-event rule")


def window_value(spec: RuleSpec) -> WindowValue:
    """The value of a window under a windowed rule; raises SpecIncomplete."""
    match spec.shape:
        case "S2":
            return _duty(spec)
        case "S4":
            return _in_proportion(spec)
        case "S5" if spec.tiers:
            return _highest_tier(spec)
        case "S5":
            return _in_proportion(spec) if spec.proportional else _target_reached(spec)
    raise SpecIncomplete("shape", f"{spec.shape!r} is no shape of a windowed rule")


def measure_of(spec: RuleSpec) -> Measure:
    """How much one event counts: its amount for a money rule, else its quantity, else once.

    A sum of money or a percentage cannot be taken for granted: without it the measure is None.
    """
    if spec.shape == "S2":
        return lambda _event: ONE
    if spec.money:
        return lambda event: event.amount if event.amount is not None else event.quantity
    if spec.percent_target:
        return lambda event: event.quantity
    if spec.shape == "S5" or (spec.shape == "S4" and not spec.unit):
        return _quantity_or_amount
    return lambda event: ONE if event.quantity is None else event.quantity


def _quantity_or_amount(event: EventFacts) -> Decimal | None:
    if event.quantity is not None:
        return event.quantity
    return ONE if event.amount is None else event.amount


def reaches(measure: Decimal, bound: Decimal, *, strict: bool) -> bool:
    """Whether a measure passes a bound: above it when strict, else at or above it."""
    return measure > bound if strict else measure >= bound


def _per_unit(spec: RuleSpec) -> EventValue:
    """Each × whole units of one event, once past the threshold."""
    each, divisor = required(spec.points, "points"), spec.divisor or ONE
    if divisor <= 0:
        raise SpecIncomplete("divisor", "the divisor must be above zero")
    threshold, strict, measure_from = spec.threshold, spec.strict, measure_of(spec)
    minor = to_minor(each, SCALE)
    is_exact = each == Decimal(minor).scaleb(-SCALE)
    undivided = divisor == ONE

    def value(event: EventFacts) -> Score:
        day = event.happened_at.date()
        measure = measure_from(event)
        if measure is None:
            return Score(0, day, MEASURE)
        if threshold is not None and not (measure > threshold if strict else measure >= threshold):
            return Score(0, day, THRESHOLD)
        units = int(measure) if undivided else int(measure // divisor)
        if units <= 0:
            return Score(0, day, MEASURE)
        return Score(minor * units if is_exact else to_minor(each * units, SCALE), day)

    return value


def _capped(spec: RuleSpec, value: EventValue) -> EventValue:
    """No single event gives or takes more than the rule's cap per event."""
    if spec.event_cap is None:
        return value
    most = to_minor(abs(spec.event_cap), SCALE)

    def capped(event: EventFacts) -> Score:
        score = value(event)
        if abs(score.points) <= most:
            return score
        return score._replace(points=most if score.points > 0 else -most)

    return capped


def extra_share(spec: RuleSpec) -> Decimal:
    """What a multiplier adds to the points it applies to: 双倍 adds 1, 1.5 倍 adds 0.5."""
    extra = required(spec.multiplier, "multiplier") - ONE
    if extra <= 0:
        raise SpecIncomplete("multiplier", "a multiplier must be above one")
    return extra


def _on_top(spec: RuleSpec) -> EventValue:
    """What the multiplier adds to the points that the event names; those are posted elsewhere."""
    extra = extra_share(spec)

    def value(event: EventFacts) -> Score:
        day = event.happened_at.date()
        base = attributes.number_of(event.attributes.get(JUDGED_POINTS, ""))
        if base is None or base <= 0:
            return Score(0, day, MEASURE)
        return Score(to_minor(base * extra, SCALE), day)

    return value


def stage_points(spec: RuleSpec) -> Decimal:
    """What an accepted stage is worth: its points, else its share of the project's total."""
    if spec.points is not None:
        return spec.points
    total = required(spec.project_total, "project_total")
    return total * required(spec.weight_percent, "weight_percent") / 100


def _stage(spec: RuleSpec) -> EventValue:
    minor = to_minor(stage_points(spec), SCALE)
    return lambda event: Score(minor, event.happened_at.date())


def _delivery(spec: RuleSpec) -> EventValue:
    """+k for a delivery on time, or −m for each calendar day late; takes effect on the delivery."""
    minor = to_minor(required(spec.points, "points"), SCALE)

    def value(event: EventFacts) -> Score:
        due = attributes.day_of(event.attributes.get(DUE_ON, ""))
        delivered = attributes.day_of(event.attributes.get(DELIVERED_ON, ""))
        if due is None or delivered is None:
            return Score(0, event.happened_at.date(), MEASURE)
        days_late = (delivered - due).days
        if minor >= 0:
            return Score(0, delivered, DEADLINE) if days_late > 0 else Score(minor, delivered)
        if days_late <= 0:
            return Score(0, delivered, DEADLINE)
        return Score(minor * days_late, delivered)

    return value


def _response(spec: RuleSpec) -> EventValue:
    """−k for a response beyond the limit; a positive value rewards one within it."""
    minor = to_minor(required(spec.points, "points"), SCALE)
    limit = required(spec.limit_minutes, "limit_minutes")

    def value(event: EventFacts) -> Score:
        day = event.happened_at.date()
        minutes = attributes.number_of(event.attributes.get(MINUTES, ""))
        if minutes is None:
            return Score(0, day, MEASURE)
        if (minutes > limit) == (minor < 0):
            return Score(minor, day)
        return Score(0, day, THRESHOLD)

    return value


def judged_range(spec: RuleSpec) -> tuple[Decimal, Decimal]:
    """The lowest and the highest points that a reviewer may choose; raises SpecIncomplete."""
    low, high = required(spec.points_min, "points_min"), required(spec.points_max, "points_max")
    return min(low, high), max(low, high)


def _judged(spec: RuleSpec) -> EventValue:
    low, high = judged_range(spec)

    def value(event: EventFacts) -> Score:
        day = event.happened_at.date()
        judged = attributes.number_of(event.attributes.get(JUDGED_POINTS, ""))
        if judged is None:
            return Score(0, day, MEASURE)
        if not low <= judged <= high:
            return Score(0, day, THRESHOLD)
        return Score(to_minor(judged, SCALE), day)

    return value


def _duty(spec: RuleSpec) -> WindowValue:
    """The points once, when the duty was done in time at least once."""
    minor = to_minor(required(spec.points, "points"), SCALE)

    def value(window: Window, contributions: Sequence[Contribution]) -> Score:
        if any(one.counted for one in contributions):
            return Score(minor, window.ends_on)
        return Score(0, window.ends_on, MEASURE)

    return value


def window_measure(spec: RuleSpec, contributions: Sequence[Contribution]) -> Decimal | None:
    """The measure of a window: the sum of what counts, or the last value of a percentage."""
    counted = [one for one in contributions if one.counted and one.measure is not None]
    if not counted:
        return None
    if spec.distinct:
        counted = first_of_each_object(counted)
    if spec.percent_target:
        return max(counted, key=lambda one: (one.happened_at, one.event_key)).measure
    return sum((one.measure for one in counted if one.measure is not None), ZERO)


def first_of_each_object(counted: Sequence[Contribution]) -> list[Contribution]:
    """The first contribution of each object; one without an object stands for itself."""
    first: dict[str, Contribution] = {}
    for one in sorted(counted, key=lambda one: (one.happened_at, one.event_key)):
        first.setdefault(one.object or one.event_key, one)
    return list(first.values())


def _in_proportion(spec: RuleSpec) -> WindowValue:
    """Full points × measure / target, never more than full points."""
    full, target = required(spec.points, "points"), positive_target(spec)
    minor = to_minor(full, SCALE)

    def value(window: Window, contributions: Sequence[Contribution]) -> Score:
        measure = window_measure(spec, contributions)
        if measure is None or measure <= 0:
            return Score(0, window.ends_on, MEASURE)
        if measure >= target:
            return Score(minor, window.ends_on)
        return Score(ratio_to_minor(full * measure, target, SCALE), window.ends_on)

    return value


def _target_reached(spec: RuleSpec) -> WindowValue:
    minor, target = to_minor(required(spec.points, "points"), SCALE), positive_target(spec)
    strict = spec.strict

    def value(window: Window, contributions: Sequence[Contribution]) -> Score:
        measure = window_measure(spec, contributions)
        if measure is None:
            return Score(0, window.ends_on, MEASURE)
        if not reaches(measure, target, strict=strict):
            return Score(0, window.ends_on, THRESHOLD)
        return Score(minor, window.ends_on)

    return value


def tier_reached(spec: RuleSpec, measure: Decimal) -> int:
    """How many tiers the measure reaches; 0 for none."""
    return sum(reaches(measure, tier.from_, strict=spec.strict) for tier in spec.tiers)


def bound_ahead(spec: RuleSpec, measure: Decimal) -> Decimal | None:
    """What a window still has to reach: the next tier's bound, at last the highest's; without
    tiers the target."""
    if not spec.tiers:
        return spec.target
    return spec.tiers[min(tier_reached(spec, measure), len(spec.tiers) - 1)].from_


def ladder_of(spec: RuleSpec) -> tuple[Tier, ...]:
    """The tiers by rising bound; raises SpecIncomplete where they contradict each other."""
    bounds = [tier.from_ for tier in spec.tiers]
    if spec.proportional:
        raise SpecIncomplete("tiers", "a rule in tiers does not pay in proportion")
    if any(low >= high for low, high in pairwise(bounds)):
        raise SpecIncomplete("tiers", "every tier needs a higher bound than the one before")
    if bounds[0] < 0:
        raise SpecIncomplete("tiers", "no tier begins below zero")
    return spec.tiers


def _highest_tier(spec: RuleSpec) -> WindowValue:
    """The points of the highest tier that the window's measure reaches, and of no other."""
    worth = [to_minor(tier.points, SCALE) for tier in ladder_of(spec)]

    def value(window: Window, contributions: Sequence[Contribution]) -> Score:
        measure = window_measure(spec, contributions)
        if measure is None:
            return Score(0, window.ends_on, MEASURE)
        reached = tier_reached(spec, measure)
        if not reached:
            return Score(0, window.ends_on, THRESHOLD)
        return Score(worth[reached - 1], window.ends_on)

    return value


def positive_target(spec: RuleSpec) -> Decimal:
    """The target, which must be above zero; raises SpecIncomplete."""
    target = required(spec.target, "target")
    if target <= 0:
        raise SpecIncomplete("target", "the target must be above zero")
    return target


def required(value: Decimal | None, name: str) -> Decimal:
    """The number, or SpecIncomplete naming what is missing."""
    if value is None:
        raise SpecIncomplete(name, f"the rule has no {name}")
    return value
