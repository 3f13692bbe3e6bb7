"""The company's departures from the statutory calendar."""

from datetime import date, datetime

from meritbook.org.models import CalendarDay
from meritbook.org.operations.audit import Actor, note


def set_day(
    *, company_id: int, day: date, kind: str, name: str = "", now: datetime, actor: Actor
) -> CalendarDay:
    """Make ``day`` a workday or a day off for this company."""
    found, _made = CalendarDay.objects.update_or_create(
        company_id=company_id, day=day, defaults={"kind": kind, "name": name[:60]}
    )
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="calendar.set",
        object_kind="calendar_day",
        object_id=day.isoformat(),
        after={"kind": kind, "name": name},
    )
    return found


def clear_day(*, company_id: int, day: date, now: datetime, actor: Actor) -> None:
    """Go back to the statutory calendar for ``day``."""
    gone, _by_model = CalendarDay.objects.filter(company_id=company_id, day=day).delete()
    if gone:
        note(
            company_id=company_id,
            actor=actor,
            now=now,
            action="calendar.clear",
            object_kind="calendar_day",
            object_id=day.isoformat(),
        )
