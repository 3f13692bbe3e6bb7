"""Everybody's places through time, for reading many events at once."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.db import connection

from meritbook.org.models import Assignment, Employee, Fact


class Position(NamedTuple):
    """Where somebody stood on a day: departments with those above them, posts, main department."""

    department_ids: frozenset[int]
    post_ids: frozenset[int]
    main_department_id: int | None
    grade_ids: frozenset[int] = frozenset()
    facts: tuple[tuple[str, str], ...] = ()
    """Dated facts (学历) by kind, as valid on the day."""


NOWHERE = Position(frozenset(), frozenset(), None)


@dataclass(frozen=True, slots=True)
class RosterAssignment:
    """One stretch of time in a department; ``valid_to`` is the first day after it."""

    valid_from: date
    valid_to: date | None
    department_id: int
    path_ids: tuple[int, ...]
    post_id: int | None
    is_main: bool
    grade_id: int | None = None

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class RosterFact(NamedTuple):
    """A dated fact of a person; ``valid_to`` is the first day after it."""

    kind: str
    value: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class RosterPerson:
    """An employee as scoring needs one: no name of the phone book, only ids, dates and places."""

    id: int
    party_id: int
    employee_no: str
    name: str
    hired_on: date | None
    left_on: date | None
    assignments: tuple[RosterAssignment, ...]
    facts: tuple[RosterFact, ...] = ()
    _known: dict[date, Position] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def place_on(self, day: date) -> Position:
        """The position on ``day``; NOWHERE outside of every assignment. Remembered by day."""
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = self._position(day)
        return known

    def employed_on(self, day: date) -> bool:
        """Whether ``day`` lies between hiring and leaving, both included, or between a return."""
        return any(each.covers(day) for each in self.assignments)

    def _position(self, day: date) -> Position:
        current = [each for each in self.assignments if each.covers(day)]
        if not current:
            return NOWHERE
        return Position(
            department_ids=frozenset(i for each in current for i in each.path_ids),
            post_ids=frozenset(each.post_id for each in current if each.post_id is not None),
            main_department_id=next((e.department_id for e in current if e.is_main), None),
            grade_ids=frozenset(each.grade_id for each in current if each.grade_id is not None),
            facts=tuple(
                (each.kind, each.value)
                for each in self.facts
                if each.valid_from <= day and (each.valid_to is None or day < each.valid_to)
            ),
        )


def roster(
    *, company_id: int, employee_nos: Collection[str] | None = None
) -> dict[str, RosterPerson]:
    """All employees of the company by 工号, those who left too; three queries.

    ``employee_nos`` limits them to the people named.
    """
    wanted = {} if employee_nos is None else {"employee_no__in": list(employee_nos)}
    places: dict[int, list[RosterAssignment]] = {}
    rows = (
        Assignment.objects.filter(
            company_id=company_id,
            department__company_id=company_id,
            **{f"employee__{name}": value for name, value in wanted.items()},
        )
        .order_by("employee_id", "valid_from", "id")
        .values_list(
            "employee_id",
            "valid_from",
            "valid_to",
            "department_id",
            "department__path_ids",
            "post_id",
            "is_main",
            "grade_id",
        )
    )
    for employee_id, start, end, department_id, path_ids, post_id, main, grade in rows.iterator():
        places.setdefault(employee_id, []).append(
            RosterAssignment(start, end, department_id, tuple(path_ids), post_id, main, grade)
        )
    facts: dict[int, list[RosterFact]] = {}
    for employee_id, *fact in (
        Fact.objects.filter(
            company_id=company_id, **{f"employee__{name}": value for name, value in wanted.items()}
        )
        .order_by("employee_id", "kind", "valid_from")
        .values_list("employee_id", "kind", "value", "valid_from", "valid_to")
    ):
        facts.setdefault(employee_id, []).append(RosterFact._make(fact))
    people = (
        Employee.objects.filter(company_id=company_id, **wanted)
        .order_by("employee_no")
        .values_list("id", "party_id", "employee_no", "name", "hired_on", "left_on")
    )
    return {
        row[2]: RosterPerson(
            *row, assignments=tuple(places.get(row[0], ())), facts=tuple(facts.get(row[0], ()))
        )
        for row in people.iterator()
    }


class Employed(NamedTuple):
    """Somebody who was employed in a period, with the last main department in it."""

    employee_id: int
    party_id: int
    employee_no: str
    name: str
    department_id: int | None
    department_name: str
    path_ids: list[int]


_EMPLOYED = """
SELECT e.id, e.party_id, e.employee_no, e.name, p.department_id,
       coalesce(p.name, ''), coalesce(p.path_ids, '{}')
FROM org_employee e
JOIN LATERAL (
    SELECT a.department_id, d.name, d.path_ids
    FROM org_assignment a
    JOIN org_department d ON d.company_id = a.company_id AND d.id = a.department_id
    WHERE a.company_id = e.company_id AND a.employee_id = e.id AND a.is_main
      AND a.valid_from <= %(end)s AND (a.valid_to IS NULL OR a.valid_to > %(start)s)
    ORDER BY a.valid_from DESC LIMIT 1
) p ON true
WHERE e.company_id = %(company)s
ORDER BY e.employee_no
"""


def employed_between(*, company_id: int, start: date, end: date) -> list[Employed]:
    """Everybody employed on at least one day from ``start`` to ``end``, both included.

    Ordered by 工号. Assignments alone decide: they begin with hiring and end with leaving, so
    somebody who left and came back is listed before and after, and not for the time between.
    """
    with connection.cursor() as cursor:
        cursor.execute(_EMPLOYED, {"company": company_id, "start": start, "end": end})
        return [Employed(*row) for row in cursor.fetchall()]


def last_in_departments(*, company_id: int, department_ids: Collection[int]) -> list[int]:
    """The employees whose last main department, now or when they left, is one of these."""
    if not department_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT last.employee_id FROM ("
            " SELECT DISTINCT ON (employee_id) employee_id, department_id FROM org_assignment"
            " WHERE company_id = %s AND is_main ORDER BY employee_id, valid_from DESC) last"
            " WHERE last.department_id = ANY(%s) ORDER BY 1",
            [company_id, list(department_ids)],
        )
        return [row[0] for row in cursor.fetchall()]
