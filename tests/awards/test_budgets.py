"""Budgets: how much may be issued in a span, what is used of it, and where it leads."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from meritbook.awards.budgets import AHEAD, FINE, REACHED, Pace, forecast, pace_of, state_of
from meritbook.awards.models import Budget
from meritbook.awards.operations.budgets import (
    BudgetRefused,
    UnknownBudget,
    end_budget,
    follow_worth,
    set_budget,
    warn,
)
from meritbook.awards.queries.budgets import Standing, planned, standings_of
from meritbook.kit.periods import Period
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.caps import find_caps
from meritbook.ledger.operations.worths import set_worth
from meritbook.notices.models import OutboxMessage
from meritbook.org.models import Department
from meritbook.org.operations.audit import SYSTEM
from tests.awards.worlds import NOW, World, event, found_world

TODAY = date(2026, 11, 21)
NOVEMBER = Period.parse("2026-11")


# The arithmetic.


def weekdays(day: date) -> bool:
    return day.weekday() < 5


def test_the_pace_counts_working_days() -> None:
    assert pace_of(NOVEMBER, today=date(2026, 11, 1), is_workday=weekdays) == Pace(0, 21)
    assert pace_of(NOVEMBER, today=TODAY, is_workday=weekdays) == Pace(15, 21)
    assert pace_of(NOVEMBER, today=date(2027, 1, 1), is_workday=weekdays) == Pace(21, 21)
    assert pace_of(NOVEMBER, today=date(2026, 10, 1), is_workday=weekdays) == Pace(0, 21)


@pytest.mark.parametrize(
    ("used", "pace", "expected"),
    [
        pytest.param(1_500, Pace(15, 21), 2_100, id="at this pace"),
        pytest.param(10, Pace(3, 4), 13, id="half up"),
        pytest.param(100, Pace(21, 21), 100, id="over"),
        pytest.param(0, Pace(5, 21), 0, id="nothing used"),
        pytest.param(100, Pace(0, 21), None, id="nothing worked yet"),
    ],
)
def test_the_forecast(used: int, pace: Pace, expected: int | None) -> None:
    assert forecast(used, pace) == expected


@pytest.mark.parametrize(
    ("used", "expected", "state"),
    [(50, 90, FINE), (50, 100, FINE), (50, 101, AHEAD), (100, 100, REACHED), (120, None, REACHED)],
)
def test_the_state(used: int, expected: int | None, state: str) -> None:
    assert state_of(amount=100, used=used, expected=expected) == state


# In the company.


def budget(world: World, **more: Any) -> Budget:
    """By default 1,000 points a month for the whole company, from today."""
    wanted: dict[str, Any] = {
        "company_id": world.company_id,
        "department_id": None,
        "asset_code": "spendable",
        "span": "month",
        "unit": "points",
        "amount": 100_000,
        "policy": "warn",
        "starts_on": TODAY,
        "today": TODAY,
        "actor": SYSTEM,
        "now": NOW,
    }
    with company_scope(world.company_id):
        return set_budget(**wanted | more)


def standings(world: World, period: str = "2026-11", **more: Any) -> list[Standing]:
    with company_scope(world.company_id):
        return standings_of(
            company_id=world.company_id,
            period=Period.parse(period),
            **{"today": TODAY} | more,
        )


def department(world: World, name: str) -> int:
    with company_scope(world.company_id):
        return Department.objects.get(company_id=world.company_id, name=name).pk


def earn(world: World, event_no: str, points: str, who: str = "001", **more: Any) -> None:
    """Somebody does something that brings so many points."""
    code = world.rule("S1", f"做成一件事 {event_no}", points=points).rule.code
    recorded = world.record(event(event_no, code, who, **more))
    assert [each.status for each in recorded.results] == ["new"]


@pytest.mark.django_db
def test_without_a_budget_there_is_nothing(world: World) -> None:
    earn(world, "E-1", "100")
    assert standings(world) == []


@pytest.mark.django_db
def test_what_is_used_is_what_was_issued_less_what_was_taken_back(world: World) -> None:
    budget(world)
    earn(world, "E-1", "100", at="2026-11-03 10:00")
    earn(world, "E-2", "300", who="003", at="2026-11-12 10:00")
    earn(world, "E-3", "500", at="2026-10-12 10:00")
    earn(world, "E-4", "-50", at="2026-11-13 10:00")
    (one,) = standings(world)
    assert (one.points, one.cents) == (100_000, 1_000)
    assert (one.used, one.used_cents) == (40_000, 400)
    assert (one.left, one.left_cents) == (60_000, 600)
    # 15 of 21 working days are over.
    assert (one.expected, one.expected_cents, one.state) == (56_000, 560, FINE)
    from meritbook.awards.operations import withdraw

    withdraw(company_id=world.company_id, source="crm", event_nos=["E-2"], now=NOW)
    assert standings(world)[0].used == 10_000


@pytest.mark.django_db
def test_a_departments_budget_counts_those_below(world: World) -> None:
    sales = department(world, "销售部")
    with company_scope(world.company_id):
        above = Department.objects.get(pk=sales)
    south = world.department("华南组", above)
    world.hire("010", "何思思", south)
    budget(world, department_id=sales, amount=20_000)
    budget(world, amount=90_000, span="quarter")
    earn(world, "E-1", "50")
    earn(world, "E-2", "70", who="010")
    earn(world, "E-3", "800", who="003")
    found = standings(world)
    assert [(each.department, each.period.text, each.used, each.state) for each in found] == [
        ("销售部", "2026-11", 12_000, FINE),
        ("", "2026-Q4", 92_000, REACHED),
    ]
    # A head sees the budgets of what is headed.
    assert [each.department for each in standings(world, department_ids=[sales])] == ["销售部"]
    assert standings(world, department_ids=[department(world, "仓库")]) == []


@pytest.mark.django_db
def test_money_is_weighed_by_the_worth_of_the_day(world: World) -> None:
    """100 points are 1 元 until the 11th, 2 元 from the 12th on."""
    budget(world, unit="money", amount=1_000)
    with company_scope(world.company_id):
        set_worth(
            company_id=world.company_id,
            asset_code="spendable",
            points=10_000,
            cents=200,
            valid_from=date(2026, 11, 12),
            today=date(2026, 11, 1),
            announced_at=NOW,
            actor_id=None,
        )
    earn(world, "E-1", "100", at="2026-11-11 10:00")
    earn(world, "E-2", "100", at="2026-11-12 10:00")
    (one,) = standings(world)
    assert (one.cents, one.used_cents, one.points, one.used) == (1_000, 300, 50_000, 20_000)
    assert one.as_dict() == {
        "id": one.budget.pk,
        "department": None,
        "asset": "spendable",
        "period": "2026-11",
        "unit": "money",
        "policy": "warn",
        "points": "500",
        "money": "10",
        "used": "200",
        "used_money": "3",
        "remaining": "300",
        "remaining_money": "7",
        "forecast": "280",
        "forecast_money": "4.2",
        "state": "fine",
    }


@pytest.mark.django_db
def test_a_change_ends_one_and_begins_another(world: World) -> None:
    first = budget(world)
    december = date(2026, 12, 1)
    budget(world, amount=200_000, starts_on=december)
    with company_scope(world.company_id):
        assert Budget.objects.get(pk=first.pk).ends_on == december
        assert [each.amount for each in planned(company_id=world.company_id, today=TODAY)] == [
            200_000
        ]
    assert [each.points for each in standings(world)] == [100_000]
    assert [each.points for each in standings(world, "2026-12")] == [200_000]
    # Another change of the same day takes the place of what never held.
    budget(world, amount=300_000, starts_on=december)
    assert [each.points for each in standings(world, "2026-12")] == [300_000]
    with company_scope(world.company_id):
        assert len(planned(company_id=world.company_id, today=TODAY)) == 1
        open_one = Budget.objects.get(company_id=world.company_id, ends_on__isnull=True)
        end_budget(
            company_id=world.company_id,
            budget_id=open_one.pk,
            day=december,
            actor=SYSTEM,
            now=NOW,
        )
        with pytest.raises(UnknownBudget):
            end_budget(
                company_id=world.company_id,
                budget_id=open_one.pk,
                day=december,
                actor=SYSTEM,
                now=NOW,
            )
    assert standings(world, "2026-12") == []


def caps(world: World) -> list[tuple[int, str, str, date, date | None]]:
    with company_scope(world.company_id):
        return [
            (each.amount, each.scope, each.policy, each.valid_from, each.valid_to)
            for each in find_caps(company_id=world.company_id)
        ]


@pytest.mark.django_db
def test_a_queueing_budget_is_held_by_caps(world: World) -> None:
    december = date(2026, 12, 1)
    earn(world, "E-1", "300")
    sales = department(world, "销售部")
    made = budget(world, policy="queue", department_id=sales)
    # What is used this month is taken off until the month is over.
    assert caps(world) == [
        (70_000, "department", "queue", TODAY, december),
        (100_000, "department", "queue", december, None),
    ]
    assert len(made.cap_ids) == 2
    # Nothing is issued for the next quarter yet: one cap from its first day on.
    budget(world, policy="queue", span="quarter", starts_on=date(2027, 1, 1))
    assert caps(world)[2:] == [(100_000, "company", "queue", date(2027, 1, 1), None)]
    budget(world, policy="warn", department_id=sales)
    # The cap that never held is gone; that of today counts nothing from today on.
    assert [each[0] for each in caps(world)] == [100_000]


@pytest.mark.django_db
def test_what_is_used_up_leaves_the_smallest_cap(world: World) -> None:
    earn(world, "E-1", "3000")
    budget(world, policy="queue")
    assert [each[0] for each in caps(world)] == [1, 100_000]


@pytest.mark.django_db
def test_caps_of_a_budget_in_money_follow_the_worth(world: World) -> None:
    january = date(2027, 1, 1)
    made = budget(world, unit="money", amount=1_000, policy="queue")
    assert [each[0] for each in caps(world)] == [100_000]
    with company_scope(world.company_id):
        set_worth(
            company_id=world.company_id,
            asset_code="spendable",
            points=10_000,
            cents=200,
            valid_from=january,
            today=TODAY,
            announced_at=NOW,
            actor_id=None,
        )
        follow_worth(
            company_id=world.company_id, asset_code="spendable", day=january, actor=SYSTEM, now=NOW
        )
    assert [(each[0], each[3], each[4]) for each in caps(world)] == [
        (100_000, TODAY, january),
        (50_000, january, None),
    ]
    with company_scope(world.company_id):
        assert Budget.objects.get(pk=made.pk).cap_ids != made.cap_ids


@pytest.mark.django_db
def test_who_pays_is_told_once_for_each_state(world: World) -> None:
    budget(world, amount=30_000)

    def told() -> list[tuple[str, str]]:
        with company_scope(world.company_id):
            warn(company_id=world.company_id, today=TODAY, now=NOW)
            found = OutboxMessage.objects.filter(
                company_id=world.company_id, topic="budget.warning"
            )
            return [
                (each.payload["period"], each.payload["state"]) for each in found.order_by("pk")
            ]

    assert told() == []
    earn(world, "E-1", "250")
    assert told() == [("2026-11", AHEAD)]
    assert told() == [("2026-11", AHEAD)]
    earn(world, "E-2", "250")
    assert told() == [("2026-11", AHEAD), ("2026-11", REACHED)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"amount": 0},
        {"amount": -1},
        {"amount": 2**63},
        {"starts_on": TODAY - timedelta(days=1)},
        {"span": "week"},
        {"unit": "gold"},
        {"policy": "ignore"},
        {"asset_code": "gold"},
        {"asset_code": "x\x00"},
        {"department_id": 2**40},
    ],
)
def test_what_is_no_budget(world: World, change: dict[str, Any]) -> None:
    with pytest.raises(BudgetRefused) as caught:
        budget(world, **change)
    assert caught.value.message


@pytest.mark.django_db
def test_budgets_stand_and_belong_to_one_company(world: World) -> None:
    made = budget(world)
    other = found_world("other", "金丝雀公司")
    assert standings(other) == []
    with company_scope(other.company_id), pytest.raises(UnknownBudget):
        end_budget(company_id=other.company_id, budget_id=made.pk, day=TODAY, actor=SYSTEM, now=NOW)
    with company_scope(world.company_id):
        rows = Budget.objects.filter(pk=made.pk)
        for change in (
            lambda: rows.update(amount=1),
            lambda: rows._raw_delete(using="default"),
            lambda: rows.update(ends_on=TODAY) and rows.update(ends_on=None),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()
