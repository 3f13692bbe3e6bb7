"""Who stands in for whom in approvals, and who sits in which committee."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from meritbook.approvals.models import Committee
from meritbook.approvals.operations.committees import (
    close_committee,
    committee_of,
    save_committee,
)
from meritbook.approvals.operations.standing_in import delegate, revoke
from meritbook.approvals.permissions import may_manage_committees
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.operations.audit import actor_of
from meritbook.site.approval_forms import Choices, CommitteeForm, DelegateForm
from meritbook.site.queries.approval_people import committee_rows, delegation_rows, members_in
from meritbook.site.queries.approvals import colleagues


def _people(request: MemberRequest) -> Choices:
    return [
        (each["id"], f"{each['name']} · {each['employee_no']}".rstrip(" ·"))
        for each in colleagues(company_id=request.company.pk)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@for_members()
def delegates(request: MemberRequest) -> HttpResponse:
    """The reader's own delegations; an owner sees and sets everybody's."""
    member, today = request.member, today_of(request)
    form = DelegateForm(
        request.POST if request.method == "POST" else None,
        people=_people(request),
        own_id=None if member.is_owner else member.membership.pk,
        today=today,
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            with transaction.atomic():
                delegate(
                    by=member,
                    delegator_id=said["delegator"],
                    delegate_id=said["delegate"],
                    starts_on=said["starts_on"],
                    ends_on=said["ends_on"],
                    reason=said["reason"],
                    today=today,
                    now=clock.now(),
                )
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("已设置代理人"))
            return redirect("delegates")
    context = {
        "rows": delegation_rows(member, today=today),
        "form": form,
        "back_address": "/approvals/",
    }
    status = 422 if form.errors else 200
    return render(request, "site/approvals/delegates.html", context, status=status)


@require_POST
@for_members()
def delegate_revoke(request: MemberRequest, delegation_id: int) -> HttpResponse:
    """End a delegation."""
    with transaction.atomic():
        revoke(by=request.member, delegation_id=delegation_id, now=clock.now())
    messages.success(request, _("已撤销"))
    return redirect("delegates")


@require_http_methods(["GET", "HEAD", "POST"])
@for_members(may_manage_committees)
def committees(request: MemberRequest) -> HttpResponse:
    """The committees; a new one, or a change of one."""
    company_id = request.company.pk
    wanted = request.POST.get("edit", "") or request.GET.get("edit", "")
    edited: Committee | None = None
    if wanted.isdecimal() and len(wanted) < 18:
        edited = committee_of(company_id=company_id, committee_id=int(wanted))
    initial: dict[str, Any] = {}
    if edited is not None:
        initial = {
            "name": edited.name,
            "quorum_percent": edited.quorum_percent,
            "members": members_in(edited),
        }
    posted = request.POST if request.method == "POST" else None
    form = CommitteeForm(posted, people=_people(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                save_committee(
                    company_id=company_id,
                    name=form.cleaned_data["name"],
                    quorum_percent=form.cleaned_data["quorum_percent"],
                    member_ids=form.cleaned_data["members"],
                    actor=actor_of(request.member),
                    now=clock.now(),
                    committee_id=edited.pk if edited else None,
                )
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("已保存"))
            return redirect("committees")
    context = {
        "rows": committee_rows(company_id=company_id),
        "form": form,
        "edited": edited,
        "back_address": "/approvals/",
    }
    status = 422 if form.errors else 200
    return render(request, "site/approvals/committees.html", context, status=status)


@require_POST
@for_members(may_manage_committees)
def committee_close(request: MemberRequest, committee_id: int) -> HttpResponse:
    """No more votes go to the committee."""
    with transaction.atomic():
        close_committee(
            company_id=request.company.pk,
            committee_id=committee_id,
            actor=actor_of(request.member),
            now=clock.now(),
        )
    messages.success(request, _("委员会已解散"))
    return redirect("committees")
