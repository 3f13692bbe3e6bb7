"""Why, and why not."""

from datetime import date
from typing import Any

import pytest

from meritbook.awards.queries.explanation import explain
from meritbook.awards.queries.stored import UnknownEvent
from meritbook.kit.tenancy import company_scope
from tests.awards.worlds import World, event

pytestmark = pytest.mark.django_db


def told(world: World, event_no: str, source: str = "crm") -> dict[str, Any]:
    with company_scope(world.company_id):
        return explain(company_id=world.company_id, event_no=event_no, source=source).as_dict()


def test_an_award_is_told_step_by_step(world: World) -> None:
    code = world.rule("S3", "增加单量每 1 千", points="50", divisor="1000", unit="元").rule.code
    world.record(event("1", code, amount="5600"))

    answer = told(world, "1")

    assert answer["status"] == "posted"
    assert [(one["asset"], one["points"]) for one in answer["entries"]] == [
        ("honour", "250"),
        ("spendable", "250"),
    ]
    assert "5 × 50 = 250" in answer["entries"][0]["sentence"]
    assert all(step["ok"] for step in answer["entries"][0]["steps"])
    assert answer["near"] == []


def test_a_late_report_is_near(world: World) -> None:
    code = world.rule(
        "S2",
        "每天按要求完成工作汇报",
        points="5",
        period="day",
        deadline={"kind": "time_of_day", "time": "22:00"},
    ).rule.code
    world.record(
        event("1", code, at="2026-11-12 22:01"), event("2", code, "002", "2026-11-12 22:00")
    )
    world.close(date(2026, 11, 14))

    answer = told(world, "1")

    assert world.balances() == {"002": 500}
    assert (answer["status"], answer["entries"]) == ("nothing", [])
    assert [one["failed_step"] for one in answer["near"]] == ["deadline"]
    assert "22:00" in answer["near"][0]["text"]


def test_an_event_of_a_closed_window_lists_the_windows_entry(world: World) -> None:
    code = world.rule(
        "S4", "每周回访老客户 20 个", points="100", target="20", unit="个", period="week"
    ).rule.code
    world.record(
        event("1", code, at="2026-11-10 10:00", quantity="6"),
        event("2", code, at="2026-11-11 10:00", quantity="7"),
    )
    assert (told(world, "1")["status"], told(world, "1")["near"]) == ("in_window", [])
    world.close(date(2026, 11, 16))

    for number in ("1", "2"):
        answer = told(world, number)
        assert answer["status"] == "posted"
        assert answer["entries"][0]["points"] == "65"
        assert "13/20" in answer["entries"][0]["sentence"]

    world.record(event("3", code, at="2026-11-11 10:00", quantity="2"))
    assert told(world, "1")["entries"][0]["points"] == "75"


def test_a_window_below_its_target_is_near(world: World) -> None:
    code = world.rule(
        "S5", "完成业绩目标", points="800", target="380000", unit="元", period="month"
    ).rule.code
    world.record(event("1", code, at="2026-10-10 10:00", amount="370000"))
    world.close(date(2026, 11, 2))

    answer = told(world, "1")

    assert answer["status"] == "nothing"
    assert [one["failed_step"] for one in answer["near"]] == ["threshold"]


def test_somebody_outside_the_population_is_near(world: World) -> None:
    store = world.select("SELECT id FROM org_department WHERE name = '仓库'")[0][0]
    code = world.rule("S1", "签合同", points="10", population={"departments": [store]}).rule.code
    world.record(event("1", code, "001"), event("2", code, "003"))

    assert world.balances() == {"003": 1000}
    assert [one["failed_step"] for one in told(world, "1")["near"]] == ["population"]


def test_a_rule_that_was_not_yet_valid_is_near(world: World) -> None:
    code = world.rule("S1", "签合同", points="10", active_from=date(2026, 11, 15)).rule.code
    world.record(event("1", code, at="2026-11-14 10:00"), event("2", code, at="2026-11-15 10:00"))

    assert world.balances() == {"001": 1000}
    assert told(world, "1")["near"][0]["failed_step"] == "trigger"


def test_an_unknown_event_is_refused(world: World) -> None:
    with pytest.raises(UnknownEvent):
        told(world, "77")
