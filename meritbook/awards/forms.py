"""Forms: narrowing the list of events, one event by hand, an events file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from meritbook.awards.content import NewEvent
from meritbook.awards.models import Event
from meritbook.rules.forms.asked import attribute_text, input_for
from meritbook.rules.spec import Field

LARGEST_FILE = 100 * 1024 * 1024


class EventFilterForm(forms.Form):
    """The filter above the list; what cannot be read is left out."""

    q = forms.CharField(required=False, max_length=80)
    rule = forms.CharField(required=False, max_length=120)
    status = forms.ChoiceField(required=False, choices=[("", ""), *Event.Status.choices])
    source = forms.CharField(required=False, max_length=60)
    start = forms.DateField(required=False)
    end = forms.DateField(required=False)
    run = forms.IntegerField(required=False)


class EventForm(forms.Form):
    """One event of one rule: when, what the rule's shape asks for, and a note."""

    happened_on = forms.DateField(
        label=_("日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    happened_time = forms.TimeField(
        label=_("时刻"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("按时刻截止的标准必须填。"),
    )
    object = forms.CharField(
        label=_("对象"),
        required=False,
        max_length=200,
        help_text=_("客户、订单或项目的名字，选填。"),
    )
    note = forms.CharField(
        label=_("备注"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, asked: tuple[Field, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        for number, field in enumerate(asked):
            self.fields[f"field_{number}"] = input_for(field)

    @property
    def asked_fields(self) -> list[forms.BoundField]:
        """The inputs that the rule asks for, in its order."""
        return [self[f"field_{number}"] for number in range(len(self.asked))]

    def event(self, *, event_no: str, rule_code: str, employee_no: str) -> NewEvent:
        """The event as it would be recorded; needs a valid form."""
        data = self.cleaned_data
        at: time | None = data.get("happened_time")
        day: date = data["happened_on"]
        numbers: dict[str, Decimal | None] = {"quantity": None, "amount": None}
        attributes: dict[str, str] = {}
        for number, field in enumerate(self.asked):
            value = data.get(f"field_{number}")
            if field.source == "attribute":
                text = attribute_text(value)
                if text:
                    attributes[field.name] = text
            else:
                numbers[field.source] = value
        return NewEvent(
            event_no=event_no,
            type=rule_code,
            employee_no=employee_no,
            happened_at=datetime.combine(day, at or time.min),
            has_time=at is not None,
            quantity=numbers["quantity"],
            amount=numbers["amount"],
            object=data["object"],
            note=data["note"],
            attributes=attributes,
        )

    def blame(self, column: str, reason: str) -> None:
        """Show a problem that recording found beside the input that it is about."""
        for number, field in enumerate(self.asked):
            if column in (field.name, field.label):
                self.add_error(f"field_{number}", reason)
                return
        names = {"happened_at": "happened_time", str(_("时间")): "happened_on"}
        self.add_error(names.get(column), reason)


def initial_of(event: Event, *, local: datetime, asked: tuple[Field, ...]) -> dict[str, Any]:
    """What EventForm shows for an event that is there; ``local`` is its time in the company."""
    initial: dict[str, Any] = {
        "happened_on": local.date(),
        "happened_time": local.time() if event.has_time else None,
        "object": event.object,
        "note": event.note,
    }
    attributes: Mapping[str, str] = event.attributes
    for number, field in enumerate(asked):
        if field.source == "attribute":
            value: Any = attributes.get(field.name, "")
            if field.kind == "datetime":
                value = value.replace(" ", "T")
        else:
            value = getattr(event, field.source)
            value = None if value is None else value.normalize()
        initial[f"field_{number}"] = f"{value:f}" if isinstance(value, Decimal) else value
    return initial


class WithdrawForm(forms.Form):
    """Why an event did not happen after all."""

    reason = forms.CharField(
        label=_("撤回原因"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class EventsFileForm(forms.Form):
    """An events file, its source, and what to do with it."""

    file = forms.FileField(label=_("事件表"), max_length=200)
    source = forms.CharField(
        label=_("来源"),
        max_length=60,
        initial="default",
        help_text=_("同一来源里的事件编号不会重复计分。分不清就不用改。"),
    )
    revise = forms.BooleanField(label=_("编号相同、内容不同的，按更正处理"), required=False)
    all_or_nothing = forms.BooleanField(label=_("有一行出错就全部不导入"), required=False)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("文件超过 100 MB，请拆分后再上传"))
        return file
