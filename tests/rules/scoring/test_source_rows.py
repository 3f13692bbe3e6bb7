"""Every line of the source tables with numbers from its own text, fed one event."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from meritbook.kit.points import points_text
from meritbook.rules.scoring import compile_rule
from meritbook.rules.spec import Contribution, EventFacts, PersonFacts, RuleSpec, Score
from tests.rules.scoring.rulebook import RULES, row, rule

LI_LEI = PersonFacts()


def event(at: str = "2026-11-12 10:00", **parts: Any) -> EventFacts:
    return EventFacts(datetime.fromisoformat(at), **parts)


def earned(spec: RuleSpec, *events: EventFacts) -> Score:
    """What 李雷 gets from these events, in the one window that they fall in."""
    compiled = compile_rule(spec)
    if not compiled.windowed:
        (one,) = events
        return compiled.score(one, LI_LEI)
    admissions = [compiled.admit(one, LI_LEI) for one in events]
    (window,) = {admission.window for admission in admissions}
    return compiled.score_window(
        window,
        [
            Contribution(str(at), one.happened_at, admission.measure, admission.counted)
            for at, (one, admission) in enumerate(zip(events, admissions, strict=True))
        ],
    )


def attributes(**given: str) -> dict[str, str]:
    return given


def test_there_are_forty_one_rules() -> None:
    assert len(RULES) == 41
    shapes = [spec.shape for spec in RULES]
    counts = {shape: shapes.count(shape) for shape in sorted(set(shapes))}
    assert counts == {
        "S1": 5,
        "S2": 15,
        "S3": 11,
        "S4": 1,
        "S5": 2,
        "S6": 3,
        "S7": 2,
        "S8": 1,
        "S9": 1,
    }


DUE = {"应交日期": "2026-08-30"}


@pytest.mark.parametrize(
    ("number", "given", "points"),
    [
        pytest.param(1, event(), "800", id="1 方案制定,完成 800 分"),
        pytest.param(2, event(), "600", id="2 方案有效落实 600 分"),
        pytest.param(3, event(), "600", id="3 方案通过并验收 600 分"),
        pytest.param(4, event(), "30", id="4 每天按时采购 30 分/天"),
        pytest.param(5, event(), "-50", id="5 漏单 -50 分/次"),
        pytest.param(6, event(), "-50", id="6 质量问题 -50 分/次"),
        pytest.param(7, event(), "100", id="7 每周采购目标 100 分/周"),
        pytest.param(8, event(), "10", id="8 每天检验货 10 分/天"),
        pytest.param(9, event(), "-50", id="9 返修 -50 分/次"),
        pytest.param(10, event(), "50", id="10 每周配料入库 50 分/周"),
        pytest.param(11, event(quantity=Decimal(2)), "-100", id="11 出错两次 -50 分/次"),
        pytest.param(12, event("2026-11-30 23:59"), "100", id="12 月底完成盘点 100 分/月"),
        pytest.param(13, event("2026-12-01 18:00"), "50", id="13 每月 1 号提交报表 50 分/月"),
        pytest.param(14, event(), "-50", id="14 数据出错 -50 分/次"),
        pytest.param(15, event(), "500", id="15 维护供应商关系 500 分/月"),
        pytest.param(16, event(quantity=Decimal(3)), "600", id="16 找到 3 家供应商 200 分/个"),
        pytest.param(17, event(quantity=Decimal(13)), "65", id="17 回访 13/20 个 100 分/周"),
        pytest.param(18, event(amount=Decimal(5600)), "250", id="18 增加 5,600 元 50 分/千"),
        pytest.param(19, event(), "300", id="19 转介绍 1 个 300 分/个"),
        pytest.param(20, event(), "-1000", id="20 丢失 1 个客户 -1000 分/个"),
        pytest.param(
            21,
            event(attributes=attributes(微信增加朋友="1", 朋友圈="1")),
            "2",
            id="21 自我营销 2 分/天",
        ),
        pytest.param(22, event(attributes=attributes(群发="1")), "5", id="22 每周群发 5 分/周"),
        pytest.param(
            23,
            event(attributes=attributes(电话量="50", 拜访="1")),
            "10",
            id="23 电话 50 拜访 1 10 分/天",
        ),
        pytest.param(24, event(quantity=Decimal(7)), "70", id="24 潜在客户 10 分/个"),
        pytest.param(25, event(amount=Decimal(380_000)), "800", id="25 业绩目标 38 万 800 分"),
        pytest.param(26, event(), "50", id="26 催款 50 分/月"),
        pytest.param(27, event(quantity=Decimal(100)), "100", id="27 回款量 100% 100 分/月"),
        pytest.param(28, event("2026-11-13 22:00"), "5", id="28 周五 22 点整交周总结 5 分/周"),
        pytest.param(29, event("2026-11-30 22:30"), "10", id="29 月末交月总结 10 分/月"),
        pytest.param(30, event("2026-11-12 22:00"), "5", id="30 22 点整交日汇报 5 分/天"),
        pytest.param(31, event(), "30", id="31 每天回复客户 30 分/天"),
        pytest.param(
            32, event(attributes=attributes(分钟="31")), "-10", id="32 31 分钟回复 -10 分"
        ),
        pytest.param(33, event(quantity=Decimal(2)), "200", id="33 指导 2 个客户 100 分/个"),
        pytest.param(34, event(), "30", id="34 有效建议 30 分/条"),
        pytest.param(
            35, event(attributes=DUE | {"交付日期": "2026-08-30"}), "500", id="35 按期 500"
        ),
        pytest.param(
            36,
            event(attributes=DUE | {"交付日期": "2026-09-03"}),
            "-200",
            id="36 延误 4 天 -50 分/天",
        ),
        pytest.param(37, event(quantity=Decimal(25)), "100", id="37 回访 25 个 4 分/个"),
        pytest.param(
            38, event(amount=Decimal(26_000)), "2000", id="38 转介绍出单 26,000 元 1000 分/万"
        ),
        pytest.param(39, event(quantity=Decimal(12)), "120", id="39 收回 12 张调查表 10 分/张"),
        pytest.param(40, event(), "20", id="40 转介绍信息额外奖励 20 分/个"),
        pytest.param(
            41, event(attributes=attributes(分值="-300")), "-300", id="41 投诉 -50 至 -1000"
        ),
    ],
)
def test_the_row_earns_what_its_text_says(number: int, given: EventFacts, points: str) -> None:
    score = earned(row(number), given)
    assert (points_text(score.points), score.failed) == (points, None)


@pytest.mark.parametrize(
    ("number", "given", "failed"),
    [
        pytest.param(5, event(object="标签类 印刷单"), "trigger", id="标签类不扣"),
        pytest.param(18, event(amount=Decimal(1000)), "threshold", id="刚好 1 千没有超过 1 千"),
        pytest.param(25, event(amount=Decimal("379999.99")), "threshold", id="差一分钱到 38 万"),
        pytest.param(27, event(quantity=Decimal("99.9")), "threshold", id="回款 99.9%"),
        pytest.param(32, event(attributes=attributes(分钟="30")), "threshold", id="30 分钟之内"),
        pytest.param(
            35,
            event(attributes=DUE | {"交付日期": "2026-08-31"}),
            "deadline",
            id="晚一天没有按期奖",
        ),
        pytest.param(
            36,
            event(attributes=DUE | {"交付日期": "2026-08-30"}),
            "deadline",
            id="当天交付没有延误",
        ),
        pytest.param(38, event(amount=Decimal(9_999)), "measure", id="不满 1 万"),
        pytest.param(41, event(attributes=attributes(分值="-20")), "threshold", id="轻于 50 分"),
        pytest.param(24, event(quantity=Decimal(0)), "measure", id="零个"),
        pytest.param(18, event(), "measure", id="没有金额"),
    ],
)
def test_the_row_earns_nothing_and_says_where(number: int, given: EventFacts, failed: str) -> None:
    score = earned(row(number), given)
    assert (score.points, score.failed) == (0, failed)


@pytest.mark.parametrize(
    ("number", "given", "failed"),
    [
        pytest.param(30, event("2026-11-12 22:01"), "deadline", id="日汇报 22:01"),
        pytest.param(28, event("2026-11-13 22:00:01"), "deadline", id="周总结晚一秒"),
        pytest.param(28, event("2026-11-14 08:00"), "deadline", id="周总结周六才交"),
        pytest.param(
            23, event(attributes=attributes(电话量="49", 拜访="1")), "threshold", id="电话 49 个"
        ),
        pytest.param(23, event(attributes=attributes(电话量="50")), "threshold", id="没有填拜访"),
        pytest.param(
            7,
            event(attributes=attributes(质量="达标", 费用="未达标", 交期="达标")),
            "threshold",
            id="费用未达标",
        ),
        pytest.param(31, event(attributes=attributes(分钟="45")), "deadline", id="45 分钟才回复"),
    ],
)
def test_a_duty_not_done_as_asked_does_not_count(
    number: int, given: EventFacts, failed: str
) -> None:
    admission = compile_rule(row(number)).admit(given, LI_LEI)
    assert (admission.counted, admission.failed) == (False, failed)
    assert earned(row(number), given) == Score(0, admission.window.ends_on, "measure")


def test_a_duty_counts_once_however_often_it_was_done() -> None:
    reports = [event("2026-11-12 18:00"), event("2026-11-12 21:00"), event("2026-11-12 23:00")]
    assert earned(row(30), *reports) == Score(500, date(2026, 11, 12))


def test_visits_add_up_over_the_week_and_stop_at_full_points() -> None:
    first, second = event("2026-11-09 09:00", quantity=Decimal(9)), event("2026-11-15 23:59")
    assert earned(row(17), first, second).points == 5000
    assert earned(row(17), first, event(quantity=Decimal(30))).points == 10000


def test_the_last_percentage_of_the_month_counts() -> None:
    early = event("2026-11-10 09:00", quantity=Decimal(100))
    late = event("2026-11-29 09:00", quantity=Decimal(96))
    assert earned(row(27), late, early) == Score(0, date(2026, 11, 30), "threshold")


def test_results_take_effect_where_they_belong() -> None:
    assert earned(row(13), event("2026-12-01 09:00")).effective_on == date(2026, 11, 30)
    assert earned(row(17), event(quantity=Decimal(20))).effective_on == date(2026, 11, 15)
    delivered = event(attributes=DUE | {"交付日期": "2026-09-03"})
    assert earned(row(36), delivered).effective_on == date(2026, 9, 3)
    assert earned(row(1), event()).effective_on == date(2026, 11, 12)


@pytest.mark.parametrize(
    ("points", "name"),
    [
        ("-5", "迟到"),
        ("-20", "早退"),
        ("-50", "旷工"),
        ("-50", "办公区抽烟"),
        ("-100", "传播负面情绪"),
        ("10", "个别项目汇报"),
        ("10", "签合同"),
        ("30", "收到签约定金"),
        ("50", "收到合同外尾款"),
        ("100", "客户续费"),
    ],
)
def test_plain_standards_score_each_time(points: str, name: str) -> None:
    """An amount beside a plain award does not multiply it."""
    spec = rule("S1", name, points=Decimal(points))
    assert points_text(earned(spec, event(amount=Decimal(88_000))).points) == points


def test_two_more_rules_of_a_sales_department() -> None:
    per_order = rule("S3", "每完成一单销售获得10积分", points=Decimal(10), unit="单")
    beyond = rule(
        "S5",
        "超额完成季度目标",
        points=Decimal(50),
        target=Decimal(100),
        percent_target=True,
        strict=True,
        period="quarter",
    )
    assert earned(per_order, event()).points == 1000
    assert earned(beyond, event(quantity=Decimal(100))).failed == "threshold"
    assert earned(beyond, event(quantity=Decimal(101))) == Score(5000, date(2026, 12, 31))


def test_a_target_can_pay_in_proportion() -> None:
    spec = rule(
        "S5",
        points=Decimal(800),
        target=Decimal(380_000),
        money=True,
        proportional=True,
        period="month",
    )
    assert earned(spec, event(amount=Decimal(190_000))).points == 40000
    assert earned(spec, event(amount=Decimal(900_000))).points == 80000


def test_a_stage_without_points_takes_its_share_of_the_project() -> None:
    spec = rule("S6", project_total=Decimal(2000), weight_percent=Decimal(40))
    assert earned(spec, event()).points == 80000


def test_an_extra_is_paid_per_occurrence() -> None:
    assert earned(rule("S10", points=Decimal(20)), event(quantity=Decimal(2))).points == 4000
