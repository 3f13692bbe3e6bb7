"""Approvals: what waits for me, what I asked for, one case, and the answer to it."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from meritbook.approvals.models import Case, Step
from meritbook.approvals.operations import (
    COMMENT_MAX,
    NotAsked,
    NotYours,
    Outcome,
    OwnCase,
    decide,
    withdraw,
)
from meritbook.approvals.operations.handing_on import add_reviewer, transfer
from meritbook.approvals.queries import NoSuchCase, case, waiting_count
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.operations.audit import actor_of
from meritbook.site.approvals import act
from meritbook.site.queries.approval_words import about
from meritbook.site.queries.approvals import (
    TONES,
    asked_names,
    case_rows,
    cases_of,
    colleagues,
    history,
    step_rows,
    tabs_for,
)

PER_PAGE = 30
ID_DIGITS = 18
MANY = 100
"""So many cases are answered by one click at most."""


@require_GET
@for_members()
def approvals(request: MemberRequest) -> HttpResponse:
    """The lists of cases; what waits for the reader first."""
    tabs = tabs_for(request.member)
    tab = request.GET.get("tab", tabs[0])
    tab = tab if tab in tabs else tabs[0]
    today = today_of(request)
    found = cases_of(request.member, tab=tab, on=today)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    names = {
        "waiting": _("待我审批"),
        "mine": _("我发起的"),
        "open": _("进行中"),
        "done": _("已处理"),
    }
    context = {
        "tab": tab,
        "page": page,
        "rows": case_rows(page),
        "tabs": [
            {
                "label": names[each],
                "address": f"/approvals/?tab={each}",
                "current": each == tab,
                "count": waiting_count(request.member, on=today) if each == "waiting" else None,
            }
            for each in tabs
        ],
    }
    return render(request, "site/approvals/list.html", context)


@require_GET
@for_members()
def approval(request: MemberRequest, case_id: int) -> HttpResponse:
    """One case: what it asks for, what happened to it, and the answer form for who is asked."""
    view = case(request.member, case_id=case_id, on=today_of(request))
    names = asked_names(view)
    context: dict[str, Any] = {
        "view": view,
        "case": view.case,
        "about": about(view.case, today=today_of(request)),
        "tone": TONES[Case.State(view.case.state)],
        "history": history(view),
        "steps": step_rows(view, now=clock.now()),
        "colleagues": colleagues(company_id=request.company.pk, but=request.member.membership.pk)
        if view.may_decide
        else [],
        "may_transfer": view.may_decide
        and view.speaks_for is None
        and view.step is not None
        and view.step.rule != Step.Rule.VOTE,
        "asked": names,
        "is_stuck": view.step is not None and not names,
        "comment_max": COMMENT_MAX,
        "back_address": "/approvals/",
    }
    return render(request, "site/approvals/case.html", context)


@require_POST
@for_members()
def approvals_decide(request: MemberRequest) -> HttpResponse:
    """Answer several cases alike, each for itself; those that cannot be are told and left."""
    approves = request.POST.get("answer") == "approve"
    ids = [int(each) for each in request.POST.getlist("case") if each.isdecimal()][:MANY]
    done, left = 0, []
    for case_id in dict.fromkeys(ids):
        try:
            _answer(
                request,
                case_id=case_id,
                approves=approves,
                comment=request.POST.get("comment", ""),
            )
        except Refusal as refusal:
            left.append(refusal.message)
        else:
            done += 1
    if done:
        text = _("已同意 %(n)s 件") if approves else _("已拒绝 %(n)s 件")
        messages.success(request, text % {"n": done})
    for message, times in Counter(left).items():
        messages.error(request, _("%(n)s 件没有处理：%(why)s") % {"n": times, "why": message})
    return redirect("approvals")


@require_POST
@for_members()
def approval_decide(request: MemberRequest, case_id: int) -> HttpResponse:
    """Approve or refuse, and what follows from it, in one transaction."""
    try:
        outcome = _answer(
            request,
            case_id=case_id,
            approves=request.POST.get("answer") == "approve",
            comment=request.POST.get("comment", ""),
        )
    except NoSuchCase:
        raise
    except (NotAsked, OwnCase) as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("approval", case_id)
    if outcome.is_approved:
        messages.success(request, _("已同意"))
    elif outcome.state == Case.State.OPEN:
        messages.success(request, _("已同意，等待下一步审批"))
    else:
        messages.success(request, _("已拒绝，理由会让发起人看到"))
    return redirect("approvals")


@require_POST
@for_members()
def approval_withdraw(request: MemberRequest, case_id: int) -> HttpResponse:
    """Take a case back before it is decided."""
    case(request.member, case_id=case_id, on=today_of(request))
    now = clock.now()
    try:
        with transaction.atomic():
            outcome = withdraw(case_id=case_id, withdrawer=request.member, now=now)
            act(
                outcome,
                company_id=request.company.pk,
                actor=actor_of(request.member),
                today=today_of(request),
                now=now,
            )
    except NotYours as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("approval", case_id)
    messages.success(request, _("已撤回"))
    return redirect("approvals")


@require_POST
@for_members()
def approval_hand_on(request: MemberRequest, case_id: int) -> HttpResponse:
    """Pass the step on to a colleague, or ask a colleague besides."""
    case(request.member, case_id=case_id, on=today_of(request))
    to = request.POST.get("to", "")
    hand_on, done = (
        (transfer, _("已转交给%(name)s"))
        if request.POST.get("way") == "transfer"
        else (add_reviewer, _("已加上审批人%(name)s"))
    )
    try:
        with transaction.atomic():
            hand_on(
                case_id=case_id,
                by=request.member,
                to_id=int(to) if to.isdecimal() and len(to) < ID_DIGITS else 0,
                reason=request.POST.get("reason", "").replace("\x00", "").strip(),
                now=clock.now(),
            )
    except (NotAsked, OwnCase) as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        name = colleagues(company_id=request.company.pk, only=int(to))[0]["name"]
        messages.success(request, done % {"name": name})
        if hand_on is transfer:
            return redirect("approvals")
    return redirect("approval", case_id)


def _answer(request: MemberRequest, *, case_id: int, approves: bool, comment: str) -> Outcome:
    """Decide one case and do what follows, or neither."""
    case(request.member, case_id=case_id, on=today_of(request))
    now = clock.now()
    with transaction.atomic():
        outcome = decide(
            case_id=case_id, decider=request.member, approves=approves, comment=comment, now=now
        )
        act(
            outcome,
            company_id=request.company.pk,
            actor=actor_of(request.member),
            today=today_of(request),
            now=now,
        )
    return outcome
