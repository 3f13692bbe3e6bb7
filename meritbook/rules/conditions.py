"""Conditions of rules: the names that one may use, compiled once, and what decided.

A condition reads the event and what held for the person when it occurred. Names of departments,
posts and grades were turned into ids when the version was written, so that a later change of name
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from meritbook.kit.expressions import Compiled, Kind, Name, Told, compile_expression
from meritbook.kit.expressions.errors import ExpressionWrong
from meritbook.rules import attributes, tenures
from meritbook.rules.spec import Condition, EventFacts, PersonFacts, RuleSpec, SpecIncomplete

DEPARTMENT, POST, GRADE = "部门", "岗位", "职级"
QUANTITY, AMOUNT, OBJECT = "数量", "金额", "对象"
MEMBERSHIPS = (DEPARTMENT, POST, GRADE)
ONE = Decimal(1)
TENURE_YEARS, TENURE_MONTHS = "司龄", "入职月数"
_OF_PERSON = frozenset({*MEMBERSHIPS, TENURE_YEARS, TENURE_MONTHS})
_EXPONENT = 17
KINDS = {kind.value: kind for kind in (Kind.NUMBER, Kind.TEXT, Kind.DAY, Kind.YES_NO)}
"""The kinds that an attribute of an event may have, as a version stores them."""


class Subject(NamedTuple):
    """What a condition is asked about."""

    event: EventFacts
    person: PersonFacts


Ids = Mapping[str, Mapping[str, int]]
"""By one of MEMBERSHIPS, ids by name."""


def names_for(
    *, asked: Mapping[str, str], ids: Ids, facts: tuple[str, ...] = ()
) -> dict[str, Name]:
    """The names that a condition may use, in the order in which a form offers them.

    ``asked`` are attributes of the event with their kinds, ``facts`` kinds of dated facts of a
    person (学历), ``ids`` the departments, posts and grades that may be named.
    """
    names: dict[str, Name] = {
        QUANTITY: Name(Kind.NUMBER, lambda subject: _near(subject.event.quantity, ONE)),
        AMOUNT: Name(Kind.NUMBER, lambda subject: _near(subject.event.amount, None)),
        OBJECT: Name(Kind.TEXT, lambda subject: attributes.clean(subject.event.object) or None),
        "发生日期": Name(Kind.DAY, lambda subject: subject.event.happened_at.date()),
        "发生钟点": Name(Kind.NUMBER, _hour),
    }
    readers: tuple[tuple[str, Callable[[Subject], frozenset[int]]], ...] = (
        (DEPARTMENT, lambda subject: subject.person.departments),
        (POST, lambda subject: subject.person.posts),
        (GRADE, lambda subject: subject.person.grades),
    )
    for name, read in readers:
        names[name] = Name(Kind.MEMBERSHIP, read, ids.get(name, {}))
    names[TENURE_YEARS] = Name(Kind.NUMBER, lambda subject: _tenure(subject, tenures.full_years))
    names[TENURE_MONTHS] = Name(Kind.NUMBER, lambda subject: _tenure(subject, tenures.full_months))
    for fact in facts:
        names.setdefault(fact, Name(Kind.TEXT, _fact_reader(fact)))
    for attribute, kind in asked.items():
        names.setdefault(attribute, _attribute(attribute, KINDS[kind]))
    return names


def own_names() -> tuple[str, ...]:
    """The names that no attribute of an event may take."""
    return tuple(names_for(asked={}, ids={}))


@lru_cache(maxsize=4096)
def compiled(condition: Condition) -> Compiled:
    """The condition of a version, as it was written. Raises SpecIncomplete."""
    try:
        return compile_expression(
            condition.text,
            names=names_for(
                asked=dict(condition.attributes),
                ids={name: dict(choices) for name, choices in condition.ids},
                facts=condition.facts,
            ),
            definitions=dict(condition.definitions),
        )
    except (ExpressionWrong, KeyError) as wrong:
        raise SpecIncomplete("condition", str(wrong)) from wrong


def condition_check(spec: RuleSpec) -> Callable[[EventFacts, PersonFacts], bool] | None:
    """True when the condition of the rule fails; None for a rule without one."""
    if spec.condition is None:
        return None
    run = compiled(spec.condition).run

    def fails(event: EventFacts, person: PersonFacts) -> bool:
        try:
            return not run(Subject(event, person))
        except ArithmeticError:
            return True

    return fails


def reads_person(condition: Condition) -> bool:
    """Whether it asks anything of the person, so that the event alone does not decide."""
    return not _OF_PERSON.union(condition.facts).isdisjoint(compiled(condition).names)


def decided(spec: RuleSpec, event: EventFacts, person: PersonFacts) -> list[Told]:
    """The comparisons that made the condition hold or fail; empty without a condition."""
    if spec.condition is None:
        return []
    return compiled(spec.condition).tell(Subject(event, person))


def _near(number: Decimal | None, otherwise: Decimal | None) -> Decimal | None:
    """A number that may be reckoned with; one out of all bounds is none."""
    if number is None:
        return otherwise
    if not number.is_finite() or (number and number.adjusted() > _EXPONENT):
        return None
    return number


def _hour(subject: Subject) -> Decimal | None:
    moment = subject.event.happened_at
    return Decimal(moment.hour) if subject.event.has_time else None


def _tenure(subject: Subject, count: Callable[[date, date], int]) -> Decimal | None:
    hired_on, day = subject.person.hired_on, subject.event.happened_at.date()
    return None if hired_on is None or day < hired_on else Decimal(count(hired_on, day))


def _fact_reader(kind: str) -> Callable[[Subject], str | None]:
    return lambda subject: next(
        (attributes.clean(value) for name, value in subject.person.facts if name == kind), None
    )


def _attribute(name: str, kind: Kind) -> Name:
    def text(subject: Subject) -> str:
        return subject.event.attributes.get(name, "")

    match kind:
        case Kind.NUMBER:
            return Name(kind, lambda subject: _near(attributes.number_of(text(subject)), None))
        case Kind.DAY:
            return Name(kind, lambda subject: attributes.day_of(text(subject)))
        case Kind.YES_NO:
            return Name(kind, lambda subject: _yes_no(text(subject)))
    return Name(kind, lambda subject: attributes.clean(text(subject)) or None)


def _yes_no(text: str) -> bool | None:
    return attributes.is_yes(text) if text else None
