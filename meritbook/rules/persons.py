"""People as rules read them: from the roster to the facts of a day."""

from __future__ import annotations

from meritbook.org.queries.roster import Position, RosterPerson
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
