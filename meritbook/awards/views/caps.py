"""Caps: which there are, what is used and left; adding and ending them."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from meritbook.awards.cap_forms import NEXT, PERIODS, POLICIES, CapForm
from meritbook.awards.operations.caps import set_cap, stop_cap
from meritbook.awards.permissions import may_see_caps, may_set_caps
from meritbook.awards.queries.cap_list import (
    BY_BUDGET,
    BY_PERSON,
    BY_RULE,
    CapLine,
    cap_lines,
    coming_caps,
    stated_caps,
)
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.points import from_minor
from meritbook.kit.templatetags.kit import points
from meritbook.ledger.caps import span_of
from meritbook.ledger.names import asset_name, asset_names, named_assets
from meritbook.ledger.tabs import ledger_tabs
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.operations.audit import actor_of
from meritbook.org.queries.departments import department_tree, flat
from meritbook.rules.queries import rulebook

PEOPLE_SHOWN = 5
LAST_DAY = date(2999, 12, 31)
"""The last day on which something may count."""


@require_GET
@for_members(may_see_caps)
def caps(request: MemberRequest) -> HttpResponse:
    """The caps that count on a day, each in its span of days around it."""
    company_id, today = request.company.pk, today_of(request)
    try:
        day = date.fromisoformat(request.GET.get("day") or today.isoformat())
    except ValueError:
        return redirect("caps")
    if not date(1970, 1, 2) <= day < LAST_DAY:
        return redirect("caps")
    names = asset_names(company_id=company_id)
    periods, policies = dict(PERIODS), dict(POLICIES)
    lines = cap_lines(company_id=company_id, day=day)
    context = {
        "tabs": ledger_tabs("/ledger/caps/", member=request.member),
        "day": day,
        "is_today": day == today,
        "previous": f"?day={day - timedelta(1)}",
        "next": f"?day={day + timedelta(1)}",
        "cards": [_card(line, names=names) for line in lines],
        "stated": [
            {
                "code": one.rule_code,
                "name": one.rule_name,
                "text": _("每人%(period)s最多 %(points)s 分")
                % {"period": str(periods[one.period]).lower(), "points": one.points},
            }
            for one in stated_caps(company_id=company_id, day=day)
            if one.period in periods
        ],
        "coming": [
            _card(line, names=names) | {"period": periods[line.cap.period]}
            for line in coming_caps(company_id=company_id, day=day)
        ]
        if day >= today
        else [],
        "policies": policies,
        "may_set": may_set_caps(request.member),
    }
    return render(request, "awards/caps.html", context)


@require_http_methods(["GET", "POST"])
@for_members(may_set_caps)
def new_cap(request: MemberRequest) -> HttpResponse:
    """Add a cap."""
    company_id, today = request.company.pk, today_of(request)
    named = named_assets(company_id=company_id)
    nodes = flat(department_tree(company_id=company_id, active_only=True))
    timelines = rulebook(company_id=company_id).rules.values()
    form = CapForm(
        request.POST or None,
        initial={"asset": "honour", "period": "month", "scope": "person", "policy": "clip"},
        departments=[(node.id, "　" * node.depth + node.name) for node in nodes],
        assets=[(code, one.name) for code, one in named.items() if code != "quota"],
        rules=sorted((one.code, f"{one.name}（{one.code}）") for one in timelines),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        span = span_of(data["period"], today)
        starts_next = data["begins"] == NEXT and data["period"] != "life"
        try:
            with transaction.atomic():
                set_cap(
                    company_id=company_id,
                    name=data["name"],
                    asset_code=data["asset"],
                    amount=form.amount_minor(scale=named[data["asset"]].scale),
                    scope=data["scope"],
                    period=data["period"],
                    policy=data["policy"],
                    valid_from=span.next().start if starts_next else today,
                    today=today,
                    department_id=form.department_id(),
                    employee_no=data["employee_no"].strip(),
                    rule_code=data["rule"],
                    reason=data["reason"],
                    actor=actor_of(request.member),
                    now=clock.now(),
                )
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("上限已设定"))
            return redirect("caps")
    context = {
        "form": form,
        "back_address": "/ledger/caps/",
        "title": _("设定上限"),
        "text": _("到了上限就不再多得，得分说明里会写明上限多少、已用多少、实得多少。"),
    }
    return render(request, "awards/budget_form.html", context, status=422 if form.errors else 200)


@require_POST
@for_members(may_set_caps)
def end(request: MemberRequest, cap_id: int) -> HttpResponse:
    """End a cap today: what is posted for today or later is not counted any more."""
    today = today_of(request)
    try:
        stop_cap(
            company_id=request.company.pk,
            cap_id=cap_id,
            day=today,
            today=today,
            actor=actor_of(request.member),
            now=clock.now(),
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("上限已结束，从今天起不再限制"))
    return redirect("caps")


def _card(line: CapLine, *, names: dict[str, str]) -> dict[str, Any]:
    """A cap as its card shows it."""
    cap, worst = line.cap, line.worst
    share = min(100, worst.used * 100 // cap.amount)
    if worst.left <= 0:
        state, tone = _("已满"), "bad"
    elif share >= 80:
        state, tone = _("快满了"), "wait"
    else:
        state, tone = _("正常"), "good"
    return {
        "id": cap.cap_id,
        "name": cap.name,
        "who": _who(line),
        "what": line.rule_name or _("全部得分"),
        "asset": asset_name(cap.asset_code, names),
        "policy": dict(POLICIES)[cap.policy],
        "span": line.span,
        "source": {
            BY_RULE: _("来自积分标准"),
            BY_BUDGET: _("来自预算"),
            BY_PERSON: "",
        }[line.source],
        "address": f"/rules/{cap.subject}/"
        if line.source == BY_RULE
        else "/ledger/budget/"
        if line.source == BY_BUDGET
        else "",
        "may_end": line.source == BY_PERSON,
        "reason": cap.reason,
        "state": state,
        "tone": tone,
        "share": share,
        "amount": _points(cap.amount, cap.scale),
        "used": _points(worst.used, cap.scale),
        "left": _points(worst.left, cap.scale),
        "is_shared": line.is_shared,
        "each": _("每人最多") if cap.scope == "person" else _("每个部门最多"),
        "starts_on": cap.valid_from,
        "ends_on": cap.valid_to,
        "people": [
            {
                "name": one.name,
                "employee_no": one.employee_no,
                "used": _points(one.taken.used, cap.scale),
                "left": _points(one.taken.left, cap.scale),
                "share": min(100, one.taken.used * 100 // cap.amount),
                "is_full": one.taken.left <= 0,
            }
            for one in line.takers[:PEOPLE_SHOWN]
        ]
        if not line.is_shared
        else [],
        "more": max(0, len(line.takers) - PEOPLE_SHOWN) + line.more if not line.is_shared else 0,
    }


def _points(minor: int, scale: int) -> str:
    return points(from_minor(minor, scale))


def _who(line: CapLine) -> str:
    match line.cap.scope:
        case "company":
            return _("全公司合计")
        case "department" if line.department:
            return _("%(department)s 合计") % {"department": line.department}
        case "department":
            return _("每个部门")
        case _ if line.employee_name:
            return line.employee_name
        case _ if line.department:
            return _("%(department)s 每个人") % {"department": line.department}
        case _:
            return _("每个人")
