"""The inputs for whom a rule concerns: described, named, excepted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from meritbook.org.models import Employee

LONGEST_TENURE = 600
MOST_NAMED = 200
_APART = re.compile(r"[\s、,，;；]+")


def _ticks(label: Any) -> Any:
    return forms.TypedMultipleChoiceField(
        label=label, required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )


def _months(label: Any, help_text: Any = "") -> Any:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=LONGEST_TENURE,
        help_text=help_text,
    )


class PopulationForm(forms.Form):
    """Whom a rule concerns. People are named by their 工号, and then there is a reason."""

    departments = _ticks(_("适用部门"))
    posts = _ticks(_("适用岗位"))
    grades = _ticks(_("适用职级"))
    tenure_from = _months(_("入职满几个月"), _("不满的不适用，可不填。"))
    tenure_to = _months(_("入职不满几个月"), _("满了就不再适用，可不填。"))
    employees = forms.CharField(
        label=_("另外点名的人"),
        required=False,
        max_length=4000,
        help_text=_("填工号，用顿号或空格隔开。标准不应因人而异，点名要写明原因。"),
    )
    population_reason = forms.CharField(label=_("点名的原因"), required=False, max_length=200)
    except_departments = _ticks(_("不含部门"))
    except_posts = _ticks(_("不含岗位"))
    except_employees = forms.CharField(
        label=_("不含的人"),
        required=False,
        max_length=4000,
        help_text=_("填工号，用顿号或空格隔开。"),
    )

    TICKED = ("departments", "posts", "grades", "except_departments", "except_posts")
    PEOPLE = (
        *TICKED,
        "tenure_from",
        "tenure_to",
        "employees",
        "population_reason",
        "except_employees",
    )
    company_id: int

    def choose_from(
        self,
        *,
        departments: Sequence[tuple[int, str]],
        posts: Sequence[tuple[int, str]],
        grades: Sequence[tuple[int, str]],
    ) -> None:
        """What there is to tick."""
        for name, choices in (
            ("departments", departments),
            ("except_departments", departments),
            ("posts", posts),
            ("except_posts", posts),
            ("grades", grades),
        ):
            cast(forms.TypedMultipleChoiceField, self.fields[name]).choices = list(choices)

    def clean_employees(self) -> list[int]:
        return self._people("employees")

    def clean_except_employees(self) -> list[int]:
        return self._people("except_employees")

    def _people(self, name: str) -> list[int]:
        numbers = list(dict.fromkeys(filter(None, _APART.split(self.cleaned_data[name]))))
        if len(numbers) > MOST_NAMED:
            raise forms.ValidationError(_("最多点名 200 人，请改用部门、岗位或职级"))
        known = dict(
            Employee.objects.filter(
                company_id=self.company_id, employee_no__in=numbers
            ).values_list("employee_no", "id")
        )
        for number in numbers:
            if number not in known:
                raise forms.ValidationError(
                    _now("没有工号“%(number)s”，请检查后再填") % {"number": number}
                )
        return [known[number] for number in numbers]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        low, high = data.get("tenure_from"), data.get("tenure_to")
        if low is not None and high is not None and low >= high:
            self.add_error("tenure_to", _("“不满几个月”要大于“满几个月”，否则没有人适用"))
        if data.get("employees") and not (data.get("population_reason") or "").strip():
            self.add_error("population_reason", _("点名要写明原因，员工在积分说明里会看到"))
        for kept, left_out in (("departments", "except_departments"), ("posts", "except_posts")):
            chosen = set(data.get(kept) or ())
            if chosen and chosen <= set(data.get(left_out) or ()):
                self.add_error(left_out, _("选中的都被排除了，没有人适用；请去掉一些"))
        return data

    def population(self) -> dict[str, Any]:
        """Whom the rule concerns, as a rule version stores it; needs a valid form."""
        data = self.cleaned_data
        chosen: dict[str, Any] = {
            name: data.get(name) or [] for name in (*self.TICKED, "employees", "except_employees")
        }
        chosen |= {name: data.get(name) for name in ("tenure_from", "tenure_to")}
        if chosen["employees"]:
            chosen["reason"] = data["population_reason"].strip()
        return {name: value for name, value in chosen.items() if value not in (None, [], "")}


def shown_population(population: dict[str, Any], *, company_id: int) -> dict[str, Any]:
    """What the inputs show for a stored population."""
    named = [*(population.get("employees") or ()), *(population.get("except_employees") or ())]
    numbers = dict(
        Employee.objects.filter(company_id=company_id, pk__in=named).values_list(
            "id", "employee_no"
        )
        if named
        else ()
    )
    return {
        **{name: population.get(name) or [] for name in PopulationForm.TICKED},
        "tenure_from": population.get("tenure_from"),
        "tenure_to": population.get("tenure_to"),
        "population_reason": population.get("reason", ""),
        **{
            name: "、".join(numbers[each] for each in population.get(name) or () if each in numbers)
            for name in ("employees", "except_employees")
        },
    }
