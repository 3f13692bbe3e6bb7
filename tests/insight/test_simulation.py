"""A year before any history: figures that anybody can check by hand (21 working days)."""

import json
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from meritbook.insight.queries.simulation import (
    Imagined,
    NothingToSimulate,
    posts_of,
    simulated,
)
from meritbook.insight.simulating import Assumptions, Simulation, simulate
from meritbook.kit.tenancy import company_scope
from meritbook.rules.health import reach_table
from tests.awards.worlds import NOW, World
from tests.people import Cast
from tests.rules.health.schemes import KEEPER, SELLER, rule, scheme_of

TODAY = date(2026, 11, 21)


def run(*rules: Any, people: tuple[int, ...] = (1, 1), **assumed: Any) -> Simulation:
    """Two posts, 仓管员 and 业务员; 100 spendable points are 1 元."""
    rows = sorted(reach_table(scheme_of(*rules)), key=lambda row: row.post)
    return simulate(
        rows=rows,
        people=people[: len(rows)],
        pay=[None] * len(rows),
        assumptions=Assumptions(**({"attainment": Decimal(1), "spread": Decimal(0)} | assumed)),
        cents_of=lambda assets: assets.get("spendable", 0) // 100,
    )


@pytest.mark.parametrize(
    ("made", "assumed", "a_month"),
    [
        pytest.param(rule("S2", "日报", points="5", period="day"), {}, 105, id="每天都交"),
        pytest.param(
            rule("S2", "日报", points="5", period="day"), {"attainment": Decimal("0.8")}, 84, id="十天交八天"
        ),
        pytest.param(
            rule("S4", "回访", points="100", target="20", period="month"),
            {"attainment": Decimal("0.8")},
            80,
            id="按比例",
        ),
        pytest.param(
            rule("S5", "业绩", points="300", target="20", period="month"),
            {"attainment": Decimal("0.8")},
            0,
            id="没达标",
        ),
        pytest.param(
            rule("S5", "业绩", tiers=[{"from": "8", "points": "100"}, {"from": "20", "points": "300"}], period="month"),
            {"attainment": Decimal("0.8")},
            100,
            id="第一档",
        ),
        pytest.param(
            rule("S3", "单量", points="50", divisor="1000", target="10000", unit="元", period="month"),
            {"attainment": Decimal("0.85")},
            400,
            id="8500元满8个1000",
        ),
        pytest.param(
            rule("S3", "建议", points="30", divisor="1", cap="40", cap_per="month"), {}, 40, id="封顶"
        ),
        pytest.param(rule("S1", "签合同", points="10"), {}, 20, id="每月两次"),
        pytest.param(
            rule("S1", "迟到", points="-10"), {"attainment": Decimal("0.5")}, -5, id="扣半次"
        ),
        pytest.param(rule("S9", "表扬", points_min="10", points_max="30"), {}, 40, id="取中间"),
    ],
)  # fmt: skip
def test_a_month(made: Any, assumed: dict[str, Any], a_month: int) -> None:
    found = run(made, **assumed)
    assert {row.points for row in found.posts} == {a_month * 100}


def test_a_year_of_two_posts() -> None:
    found = run(
        rule("S2", "日报", points="5", period="day", posts=[SELLER]),
        rule("S2", "盘点", points="20", period="month", posts=[KEEPER]),
        people=(2, 10),
    )
    assert [(row.post, row.people, row.points) for row in found.posts] == [
        ("业务员", 2, 105_00),
        ("仓管员", 10, 20_00),
    ]
    assert found.year_points == (2 * 105 + 10 * 20) * 12 * 100
    assert found.year_cents == (2 * 105 + 10 * 20) * 12
    assert [(row.post, row.points) for row in found.board[:2]] == [("业务员", 1_260_00)] * 2


def test_the_same_assumptions_make_the_same_board() -> None:
    visits = rule("S4", "回访", points="100", target="20", period="month")
    one, other = (
        run(visits, people=(5, 3), attainment=Decimal("0.7"), spread=Decimal("0.2")) for _ in "ab"
    )
    assert one == other
    points = [row.points for row in one.board]
    assert points == sorted(points, reverse=True)
    assert len(set(points)) > 1


def test_a_rule_with_a_gap_is_left_out_and_named() -> None:
    broken = rule("S4", "回访", points="100", period="month")
    assert [each.code for each in run(broken).skipped] == [broken.code]


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def test_nobody_and_nothing_are_refused_with_a_remedy(home: Cast) -> None:
    world = World(home.company.pk, home.company.code)
    with (
        company_scope(world.company_id),
        pytest.raises(NothingToSimulate, match="请先导入或新建标准"),
    ):
        posts_of(company_id=world.company_id, today=TODAY)
    world.rule("S1", "签合同", points="10")
    with company_scope(world.company_id):
        rows, _workdays = posts_of(company_id=world.company_id, today=TODAY)
        with pytest.raises(NothingToSimulate, match="请填每个岗位的人数"):
            simulated(
                company_id=world.company_id,
                rows=rows,
                imagined=[Imagined(0, None)] * len(rows),
                assumptions=Assumptions(),
                today=TODAY,
            )


def test_page_and_command(home: Cast) -> None:
    world = World(home.company.pk, home.company.code)
    client = home.client("officer")
    assert "请先导入或新建标准" in client.get("/insight/simulation/").content.decode()
    world.rule("S2", "每月总结", points="30", period="month")
    page = client.get("/insight/simulation/").content.decode()
    assert "业务员 1" in page
    query = "attainment=100&spread=0&workdays=21&occasions=2&slips=0"
    page = client.get(f"/insight/simulation/?{query}&people-0=10&pay-0=5000").content.decode()
    # Ten people of the first post and one of each of the four others: 14 × 30 × 12.
    assert "5,040" in page
    page = client.get(f"/insight/simulation/?{query}&people-0=999999").content.decode()
    assert "请减少人数" in page
    page = client.get("/insight/simulation/?attainment=-5").content.decode()
    assert "还不能提交" in page
    assert home.client("head").get("/insight/simulation/").status_code == 403
    out = StringIO()
    call_command(
        "simulate",
        "--company",
        world.code,
        "--attainment",
        "100",
        "--spread",
        "0",
        "--json",
        stdout=out,
    )
    answer = json.loads(out.getvalue())
    assert (answer["people"], answer["year_points"]) == (5, "1800")
