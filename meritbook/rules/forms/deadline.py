"""The inputs of a deadline: what kind it is, and what that kind needs."""

from __future__ import annotations

from calendar import monthrange
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from meritbook.rules.forms.choices import DAY_IS_ENOUGH
from meritbook.rules.presets import DEADLINE_INPUTS, DEADLINE_NAMES

_WEEKDAYS = (
    ("1", _("周一")),
    ("2", _("周二")),
    ("3", _("周三")),
    ("4", _("周四")),
    ("5", _("周五")),
    ("6", _("周六")),
    ("7", _("周日")),
)


class DeadlineForm(forms.Form):
    """Until when something is on time; a form without these inputs has no deadline."""

    deadline_kind = forms.ChoiceField(
        label=_("截止时间"), required=False, choices=tuple(DEADLINE_NAMES.items())
    )
    deadline_weekday = forms.ChoiceField(label=_("星期"), required=False, choices=_WEEKDAYS)
    deadline_month = forms.IntegerField(label=_("月"), required=False, min_value=1, max_value=12)
    deadline_day = forms.IntegerField(label=_("日"), required=False, min_value=1, max_value=31)
    deadline_time = forms.TimeField(
        label=_("时刻"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("这一刻仍算按时。"),
    )
    deadline_next_time = forms.TimeField(
        label=_("次日时刻"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("之后下单的，次日这一刻前完成。"),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        kind = data.get("deadline_kind") or ""
        needed = DEADLINE_INPUTS.get(kind, frozenset())
        optional = {"deadline_time", "deadline_next_time"} if kind in DAY_IS_ENOUGH else set()
        for name in needed - optional:
            if data.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, _("请填写。"))
        month, day = data.get("deadline_month"), data.get("deadline_day")
        if kind == "date" and month and day and day > (last := monthrange(2024, month)[1]):
            text = _now("%(month)d 月没有 %(day)d 日，请改成 %(last)d 日或更早。")
            self.add_error("deadline_day", text % {"month": month, "day": day, "last": last})
        return data

    def deadline(self) -> dict[str, Any] | None:
        """The deadline as a rule version stores it; needs a valid form."""
        data = self.cleaned_data
        kind = data.get("deadline_kind")
        if not kind:
            return None
        deadline: dict[str, Any] = {"kind": kind}
        at = data.get("deadline_time")
        if at:
            deadline["time"] = at.strftime("%H:%M")
        if kind == "weekday":
            deadline["weekday"] = int(data["deadline_weekday"])
        elif kind == "day_of_month":
            deadline["day"] = data["deadline_day"]
        elif kind == "date":
            deadline |= {"month": data["deadline_month"], "day": data["deadline_day"]}
            deadline.pop("time", None)
        elif kind == "cut_off":
            later = data["deadline_next_time"]
            deadline |= {"before": "same_day", "after": f"next_day {later.strftime('%H:%M')}"}
        return deadline
