"""Setting and ending budgets. What is queued beyond a budget is held by caps of the ledger."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from meritbook.awards.budgets import FINE
from meritbook.awards.models import Budget
from meritbook.awards.queries.budgets import amounts_of, issued_by_day, standings_of
from meritbook.kit.errors import Refusal
from meritbook.kit.periods import MONTH, Period
from meritbook.kit.words import told
from meritbook.ledger.operations.caps import CapEnded, add_cap, end_cap
from meritbook.ledger.queries import assets
from meritbook.ledger.worth import worth
from meritbook.notices.models import OutboxMessage
from meritbook.notices.operations import tell
from meritbook.org.models import Department
from meritbook.org.operations.audit import Actor, note

AMOUNT_MAX = 10**15
WARNING = "budget.warning"
"""The topic of the message about a budget that is or will be exceeded."""


class BudgetRefused(Refusal):
    """The budget cannot be set like this."""

    code = "bad_budget"


class UnknownBudget(Refusal):
    """The company has no such budget."""

    code = "unknown_budget"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("没有这项预算"))


def set_budget(
    *,
    company_id: int,
    department_id: int | None,
    asset_code: str,
    span: str,
    unit: str,
    amount: int,
    policy: str,
    starts_on: date,
    today: date,
    actor: Actor,
    now: datetime,
) -> Budget:
    """From ``starts_on`` (today or later) on, so much may be issued in each ``span``.

    ``amount``: minor units of the asset, or cents. What holds for the same department, asset and
    span until then ends. With policy ``queue`` the ledger keeps it: see operations.queued. Joins
    the caller's transaction. Raises BudgetRefused and what the ledger refuses of a cap.
    """
    if starts_on < today:
        raise BudgetRefused(_("预算不能从过去开始"))
    if not 1 <= amount <= AMOUNT_MAX:
        raise BudgetRefused(_("预算必须大于 0，且不能过大"))
    if span not in Budget.Span.values or unit not in Budget.Unit.values:
        raise BudgetRefused(_("预算的周期或单位不对"))
    if policy not in Budget.Policy.values:
        raise BudgetRefused(_("请选择超出预算时怎么办"))
    name = _department_name(company_id=company_id, department_id=department_id)
    if not _has_asset(company_id=company_id, asset_code=asset_code):
        raise BudgetRefused(_("没有这种积分资产"))
    _one_at_a_time(company_id)
    for before in Budget.objects.filter(
        Q(department_id=department_id) if department_id else Q(department__isnull=True),
        company_id=company_id,
        asset_code=asset_code,
        span=span,
        ends_on__isnull=True,
    ):
        _end(before, day=starts_on, actor=actor, now=now)
    budget = Budget(
        company_id=company_id,
        department_id=department_id,
        asset_code=asset_code,
        span=span,
        unit=unit,
        amount=amount,
        policy=policy,
        starts_on=starts_on,
        created_at=now,
        created_by=actor.membership_id,
    )
    if policy == Budget.Policy.QUEUE:
        budget.cap_ids = _add_caps(budget, name=name, day=starts_on, actor=actor, now=now)
    budget.save()
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="budget.set",
        object_kind="budget",
        object_id=budget.pk,
        after={
            "department": name,
            "asset": asset_code,
            "span": span,
            "unit": unit,
            "amount": amount,
            "policy": policy,
            "from": starts_on,
        },
    )
    return budget


def end_budget(
    *, company_id: int, budget_id: int, day: date, actor: Actor, now: datetime
) -> Budget:
    """A budget holds no longer from ``day`` on. Raises UnknownBudget."""
    _one_at_a_time(company_id)
    budget = Budget.objects.filter(
        company_id=company_id, pk=budget_id, ends_on__isnull=True
    ).first()
    if budget is None:
        raise UnknownBudget
    _end(budget, day=day, actor=actor, now=now)
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="budget.end",
        object_kind="budget",
        object_id=budget.pk,
        after={"to": day},
    )
    return budget


def follow_worth(
    *, company_id: int, asset_code: str, day: date, actor: Actor, now: datetime
) -> None:
    """Points are worth something else from ``day`` on: caps of budgets in money follow."""
    _one_at_a_time(company_id)
    for budget in Budget.objects.filter(
        company_id=company_id,
        asset_code=asset_code,
        unit=Budget.Unit.MONEY,
        policy=Budget.Policy.QUEUE,
        ends_on__isnull=True,
    ):
        start = max(day, budget.starts_on)
        name = _department_name(company_id=company_id, department_id=budget.department_id)
        _end_caps(budget, day=start, actor=actor, now=now)
        budget.cap_ids = _add_caps(budget, name=name, day=start, actor=actor, now=now)
        budget.save(update_fields=["cap_ids"])


def warn(*, company_id: int, today: date, now: datetime) -> int:
    """Tell of budgets that lead beyond their amount, or have reached it; how many were told.

    Each once in its span for each state. The message has ids; a sender looks up who owns the company
    or heads the department.
    """
    told_now = 0
    for one in standings_of(
        company_id=company_id, period=Period.containing(MONTH, today), today=today
    ):
        if one.state == FINE:
            continue
        payload = {"budget_id": one.budget.pk, "period": one.period.text, "state": one.state}
        if OutboxMessage.objects.filter(
            company_id=company_id, topic=WARNING, payload=payload
        ).exists():
            continue
        tell(company_id=company_id, topic=WARNING, payload=payload, happened_at=now)
        told_now += 1
    return told_now


def _end(budget: Budget, *, day: date, actor: Actor, now: datetime) -> None:
    day = max(day, budget.starts_on)
    _end_caps(budget, day=day, actor=actor, now=now)
    budget.ends_on, budget.ended_by = day, actor.membership_id
    budget.save(update_fields=["ends_on", "ended_by"])


def _end_caps(budget: Budget, *, day: date, actor: Actor, now: datetime) -> None:
    for cap_id in budget.cap_ids:
        try:
            end_cap(company_id=budget.company_id, cap_id=cap_id, day=day, actor=actor, now=now)
        except CapEnded:
            continue  # that of the span in which the budget began


def _add_caps(budget: Budget, *, name: str, day: date, actor: Actor, now: datetime) -> list[int]:
    """The caps that hold a budget from ``day`` on.

    A cap counts what is posted under it. What was issued before in the span of its first day is
    taken off for the rest of that span; the cap for the spans that follow is whole.
    """
    at = worth(company_id=budget.company_id, asset_code=budget.asset_code, on=day)
    points, _cents = amounts_of(budget, worth=at)
    if points is None or points < 1:
        return []
    span = Period.containing(budget.span, day)
    used = _issued(budget, period=span)
    first_whole = day if used == 0 else span.end + timedelta(days=1)
    rooms: list[tuple[int, date, date | None]] = [(min(points, AMOUNT_MAX), first_whole, None)]
    if used != 0:
        # A cap of nothing there is not: the smallest is one minor unit.
        rooms.insert(0, (max(1, min(points - used, AMOUNT_MAX)), day, first_whole))
    return [
        add_cap(
            company_id=budget.company_id,
            name=told("预算：%(name)s", name=name)[:60],
            asset_code=budget.asset_code,
            amount=room,
            scope="company" if budget.department_id is None else "department",
            department_id=budget.department_id,
            period=budget.span,
            policy="queue",
            valid_from=start,
            valid_to=end,
            actor=actor,
            now=now,
        )
        for room, start, end in rooms
    ]


def _issued(budget: Budget, *, period: Period) -> int:
    """What was issued so far in a span to those whom the budget is for."""
    found = issued_by_day(company_id=budget.company_id, asset_code=budget.asset_code, period=period)
    if budget.department_id is None:
        return sum(minor for _day, _department, minor in found)
    inside = set(
        Department.objects.filter(
            company_id=budget.company_id, path_ids__contains=[budget.department_id]
        ).values_list("pk", flat=True)
    )
    return sum(minor for _day, department, minor in found if department in inside)


def _department_name(*, company_id: int, department_id: int | None) -> str:
    if department_id is None:
        return told("全公司")
    name = (
        Department.objects.filter(company_id=company_id, pk=department_id)
        .values_list("name", flat=True)
        .first()
    )
    if name is None:
        raise BudgetRefused(_("公司里没有这个部门"))
    return name


def _has_asset(*, company_id: int, asset_code: str) -> bool:
    return any(each.code == asset_code for each in assets(company_id=company_id))


def _one_at_a_time(company_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('awards budgets ' || %s::text, 0))",
            [company_id],
        )
