"""Caps with what is used and left, for a page, a program or a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from meritbook.awards.models import Budget
from meritbook.kit.periods import Period
from meritbook.kit.points import points_text
from meritbook.ledger.caps import Cap, Taken, caps_taken, find_caps
from meritbook.org.models import Department, Employee
from meritbook.rules.queries import Rulebook, rulebook

TAKERS_SHOWN = 20
BY_RULE, BY_BUDGET, BY_PERSON = "rule", "budget", "person"


@dataclass(frozen=True, slots=True)
class Taker:
    """Whose share of a cap it is (a person or a department; the company: empty), and what is left."""

    employee_no: str
    name: str
    taken: Taken


@dataclass(frozen=True, slots=True)
class CapLine:
    """A cap in its span around a day.

    ``takers`` are those with the least left; of somebody who is not among them nothing is used, or
    ``more`` counts them. ``source`` says who set the cap: a rule, a budget or a person.
    """

    cap: Cap
    span: Period
    source: str
    department: str
    employee_no: str
    employee_name: str
    rule_name: str
    takers: Sequence[Taker]
    more: int

    @property
    def is_shared(self) -> bool:
        """Whether there is one allowance for all that it counts."""
        return self.cap.scope == "company" or (
            self.cap.scope == "department" and self.cap.department_id is not None
        )

    @property
    def worst(self) -> Taken:
        """The allowance with the least left; an untouched one when nothing is used."""
        return self.takers[0].taken if self.takers else Taken(0, 0, self.cap.amount)

    def as_dict(self) -> dict[str, Any]:
        """For programs: amounts as text in whole points."""
        cap = self.cap

        def text(minor: int) -> str:
            return points_text(minor, cap.scale)

        return {
            "cap_id": cap.cap_id,
            "name": cap.name,
            "source": self.source,
            "asset": cap.asset_code,
            "amount": text(cap.amount),
            "scope": cap.scope,
            "department": self.department or None,
            "employee_no": self.employee_no or None,
            "rule_code": cap.subject,
            "period": cap.period,
            "span": self.span.text,
            "policy": cap.policy,
            "valid_from": cap.valid_from.isoformat(),
            "valid_to": cap.valid_to.isoformat() if cap.valid_to else None,
            "used": text(self.worst.used),
            "left": text(self.worst.left),
            "takers": [
                {
                    "employee_no": one.employee_no or None,
                    "name": one.name,
                    "used": text(one.taken.used),
                    "left": text(one.taken.left),
                }
                for one in self.takers
            ],
            "more": self.more,
        }


def cap_lines(*, company_id: int, day: date) -> list[CapLine]:
    """The caps that count on ``day``, those of the company first; a handful of queries."""
    book = rulebook(company_id=company_id)
    caps = [cap for cap in find_caps(company_id=company_id) if cap.counts_on(day)]
    taken = caps_taken(company_id=company_id, caps=caps, day=day)
    return _lines(company_id, caps, taken, day, book)


def coming_caps(*, company_id: int, day: date) -> list[CapLine]:
    """The caps that begin after ``day``, by their first day."""
    caps = [
        cap for cap in find_caps(company_id=company_id, ending_after=day) if cap.valid_from > day
    ]
    caps.sort(key=lambda cap: (cap.valid_from, cap.cap_id))
    return _lines(company_id, caps, {}, day, rulebook(company_id=company_id), in_order=True)


def _lines(
    company_id: int,
    caps: Sequence[Cap],
    taken: Mapping[int, Sequence[Taken]],
    day: date,
    book: Rulebook,
    *,
    in_order: bool = False,
) -> list[CapLine]:
    shown = {cap_id: list(some)[:TAKERS_SHOWN] for cap_id, some in taken.items()}
    parties = {cap.party_id for cap in caps if cap.party_id is not None} | {
        one.scope_id for cap in caps if cap.scope == "person" for one in shown.get(cap.cap_id, ())
    }
    people = {
        party_id: (number, name)
        for party_id, number, name in Employee.objects.filter(
            company_id=company_id, party_id__in=parties
        ).values_list("party_id", "employee_no", "name")
    }
    departments = dict(Department.objects.filter(company_id=company_id).values_list("id", "name"))
    budgeted = {
        cap_id
        for ids in Budget.objects.filter(company_id=company_id).values_list("cap_ids", flat=True)
        for cap_id in ids
    }
    names = {timeline.code: timeline.name for timeline in book.rules.values()}
    order = {"company": 0, "department": 1, "person": 2}
    return [
        CapLine(
            cap=cap,
            span=cap.span(max(day, cap.valid_from)),
            source=BY_RULE
            if cap.rule_version_id is not None
            else BY_BUDGET
            if cap.cap_id in budgeted
            else BY_PERSON,
            department=departments.get(cap.department_id or 0, ""),
            employee_no=people.get(cap.party_id or 0, ("", ""))[0],
            employee_name=people.get(cap.party_id or 0, ("", ""))[1],
            rule_name=names.get(cap.subject or "", ""),
            takers=[_taker(cap, one, people, departments) for one in shown.get(cap.cap_id, ())],
            more=len(taken.get(cap.cap_id, ())) - len(shown.get(cap.cap_id, ())),
        )
        for cap in (
            caps
            if in_order
            else sorted(caps, key=lambda cap: (order[cap.scope], cap.subject or "", cap.cap_id))
        )
    ]


def _taker(
    cap: Cap,
    one: Taken,
    people: Mapping[int, tuple[str, str]],
    departments: Mapping[int, str],
) -> Taker:
    match cap.scope:
        case "person":
            number, name = people.get(one.scope_id, ("", ""))
            return Taker(number, name, one)
        case "department":
            return Taker("", departments.get(one.scope_id, ""), one)
        case _:
            return Taker("", "", one)


@dataclass(frozen=True, slots=True)
class StatedCap:
    """A cap that a rule states and that has counted nothing yet: the ledger makes it when needed."""

    rule_code: str
    rule_name: str
    points: str
    period: str


def stated_caps(*, company_id: int, day: date) -> list[StatedCap]:
    """Caps of the versions valid on ``day`` that the ledger does not have yet."""
    known = {cap.rule_version_id for cap in find_caps(company_id=company_id)}
    found = []
    for timeline in rulebook(company_id=company_id).rules.values():
        version = timeline.on(day)
        if version is None or version.spec.version_id in known:
            continue
        spec = version.spec
        if spec.gain_cap is not None:
            points = f"{abs(spec.gain_cap):f}"
            points = points.rstrip("0").rstrip(".") if "." in points else points
            found.append(StatedCap(spec.code, timeline.name, points, spec.cap_per))
    return found
