"""Finding people and rules by a few letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from meritbook.org.models import Employee
from meritbook.org.permissions import may_manage_people, may_manage_rules, may_see_employee
from meritbook.org.queries.members import Member
from meritbook.org.queries.people import PersonFilter, PersonLine, employees, path_ids_of
from meritbook.rules import listings
from meritbook.rules.listings import RuleLine


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found; ``more_people`` says that the list of people was cut.

    ``people`` come with whether the reader may open their page.
    """

    people: Sequence[tuple[PersonLine, bool]]
    more_people: bool
    rules: Sequence[RuleLine]


def found(
    *,
    member: Member,
    text: str,
    day: date,
    people_max: int,
) -> Found:
    """People by name, 工号, pinyin or initials (or phone), and rules by what they say."""
    company_id = member.company.pk
    if not text:
        return Found(people=(), more_people=False, rules=())
    page = employees(
        company_id=company_id,
        wanted=PersonFilter(today=day, text=text, by_phone=may_manage_people(member)),
        page=1,
        per_page=people_max,
    )
    people = [line for line in page.object_list if line.employee.state != Employee.State.LEFT]
    paths = path_ids_of(
        company_id=company_id, employee_ids=[line.employee.pk for line in people], today=day
    )
    names = listings.Names(company_id=company_id)
    lines = listings.rule_lines(
        company_id=company_id, day=day, names=names, with_drafts=may_manage_rules(member)
    )
    return Found(
        people=[
            (line, may_see_employee(member, employee_id=person_id, path_ids=paths[person_id]))
            for line in people
            for person_id in [line.employee.pk]
        ],
        more_people=page.has_next(),
        rules=listings.chosen(lines, names=names, search=text),
    )
