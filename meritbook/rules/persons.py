"""People as rules read them: from the roster to the facts of a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

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
