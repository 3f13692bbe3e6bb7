"""The canonical types: their codes stay, and every company has them without doing anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from meritbook.kit.words import told


class TypeAttribute(NamedTuple):
    """A column that an event of the type may have beside the usual ones."""

    name: str
    kind: str
    """``text``, ``number``, ``date``, ``datetime`` or ``yes_no``."""


class CanonicalType(NamedTuple):
    """A kind of event that programs agree on."""

    code: str
    name: str
    category: str
    words: tuple[str, ...]
    """Words by which a rule is recognised that it may feed."""
    attributes: tuple[TypeAttribute, ...] = ()


_MINUTES = TypeAttribute(told("分钟"), "number")
_DUE = TypeAttribute(told("应交日期"), "date")
_DELIVERED = TypeAttribute(told("交付日期"), "date")
_ORDERED = TypeAttribute(told("下单时间"), "datetime")
_MARK = TypeAttribute(told("分值"), "number")
_LEVEL = TypeAttribute(told("级别"), "text")
_TOPIC = TypeAttribute(told("主题"), "text")

ATTENDANCE, REPORTS, SALES = told("考勤"), told("汇报"), told("销售")
SERVICE, SUPPLY, PRODUCTION = told("客户服务"), told("采购仓储"), told("生产现场")
GROWTH, PROJECTS = told("学习成长"), told("任务项目")

TYPES: tuple[CanonicalType, ...] = (
    CanonicalType("attendance.late", told("迟到"), ATTENDANCE, ("迟到",), (_MINUTES,)),
    CanonicalType("attendance.early_leave", told("早退"), ATTENDANCE, ("早退",), (_MINUTES,)),
    CanonicalType("attendance.absent", told("旷工"), ATTENDANCE, ("旷工", "缺勤")),
    CanonicalType("attendance.full", told("全勤"), ATTENDANCE, ("全勤", "满勤")),
    CanonicalType("attendance.month", told("月度出勤"), ATTENDANCE, ("出勤率",)),
    CanonicalType("attendance.overtime", told("加班"), ATTENDANCE, ("加班",)),
    CanonicalType(
        "report.submitted",
        told("提交汇报"),
        REPORTS,
        ("工作汇报", "日报", "周报", "月报", "总结", "汇报"),
        (_TOPIC,),
    ),
    CanonicalType("meeting.attended", told("参加会议"), REPORTS, ("会议", "例会", "早会")),
    CanonicalType(
        "deal.signed",
        told("签合同"),
        SALES,
        ("签合同", "签单", "成交", "单量"),
    ),
    CanonicalType("payment.received", told("回款"), SALES, ("回款", "到账", "收款")),
    CanonicalType("target.reached", told("完成业绩"), SALES, ("业绩", "销售额")),
    CanonicalType("call.made", told("打电话"), SALES, ("打电话", "电话量", "电话")),
    CanonicalType("customer.visited", told("拜访客户"), SALES, ("拜访", "上门")),
    CanonicalType(
        "customer.added",
        told("新增客户"),
        SALES,
        ("新客户", "新增客户", "开发客户", "潜在客户"),
    ),
    CanonicalType("customer.followed_up", told("回访客户"), SALES, ("回访", "老客户")),
    CanonicalType("customer.referred", told("转介绍客户"), SALES, ("转介绍", "介绍客户")),
    CanonicalType("customer.lost", told("丢失客户"), SALES, ("丢失", "流失")),
    CanonicalType("promotion.posted", told("宣传推广"), SALES, ("朋友圈", "营销", "推广")),
    CanonicalType("complaint.received", told("收到投诉"), SERVICE, ("投诉",)),
    CanonicalType("praise.received", told("收到表扬"), SERVICE, ("表扬", "好评")),
    CanonicalType("reply.sent", told("回复客户"), SERVICE, ("回复", "响应"), (_MINUTES,)),
    CanonicalType("satisfaction.rated", told("满意度评价"), SERVICE, ("满意度", "满意"), (_MARK,)),
    CanonicalType(
        "delivery.completed",
        told("完成交付"),
        SUPPLY,
        ("交付", "交货", "货期", "到货", "发货"),
        (_DUE, _DELIVERED),
    ),
    CanonicalType("order.placed", told("下单"), SUPPLY, ("下单",), (_ORDERED,)),
    CanonicalType("stock.counted", told("盘点"), SUPPLY, ("盘点",)),
    CanonicalType("goods.inspected", told("检验货物"), SUPPLY, ("检验", "验货", "质检")),
    CanonicalType("supplier.added", told("开发供应商"), SUPPLY, ("供应商",)),
    CanonicalType("output.completed", told("完成产量"), PRODUCTION, ("产量", "件数", "工序")),
    CanonicalType("defect.found", told("出现次品"), PRODUCTION, ("次品", "不良品", "返工")),
    CanonicalType("hazard.reported", told("上报隐患"), PRODUCTION, ("隐患", "安全")),
    CanonicalType(
        "cleaning.done",
        told("清洁整理"),
        PRODUCTION,
        ("卫生", "清洁", "整理", "5S"),
    ),
    CanonicalType("machine.maintained", told("设备保养"), PRODUCTION, ("保养", "点检")),
    CanonicalType("training.passed", told("通过培训"), GROWTH, ("培训", "考试"), (_MARK,)),
    CanonicalType("certificate.gained", told("取得证书"), GROWTH, ("证书", "资格证"), (_LEVEL,)),
    CanonicalType("suggestion.adopted", told("建议被采纳"), GROWTH, ("建议", "采纳")),
    CanonicalType("knowledge.shared", told("分享知识"), GROWTH, ("分享", "授课")),
    CanonicalType("honour.received", told("获得荣誉"), GROWTH, ("荣誉", "表彰"), (_LEVEL,)),
    CanonicalType("stage.accepted", told("阶段验收"), PROJECTS, ("验收", "阶段")),
    CanonicalType("task.completed", told("完成任务"), PROJECTS, ("任务",)),
)

BY_CODE: Mapping[str, CanonicalType] = {one.code: one for one in TYPES}
