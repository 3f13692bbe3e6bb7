"""Inputs for what a rule asks of an event, and what an event carries of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from meritbook.rules.spec import EventFacts, Field

YES, NO = "是", "否"  # data of an event, not interface text


def attribute_text(value: Any) -> str:
    """A value of an input as an event carries it."""
    match value:
        case None | "":
            return ""
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case Decimal():
            text = f"{value:f}"
            return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def input_for(field: Field) -> forms.Field:
    """The input for one thing that a rule asks."""
    label = f"{field.label}（{field.unit}）" if field.unit else field.label
    options: dict[str, Any] = {
        "label": label,
        "required": field.required,
        "help_text": field.hint,
    }
    match field.kind:
        case "date":
            widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            return forms.DateField(widget=widget, **options)
        case "datetime":
            moment = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            return _LocalMoment(widget=moment, **options)
        case "yes_no":
            return forms.ChoiceField(
                choices=(("", _("未填")), (YES, _("是")), (NO, _("否"))), **options
            )
        case "text":
            return forms.CharField(max_length=200, **options)
    return forms.DecimalField(
        min_value=field.minimum,
        max_value=field.maximum,
        max_digits=18,
        decimal_places=4,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        **options,
    )


class _LocalMoment(forms.CharField):
    """A day and a time of the company, as the browser's own input writes it."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise forms.ValidationError(_("请填写日期和时刻。")) from None


class TryForm(forms.Form):
    """One event to try a rule with: who, when, and what the rule asks for."""

    employee_no = forms.CharField(
        label=_("谁的（工号）"),
        max_length=60,
        widget=forms.TextInput(attrs={"list": "try-people", "autocomplete": "off"}),
    )
    happened_on = forms.DateField(
        label=_("日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    happened_time = forms.TimeField(
        label=_("时刻"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    object = forms.CharField(label=_("对象"), required=False, max_length=200)

    def __init__(self, data: Mapping[str, Any], *, asked: tuple[Field, ...]) -> None:
        super().__init__(data, prefix="try")
        self.asked = asked
        for number, field in enumerate(asked):
            self.fields[f"field_{number}"] = input_for(field)

    def clean_employee_no(self) -> str:
        """The 工号, also where the name was chosen along with it: 0001 李雷."""
        return str(self.cleaned_data["employee_no"]).split()[0]

    def facts(self) -> EventFacts:
        """The event as scoring reads it; needs a valid form."""
        data = self.cleaned_data
        at: time | None = data.get("happened_time")
        numbers: dict[str, Decimal | None] = {"quantity": None, "amount": None}
        attributes: dict[str, str] = {}
        for number, field in enumerate(self.asked):
            value = data.get(f"field_{number}")
            if field.source == "attribute":
                if text := attribute_text(value):
                    attributes[field.name] = text
            else:
                numbers[field.source] = value
        return EventFacts(
            datetime.combine(data["happened_on"], at or time.min),
            at is not None,
            numbers["quantity"],
            numbers["amount"],
            data["object"],
            attributes,
        )
