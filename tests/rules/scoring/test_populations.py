"""Whom a rule concerns: levels, tenure, exceptions, people named; and what newcomers get."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meritbook.rules.scoring import compile_rule
from meritbook.rules.sentences import event_sentence, rule_sentence
from meritbook.rules.spec import EventFacts, Newcomer, PersonFacts, Population
from meritbook.rules.tenures import full_months, full_years
from meritbook.rules.trace import trace_event
from tests.rules.scoring.rulebook import rule

AT = datetime(2026, 11, 12, 9)
LI_LEI = PersonFacts(
    departments=frozenset({1, 4}),
    posts=frozenset({7}),
    grades=frozenset({2}),
    hired_on=date(2026, 9, 13),
    employee_id=11,
)
SOLD = rule("S1", "签合同", points=Decimal(10))


def failed(population: Population, person: PersonFacts = LI_LEI) -> str:
    spec = replace(SOLD, population=population)
    step = trace_event(compile_rule(spec), EventFacts(AT), person)[-1]
    return "" if step.ok else step.text


@pytest.mark.parametrize(
    ("population", "text"),
    [
        (Population(grades=frozenset({2, 3})), ""),
        (Population(grades=frozenset({3})), "发生时的职级不在这条标准的适用范围之内"),
        (Population(tenure_from=1), ""),
        (Population(tenure_from=3), "发生时入职 1 个月，不满 3 个月"),
        (Population(tenure_to=3), ""),
        (Population(tenure_to=1), "发生时入职 1 个月，已满 1 个月"),
        (Population(except_departments=frozenset({4})), "属于这条标准排除的部门、岗位或人员"),
        (Population(except_posts=frozenset({7})), "属于这条标准排除的部门、岗位或人员"),
        (Population(except_employees=frozenset({11})), "属于这条标准排除的部门、岗位或人员"),
        (Population(except_employees=frozenset({12})), ""),
        (Population(employees=frozenset({11}), reason="试点"), ""),
        (Population(employees=frozenset({12}), reason="试点"), "这条标准只适用于点名的人员"),
        (Population(departments=frozenset({9}), employees=frozenset({11})), ""),
        (Population(tenure_from=12, employees=frozenset({11})), ""),
        (
            Population(employees=frozenset({11}), except_departments=frozenset({1})),
            "属于这条标准排除的部门、岗位或人员",
        ),
    ],
)
def test_who_is_concerned(population: Population, text: str) -> None:
    assert failed(population) == text


def test_nobody_knows_how_long_without_a_day_of_hiring() -> None:
    text = failed(Population(tenure_from=1), LI_LEI._replace(hired_on=None))
    assert text == "没有登记入职日期，看不出司龄；请先补上入职日期"


def test_the_trace_has_the_reason_for_people_named() -> None:
    named = Population(employees=frozenset({11}), reason="三人试点")
    spec = replace(SOLD, population=named)
    steps = trace_event(compile_rule(spec), EventFacts(AT), LI_LEI)
    assert steps[0].text == "点名适用的人员，原因：三人试点"


def test_windows_know_tenure_too() -> None:
    spec = rule("S2", "日报", points=Decimal(5), period="day", population=Population(tenure_from=3))
    assert compile_rule(spec).admit(EventFacts(AT), LI_LEI).failed == "population"


@pytest.mark.parametrize(
    ("hired_on", "day", "months"),
    [
        (date(2026, 1, 31), date(2026, 2, 28), 0),
        (date(2026, 1, 31), date(2026, 3, 1), 1),
        (date(2024, 2, 29), date(2025, 2, 28), 11),
        (date(2024, 2, 29), date(2025, 3, 1), 12),
        (date(2026, 11, 12), date(2026, 11, 12), 0),
    ],
)
def test_whole_months(hired_on: date, day: date, months: int) -> None:
    assert full_months(hired_on, day) == months
    assert full_years(hired_on, day) == months // 12


SUPPORTED = replace(SOLD, newcomer=Newcomer(3, Decimal("1.5")))


def test_newcomers_earn_more_and_the_sum_says_so() -> None:
    compiled = compile_rule(SUPPORTED)
    assert compiled.score(EventFacts(AT), LI_LEI).points == 1500
    veteran = LI_LEI._replace(hired_on=date(2020, 1, 1))
    assert compiled.score(EventFacts(AT), veteran).points == 1000
    assert compiled.score(EventFacts(AT), LI_LEI._replace(hired_on=None)).points == 1000
    assert event_sentence(compiled, EventFacts(AT), LI_LEI).endswith(
        "10 分；入职不满 3 个月，乘 1.5 为 15 分"
    )
    assert rule_sentence(SUPPORTED) == "签合同：每次得 10 分，入职不满 3 个月的乘 1.5"


def test_a_cap_per_event_comes_after_the_support() -> None:
    spec = replace(SUPPORTED, cap=Decimal(12), cap_per="event")
    compiled = compile_rule(spec)
    assert compiled.score(EventFacts(AT), LI_LEI).points == 1200
    assert event_sentence(compiled, EventFacts(AT), LI_LEI).endswith(
        "乘 1.5 为 15 分，每次最多 12 分，计 12 分"
    )


def test_deductions_of_newcomers_stay_as_they_are() -> None:
    spec = replace(SUPPORTED, points=Decimal(-10))
    assert compile_rule(spec).score(EventFacts(AT), LI_LEI).points == -1000


@settings(deadline=None)
@given(st.integers(1, 500), st.decimals("1.01", "9", places=2))
def test_support_never_takes_away(quantity: int, times: Decimal) -> None:
    event = EventFacts(AT, quantity=Decimal(quantity))
    plain = compile_rule(SOLD).score(event, LI_LEI).points
    spec = replace(SOLD, newcomer=Newcomer(3, times))
    more = compile_rule(spec).score(event, LI_LEI).points
    assert more > plain
    assert abs(more - plain * times) <= Decimal("0.5")
