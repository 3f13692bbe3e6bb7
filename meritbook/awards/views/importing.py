"""Importing an events file: hand it in, look at the first rows, run it, see what came of it."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from meritbook.awards import imports
from meritbook.awards.findings import findings_of, look_of
from meritbook.awards.forms import EventsFileForm
from meritbook.awards.models import Event
from meritbook.awards.sheets import event_template
from meritbook.files.models import ImportRun
from meritbook.files.queries.runs import run_of
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.jobs import enqueue
from meritbook.org.doors import MemberRequest, for_members
from meritbook.org.permissions import may_record_events

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

officer_page = for_members(may_record_events)


@officer_page
def import_events(request: MemberRequest) -> HttpResponse:
    """Hand a file in."""
    form = EventsFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            with transaction.atomic():
                run = imports.open_import(
                    company_id=request.company.pk,
                    name=upload.name,
                    content=upload.read(),
                    source=form.cleaned_data["source"].strip(),
                    revise=form.cleaned_data["revise"],
                    all_or_nothing=form.cleaned_data["all_or_nothing"],
                    actor_id=request.member.membership.pk,
                    now=clock.now(),
                )
        except Refusal as refusal:
            form.add_error("file", refusal.message)
        else:
            return redirect("event-import-run", run_id=run.pk)
    recent = ImportRun.objects.filter(
        company_id=request.company.pk, kind=ImportRun.Kind.EVENTS
    ).order_by("-created_at", "-id")[:6]
    context = {"form": form, "recent": recent, "back_address": "/events/"}
    return render(request, "awards/import.html", context, status=422 if form.errors else 200)


@officer_page
def events_template(request: MemberRequest) -> HttpResponse:
    """An empty events file."""
    return HttpResponse(
        event_template(),
        content_type=XLSX,
        headers={"Content-Disposition": "attachment; filename=events.xlsx"},
    )


def _run(request: MemberRequest, run_id: int) -> ImportRun:
    return run_of(company_id=request.company.pk, run_id=run_id, kind=ImportRun.Kind.EVENTS)


@officer_page
def import_run(request: MemberRequest, run_id: int) -> HttpResponse:
    """What a waiting run would do; how far a running one is; what came of it."""
    run = _run(request, run_id)
    unscored = _unscored(run) if run.state == ImportRun.State.DONE else 0
    context = {
        "run": run,
        "findings": findings_of(run, wanted=request.GET.get("show", "")),
        "unscored": unscored,
        "unscored_address": f"/events/?run={run.pk}&status=nothing" if unscored else "",
        "back_address": "/events/import/",
    }
    if run.state == ImportRun.State.DRAFT:
        context["look"] = look_of(run)
    return render(request, "awards/import_run.html", context)


def _unscored(run: ImportRun) -> int:
    """How many events of a run stand recorded without points: each of them can say why."""
    return Event.objects.filter(
        company_id=run.company_id,
        import_run_id=run.pk,
        is_current=True,
        status=Event.Status.NOTHING,
    ).count()


@officer_page
@require_POST
def check(request: MemberRequest, run_id: int) -> HttpResponse:
    """Look at the rows once more, with or without corrections."""
    run = _run(request, run_id)
    try:
        imports.check_again(
            company_id=request.company.pk,
            run_id=run.pk,
            revise=request.POST.get("revise") == "on",
            now=clock.now(),
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("已按现在的员工和积分标准重新核对。"))
    return redirect("event-import-run", run_id=run.pk)


@officer_page
@require_POST
def start(request: MemberRequest, run_id: int) -> HttpResponse:
    """Start the job; it is enqueued in the request's own transaction."""
    run = _run(request, run_id)
    try:
        imports.claim_import(
            company_id=request.company.pk,
            run_id=run.pk,
            all_or_nothing={"all": True, "good": False}.get(request.POST.get("keep", "")),
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        enqueue("awards.import_events", company_id=request.company.pk, run_id=run.pk)
    return redirect("event-import-run", run_id=run.pk)


@officer_page
@require_POST
def drop(request: MemberRequest, run_id: int) -> HttpResponse:
    """Give a waiting import up."""
    run = _run(request, run_id)
    try:
        imports.drop_import(company_id=request.company.pk, run=run, now=clock.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("event-import-run", run_id=run.pk)
    messages.success(request, _("已放弃这次导入，没有记录任何事件。"))
    return redirect("event-import")


@officer_page
def progress(request: MemberRequest, run_id: int) -> HttpResponse:
    """How far a running import is (htmx); once it is over the page loads itself again."""
    run = _run(request, run_id)
    if run.state != ImportRun.State.RUNNING:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "awards/_progress.html", {"run": run})


@officer_page
def error_report(request: MemberRequest, run_id: int) -> HttpResponse:
    """The refused rows with their reasons."""
    return HttpResponse(
        imports.error_report(_run(request, run_id)),
        content_type=XLSX,
        headers={"Content-Disposition": f"attachment; filename=errors-{run_id}.xlsx"},
    )
