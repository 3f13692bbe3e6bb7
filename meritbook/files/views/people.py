"""Importing people: upload, look, confirm, see what came of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from meritbook.files.forms import UploadForm
from meritbook.files.models import ImportRun
from meritbook.files.operations.people import PeopleResult, check_people, import_people
from meritbook.files.operations.runs import start_run, store_file
from meritbook.files.queries.runs import content_of, run_of, runs
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.operations.audit import actor_of
from meritbook.org.permissions import may_manage_people
from meritbook.org.sheets import people_template

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 8


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
            check_people(
                company_id=request.company.pk,
                content=content,
                file_name=file.name,
                today=today_of(request),
                now=now,
            )
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
            return redirect("people-import-run", run_id=run.pk)
    context = {
        "form": form,
        "refusal": refusal,
        "latest": runs(company_id=request.company.pk, kind=ImportRun.Kind.PEOPLE).object_list[:5],
        "back_address": "/people/",
    }
    return render(request, "files/people_upload.html", context)


@require_http_methods(["GET", "POST"])
@for_members(may_manage_people)
def preview(request: MemberRequest, run_id: int) -> HttpResponse:
    """What the file would do, with its problems; a POST does it."""
    run = run_of(company_id=request.company.pk, run_id=run_id, kind=ImportRun.Kind.PEOPLE)
    if run.state != ImportRun.State.DRAFT or run.file is None:
        context = {"run": run, "back_address": "/imports/"}
        return render(request, "files/people_result.html", context)
    content = content_of(run.file)
    if request.method == "POST":
        result = _import(request, run=run, content=content)
        if result.rolled_back:
            messages.error(request, _("文件里还有问题，一行都没有导入"))
        else:
            messages.success(
                request,
                _("已导入：新增 %(created)s 人，更新 %(updated)s 人")
                % {"created": result.created, "updated": result.updated},
                extra_tags=f"undo:/imports/{run.pk}/undo/",
            )
        return redirect("people-import-run", run_id=run.pk)
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


def _import(request: MemberRequest, *, run: ImportRun, content: bytes) -> PeopleResult:
    return import_people(
        company_id=request.company.pk,
        content=content,
        file_name=run.file_name,
        all_or_nothing=request.POST.get("mode") == "all",
        today=today_of(request),
        now=clock.now(),
        actor=actor_of(request.member),
        run=run,
    )
