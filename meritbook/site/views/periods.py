"""Months: their totals and state, the checklist before one is closed, opening one again."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.periods import MONTH, Period, PeriodUnknown
from meritbook.kit.points import from_minor
from meritbook.ledger.months import Month, first_month, months
from meritbook.ledger.names import asset_names
from meritbook.ledger.tabs import ledger_tabs
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.operations.audit import actor_of
from meritbook.org.permissions import may_close_months, may_see_ledger
from meritbook.site import closing
from meritbook.site.ledger_forms import ReasonForm
from meritbook.site.queries.ledger_words import actor_names

MONTHS_MAX = 60
"""So many months are listed; older ones open by their address."""
_EARLIEST = date(1970, 1, 1)


@for_members(may_see_ledger)
def periods(request: MemberRequest) -> HttpResponse:
    """The months, the latest first."""
    today = today_of(request)
    company_id = request.company.pk
    first = first_month(company_id=company_id)
    names = asset_names(company_id=company_id)
    listed = months(company_id=company_id, start=first, end=today) if first else []
    context = {
        "tabs": ledger_tabs("/ledger/periods/", member=request.member),
        "rows": [_row(each, names=names, today=today) for each in listed[:MONTHS_MAX]],
    }
    return render(request, "site/ledger/periods.html", context)


@for_members(may_see_ledger)
def period(request: MemberRequest, month: str) -> HttpResponse:
    """One month with its checklist and its history."""
    return _page(request, _month(month))


@require_POST
@for_members(may_close_months)
def period_close(request: MemberRequest, month: str) -> HttpResponse:
    """Close a month after its checklist was looked at."""
    asked = _month(month)
    try:
        closing.close(
            company=request.company,
            month=asked,
            today=today_of(request),
            now=clock.now(),
            actor=actor_of(request.member),
            looked=bool(request.POST.get("looked")),
        )
    except Refusal as refusal:
        return _page(request, asked, problem=refusal.message)
    messages.success(request, _("已关账。以后补记的事件计入下一个未关账的月份。"))
    return redirect("ledger-period", month=asked.text)


@require_POST
@for_members(may_close_months)
def period_reopen(request: MemberRequest, month: str) -> HttpResponse:
    """Open a closed month again, with a reason."""
    asked = _month(month)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, asked, form=form, problem=_("请写明重新打开的原因。"))
    try:
        closing.reopen(
            company=request.company,
            month=asked,
            reason=form.cleaned_data["reason"],
            now=clock.now(),
            actor=actor_of(request.member),
        )
    except Refusal as refusal:
        return _page(request, asked, form=form, problem=refusal.message)
    messages.success(request, _("已重新打开。"))
    return redirect("ledger-period", month=asked.text)


def _month(text: str) -> Period:
    try:
        found = closing.month_of(text)
    except PeriodUnknown as unknown:
        raise Http404(unknown.message) from unknown
    if found.start < _EARLIEST:
        raise Http404
    return found


def _page(
    request: MemberRequest, month: Period, *, problem: str = "", form: ReasonForm | None = None
) -> HttpResponse:
    company_id, today = request.company.pk, today_of(request)
    (found,) = months(company_id=company_id, start=month.start, end=month.start)
    checks = closing.checklist(company=request.company, month=month, today=today)
    names = actor_names(company_id=company_id, actor_ids={each.actor_id for each in found.changes})
    context = {
        "back_address": "/ledger/periods/",
        "month": month,
        "row": _row(found, names=asset_names(company_id=company_id), today=today),
        "checks": checks,
        "stopped": any(each.state == closing.STOP for each in checks),
        "looks": any(each.state == closing.LOOK for each in checks),
        "history": [
            {
                "title": _("关账") if each.state == "closed" else _("重新打开"),
                "at": each.changed_at,
                "by": names.get(each.actor_id, _("系统")),
                "text": each.reason,
                "tone": "live" if each.state == "closed" else "wait",
            }
            for each in found.changes
        ],
        "may_close": may_close_months(request.member),
        "problem": problem,
        "form": form or ReasonForm(),
        "days": f"start={month.start}&end={month.end}",
    }
    return render(request, "site/ledger/period.html", context, status=422 if problem else 200)


def _row(month: Month, *, names: dict[str, str], today: date) -> dict[str, Any]:
    period = Period.containing(MONTH, month.first_day)
    return {
        "period": period,
        "address": f"/ledger/periods/{period.text}/",
        "is_closed": month.is_closed,
        "is_running": period.holds(today),
        "transactions": month.transactions,
        "sums": [
            {
                "asset": names.get(one.asset, one.asset),
                "earned": from_minor(one.earned, one.scale),
                "deducted": -from_minor(one.deducted, one.scale),
                "spent": -from_minor(one.spent, one.scale),
                "other": from_minor(one.other, one.scale),
                "net": from_minor(one.earned - one.deducted - one.spent + one.other, one.scale),
            }
            for one in month.sums
        ],
        "changes": len(month.changes),
    }
