"""What the people of the demo company do with their points, once they have earned them.

Every movement has a key of its own, so that telling it again changes nothing.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from meritbook.ledger import operations as ledger
from meritbook.ledger.operations.caps import CapExists, add_cap
from meritbook.ledger.operations.sealing import seal
from meritbook.ledger.queries import balance_of, has_transactions
from meritbook.org.models import Company, Employee
from meritbook.org.operations.audit import Actor


class Ware(NamedTuple):
    """Something that points buy: its name and its price in points."""

    name: str
    points: int


WARES = (
    Ware("咖啡券", 60),
    Ware("电影票两张", 120),
    Ware("半天调休", 300),
    Ware("图书自选", 90),
    Ware("体检套餐升级", 480),
)
MONTHLY_CAP = 6_000
"""Far above what anybody earns: it shows how much of it is used."""


def set_limits(company: Company, *, since: date, actor: Actor, now: datetime) -> None:
    """What holds before anything is earned: a cap for everybody, points that live for a year."""
    ledger.set_policy(
        company_id=company.pk,
        code="spendable",
        policy={
            "expiry": "months",
            "expiry_count": 12,
            "expiry_period": "month",
            "is_convertible": True,
        },
        changed_at=now,
        actor_id=None,
    )
    try:
        add_cap(
            company_id=company.pk,
            name="每人每月可得积分",
            asset_code="spendable",
            amount=MONTHLY_CAP * 100,
            scope="person",
            period="month",
            policy="clip",
            valid_from=since,
            actor=actor,
            now=now,
        )
    except CapExists:
        return
    ledger.set_rate(
        company_id=company.pk,
        from_code="spendable",
        to_code="coin",
        valid_from=since,
        numerator=1,
        denominator=100,
        announced_at=now,
        announced_on=now.astimezone(company.zone).date(),
    )


def use_points(company: Company, *, start: date, today: date, now: datetime) -> None:
    """Orders, one of them given back and one still open, and some points turned into coins. Once."""
    if has_transactions(company_id=company.pk, source_kind="order"):
        return
    buyers = _buyers(company)
    for n, employee in enumerate(buyers):
        ware = WARES[n % len(WARES)]
        day = min(start + timedelta(days=35 + n), today)
        source = ledger.Source("order", employee.pk, note=f"兑换：{ware.name}")
        key = f"demo/order/{employee.employee_no}"
        if n == 1:
            ledger.hold(
                company_id=company.pk,
                key=key,
                party_id=employee.party_id,
                code="spendable",
                amount=ware.points * 100,
                today=day,
                lapses_at=now + timedelta(days=14),
                source=source,
            )
            continue
        bought = ledger.spend(
            company_id=company.pk,
            key=key,
            party_id=employee.party_id,
            code="spendable",
            amount=ware.points * 100,
            today=day,
            source=source,
        )
        if n == 2:
            ledger.refund(
                company_id=company.pk,
                tx_id=bought.tx_id,
                key=f"{key}/back",
                today=min(day + timedelta(days=3), today),
                note="缺货退回",
            )
    for employee in buyers[:3]:
        ledger.convert(
            company_id=company.pk,
            key=f"demo/convert/{employee.employee_no}",
            party_id=employee.party_id,
            from_code="spendable",
            to_code="coin",
            amount=100_00,
            today=today,
            source=ledger.Source("exchange", employee.pk, note="积分兑换现金币"),
        )
    seal(company_id=company.pk, now=now)


def _buyers(company: Company) -> Sequence[Employee]:
    """Every third of those who can pay for anything."""
    most = max(ware.points for ware in WARES) + 100
    able = [
        employee
        for employee in Employee.objects.filter(
            company_id=company.pk, left_on__isnull=True
        ).order_by("employee_no")
        if _spendable(company, employee) >= most * 100
    ]
    return able[::3]


def _spendable(company: Company, employee: Employee) -> int:
    there = balance_of(company_id=company.pk, party_id=employee.party_id, code="spendable")
    return there.posted - there.held
