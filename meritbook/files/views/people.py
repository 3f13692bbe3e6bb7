"""Importing people: upload, look, confirm, see what came of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from meritbook.files.forms import UploadForm
from meritbook.files.models import ImportRun
from meritbook.files.operations.people import (
    carry_out_people_import,
    check_people,
    claim_people_import,
)
from meritbook.files.operations.runs import start_run, store_file
from meritbook.files.queries.runs import content_of, run_of, runs
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.jobs import enqueue
from meritbook.kit.sheets import read_workbook
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.operations.audit import actor_of
from meritbook.org.permissions import may_manage_people
from meritbook.org.sheets import people_template, read_people

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 8
AT_ONCE = 1_000
"""A list of up to so many rows is loaded while the page waits: half a second."""


@require_http_methods(["GET", "POST"])
@for_members(may_manage_people)
def upload(request: MemberRequest) -> HttpResponse:
    """Hand in a file; it is read and shown before anything is stored."""
    form = UploadForm(request.POST or None, request.FILES or None)
    refusal = ""
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        content, now = file.read(), clock.now()
        try:
            # Read once before it is kept: what cannot be read makes no history.
            people = read_people(read_workbook(content, name=file.name))
        except Refusal as error:
            refusal = error.message
        else:
            by = request.member.membership.pk
            stored = store_file(
                company_id=request.company.pk,
                name=file.name,
                content=content,
                created_by=by,
                now=now,
            )
            run = start_run(
                company_id=request.company.pk,
                kind=ImportRun.Kind.PEOPLE,
                file_name=file.name,
                file=stored,
                now=now,
                created_by=by,
                state=ImportRun.State.DRAFT,
            )
            run.total = len(people.table.rows)
            run.save(update_fields=["total"])
            return redirect("people-import-run", run_id=run.pk)
    context = {
        "form": form,
        "refusal": refusal,
        "latest": runs(company_id=request.company.pk, kind=ImportRun.Kind.PEOPLE).object_list[:5],
        "back_address": "/people/",
    }
    status = 422 if form.errors or refusal else 200
    return render(request, "files/people_upload.html", context, status=status)


@require_http_methods(["GET", "POST"])
@for_members(may_manage_people)
def preview(request: MemberRequest, run_id: int) -> HttpResponse:
    """What the file would do, with its problems; a POST does it."""
    run = run_of(company_id=request.company.pk, run_id=run_id, kind=ImportRun.Kind.PEOPLE)
    if run.state != ImportRun.State.DRAFT or run.file is None:
        context = {"run": run, "back_address": "/imports/"}
        return render(request, "files/people_result.html", context)
    if request.method == "POST":
        return _start(request, run)
    content = content_of(run.file)
    result = check_people(
        company_id=request.company.pk,
        content=content,
        file_name=run.file_name,
        today=today_of(request),
        now=clock.now(),
    )
    context = {
        "run": run,
        "result": result,
        "rows": result.file.rows[:SHOWN],
        "problems": result.problems[:200],
        "back_address": "/people/import/",
    }
    return render(request, "files/people_preview.html", context)


@require_GET
@for_members(may_manage_people)
def template(request: MemberRequest) -> HttpResponse:
    """The xlsx to fill in."""
    response = HttpResponse(people_template(), content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="people-template.xlsx"'
    return response


@require_GET
@for_members(may_manage_people)
def progress(request: MemberRequest, run_id: int) -> HttpResponse:
    """Whether a long list is loaded (htmx); once it is, the page loads itself again."""
    run = run_of(company_id=request.company.pk, run_id=run_id, kind=ImportRun.Kind.PEOPLE)
    if run.state != ImportRun.State.RUNNING:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "files/_people_progress.html", {"run": run})


def _start(request: MemberRequest, run: ImportRun) -> HttpResponse:
    """Load a short list at once; a long one in a job, as nobody waits for a page that long."""
    company_id = request.company.pk
    try:
        claim_people_import(
            company_id=company_id,
            run=run,
            all_or_nothing=request.POST.get("mode") == "all",
            actor=actor_of(request.member),
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("people-import-run", run_id=run.pk)
    if run.total > AT_ONCE:
        enqueue("files.import_people", company_id=company_id, run_id=run.pk)
        return redirect("people-import-run", run_id=run.pk)
    result = carry_out_people_import(
        company_id=company_id, run=run, today=today_of(request), now=clock.now()
    )
    if result is None:
        messages.error(request, run.error)
    elif result.rolled_back:
        messages.error(request, _("文件里还有问题，一行都没有导入"))
    else:
        messages.success(
            request,
            _("已导入：新增 %(created)s 人，更新 %(updated)s 人")
            % {"created": result.created, "updated": result.updated},
            extra_tags=f"undo:/imports/{run.pk}/undo/",
        )
    return redirect("people-import-run", run_id=run.pk)
