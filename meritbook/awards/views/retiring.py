"""What ending a rule would touch, as a part of the dialog that ends it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from meritbook.awards.queries.retiring import RECENT_DAYS, pending_effects
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.permissions import may_manage_rules
from meritbook.rules.queries import rule as rule_of


@require_safe
@for_members(may_manage_rules)
def rule_pending(request: MemberRequest, code: str) -> HttpResponse:
    """Running windows, later versions, events that wait, and who earned by the rule lately."""
    rule = rule_of(company_id=request.company.pk, code=code)
    found = pending_effects(company_id=request.company.pk, rule_id=rule.pk, today=today_of(request))
    return render(request, "awards/_pending.html", {"found": found, "days": RECENT_DAYS})
