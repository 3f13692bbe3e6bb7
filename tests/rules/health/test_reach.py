"""What one can reach in a month, figures that anybody can check by hand (21 working days)."""

from decimal import Decimal

import pytest

from meritbook.rules.health import reach_of, reach_table
from meritbook.rules.health.reach import BOUNDED, LOSS, ONCE, OPEN
from tests.rules.health.schemes import KEEPER, SELLER, rule, scheme_of


@pytest.mark.parametrize(
    ("made", "kind", "points"),
    [
        pytest.param(rule("S2", "日报", points="5", period="day"), BOUNDED, 105, id="5分/天"),
        pytest.param(rule("S2", "周报", points="12", period="week"), BOUNDED, 52, id="12分/周"),
        pytest.param(rule("S2", "总结", points="30", period="quarter"), BOUNDED, 10, id="30分/季"),
        pytest.param(
            rule("S4", "回访", points="100", target="20", period="month"), BOUNDED, 100, id="按比例"
        ),
        pytest.param(
            rule("S5", "业绩", tiers=[{"from": "1", "points": "100"}, {"from": "2", "points": "300"}], period="month"),
            BOUNDED,
            300,
            id="最高一档",
        ),
        pytest.param(
            rule("S3", "单量", points="50", divisor="1000", target="10000", unit="元", period="month"),
            BOUNDED,
            500,
            id="目标1万",
        ),
        pytest.param(
            rule("S3", "回访", points="4", divisor="1", cap="60", cap_per="month"),
            BOUNDED,
            60,
            id="封顶60",
        ),
        pytest.param(rule("S1", "签合同", points="10"), OPEN, 0, id="不封顶"),
        pytest.param(rule("S1", "迟到", points="-5"), LOSS, 0, id="只扣"),
        pytest.param(
            rule("S6", "验收", project_total="2000", weight_percent="40"), ONCE, 0, id="一次性"
        ),
        pytest.param(rule("S9", "投诉", points_min="-100", points_max="-10"), LOSS, 0, id="只扣评"),
    ],
)  # fmt: skip
def test_a_rule(made: object, kind: str, points: int) -> None:
    reach = reach_of(made.spec, workdays=Decimal(21))  # type: ignore[attr-defined]
    assert (reach.kind, round(reach.points, 6)) == (kind, Decimal(points))


def test_posts_beside_each_other() -> None:
    rows = reach_table(
        scheme_of(
            rule("S2", "日报", points="5", period="day"),
            rule("S1", "签合同", points="10", posts=[SELLER]),
            rule("S2", "盘点", points="20", period="month", posts=[KEEPER]),
        )
    )
    assert [(row.post, row.people, row.points, row.open_rules) for row in rows] == [
        ("仓管员", 3, Decimal(125), 0),
        ("业务员", 12, Decimal(105), 1),
    ]
