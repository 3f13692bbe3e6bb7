"""The one place that asks the time. Pages, endpoints and jobs call it; operations receive it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return timezone.now()  # noqa: TID251 -- this is the door


def today(*, time_zone: str) -> date:
    """The calendar day that it is now in ``time_zone`` (an IANA name)."""
    return now().astimezone(ZoneInfo(time_zone)).date()


def yesterday(*, time_zone: str) -> date:
    """The day before ``today``."""
    return today(time_zone=time_zone) - timedelta(days=1)
