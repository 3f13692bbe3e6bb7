"""Judging rows before anything is written: who, which rule, when, and the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from meritbook.awards.caps import NO_CAPS, CapBook
from meritbook.awards.content import (
    NewEvent,
    Place,
    Row,
    Unreadable,
    content_hash,
    event_no_of,
)
from meritbook.awards.evaluation import Outcome, Versions, evaluate
from meritbook.awards.operations.copytext import NULL, escaped, json_text
from meritbook.awards.operations.faults import faults_of, is_sound
from meritbook.kit.problems import Problem
from meritbook.org.queries.roster import RosterPerson, roster
from meritbook.rules.checks import outside_by
from meritbook.rules.fields import column_of, validate_event
from meritbook.rules.persons import person_facts
from meritbook.rules.queries import Meaning
from meritbook.rules.spec import EventFacts

LATEST = timedelta(minutes=5)
"""How far a source's clock may be ahead of ours."""


class Candidate(NamedTuple):
    """A row that may be stored: checked, fingerprinted, and scored under the present rules."""

    position: int
    event: NewEvent
    type_code: str
    rule_id: int | None
    person: RosterPerson
    local: datetime
    facts: EventFacts
    place: Place
    hash: bytes
    outcome: Outcome
    line: str
    """The row for the store, but for its id and revision (see ``storing``)."""


class Refused(NamedTuple):
    """A row that cannot be stored, and why."""

    position: int
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Intake:
    """Everything that judging rows needs, read once for many rows."""

    company_id: int
    zone: ZoneInfo
    now: datetime
    book: Versions
    roster: Mapping[str, RosterPerson]
    caps: CapBook = NO_CAPS
    _people: dict[int, RosterPerson] = field(default_factory=dict)
    _places: dict[tuple[int, date], Place] = field(default_factory=dict)
    _types: dict[str, Meaning] = field(default_factory=dict)
    _latest: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._latest = self.local_time(self.now) + LATEST

    def local_time(self, moment: datetime) -> datetime:
        """A moment as naive local time of the company; naive ones are local already."""
        return (
            moment if moment.tzinfo is None else moment.astimezone(self.zone).replace(tzinfo=None)
        )

    def person(self, employee_id: int) -> RosterPerson:
        """A person by id; everybody is read when the few at hand do not suffice (a correction may
        take points from somebody else)."""
        if employee_id not in self._people:
            self._people.update((one.id, one) for one in self.roster.values())
        if employee_id not in self._people:
            everybody = roster(company_id=self.company_id)
            self._people.update((one.id, one) for one in everybody.values())
        return self._people[employee_id]

    def place(self, person: RosterPerson, day: date) -> Place:
        """Where the person stood on the day."""
        key = (person.id, day)
        known = self._places.get(key)
        if known is None:
            position = person.place_on(day)
            known = self._places[key] = Place(
                person_facts(person, position), position.main_department_id
            )
        return known

    def look_at(self, rows: Iterable[tuple[int, Row]]) -> tuple[list[Candidate], list[Refused]]:
        """Rows that can be stored, and rows that cannot. Empty ones are passed over."""
        good: list[Candidate] = []
        bad: list[Refused] = []
        for index, row in rows:
            if row is None:
                continue
            if isinstance(row, Unreadable):
                bad.append(Refused(index, row.problems))
                continue
            found = self._candidate(index, row)
            if isinstance(found, Candidate):
                good.append(found)
            else:
                bad.append(Refused(index, tuple(found)))
        return good, bad

    def _candidate(self, index: int, event: NewEvent) -> Candidate | list[Problem]:
        event_no = event_no_of(event.event_no)
        if event_no != event.event_no:
            event = event._replace(event_no=event_no)
        type_code, rule_id, rule_ids, is_known = self._type(event.type)
        person = self.roster.get(event.employee_no)
        local = (
            event.happened_at
            if event.happened_at.tzinfo is None
            else self.local_time(event.happened_at)
        )
        if (
            person is None
            or not is_known
            or not is_sound(event, person=person, local=local, latest=self._latest)
        ):
            faults = faults_of(
                event,
                person=person,
                type_is_known=is_known,
                local=local,
                latest=self._latest,
            )
            if faults or person is None:
                return faults
        facts = EventFacts(
            local, event.has_time, event.quantity, event.amount, event.object, event.attributes
        )
        day = local.date()
        place = self.place(person, day)
        for own_rule_id in rule_ids:
            rule = self.book.valid_version(own_rule_id, day)
            if rule is None or (
                len(rule_ids) > 1 and outside_by(rule.spec.population, place.person)
            ):
                continue  # one of several rules asks nothing of people whom it does not concern
            if asked := validate_event(rule.spec, facts, tr=_):
                return [
                    Problem(
                        event.sheet, event.row, column_of(one.field, tr=_), one.reason, one.remedy
                    )
                    for one in asked
                ]
        outcome = evaluate(book=self.book, rule_ids=rule_ids, event=facts, person=place.person)
        hash_ = content_hash(event, type_code=type_code, happened_at=local)
        return Candidate(
            index,
            event,
            type_code,
            rule_id,
            person,
            local,
            facts,
            place,
            hash_,
            outcome,
            f"{escaped(event.event_no)}\t{escaped(type_code)}\t"
            f"{NULL if rule_id is None else rule_id}\t{person.id}\t{local}\t{event.has_time}\t"
            f"{NULL if event.quantity is None else event.quantity}\t"
            f"{NULL if event.amount is None else event.amount}\t"
            f"{escaped(event.object)}\t{escaped(event.note)}\t"
            f"{escaped(json_text(event.attributes))}\t\\\\x{hash_.hex()}\t{outcome.status}\n",
        )

    def is_same(self, one: Candidate, *, hash: bytes, type_code: str) -> bool:  # noqa: A002
        """Whether a stored event says the same: also one that came while its type's name meant
        another code, because types were mapped to rules since."""
        if hash == one.hash:
            return True
        if type_code == one.type_code or not self.book.book.may_mean(one.event.type, type_code):
            return False
        return hash == content_hash(one.event, type_code=type_code, happened_at=one.local)

    def _type(self, name: str) -> Meaning:
        known = self._types.get(name)
        if known is None:
            known = self._types[name] = self.book.book.meaning_of(name)
        return known
