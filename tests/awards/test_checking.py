"""What a file would do is told before it does it: the same counts, and why for each row."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meritbook.awards.content import NewEvent, Unreadable
from meritbook.awards.operations import Checked, check, withdraw
from meritbook.kit.problems import Problem
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import close_month
from tests.awards.worlds import NOW, World, event, found_world

pytestmark = pytest.mark.django_db

COUNTED = ("new", "duplicate", "revised", "conflict", "refused")


def look(world: World, *events: Any, **options: Any) -> Checked:
    return check(company_id=world.company_id, events=events, source="crm", now=NOW, **options)


def counts(checked: Checked) -> dict[str, int]:
    return {name: n for name in COUNTED if (n := checked.recorded.count(name))}


def only_problem(checked: Checked) -> Problem:
    (problem,) = checked.problems
    return problem


def close(world: World, month: date) -> None:
    with company_scope(world.company_id):
        close_month(company_id=world.company_id, month=month, closed_by=1, closed_at=NOW)


@pytest.fixture
def code(world: World) -> str:
    return str(world.rule("S1", "签合同", points="10").rule.code)


def test_nothing_is_written(world: World, code: str) -> None:
    assert counts(look(world, event("a", code), event("b", code))) == {"new": 2}
    assert world.statuses() == {}
    assert world.balances() == {}


@pytest.mark.parametrize(
    ("changed", "column", "reason", "remedy"),
    [
        ({"employee_no": "999"}, "工号", "没有工号为“999”的员工", "请核对工号"),
        ({"type": "没有这种"}, "类型", "没有类型“没有这种”", "先发布该标准"),
        (
            {"happened_at": datetime(2026, 11, 21, 12, 6)},
            "时间",
            "时间 2026-11-21 12:06 在将来",
            "已经发生",
        ),
        (
            {"happened_at": datetime(2025, 12, 31)},
            "时间",
            "李雷 于 2026-01-01 入职，事件发生在入职之前",
            "核对时间或工号",
        ),
        ({"event_no": ""}, "事件编号", "没有填写事件编号", "来源系统里的唯一编号"),
    ],
)
def test_a_row_that_cannot_be_is_told_with_its_place_and_its_remedy(
    world: World, code: str, changed: dict[str, Any], column: str, reason: str, remedy: str
) -> None:
    row = event("a", code)._replace(sheet="十一月", row=7, **changed)
    found = look(world, row, event("b", code))
    assert counts(found) == {"new": 1, "refused": 1}
    problem = only_problem(found)
    assert (problem.sheet, problem.row, problem.column) == ("十一月", 7, column)
    assert problem.reason == reason
    assert remedy in problem.remedy


def test_five_minutes_ahead_are_let_pass(world: World, code: str) -> None:
    assert counts(look(world, event("a", code, at="2026-11-21 12:05"))) == {"new": 1}


def test_somebody_who_has_left_earns_no_more(world: World, code: str) -> None:
    world.hire("004", "赵敏", world.department("客服部"), left_on=date(2026, 11, 10))
    found = look(
        world, event("a", code, "004", "2026-11-11"), event("b", code, "004", "2026-11-10")
    )
    assert counts(found) == {"new": 1, "refused": 1}
    assert only_problem(found).reason == "赵敏 已于 2026-11-10 离职，事件发生在离职之后"


def test_a_number_that_is_there_is_a_duplicate_a_conflict_or_a_revision(
    world: World, code: str
) -> None:
    world.record(event("a", code), event("b", code))
    rows = (event("a", code), event("b", code, "002"))
    plain = look(world, *rows)
    assert counts(plain) == {"duplicate": 1, "conflict": 1}
    assert only_problem(plain).reason == "编号“b”已有另一条内容不同的事件"
    assert "--" not in only_problem(plain).remedy
    assert plain.notes["duplicate"][0].reason == "编号“a”以前已经记录，内容相同"
    revising = look(world, *rows, revise=True)
    assert counts(revising) == {"duplicate": 1, "revised": 1}
    assert revising.notes["revised"][0].remedy == "不用改，原来的得分会重算"


def test_a_number_that_is_repeated_in_the_file_names_the_other_row(world: World, code: str) -> None:
    rows = [
        event("a", code)._replace(row=2),
        event("a", code)._replace(row=3),
        event("a", code, "002")._replace(row=4),
    ]
    plain = look(world, *rows)
    assert counts(plain) == {"new": 1, "duplicate": 1, "conflict": 1}
    assert plain.notes["duplicate"][0].reason == "编号“a”和第 2 行相同，内容也相同"
    assert only_problem(plain).reason == "编号“a”和第 2 行相同，内容却不同"
    revising = look(world, *rows, revise=True)
    assert counts(revising) == {"new": 1, "duplicate": 1, "revised": 1}
    assert revising.notes["revised"][0].reason == "编号“a”会更正第 2 行"


def test_a_row_of_a_closed_month_is_told_when_it_counts(world: World, code: str) -> None:
    close(world, date(2026, 9, 1))
    close(world, date(2026, 10, 1))
    row = event("a", code, at="2026-09-12 10:00")
    found = look(world, row, event("b", code))
    assert counts(found) == {"new": 2}
    (note,) = found.notes["moved"]
    assert note.reason == "2026-09 已经关账，得分计入 2026-11-01"
    world.record(row)
    assert world.day_totals()[0][2] == date(2026, 11, 1)


def test_rows_that_would_earn_nothing_are_counted(world: World) -> None:
    code = world.rule("S3", "增加单量", points="50", divisor="1000", unit="元").rule.code
    found = look(world, event("a", code, amount="300"), event("b", code, amount="3000"))
    assert found.unscored == 1


def test_a_stranger_s_numbers_are_nobody_s_here(world: World, code: str) -> None:
    away = found_world("tashan", "他山公司")
    away.hire("001", "陌生人", away.department("销售部"))
    theirs = away.rule("S1", "签合同", points="10").rule.code
    away.record(event("a", theirs))
    assert counts(look(world, event("a", code))) == {"new": 1}


def test_the_number_of_queries_does_not_grow_with_the_rows(world: World, code: str) -> None:
    def queries(rows: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            look(
                world, *(event(f"n{n}", code if n % 2 else "没有", f"{n:03}") for n in range(rows))
            )
        return len(seen)

    assert queries(1000) <= queries(10)


# Small pools, so that numbers meet again and again.
_ROWS = st.lists(
    st.one_of(
        st.builds(
            lambda no, kind, person, day, amount: (no, kind, person, day, amount),
            st.sampled_from(["", "a", "b", "c", "d", "e"]),
            st.sampled_from([0, 1, 2, 9]),
            st.sampled_from(["001", "002", "003", "888"]),
            st.sampled_from([-340, -60, -5, -1, 0, 1]),
            st.sampled_from([None, "300", "5600"]),
        ),
        st.just("unreadable"),
        st.none(),
    ),
    max_size=14,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(before=_ROWS, gone=st.sets(st.sampled_from("abcde")), rows=_ROWS, data=st.data())
def test_the_counts_of_the_look_are_the_counts_of_the_run(
    world: World, before: list[Any], gone: set[str], rows: list[Any], data: st.DataObject
) -> None:
    revise, all_or_nothing = data.draw(st.booleans()), data.draw(st.booleans())
    with transaction.atomic():
        codes = [
            world.rule("S1", "签合同", points="10").rule.code,
            world.rule("S3", "增加单量", points="50", divisor="1000", unit="元").rule.code,
            world.rule("S4", "回访", points="100", target="7", unit="个", period="week").rule.code,
        ]

        def made(drawn: list[Any]) -> list[Any]:
            return [_row(codes, number, one) for number, one in enumerate(drawn, start=2)]

        close(world, date(2026, 9, 1))
        world.record(*made(before))
        withdraw(company_id=world.company_id, source="crm", event_nos=sorted(gone), now=NOW)
        options = {"revise": revise, "all_or_nothing": all_or_nothing}
        foreseen = look(world, *made(rows), **options)
        done = world.record(*made(rows), **options)
        assert [one.status for one in foreseen.recorded.results] == [
            one.status for one in done.results
        ]
        told, was = foreseen.recorded.as_dict(), done.as_dict()
        assert {name: told[name] for name in COUNTED} == {name: was[name] for name in COUNTED}
        assert foreseen.recorded.rolled_back == done.rolled_back
        assert [(one.row, one.column) for one in foreseen.recorded.problems] == [
            (one.row, one.column) for one in done.problems
        ]
        transaction.set_rollback(True)


def _row(codes: list[str], number: int, drawn: Any) -> Any:
    if drawn is None:
        return None
    if drawn == "unreadable":
        return Unreadable((Problem("表", number, "时间", "不是日期"),))
    event_no, kind, person, day, amount = drawn
    return NewEvent(
        event_no,
        codes[kind] if kind < len(codes) else "没有这种",
        person,
        datetime(2026, 11, 21, 11, 0) + timedelta(days=day),
        quantity=Decimal(3) if kind == 2 else None,
        amount=None if amount is None else Decimal(amount),
        sheet="表",
        row=number,
    )
