"""The order of events does not matter: twice, reversed, in three files, closed in between or not."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meritbook.awards.content import NewEvent
from tests.awards.worlds import World
from tests.counts import examples

pytestmark = pytest.mark.django_db

FIRST = datetime(2026, 10, 26, 8, 0)
CLOSED_UNTIL = date(2026, 11, 9)
"""A Monday in the middle of the events: a week is over, the month of November is not."""


def rules_of(world: World) -> list[str]:
    """One rule of each kind: per event, per unit, duty, proportion, target, deduction, percent."""
    return [
        world.rule("S1", "签合同", points="10").rule.code,
        world.rule("S3", "增加单量", points="50", divisor="1000", unit="元").rule.code,
        world.rule(
            "S2",
            "日报",
            points="5",
            period="day",
            deadline={"kind": "time_of_day", "time": "22:00"},
        ).rule.code,
        world.rule("S4", "回访", points="100", target="7", unit="个", period="week").rule.code,
        world.rule("S5", "业绩", points="80", target="9000", unit="元", period="month").rule.code,
        world.rule("S1", "迟到", points="-5").rule.code,
        world.rule(
            "S5", "回款量 100%", points="30", target="100", unit="%", period="month"
        ).rule.code,
    ]


def happenings(count: int) -> st.SearchStrategy[list[tuple[int, int, int, int]]]:
    """(rule, person, hours after the first moment, quantity) of each event."""
    one = st.tuples(
        st.integers(0, count - 1), st.integers(1, 3), st.integers(0, 24 * 20), st.integers(1, 9000)
    )
    return st.lists(one, max_size=25)


def events_of(codes: list[str], drawn: list[tuple[int, int, int, int]]) -> list[NewEvent]:
    events = []
    for number, (rule, person, hours, quantity) in enumerate(drawn):
        measure = Decimal(quantity if rule in (1, 4) else quantity % 120 + 1)
        events.append(
            NewEvent(
                f"E{number}",
                codes[rule],
                f"00{person}",
                FIRST + timedelta(hours=hours),
                quantity=None if rule in (1, 4) else measure,
                amount=measure if rule in (1, 4) else None,
            )
        )
    return events


def outcome(world: World) -> Any:
    """Everything that must be equal: balances of all assets, day totals, statuses."""
    return (
        world.balances("honour"),
        world.balances("spendable"),
        world.day_totals(),
        world.statuses(),
    )


@settings(
    max_examples=examples(8, long=400),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_order_leaves_the_same_ledger(world: World, data: st.DataObject) -> None:
    with transaction.atomic():
        codes = rules_of(world)
        events = events_of(codes, data.draw(happenings(len(codes))))
        shuffled = data.draw(st.permutations(events))
        cuts = sorted(data.draw(st.tuples(st.integers(0, 25), st.integers(0, 25))))
        runs = {
            "once": [events],
            "twice": [events, events],
            "reversed": [events[::-1]],
            "three files": [shuffled[: cuts[0]], shuffled[cuts[0] : cuts[1]], shuffled[cuts[1] :]],
        }
        expected = None
        for name, files in runs.items():
            for closes_between in (False, True):
                point = transaction.savepoint()
                for file in files:
                    world.record(*file)
                    if closes_between:
                        world.close(CLOSED_UNTIL)
                world.close(date(2027, 1, 1))
                found = outcome(world)
                transaction.savepoint_rollback(point)
                expected = expected or found
                assert found == expected, (name, closes_between)
        transaction.set_rollback(True)


def test_a_correction_in_any_place_leaves_what_the_last_word_says(world: World) -> None:
    codes = rules_of(world)
    first = events_of(codes, [(3, 1, 24, 2), (3, 1, 30, 3), (1, 2, 50, 5000), (3, 1, 55, 1)])
    wanted = events_of(codes, [(3, 1, 24, 3), (3, 1, 30, 0), (1, 2, 50, 2000), (3, 1, 55, 4)])
    point = transaction.savepoint()
    world.record(*wanted)
    world.close(date(2027, 1, 1))
    expected = outcome(world)
    transaction.savepoint_rollback(point)

    for closes_first in (False, True):
        point = transaction.savepoint()
        world.record(*first)
        if closes_first:
            world.close(date(2027, 1, 1))
        world.record(*wanted, revise=True)
        world.close(date(2027, 1, 1))
        assert outcome(world) == expected
        transaction.savepoint_rollback(point)


def test_withdrawn_events_leave_nothing(world: World) -> None:
    from meritbook.awards.operations import withdraw
    from tests.awards.worlds import NOW

    codes = rules_of(world)
    events = events_of(codes, [(3, 1, 24, 2), (3, 1, 30, 3), (1, 2, 50, 5000), (2, 1, 55, 4)])
    world.record(*events)
    world.close(date(2026, 11, 2))

    done = withdraw(
        company_id=world.company_id,
        source="crm",
        event_nos=["E0", "E1", "E2", "E3", "E9"],
        now=NOW,
    )

    assert (len(done.withdrawn), done.unknown) == (4, ("E9",))
    world.close(date(2027, 1, 1))
    assert (world.balances("honour"), world.balances("spendable")) == ({}, {})
    assert world.day_totals() == []
    assert set(world.statuses().values()) == {"withdrawn"}
