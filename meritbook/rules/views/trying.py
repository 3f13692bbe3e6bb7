"""The try-out box beside the form of a rule: one event, its points and its trace (htmx)."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.points import from_minor
from meritbook.org.doors import MemberRequest, for_members
from meritbook.org.models import Employee
from meritbook.org.permissions import may_manage_rules
from meritbook.rules import listings
from meritbook.rules.fields import fields_of
from meritbook.rules.forms import first_error
from meritbook.rules.forms.asked import TryForm
from meritbook.rules.listings import Names
from meritbook.rules.models import RuleVersion
from meritbook.rules.presets import BY_SHAPE
from meritbook.rules.steps import step_lines
from meritbook.rules.trying import Trial, compiled_version, try_rule
from meritbook.rules.views.form_state import base_of, form_of, latest_of

PEOPLE_SHOWN = 300


@for_members(may_manage_rules)
@require_POST
def try_box(request: MemberRequest) -> HttpResponse:
    """Try what stands in the form; ``part=result`` gives the answer without the inputs."""
    try:
        context = _context(request)
    except Refusal as refusal:
        context = {"refused": refusal.message}
    template = "rules/_trial.html" if request.GET.get("part") == "result" else "rules/_try.html"
    return render(request, template, context | {"shape": request.GET.get("shape", "")})


def _context(request: MemberRequest) -> dict[str, Any]:
    version = _version(request)
    if isinstance(version, str):
        return {"refused": version}
    company_id = request.company.pk
    asked = fields_of(compiled_version(version).spec, tr=_)
    is_first = "try-employee_no" not in request.POST
    form = TryForm(
        _first_values(request) if is_first else request.POST,
        asked=asked,
    )
    context: dict[str, Any] = {
        "try_form": form,
        "asked": [form[f"field_{number}"] for number in range(len(asked))],
        "people": Employee.objects.filter(company_id=company_id)
        .exclude(state=Employee.State.LEFT)
        .order_by("employee_no")[:PEOPLE_SHOWN],
    }
    if not form.is_valid():
        return context | {"refused": "" if is_first else first_error(form)}
    trial = try_rule(
        company_id=company_id,
        version=version,
        employee_no=form.cleaned_data["employee_no"],
        event=form.facts(),
    )
    return context | _shown(trial)


def _shown(trial: Trial) -> dict[str, Any]:
    return {
        "trial": trial,
        "points": from_minor(trial.points),
        "steps": step_lines(trial.steps),
    }


def _first_values(request: MemberRequest) -> dict[str, str]:
    """The reader's own number where there is one, and now."""
    now = clock.now().astimezone(ZoneInfo(request.company.time_zone))
    employee = request.member.employee
    if employee is None:
        employee = Employee.objects.filter(company_id=request.company.pk).first()
    return {
        "try-employee_no": employee.employee_no if employee else "",
        "try-happened_on": now.date().isoformat(),
        "try-happened_time": now.strftime("%H:%M"),
    }


def _version(request: MemberRequest) -> RuleVersion | str:
    """What stands in the form as a version that nobody has saved, or what is missing."""
    code = request.GET.get("code")
    before = latest_of(request, code)[1] if code else None
    names = Names(company_id=request.company.pk)
    shape = request.GET.get("shape", "")
    form = form_of(request, shape=shape if shape in BY_SHAPE else "S1", before=before, names=names)
    if not form.is_valid():
        return first_error(form)
    values = form.values(base=base_of(before))
    return listings.imagined(values, population=form.population())
