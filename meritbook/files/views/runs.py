"""The history of imports: what came of each, its error report, undo."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from meritbook.files.models import ImportRun
from meritbook.files.operations.people import CannotUndo, check_people, undo_people_import
from meritbook.files.queries.runs import content_of, problems_of, run_of, runs
from meritbook.files.reports import error_report
from meritbook.kit import clock
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.operations.audit import actor_of
from meritbook.org.permissions import may_see_imports

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@for_members(may_see_imports)
def imports(request: MemberRequest) -> HttpResponse:
    """Every import of the company, latest first."""
    kind = request.GET.get("kind", "")
    context = {
        "page": runs(company_id=request.company.pk, kind=kind, page=request.GET.get("page", 1)),
        "tabs": [
            {
                "label": label,
                "address": f"/imports/?kind={value}" if value else "/imports/",
                "current": kind == value,
            }
            for value, label in (("", _("全部")), *ImportRun.Kind.choices)
        ],
    }
    return render(request, "files/imports.html", context)


@require_GET
@for_members(may_see_imports)
def errors(request: MemberRequest, run_id: int) -> HttpResponse:
    """The refused lines as a spreadsheet, with the reason in front."""
    run = run_of(company_id=request.company.pk, run_id=run_id)
    if run.file is None:
        raise Http404
    content = content_of(run.file)
    if run.kind == ImportRun.Kind.PEOPLE and run.state == ImportRun.State.DRAFT:
        # Nothing is decided yet: the list is read again, as the page before did.
        problems = check_people(
            company_id=request.company.pk,
            content=content,
            file_name=run.file_name,
            today=today_of(request),
            now=clock.now(),
        ).problems
    else:
        problems = tuple(problems_of(run))
    report = error_report(content=content, file_name=run.file_name, problems=problems)
    response = HttpResponse(report, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="import-{run.pk}-errors.xlsx"'
    return response


@require_POST
@for_members(may_see_imports)
def undo(request: MemberRequest, run_id: int) -> HttpResponse:
    """Take an import of people back."""
    run = run_of(company_id=request.company.pk, run_id=run_id, kind=ImportRun.Kind.PEOPLE)
    try:
        undone = undo_people_import(
            company_id=request.company.pk,
            run=run,
            now=clock.now(),
            actor=actor_of(request.member),
        )
    except CannotUndo as refusal:
        messages.error(request, refusal.message)
        return redirect("imports")
    messages.success(
        request,
        _("已撤销：移除 %(removed)s 人，恢复 %(restored)s 人")
        % {"removed": undone.removed, "restored": undone.restored},
    )
    if undone.kept:
        numbers = "、".join(undone.kept[:8]) + ("…" if len(undone.kept) > 8 else "")
        messages.warning(
            request,
            _("%(n)s 人已有记录或后来改过，保留不动：%(numbers)s")
            % {"n": len(undone.kept), "numbers": numbers},
        )
    return redirect("imports")
