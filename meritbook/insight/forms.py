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
