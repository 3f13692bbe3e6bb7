"""The yes-or-no steps of a rule, compiled: each function answers None when the rule has no such
step, else a predicate that is true when the step *fails*.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from meritbook.rules import attributes, deadlines, tenures, windows
from meritbook.rules.spec import (
    MINUTES,
    ORDERED_AT,
    ChecklistItem,
    EventFacts,
    PersonFacts,
    Population,
    RuleSpec,
    SpecIncomplete,
)

EventCheck = Callable[[EventFacts], bool]
PersonCheck = Callable[[PersonFacts], bool]
PairCheck = Callable[[EventFacts, PersonFacts], bool]

_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">=": lambda measure, bound: measure >= bound,
    ">": lambda measure, bound: measure > bound,
    "<=": lambda measure, bound: measure <= bound,
    "<": lambda measure, bound: measure < bound,
    "=": lambda measure, bound: measure == bound,
}
_SIGNS = {"≥": ">=", "≤": "<=", "==": "=", ">": ">", "<": "<", "=": "="}


def population_check(spec: RuleSpec) -> PersonCheck | None:
    """Fails for a person none of whose assignments matches; tenure is ``tenure_check``'s."""
    people = spec.population
    departments, posts = people.departments, people.posts
    if people.grades or people.employees or people.excepts:
        return lambda person: outside_by(people, person) != ""
    if departments and posts:
        return lambda person: (
            departments.isdisjoint(person.departments) or posts.isdisjoint(person.posts)
        )
    if departments:
        return lambda person: departments.isdisjoint(person.departments)
    if posts:
        return lambda person: posts.isdisjoint(person.posts)
    return None


def outside_by(people: Population, person: PersonFacts) -> str:
    """Which part of a population leaves the person out, tenure apart; empty when none does."""
    if (
        person.employee_id in people.except_employees
        or not people.except_departments.isdisjoint(person.departments)
        or not people.except_posts.isdisjoint(person.posts)
    ):
        return "excepted"
    if person.employee_id in people.employees:
        return ""
    if people.employees and not people.describes:
        return "employees"
    for part in ("departments", "posts", "grades"):
        wanted: frozenset[int] = getattr(people, part)
        if wanted and wanted.isdisjoint(getattr(person, part)):
            return part
    return ""


def tenure_check(spec: RuleSpec) -> PairCheck | None:
    """Fails for a person who is not long enough, or too long, with the company on the day."""
    people = spec.population
    if not people.has_tenure:
        return None
    least, below = people.tenure_from or 0, people.tenure_to

    def fails(event: EventFacts, person: PersonFacts) -> bool:
        if person.employee_id in people.employees:
            return False
        months = months_of(event, person)
        return months is None or months < least or (below is not None and months >= below)

    return fails


def concerns(people: Population, person: PersonFacts, day: date) -> bool:
    """Whether the population means the person on ``day``."""
    if outside_by(people, person):
        return False
    if not people.has_tenure or person.employee_id in people.employees:
        return True
    if person.hired_on is None or day < person.hired_on:
        return False
    months = tenures.full_months(person.hired_on, day)
    below = people.tenure_to
    return months >= (people.tenure_from or 0) and (below is None or months < below)


def months_of(event: EventFacts, person: PersonFacts) -> int | None:
    """Whole months with the company when the event occurred; None when nobody knows."""
    day = event.happened_at.date()
    if person.hired_on is None or day < person.hired_on:
        return None
    return tenures.full_months(person.hired_on, day)


def trigger_check(spec: RuleSpec) -> EventCheck | None:
    """Fails for an exempt kind of thing and for a day before the rule's first."""
    kinds, first_day = spec.exclude, spec.counts_from
    if not kinds and first_day is None:
        return None

    def fails(event: EventFacts) -> bool:
        if first_day is not None and event.happened_at.date() < first_day:
            return True
        return exempt_kind(kinds, event) is not None

    return fails


def exempt_kind(kinds: tuple[str, ...], event: EventFacts) -> str | None:
    """Which of the exempt kinds the event's object or one of its attributes names."""
    for kind in kinds:
        if attributes.names_kind(event.object, kind):
            return kind
        for name, value in event.attributes.items():
            if attributes.names_kind(value, kind):
                return kind
            if attributes.names_kind(name, kind) and attributes.is_yes(value):
                return kind
    return None


def deadline_gates(spec: RuleSpec) -> bool:
    """Whether being late costs the points. A deduction says what went wrong, whenever that was; an
    acceptance and a delivery have their own dates; a date beside a counted award is its plan."""
    if spec.deadline is None:
        return False
    if spec.is_windowed:
        return True
    per_occurrence = spec.shape in ("S1", "S3", "S10") and (spec.points or 0) > 0
    return per_occurrence and deadlines.kind_of(spec.deadline) != "date"


def lateness_check(spec: RuleSpec) -> EventCheck:
    """Fails for an event after the deadline of its period (per-event rules)."""
    find = windows.window_finder(spec)
    by_order = cut_off_check(spec)

    def fails(event: EventFacts) -> bool:
        due = find(event.happened_at.date())[1]
        if due is not None and event.happened_at > due:
            return True
        return by_order is not None and by_order(event)

    return fails


def due_of(spec: RuleSpec, event: EventFacts) -> datetime | None:
    """The last instant on time for an event under the rule; None when it has no deadline."""
    if spec.deadline is None:
        return None
    if deadlines.kind_of(spec.deadline) == "cut_off":
        ordered_at = ordered_at_of(event)
        if ordered_at is None:
            return None
        return deadlines.cut_off(spec.deadline).due(ordered_at)
    return windows.window_finder(spec)(event.happened_at.date())[1]


def cut_off_check(spec: RuleSpec) -> EventCheck | None:
    """Fails when the thing ordered came after the due time that its order time sets."""
    if spec.deadline is None or deadlines.kind_of(spec.deadline) != "cut_off":
        return None
    cut_off = deadlines.cut_off(spec.deadline)

    def fails(event: EventFacts) -> bool:
        if ORDERED_AT not in event.attributes:
            return False
        ordered_at = ordered_at_of(event)
        return ordered_at is not None and event.happened_at > cut_off.due(ordered_at)

    return fails


def ordered_at_of(event: EventFacts) -> datetime | None:
    """When the thing was ordered; None when the event does not say it with a time."""
    moment = attributes.moment_of(event.attributes.get(ORDERED_AT, ""))
    return None if moment is None else moment[0]


def slowness_check(spec: RuleSpec) -> EventCheck | None:
    """Fails when a duty with a response limit says more minutes than the limit."""
    limit = spec.limit_minutes
    if spec.shape != "S2" or limit is None:
        return None

    def fails(event: EventFacts) -> bool:
        minutes = attributes.number_of(event.attributes.get(MINUTES, ""))
        return minutes is not None and minutes > limit

    return fails


def checklist_check(spec: RuleSpec) -> EventCheck | None:
    """Fails when the event gives items of the checklist and one is missing or beyond its bound."""
    items = spec.checklist
    if not items:
        return None
    tests = tuple((item.item, item_test(item)) for item in items)

    def fails(event: EventFacts) -> bool:
        given = event.attributes
        if not given or not any(given.get(name) for name, _ in tests):
            return False
        return not all(test(given.get(name, "")) for name, test in tests)

    return fails


def item_test(item: ChecklistItem) -> Callable[[str], bool]:
    """Whether a value given for the item is within its bound; raises SpecIncomplete."""
    bound = item.value
    if bound is None:
        return attributes.is_yes
    compare = _COMPARE.get(operator_of(item))
    if compare is None:
        raise SpecIncomplete("checklist", f"unknown comparison {item.op!r} for {item.item}")
    within = compare

    def test(text: str) -> bool:
        measure = attributes.number_of(text)
        return measure is not None and within(measure, bound)

    return test


def operator_of(item: ChecklistItem) -> str:
    """The comparison in ASCII signs; at least, where none is written."""
    op = item.op.strip() or ">="
    return _SIGNS.get(op, op)
