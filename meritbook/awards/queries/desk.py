"""What a home desk shows of events, windows and entries: counts and the latest."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Min, Q

from meritbook.awards.models import Event, Window, WindowEvent
from meritbook.awards.queries.entries import (
    Explained,
    contributions_of,
    explain_rows,
    rows_where,
)
from meritbook.awards.queries.stored import window_members
from meritbook.rules.queries import Rulebook
from meritbook.rules.values import bound_ahead


class EventCounts(NamedTuple):
    """How many events happened on a day and on the day before; withdrawn ones left out."""

    today: int
    before: int


class WindowCounts(NamedTuple):
    """Windows that still run, when the next one closes, and those past their close."""

    open: int
    next_ends_on: date | None
    overdue: int


class Progress(NamedTuple):
    """How far somebody is in a running window: the measure so far of the rule's target."""

    rule_id: int
    ends_on: date
    measure: Decimal
    target: Decimal
    """What is to be reached: of a rule in tiers the next bound, at last the highest."""


def event_counts(*, company_id: int, day: date, before: date) -> EventCounts:
    """Events of two days; one query."""
    counts = (
        Event.objects.filter(company_id=company_id, is_current=True, fact_on__in=[day, before])
        .exclude(status=Event.Status.WITHDRAWN)
        .aggregate(
            today=Count("id", filter=Q(fact_on=day)), before=Count("id", filter=Q(fact_on=before))
        )
    )
    return EventCounts(counts["today"], counts["before"])


def has_events(*, company_id: int) -> bool:
    """Whether the company has recorded anything yet."""
    return Event.objects.filter(company_id=company_id).exists()


def window_counts(*, company_id: int, now: datetime) -> WindowCounts:
    """Running and overdue windows; one query."""
    counts = Window.objects.filter(company_id=company_id, state=Window.State.OPEN).aggregate(
        open=Count("id", filter=Q(closes_at__gt=now)),
        next=Min("ends_on", filter=Q(closes_at__gt=now)),
        overdue=Count("id", filter=Q(closes_at__lte=now)),
    )
    return WindowCounts(counts["open"], counts["next"], counts["overdue"])


def latest_entries(
    *, company_id: int, zone: str, limit: int, employee_ids: list[int] | None = None
) -> list[Explained]:
    """The entries posted last, the newest first; of some people only, when named."""
    condition, values = "true", []
    if employee_ids is not None:
        condition, values = "x.employee_id = ANY(%s)", [employee_ids]
    rows = rows_where(
        company_id=company_id,
        zone=zone,
        condition="n.id IN (SELECT x.id FROM awards_entry x WHERE x.company_id = %s"
        f" AND {condition} ORDER BY x.id DESC LIMIT %s)",
        values=[company_id, *values, limit],
    )
    return explain_rows(company_id=company_id, zone=zone, rows=rows)[::-1]


def people_without_entries(*, company_id: int, since: date, day: date) -> int:
    """How many of those employed on ``day`` have no entry that took effect from ``since`` on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM org_employee e WHERE e.company_id = %(company)s"
            " AND e.state <> 'left' AND (e.hired_on IS NULL OR e.hired_on <= %(since)s)"
            " AND NOT EXISTS (SELECT FROM awards_entry n WHERE n.company_id = e.company_id"
            " AND n.employee_id = e.id AND n.effective_on BETWEEN %(since)s AND %(day)s)",
            {"company": company_id, "since": since, "day": day},
        )
        return int(cursor.fetchone()[0])


def progress(
    *, company_id: int, zone: str, employee_id: int, now: datetime, book: Rulebook
) -> dict[int, Progress]:
    """Somebody's running windows with a target, by rule; the one that ends first of each."""
    windows = Window.objects.filter(
        company_id=company_id,
        employee_id=employee_id,
        state=Window.State.OPEN,
        closes_at__gt=now,
    ).order_by("-ends_on", "-id")
    running = {window.pk: window for window in windows}
    if not running:
        return {}
    members = window_members(company_id=company_id, zone=zone, window_ids=list(running))
    counted = {
        (window_id, event_id): counts
        for window_id, event_id, counts in WindowEvent.objects.filter(
            company_id=company_id, window_id__in=list(running)
        ).values_list("window_id", "event_id", "counted")
    }
    found = {}
    for window_id, window in running.items():
        rule = book.version_on(window.rule_id, window.ends_on)
        if rule is None or not rule.windowed or not rule.spec.target:
            continue
        events = [one for one in members.get(window_id, []) if counted.get((window_id, one.id))]
        parts = contributions_of(rule, events)
        measures = [one.measure for one, _event in parts if one.measure is not None]
        total = measures[-1] if rule.spec.percent_target and measures else sum(measures, Decimal())
        target = bound_ahead(rule.spec, total)
        if target is not None:
            found[window.rule_id] = Progress(window.rule_id, window.ends_on, total, target)
    return found
