"""Why an entry was posted: the trace as sentences, in the side sheet or as a page."""

from django.http import HttpResponse
from django.shortcuts import render

from meritbook.awards.queries.background import background_of
from meritbook.awards.queries.entries import explain_entry
from meritbook.kit.points import from_minor
from meritbook.org.doors import MemberRequest, for_members
from meritbook.org.models import Employee
from meritbook.rules.steps import step_lines
from meritbook.site.queries.sight import assets_in_sight
from meritbook.site.views.wallet import require_sight

EVENTS_SHOWN = 10


@for_members()
def why(request: MemberRequest, tx_id: int) -> HttpResponse:
    """One transaction explained to those who may see its owner's wallet; to others not found."""
    company = request.company
    explained = explain_entry(company_id=company.pk, zone=company.time_zone, tx_id=tx_id)
    employee = Employee.objects.get(company_id=company.pk, pk=explained.row.employee_id)
    require_sight(request, employee)
    spec = explained.rule.spec
    sight = assets_in_sight(request.member, of=employee)
    background = background_of(company_id=company.pk, explained=explained)
    context = {
        "explained": explained,
        "deeds": [one._asdict() for one in background.deeds],
        "chain": [(one, from_minor(one.points)) for one in background.chain],
        "has_versions": background.versions > 1,
        "employee": employee,
        "points": from_minor(explained.row.points),
        "steps": step_lines(explained.steps),
        "spec": spec,
        "postings": [
            {"asset_name": sight[asset].name, "points": from_minor(amount, sight[asset].scale)}
            for asset, amount in explained.rule.legs(explained.row.points)
            if asset in sight
        ],
        "events": explained.events[:EVENTS_SHOWN],
        "more_events": max(0, len(explained.events) - EVENTS_SHOWN),
        "back": "/wallet/"
        if request.member.employee == employee
        else f"/people/{employee.employee_no}/wallet/",
    }
    return render(request, "site/_why.html" if request.htmx else "site/why.html", context)
