"""What multiplies the points of an event: the support of newcomers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from meritbook.kit.points import to_minor
from meritbook.rules import checks, values
from meritbook.rules.spec import SCALE, EventFacts, Newcomer, PersonFacts, RuleSpec, Score


def supported(newcomer: Newcomer | None, event: EventFacts, person: PersonFacts) -> bool:
    """Whether the person was new enough when the event occurred."""
    if newcomer is None:
        return False
    months = checks.months_of(event, person)
    return months is not None and months < newcomer.months


def newcomer_value(spec: RuleSpec) -> Callable[[EventFacts, PersonFacts], Score]:
    """The value of an event, more of it for newcomers; a cap per event comes last.

    Only what is gained is multiplied. Raises SpecIncomplete.
    """
    newcomer = spec.newcomer
    assert newcomer is not None  # noqa: S101 -- the caller has asked
    value = values.event_value(replace(spec, cap=None))
    most = None if spec.event_cap is None else to_minor(abs(spec.event_cap), SCALE)

    def multiplied(event: EventFacts, person: PersonFacts) -> Score:
        score = value(event)
        if score.points > 0 and supported(newcomer, event, person):
            score = score._replace(points=times(score.points, newcomer.times))
        if most is not None and abs(score.points) > most:
            return score._replace(points=most if score.points > 0 else -most)
        return score

    return multiplied


def times(points: int, factor: Decimal) -> int:
    """Minor units multiplied, half up."""
    return to_minor(points * factor, 0)
