"""What one kind of points becomes in another: the table of rates, and proposing a change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from meritbook.approvals.queries import all_cases
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.retelling import retold
from meritbook.ledger.assets import AssetPolicy, asset_policies
from meritbook.ledger.operations.lives import NOTICE_DAYS
from meritbook.ledger.operations.rates import CHANGE, change_rate
from meritbook.ledger.rates import Rate, rates
from meritbook.ledger.tabs import ledger_tabs
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.operations.audit import actor_of
from meritbook.org.permissions import may_manage_assets
from meritbook.site.asset_forms import RateForm, first_error
from meritbook.site.queries.ledger_words import actor_names
from meritbook.site.queries.rate_words import RateEffect, rate_effect, rate_text

manager_page = for_members(may_manage_assets)


@manager_page
def rate_table(request: MemberRequest) -> HttpResponse:
    """All rates with the day from which they hold, and what waits for an approval."""
    company_id = request.company.pk
    found = rates(company_id=company_id)
    policies = {one.code: one for one in asset_policies(company_id=company_id)}
    cases = all_cases(company_id=company_id, state="open").filter(kind=CHANGE)
    context = {
        "tabs": ledger_tabs("/ledger/rates/", member=request.member),
        "rows": _rows(request, found, policies),
        "waiting": [{"pk": one.pk, "title": retold(one.title)} for one in cases],
        "may_propose": any(one.is_convertible for one in policies.values()),
    }
    return render(request, "site/ledger/rates.html", context)


def _rows(
    request: MemberRequest, found: list[Rate], policies: dict[str, AssetPolicy]
) -> list[dict[str, Any]]:
    names = actor_names(
        company_id=request.company.pk,
        actor_ids={person for one in found for person in (one.actor_id, one.approver_id) if person},
    )
    today = today_of(request)
    rows, running = [], set()
    for one in found:
        pair = (one.from_code, one.to_code)
        if one.valid_from > today:
            state, tone = _("将生效"), "wait"
        elif pair in running:
            state, tone = _("已被取代"), "calm"
        else:
            state, tone = _("现行"), "good"
            running.add(pair)
        people = [names.get(person or 0, "") for person in (one.actor_id, one.approver_id)]
        rows.append(
            {
                "text": rate_text(
                    policies[one.from_code],
                    policies[one.to_code],
                    numerator=one.numerator,
                    denominator=one.denominator,
                ),
                "valid_from": one.valid_from,
                "state": state,
                "tone": tone,
                "announced_at": one.announced_at,
                "by": _("、").join(person for person in people if person) or _("系统"),
                "note": one.note,
            }
        )
    return rows


def _form(request: MemberRequest) -> RateForm:
    today = today_of(request)
    policies = asset_policies(company_id=request.company.pk)
    convertible = [one.code for one in policies if one.is_convertible]
    known = any(one.from_code in convertible for one in rates(company_id=request.company.pk))
    return RateForm(
        request.POST if request.method == "POST" else None,
        policies=policies,
        initial={
            "source": convertible[0] if convertible else "",
            "target": "coin",
            "valid_from": today + timedelta(days=NOTICE_DAYS) if known else today,
        },
    )


@manager_page
def rate_new(request: MemberRequest) -> HttpResponse:
    """Say a first rate, or propose another one."""
    form = _form(request)
    effect = None
    if request.method == "POST" and form.is_valid():
        effect = _effect(request, form)
        try:
            with transaction.atomic():
                case = change_rate(
                    company_id=request.company.pk,
                    from_code=form.cleaned_data["source"],
                    to_code=form.cleaned_data["target"],
                    numerator=form.numerator,
                    denominator=form.denominator,
                    valid_from=form.valid_day(),
                    today=today_of(request),
                    now=clock.now(),
                    actor=actor_of(request.member),
                    reason=form.cleaned_data["reason"],
                )
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            if case is None:
                messages.success(request, _("比例已定，已告知所有人。"))
            else:
                messages.success(request, _("已提交审批。负责人同意后公布给所有人。"))
            return redirect("ledger-rates")
    context = {"form": form, "back_address": "/ledger/rates/", **_words(effect)}
    return render(request, "site/ledger/rate_new.html", context, status=422 if form.errors else 200)


@manager_page
@require_POST
def rate_preview(request: MemberRequest) -> HttpResponse:
    """What stands in the form: the rate before and after, and what all wallets would become."""
    form = _form(request)
    if not form.is_valid():
        wrong = first_error(form)
        return render(request, "site/ledger/_rate.html", {"wrong": wrong})
    return render(request, "site/ledger/_rate.html", _words(_effect(request, form)))


def _effect(request: MemberRequest, form: RateForm) -> RateEffect:
    return rate_effect(
        company_id=request.company.pk,
        from_code=form.cleaned_data["source"],
        to_code=form.cleaned_data["target"],
        numerator=form.numerator,
        denominator=form.denominator,
        today=today_of(request),
    )


def _words(effect: RateEffect | None) -> dict[str, Any]:
    if effect is None:
        return {"effect": None}
    if effect.present is None:
        road = _("这一对的第一个比例，不用审批，当天就可以生效。")
    else:
        road = _("调整要另一位负责人同意，至少提前 %(n)s 天公布给所有人。") % {"n": NOTICE_DAYS}
    return {"effect": effect, "road": road}
