"""Re-runs: looked at before, asked for with a reason, listed with what they posted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from meritbook.awards.operations.reruns import Rescored
from meritbook.insight.forms import RerunForm
from meritbook.insight.models import Rerun
from meritbook.insight.operations import reruns as operations
from meritbook.insight.permissions import may_run_again
from meritbook.insight.tabs import insight_tabs
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.models import Employee
from meritbook.org.operations.audit import actor_of
from meritbook.rules.models import Rule, RuleVersion
from meritbook.rules.queries import rule as rule_of

TONES = {"waiting": "calm", "running": "live", "done": "good", "failed": "bad"}


@require_GET
@for_members(may_run_again)
def reruns(request: MemberRequest) -> HttpResponse:
    """The re-runs so far, the latest first."""
    found = (
        Rerun.objects.filter(company_id=request.company.pk)
        .select_related("created_by")
        .order_by("-created_at", "-id")
    )
    page = Paginator(found, 20).get_page(request.GET.get("page"))
    names = dict(
        Rule.objects.filter(
            company_id=request.company.pk, pk__in=[one for each in page for one in each.rule_ids]
        ).values_list("pk", "name")
    )
    context = {
        "tabs": insight_tabs("/insight/reruns/", request.member),
        "page": page,
        "rows": [
            {
                "it": each,
                "tone": TONES[each.state],
                "rule": "、".join(names.get(one, "") for one in each.rule_ids),
            }
            for each in page
        ],
    }
    return render(request, "insight/reruns.html", context)


@require_http_methods(["GET", "POST"])
@for_members(may_run_again)
def new(request: MemberRequest) -> HttpResponse:
    """Choose a rule and days and look (GET); say why and post (POST)."""
    company_id, today = request.company.pk, today_of(request)
    data = request.POST if request.method == "POST" else request.GET
    choices = _choices(company_id)
    named = {one for each in (request.GET, request.POST) if (one := each.get("rule"))}
    if not named <= dict(choices).keys():
        raise Http404
    form = RerunForm(
        data if "rule" in data else None,
        rules=choices,
        initial={"starts_on": today.replace(day=1), "ends_on": clock.yesterday(time_zone=request.company.time_zone)},
    )  # fmt: skip
    context: dict[str, Any] = {
        "form": form,
        "back_address": "/insight/reruns/",
        "has_rules": bool(choices),
        "reason": request.POST.get("reason", ""),
    }
    if form.is_bound and form.is_valid():
        try:
            rule = rule_of(company_id=company_id, code=form.cleaned_data["rule"])
            span = operations.checked_span(
                start=form.cleaned_data["starts_on"],
                end=form.cleaned_data["ends_on"],
                today=today,
            )
            if request.method == "POST":
                with transaction.atomic():
                    operations.ask(
                        company_id=company_id,
                        rule=rule,
                        span=span,
                        reason=request.POST.get("reason", ""),
                        actor=actor_of(request.member),
                        now=clock.now(),
                    )
                messages.success(request, _("已开始重算，做完会列出记了哪些账"))
                return redirect("reruns")
            found = operations.preview(company_id=company_id, rule=rule, span=span, now=clock.now())
            context |= {"found": found, "lines": _lines(company_id, found), "rule": rule}
        except Refusal as refusal:
            form.add_error(None, refusal.message)
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "insight/rerun_new.html", context, status=status)


def _choices(company_id: int) -> list[tuple[str, str]]:
    """Rules that were ever published."""
    return [
        (code, name)
        for code, name in Rule.objects.filter(
            company_id=company_id,
            versions__in=RuleVersion.objects.filter(company_id=company_id).exclude(
                status=RuleVersion.Status.DRAFT
            ),
        )
        .distinct()
        .order_by("sheet", "row", "code")
        .values_list("code", "name")
    ]


def _lines(company_id: int, found: Rescored) -> list[dict[str, Any]]:
    """What would be posted, by person and day, with both versions by number."""
    names = dict(
        Employee.objects.filter(
            company_id=company_id, pk__in={line.employee_id for line in found.lines}
        ).values_list("pk", "name")
    )
    versions = {
        one
        for line in found.lines
        for one in (line.from_version_id, line.to_version_id)
        if one is not None
    }
    numbers = dict(
        RuleVersion.objects.filter(company_id=company_id, pk__in=versions).values_list(
            "pk", "number"
        )
    )
    return [
        {
            "name": names.get(line.employee_id, ""),
            "day": line.effective_on,
            "points": line.points,
            "is_reversal": line.is_reversal,
            "was_moved": line.was_moved,
            "from": numbers.get(line.from_version_id or 0),
            "to": numbers.get(line.to_version_id or 0),
        }
        for line in found.lines
    ]
