"""Managers' quotas: set from a day on, granted once a month, taken by awards given by hand."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from meritbook.awards.models import ManagerQuota
from meritbook.awards.paying import Payer
from meritbook.awards.queries.quotas import quota_in_force, quotas_in_force
from meritbook.kit.errors import Refusal
from meritbook.ledger.operations import KeyReused, grant_quota
from meritbook.ledger.quotas import granted_parties
from meritbook.org.models import Employee
from meritbook.org.operations.audit import Actor, note

AMOUNT_MAX = 10**15


class BadQuota(Refusal):
    """The amounts make no quota."""

    code = "bad_quota"


class Granted(NamedTuple):
    """How many managers got the month's quota now, and how many had it before."""

    new: int
    before: int


def set_quota(
    *,
    company_id: int,
    employee: Employee,
    monthly: int | None,
    act_max: int | None,
    today: date,
    now: datetime,
    actor: Actor,
) -> bool:
    """From today on the manager may give ``monthly`` minor units a month (None: no quota).

    A month that was granted keeps its amount; else it is granted now. False when nothing changes.
    Raises BadQuota.
    """
    if monthly is not None and not 1 <= monthly <= AMOUNT_MAX:
        raise BadQuota(_("每月额度须大于 0"))
    if act_max is not None and (monthly is None or not 1 <= act_max <= monthly):
        raise BadQuota(_("单次上限须大于 0，且不超过每月额度"))
    if employee.state == Employee.State.LEFT and monthly is not None:
        raise BadQuota(_("%(name)s 已离职") % {"name": employee.name})
    before = quota_in_force(company_id=company_id, employee_id=employee.pk, today=today)
    was = (before.monthly, before.act_max) if before else (None, None)
    if was == (monthly, act_max):
        return False
    ManagerQuota.objects.create(
        company_id=company_id,
        employee=employee,
        monthly=monthly,
        act_max=act_max,
        valid_from=today,
        created_at=now,
        created_by=actor.membership_id,
    )
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="quota.set",
        object_kind="employee",
        object_id=employee.employee_no,
        before={"monthly": was[0], "act_max": was[1]},
        after={"monthly": monthly, "act_max": act_max},
    )
    if monthly is not None:
        _grant(company_id, employee.party_id, today.replace(day=1), monthly, actor.membership_id)
    return True


def grant_quotas(*, company_id: int, month: date, today: date) -> Granted:
    """Give every manager the quota of a month (its first day) by what holds today; once.

    Who has left gets none.
    """
    holders = {
        one.employee.party_id: one.monthly
        for one in quotas_in_force(company_id=company_id, today=today)
        if one.monthly is not None and one.employee.state != Employee.State.LEFT
    }
    there = granted_parties(company_id=company_id, party_ids=list(holders), month=month)
    new = sum(
        _grant(company_id, party_id, month, amount, None)
        for party_id, amount in sorted(holders.items())
        if party_id not in there
    )
    return Granted(new, len(holders) - new)


def payer_of(*, company_id: int, employee: Employee, today: date) -> Payer | None:
    """The manager's quota as it is today, granted if the job has not come yet; None without one."""
    held = quota_in_force(company_id=company_id, employee_id=employee.pk, today=today)
    if held is None or held.monthly is None:
        return None
    _grant(company_id, employee.party_id, today.replace(day=1), held.monthly, None)
    return Payer(employee.party_id, held.act_max)


def _grant(company_id: int, party_id: int, month: date, amount: int, actor_id: int | None) -> bool:
    try:
        return grant_quota(
            company_id=company_id,
            party_id=party_id,
            month=month,
            amount=amount,
            actor_id=actor_id,
        ).is_new
    except KeyReused:
        return False  # granted before the amount was changed: it stays as it was
