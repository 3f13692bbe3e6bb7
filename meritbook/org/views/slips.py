"""First passwords: a link for one person, slips to print for many."""

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from meritbook.kit import clock
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.models import Employee
from meritbook.org.operations.audit import actor_of
from meritbook.org.operations.logins import Activation, OwnersOnly, issue_activations
from meritbook.org.operations.people import employee
from meritbook.org.permissions import may_manage_people
from meritbook.org.queries.people import selected, unactivated

SLIPS_AT_ONCE = 500


@never_cache
@require_POST
@for_members(may_manage_people)
def activation_link(request: MemberRequest, employee_no: str) -> HttpResponse:
    """A link for one person, shown once."""
    found = employee(company_id=request.company.pk, employee_no=employee_no)
    if found.state == Employee.State.LEFT:
        messages.error(request, _("已离职的员工不能登录"))
        return redirect("person", employee_no=employee_no)
    try:
        (made,) = issue_activations(
            company_id=request.company.pk,
            employees=[found],
            now=clock.now(),
            actor=actor_of(request.member),
        )
    except OwnersOnly as refusal:
        messages.error(request, refusal.message)
        return redirect("person", employee_no=employee_no)
    context = {"slip": _slip(request, made), "back_address": f"/people/{employee_no}/"}
    return render(request, "org/activation_link.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@for_members(may_manage_people)
def slips(request: MemberRequest) -> HttpResponse:
    """Slips for those ticked, or for everybody who has no log-in yet; links work once."""
    if request.method == "GET":
        # Someone came back to the address: slips are made from the list, and shown once.
        return redirect("people")
    company_id = request.company.pk
    if request.POST.get("everybody"):
        chosen = unactivated(company_id=company_id, limit=SLIPS_AT_ONCE, today=today_of(request))
    else:
        ticked = request.POST.getlist("employee")[:SLIPS_AT_ONCE]
        ids = [int(each) for each in ticked if each.isdecimal() and len(each) < 18]
        chosen = selected(company_id=company_id, employee_ids=ids)
    if not chosen:
        messages.error(request, _("请先勾选员工"))
        return redirect("people")
    try:
        made = issue_activations(
            company_id=company_id, employees=chosen, now=clock.now(), actor=actor_of(request.member)
        )
    except OwnersOnly as refusal:
        messages.error(request, refusal.message)
        return redirect("people")
    context = {"slips": [_slip(request, each) for each in made], "back_address": "/people/"}
    return render(request, "org/slips.html", context)


def _slip(request: HttpRequest, made: Activation) -> dict[str, object]:
    address = request.build_absolute_uri(reverse("activation", args=[made.token]))
    return {
        "employee": made.employee,
        "address": address,
        "expires_at": made.expires_at,
        # The picture stands in the page itself: no second request could ask for a spent token.
        "picture": segno.make(address, error="m").svg_data_uri(scale=4, border=1, dark="#000"),
    }
