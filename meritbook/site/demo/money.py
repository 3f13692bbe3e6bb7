"""The demo company's budgets, what its points are worth, and a change that waits for the owner."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from meritbook.awards.models import Budget
from meritbook.awards.operations.budgets import set_budget
from meritbook.ledger.operations.worths import change_worth
from meritbook.org.models import Company, Department, Membership
from meritbook.org.operations.audit import actor_of
from meritbook.org.queries.members import Member, member

OWNER, OFFICER = "1001", "1101"
ASSET, SCALE = "spendable", 2
BUDGETS: tuple[tuple[str | None, str, str, int], ...] = (
    (None, "month", "money", 750_00),
    ("销售部", "month", "points", 30_000_00),
    ("客服部", "month", "points", 8_000_00),
    (None, "quarter", "points", 250_000_00),
)
"""Department, span, unit, minor units."""


def load_money(company: Company, *, today: date, now: datetime) -> None:
    """Budgets that warn, and a change of worth to decide. Again: nothing new. In the scope."""
    if Budget.objects.filter(company_id=company.pk).exists():
        return
    boss, officer = (_member(company, number) for number in (OWNER, OFFICER))
    for department, span, unit, amount in BUDGETS:
        set_budget(
            company_id=company.pk,
            department_id=_department_id(company, department) if department else None,
            asset_code=ASSET,
            span=span,
            unit=unit,
            amount=amount,
            policy=Budget.Policy.WARN,
            starts_on=today,
            today=today,
            actor=actor_of(boss),
            now=now,
        )
    for cents, valid_from, reason in (
        (100, today, "起步比例"),
        (120, today + timedelta(days=40), "年会上答应的，让积分更值钱"),
    ):
        change_worth(
            company_id=company.pk,
            asset_code=ASSET,
            scale=SCALE,
            points=100 * 10**SCALE,
            cents=cents,
            valid_from=valid_from,
            today=today,
            now=now,
            actor=actor_of(officer),
            reason=reason,
        )


def _member(company: Company, employee_no: str) -> Member:
    found = Membership.objects.get(company_id=company.pk, employee__employee_no=employee_no)
    return member(company_id=company.pk, membership_id=found.pk)


def _department_id(company: Company, name: str) -> int:
    return Department.objects.get(company_id=company.pk, name=name, parent__isnull=True).pk
