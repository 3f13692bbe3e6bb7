"""Managers' quotas: what each may give this month, what is used, and a change of it."""

from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from meritbook.awards.operations.quotas import BadQuota, set_quota
from meritbook.awards.paying import QUOTA_SCALE
from meritbook.awards.permissions import may_manage_quotas
from meritbook.awards.queries.quotas import QuotaLine, quota_page
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.periods import MONTH, Period
from meritbook.kit.points import from_minor, points_text, to_minor
from meritbook.ledger.tabs import ledger_tabs
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.models import Employee
from meritbook.org.operations.audit import actor_of
from meritbook.org.operations.people import employee as employee_of

LARGEST = Decimal(10) ** 12


class Typed(NamedTuple):
    """What somebody typed for an employee, and why it was not taken."""

    employee: Employee
    monthly: str
    act_max: str
    wrong: str


@require_safe
@for_members(may_manage_quotas)
def quotas(request: MemberRequest) -> HttpResponse:
    """Heads and whoever has a quota; with a text anybody, so that more can be given one."""
    return _list(request)


def _list(request: MemberRequest, *, typed: Typed | None = None) -> HttpResponse:
    today, text = today_of(request), request.GET.get("q", "").strip()[:80]
    shown, found = quota_page(
        company_id=request.company.pk, today=today, text=text, page=request.GET.get("page", 1)
    )
    if typed and typed.employee not in [line.employee for line in found]:
        # They come from no list that shows them: show them alone.
        text = typed.employee.employee_no
        shown, found = quota_page(company_id=request.company.pk, today=today, text=text)
    context = {
        "tabs": ledger_tabs("/ledger/quotas/", member=request.member),
        "month": Period.containing(MONTH, today),
        "page": shown,
        "rows": [
            row_of(line, typed=typed if typed and typed.employee == line.employee else None)
            for line in found
        ],
        "text": text,
    }
    return render(request, "site/ledger/quotas.html", context, status=422 if typed else 200)


@require_http_methods(["GET", "POST"])
@for_members(may_manage_quotas)
def quota_set(request: MemberRequest, employee_no: str) -> HttpResponse:
    """Set somebody's quota from today on; an empty amount ends it.

    The query string says where in the list one is; whoever comes by a link is led there.
    """
    employee = employee_of(company_id=request.company.pk, employee_no=employee_no)
    place = request.GET.urlencode()
    place = reverse("quotas") + (f"?{place}" if place else "")
    if request.method == "GET":
        return redirect(place)
    monthly, act_max = request.POST.get("monthly", ""), request.POST.get("act_max", "")
    try:
        if employee == request.member.employee:
            raise BadQuota(_("不能给自己设额度"))
        with transaction.atomic():
            changed = set_quota(
                company_id=request.company.pk,
                employee=employee,
                monthly=_minor(monthly),
                act_max=_minor(act_max),
                today=today_of(request),
                now=clock.now(),
                actor=actor_of(request.member),
            )
    except Refusal as refusal:
        typed = Typed(employee, monthly[:40], act_max[:40], refusal.message)
        return _list(request, typed=typed)
    messages.success(
        request,
        (_("%(name)s 的额度已保存") if changed else _("%(name)s 的额度没有变化"))
        % {"name": employee.name},
    )
    return redirect(place)


def row_of(line: QuotaLine, *, typed: Typed | None = None) -> dict[str, Any]:
    """One manager; with what was typed and not taken, if anything was."""
    use = line.use

    def shown(minor: int | None) -> Decimal | None:
        return None if minor is None else from_minor(minor, QUOTA_SCALE)

    def text(minor: int | None) -> str:
        return "" if minor is None else points_text(minor, QUOTA_SCALE)

    return {
        "employee": line.employee,
        "monthly": typed.monthly if typed else text(line.monthly),
        "act_max": typed.act_max if typed else text(line.act_max),
        "wrong": typed.wrong if typed else "",
        "granted": shown(use.granted),
        "used": shown(use.used),
        "left": shown(use.left),
        "share": min(100, use.used * 100 // use.granted) if use.granted else 0,
        "tone": "bad" if use.granted and not use.left else "success",
        "later": line.monthly is not None and use.granted not in (0, line.monthly),
    }


def _minor(text: str) -> int | None:
    """Points that somebody typed, in minor units; None for nothing. Raises BadQuota."""
    text = text.strip().replace(",", "")
    if not text:
        return None
    try:
        points = Decimal(text)
    except InvalidOperation:
        points = Decimal("NaN")
    if not points.is_finite() or abs(points) > LARGEST or points != round(points, QUOTA_SCALE):
        raise BadQuota(_("请填写数字，最多两位小数"))
    return to_minor(points, QUOTA_SCALE)
