"""The form of a cap."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from meritbook.kit.points import to_minor

NOW, NEXT = "now", "next"
SCOPES = (("person", _("每个人")), ("department", _("部门合计")), ("company", _("全公司合计")))
PERIODS = (
    ("day", _("每天")),
    ("week", _("每周")),
    ("month", _("每月")),
    ("quarter", _("每季度")),
    ("half_year", _("每半年")),
    ("year", _("每年")),
    ("life", _("不限时，一直累计")),
)
POLICIES = (
    ("clip", _("截到上限，多出的不计")),
    ("refuse", _("整笔不计")),
    ("queue", _("多出的转审批")),
)


class CapForm(forms.Form):
    """How much may be gained, by whom, for what, in which span of days, and what happens beyond."""

    name = forms.CharField(label=_("名称"), max_length=60)
    asset = forms.ChoiceField(label=_("积分类型"))
    period = forms.ChoiceField(label=_("周期"), choices=PERIODS)
    amount = forms.DecimalField(
        label=_("最多"),
        max_digits=15,
        decimal_places=4,
        min_value=Decimal("0.0001"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    scope = forms.ChoiceField(label=_("算在谁身上"), choices=SCOPES)
    department = forms.ChoiceField(
        label=_("部门"),
        required=False,
        help_text=_("包括它下面的部门；按部门合计而不选部门时，每个部门各算各的。"),
    )
    employee_no = forms.CharField(
        label=_("只限一个人（工号）"),
        max_length=40,
        required=False,
        help_text=_("留空表示不单独限制某个人；填写时请说明原因。"),
    )
    rule = forms.ChoiceField(label=_("积分标准"), required=False)
    policy = forms.ChoiceField(
        label=_("超出上限时"),
        choices=POLICIES,
        help_text=_("转审批：上限以内的先入账，多出的等同意后再入账。"),
    )
    begins = forms.ChoiceField(
        label=_("从什么时候开始"),
        choices=[(NOW, _("今天，从现在起入账的才算在内")), (NEXT, _("下一个周期"))],
    )
    reason = forms.CharField(label=_("原因"), max_length=200, required=False)

    def __init__(
        self,
        *args: Any,
        departments: list[tuple[int, str]],
        assets: list[tuple[str, str]],
        rules: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["department"]).choices = [
            ("", _("不限部门")),
            *((str(pk), name) for pk, name in departments),
        ]
        cast(forms.ChoiceField, self.fields["asset"]).choices = list(assets)
        cast(forms.ChoiceField, self.fields["rule"]).choices = [("", _("全部得分")), *rules]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        scope = data.get("scope")
        if data.get("department") and scope == "company":
            self.add_error("department", _("全公司合计不用选部门"))
        if data.get("employee_no") and scope != "person":
            self.add_error("employee_no", _("只有“每个人”的上限可以单独给一个人"))
        elif data.get("employee_no") and data.get("department"):
            self.add_error("department", _("单独给一个人时不用选部门"))
        if data.get("employee_no") and not data.get("reason"):
            self.add_error("reason", _("只针对一个人的上限要写明理由"))
        return data

    def department_id(self) -> int | None:
        """The department chosen; None for none. Needs a valid form."""
        chosen = self.cleaned_data["department"]
        return int(chosen) if chosen else None

    def amount_minor(self, *, scale: int) -> int:
        """The amount in minor units of the asset. Needs a valid form."""
        return to_minor(self.cleaned_data["amount"], scale)
