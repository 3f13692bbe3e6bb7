"""Forms of schemes: what one is for, how it may change, a look back, a lock."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from meritbook.rules.models import Scheme

Choices = Sequence[tuple[int, str]]


def day_field(**options: Any) -> forms.DateField:
    """A day, picked in the browser's own calendar."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(widget=widget, **options)


def _none_or_id(text: str) -> int | None:
    return int(text) if text else None


class SchemeForm(forms.Form):
    """What a scheme is for, in words and in numbers, and who answers for it."""

    name = forms.CharField(label=_("名称"), max_length=120)
    goal = forms.CharField(
        label=_("目标"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("这套积分要让大家多做什么、少做什么，为什么。"),
    )
    company_goal = forms.CharField(label=_("服务的公司目标"), max_length=200, required=False)
    measure = forms.CharField(
        label=_("衡量指标"), max_length=80, required=False, help_text=_("例如：月回款、客诉件数")
    )
    measure_unit = forms.CharField(label=_("单位"), max_length=20, required=False)
    measure_from = forms.DecimalField(
        label=_("现在"), max_digits=18, decimal_places=4, required=False
    )
    measure_to = forms.DecimalField(
        label=_("要达到"), max_digits=18, decimal_places=4, required=False
    )
    measure_by = day_field(label=_("期限"), required=False)
    responsible_id = forms.TypedChoiceField(
        label=_("方案负责人"), coerce=_none_or_id, empty_value=None, required=False
    )
    review_on = day_field(
        label=_("复盘日期"), required=False, help_text=_("提前 7 天提醒方案负责人和积分专员。")
    )

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["responsible_id"].choices = [("", _("未指定")), *people]  # type: ignore[attr-defined]


class GovernanceForm(forms.Form):
    """How a scheme may change: who is asked, who decides, how long it is announced before."""

    consultation_days = forms.IntegerField(
        label=_("征求意见天数"),
        min_value=0,
        max_value=90,
        help_text=_("0 表示修改前不征求意见。"),
    )
    approval = forms.ChoiceField(label=_("由谁批准"), choices=Scheme.Approval.choices)
    committee_id = forms.TypedChoiceField(
        label=_("委员会"),
        coerce=_none_or_id,
        empty_value=None,
        required=False,
        help_text=_("选“委员会表决”时填写。"),
    )
    limit_hours = forms.IntegerField(
        label=_("每一步审批的时限（小时）"), min_value=1, max_value=24 * 90
    )
    notice_days = forms.IntegerField(
        label=_("提前公布天数"),
        min_value=0,
        max_value=90,
        help_text=_("批准以后至少公布这么多天才生效。"),
    )
    must_sign = forms.BooleanField(label=_("每次公布后，员工都要签收"), required=False)

    def __init__(self, *args: Any, committees: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["committee_id"].choices = [("", _("请选择")), *committees]  # type: ignore[attr-defined]


class ReviewForm(forms.Form):
    """A look back: where the number stands, what was found, when the next one is."""

    measured = forms.DecimalField(
        label=_("现在的数值"), max_digits=18, decimal_places=4, required=False
    )
    findings = forms.CharField(
        label=_("复盘结论"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    next_on = day_field(label=_("下次复盘"), required=False)


class LockForm(forms.Form):
    """Days on which nothing changes."""

    starts_on = day_field(label=_("从"))
    ends_on = day_field(label=_("到"))
    reason = forms.CharField(label=_("原因"), max_length=200, required=False)
