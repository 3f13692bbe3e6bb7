"""Forms for what becomes of rules: published, retired."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

EVERYONE = "everyone"


class PublishForm(forms.Form):
    """For whom and from when drafts become rules."""

    department = forms.ChoiceField(label=_("适用部门"), required=False)
    active_from = forms.DateField(
        label=_("生效日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("可以是过去的日期，当时起发生的事件都按它计分。"),
    )
    accept_proposals = forms.BooleanField(label=_("未回答的问题，都按建议的读法"), required=False)

    def __init__(
        self, *args: Any, departments: list[tuple[int, str]], restricted: bool, **kwargs: Any
    ) -> None:
        """``restricted``: some drafts are for certain people already, and stay so by default."""
        super().__init__(*args, **kwargs)
        everyone: list[tuple[str, Any]] = [(EVERYONE if restricted else "", _("全公司"))]
        if restricted:
            everyone.insert(0, ("", _("按各条现有的范围")))
        cast(forms.ChoiceField, self.fields["department"]).choices = [
            *everyone,
            *((str(pk), name) for pk, name in departments),
        ]

    def population(self) -> dict[str, list[int]] | None:
        """Whom all the rules are to concern; None leaves each as it is. Needs a valid form."""
        chosen = self.cleaned_data["department"]
        if not chosen:
            return None
        return {} if chosen == EVERYONE else {"departments": [int(chosen)]}


class RetireForm(forms.Form):
    """Until when a rule counts, and why it stops."""

    active_to = forms.DateField(
        label=_("停用日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("这一天起不再计分，之前的积分不变。"),
    )
    reason = forms.CharField(label=_("停用原因"), max_length=400)


def first_error(form: forms.BaseForm) -> str:
    """The first thing wrong with a form, as a sentence."""
    for errors in form.errors.values():
        return str(errors[0])
    return ""
