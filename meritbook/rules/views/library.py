"""The library of ready templates: look through one, load it as drafts."""

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from meritbook.kit import clock
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.permissions import may_manage_rules
from meritbook.rules import listings
from meritbook.rules.library import reading_of, templates
from meritbook.rules.library import template as template_of
from meritbook.rules.listings import Names
from meritbook.rules.operations.importing import open_run

manager_page = for_members(may_manage_rules)


@manager_page
def library(request: MemberRequest) -> HttpResponse:
    """The templates there are."""
    context = {"templates": templates(), "back_address": "/rules/"}
    return render(request, "rules/library.html", context)


@manager_page
def template(request: MemberRequest, code: str) -> HttpResponse:
    """The lines of one template; a POST loads them as drafts to look through."""
    found = template_of(code)
    reading = reading_of(found)
    if request.method == "POST":
        with transaction.atomic():
            run = open_run(
                company_id=request.company.pk,
                name=found.name,
                content=None,
                reading=reading,
                population={},
                actor_id=request.member.membership.pk,
                now=clock.now(),
            )
        return redirect("rule-import-run", run_id=run.pk)
    names, day = Names(company_id=request.company.pk), today_of(request)
    lines = [
        listings.rule_line(listings.imagined(draft.as_dict(), population={}), day=day, names=names)
        for draft in reading.drafts
    ]
    for line, draft in zip(lines, reading.drafts, strict=True):
        line.version.rule.sheet = draft.sheet
    context = {
        "template": found,
        "sheets": listings.by_sheet(lines),
        "total": len(lines),
        "back_address": "/rules/library/",
    }
    return render(request, "rules/library_template.html", context)
