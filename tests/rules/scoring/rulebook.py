"""The forty-one rule lines of the source tables as rule versions, in the order of the tables."""

from decimal import Decimal
from typing import Any

from meritbook.rules.spec import ChecklistItem as Item
from meritbook.rules.spec import RuleSpec

CUT_OFF = {"kind": "cut_off", "time": "16:30", "before": "same_day", "after": "next_day 12:00"}


def rule(shape: str, name: str = "标准", **parts: Any) -> RuleSpec:
    """A rule version; its code is R and its row."""
    row = parts.pop("row", 1)
    return RuleSpec(
        version_id=row, rule_id=row, code=f"R{row:02d}", name=name, number=1, shape=shape, **parts
    )


RULES = (
    rule(
        "S6",
        "方案制定,完成",
        row=1,
        points=Decimal(800),
        project_total=Decimal(2000),
        weight_percent=Decimal(40),
    ),
    rule(
        "S6",
        "方案有效落实",
        row=2,
        points=Decimal(600),
        project_total=Decimal(2000),
        weight_percent=Decimal(30),
    ),
    rule(
        "S6",
        "方案通过并验收",
        row=3,
        points=Decimal(600),
        project_total=Decimal(2000),
        weight_percent=Decimal(30),
    ),
    rule("S2", "每天按时采购所需产品", row=4, points=Decimal(30), period="day", deadline=CUT_OFF),
    rule(
        "S1",
        "出现漏单未及时采购",
        row=5,
        points=Decimal(-50),
        deadline=CUT_OFF,
        exclude=("标签类",),
    ),
    rule("S1", "浪费公司成本或采购的产品出现质量问题", row=6, points=Decimal(-50)),
    rule(
        "S2",
        "每周采购目标(质量/费用/交期),达标",
        row=7,
        points=Decimal(100),
        period="week",
        checklist=(Item("质量"), Item("费用"), Item("交期")),
    ),
    rule("S2", "每天完成检验货情况,提交报表", row=8, points=Decimal(10), period="day"),
    rule("S1", "返修(客户投诉)", row=9, points=Decimal(-50)),
    rule("S2", "每周负责配料、产品入库", row=10, points=Decimal(50), period="week"),
    rule("S1", "未及时完成或出错,每次", row=11, points=Decimal(-50)),
    rule(
        "S2", "完成盘点", row=12, points=Decimal(100), period="month", deadline={"kind": "last_day"}
    ),
    rule(
        "S2",
        "及时提交盘点报表",
        row=13,
        points=Decimal(50),
        period="month",
        deadline={"kind": "first_day_of_next"},
    ),
    rule("S1", "数据出错每次", row=14, points=Decimal(-50)),
    rule("S2", "每月负责维护现有供应商关系", row=15, points=Decimal(500), period="month"),
    rule(
        "S3",
        "找到1家优质供应商",
        row=16,
        points=Decimal(200),
        unit="个",
        target=Decimal(2),
        period="month",
    ),
    rule(
        "S4",
        "每周回访老客户 20 个,每个按比例",
        row=17,
        points=Decimal(100),
        unit="个",
        target=Decimal(20),
        period="week",
    ),
    rule(
        "S3",
        "增加单量每 1 千",
        row=18,
        points=Decimal(50),
        unit="元",
        money=True,
        divisor=Decimal(1000),
        threshold=Decimal(1000),
        strict=True,
    ),
    rule("S3", "转介绍 1 个", row=19, points=Decimal(300), unit="个", threshold=Decimal(1)),
    rule("S3", "丢失 1 个客户", row=20, points=Decimal(-1000), unit="个"),
    rule(
        "S2",
        "每天按要求完成加 2 分",
        row=21,
        points=Decimal(2),
        period="day",
        checklist=(Item("微信增加朋友", ">=", Decimal(1)), Item("朋友圈", ">=", Decimal(1))),
    ),
    rule(
        "S2",
        "每周完成群发(1 条)",
        row=22,
        points=Decimal(5),
        period="week",
        checklist=(Item("群发", ">=", Decimal(1)),),
    ),
    rule(
        "S2",
        "每天按要求完成",
        row=23,
        points=Decimal(10),
        period="day",
        checklist=(Item("电话量", ">=", Decimal(50)), Item("拜访", ">=", Decimal(1))),
    ),
    rule("S3", "获得 1 个潜在客户", row=24, points=Decimal(10), unit="个", target=Decimal(20)),
    rule(
        "S5",
        "完成业绩目标 38 万",
        row=25,
        points=Decimal(800),
        money=True,
        target=Decimal(380000),
        period="month",
    ),
    rule("S2", "月度负责催款工作", row=26, points=Decimal(50), period="month"),
    rule(
        "S5",
        "回款量 100%",
        row=27,
        points=Decimal(100),
        percent_target=True,
        target=Decimal(100),
        period="month",
    ),
    rule(
        "S2",
        "按要求完成周总结",
        row=28,
        points=Decimal(5),
        period="week",
        deadline={"kind": "weekday", "weekday": 5, "time": "22:00"},
    ),
    rule(
        "S2",
        "按要求完成月总结",
        row=29,
        points=Decimal(10),
        period="month",
        deadline={"kind": "last_day"},
    ),
    rule(
        "S2",
        "每天按要求完成工作汇报",
        row=30,
        points=Decimal(5),
        period="day",
        deadline={"kind": "time_of_day", "time": "22:00"},
    ),
    rule(
        "S2",
        "每天解决客户问题,回复客户咨询内容",
        row=31,
        points=Decimal(30),
        period="day",
        limit_minutes=Decimal(30),
    ),
    rule(
        "S8",
        "超过 30 分钟回复,每次扣 10 分",
        row=32,
        points=Decimal(-10),
        limit_minutes=Decimal(30),
    ),
    rule(
        "S3", "指导 1 个客户完成后台操作", row=33, points=Decimal(100), unit="个", target=Decimal(2)
    ),
    rule(
        "S3",
        "提出一个有效建议并采纳,每条",
        row=34,
        points=Decimal(30),
        unit="条",
        target=Decimal(3),
        period="month",
    ),
    rule("S7", "及时交货,每张订单", row=35, points=Decimal(500), unit="张"),
    rule("S7", "货期延误,每延迟 1 天", row=36, points=Decimal(-50)),
    rule(
        "S3",
        "每回访 1 个",
        row=37,
        points=Decimal(4),
        unit="个",
        target=Decimal(100),
        period="month",
    ),
    rule(
        "S3",
        "每出单 1 万业绩",
        row=38,
        points=Decimal(1000),
        unit="元",
        money=True,
        divisor=Decimal(10000),
        target=Decimal(1),
        period="month",
    ),
    rule(
        "S3",
        "每收回 1 张客户满意度调查表",
        row=39,
        points=Decimal(10),
        unit="张",
        target=Decimal(20),
        period="month",
    ),
    rule("S3", "获得 1 个客户转介绍信息,额外奖励", row=40, points=Decimal(20), unit="个"),
    rule(
        "S9",
        "遭到客户投诉,按轻重程度,每次",
        row=41,
        points_min=Decimal(-1000),
        points_max=Decimal(-50),
    ),
)


def row(number: int) -> RuleSpec:
    """The rule of a row of the source, 1 to 41."""
    return RULES[number - 1]
