"""Finding people and rules by a few letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from meritbook.org.models import Employee
from meritbook.org.queries.people import PersonFilter, PersonLine, employees
from meritbook.rules import listings
from meritbook.rules.listings import RuleLine


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found; ``more_people`` says that the list of people was cut."""

    people: Sequence[PersonLine]
    more_people: bool
    rules: Sequence[RuleLine]


def found(
    *,
    company_id: int,
    text: str,
    day: date,
    with_drafts: bool,
    people_max: int,
    by_phone: bool = False,
) -> Found:
    """People by name, 工号, pinyin or initials (or phone), and rules by what they say."""
    if not text:
        return Found(people=(), more_people=False, rules=())
    page = employees(
        company_id=company_id,
        wanted=PersonFilter(today=day, text=text, by_phone=by_phone),
        page=1,
        per_page=people_max,
    )
    people = [line for line in page.object_list if line.employee.state != Employee.State.LEFT]
    names = listings.Names(company_id=company_id)
    lines = listings.rule_lines(
        company_id=company_id, day=day, names=names, with_drafts=with_drafts
    )
    return Found(
        people=people,
        more_people=page.has_next(),
        rules=listings.chosen(lines, names=names, search=text),
    )
