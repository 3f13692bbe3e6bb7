"""The proof page: blocks, what was told outside, the last verification, one more at once."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.jobs import enqueue
from meritbook.ledger.anchors import anchor_file
from meritbook.ledger.operations.sealing import name_witnesses
from meritbook.ledger.operations.verifying import begin_verification
from meritbook.ledger.proofs import (
    Run,
    block_count,
    blocks,
    head,
    last_told,
    runs,
    sealed_count,
    unsealed,
    witnesses,
)
from meritbook.ledger.tabs import ledger_tabs
from meritbook.org.doors import MemberRequest, for_members
from meritbook.org.models import Membership
from meritbook.org.operations.audit import actor_of, note
from meritbook.org.operations.people import employee as employee_of
from meritbook.org.permissions import may_name_witnesses, may_see_ledger
from meritbook.site.queries.proof_words import check_rows, place_names

PER_PAGE = 30
RUNS_SHOWN = 8


class NoLogin(Refusal):
    """Whoever is to be told needs a log-in."""

    code = "no_login"

    def __init__(self) -> None:
        super().__init__(_("这位员工还没有登录账号，收不到通知。"))


@for_members(may_see_ledger)
def proof(request: MemberRequest) -> HttpResponse:
    """The chain, its anchors, and what verify said."""
    company_id = request.company.pk
    pages = Paginator(range(block_count(company_id=company_id)), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    listed = blocks(company_id=company_id, offset=(page.number - 1) * PER_PAGE, limit=PER_PAGE)
    done = runs(company_id=company_id, limit=RUNS_SHOWN)
    context = {
        "tabs": ledger_tabs("/ledger/proof/", member=request.member),
        "head": head(company_id=company_id),
        "sealed": sealed_count(company_id=company_id),
        "waiting": unsealed(company_id=company_id),
        "page": page,
        "blocks": [{"block": one, "places": place_names(one.places)} for one in listed],
        "told": last_told(company_id=company_id, place="message"),
        "has_file": anchor_file(company_id=company_id).exists(),
        "witnesses": witnesses(company_id=company_id),
        "may_name": may_name_witnesses(request.member),
        "history": [one for one in done if one.finished_at],
        **_run(done),
    }
    return render(request, "site/proof/proof.html", context)


@require_POST
@for_members(may_see_ledger)
def proof_verify(request: MemberRequest) -> HttpResponse:
    """Begin a verification; another that runs is waited for."""
    company_id = request.company.pk
    verification_id = begin_verification(
        company_id=company_id, actor_id=request.member.membership.pk, at=clock.now()
    )
    if verification_id is None:
        messages.info(request, _("正在对账，请稍候。"))
    else:
        enqueue("ledger.verify", company_id=company_id, verification_id=verification_id)
    return redirect("proof")


@for_members(may_see_ledger)
def proof_progress(request: MemberRequest) -> HttpResponse:
    """How far the verification is, and its result when it is over."""
    return render(
        request,
        "site/proof/_run.html",
        _run(runs(company_id=request.company.pk, limit=RUNS_SHOWN)),
    )


@require_POST
@for_members(may_name_witnesses)
def proof_witnesses(request: MemberRequest) -> HttpResponse:
    """Tell one more person, or one fewer."""
    company_id = request.company.pk
    told = {one.membership_id for one in witnesses(company_id=company_id)}
    try:
        after = _changed(request, told)
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
        return redirect("proof")
    now = clock.now()
    name_witnesses(
        company_id=company_id,
        membership_ids=after,
        actor_id=request.member.membership.pk,
        at=now,
    )
    note(
        company_id=company_id,
        actor=actor_of(request.member),
        now=now,
        action="witness.name",
        object_kind="ledger",
        before={"memberships": sorted(told)},
        after={"memberships": sorted(after)},
    )
    messages.success(request, _("名单已更新"))
    return redirect("proof")


@for_members(may_see_ledger)
def proof_anchors(request: MemberRequest) -> HttpResponse:
    """The file of anchors, to be kept somewhere else."""
    company = request.company
    path = anchor_file(company_id=company.pk)
    lines = path.read_bytes() if path.exists() else b""
    response = HttpResponse(lines, content_type="application/x-ndjson")
    response["Content-Disposition"] = f'attachment; filename="anchors-{company.code}.jsonl"'
    return response


def _run(done: list[Run]) -> dict[str, Any]:
    """The run at hand, and the last one that is over."""
    running = next((one for one in done if one.finished_at is None), None)
    last = next((one for one in done if one.finished_at is not None), None)
    return {
        "running": running,
        "last": last,
        "checks": check_rows(last.checks) if last else [],
    }


def _changed(request: MemberRequest, told: set[int]) -> set[int]:
    company_id = request.company.pk
    leaves = request.POST.get("leave", "")
    if leaves:
        return {one for one in told if str(one) != leaves}
    if request.POST.get("me"):
        return told | {request.member.membership.pk}
    employee = employee_of(
        company_id=company_id, employee_no=request.POST.get("employee_no", "").strip()
    )
    found = Membership.objects.filter(
        company_id=company_id, employee_id=employee.pk, ended_at__isnull=True
    ).first()
    if found is None:
        raise NoLogin
    return told | {found.pk}
