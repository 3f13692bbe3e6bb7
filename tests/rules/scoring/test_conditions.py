"""Rules under a condition: what counts, what the trace compares, what a near miss says."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from meritbook.kit.expressions import ExpressionWrong, compile_expression
from meritbook.rules.conditions import names_for
from meritbook.rules.content import condition_of
from meritbook.rules.fields import fields_of, validate_event
from meritbook.rules.scoring import compile_rule
from meritbook.rules.sentences import event_sentence, rule_sentence
from meritbook.rules.spec import Contribution, EventFacts, PersonFacts, RuleSpec, SpecIncomplete
from meritbook.rules.trace import trace_event, trace_window
from tests.rules.scoring.rulebook import rule

POSTS = {"客服": 7, "销售": 8}
LI_LEI = PersonFacts(posts=frozenset({7}), hired_on=date(2024, 3, 1), facts=(("学历", "本科"),))


def conditioned(text: str, shape: str = "S1", **parts: Any) -> RuleSpec:
    condition = condition_of(
        {
            "text": text,
            "attributes": {"延迟天数": "number", "客户等级": "text", "加急": "yes_no"},
            "ids": {"岗位": POSTS},
            "facts": ["学历"],
        }
    )
    given = {"points": Decimal(5)} | parts
    return rule(shape, "处理投诉", condition=condition, **given)


def event(day: int = 12, **attributes: str) -> EventFacts:
    return EventFacts(datetime(2026, 11, day, 21, 30), attributes=attributes)


def score(spec: RuleSpec, one: EventFacts, person: PersonFacts = LI_LEI) -> tuple[int, str | None]:
    found = compile_rule(spec).score(one, person)
    return found.points, found.failed


@pytest.mark.parametrize(
    ("text", "attributes", "holds"),
    [
        ("延迟天数 > 3 且 岗位 = “客服”", {"延迟天数": "5"}, True),
        ("延迟天数 > 3 且 岗位 = “客服”", {"延迟天数": "3"}, False),
        ("延迟天数 > 3", {}, False),
        ("客户等级 = “A”", {"客户等级": " Ａ "}, True),
        ("加急", {"加急": "是"}, True),
        ("加急", {"加急": "否"}, False),
        ("非 加急", {}, True),
        ("司龄 >= 2 且 入职月数 < 36", {}, True),
        ("司龄 >= 3", {}, False),
        ("学历 在 [“本科”、“硕士”]", {}, True),
        ("发生钟点 >= 21 且 发生日期 = 2026-11-12", {}, True),
        ("数量 = 1", {}, True),
        ("100 / 延迟天数 > 1", {"延迟天数": "0"}, False),
        ("延迟天数 > 1", {"延迟天数": "1e400"}, False),
    ],
)
def test_counts_only_where_the_condition_holds(
    text: str, attributes: dict[str, str], holds: bool
) -> None:
    spec = conditioned(text)
    assert score(spec, event(**attributes)) == ((500, None) if holds else (0, "trigger"))


def test_the_trace_has_the_numbers_compared() -> None:
    spec = conditioned("延迟天数 > 3 且 岗位 = “客服”")
    compiled = compile_rule(spec)
    steps = trace_event(compiled, event(延迟天数="5"), LI_LEI)
    assert [step.text for step in steps if step.step == "trigger"][1] == (
        "条件成立：延迟天数 > 3（延迟天数为 5）、岗位 = “客服”"
    )
    missed = trace_event(compiled, event(延迟天数="2"), LI_LEI)[-1]
    assert (missed.step, missed.ok) == ("trigger", False)
    assert missed.text == "条件不成立：延迟天数 > 3（延迟天数为 2）"
    silent = event_sentence(compiled, event(), LI_LEI)
    assert silent.endswith("条件不成立：延迟天数 > 3（延迟天数未填）")


def test_a_division_by_zero_is_told() -> None:
    spec = conditioned("100 / 延迟天数 > 1")
    text = trace_event(compile_rule(spec), event(延迟天数="0"), LI_LEI)[-1].text
    assert "延迟天数为 0、除数是 0，无法计算" in text


def test_the_sentence_says_under_what() -> None:
    spec = conditioned("延迟天数 > 3", points=Decimal(-5))
    assert rule_sentence(spec) == "处理投诉：每次扣 5 分；仅当 延迟天数 > 3"


def test_windows_count_what_meets_the_condition() -> None:
    spec = conditioned(
        "客户等级 = “A”", "S4", points=Decimal(100), target=Decimal(4), period="week"
    )
    compiled = compile_rule(spec)
    events = [event(9, 客户等级="A"), event(10, 客户等级="B"), event(11, 客户等级="A")]
    admitted = [compiled.admit(one, LI_LEI) for one in events]
    assert [one.counted for one in admitted] == [True, False, True]
    assert admitted[1].failed == "trigger"
    pairs = [
        (Contribution(str(at), one.happened_at, admission.measure, admission.counted), one)
        for at, (one, admission) in enumerate(zip(events, admitted, strict=True))
    ]
    steps = trace_window(compiled, admitted[0].window, pairs)
    assert "条件不成立：客户等级 = “A”（客户等级为 B）" in steps[0].text
    assert compiled.score_window(admitted[0].window, [one for one, _ in pairs]).points == 5000


def test_the_event_is_asked_for_what_the_condition_reads() -> None:
    spec = conditioned("延迟天数 > 3 且 客户等级 = “A”")
    asked = {field.name: field.kind for field in fields_of(spec)}
    assert asked["延迟天数"] == "number"
    assert asked["客户等级"] == "text"
    (problem,) = validate_event(spec, event(延迟天数="很多"))
    assert (problem.field, problem.remedy) == ("延迟天数", "请填写一个数，例如 50")


def test_a_shape_is_not_asked_twice() -> None:
    condition = condition_of({"text": "分钟 > 60", "attributes": {"分钟": "number"}})
    spec = rule("S8", "回复", points=Decimal(-10), limit_minutes=Decimal(30), condition=condition)
    assert [field.name for field in fields_of(spec)] == ["分钟"]


def test_what_no_longer_compiles_is_incomplete() -> None:
    with pytest.raises(SpecIncomplete):
        compile_rule(conditioned("不存在的名字 > 3"))


def test_names_of_posts_are_checked() -> None:
    with pytest.raises(ExpressionWrong, match="是不是“客服”"):
        compile_expression("岗位 = “客服员”", names=names_for(asked={}, ids={"岗位": POSTS}))


def test_one_object_counts_once_in_a_window() -> None:
    spec = rule(
        "S4",
        "回访",
        points=Decimal(100),
        target=Decimal(4),
        period="week",
        unit="个",
        distinct=True,
    )
    compiled = compile_rule(spec)
    pairs = []
    for at, name in enumerate(("甲公司", "乙公司", "甲公司")):
        one = EventFacts(datetime(2026, 11, 10 + at, 9), object=name)
        admission = compiled.admit(one, LI_LEI)
        contribution = Contribution(
            str(at), one.happened_at, admission.measure, admission.counted, name
        )
        pairs.append((contribution, one))
    window = compiled.admit(pairs[0][1], LI_LEI).window
    assert compiled.score_window(window, [one for one, _ in pairs]).points == 5000
    turned = [one for one, _ in reversed(pairs)]
    assert compiled.score_window(window, turned).points == 5000
    text = trace_window(compiled, window, pairs)[0].text
    assert "合计 2 个（同一对象只算一次，共 2 个对象）" in text
    assert rule_sentence(spec).endswith("同一对象每周只算一次")
    (problem,) = validate_event(spec, EventFacts(datetime(2026, 11, 10, 9)))
    assert problem.field == "object"
