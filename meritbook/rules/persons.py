"""People as rules read them: from the roster to the facts of a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.org.queries.roster import Position, RosterPerson, roster
from meritbook.rules.checks import concerns
from meritbook.rules.content import population_of
from meritbook.rules.spec import PersonFacts


def person_facts(person: RosterPerson, position: Position) -> PersonFacts:
    """What held for the person where ``position`` says they stood."""
    return PersonFacts(
        position.department_ids,
        position.post_ids,
        position.grade_ids,
        person.hired_on,
        person.id,
        position.facts,
    )


class Reach(NamedTuple):
    """How many people a population means today, and the first few of them."""

    total: int
    names: tuple[str, ...]


SHOWN = 5


class NobodyConcerned(Refusal):
    """A rule for certain people concerns nobody on the day from which it counts."""

    code = "nobody_concerned"


def refuse_nobody(*, company_id: int, population: Mapping[str, Any], day: date) -> None:
    """Refuse a population that means nobody on ``day``. Raises NobodyConcerned."""
    if population and not reach_of(company_id=company_id, population=population, day=day).total:
        raise NobodyConcerned(
            _("%(day)s 没有一个人在适用范围之内，请放宽部门、岗位、职级或司龄，或者先存为草稿")
            % {"day": day.isoformat()}
        )


def reach_of(*, company_id: int, population: Mapping[str, Any], day: date) -> Reach:
    """Whom a stored population means on ``day``."""
    people = population_of(population)
    found = [
        person.name
        for person in roster(company_id=company_id).values()
        if person.employed_on(day)
        and concerns(people, person_facts(person, person.place_on(day)), day)
    ]
    return Reach(len(found), tuple(found[:SHOWN]))
