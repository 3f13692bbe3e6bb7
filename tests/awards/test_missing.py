"""“I did X and got no points”: by words, by day, with an event and without one."""

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from meritbook.awards.queries.missing import Missing, why_missing
from meritbook.kit.lookup import best, has_words
from meritbook.kit.tenancy import company_scope
from meritbook.org.queries.roster import roster
from tests.awards.worlds import World, event

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 12)


def missing(world: World, typed: str = "", who: str = "001", **asked: Any) -> Missing:
    with company_scope(world.company_id):
        person = roster(company_id=world.company_id, employee_nos=[who])[who]
        return why_missing(
            company_id=world.company_id,
            zone="Asia/Shanghai",
            person=person,
            day=asked.pop("day", DAY),
            typed=typed,
            **asked,
        )


def report(world: World, **values: Any) -> str:
    made: Any = world.rule(
        "S2",
        "每天按要求完成工作汇报",
        points="5",
        period="day",
        deadline={"kind": "time_of_day", "time": "22:00"},
        **values,
    )
    return str(made.rule.code)


@pytest.mark.parametrize("typed", ["工作汇报", "gzhb", "gongzuohuibao", "昨天晚上交了工作汇报"])
def test_a_late_report_is_found_by_words_and_pinyin(world: World, typed: str) -> None:
    code = report(world)
    world.rule("S1", "签合同", points="10")
    world.record(event("1", code, at="2026-11-12 22:40"))

    (one,) = missing(world, typed).findings

    assert (one.state, one.failed_step, one.event_no) == ("failed", "deadline", "1")
    assert "22:00" in one.text


def test_without_an_event_it_says_that_nothing_was_recorded(world: World) -> None:
    code = report(world)

    own = missing(world, "汇报", is_self=True)
    for_head = missing(world, rule_code=code)

    assert [(one.state, one.failed_step) for one in own.findings] == [("absent", "trigger")]
    assert own.findings[0].text == ("没有找到你在11月12日的这件事的记录，可能还没有录入或申请")
    assert "没有找到李雷在11月12日" in for_head.findings[0].text


def test_a_record_of_another_day_is_pointed_out(world: World) -> None:
    code = report(world)
    world.record(
        event("7", code, at="2026-11-13 20:00"), event("9", code, "002", "2026-11-12 20:00")
    )

    (one,) = missing(world, "汇报").findings

    assert one.state == "absent"
    assert "11月13日有一条同类的记录（7）" in one.text
    assert "9" not in one.event_no, "nothing of a colleague's"


def test_who_is_outside_the_population_is_told_that_first(world: World) -> None:
    store = world.select("SELECT id FROM org_department WHERE name = '仓库'")[0][0]
    report(world, population={"departments": [store]})

    assert [one.failed_step for one in missing(world, "汇报").findings] == ["population"]
    assert [one.state for one in missing(world, "汇报", who="003").findings] == ["absent"]


def test_a_standard_that_was_not_valid_yet_is_told_first(world: World) -> None:
    report(world, active_from=date(2026, 11, 15))

    (one,) = missing(world, "汇报").findings

    assert (one.state, one.failed_step) == ("failed", "trigger")
    assert "尚未生效" in one.text


def test_what_earned_and_what_waits_say_so(world: World) -> None:
    sign = world.rule("S1", "签合同", points="10").rule.code
    call = world.rule("S4", "每周打电话 20 个", points="100", target="20", unit="个", period="week")
    world.record(event("1", sign), event("2", call.rule.code, quantity="6"))

    told = {one.rule_code: one for one in missing(world).findings}

    assert told[sign].state == "earned"
    assert told[sign].text.startswith("已记 10 分")
    assert told[sign].tx_id is not None
    assert told[call.rule.code].state == "waiting"


def test_a_withdrawn_event_says_so(world: World) -> None:
    from meritbook.awards.operations import withdraw
    from tests.awards.worlds import NOW

    sign = world.rule("S1", "签合同", points="10").rule.code
    world.record(event("1", sign))
    with company_scope(world.company_id):
        withdraw(company_id=world.company_id, source="crm", event_nos=["1"], now=NOW)

    (one,) = missing(world, "签合同").findings

    assert (one.state, "撤回" in one.text) == ("failed", True)


def test_words_of_no_standard_and_a_day_without_records(world: World) -> None:
    report(world)

    assert "没有找到与“种花”有关的积分标准" in missing(world, "种花").text
    assert "没有任何记录" in missing(world).text


def test_before_hiring_nobody_is_told_to_apply(world: World) -> None:
    report(world)

    (one,) = missing(world, "汇报", day=date(2026, 1, 1).replace(year=2025)).findings

    assert one.state == "failed"
    assert "record" not in one.text


def test_the_command_answers_the_same(world: World) -> None:
    code = report(world)
    world.record(event("1", code, at="2026-11-12 22:40"))
    out = StringIO()

    call_command(
        "why_not", "001", "--company", world.code, "--on", "2026-11-12", "--words", "hb", "--json",
        stdout=out,
    )  # fmt: skip

    answer = json.loads(out.getvalue())
    assert answer["employee_no"] == "001"
    assert [one["failed_step"] for one in answer["findings"]] == ["deadline"]


def test_lookup_prefers_exact_words_and_falls_back_to_what_is_close() -> None:
    names = ["拜访客户", "客户投诉", "签合同", "每日例会"]

    assert best(names, typed="kh", text=str) == ["拜访客户", "客户投诉"]
    assert best(names, typed="今天拜访了一位客户", text=str)[0] == "拜访客户"
    assert best(names, typed="zzz", text=str) == []
    assert has_words("拜访客户 v-01", "BAIFANG v-01")
    assert not has_words("拜访客户", "b"), "one letter is no word"
