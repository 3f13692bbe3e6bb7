"""Forms of insight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from meritbook.kit.periods import Period

MONTHS_MAX = 24


class BacktestForm(forms.Form):
    """Which drafts are tried, over how many months."""

    name = forms.CharField(label=_("名称"), max_length=120)
    months = forms.IntegerField(
        label=_("过去几个月"),
        min_value=1,
        max_value=MONTHS_MAX,
        help_text=_("从月初算起，到昨天为止。"),
    )
    drafts = forms.MultipleChoiceField(
        label=_("试哪些草稿"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("一条也不选，就用已发布的标准重算一遍，看和账本是不是一致。"),
    )

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["drafts"].choices = list(choices)  # type: ignore[attr-defined]
        if not choices:
            del self.fields["drafts"]

    def version_ids(self) -> list[int]:
        return [int(each) for each in self.cleaned_data.get("drafts", ())]


def span_text(span: Period) -> str:
    """The days of a span as a field's hint."""
    return f"{span.start} – {span.end}"


class RerunForm(forms.Form):
    """Which rule, which days, and why."""

    rule = forms.ChoiceField(label=_("哪条标准"))
    starts_on = forms.DateField(
        label=_("从哪天"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label=_("到哪天"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, rules: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = list(rules)  # type: ignore[attr-defined]


class SimulationForm(forms.Form):
    """How a month goes; people and pay by post are read by ``people_of``."""

    attainment = forms.IntegerField(
        label=_("目标完成率（%）"),
        min_value=0,
        max_value=200,
        help_text=_("中等水平的人能完成多少。"),
    )
    spread = forms.IntegerField(
        label=_("人与人的差距（%）"), min_value=0, max_value=50, help_text=_("0 表示人人一样。")
    )
    workdays = forms.DecimalField(
        label=_("每月工作日"), min_value=1, max_value=31, max_digits=4, decimal_places=1
    )
    occasions = forms.DecimalField(
        label=_("每月加分次数"),
        min_value=0,
        max_value=1000,
        max_digits=6,
        decimal_places=1,
        help_text=_("没有目标的加分标准，每人每月大约几次。"),
    )
    slips = forms.DecimalField(
        label=_("每月扣分次数"),
        min_value=0,
        max_value=1000,
        max_digits=6,
        decimal_places=1,
        help_text=_("每条扣分标准，中等水平的人每月大约几次。"),
    )
