"""Somebody's accounts: blocked, opened again, archived; and settled when they leave."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.points import from_minor
from meritbook.ledger.account_states import (
    holds_of,
    settled_lines,
    state_changes,
    wallet_states,
)
from meritbook.ledger.names import asset_names
from meritbook.ledger.operations import Treatment
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.models import Employee
from meritbook.org.operations.audit import actor_of
from meritbook.org.operations.people import employee as employee_of
from meritbook.org.permissions import may_manage_accounts
from meritbook.site.account_acts import change_state, settle_leaver
from meritbook.site.account_forms import FORFEIT, KEEP, PAY, TREATMENTS, SettleForm, StateForm
from meritbook.site.queries.ledger_words import actor_names, source_kind_name


def state_label(state: str) -> tuple[str, str]:
    """A state in words, and its tone."""
    return {
        "open": (_("正常"), "good"),
        "blocked": (_("已冻结"), "bad"),
        "archived": (_("已归档"), "calm"),
    }[state]


@require_http_methods(["GET", "POST"])
@for_members(may_manage_accounts)
def accounts(request: MemberRequest, employee_no: str) -> HttpResponse:
    """The wallets with their state, its history, and a change of it."""
    person = _person(request, employee_no)
    form = StateForm(request.POST or None)
    problem = ""
    if request.method == "POST" and form.is_valid():
        _refuse_own(request, person)
        asked = form.cleaned_data
        try:
            with transaction.atomic():
                changed = change_state(
                    employee=person,
                    state=asked["state"],
                    code=asked["code"] or None,
                    reason=asked["reason"],
                    now=clock.now(),
                    actor=actor_of(request.member),
                )
        except Refusal as refusal:
            problem = refusal.message
        else:
            messages.success(request, _("已保存") if changed else _("没有变化"))
            return redirect("accounts", employee_no=person.employee_no)
    names = asset_names(company_id=request.company.pk)
    changes = state_changes(company_id=request.company.pk, party_id=person.party_id)
    who = actor_names(
        company_id=request.company.pk,
        actor_ids={each.actor_id for each in changes if each.actor_id},
    )
    context = {
        "person": person,
        "back_address": f"/people/{person.employee_no}/",
        "rows": _wallets(request, person),
        "form": form,
        "problem": problem,
        "own": person == request.member.employee,
        "history": [
            {
                "title": state_label(each.state)[0],
                "at": each.changed_at,
                "by": who.get(each.actor_id or 0, _("系统")),
                "text": f"{'、'.join(names.get(code, code) for code in each.codes)}：{each.reason}",
                "tone": "live" if each.state == "open" else "wait",
            }
            for each in changes
        ],
    }
    status = 422 if form.errors or problem else 200
    return render(request, "site/accounts.html", context, status=status)


@require_http_methods(["GET", "POST"])
@for_members(may_manage_accounts)
def settle_page(request: MemberRequest, employee_no: str) -> HttpResponse:
    """What somebody leaves with, what becomes of it, and the sheet that says so."""
    person = _person(request, employee_no)
    form = SettleForm(request.POST or None)
    problem = ""
    if request.method == "POST" and form.is_valid():
        _refuse_own(request, person)
        try:
            with transaction.atomic():
                settle_leaver(
                    employee=person,
                    treatments=_treatments(request, person),
                    reason=form.cleaned_data["reason"],
                    today=today_of(request),
                    now=clock.now(),
                    actor=actor_of(request.member),
                )
        except Refusal as refusal:
            problem = refusal.message
        else:
            messages.success(request, _("已结清并归档。可以打印这张结算单。"))
            return redirect("settle", employee_no=person.employee_no)
    rows = _wallets(request, person)
    settled = settled_lines(company_id=request.company.pk, party_id=person.party_id)
    who = actor_names(
        company_id=request.company.pk,
        actor_ids={each.actor_id for each in settled if each.actor_id},
    )
    names = asset_names(company_id=request.company.pk)
    context = {
        "person": person,
        "back_address": f"/people/{person.employee_no}/",
        "rows": rows,
        "holds": [
            {
                "asset": names.get(one.code, one.code),
                "points": from_minor(one.amount, one.scale),
                "at": one.held_at,
                "source": source_kind_name(one.source_kind),
            }
            for one in holds_of(company_id=request.company.pk, party_id=person.party_id)
        ],
        "settled": [
            {
                "line": one,
                "asset": names.get(one.code, one.code),
                "points": from_minor(one.amount, one.scale),
                "what": _("已付清") if one.kind == "spend" else _("作废"),
                "by": who.get(one.actor_id or 0, _("系统")),
            }
            for one in settled
        ],
        "is_archived": bool(rows) and all(row["state"] == "archived" for row in rows),
        "blocked": any(row["state"] == "blocked" for row in rows),
        "treatments": TREATMENTS,
        "form": form,
        "problem": problem,
        "own": person == request.member.employee,
        "today": today_of(request),
    }
    status = 422 if form.errors or problem else 200
    return render(request, "site/settle.html", context, status=status)


def _treatments(request: MemberRequest, person: Employee) -> dict[str, Treatment]:
    """What was chosen for each wallet that is to end."""
    return {
        row["code"]: cast(Treatment, row["chosen"])
        for row in _wallets(request, person)
        if row["chosen"] in (PAY, FORFEIT)
    }


def _wallets(request: MemberRequest, person: Employee) -> list[dict[str, Any]]:
    names = asset_names(company_id=request.company.pk)
    found = []
    for one in wallet_states(company_id=request.company.pk, party_id=person.party_id):
        label, tone = state_label(one.state)
        found.append(
            {
                "code": one.code,
                "name": names.get(one.code, one.code),
                "balance": from_minor(one.balance, one.scale),
                "held": from_minor(one.held, one.scale),
                "state": one.state,
                "label": label,
                "tone": tone,
                # Honour is rank: it is neither paid nor taken. A debt stays a debt.
                "may_end": one.code != "honour" and one.balance > 0,
                "chosen": request.POST.get(f"asset-{one.code}", KEEP),
            }
        )
    return found


def _person(request: MemberRequest, employee_no: str) -> Employee:
    return employee_of(company_id=request.company.pk, employee_no=employee_no)


def _refuse_own(request: MemberRequest, person: Employee) -> None:
    """Nobody opens or pays out their own account."""
    if person == request.member.employee:
        raise PermissionDenied
