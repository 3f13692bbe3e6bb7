"""What an event or a window earns under one rule version: pure, exact, compiled once per version.

A rule is compiled to closures with everything looked up beforehand, so that one evaluation costs
a few microseconds. Per-event rules (S1, S3, S6 to S10) answer ``score``; windowed rules (S2, S4,
S5) answer ``admit`` for each event and ``score_window`` for the events admitted. The order of the
events never matters. Points are rounded once, half up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from meritbook.kit.points import to_minor
from meritbook.rules import checks, multipliers, values, windows
from meritbook.rules.conditions import condition_check
from meritbook.rules.spec import (
    DEADLINE,
    MEASURE,
    POPULATION,
    THRESHOLD,
    TRIGGER,
    Admission,
    Contribution,
    EventFacts,
    PersonFacts,
    RuleSpec,
    Score,
    Window,
)

EventScorer = Callable[[EventFacts, PersonFacts], Score]
Admitter = Callable[[EventFacts, PersonFacts], Admission]
WindowScorer = Callable[[Window, Sequence[Contribution]], Score]

AWARD_POSTINGS: Mapping[str, Decimal] = {"honour": Decimal(1), "spendable": Decimal(1)}
DEDUCTION_POSTINGS: Mapping[str, Decimal] = {"honour": Decimal(1)}


class WrongRoad(TypeError):
    """A per-event rule was asked about a window, or a windowed rule about one event's points."""


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule version ready to run."""

    spec: RuleSpec
    windowed: bool
    score: EventScorer
    admit: Admitter
    score_window: WindowScorer

    def legs(self, points: int) -> tuple[tuple[str, int], ...]:
        """What ``points`` (minor units) post: (asset code, minor units), zeros left out."""
        return legs(self.spec, points)


def compile_rule(spec: RuleSpec) -> CompiledRule:
    """The rule version as closures; raises SpecIncomplete when its shape lacks a number."""
    if spec.is_windowed:
        return CompiledRule(
            spec, True, _not_per_event, _compile_admit(spec), values.window_value(spec)
        )
    return CompiledRule(spec, False, _compile_score(spec), _not_windowed, _no_window)


def index_rules(
    rules: Iterable[tuple[str, CompiledRule]],
) -> dict[str, tuple[CompiledRule, ...]]:
    """Rules by event type, from pairs of event type and rule, in the order given."""
    index: dict[str, tuple[CompiledRule, ...]] = {}
    for event_type, rule in rules:
        index[event_type] = (*index.get(event_type, ()), rule)
    return index


def legs(spec: RuleSpec, points: int) -> tuple[tuple[str, int], ...]:
    """What ``points`` (minor units) of a rule post: (asset code, minor units), zeros left out.

    A rule without postings of its own awards honour and spendable, and deducts honour only.
    """
    factors = spec.postings or (AWARD_POSTINGS if points > 0 else DEDUCTION_POSTINGS)
    amounts = (
        (asset, points if factor == 1 else to_minor(points * factor, 0))
        for asset, factor in factors.items()
    )
    return tuple((asset, amount) for asset, amount in amounts if amount)


def _compile_score(spec: RuleSpec) -> EventScorer:
    """Population, trigger, condition and deadline around the shape's own value."""
    value = values.event_value(spec)
    outside = checks.population_check(spec)
    untriggered = checks.trigger_check(spec)
    late = checks.lateness_check(spec) if checks.deadline_gates(spec) else None
    tenure, unmet = checks.tenure_check(spec), condition_check(spec)
    if spec.newcomer is not None:
        return _scorer(outside, tenure, untriggered, unmet, late, multipliers.newcomer_value(spec))
    if tenure is not None or unmet is not None:
        return _scorer(
            outside, tenure, untriggered, unmet, late, lambda event, _person: value(event)
        )
    if untriggered is None and late is None:
        if outside is None:
            return lambda event, _person: value(event)
        is_outside = outside

        def score_inside(event: EventFacts, person: PersonFacts) -> Score:
            if is_outside(person):
                return Score(0, event.happened_at.date(), POPULATION)
            return value(event)

        return score_inside

    def score(event: EventFacts, person: PersonFacts) -> Score:
        if outside is not None and outside(person):
            return Score(0, event.happened_at.date(), POPULATION)
        if untriggered is not None and untriggered(event):
            return Score(0, event.happened_at.date(), TRIGGER)
        if late is not None and late(event):
            return Score(0, event.happened_at.date(), DEADLINE)
        return value(event)

    return score


def _scorer(
    outside: checks.PersonCheck | None,
    tenure: checks.PairCheck | None,
    untriggered: checks.EventCheck | None,
    unmet: checks.PairCheck | None,
    late: checks.EventCheck | None,
    value: EventScorer,
) -> EventScorer:
    """The steps in their order, those that the rule has."""

    def score(event: EventFacts, person: PersonFacts) -> Score:
        if outside is not None and outside(person):
            return Score(0, event.happened_at.date(), POPULATION)
        if tenure is not None and tenure(event, person):
            return Score(0, event.happened_at.date(), POPULATION)
        if untriggered is not None and untriggered(event):
            return Score(0, event.happened_at.date(), TRIGGER)
        if unmet is not None and unmet(event, person):
            return Score(0, event.happened_at.date(), TRIGGER)
        if late is not None and late(event):
            return Score(0, event.happened_at.date(), DEADLINE)
        return value(event, person)

    return score


def _compile_admit(spec: RuleSpec) -> Admitter:
    find = windows.window_finder(spec)
    outside = checks.population_check(spec)
    untriggered = checks.trigger_check(spec)
    due_by_order = checks.cut_off_check(spec)
    slow = checks.slowness_check(spec)
    unmet = checks.checklist_check(spec)
    tenure, conditioned = checks.tenure_check(spec), condition_check(spec)
    measure_of = values.measure_of(spec)
    plain = all(
        check is None for check in (untriggered, due_by_order, slow, unmet, tenure, conditioned)
    )

    def failed_step(event: EventFacts, person: PersonFacts, due: datetime | None) -> str | None:
        if tenure is not None and tenure(event, person):
            return POPULATION
        if untriggered is not None and untriggered(event):
            return TRIGGER
        if conditioned is not None and conditioned(event, person):
            return TRIGGER
        if due is not None and event.happened_at > due:
            return DEADLINE
        if (due_by_order is not None and due_by_order(event)) or (slow is not None and slow(event)):
            return DEADLINE
        if unmet is not None and unmet(event):
            return THRESHOLD
        return None

    def admit(event: EventFacts, person: PersonFacts) -> Admission:
        window, due = find(event.happened_at.date())
        measure = measure_of(event)
        if outside is not None and outside(person):
            return Admission(window, False, measure, POPULATION)
        if plain:
            if due is not None and event.happened_at > due:
                return Admission(window, False, measure, DEADLINE)
        elif (failed := failed_step(event, person, due)) is not None:
            return Admission(window, False, measure, failed)
        if measure is None:
            return Admission(window, False, None, MEASURE)
        return Admission(window, True, measure)

    return admit


def _not_per_event(_event: EventFacts, _person: PersonFacts) -> Score:
    raise WrongRoad("a windowed rule scores its window; admit the event first")


def _not_windowed(_event: EventFacts, _person: PersonFacts) -> Admission:
    raise WrongRoad("a per-event rule has no window; score the event")


def _no_window(_window: Window, _contributions: Sequence[Contribution]) -> Score:
    raise WrongRoad("a per-event rule has no window; score the event")
