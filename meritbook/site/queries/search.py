"""Finding people and rules by a few letters."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from meritbook.org.models import Employee
from meritbook.rules import listings
from meritbook.rules.listings import RuleLine


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found; ``more_people`` says that the list of people was cut."""

    people: list[Employee]
    more_people: bool
    rules: list[RuleLine]


def found(*, company_id: int, text: str, day: date, with_drafts: bool, people_max: int) -> Found:
    """People by name, 工号, pinyin or initials, and rules by what they say; three queries."""
    words = text.split()
    if not words:
        return Found(people=[], more_people=False, rules=[])
    people = Employee.objects.filter(company_id=company_id).exclude(state=Employee.State.LEFT)
    for word in words:
        people = people.filter(
            Q(name__icontains=word)
            | Q(employee_no__istartswith=word)
            | Q(pinyin__icontains=word)
            | Q(initials__istartswith=word)
        )
    first = list(people.order_by("employee_no", "pk")[: people_max + 1])
    names = listings.Names(company_id=company_id)
    lines = listings.rule_lines(
        company_id=company_id, day=day, names=names, with_drafts=with_drafts
    )
    return Found(
        people=first[:people_max],
        more_people=len(first) > people_max,
        rules=listings.chosen(lines, names=names, search=text),
    )
