"""What a form asks for one event of a rule, and what is refused with a reason and a remedy."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from meritbook.rules.fields import column_of, fields_of, validate_event
from meritbook.rules.scoring import compile_rule
from meritbook.rules.spec import EventFacts, PersonFacts
from tests.rules.scoring.rulebook import RULES, row, rule

AT = datetime(2026, 11, 12, 10, 0)


@pytest.mark.parametrize(
    ("number", "asked"),
    [
        pytest.param(1, [], id="阶段验收只要一个事件"),
        pytest.param(
            4, [("下单时间", "datetime", False), ("标签类", "yes_no", False)], id="按时采购"
        ),
        pytest.param(5, [("quantity", "number", False), ("标签类", "yes_no", False)], id="漏单"),
        pytest.param(17, [("quantity", "number", False)], id="回访"),
        pytest.param(18, [("amount", "money", True)], id="增加单量"),
        pytest.param(23, [("电话量", "number", False), ("拜访", "number", False)], id="电话和拜访"),
        pytest.param(27, [("quantity", "percent", True)], id="回款率"),
        pytest.param(30, [], id="日汇报"),
        pytest.param(36, [("应交日期", "date", True), ("交付日期", "date", True)], id="货期延误"),
        pytest.param(32, [("分钟", "number", True)], id="超时回复"),
        pytest.param(41, [("分值", "points", True)], id="投诉"),
    ],
)
def test_a_form_asks_for_what_the_shape_needs(
    number: int, asked: list[tuple[str, str, bool]]
) -> None:
    spec = row(number)
    if number == 4:
        spec = rule(
            "S2",
            points=Decimal(30),
            period="day",
            deadline=spec.deadline,
            exclude=("标签类",),
        )
    fields = [(field.name, field.kind, field.required) for field in fields_of(spec)]
    assert fields == asked


def test_units_and_bounds_are_shown() -> None:
    (visits,) = fields_of(row(17))
    assert (visits.unit, visits.hint) == ("个", "不填按 1 计")
    (judged,) = fields_of(row(41))
    assert (judged.minimum, judged.maximum) == (Decimal(-1000), Decimal(-50))
    (amount,) = fields_of(row(18))
    assert amount.unit == "元"


@pytest.mark.parametrize(
    ("number", "facts", "refused"),
    [
        pytest.param(30, {"has_time": False}, "happened_at", id="按钟点截止却只有日期"),
        pytest.param(28, {"has_time": False}, "happened_at", id="周五 22 点前却只有日期"),
        pytest.param(
            4,
            {"has_time": False, "attributes": {"下单时间": "2026-11-11 17:00"}},
            "happened_at",
            id="有下单时间却没有完成时间",
        ),
        pytest.param(4, {"attributes": {"下单时间": "2026-11-12"}}, "下单时间", id="下单只有日期"),
        pytest.param(
            4, {"attributes": {"下单时间": "2026-11-12 11:00"}}, "下单时间", id="下单在后"
        ),
        pytest.param(24, {"quantity": Decimal(-1)}, "quantity", id="数量小于 0"),
        pytest.param(24, {"quantity": Decimal(10) ** 11}, "quantity", id="数量离谱"),
        pytest.param(18, {"amount": Decimal("-0.01")}, "amount", id="金额小于 0"),
        pytest.param(18, {}, "amount", id="没有金额"),
        pytest.param(27, {}, "quantity", id="没有百分比"),
        pytest.param(36, {"attributes": {"应交日期": "2026-08-30"}}, "交付日期", id="没有交付日期"),
        pytest.param(
            36,
            {"attributes": {"应交日期": "8月底", "交付日期": "2026-09-03"}},
            "应交日期",
            id="应交日期不是日期",
        ),
        pytest.param(
            36,
            {"attributes": {"应交日期": "2062-08-30", "交付日期": "2026-09-03"}},
            "交付日期",
            id="年份写错",
        ),
        pytest.param(32, {}, "分钟", id="没有分钟"),
        pytest.param(32, {"attributes": {"分钟": "很久"}}, "分钟", id="分钟不是数"),
        pytest.param(32, {"attributes": {"分钟": "-3"}}, "分钟", id="分钟小于 0"),
        pytest.param(41, {}, "分值", id="没有分值"),
        pytest.param(41, {"attributes": {"分值": "-20"}}, "分值", id="轻于范围"),
        pytest.param(41, {"attributes": {"分值": "-1001"}}, "分值", id="重于范围"),
        pytest.param(41, {"attributes": {"分值": "300"}}, "分值", id="漏了负号"),
        pytest.param(41, {"attributes": {"分值": "-50.005"}}, "分值", id="三位小数"),
        pytest.param(23, {"attributes": {"电话量": "五十"}}, "电话量", id="电话量不是数"),
    ],
)
def test_an_event_that_cannot_be_scored_is_refused(
    number: int, facts: dict[str, Any], refused: str
) -> None:
    (problem,) = validate_event(row(number), EventFacts(AT, **facts))
    assert problem.field == refused
    assert problem.reason
    assert problem.remedy


@pytest.mark.parametrize(
    ("number", "facts"),
    [
        pytest.param(29, {"has_time": False}, id="月总结只要日期"),
        pytest.param(4, {"has_time": False}, id="没有下单时间时到当天为止"),
        pytest.param(5, {"has_time": False}, id="扣分不看截止"),
        pytest.param(
            36, {"attributes": {"应交日期": "2026年8月30日", "交付日期": "2026/9/3"}}, id="日期写法"
        ),
        pytest.param(32, {"attributes": {"分钟": "45 分钟"}}, id="带单位的分钟"),
        pytest.param(41, {"attributes": {"分值": "-50"}}, id="范围两端都可以"),
        pytest.param(23, {"attributes": {}}, id="清单不填"),
        pytest.param(18, {"quantity": Decimal(5600)}, id="金额写在数量栏"),
    ],
)
def test_an_event_that_can_be_scored_is_taken(number: int, facts: dict[str, Any]) -> None:
    assert validate_event(row(number), EventFacts(AT, **facts)) == []


@pytest.mark.parametrize(
    ("time", "refused"),
    [
        pytest.param("24:00", [], id="周五一整天都算按时,日期就够了"),
        pytest.param("22:00", ["happened_at"], id="周五 22 点前要看几点"),
    ],
)
def test_a_date_is_enough_where_the_whole_day_is_on_time(time: str, refused: list[str]) -> None:
    deadline = {"kind": "weekday", "weekday": 5, "time": time}
    spec = rule("S2", "周报", points=Decimal(5), period="week", deadline=deadline)
    assert [each.field for each in validate_event(spec, EventFacts(AT, has_time=False))] == refused


def test_a_refused_event_never_scores() -> None:
    """Scoring stands on its own feet: what validation refuses earns nothing without failing."""
    bare = EventFacts(AT, attributes={"应交日期": "?", "分钟": "?", "分值": "?"})
    for spec in RULES:
        if spec.shape in ("S7", "S8", "S9"):
            assert compile_rule(spec).score(bare, PersonFacts()).failed == "measure"


def test_a_problem_names_the_column_of_the_file() -> None:
    names = [column_of(field) for field in ("happened_at", "quantity", "amount", "分值")]
    assert names == ["时间", "数量", "金额", "分值"]
