"""What waits behind a rule: whom its end would concern."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count

from meritbook.awards.models import Entry, Event, Window
from meritbook.rules.models import RuleVersion

RECENT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Pending:
    """What of a rule is under way. A window is governed by the version of its last day, so those that
    end on the day of retirement or later earn nothing."""

    windows: int
    people: int
    upcoming: int
    recent_entries: int
    recent_people: int
    waiting_events: int


def pending_effects(*, company_id: int, rule_id: int, today: date) -> Pending:
    """The windows, later versions and events that ending the rule today would touch."""
    windows = Window.objects.filter(
        company_id=company_id, rule_id=rule_id, state=Window.State.OPEN, ends_on__gte=today
    ).aggregate(n=Count("id"), people=Count("employee_id", distinct=True))
    entries = Entry.objects.filter(
        company_id=company_id,
        rule_version__company_id=company_id,
        rule_version__rule_id=rule_id,
        effective_on__gt=today - timedelta(days=RECENT_DAYS),
    ).aggregate(n=Count("id"), people=Count("employee_id", distinct=True))
    return Pending(
        windows=windows["n"],
        people=windows["people"],
        upcoming=RuleVersion.objects.filter(
            company_id=company_id,
            rule_id=rule_id,
            status=RuleVersion.Status.PUBLISHED,
            active_from__gt=today,
        ).count(),
        recent_entries=entries["n"],
        recent_people=entries["people"],
        waiting_events=Event.objects.filter(
            company_id=company_id,
            rule_id=rule_id,
            is_current=True,
            status=Event.Status.PENDING,
        ).count(),
    )
