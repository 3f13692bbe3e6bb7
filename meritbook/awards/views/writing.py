"""One event by hand: who, which rule, what the rule asks for; withdrawing; correcting."""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from meritbook.awards import listings
from meritbook.awards.forms import EventForm, WithdrawForm, initial_of
from meritbook.awards.models import Event
from meritbook.awards.operations import record, withdraw
from meritbook.awards.operations.quotas import payer_of
from meritbook.awards.paying import Payer
from meritbook.awards.previews import Preview, preview_event
from meritbook.awards.typed_inputs import inputs_of_type
from meritbook.awards.views.reading import event_of, may_change
from meritbook.kit import clock
from meritbook.kit.points import from_minor
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.models import Employee
from meritbook.org.operations.audit import actor_of, note
from meritbook.org.permissions import may_record_for, may_see_events, scope_of
from meritbook.org.queries.people import current_path_ids
from meritbook.rules.fields import fields_of
from meritbook.rules.listings import IN_FORCE, Badge, Names, Reader, RuleLine, reader_on, rule_lines
from meritbook.rules.queries import version_spec
from meritbook.rules.spec import Field
from meritbook.rules.steps import step_lines

FOUND_AT_MOST = 12

recorder_page = for_members(may_see_events)


def _person(request: MemberRequest, employee_no: str | None) -> Employee | None:
    """The employee named, when the member may record for them."""
    if not employee_no:
        return None
    found = Employee.objects.filter(company_id=request.company.pk, employee_no=employee_no).first()
    if found is None or not may_record_for(
        request.member,
        employee_id=found.pk,
        path_ids=current_path_ids(
            company_id=request.company.pk, employee_id=found.pk, today=today_of(request)
        ),
    ):
        return None
    return found


def _rules(request: MemberRequest, *, text: str, person: Employee | None) -> list[RuleLine]:
    """Rules in force that match a text; those that concern the person come first."""
    company_id, day = request.company.pk, today_of(request)
    lines = [
        line
        for line in rule_lines(
            company_id=company_id, day=day, names=Names(company_id=company_id), with_drafts=False
        )
        if line.state == IN_FORCE
    ]
    words = text.lower().split()
    lines = [
        line
        for line in lines
        if all(
            word in f"{line.code} {line.sentence} {line.version.indicator}".lower()
            for word in words
        )
    ]
    if person is None:
        return lines
    reader: Reader = reader_on(company_id=company_id, employee_id=person.pk, day=day)
    return [line for line in lines if reader.is_concerned(line.version.population)]


def _line(request: MemberRequest, code: str | None) -> RuleLine | None:
    """The rule in force with the code."""
    if not code:
        return None
    return next((line for line in _rules(request, text="", person=None) if line.code == code), None)


class _Named(NamedTuple):
    """What an event is of: a rule, or a type that several rules may be fed by."""

    code: str
    title: str
    badge: Badge | None
    asked: tuple[Field, ...]


_NOTHING_GIVEN: Mapping[str, str] = {}


def _named(
    request: MemberRequest, code: str, day: date, *, given: Mapping[str, str] = _NOTHING_GIVEN
) -> _Named | None:
    """The rule in force with the code, else the type, with what a form asks for."""
    line = _line(request, code)
    if line is not None:
        return _Named(line.code, line.version.standard, line.badge, _asked(line))
    found = inputs_of_type(company_id=request.company.pk, code=code, day=day, given=given)
    return None if found is None else _Named(code, found[0], None, found[1])


def _asked(line: RuleLine) -> tuple[Field, ...]:
    return fields_of(version_spec(line.version), tr=_)


@recorder_page
def new_event(request: MemberRequest) -> HttpResponse:
    """Three steps on one page: the person, the rule, what happened."""
    person = _person(request, request.GET.get("employee"))
    line = _line(request, request.GET.get("rule"))
    rules = _rules(request, text="", person=person) if person and line is None else []
    context: dict[str, Any] = {
        "person": person,
        "line": line,
        "back_address": "/events/",
        "people": _people(request, "") if person is None else [],
        "rules": rules[:FOUND_AT_MOST],
        "more": len(rules) > FOUND_AT_MOST,
    }
    status = 200
    if person is not None and line is not None:
        asked = _asked(line)
        now = clock.now().astimezone(ZoneInfo(request.company.time_zone))
        form = EventForm(
            request.POST if request.method == "POST" else None,
            asked=asked,
            initial={"happened_on": now.date(), "happened_time": now.time()},
        )
        number = request.POST.get("number") or secrets.token_hex(6)
        if request.method == "POST" and form.is_valid():
            event_id = _record(request, form=form, number=number, code=line.code, person=person)
            if event_id is not None:
                return redirect("event", event_id=event_id)
        status = 422 if form.errors else 200
        context |= {"form": form, "number": number}
    return render(request, "awards/event_new.html", context, status=status)


def _number(number: str) -> str:
    """The event's number from the form's own: sending a form twice is the same event."""
    kept = "".join(each for each in number if each.isalnum())[:24] or secrets.token_hex(6)
    return f"M-{kept}"


def _record(
    request: MemberRequest,
    *,
    form: EventForm,
    number: str,
    code: str,
    person: Employee,
    corrects: Event | None = None,
) -> int | None:
    """Record the form's event; its id, or None with the problems shown in the form."""
    now = clock.now()
    new = form.event(
        event_no=corrects.event_no if corrects else _number(number),
        rule_code=code,
        employee_no=person.employee_no,
    )
    with transaction.atomic():
        (result,) = record(
            company_id=request.company.pk,
            events=[new],
            source=corrects.source if corrects else listings.BY_HAND,
            now=now,
            revise=corrects is not None,
            payer=_payer(request),
        ).results
        if result.event_id is not None and not result.problems:
            note(
                company_id=request.company.pk,
                actor=actor_of(request.member),
                now=now,
                action="event.correct" if corrects else "event.record",
                object_kind="event",
                object_id=result.event_id,
                after={"event_no": new.event_no, "type": code, "who": person.employee_no},
            )
    for problem in result.problems:
        form.blame(problem.column, "，".join(filter(None, (problem.reason, problem.remedy))))
    if result.problems or result.event_id is None:
        return None
    messages.success(request, _("已更正。") if corrects else _("已记录。"))
    return result.event_id


def _payer(request: MemberRequest) -> Payer | None:
    """The reader's own quota, when they have one."""
    if request.member.employee is None:
        return None
    return payer_of(
        company_id=request.company.pk,
        employee=request.member.employee,
        today=today_of(request),
    )


def _people(request: MemberRequest, text: str) -> list[Employee]:
    found = listings.search_people(
        company_id=request.company.pk, text=text, scope=scope_of(request.member)
    ).exclude(state=Employee.State.LEFT)
    if request.member.employee is not None:
        found = found.exclude(pk=request.member.employee.pk)
    return list(found[:FOUND_AT_MOST])


@recorder_page
def find_people(request: MemberRequest) -> HttpResponse:
    """People whose 工号, name or pinyin begins so (htmx)."""
    context = {
        "people": _people(request, request.GET.get("q", "")),
        "line": _line(request, request.GET.get("rule")),
    }
    return render(request, "awards/_people.html", context)


@recorder_page
def find_rules(request: MemberRequest) -> HttpResponse:
    """Rules in force that concern the person and match a text (htmx)."""
    person = _person(request, request.GET.get("employee"))
    lines = _rules(request, text=request.GET.get("q", ""), person=person)
    context = {"rules": lines[:FOUND_AT_MOST], "more": len(lines) > FOUND_AT_MOST, "person": person}
    return render(request, "awards/_rules.html", context)


@recorder_page
@require_POST
def preview(request: MemberRequest) -> HttpResponse:
    """What the form's event would earn (htmx)."""
    person = _person(request, request.GET.get("employee"))
    named = _named(request, request.GET.get("rule") or "", today_of(request))
    if person is None or named is None:
        raise PermissionDenied
    form = EventForm(request.POST, asked=named.asked)
    context: dict[str, Any] = {"preview": None, "problems": []}
    if form.is_valid():
        found = preview_event(
            company_id=request.company.pk,
            zone=request.company.time_zone,
            event=form.event(
                event_no=request.GET.get("no") or "M-preview",
                rule_code=named.code,
                employee_no=person.employee_no,
            ),
            now=clock.now(),
        )
        if isinstance(found, Preview):
            context |= {
                "preview": found,
                "points": from_minor(found.points),
                "steps": step_lines(found.steps),
            }
        else:
            context["problems"] = found
    return render(request, "awards/_preview.html", context)


@recorder_page
def correct_event(request: MemberRequest, event_id: int) -> HttpResponse:
    """Correct what an event says: a new revision; what changes about its points is posted."""
    event = event_of(request, event_id)
    if not may_change(request, event) or not event.is_current:
        raise PermissionDenied
    named = _named(request, event.type_code, event.fact_on, given=event.attributes)
    if named is None:
        messages.error(request, _("这条标准已停用，不能更正；可以撤回后重新记录。"))
        return redirect("event", event_id=event.pk)
    asked = named.asked
    local = event.happened_at.astimezone(ZoneInfo(request.company.time_zone))
    form = EventForm(
        request.POST if request.method == "POST" else None,
        asked=asked,
        initial=initial_of(event, local=local, asked=asked),
    )
    if request.method == "POST" and form.is_valid():
        corrected = _record(
            request, form=form, number="", code=named.code, person=event.employee, corrects=event
        )
        if corrected is not None:
            return redirect("event", event_id=corrected)
    context = {
        "event": event,
        "person": event.employee,
        "named": named,
        "form": form,
        "back_address": f"/events/{event.pk}/",
    }
    return render(request, "awards/event_correct.html", context, status=422 if form.errors else 200)


@recorder_page
@require_POST
def withdraw_event(request: MemberRequest, event_id: int) -> HttpResponse:
    """Withdraw an event that did not happen after all; what it earned is reversed."""
    event = event_of(request, event_id)
    if not may_change(request, event):
        raise PermissionDenied
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请写明撤回原因。"))
        return redirect("event", event_id=event.pk)
    now = clock.now()
    with transaction.atomic():
        withdraw(
            company_id=request.company.pk,
            source=event.source,
            event_nos=[event.event_no],
            now=now,
        )
        note(
            company_id=request.company.pk,
            actor=actor_of(request.member),
            now=now,
            action="event.withdraw",
            object_kind="event",
            object_id=event.pk,
            before={"event_no": event.event_no, "source": event.source, "status": event.status},
            reason=form.cleaned_data["reason"],
        )
    messages.success(request, _("已撤回，相关积分已冲回。"))
    return redirect("event", event_id=event.pk)
