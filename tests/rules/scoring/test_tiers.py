"""Rules in tiers, caps of one event, and multipliers: what they pay and how they say it."""

import unicodedata
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meritbook.rules.fields import fields_of, validate_event
from meritbook.rules.scoring import CompiledRule, compile_rule
from meritbook.rules.sentences import event_sentence, rule_sentence, window_sentence
from meritbook.rules.spec import (
    Contribution,
    EventFacts,
    PersonFacts,
    Score,
    SpecIncomplete,
    Tier,
)
from meritbook.rules.trace import trace_event, trace_window
from tests.rules.scoring.rulebook import rule

LI_LEI = PersonFacts()
LADDER = tuple(
    Tier(Decimal(bound), Decimal(points))
    for bound, points in ((100_000, 100), (200_000, 300), (380_000, 800))
)
SALES = rule(
    "S5", "完成业绩10万得100分,20万得300分,38万得800分", money=True, period="month", tiers=LADDER
)


def event(at: str = "2026-11-12 10:00", **parts: object) -> EventFacts:
    return EventFacts(datetime.fromisoformat(at), **parts)  # type: ignore[arg-type]


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def month(rule: CompiledRule, *events: EventFacts):
    admissions = [rule.admit(one, LI_LEI) for one in events]
    brought = [
        (Contribution(str(at), one.happened_at, admission.measure, admission.counted), one)
        for at, (one, admission) in enumerate(zip(events, admissions, strict=True))
    ]
    return admissions[0].window, [contribution for contribution, _one in brought], brought


def earned(amount: object, **changes: object) -> Score:
    compiled = compile_rule(rule("S5", "业绩", money=True, tiers=LADDER, **changes))
    window, contributions, _brought = month(compiled, event(amount=Decimal(str(amount))))
    return compiled.score_window(window, contributions)


@pytest.mark.parametrize(
    ("amount", "points", "failed"),
    [
        (99_999, 0, "threshold"),
        (100_000, 100, None),
        (199_999.99, 100, None),
        (200_000, 300, None),
        (380_000, 800, None),
        (9_000_000, 800, None),
    ],
)
def test_the_highest_tier_reached_pays_and_no_other(amount, points, failed):
    score = earned(amount)
    assert (score.points, score.failed) == (points * 100, failed)


def test_a_strict_tier_must_be_passed():
    assert earned(200_000, strict=True).points == 100_00
    assert earned(200_000.01, strict=True).points == 300_00


@given(st.lists(st.integers(0, 400_000), min_size=1, max_size=6))
def test_the_order_of_events_never_matters_and_more_never_pays_less(amounts):
    compiled = compile_rule(SALES)

    def points(values: list[int]) -> int:
        window, contributions, _brought = month(
            compiled, *(event(amount=Decimal(value)) for value in values)
        )
        return compiled.score_window(window, contributions).points

    assert points(amounts) == points(amounts[::-1]) <= points([*amounts, 1])


def test_a_percentage_in_tiers_takes_the_last_value():
    ladder = (Tier(Decimal(80), Decimal(50)), Tier(Decimal(100), Decimal(100)))
    compiled = compile_rule(rule("S5", "完成率", percent_target=True, tiers=ladder))
    window, contributions, _brought = month(
        compiled,
        event("2026-11-05 10:00", quantity=Decimal(100)),
        event("2026-11-25 10:00", quantity=Decimal(85)),
    )
    assert compiled.score_window(window, contributions).points == 50_00


def test_marks_in_tiers_take_the_last_value_and_are_called_marks():
    ladder = (Tier(Decimal(90), Decimal(10)), Tier(Decimal(95), Decimal(20)))
    spec = rule("S5", "满意度", unit="分", percent_target=True, tiers=ladder)
    window, contributions, _brought = month(
        compiled := compile_rule(spec),
        event("2026-11-05 10:00", quantity=Decimal(93)),
        event("2026-11-25 10:00", quantity=Decimal(94)),
    )
    assert compiled.score_window(window, contributions).points == 10_00
    assert plain(window_sentence(compiled, window, contributions)) == (
        "11月 满意度 94 分:94 分达到第 1 档 90 分,离第 2 档 95 分还差 1 分;按第 1 档计 10 分"
    )
    (asked,) = fields_of(spec)
    assert (asked.label, asked.kind, asked.unit) == ("分数", "number", "分")
    (problem,) = validate_event(spec, event())
    assert "分数" in problem.reason


def test_deductions_may_stand_in_tiers_and_touch_honour_only():
    ladder = (Tier(Decimal(1), Decimal(-50)), Tier(Decimal(3), Decimal(-200)))
    compiled = compile_rule(rule("S5", "投诉", unit="次", tiers=ladder))
    window, contributions, _brought = month(compiled, event(quantity=Decimal(4)))
    score = compiled.score_window(window, contributions)
    assert compiled.legs(score.points) == (("honour", -200_00),)


@pytest.mark.parametrize(
    "changes",
    [
        {"tiers": (LADDER[1], LADDER[0])},
        {"tiers": (LADDER[0], LADDER[0])},
        {"tiers": (Tier(Decimal(-1), Decimal(5)), LADDER[0])},
        {"tiers": LADDER, "proportional": True},
    ],
)
def test_tiers_that_contradict_each_other_are_refused(changes):
    with pytest.raises(SpecIncomplete):
        compile_rule(rule("S5", "业绩", **changes))


def test_the_sentence_names_every_tier():
    assert plain(rule_sentence(SALES)) == (
        "业绩:每月达到 100,000 元得 100 分、达到 200,000 元得 300 分、"
        "达到 380,000 元得 800 分,只取最高一档"
    )


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        (
            50_000,
            "11月 业绩 50,000 元:50,000 元未达到第 1 档 100,000 元,还差 50,000 元,0 分",
        ),
        (
            250_000,
            (
                "11月 业绩 250,000 元:250,000 元达到第 2 档 200,000 元,"
                "离第 3 档 380,000 元还差 130,000 元;按第 2 档计 300 分"
            ),
        ),
        (
            400_000,
            "11月 业绩 400,000 元:400,000 元达到第 3 档 380,000 元,已是最高一档;按第 3 档计 800 分",
        ),
    ],
)
def test_a_window_says_its_tier_and_how_far_the_next_is(amount, says):
    compiled = compile_rule(SALES)
    window, contributions, brought = month(compiled, event(amount=Decimal(amount)))
    assert plain(window_sentence(compiled, window, contributions)) == says
    steps = trace_window(compiled, window, brought)
    assert [step.step for step in steps][:2] == ["measure", "threshold"]
    assert plain(steps[1].text) in says
    assert steps[1].ok is (amount >= 100_000)


def test_a_strict_ladder_says_that_it_must_be_passed():
    strict = compile_rule(rule("S5", "业绩", money=True, tiers=LADDER, strict=True))
    window, contributions, _brought = month(strict, event(amount=Decimal(200_000)))
    said = plain(window_sentence(strict, window, contributions))
    assert "超过第 1 档 100,000 元,要超过 200,000 元才到第 2 档" in said


def capped(shape: str, **parts: object) -> CompiledRule:
    return compile_rule(rule(shape, "处理订单", cap_per="event", **parts))


def test_a_cap_of_one_event_is_kept_and_said():
    orders = capped("S3", points=Decimal(10), unit="单", cap=Decimal(50))
    assert orders.score(event(quantity=Decimal(4)), LI_LEI).points == 40_00
    many = event(quantity=Decimal(9))
    assert orders.score(many, LI_LEI).points == 50_00
    assert plain(event_sentence(orders, many, LI_LEI)).endswith(
        "9 × 10 = 90 分,每次最多 50 分,计 50 分"
    )
    assert "每次最多 50 分" in plain(trace_event(orders, many, LI_LEI)[-2].text)
    assert plain(rule_sentence(orders.spec)) == "处理订单:每 1 单得 10 分,每次最多 50 分"


def test_a_cap_of_one_event_limits_what_it_takes():
    delay = capped("S7", points=Decimal(-50), cap=Decimal(200))
    late = event(attributes={"应交日期": "2026-11-01", "交付日期": "2026-11-12"})
    assert delay.score(late, LI_LEI).points == -200_00


@pytest.mark.parametrize(
    ("points", "per", "words"),
    [
        pytest.param(10, "month", "处理订单:每 1 单得 10 分,每人每月最多 50 分", id="month"),
        pytest.param(10, "day", "处理订单:每 1 单得 10 分,每人每天最多 50 分", id="day"),
        pytest.param(10, "", "(原文写有最多 50 分,目前不限制)", id="unknown"),
        pytest.param(-10, "month", "(原文写有每月最多 50 分,目前不限制)", id="deduction"),
    ],
)
def test_a_cap_of_a_period_is_said_but_limits_no_event(points, per, words):
    """What one person gains in a period is limited by the ledger, when it is posted."""
    spec = rule("S3", "处理订单", points=Decimal(points), unit="单", cap=Decimal(50), cap_per=per)
    scored = compile_rule(spec).score(event(quantity=Decimal(9)), LI_LEI)
    assert abs(scored.points) == 90_00
    assert plain(rule_sentence(spec)).endswith(words)
    assert (spec.gain_cap is not None) is (points > 0 and per != "")


def test_a_multiplier_pays_what_it_adds():
    double = compile_rule(rule("S10", "周末加班", multiplier=Decimal(2)))
    half = compile_rule(rule("S10", "新人首月", multiplier=Decimal("1.5")))
    base = event(attributes={"分值": "25"})
    assert double.score(base, LI_LEI).points == 25_00
    assert half.score(base, LI_LEI).points == 12_50
    assert plain(rule_sentence(half.spec)) == "新人首月:按 1.5 倍计,每次额外得原分值的 0.5 倍"
    assert plain(event_sentence(half, base, LI_LEI)) == ("11月12日 新人首月:25 ×(1.5 − 1)= 12.5 分")
    assert [step.step for step in trace_event(half, base, LI_LEI)][-2:] == ["value", "posting"]


def test_a_multiplier_asks_for_the_points_it_applies_to():
    spec = rule("S10", "周末加班", multiplier=Decimal(2))
    assert [(field.name, field.required) for field in fields_of(spec)] == [("分值", True)]
    for wrong in ({}, {"分值": "多"}, {"分值": "-5"}, {"分值": "99999999999"}):
        assert [each.field for each in validate_event(spec, event(attributes=wrong))] == ["分值"]
    assert not validate_event(spec, event(attributes={"分值": "20"}))
    failed = trace_event(compile_rule(spec), event(), LI_LEI)[-1]
    assert (failed.step, failed.ok) == ("measure", False)
    assert "分值" in failed.text


@pytest.mark.parametrize("times", ["1", "0.5", "0"])
def test_a_multiplier_must_add_something(times):
    with pytest.raises(SpecIncomplete):
        compile_rule(rule("S10", "周末加班", multiplier=Decimal(times)))
