"""Backups: what was made, the last drill, one more now; a file only where it is one's own alone."""

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from meritbook.kit import clock
from meritbook.kit.jobs import companies_due, enqueue
from meritbook.org.doors import MemberRequest, for_members
from meritbook.org.operations.audit import actor_of, note
from meritbook.org.permissions import may_manage_keys
from meritbook.site.backups.schedule import file_of, is_due, last_drill, runs


@require_http_methods(["GET", "POST"])
@for_members(may_manage_keys)
def backups(request: MemberRequest) -> HttpResponse:
    """The list; posted to, a backup is made by the worker."""
    company_id, now = request.company.pk, clock.now()
    # Where several companies share an installation its operator makes backups; owners see that
    # they are made.
    alone = companies_due() == [company_id]
    if request.method == "POST":
        if not alone:
            raise PermissionDenied
        enqueue("site.backup")
        note(
            company_id=company_id,
            actor=actor_of(request.member),
            now=now,
            action="backup.asked",
            object_kind="installation",
        )
        messages.success(request, _("已开始备份，完成后会出现在列表里。"))
        return redirect("backups")
    made = runs()
    return render(
        request,
        "site/backups.html",
        {
            "runs": [
                {
                    "run": run,
                    "may_fetch": alone
                    and run.is_there
                    and file_of(name=run.name, company_id=company_id) is not None,
                }
                for run in made
            ],
            "last": next((run for run in made if not run.error), None),
            "latest": made[0] if made else None,
            "late": bool(made) and is_due(now=now),
            "drill": last_drill(),
            "alone": alone,
        },
    )


@never_cache
@require_safe
@for_members(may_manage_keys)
def backup_file(request: MemberRequest, name: str) -> HttpResponse:
    """One backup, when it holds this company and no other."""
    path = file_of(name=name, company_id=request.company.pk)
    if path is None or companies_due() != [request.company.pk]:
        raise Http404
    note(
        company_id=request.company.pk,
        actor=actor_of(request.member),
        now=clock.now(),
        action="backup.fetched",
        object_kind="backup",
        object_id=name,
    )
    return cast(HttpResponse, FileResponse(path.open("rb"), as_attachment=True, filename=name))
