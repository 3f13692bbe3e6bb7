"""A type of events: what it is called, what it carries, which rules it feeds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from meritbook.rules.event_types.books import KnownType
from meritbook.rules.event_types.catalogue import TypeAttribute
from meritbook.rules.models import RuleVersion
from meritbook.rules.operations.event_types import Target, checklist_items

KIND_NAMES = {
    "text": _("文字"),
    "number": _("数字"),
    "date": _("日期"),
    "datetime": _("日期和时间"),
    "yes_no": _("是否"),
}
_BETWEEN = "\x1f"


class EventTypeForm(forms.Form):
    """One type; the code only while it is new."""

    code = forms.CharField(
        label=_("编号"),
        max_length=60,
        help_text=_("小写英文和点，例如 customer.visited；以后不能改。"),
    )
    name = forms.CharField(
        label=_("名称"),
        max_length=80,
        help_text=_("事件表的“类型”一列可以写它，也可以写编号。"),
    )
    category = forms.CharField(label=_("类别"), max_length=40, required=False)
    attributes = forms.CharField(
        label=_("附加列"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("一行一个，例如“分钟 数字”；不写种类就是文字。"),
    )
    is_active = forms.BooleanField(label=_("启用"), required=False, initial=True)
    targets = forms.MultipleChoiceField(
        label=_("计入哪些标准"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, versions: Iterable[RuleVersion], known: KnownType | None, **kwargs: Any
    ) -> None:
        if known is not None:
            kwargs["initial"] = {
                "name": known.name,
                "category": known.category,
                "attributes": _lines(known.attributes),
                "is_active": known.is_active,
                "targets": _chosen(known, versions := list(versions)),
            }
        super().__init__(*args, **kwargs)
        if known is not None:
            del self.fields["code"]
        field = self.fields["targets"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 -- tells its type
        field.choices = [choice for version in versions for choice in _choices(version)]

    def clean_attributes(self) -> list[TypeAttribute]:
        kinds = {str(name): kind for kind, name in KIND_NAMES.items()}
        found = []
        for line in self.cleaned_data["attributes"].splitlines():
            if not line.strip():
                continue
            *names, last = line.split()
            kind = kinds.get(last) or (last if last in KIND_NAMES else None)
            if kind is None or not names:
                found.append(TypeAttribute(line.strip(), "text"))
            else:
                found.append(TypeAttribute(" ".join(names), kind))
        return found

    def chosen_targets(self) -> list[Target]:
        """The rules ticked; of a checklist's lines the item. Needs a valid form."""
        return [Target(*value.split(_BETWEEN, 1)) for value in self.cleaned_data["targets"]]


def _lines(attributes: Iterable[TypeAttribute]) -> str:
    return "\n".join(f"{one.name} {KIND_NAMES.get(one.kind, one.kind)}" for one in attributes)


def _chosen(known: KnownType, versions: Iterable[RuleVersion]) -> list[str]:
    codes = {version.rule_id: version.rule.code for version in versions}
    return [
        f"{codes[rule_id]}{_BETWEEN}{item}" for rule_id, item in known.feeds if rule_id in codes
    ]


def _choices(version: RuleVersion) -> list[tuple[str, str]]:
    code, name = version.rule.code, version.rule.name
    items = sorted(checklist_items(version.extra))
    if items:
        return [(f"{code}{_BETWEEN}{item}", f"{name} · {item}") for item in items]
    return [(f"{code}{_BETWEEN}", name)]
