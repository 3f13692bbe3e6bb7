"""Opening balances from Excel: hand in, look, post, take back."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from meritbook.files.forms import UploadForm
from meritbook.files.models import ImportRun
from meritbook.files.queries.runs import problems_of, run_of
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.jobs import enqueue
from meritbook.kit.points import from_minor
from meritbook.ledger.names import named_assets
from meritbook.ledger.tabs import ledger_tabs
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.operations.audit import actor_of
from meritbook.org.permissions import may_manage_accounts
from meritbook.site import openings
from meritbook.site.opening_sheet import opening_template as write_opening_template

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 8
PROBLEMS_SHOWN = 200

officer_page = for_members(may_manage_accounts)


class OpeningForm(UploadForm):
    """The file, and the day on which the balances count."""

    on = forms.DateField(
        label=gettext_lazy("期初日"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


@require_http_methods(["GET", "POST"])
@officer_page
def opening(request: MemberRequest) -> HttpResponse:
    """Hand a file in; it is looked at before anything is posted."""
    company_id, today = request.company.pk, today_of(request)
    form = OpeningForm(
        request.POST or None,
        request.FILES or None,
        initial={"on": openings.default_day(company_id=company_id, today=today)},
    )
    refusal = ""
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            with transaction.atomic():
                run = openings.open_run(
                    company_id=company_id,
                    name=upload.name,
                    content=upload.read(),
                    on=form.cleaned_data["on"],
                    today=today,
                    actor=actor_of(request.member),
                    now=clock.now(),
                )
        except Refusal as error:
            refusal = error.message
        else:
            return redirect("opening-run", run_id=run.pk)
    context = {
        "tabs": ledger_tabs("/ledger/opening/", member=request.member),
        "form": form,
        "refusal": refusal,
        "latest": ImportRun.objects.filter(
            company_id=company_id, kind=ImportRun.Kind.OPENING
        ).order_by("-created_at", "-id")[:8],
    }
    status = 422 if form.errors or refusal else 200
    return render(request, "site/opening.html", context, status=status)


@require_safe
@officer_page
def opening_template(request: MemberRequest) -> HttpResponse:
    """The xlsx to fill in, with a column for each kind of points."""
    return HttpResponse(
        write_opening_template(company_id=request.company.pk),
        content_type=XLSX,
        headers={"Content-Disposition": "attachment; filename=opening.xlsx"},
    )


@require_safe
@officer_page
def opening_run(request: MemberRequest, run_id: int) -> HttpResponse:
    """What a waiting file would do; what became of one that was posted."""
    run = _run(request, run_id)
    context: dict[str, Any] = {
        "run": run,
        "on": date.fromisoformat(run.options["on"]),
        "back_address": "/ledger/opening/",
        "counts": run.counts,
        "problems": problems_of(run),
    }
    if run.state == ImportRun.State.DRAFT:
        file, loaded = openings.look(run=run)
        assets = named_assets(company_id=request.company.pk)
        sums: dict[str, int] = {}
        for line in file.lines:
            sums[line.opening.code] = sums.get(line.opening.code, 0) + line.opening.amount
        context |= {
            "counts": loaded.counts,
            "problems": loaded.problems,
            "sums": [
                {"asset": assets[code].name, "points": from_minor(amount, assets[code].scale)}
                for code, amount in sums.items()
            ],
            "rows": [
                {
                    "line": line,
                    "points": from_minor(line.opening.amount, assets[line.opening.code].scale),
                }
                for line in file.lines[:SHOWN]
            ],
        }
    context["more_problems"] = max(0, len(context["problems"]) - PROBLEMS_SHOWN)
    context["problems"] = context["problems"][:PROBLEMS_SHOWN]
    return render(request, "site/opening_run.html", context)


@require_POST
@officer_page
def opening_start(request: MemberRequest, run_id: int) -> HttpResponse:
    """Post what the file holds."""
    run = _run(request, run_id)
    try:
        with transaction.atomic():
            done = openings.claim(
                run=run,
                all_or_nothing=request.POST.get("keep") == "all",
                today=today_of(request),
                now=clock.now(),
                actor=actor_of(request.member),
            )
            if not done:
                enqueue("site.load_opening", company_id=request.company.pk, run_id=run.pk)
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        if run.state == ImportRun.State.DONE:
            messages.success(
                request, _("已记入 %(n)s 笔期初余额") % {"n": run.counts.get("new", 0)}
            )
    return redirect("opening-run", run_id=run.pk)


@require_POST
@officer_page
def opening_drop(request: MemberRequest, run_id: int) -> HttpResponse:
    """Give a waiting file up."""
    run = _run(request, run_id)
    dropped = ImportRun.objects.filter(
        company_id=request.company.pk, pk=run.pk, state=ImportRun.State.DRAFT
    ).update(state=ImportRun.State.UNDONE, undone_at=clock.now())
    if dropped:
        messages.success(request, _("已放弃这次导入，没有记账。"))
    return redirect("opening")


@require_POST
@officer_page
def opening_undo(request: MemberRequest, run_id: int) -> HttpResponse:
    """Take back what a file posted."""
    run = _run(request, run_id)
    try:
        with transaction.atomic():
            count = openings.undo_run(run=run, now=clock.now(), actor=actor_of(request.member))
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("已撤销，冲销了 %(n)s 笔") % {"n": count})
    return redirect("opening-run", run_id=run.pk)


def _run(request: MemberRequest, run_id: int) -> ImportRun:
    return run_of(company_id=request.company.pk, run_id=run_id, kind=ImportRun.Kind.OPENING)
