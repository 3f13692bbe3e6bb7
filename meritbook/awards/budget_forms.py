"""Forms of budgets and of what points are worth."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from meritbook.awards.models import Budget
from meritbook.kit.points import to_minor

NOW, NEXT = "now", "next"
_NUMBER = {"inputmode": "decimal", "autocomplete": "off"}


class BudgetForm(forms.Form):
    """How much, of what, for whom, from when, and what happens beyond it."""

    department = forms.ChoiceField(
        label=_("给谁"), required=False, help_text=_("部门的预算包括它下面的部门。")
    )
    asset = forms.ChoiceField(label=_("积分类型"))
    span = forms.ChoiceField(label=_("周期"), choices=Budget.Span.choices)
    amount = forms.DecimalField(
        label=_("预算"),
        max_digits=15,
        decimal_places=2,
        min_value=Decimal("0.01"),
        widget=forms.TextInput(attrs=_NUMBER),
    )
    unit = forms.ChoiceField(label=_("单位"), choices=Budget.Unit.choices)
    policy = forms.ChoiceField(
        label=_("超出预算时"),
        choices=Budget.Policy.choices,
        help_text=_("转审批：超出预算的部分先不入账，负责人同意后再入账。"),
    )
    begins = forms.ChoiceField(
        label=_("从什么时候开始"),
        choices=[(NOW, _("今天，本周期已发的也算在内")), (NEXT, _("下一个周期"))],
    )

    def __init__(
        self,
        *args: Any,
        departments: list[tuple[int, str]],
        assets: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["department"]).choices = [
            ("", _("全公司")),
            *((str(pk), name) for pk, name in departments),
        ]
        cast(forms.ChoiceField, self.fields["asset"]).choices = list(assets)

    def department_id(self) -> int | None:
        """The department chosen; None for the company. Needs a valid form."""
        chosen = self.cleaned_data["department"]
        return int(chosen) if chosen else None

    def amount_minor(self, *, scale: int) -> int:
        """The amount in minor units of the asset, or in cents. Needs a valid form."""
        is_money = self.cleaned_data["unit"] == Budget.Unit.MONEY
        return to_minor(self.cleaned_data["amount"], 2 if is_money else scale)


class WorthForm(forms.Form):
    """So many points are so much money, from a day on."""

    asset = forms.ChoiceField(label=_("积分类型"))
    points = forms.DecimalField(
        label=_("多少积分"),
        max_digits=12,
        decimal_places=2,
        min_value=Decimal("0.01"),
        initial=100,
        widget=forms.TextInput(attrs=_NUMBER),
    )
    money = forms.DecimalField(
        label=_("折合多少元"),
        max_digits=12,
        decimal_places=2,
        min_value=Decimal(0),
        widget=forms.TextInput(attrs=_NUMBER),
        help_text=_("填 0 表示不折算成钱。"),
    )
    valid_from = forms.DateField(
        label=_("生效日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(label=_("原因"), max_length=400, required=False)

    def __init__(self, *args: Any, assets: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["asset"]).choices = list(assets)
