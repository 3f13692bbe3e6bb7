"""The list of events, one event with what it earned, and a rule's latest entries."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from meritbook.awards import listings
from meritbook.awards.forms import EventFilterForm, WithdrawForm
from meritbook.awards.listings import EventFilter
from meritbook.awards.models import Entry, Event
from meritbook.awards.queries.entries import contributions_of, explain_rows, rows_where
from meritbook.awards.queries.explanation import Explanation, explain
from meritbook.awards.queries.stored import window_members
from meritbook.kit.points import from_minor
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.models import AuditEntry
from meritbook.org.permissions import (
    may_record_events,
    may_record_for,
    may_see_employee,
    may_see_events,
    scope_of,
)
from meritbook.org.queries.people import current_path_ids
from meritbook.rules.listings import Names, rule_lines
from meritbook.rules.operations.succession import ancestors
from meritbook.rules.queries import rule as rule_of
from meritbook.rules.queries import rulebook
from meritbook.rules.sentences import window_sentence
from meritbook.rules.steps import step_lines

RECENT = 8


def limits(request: MemberRequest) -> dict[str, Any]:
    """Whose events the member may see: everybody's, those of the departments headed, their own."""
    member = request.member
    if member.is_officer:
        return {}
    own = member.employee.pk if member.employee else -1
    scope = scope_of(member) or None
    return {"own": own, "scope": scope}


@for_members()
def events(request: MemberRequest) -> HttpResponse:
    """Events, the latest first, with filters."""
    company_id = request.company.pk
    form = EventFilterForm(request.GET)
    form.is_valid()
    asked = form.cleaned_data
    wanted = EventFilter(
        text=asked.get("q") or "",
        rule_code=asked.get("rule") or "",
        status=asked.get("status") or "",
        source=asked.get("source") or "",
        start=asked.get("start"),
        end=asked.get("end"),
        run_id=asked.get("run"),
        **limits(request),
    )
    page = listings.events(company_id=company_id, wanted=wanted, page=request.GET.get("page") or 1)
    is_filtered = any(value not in (None, "") for value in asked.values())
    rules = rule_lines(
        company_id=company_id,
        day=today_of(request),
        names=Names(company_id=company_id),
        with_drafts=False,
    )
    context = {
        "page": page,
        "wanted": wanted,
        "filtered": is_filtered,
        "statuses": _status_tabs(request, wanted.status),
        "rules": rules,
        "sources": listings.sources(company_id=company_id),
        "sees_others": may_see_events(request.member),
        "records": may_record_events(request.member) or request.member.is_head,
        "imports": may_record_events(request.member),
    }
    template = "awards/_events.html" if request.htmx else "awards/events.html"
    return render(request, template, context)


def _status_tabs(request: MemberRequest, status: str) -> list[dict[str, Any]]:
    tabs = []
    states = [("", _("全部")), *((str(value), str(name)) for value, name in Event.Status.choices)]
    for value, label in states:
        if value == Event.Status.PENDING and status != value:
            continue
        query = request.GET.copy()
        query.pop("page", None)
        query.pop("status", None)
        if value:
            query["status"] = value
        tabs.append(
            {"address": f"?{query.urlencode()}", "label": label, "current": value == status}
        )
    return tabs


def event_of(request: MemberRequest, event_id: int) -> Event:
    """One event that the member may see; 404 for any other."""
    event = (
        Event.objects.select_related("employee", "rule", "import_run")
        .filter(company_id=request.company.pk, pk=event_id)
        .first()
    )
    if event is None or not may_see_employee(
        request.member,
        employee_id=event.employee_id,
        path_ids=current_path_ids(
            company_id=request.company.pk, employee_id=event.employee_id, today=today_of(request)
        ),
    ):
        raise Http404(_("没有这个事件"))
    return event


def may_change(request: MemberRequest, event: Event) -> bool:
    """Whether the member may withdraw or correct the event."""
    return may_record_for(
        request.member,
        employee_id=event.employee_id,
        path_ids=current_path_ids(
            company_id=request.company.pk, employee_id=event.employee_id, today=today_of(request)
        ),
    )


@for_members()
def event(request: MemberRequest, event_id: int) -> HttpResponse:
    """One event: what it earned step by step, or why it earned nothing."""
    found = event_of(request, event_id)
    if not found.is_current:
        current = Event.objects.get(
            company_id=found.company_id,
            source=found.source,
            event_no=found.event_no,
            is_current=True,
        )
        return redirect("event", event_id=current.pk)
    company = request.company
    explained = explain(company_id=company.pk, event_no=found.event_no, source=found.source)
    (line,) = listings.lines_of(company_id=company.pk, events=[found])
    context = {
        "back_address": "/events/",
        "event": found,
        "line": line,
        "local": found.happened_at.astimezone(ZoneInfo(company.time_zone)),
        "standing": [
            {
                "rule": one.explained.rule.spec,
                "sentence": one.explained.sentence,
                "points": from_minor(one.points),
                "effective_on": one.explained.row.effective_on,
                "steps": step_lines(one.explained.steps),
                "events": [each for each in one.explained.events if each.id != found.pk],
            }
            for one in explained.standing
        ],
        "near": explained.near,
        "waiting": _waiting(request, explained),
        "history": _history(found),
        "may_change": found.status != Event.Status.WITHDRAWN and may_change(request, found),
        "withdraw_form": WithdrawForm(),
        "department": _department(request, explained),
        "sees_people": may_see_events(request.member),
    }
    return render(request, "awards/event.html", context)


def _waiting(request: MemberRequest, explained: Explanation) -> list[dict[str, Any]]:
    """The open windows that the event counts in, each with its result so far."""
    company = request.company
    still_open = [one for one in explained.windows if one.counted and one.state == "open"]
    if not still_open:
        return []
    members = window_members(
        company_id=company.pk, zone=company.time_zone, window_ids=[one.id for one in still_open]
    )
    book = rulebook(company_id=company.pk)
    waiting = []
    for one in still_open:
        rule = book.version_on(one.rule_id, one.window.ends_on)
        if rule is None or not rule.windowed:
            continue
        pairs = contributions_of(rule, members.get(one.id, []), items=book.items_of(one.rule_id))
        contributions = [pair for pair, _facts in pairs]
        waiting.append(
            {
                "rule": rule.spec,
                "window": one.window,
                "sentence": window_sentence(rule, one.window, contributions, tr=_),
                "points": from_minor(rule.score_window(one.window, contributions).points),
            }
        )
    return waiting


def _history(found: Event) -> list[dict[str, Any]]:
    """When the event came in, and what people did to it since; the latest first."""
    revisions = Event.objects.filter(
        company_id=found.company_id, source=found.source, event_no=found.event_no
    ).order_by("-revision")
    said = {
        (entry.object_id, entry.action): entry
        for entry in AuditEntry.objects.filter(
            company_id=found.company_id,
            object_kind="event",
            object_id__in=[str(each.pk) for each in revisions],
        )
    }
    items: list[dict[str, Any]] = []
    withdrawal = said.get((str(found.pk), "event.withdraw"))
    if withdrawal is not None:
        items.append(
            {
                "title": pgettext("why", "撤回"),
                "at": withdrawal.happened_at,
                "by": withdrawal.actor_name,
                "text": withdrawal.reason,
                "tone": "bad",
            }
        )
    for each in revisions:
        name = "event.record" if each.revision == 1 else "event.correct"
        entry = said.get((str(each.pk), name))
        items.append(
            {
                "title": _("记录") if each.revision == 1 else pgettext("why", "更正"),
                "at": each.received_at,
                "by": entry.actor_name if entry else listings.source_name(each.source),
                "tone": "live" if each.is_current else "calm",
            }
        )
    return items


def _department(request: MemberRequest, explained: Explanation) -> str:
    """Where the person worked when it happened."""
    position = explained.person.place_on(explained.event.fact_on)
    if position.main_department_id is None:
        return ""
    names = Names(company_id=request.company.pk)
    department = names.departments.get(position.main_department_id)
    return names.path(department) if department else ""


@for_members()
def rule_entries(request: MemberRequest, code: str) -> HttpResponse:
    """The latest entries of one rule and of those that it follows, as far as the member may see
    them."""
    company = request.company
    rule = rule_of(company_id=company.pk, code=code)
    seen = limits(request)
    entries = Entry.objects.filter(
        company_id=company.pk,
        rule_version__rule__code__in=[code, *ancestors(company.pk, [code])],
        rule_version__rule__company_id=company.pk,
        rule_version__company_id=company.pk,
    )
    if seen:
        who = {seen["own"]}
        if seen["scope"]:
            who |= set(
                listings.people_of(company.pk, seen["scope"]).values_list("employee_id", flat=True)
            )
        entries = entries.filter(employee_id__in=who)
    latest = list(entries.order_by("-id").values_list("id", flat=True)[:RECENT])
    rows = rows_where(
        company_id=company.pk,
        zone=company.time_zone,
        condition="n.id = ANY(%s)",
        values=[latest],
    )
    explained = explain_rows(company_id=company.pk, zone=company.time_zone, rows=rows)
    people = dict(
        Entry.objects.filter(company_id=company.pk, pk__in=latest).values_list(
            "id", "employee__name"
        )
    )
    context = {
        "rows": [
            {
                "name": people[one.row.id],
                "sentence": one.sentence,
                "points": from_minor(one.row.points),
                "effective_on": one.row.effective_on,
                "event_id": one.row.event_id,
                "tx_id": one.row.tx_id,
            }
            for one in reversed(explained)
        ],
        "rule": rule,
    }
    return render(request, "awards/_rule_entries.html", context)
