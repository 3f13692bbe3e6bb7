"""Forms of approvals: who stands in for whom, who sits in a committee."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

Choices = Sequence[tuple[int, str]]


class DelegateForm(forms.Form):
    """Who decides for whom, from when to when."""

    delegator = forms.TypedChoiceField(label=_("本人"), coerce=int)
    delegate = forms.TypedChoiceField(label=_("代理人"), coerce=int)
    starts_on = forms.DateField(
        label=_("从"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label=_("到"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(label=_("说明"), max_length=200, required=False)

    def __init__(
        self, *args: Any, people: Choices, own_id: int | None, today: date, **kwargs: Any
    ) -> None:
        """``own_id``: only this member may be stood in for; None: anybody."""
        super().__init__(*args, **kwargs)
        self.initial.update({"starts_on": today, "ends_on": today})
        blank = [("", _("请选择"))]
        self.fields["delegate"].choices = [*blank, *people]  # type: ignore[attr-defined]
        self.fields["delegator"].choices = [  # type: ignore[attr-defined]
            each for each in people if own_id is None or each[0] == own_id
        ]


class CommitteeForm(forms.Form):
    """A committee's name, its members, and how many of them must vote."""

    name = forms.CharField(label=_("名称"), max_length=80)
    members = forms.TypedMultipleChoiceField(
        label=_("委员"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "checkbox checkbox-sm"}),
    )
    quorum_percent = forms.IntegerField(
        label=_("法定人数（%）"),
        min_value=1,
        max_value=100,
        initial=50,
        help_text=_("表决到期时，至少要有这么多委员投票，结果才有效。"),
    )

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"].choices = people  # type: ignore[attr-defined]
