"""Recording: what an event earns, what a second one with the same number does."""

from datetime import date

import pytest

from tests.awards.worlds import World, event

pytestmark = pytest.mark.django_db


def test_an_occurrence_earns_honour_and_spendable(world: World) -> None:
    code = world.rule("S1", "签合同", points="10").rule.code

    recorded = world.record(event("1", code), event("2", code, "002", quantity="3"))

    assert [one.status for one in recorded.results] == ["new", "new"]
    assert world.balances("honour") == {"001": 1000, "002": 3000}
    assert world.balances("spendable") == {"001": 1000, "002": 3000}
    assert world.statuses() == {"1": "posted", "2": "posted"}


def test_a_deduction_touches_honour_alone(world: World) -> None:
    code = world.rule("S1", "迟到", points="-5").rule.code

    world.record(event("1", code))

    assert world.balances("honour") == {"001": -500}
    assert world.balances("spendable") == {}


def test_the_same_again_does_nothing_and_other_content_conflicts(world: World) -> None:
    code = world.rule("S1", "签合同", points="10").rule.code
    world.record(event("1", code))

    again = world.record(event("1", code), event("1", code, quantity="2"))

    assert [one.status for one in again.results] == ["duplicate", "conflict"]
    assert "1" in again.problems[0].reason
    assert world.balances() == {"001": 1000}


def test_numbers_that_repeat_inside_one_batch(world: World) -> None:
    code = world.rule("S1", "签合同", points="10").rule.code

    recorded = world.record(
        event("1", code), event("1", code), event("1", code, quantity="2"), event("2", code)
    )

    assert [one.status for one in recorded.results] == ["new", "duplicate", "conflict", "new"]
    assert world.balances() == {"001": 2000}


def test_a_correction_reverses_and_posts_anew(world: World) -> None:
    code = world.rule("S3", "增加单量每 1 千", points="50", divisor="1000", unit="元").rule.code
    world.record(event("1", code, amount="5600"))
    assert world.balances() == {"001": 25000}

    recorded = world.record(event("1", code, amount="2600"), revise=True)

    assert [one.status for one in recorded.results] == ["revised"]
    assert world.balances() == {"001": 10000}
    assert world.balances("spendable") == {"001": 10000}
    assert world.record(event("1", code, amount="2600"), revise=True).count("duplicate") == 1


def test_a_correction_may_move_an_event_to_somebody_else(world: World) -> None:
    code = world.rule("S1", "签合同", points="10").rule.code
    world.record(event("1", code, "001"))

    world.record(event("1", code, "002"), revise=True)

    assert world.balances() == {"002": 1000}


def test_a_window_waits_for_its_close(world: World) -> None:
    code = world.rule(
        "S4", "每周回访老客户 20 个", points="100", target="20", unit="个", period="week"
    ).rule.code
    world.record(event("1", code, at="2026-11-10 10:00", quantity="6"))
    world.record(event("2", code, at="2026-11-13 10:00", quantity="7"))
    assert world.balances() == {}
    assert world.statuses() == {"1": "in_window", "2": "in_window"}

    closed = world.close(date(2026, 11, 16))

    assert (closed.windows, closed.entries) == (1, 1)
    assert world.balances() == {"001": 6500}
    assert world.statuses() == {"1": "posted", "2": "posted"}
    assert world.close(date(2026, 11, 16)) == (0, 0)
    assert world.day_totals()[0][2] == date(2026, 11, 15)


def test_what_comes_after_the_close_posts_the_difference(world: World) -> None:
    code = world.rule(
        "S4", "每周回访老客户 20 个", points="100", target="20", unit="个", period="week"
    ).rule.code
    world.record(event("1", code, at="2026-11-10 10:00", quantity="13"))
    world.close(date(2026, 11, 16))

    world.record(event("2", code, at="2026-11-11 10:00", quantity="2"))
    assert world.balances() == {"001": 7500}
    world.record(event("3", code, at="2026-11-11 10:00", quantity="9"))
    assert world.balances() == {"001": 10000}
    world.record(event("3", code, at="2026-11-11 10:00", quantity="1"), revise=True)
    assert world.balances() == {"001": 8000}
    world.record(event("1", code, at="2026-11-10 10:00", quantity="1"), revise=True)

    assert world.balances() == {"001": 2000}
    assert world.balances("spendable") == {"001": 2000}
    assert {row[2] for row in world.day_totals()} == {date(2026, 11, 15)}
