"""A backtest of the published rules gives what the ledger has, to the hundredth, for any events."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from meritbook.awards.content import NewEvent
from meritbook.awards.operations import withdraw
from meritbook.awards.operations.caps import set_cap
from meritbook.insight.operations.computing import Computed, compute
from meritbook.insight.queries.past import posted_points, snapshot
from meritbook.kit.periods import ALL, Period
from meritbook.kit.tenancy import company_scope
from meritbook.org.operations.audit import SYSTEM
from tests import counts
from tests.awards.worlds import NOW, World, event, found_world

START, END, TODAY = date(2026, 9, 1), date(2026, 11, 20), date(2026, 11, 21)
WEEKDAY = {"kind": "weekday", "weekday": 5, "time": "22:00"}
NEXT_FIRST = {"kind": "first_day_of_next", "time": "18:00"}


@pytest.fixture
def world(db: None) -> World:
    made = found_world("back", "回测公司")
    sales, store = made.department("销售部"), made.department("仓库")
    made.hire("001", "李雷", sales)
    made.hire("002", "韩梅梅", sales)
    made.hire("003", "林涛", store)
    return made


def rules(world: World, *, cap: str | None = None) -> list[str]:
    """One of each common shape, a cap that a rule states among them; some change in October."""
    sales = {"departments": [_department(world, "销售部")]}
    late = world.rule("S1", "迟到", points="-5")
    world.rule("S1", "迟到", points="-10", rule=late.rule, active_from=date(2026, 10, 1))
    visits = world.rule("S4", "每周回访", points="100", target="20", period="week", unit="个")
    world.rule(
        "S4", "每周回访", points="60", target="10", period="week", unit="个",
        rule=visits.rule, active_from=date(2026, 10, 15),
    )  # fmt: skip
    return [
        late.rule.code,
        visits.rule.code,
        world.rule("S3", "单量", points="5", divisor="1000", unit="元", population=sales).rule.code,
        world.rule("S3", "建议", points="30", divisor="1", cap=cap, cap_per="month" if cap else "").rule.code,
        world.rule("S2", "周报", points="5", period="week", deadline=WEEKDAY).rule.code,
        world.rule("S2", "月结", points="50", period="month", deadline=NEXT_FIRST).rule.code,
        world.rule(
            "S5", "业绩", tiers=[{"from": "10000", "points": "100"}, {"from": "50000", "points": "300"}],
            period="month", unit="元", postings={"honour": "1", "spendable": "0.3"},
        ).rule.code,
    ]  # fmt: skip


def _department(world: World, name: str) -> int:
    return int(
        world.select(
            "SELECT id FROM org_department WHERE company_id = %s AND name = %s",
            [world.company_id, name],
        )[0][0]
    )


def computed(world: World, **options: Any) -> Computed:
    wanted = {
        "starts_on": START,
        "ends_on": END,
        "version_ids": [],
        "closed_by": TODAY,
        "now": NOW,
        "progress": lambda _done, _total: None,
    } | options
    with snapshot(world.company_id):
        return compute(company_id=world.company_id, **wanted)


def sums(found: Computed, *, is_after: bool) -> dict[int, int]:
    sides = {
        employee_id: (both.after if is_after else both.before).points
        for employee_id, both in found.tally.people.items()
    }
    return {employee_id: points for employee_id, points in sides.items() if points}


def posted(world: World) -> dict[int, int]:
    with company_scope(world.company_id):
        found = posted_points(company_id=world.company_id, span=Period(ALL, START, END))
    return {employee_id: points for employee_id, points in found.items() if points}


happening = st.tuples(
    st.integers(0, 6),
    st.sampled_from(("001", "002", "003")),
    st.integers(0, (END - START).days * 24 * 4),
    st.integers(1, 9),
    st.integers(500, 60_000),
)
FEW = settings(
    max_examples=counts.examples(6, long=300),
    deadline=None,
    # An example takes a second: as it was drawn is good enough to look at.
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def told(
    world: World, codes: list[str], drawn: list[tuple[int, str, int, int, int]]
) -> list[NewEvent]:
    """Events in order of time."""
    first = datetime.combine(START, datetime.min.time())
    return [
        event(
            f"E{n}",
            codes[kind],
            who,
            f"{first + timedelta(minutes=15 * quarter):%Y-%m-%d %H:%M}",
            quantity=str(quantity),
            amount=str(amount),
        )
        for n, (kind, who, quarter, quantity, amount) in enumerate(
            sorted(drawn, key=lambda one: one[2])
        )
    ]


@FEW
@given(st.lists(happening, min_size=1, max_size=30), st.integers(0, 3))
def test_the_published_rules_reproduce_the_ledger(
    world: World, drawn: list[tuple[int, str, int, int, int]], corrected: int
) -> None:
    """Versions, deadlines, tiers, what was corrected after its window closed, what was withdrawn."""
    with transaction.atomic():
        events = told(world, rules(world), drawn)
        assert not world.record(*events).problems
        world.close(TODAY)
        for one in events[:corrected]:
            world.record(one._replace(employee_no="002"), revise=True)
        withdraw(
            company_id=world.company_id,
            source="crm",
            event_nos=[one.event_no for one in events[len(events) - corrected :]],
            now=NOW,
        )
        world.close(TODAY)
        found = computed(world)
        assert sums(found, is_after=False) == sums(found, is_after=True) == posted(world)
        transaction.set_rollback(True)


@FEW
@given(st.lists(happening, min_size=1, max_size=30))
def test_caps_of_a_person_are_reproduced(
    world: World, drawn: list[tuple[int, str, int, int, int]]
) -> None:
    """Recorded in order of time, so that the same events find room."""
    with transaction.atomic():
        with company_scope(world.company_id):
            set_cap(
                company_id=world.company_id,
                name="每人每月",
                asset_code="honour",
                amount=120_00,
                scope="person",
                period="month",
                policy="clip",
                valid_from=date(2026, 1, 1),
                today=date(2026, 1, 1),
                actor=SYSTEM,
                now=NOW,
            )
        events = told(world, rules(world, cap="90"), drawn)
        for one in events:
            world.record(one)
            world.close(one.happened_at.date())
        world.close(TODAY)
        assert sums(computed(world), is_after=True) == posted(world)
        transaction.set_rollback(True)


def test_a_window_that_is_not_over_has_no_result_yet(world: World) -> None:
    visits = world.rule("S4", "回访", points="100", target="20", period="week", unit="个")
    world.record(event("V", visits.rule.code, "001", "2026-11-11 10:00", quantity="10"))
    assert sums(computed(world, closed_by=date(2026, 11, 15)), is_after=True) == {}
    over = computed(world, closed_by=date(2026, 11, 16))
    assert list(sums(over, is_after=True).values()) == [50_00]


def test_a_window_keeps_what_it_gathered_before_the_days(world: World) -> None:
    """A month that ends inside the days, an event before them."""
    sales = world.rule("S5", "业绩", points="100", target="10", period="month", unit="单")
    world.record(event("S", sales.rule.code, "001", "2026-10-02 10:00", quantity="10"))
    found = computed(world, starts_on=date(2026, 10, 20))
    assert list(sums(found, is_after=True).values()) == [100_00]
