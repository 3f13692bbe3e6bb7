"""Importing a rule table: hand it in, look at how it was read, answer, publish."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from meritbook.files.models import ImportRun
from meritbook.files.queries.runs import run_of
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.jobs import enqueue
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.permissions import may_manage_rules
from meritbook.rules.blank_table import rule_template
from meritbook.rules.forms import PublishForm, RuleTableForm
from meritbook.rules.imports import imported_line, rule_import
from meritbook.rules.listings import Names
from meritbook.rules.operations import answer_question
from meritbook.rules.operations.importing import PASTED, drop_import, open_run, publish_import
from meritbook.rules.sheets import read_rule_file
from meritbook.rules.table_runs import (
    PUBLISHED_AT_ONCE,
    READ_AT_ONCE,
    begin_publishing,
    begin_reading,
)
from meritbook.rules.views.notes import answer_note, note_import, note_rule

manager_page = for_members(may_manage_rules)


@manager_page
def import_rules(request: MemberRequest) -> HttpResponse:
    """Hand a table in."""
    form = RuleTableForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        name = upload.name if upload else PASTED
        content = upload.read() if upload else form.cleaned_data["text"].encode()
        try:
            if len(content) > READ_AT_ONCE:
                return _left_to_a_job(request, name=name, content=content)
            with transaction.atomic():
                run = open_run(
                    company_id=request.company.pk,
                    name=name,
                    content=content,
                    reading=read_rule_file(name=name, data=content),
                    population={},
                    actor_id=request.member.membership.pk,
                    now=clock.now(),
                )
        except Refusal as refusal:
            form.add_error("file" if upload else "text", refusal.message)
        else:
            return redirect("rule-import-run", run_id=run.pk)
    waiting = ImportRun.objects.filter(
        company_id=request.company.pk, kind=ImportRun.Kind.RULES, state=ImportRun.State.DRAFT
    ).order_by("-created_at")[:5]
    context = {"form": form, "waiting": waiting, "back_address": "/rules/"}
    return render(request, "rules/import.html", context, status=422 if form.errors else 200)


def _left_to_a_job(request: MemberRequest, *, name: str, content: bytes) -> HttpResponse:
    """A long table: the job is enqueued in the request's own transaction."""
    with transaction.atomic():
        run = begin_reading(
            company_id=request.company.pk,
            name=name,
            content=content,
            actor_id=request.member.membership.pk,
            now=clock.now(),
        )
        enqueue("rules.read_table", company_id=request.company.pk, run_id=run.pk)
    return redirect("rule-import-run", run_id=run.pk)


@manager_page
@require_safe
def progress(request: MemberRequest, run_id: int) -> HttpResponse:
    """That a job is at work (htmx); once it is over the page loads itself again."""
    run = run_of(company_id=request.company.pk, run_id=run_id, kind=ImportRun.Kind.RULES)
    if run.state != ImportRun.State.RUNNING:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "rules/_table_progress.html", {"run": run})


@manager_page
def rule_table_template(request: MemberRequest) -> HttpResponse:
    """An empty rule table with the columns and two examples."""
    return HttpResponse(
        rule_template(),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": "attachment; filename=rules.xlsx"},
    )


@manager_page
def import_run(request: MemberRequest, run_id: int) -> HttpResponse:
    """The rows as they came beside how they were read; questions; publish."""
    run = run_of(company_id=request.company.pk, run_id=run_id, kind=ImportRun.Kind.RULES)
    names, day = Names(company_id=request.company.pk), today_of(request)
    if run.state in (ImportRun.State.RUNNING, ImportRun.State.FAILED):
        context = {"run": run, "back_address": "/rules/import/"}
        return render(request, "rules/import_running.html", context)
    found = rule_import(
        company_id=request.company.pk,
        run=run,
        day=day,
        names=names,
        page=request.GET.get("page") or 1,
    )
    form = PublishForm(
        request.POST if request.method == "POST" else None,
        departments=names.department_choices(),
        restricted=found.is_restricted,
        initial={"active_from": day},
    )
    if request.method == "POST" and form.is_valid():
        try:
            if found.drafts > PUBLISHED_AT_ONCE:
                return _publish_by_job(request, run, form)
            with transaction.atomic():
                published = publish_import(
                    company_id=request.company.pk,
                    run=run,
                    population=form.population(),
                    active_from=form.cleaned_data["active_from"],
                    accept_proposals=form.cleaned_data["accept_proposals"],
                    actor_id=request.member.membership.pk,
                    now=clock.now(),
                )
                note_import(
                    request,
                    run=run,
                    action="rules.import.publish",
                    after={"published": published, "from": form.cleaned_data["active_from"]},
                )
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(
                request,
                _("已发布 %(n)d 条标准，从 %(day)s 起计分。")
                % {"n": published, "day": form.cleaned_data["active_from"]},
            )
            return redirect("rule-import-run", run_id=run.pk)
    context = {"found": found, "run": run, "form": form, "back_address": "/rules/import/"}
    return render(request, "rules/import_run.html", context, status=422 if form.errors else 200)


def _publish_by_job(request: MemberRequest, run: ImportRun, form: PublishForm) -> HttpResponse:
    """Many drafts: a job publishes them. Raises ImportOver."""
    asked = form.cleaned_data
    with transaction.atomic():
        begin_publishing(
            company_id=request.company.pk,
            run=run,
            population=form.population(),
            active_from=asked["active_from"],
            accept_proposals=asked["accept_proposals"],
            actor_id=request.member.membership.pk,
        )
        note_import(
            request,
            run=run,
            action="rules.import.publish",
            after={"published": run.total, "from": asked["active_from"]},
        )
        enqueue("rules.publish_table", company_id=request.company.pk, run_id=run.pk)
    return redirect("rule-import-run", run_id=run.pk)


@manager_page
@require_POST
def answer(request: MemberRequest, run_id: int, version_id: int) -> HttpResponse:
    """Answer one question of one line, in place."""
    run = run_of(company_id=request.company.pk, run_id=run_id, kind=ImportRun.Kind.RULES)
    chosen = request.POST.get("answer", "")
    own = request.POST.get("own", "").strip()
    error = ""
    try:
        index = int(request.POST.get("index") or -1)
        with transaction.atomic():
            version = answer_question(
                company_id=request.company.pk,
                version_id=version_id,
                index=index,
                answer=None if chosen == "proposal" else own if chosen == "own" else chosen[2:],
            )
            note_rule(
                request,
                action="rule.answer",
                code=version.rule.code,
                after={"version": version.number, **answer_note(version.questions[index])},
            )
    except (Refusal, ValueError) as refusal:
        error = str(refusal)
    if not request.htmx:
        if error:
            messages.error(request, error)
        return redirect("rule-import-run", run_id=run.pk)
    names = Names(company_id=request.company.pk)
    day = today_of(request)
    line = imported_line(
        company_id=request.company.pk, run=run, version_id=version_id, day=day, names=names
    )
    found = rule_import(company_id=request.company.pk, run=run, day=day, names=names)
    context = {"line": line, "run": run, "found": found, "error": error, "swapped": True}
    return render(request, "rules/_imported.html", context)


@manager_page
@require_POST
def drop_run(request: MemberRequest, run_id: int) -> HttpResponse:
    """Give an import up: its drafts are deleted."""
    run = run_of(company_id=request.company.pk, run_id=run_id, kind=ImportRun.Kind.RULES)
    try:
        with transaction.atomic():
            dropped = drop_import(company_id=request.company.pk, run=run, now=clock.now())
            note_import(request, run=run, action="rules.import.drop", after={"dropped": dropped})
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("rule-import-run", run_id=run.pk)
    messages.success(request, _("已放弃这次导入，删除了 %(n)d 条草稿。") % {"n": dropped})
    return redirect("rule-import")
