"""Dated facts of a person that rules may read: a level, a degree, a skill."""

from datetime import date, datetime

from django.db.models import Q

from meritbook.org.models import Employee, Fact
from meritbook.org.operations.audit import Actor, note


def set_fact(
    *,
    company_id: int,
    employee: Employee,
    kind: str,
    value: str,
    valid_from: date,
    now: datetime,
    actor: Actor,
) -> Fact:
    """From ``valid_from`` on the fact of ``kind`` has ``value``; what held before ends there."""
    facts = Fact.objects.filter(company_id=company_id, employee=employee, kind=kind)
    facts.filter(valid_from__gte=valid_from).delete()
    facts.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)).update(valid_to=valid_from)
    made = Fact.objects.create(
        company_id=company_id, employee=employee, kind=kind, value=value, valid_from=valid_from
    )
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="fact.set",
        object_kind="employee",
        object_id=employee.pk,
        after={"kind": kind, "value": value, "valid_from": valid_from},
    )
    return made


def end_fact(
    *,
    company_id: int,
    employee: Employee,
    kind: str,
    valid_to: date,
    now: datetime,
    actor: Actor,
) -> None:
    """The fact of ``kind`` holds no longer from ``valid_to`` on."""
    open_ones = Fact.objects.filter(
        company_id=company_id, employee=employee, kind=kind, valid_to__isnull=True
    )
    open_ones.filter(valid_from__gte=valid_to).delete()
    if open_ones.update(valid_to=valid_to):
        note(
            company_id=company_id,
            actor=actor,
            now=now,
            action="fact.end",
            object_kind="employee",
            object_id=employee.pk,
            after={"kind": kind, "valid_to": valid_to},
        )
