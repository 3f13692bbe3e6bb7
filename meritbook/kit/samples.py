"""Sample data of the style page: believable, and the awkward cases on purpose."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator

from meritbook.kit.periods import Period
from meritbook.kit.problems import Problem

_PEOPLE = [
    (1, "王建国", "销售一部", "2860", "420"),
    (2, "李晓敏", "客户成功部", "2415", "385"),
    (3, "陈志远", "销售二部", "2190.5", "-60"),
    (4, "赵雅琴", "采购部", "1985", "240"),
    (
        4,
        "买买提·艾山江·阿卜杜热合曼",
        "华南大区战略客户与渠道生态合作发展中心/深圳第一办事处",
        "1985",
        "0",
    ),
    (
        6,
        "Alexandra Montgomery-Featherstonehaugh",
        "International Business Development",
        "1640",
        "90",
    ),
    (7, "周凯", "仓储物流部", "-35", "-35"),
    (1024, "何思思", "研发中心", "0", None),
]


class SampleForm(forms.Form):
    """A form with each kind of control."""

    name = forms.CharField(label="姓名", help_text="与身份证上一致", max_length=20)
    employee_no = forms.CharField(label="工号", max_length=20)
    department = forms.ChoiceField(
        label="部门", choices=[("", "请选择"), ("1", "销售部"), ("2", "采购部")]
    )
    hired_on = forms.DateField(
        label="入职日期", widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    note = forms.CharField(
        label="备注", widget=forms.Textarea(attrs={"rows": 3, "class": "w-full"}), required=False
    )
    notify = forms.BooleanField(label="保存后通知本人", required=False)


def _board() -> list[dict[str, Any]]:
    return [
        {
            "rank": rank,
            "name": name,
            "note": note,
            "points": Decimal(points),
            "change": change,
            "moved": 2 if change == "420" else None,
            "share": max(0, int(float(points) * 100 / 2860)),
            "is_me": name == "赵雅琴",
            "address": "#board",
        }
        for rank, name, note, points, change in _PEOPLE
    ]


def _statement() -> list[dict[str, Any]]:
    at = datetime(2026, 11, 21, 6, 5, tzinfo=UTC)
    return [
        {
            "text": "本月拜访客户 13 次，每次 5 分，得 65 分",
            "points": "65",
            "balance_after": "1985",
            "effective_on": date(2026, 11, 20),
            "rule_name": "客户拜访",
            "rule_address": "#statement",
            "event_no": "",
            "posted_at": at,
            "why_address": "#statement",
        },
        {
            "text": "交付晚了 4 天，每天扣 50 分，扣 200 分",
            "points": "-200",
            "balance_after": "1920",
            "effective_on": date(2026, 11, 20),
            "rule_name": "供应商交期管理（采购订单按合同约定交付日期到货并完成质检入库）",
            "rule_address": "#statement",
            "event_no": "PO-2026-1107-000138",
            "posted_at": at,
            "why_address": "#statement",
        },
        {
            "text": "事件已撤回，原来的 10 分退回",
            "points": "-10",
            "balance_after": "2120",
            "effective_on": date(2026, 11, 20),
            "rule_name": "签合同",
            "event_no": "HT-20261118-02",
            "posted_at": at,
            "reverses": True,
        },
    ]


def sample_context(*, page: str) -> dict[str, Any]:
    """The style page's context; ``page`` is the number of the pager's page."""
    bound = SampleForm({"name": "", "employee_no": "0007", "department": "9"})
    at = datetime(2026, 11, 21, 6, 5, tzinfo=UTC)
    return {
        "board": _board(),
        "statement": _statement(),
        "page": Paginator(range(5_000), 50).get_page(page),
        "one_page": Paginator(range(7), 50).get_page(1),
        "empty_page": Paginator([], 50).get_page(1),
        "form": SampleForm(),
        "bound": bound,
        "tabs": [
            {"label": label, "address": "#tabs", "current": label == "本月", "count": None}
            for label in ("今日", "本周", "本月", "本季", "年度", "全部")
        ],
        "count_tabs": [
            {"label": "全部", "address": "#tabs", "current": True, "count": 12840},
            {"label": "已入账", "address": "#tabs", "current": False, "count": 12790},
            {"label": "有问题", "address": "#tabs", "current": False, "count": 50},
        ],
        "month": Period.containing("month", date(2026, 11, 21)),
        "week": Period.containing("week", date(2026, 11, 21)),
        "steps": [
            {"label": "人员范围", "ok": True, "text": "赵雅琴当时在采购部，本标准适用于采购部"},
            {"label": "截止时间", "ok": True, "text": "应于 2026-11-17 交付，实际 2026-11-21"},
            {"label": "计算", "ok": True, "text": "晚 4 天 × 每天 -50 分 = -200 分"},
            {"label": "封顶", "ok": None, "text": "本标准没有设上限"},
            {"label": "入账", "ok": False, "text": "可用分不受扣分影响，只扣荣誉分"},
        ],
        "timeline": [
            {"title": "发布第 3 版", "at": at, "by": "韩梅梅", "text": "每次由 4 分改为 5 分"},
            {"title": "停用第 2 版", "at": at, "by": "韩梅梅", "tone": "calm"},
            {"title": "导入", "at": at, "by": "李雷", "tone": "good"},
        ],
        "problems": [
            Problem("员工", 12, "工号", "工号 0031 出现了两次", "删掉其中一行"),
            Problem("员工", 27, "入职日期", "“二〇二六年春”不是日期", "写成 2026-03-01"),
            Problem("", 0, "", "文件里没有“部门”列", "补上“部门”列后重新上传"),
        ],
        "columns": [
            {"label": "员工"},
            {"label": "部门"},
            {"label": "状态"},
            {"label": "积分", "css": "cell-number"},
        ],
        "rows": [
            [
                {"text": name, "css": "cell-main", "label": ""},
                {"text": note, "label": "部门"},
                {"text": "在职", "label": "状态"},
                {"text": points, "css": "cell-side cell-number", "label": "积分"},
            ]
            for _, name, note, points, _ in _PEOPLE
        ],
    }
