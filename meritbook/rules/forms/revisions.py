"""Forms of revisions: what changes and why, an opinion, an answer, minutes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from meritbook.rules.forms.schemes import day_field

Choices = Sequence[tuple[int, str]]
TICK = {"class": "checkbox checkbox-sm"}


class RevisionForm(forms.Form):
    """The drafts that come into force, the rules that end, and who is asked before."""

    title = forms.CharField(label=_("标题"), max_length=120)
    reason = forms.CharField(
        label=_("为什么要改"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    version_ids = forms.TypedMultipleChoiceField(
        label=_("要发布的草稿"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=TICK),
    )
    retired_rule_ids = forms.TypedMultipleChoiceField(
        label=_("要停用的标准"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=TICK),
    )
    effective_on = day_field(label=_("生效日期"))
    department_ids = forms.TypedMultipleChoiceField(
        label=_("向哪些部门征求意见"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=TICK),
        help_text=_("不选就是全公司。"),
    )

    def __init__(
        self,
        *args: Any,
        drafts: Choices,
        rules: Choices,
        departments: Choices,
        consults: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("version_ids", drafts),
            ("retired_rule_ids", rules),
            ("department_ids", departments),
        ):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        if not consults:
            del self.fields["department_ids"]


class MinutesForm(forms.Form):
    """A paper of a meeting."""

    title = forms.CharField(label=_("标题"), max_length=120, required=False)
    file = forms.FileField(label=_("文件"))
