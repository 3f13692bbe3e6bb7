"""The home desk: what is mine today, what I can earn, and for officers what is to be done."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from meritbook.approvals.queries import waiting_count
from meritbook.kit import clock
from meritbook.kit.periods import MONTH, Period
from meritbook.ledger.names import named_assets
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.queries.members import Member
from meritbook.site.queries import desk
from meritbook.site.queries.todo import (
    approvals_todo,
    first_steps,
    papers_todo,
    schemes_todo,
    todo,
)
from meritbook.standings.queries import board


@for_members()
def home(request: MemberRequest) -> HttpResponse:
    """One desk for every role; parts that do not concern the member are left out."""
    member, now, today = request.member, clock.now(), today_of(request)
    company_id = request.company.pk
    month = board(company_id=company_id, period=Period.containing(MONTH, today))
    named = named_assets(company_id=company_id)
    context: dict[str, Any] = {
        "today": today,
        "greeting": desk.greeting(name=member.name, at=now.astimezone(request.company.zone).time()),
        "quick": _quick(member),
        **desk.board_part(member=member, month=month, named=named),
        **desk.latest_part(member=member, named=named),
        **desk.employee_part(member=member, month=month, now=now, day=today, named=named),
    }
    waiting = waiting_count(member, on=today)
    own = schemes_todo(member=member, today=today) + papers_todo(member=member, today=today)
    if waiting or own:
        context["todo"] = approvals_todo(count=waiting) + own
    if member.is_officer:
        context |= desk.company_part(member=member, month=month, now=now, day=today)
        context |= desk.budget_part(member=member, day=today, named=named)
        steps = first_steps(company_id=company_id)
        context |= {"first_steps": steps, "begins": any(step["is_next"] for step in steps)}
        context["todo"] = todo(
            company_id=company_id, now=now, overdue=context["overdue"], waiting=waiting
        )
        context["todo"] += own
    return render(request, "site/home.html", context)


def _quick(member: Member) -> list[dict[str, Any]]:
    """What an officer or a head does most, one click away."""
    if not (member.is_officer or member.is_head):
        return []
    links = [{"address": "/events/new/", "icon": "plus", "label": _("记一笔")}]
    if member.is_officer:
        links.append({"address": "/events/import/", "icon": "upload", "label": _("导入事件")})
    return links
