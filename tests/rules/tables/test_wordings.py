"""The grammar, one wording a line: what a company writes and what it means."""

from __future__ import annotations

from decimal import Decimal

import pytest

from meritbook.kit.sheets import Sheet
from meritbook.rules.tables import Draft, read_tables, read_text

HEADINGS = ["关键指标", "关键过程", "关键结果", "权重", "衡量标准", "积分"]


def said(text: str) -> Draft:
    """One line of a text file as a draft."""
    reading = read_text(text)
    assert len(reading.drafts) == 1, reading
    return reading.drafts[0]


def cell(standard: str, points: str, *, process: str = "", result: str = "") -> Draft:
    """One row of a table as a draft."""
    row = ["指标", process, result, "100%", standard, points]
    reading = read_tables([Sheet("表", [HEADINGS, row], None)])
    assert len(reading.drafts) == 1, reading
    return reading.drafts[0]


def facts(draft: Draft) -> dict[str, object]:
    """What the draft says, without texts and without what is empty."""
    texts = {
        "sheet", "row", "indicator", "process", "result", "standard", "points_text", "questions",
        "weight_percent", "money", "percent_target", "divisor", "on_time",
    }  # fmt: skip
    whole = {key: value for key, value in draft.as_dict().items() if key not in texts}
    whole["divisor"] = draft.as_dict()["divisor"] if draft.divisor != 1 else None
    return {key: value for key, value in whole.items() if value not in (None, "", [], False)}


def once(points: int) -> dict[str, object]:
    return {"shape": "S1", "points": str(points), "unit": "次"}


def duty(points: int, period: str, deadline: dict[str, object] | None = None) -> dict[str, object]:
    found: dict[str, object] = {"shape": "S2", "points": str(points), "period": period}
    return found | ({"deadline": deadline} if deadline else {})


def per(points: str, unit: str, divisor: str | None = None) -> dict[str, object]:
    found: dict[str, object] = {"shape": "S3", "points": points, "unit": unit}
    return found | ({"divisor": divisor} if divisor else {})


def share(points: int, target: str, unit: str, period: str) -> dict[str, object]:
    return {
        "shape": "S4", "points": str(points), "target": target, "unit": unit, "period": period,
        "proportional": True,
    }  # fmt: skip


def reached(
    points: int, target: str, unit: str, period: str, *, strict: bool = False
) -> dict[str, object]:
    found: dict[str, object] = {
        "shape": "S5", "points": str(points), "target": target, "unit": unit, "period": period,
    }  # fmt: skip
    return found | ({"strict": True} if strict else {})


def tiers(period: str, *steps: tuple[int, int], unit: str = "元") -> dict[str, object]:
    highest = steps[-1]
    found = reached(highest[1], str(highest[0]), unit, {"月": "month"}[period])
    return found | {"tiers": [{"from": str(bound), "points": str(k)} for bound, k in steps]}


def late(points: int) -> dict[str, object]:
    return {"shape": "S7", "points": str(points), "unit": "天"}


def slow(points: int, minutes: int) -> dict[str, object]:
    return {"shape": "S8", "points": str(points), "unit": "次", "limit_minutes": minutes}


def judged(low: int, high: int, by: str = "") -> dict[str, object]:
    found = {"shape": "S9", "points_min": str(low), "points_max": str(high), "unit": "次"}
    return found | ({"needs": by} if by else {})


def at(time: str) -> dict[str, object]:
    return {"kind": "time_of_day", "time": time}


def friday(time: str) -> dict[str, object]:
    return {"kind": "weekday", "weekday": 5, "time": time}


SENTENCES = [
    # what happens once and has a price
    ("迟到-5分", once(-5)),
    ("迟到 －５ 分", once(-5)),
    ("迟到−5分", once(-5)),
    ("迟到:-5", once(-5)),
    ("迟到扣5分", once(-5)),
    ("遲到扣５分", once(-5)),
    ("迟到负五分", once(-5)),
    ("迟到每次-5分", once(-5)),
    ("1、迟到-5分", once(-5)),
    ("(2)早退-20分", once(-20)),
    ("③旷工-50分", once(-50)),
    ("早退一次扣20分", once(-20)),
    ("上班玩手机,每次-10分", once(-10)),
    ("签合同10分", once(10)),
    ("簽合同10積分", once(10)),
    ("个别项目汇报10分", once(10)),
    ("拜访客户 3分/次", once(3)),
    ("获得公司级荣誉加1千分", once(1000)),
    ("先进个人奖励三百分", once(300)),
    ("师傅带徒弟两百五十分", once(250)),
    ("十分认真完成工作,加十分", once(10)),
    ("满意度评分90分以上加20分", once(20)),
    ("考试成绩90分及以上奖励30分", once(30)),
    ("每月5号前未交报表扣20分", once(-20)),
    ("主动加班+0.5分", {"shape": "S1", "points": "0.5", "unit": "次"}),
    ("生日当天10分", once(10)),
    ("连续3天打卡加5分", once(5)),
    ("未按时提交日报扣5分", once(-5)),
    ("库存准确率低于98%扣50分", once(-50)),
    # a duty in a period, with and without a deadline
    ("日报5分", duty(5, "day")),
    ("周报10分", duty(10, "week")),
    ("月报15分", duty(15, "month")),
    ("季度总结35分", duty(35, "quarter")),
    ("半年总结60分", duty(60, "half_year")),
    ("年终总结100分", duty(100, "year")),
    ("每天打卡2分", duty(2, "day")),
    ("每个工作日打扫卫生 2 分", duty(2, "day")),
    ("全勤奖50分", duty(50, "month")),
    ("安全巡检 10分/天", duty(10, "day")),
    ("安全巡检 10分每周", duty(10, "week")),
    ("每天22点前日报5分", duty(5, "day", at("22:00"))),
    ("每天22:30前日报5分", duty(5, "day", at("22:30"))),
    ("每天晚上10点前提交日报加5分", duty(5, "day", at("22:00"))),
    ("每天早上八点半之前到岗2分", duty(2, "day", at("08:30"))),
    ("每天下午5点半前交日报5分", duty(5, "day", at("17:30"))),
    ("每周五22点前交周总结 5 分", duty(5, "week", friday("22:00"))),
    ("每周五下班前提交周报得10分", duty(10, "week", friday("18:00"))),
    ("每星期五下午6点前交周报10分", duty(10, "week", friday("18:00"))),
    (
        "每周日24点前交周报10分",
        duty(10, "week", {"kind": "weekday", "weekday": 7, "time": "24:00"}),
    ),
    ("每月最后一天前交月总结10分", duty(10, "month", {"kind": "last_day"})),
    ("每月底前完成盘点100分", duty(100, "month", {"kind": "last_day"})),
    ("每月10日前提交对账单20分", duty(20, "month", {"kind": "day_of_month", "day": 10})),
    ("每月十号前提交对账单20分", duty(20, "month", {"kind": "day_of_month", "day": 10})),
    ("每月1号提交对账单50分", duty(50, "month", {"kind": "first_day_of_next"})),
    ("次月1日前提交对账单50分", duty(50, "month", {"kind": "first_day_of_next"})),
    # so much for each unit
    ("每完成一单销售获得10积分", per("10", "单")),
    ("每完成10单奖励50分", per("50", "单", "10")),
    ("每签一个新客户100分", per("100", "个")),
    ("每签约一家门店三百分", per("300", "家")),
    ("转介绍1个客户+300分", per("300", "个客户")),
    ("丢失1个客户-1000分", per("-1000", "个客户")),
    ("培训讲课20分/课时", per("20", "课时")),
    ("加班每小时5分", per("5", "小时")),
    ("发现一处安全隐患奖20分", per("20", "处")),
    ("旷工-50分/天", per("-50", "天")),
    ("每提前1天完成加10分", per("10", "天")),
    ("销售额每1万元10分", per("10", "元", "10000")),
    ("销售额每满一万元奖励100分", per("100", "元", "10000")),
    ("每增加1000元销售额 50 分", per("50", "元", "1000")),
    ("每增加1千单量 50 分", per("50", "元", "1000")),
    ("每出单1万业绩1000分", per("1000", "元", "10000")),
    ("节约成本每100元奖1分", per("1", "元", "100")),
    ("销售额每增加一万,加10分", per("10", "元", "10000")),
    ("每超额完成1万元加20分", per("20", "元", "10000")),
    ("介绍客户成交按成交额每千元1分", per("1", "元", "1000")),
    ("工作失误造成损失,按损失金额每100元扣1分", per("-1", "元", "100")),
    ("回款1万元得5分", per("5", "元", "10000")),
    ("销售额0.2分/元", per("0.2", "元")),
    # in proportion to a target
    ("每周回访老客户20个,每个按比例,满分100分", share(100, "20", "个", "week")),
    ("月度拜访 30 家,按比例计,满分150分", share(150, "30", "家", "month")),
    ("月度按完成率计分,满分100分", share(100, "100", "%", "month")),
    # all or nothing at a target
    ("月销售额达到10万奖励500分", reached(500, "100000", "元", "month")),
    ("月回款率达到100%得100分", reached(100, "100", "%", "month")),
    ("月回款率达到百分之九十五得100分", reached(100, "95", "%", "month")),
    ("准确率不低于99%,每月得30分", reached(30, "99", "%", "month")),
    ("每月完成20个回访得100分", reached(100, "20", "个", "month")),
    ("年销售额突破一百万奖励2000分", reached(2000, "1000000", "元", "year", strict=True)),
    ("超额完成季度目标获得50积分", reached(50, "100", "%", "quarter", strict=True)),
    ("完成月度目标奖励100分", reached(100, "100", "%", "month")),
    # the higher the target, the more
    (
        "月销售额达到10万奖励500分,20万奖励1200分,50万奖励3000分",
        tiers("月", (100000, 500), (200000, 1200), (500000, 3000)),
    ),
    ("月回款率90%以上得50分,95%以上得80分", tiers("月", (90, 50), (95, 80), unit="%")),
    ("每月签约5单得50分,10单得120分", tiers("月", (5, 50), (10, 120), unit="单")),
    # late, slow, judged
    ("每超一天扣50", late(-50)),
    ("每逾期一天扣50分", late(-50)),
    ("货期延误每延迟1天-50分", late(-50)),
    ("每晚交1天扣20分", late(-20)),
    ("按时交货每单+500分", {"shape": "S7", "points": "500", "unit": "单"}),
    ("超过30分钟每次扣10分", slow(-10, 30)),
    ("超过三十分钟回复,每次扣十分", slow(-10, 30)),
    ("回复超时半小时以上每次扣10分", slow(-10, 30)),
    ("设备故障2小时内修复加20分", slow(20, 120)),
    ("超过2小时未处理,每次-15分", slow(-15, 120)),
    ("视情节扣5-20分", judged(-20, -5, "情节")),
    ("违反制度,视情节轻重扣10~50分", judged(-50, -10, "情节")),
    ("客户投诉-50至-1000分", judged(-1000, -50)),
    ("客户投诉 按轻重程度 -50 至 -1000", judged(-1000, -50) | {"needs": "轻重程度"}),
    ("投诉 -50~-1000", judged(-1000, -50)),
    ("客户投诉 -50 至 1000 分", judged(-1000, -50)),
    ("优秀建议按贡献大小奖励50至200分", judged(50, 200, "贡献")),
    ("帮助同事加5~10分", judged(5, 10)),
    # on top
    ("双休日加班双倍积分", {"shape": "S10", "multiplier": "2"}),
    ("每推荐一人入职奖励200分,封顶1000分", per("200", "人") | {"cap": "1000"}),
    ("每回访1个4分,每月最高100分", per("4", "个") | {"cap": "100", "cap_per": "month"}),
]


@pytest.mark.parametrize(
    ("text", "meaning"), [pytest.param(text, meaning, id=text) for text, meaning in SENTENCES]
)
def test_a_sentence_means(text: str, meaning: dict[str, object]) -> None:
    found = facts(said(text))
    found.pop("evidence", None)
    assert found == meaning


POINTS = [
    ("30 分/天", duty(30, "day")),
    ("30分/日", duty(30, "day")),
    ("30 分每天", duty(30, "day")),
    ("每天30分", duty(30, "day")),
    ("30積分/週", duty(30, "week")),
    ("30/月", duty(30, "month")),
    ("＋30分／季度", duty(30, "quarter")),
    ("-50 分/次", once(-50)),
    ("－５０分／次", once(-50)),
    ("扣50分", once(-50)),
    ("50", once(50)),
    ("加50", once(50)),
    ("1千分", once(1000)),
    ("三百分", once(300)),
    ("1,200分", once(1200)),
    ("5分/人次", once(5)),
    ("50 分/千", per("50", "元", "1000")),
    ("1000 分/万", per("1000", "元", "10000")),
    ("1000分/万元", per("1000", "元", "10000")),
    ("5分/百元", per("5", "元", "100")),
    ("1分/10元", per("1", "元", "10")),
    ("300 分/个", per("300", "个")),
    ("5分/10单", per("5", "单", "10")),
    ("10分每张", per("10", "张")),
    ("每单10积分", per("10", "单")),
    ("5分/件,封顶200分", per("5", "件") | {"cap": "200"}),
    ("-5~-20分", judged(-20, -5)),
    ("5-20", judged(5, 20)),
    ("-50 至 1000", judged(-1000, -50)),
    ("扣10到50分", judged(-50, -10)),
    ("双倍积分", {"shape": "S10", "multiplier": "2"}),
    ("1.5倍", {"shape": "S10", "multiplier": "1.5"}),
]


@pytest.mark.parametrize(
    ("points", "meaning"), [pytest.param(points, meaning, id=points) for points, meaning in POINTS]
)
def test_a_points_cell_means(points: str, meaning: dict[str, object]) -> None:
    assert facts(cell("客户相关工作", points)) == meaning


@pytest.mark.parametrize(
    ("process", "result", "deadline"),
    [
        pytest.param("每天 22 点前汇报", "按要求", at("22:00"), id="in the process"),
        pytest.param("汇报", "每天18:00前完成", at("18:00"), id="in the result"),
        pytest.param(
            "及时发货",
            "每天 4 点半前下单当天发货;4 点半后下单,第二天 12:00 前发货",
            {"kind": "cut_off", "time": "16:30", "before": "same_day", "after": "next_day 12:00"},
            id="cut-off in one cell",
        ),
        pytest.param(
            "及时发货",
            "15:00前下单,当日17点前发出;15:00之后下单次日发出",
            {"kind": "cut_off", "time": "15:00", "before": "same_day 17:00", "after": "next_day"},
            id="cut-off with a time on both sides",
        ),
        pytest.param("每周五前汇报", "按要求", None, id="another period is no deadline"),
    ],
)
def test_a_deadline_may_stand_beside_the_standard(
    process: str, result: str, deadline: dict[str, object] | None
) -> None:
    draft = cell("每天按要求完成", "5 分/天", process=process, result=result)
    assert draft.as_dict()["deadline"] == deadline


@pytest.mark.parametrize(
    ("process", "items"),
    [
        ("电话量 50 个/天 拜访 1 个/天(每天检查)", {"电话量": "50", "拜访": "1"}),
        ("每天微信增加朋友1个;每周群发1条;每天朋友圈1条信息", {"微信增加朋友": "1", "朋友圈": "1"}),
        ("每天至少拜访3个客户、打20个电话", {"拜访": "3", "打电话": "20"}),
        ("每週必須群發 1 條", {}),
    ],
)
def test_a_checklist_is_what_belongs_to_the_period(process: str, items: dict[str, str]) -> None:
    draft = cell("每天按要求完成", "10 分/天", process=process)
    assert {item["item"]: item["value"] for item in draft.checklist} == items


@pytest.mark.parametrize(
    ("text", "field", "word"),
    [
        ("客户投诉 -50 至 1000 分", "points_min", "-50 至 1000"),
        ("完成业绩目标 38 万 800 分", "period", "38 万"),
        ("完成业绩目标 38 万 800 分", "proportional", "38 万"),
        ("超额完成季度目标获得50积分", "target", "季度目标"),
        ("每月最后 1 天前交月总结10分", "deadline", "每月最后1天前"),
        ("每月 1 号提交报表10分", "deadline", "每月1号"),
        ("次月5日前提交对账单30分", "deadline", "次月5日前"),
        ("每周五下班前提交周报得10分", "deadline", "下班前"),
        ("每增加1千单量 50 分", "unit", "1千单量"),
        ("加班双倍积分", "multiplier", "双倍"),
        ("迟到 5 分", "points", "迟到"),
    ],
)
def test_a_doubt_is_a_question_that_names_the_text(text: str, field: str, word: str) -> None:
    questions = [question for question in said(text).questions if question.field == field]
    assert len(questions) == 1
    assert word in questions[0].text
    assert questions[0].proposal


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("迟到罚款50元", "unlawful_wording"),
        ("旷工一次扣工资并扣50分", "unlawful_wording"),
        ("工作态度良好5分", "subjective_wording"),
        ("每回访一个4分", "no_cap"),
        ("每延迟一天扣50分", "no_floor"),
        ("旷工-50分", "unit_unstated"),
        ("优秀10分良好5分", "several_prices"),
        ("购进*类产品10分", "placeholder"),
        ("-50至1000分,按投诉轻重", "missing_sign"),
    ],
)
def test_what_is_certain_from_the_text_is_found(text: str, kind: str) -> None:
    found = [finding for finding in read_text(text).findings if finding.kind == kind]
    assert len(found) == 1
    assert found[0].row == 1
    assert found[0].mend


def test_tiers_side_by_side_in_standard_and_points() -> None:
    draft = cell("月销售额达到 10万/20万/50万", "500/1200/3000")
    assert facts(draft) == tiers("月", (100000, 500), (200000, 1200), (500000, 3000))


@pytest.mark.parametrize(
    ("points", "cap_per"),
    [
        ("5分/次,单次最高50分", "event"),
        ("5分/件,每天最高50分", "day"),
        ("5分/件,每月封顶50分", "month"),
        ("5分/件(封顶50分)", ""),
        ("5分/件,50分封顶", ""),
    ],
)
def test_a_cap_says_what_it_is_for(points: str, cap_per: str) -> None:
    draft = cell("客户相关工作", points)
    assert (draft.points, draft.cap, draft.cap_per) == (5, 50, cap_per)


def test_a_points_cell_with_two_prices_is_two_drafts() -> None:
    row = ["货期", "", "", "", "订单交付", "按期交货+500分,每延迟1天-50分"]
    reading = read_tables([Sheet("表", [HEADINGS, row], None)])
    assert [(d.shape, d.points, d.standard, d.row) for d in reading.drafts] == [
        ("S7", 500, "订单交付", 2),
        ("S7", -50, "订单交付", 2),
    ]


def test_a_standard_may_carry_its_price_itself() -> None:
    row = ["汇报", "", "", "", "每天 22 点前交日报得 5 分", ""]
    reading = read_tables([Sheet("表", [HEADINGS, row], None)])
    assert facts(reading.drafts[0]) == duty(5, "day", at("22:00"))
    assert [finding.kind for finding in reading.findings] == ["points_in_standard"]


def test_a_standard_that_contradicts_its_points_is_named() -> None:
    row = ["汇报", "", "", "", "每天按要求完成加 2 分", "3 分/天"]
    reading = read_tables([Sheet("表", [HEADINGS, row], None)])
    assert reading.drafts[0].points == 3
    assert [finding.kind for finding in reading.findings] == ["contradiction"]


@pytest.mark.parametrize(
    ("result", "exclude"),
    [
        ("第二天 12:00 前发货(非标签类)", ("标签类",)),
        ("当天发货(样品除外)", ("样品",)),
        ("除定制品外,当天发货", ("定制品",)),
        ("当天发货", ()),
    ],
)
def test_exemptions(result: str, exclude: tuple[str, ...]) -> None:
    draft = cell("未及时发货", "-50 分/次", result=result)
    assert draft.exclude == exclude
    assert bool(draft.questions) == bool(exclude)


def test_good_deeds_about_bad_things_are_not_questioned() -> None:
    for text in ("无迟到 5 分", "制止抽烟 10 分", "举报违规 20 分", "处理违纪事件 5 分"):
        assert not said(text).questions, text
        assert said(text).points > Decimal(0)  # type: ignore[operator]


def test_several_standards_in_one_line_are_several_drafts() -> None:
    reading = read_text("迟到-5分;早退-20分,旷工-50分")
    assert [(d.standard, d.points, d.row) for d in reading.drafts] == [
        ("迟到", Decimal(-5), 1),
        ("早退", Decimal(-20), 1),
        ("旷工", Decimal(-50), 1),
    ]


def test_the_standard_keeps_its_own_words() -> None:
    assert said("迟到 －５ 分").standard == "迟到"
    assert said("迟到 －５ 分").points_text == "－５ 分"
    assert said("每完成一单销售获得10积分").standard == "每完成一单销售获得10积分"
    assert said("每签约一家门店三百分").standard == "每签约一家门店"
