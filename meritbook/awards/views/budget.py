"""Budgets: what may be issued, what is used, where it leads; and what points are worth."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from meritbook.awards.budget_forms import NEXT, BudgetForm, WorthForm
from meritbook.awards.budgets import AHEAD, FINE, REACHED
from meritbook.awards.models import Budget
from meritbook.awards.operations.budgets import end_budget, follow_worth, set_budget
from meritbook.awards.permissions import may_ask_worth, may_see_budgets, may_set_budgets
from meritbook.awards.queries.budgets import Standing, planned, standings_of
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.periods import MONTH, Period, PeriodUnknown
from meritbook.kit.points import from_minor, to_minor
from meritbook.kit.templatetags.kit import points
from meritbook.ledger.names import Named, asset_name, asset_names, named_assets
from meritbook.ledger.operations.worths import NOTICE_DAYS, change_worth
from meritbook.ledger.queries import assets
from meritbook.ledger.tabs import ledger_tabs
from meritbook.ledger.worth import Worth, worth, worth_history
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.operations.audit import actor_of
from meritbook.org.permissions import may_see_ledger, scope_of
from meritbook.org.queries.departments import department_tree, flat

BUDGETED = ("spendable", "honour", "coin")
"""The kinds of points that a budget is usually about, the usual one first."""


@require_GET
@for_members(may_see_budgets)
def budget(request: MemberRequest) -> HttpResponse:
    """The budgets of a month and of the quarter and year around it."""
    today = today_of(request)
    present = Period.containing(MONTH, today)
    try:
        period = Period.parse(request.GET.get("period") or present.text)
    except PeriodUnknown:
        return redirect("budget")
    reads = may_see_ledger(request.member)
    found = standings_of(
        company_id=request.company.pk,
        period=period,
        today=today,
        department_ids=None if reads else scope_of(request.member),
    )
    following = period.next()
    named = named_assets(company_id=request.company.pk)
    names = {code: one.name for code, one in named.items()}
    context = {
        "tabs": ledger_tabs("/ledger/budget/", member=request.member) if reads else [],
        "period": period,
        "previous": f"?period={period.previous().text}",
        "next": f"?period={following.text}" if following.start <= present.next().end else "",
        "cards": [_card(each, names=names) for each in found],
        "planned": [
            _plan(each, named=named[each.asset_code])
            for each in planned(company_id=request.company.pk, today=today)
        ]
        if reads
        else [],
        "worths": _worths(company_id=request.company.pk, today=today),
        "changes": _changes(company_id=request.company.pk, today=today),
        "may_set": may_set_budgets(request.member),
        "may_ask": may_ask_worth(request.member),
    }
    return render(request, "awards/budget.html", context)


@require_http_methods(["GET", "POST"])
@for_members(may_set_budgets)
def new_budget(request: MemberRequest) -> HttpResponse:
    """Set a budget; what held for the same until then ends."""
    today = today_of(request)
    nodes = flat(department_tree(company_id=request.company.pk, active_only=True))
    form = BudgetForm(
        request.POST or None,
        initial={"span": "month", "policy": "warn"},
        departments=[(node.id, "　" * node.depth + node.name) for node in nodes],
        assets=_asset_choices(request.company.pk),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        span = Period.containing(data["span"], today)
        try:
            with transaction.atomic():
                set_budget(
                    company_id=request.company.pk,
                    department_id=form.department_id(),
                    asset_code=data["asset"],
                    span=data["span"],
                    unit=data["unit"],
                    amount=form.amount_minor(scale=_scale(request.company.pk, data["asset"])),
                    policy=data["policy"],
                    starts_on=span.next().start if data["begins"] == NEXT else today,
                    today=today,
                    actor=actor_of(request.member),
                    now=clock.now(),
                )
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("预算已设定"))
            return redirect("budget")
    context = {"form": form, "back_address": "/ledger/budget/", "title": _("设定预算"), "text": ""}
    return render(request, "awards/budget_form.html", context, status=422 if form.errors else 200)


@require_POST
@for_members(may_set_budgets)
def stop_budget(request: MemberRequest, budget_id: int) -> HttpResponse:
    """End a budget today."""
    end_budget(
        company_id=request.company.pk,
        budget_id=budget_id,
        day=today_of(request),
        actor=actor_of(request.member),
        now=clock.now(),
    )
    messages.success(request, _("预算已结束，之后不再计算"))
    return redirect("budget")


@require_http_methods(["GET", "POST"])
@for_members(may_ask_worth)
def ask_worth(request: MemberRequest) -> HttpResponse:
    """Say what points are worth; a change of what was said waits for approval."""
    company_id, today = request.company.pk, today_of(request)
    form = WorthForm(
        request.POST or None, initial={"valid_from": today}, assets=_asset_choices(company_id)
    )
    if request.method == "POST" and form.is_valid():
        data, now, actor = form.cleaned_data, clock.now(), actor_of(request.member)
        scale = _scale(company_id, data["asset"])
        try:
            with transaction.atomic():
                case = change_worth(
                    company_id=company_id,
                    asset_code=data["asset"],
                    scale=scale,
                    points=to_minor(data["points"], scale),
                    cents=to_minor(data["money"]),
                    valid_from=data["valid_from"],
                    today=today,
                    now=now,
                    actor=actor,
                    reason=data["reason"],
                )
                if case is None:
                    follow_worth(
                        company_id=company_id,
                        asset_code=data["asset"],
                        day=data["valid_from"],
                        actor=actor,
                        now=now,
                    )
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            if case is None:
                messages.success(request, _("积分价值已定，所有人都会收到通知"))
                return redirect("budget")
            messages.success(request, _("已提交，等负责人同意后生效"))
            return redirect(f"/approvals/{case.pk}/")
    text = _("第一次设定马上生效；以后的调整要由另一位负责人同意，并至少提前 %(n)s 天公布。") % {
        "n": NOTICE_DAYS
    }
    context = {
        "form": form,
        "back_address": "/ledger/budget/",
        "title": _("积分价值"),
        "text": text,
    }
    return render(request, "awards/budget_form.html", context, status=422 if form.errors else 200)


def _scale(company_id: int, code: str) -> int:
    return next((each.scale for each in assets(company_id=company_id) if each.code == code), 2)


def _asset_choices(company_id: int) -> list[tuple[str, str]]:
    """The company's assets, those first that budgets are usually about."""
    named = named_assets(company_id=company_id)
    usual = [code for code in BUDGETED if code in named]
    own = [code for code, one in named.items() if one.is_own]
    return [(code, named[code].name) for code in usual + own]


def _card(one: Standing, *, names: Mapping[str, str]) -> dict[str, Any]:
    """A budget as its card shows it: what is told large is in the unit in which it was set."""
    in_money = one.budget.unit == "money"
    amount = one.cents if in_money else one.points
    used = one.used_cents if in_money else one.used
    expected = one.expected_cents if in_money else one.expected
    labels = {
        FINE: (_("正常"), "good"),
        AHEAD: (_("照此速度会超出"), "wait"),
        REACHED: (_("已用完"), "bad"),
    }
    label, tone = labels[one.state]
    if amount is not None and used > amount:
        label = _("已超出")
    return {
        "id": one.budget.pk,
        "title": one.department or _("全公司"),
        "asset": asset_name(one.budget.asset_code, names),
        "period": one.period,
        "policy": one.budget.get_policy_display(),
        "state": label,
        "tone": tone,
        "share": min(100, used * 100 // amount) if amount else 100,
        "percent": used * 100 // amount if amount else 100,
        "expected_share": min(100, expected * 100 // amount) if expected and amount else 0,
        "amount": _both(one.points, one.cents, one.scale, in_money=in_money),
        "used": _both(one.used, one.used_cents, one.scale, in_money=in_money),
        "left": _both(one.left, one.left_cents, one.scale, in_money=in_money),
        "expected": _expected(one, in_money=in_money),
        "is_open": one.budget.ends_on is None,
    }


def _expected(one: Standing, *, in_money: bool) -> tuple[str, str] | None:
    """Where it leads, in whole points: a forecast is not exact to the hundredth."""
    if one.expected is None or one.expected_cents is None:
        return None
    unit = 10**one.scale
    whole = (2 * one.expected + unit) // (2 * unit) * unit
    return _both(whole, one.expected_cents, one.scale, in_money=in_money)


def _both(minor: int | None, cents: int | None, scale: int, *, in_money: bool) -> tuple[str, str]:
    """(the figure in the unit of the budget, the same in the other unit)."""
    in_points = "–" if minor is None else _("%(n)s 分") % {"n": points(from_minor(minor, scale))}
    money = "–" if cents is None else _("%(n)s 元") % {"n": f"{Decimal(cents) / 100:,.2f}"}
    return (money, in_points) if in_money else (in_points, money)


def _plan(each: Budget, *, named: Named) -> dict[str, Any]:
    in_money = each.unit == Budget.Unit.MONEY
    amount = points(from_minor(each.amount, 2 if in_money else named.scale))
    return {
        "id": each.pk,
        "title": each.department.name if each.department else _("全公司"),
        "asset": named.name,
        "span": each.get_span_display(),
        "amount": (_("%(n)s 元") if in_money else _("%(n)s 分")) % {"n": amount},
        "policy": each.get_policy_display(),
        "starts_on": each.starts_on,
    }


def _worths(*, company_id: int, today: date) -> list[dict[str, str]]:
    """What the usual assets are worth today."""
    scales = {each.code: each.scale for each in assets(company_id=company_id)}
    names = asset_names(company_id=company_id)
    return [
        {
            "asset": asset_name(code, names),
            "text": ratio_text(
                worth(company_id=company_id, asset_code=code, on=today), scale=scales[code]
            ),
        }
        for code in BUDGETED
        if code in scales and code != "honour"
    ]


def _changes(*, company_id: int, today: date) -> list[dict[str, Any]]:
    """What was said and when it holds, as a timeline shows it."""
    scales = {each.code: each.scale for each in assets(company_id=company_id)}
    names = asset_names(company_id=company_id)
    return [
        {
            "title": ratio_text(Worth(row.points, row.cents), scale=scales.get(row.asset_code, 2)),
            "text": _("%(asset)s，%(day)s 起")
            % {
                "asset": asset_name(row.asset_code, names),
                "day": row.valid_from.isoformat(),
            }
            + (f"（{row.note}）" if row.note else ""),
            "tone": "wait" if row.valid_from > today else "good",
        }
        for row in worth_history(company_id=company_id)[:10]
    ]


def ratio_text(at: Worth, *, scale: int) -> str:
    """100 积分折合 1.00 元."""
    if not at.cents:
        return _("不折算成钱")
    return _("%(points)s 积分折合 %(money)s 元") % {
        "points": points(from_minor(at.points, scale)),
        "money": f"{Decimal(at.cents) / 100:,.2f}",
    }
