"""Caps on what events earn: given, told, freed; rules that state caps of their own."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meritbook.awards.operations import withdraw
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.caps import caps_taken, find_caps
from meritbook.org.models import Department, Employee
from tests.awards.capped import DAY, cap, entries, sound, told, used
from tests.awards.worlds import NOW, World, event, found_world

pytestmark = pytest.mark.django_db


def test_an_entry_has_what_was_given_and_says_why(world: World) -> None:
    code = world.rule("S1", "拜访", points="140").rule.code
    cap(world, 300)

    with sound(world):
        recorded = world.record(event("1", code, quantity="2"), event("2", code))

    assert [one.status for one in recorded.results] == ["new", "new"]
    assert world.balances() == world.balances("spendable") == {"001": 30000}
    assert entries(world) == [(28000, None), (2000, 14000)]
    (one,) = told(world, "2").standing
    assert one.amounts == (("honour", 2000), ("spendable", 2000))
    assert one.explained.sentence.endswith("；受上限所限，实得 20 分")
    *_before, step, posting = one.explained.steps
    assert (step.step, step.ok) == ("cap", True)
    assert step.text == "2026年11月上限 300，已用 280，实得 20（每月上限）"
    assert "+20" in posting.text
    assert "+140" not in posting.text


def test_what_earned_nothing_names_the_cap(world: World) -> None:
    code = world.rule("S1", "拜访", points="150").rule.code
    cap(world, 300)

    with sound(world):
        world.record(*(event(str(n), code) for n in range(3)))

    assert world.statuses() == {"0": "posted", "1": "posted", "2": "nothing"}
    explained = told(world, "2")
    assert explained.standing == []
    (near,) = explained.near
    assert near.failed_step == "cap"
    assert near.text == "2026年11月上限 300，已用 300，实得 0（每月上限）"


def test_the_same_again_does_nothing(world: World) -> None:
    code = world.rule("S1", "拜访", points="200").rule.code
    limit = cap(world, 300)
    events = [event(str(n), code) for n in range(3)]
    world.record(*events)
    before = (entries(world), world.balances(), used(world, limit))

    again = world.record(*events)

    assert {one.status for one in again.results} == {"duplicate"}
    assert (entries(world), world.balances(), used(world, limit)) == before


def test_what_refuses_leaves_the_event_and_gives_nothing(world: World) -> None:
    code = world.rule("S1", "拜访", points="200").rule.code
    cap(world, 300, policy="refuse")

    with sound(world):
        recorded = world.record(event("1", code), event("2", code))

    assert [one.status for one in recorded.results] == ["new", "new"]
    assert world.balances() == {"001": 20000}
    assert world.statuses() == {"1": "posted", "2": "nothing"}


def test_withdrawing_frees_the_room(world: World) -> None:
    code = world.rule("S1", "拜访", points="200").rule.code
    limit = cap(world, 300)
    world.record(event("1", code), event("2", code), event("3", code))

    with sound(world):
        gone = withdraw(company_id=world.company_id, source="crm", event_nos=["2", "3"], now=NOW)
        assert gone.withdrawn == ("2", "3")
        assert (world.balances(), used(world, limit)) == ({"001": 20000}, 20000)
        world.record(event("4", code))
    assert world.balances() == {"001": 30000}


def test_a_correction_finds_the_room_of_what_it_corrects(world: World) -> None:
    code = world.rule("S3", "增加单量每 1 千", points="50", divisor="1000", unit="元").rule.code
    limit = cap(world, 300)
    world.record(event("1", code, amount="7000"))
    assert entries(world) == [(30000, 35000)]

    with sound(world):
        world.record(event("1", code, amount="4000"), revise=True)
        assert (world.balances(), used(world, limit)) == ({"001": 20000}, 20000)
        world.record(event("1", code, amount="9000"), revise=True)
        assert (world.balances(), used(world, limit)) == ({"001": 30000}, 30000)


def test_a_correction_that_asks_for_the_same_keeps_the_entry(world: World) -> None:
    code = world.rule("S1", "拜访", points="200").rule.code
    cap(world, 100)
    world.record(event("1", code))
    before = entries(world)

    world.record(event("1", code, 备注="补记"), revise=True)

    assert entries(world) == before
    assert len(told(world, "1").standing) == 1


def test_a_window_is_cut_at_its_close_and_freed_by_what_comes_later(world: World) -> None:
    code = world.rule("S4", "回访", points="100", target="20", period="week").rule.code
    limit = cap(world, 60)
    world.record(event("1", code, quantity="13"))
    world.close(date(2026, 11, 16))

    assert (world.balances(), entries(world)) == ({"001": 6000}, [(6000, 6500)])
    (one,) = told(world, "1").standing
    assert one.points == 6000
    assert any(step.step == "cap" for step in one.explained.steps)

    with sound(world):
        world.record(event("1", code, quantity="5"), revise=True)
    assert (world.balances(), used(world, limit)) == ({"001": 2500}, 2500)


def test_a_window_may_be_cut_to_nothing(world: World) -> None:
    code = world.rule("S4", "回访", points="100", target="20", period="week").rule.code
    cap(world, 60, policy="refuse")
    world.record(event("1", code, quantity="13"))

    with sound(world):
        closed = world.close(date(2026, 11, 16))

    assert (closed.windows, world.balances()) == (1, {})
    assert [near.failed_step for near in told(world, "1").near] == ["cap"]


def test_scopes(world: World) -> None:
    """A department's cap is shared by those in it and below it, and nobody else's."""
    code = world.rule("S1", "拜访", points="80").rule.code
    with company_scope(world.company_id):
        sales = Department.objects.get(company_id=world.company_id, name="销售部")
    south = world.department("华南组", sales)
    world.hire("004", "何思思", south)
    cap(world, 100, scope="department", department_id=sales.pk, subject=code)

    world.record(*(event(no, code, no) for no in ("001", "004", "003")))

    assert world.balances() == {"001": 8000, "004": 2000, "003": 8000}


def test_a_cap_for_one_rule_leaves_others_alone(world: World) -> None:
    visit = world.rule("S1", "拜访", points="80").rule.code
    call = world.rule("S1", "电话", points="80").rule.code
    cap(world, 100, subject=visit)

    world.record(event("1", visit), event("2", visit), event("3", call))

    assert world.balances() == {"001": 18000}


def test_one_persons_cap(world: World) -> None:
    code = world.rule("S1", "拜访", points="80").rule.code
    with company_scope(world.company_id):
        lilei = Employee.objects.get(company_id=world.company_id, employee_no="001")
    cap(world, 50, party_id=lilei.party_id, reason="试用期内")

    world.record(event("1", code), event("2", code, "002"))

    assert world.balances() == {"001": 5000, "002": 8000}


def test_a_rule_states_a_cap_of_its_own(world: World) -> None:
    """“每月最多 100 分” counts from the first event on, whoever published the rule."""
    version = world.rule("S1", "拜访", points="30", cap="100", cap_per="month")

    with sound(world):
        world.record(*(event(str(n), version.rule.code) for n in range(5)))

    assert world.balances() == {"001": 10000}
    with company_scope(world.company_id):
        (one,) = find_caps(company_id=world.company_id)
        taken = caps_taken(company_id=world.company_id, caps=[one], day=DAY)
    assert (one.subject, one.scope, one.period, one.policy) == (
        version.rule.code, "person", "month", "clip",
    )  # fmt: skip
    assert (one.rule_version_id, one.amount) == (version.pk, 10000)
    assert [each.left for each in taken[one.cap_id]] == [0]
    assert [near.failed_step for near in told(world, "4").near] == ["cap"]


def test_the_next_version_goes_on_counting_in_its_month(world: World) -> None:
    first = world.rule("S1", "拜访", points="30", cap="100", cap_per="month")
    code = first.rule.code
    world.record(*(event(str(n), code, at="2026-11-02") for n in range(3)))
    world.rule(
        "S1", "拜访", points="30", cap="150", cap_per="month", rule=first.rule,
        active_from=date(2026, 11, 10),
    )  # fmt: skip

    world.record(*(event(f"b{n}", code) for n in range(5)))
    assert world.balances() == {"001": 15000}
    world.record(event("late", code, at="2026-11-05"))
    assert world.balances() == {"001": 16000}

    with company_scope(world.company_id):
        old, new = find_caps(company_id=world.company_id)
    assert (old.valid_to, new.valid_from, new.valid_to) == (
        date(2026, 11, 10), date(2026, 11, 10), None,
    )  # fmt: skip


def test_a_rule_that_only_takes_states_no_cap_on_gains(world: World) -> None:
    code = world.rule("S1", "迟到", points="-5", cap="10", cap_per="month").rule.code

    world.record(*(event(str(n), code) for n in range(3)))

    assert world.balances() == {"001": -1500}
    with company_scope(world.company_id):
        assert find_caps(company_id=world.company_id) == []


def test_a_batch_of_many_reads_caps_once(world: World) -> None:
    code = world.rule("S1", "拜访", points="80").rule.code
    cap(world, 50)

    def queries(prefix: str, count: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            world.record(
                *(event(f"{prefix}{n}", code, ("001", "002", "003")[n % 3]) for n in range(count))
            )
        return len(captured)

    queries("a", 3)
    assert queries("b", 150) == queries("c", 15)


def test_a_strangers_caps_are_not_ours(world: World) -> None:
    other = found_world("tashan", "他山贸易")
    cap(other, 1)
    code = world.rule("S1", "拜访", points="80").rule.code

    world.record(event("1", code))

    assert world.balances() == {"001": 8000}


def test_explanations_are_json(world: World) -> None:
    code = world.rule("S1", "拜访", points="150").rule.code
    cap(world, 100)
    world.record(event("1", code), event("2", code))

    first, second = (json.loads(json.dumps(told(world, no).as_dict())) for no in "12")
    assert [step["step"] for step in first["entries"][0]["steps"]][-2:] == ["cap", "posting"]
    assert first["entries"][0]["points"] == "100"
    assert [near["failed_step"] for near in second["near"]] == ["cap"]
