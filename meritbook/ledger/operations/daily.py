"""What a new day does to a company's points; again: nothing new."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.kit.retries import retried
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations.lives import LOTS_AT_ONCE, Expired, expire
from meritbook.ledger.operations.periods import make_checkpoints
from meritbook.ledger.operations.spending import lapse_holds

CLOCKS_APART = timedelta(minutes=5)
CHECKPOINT_AFTER = time(1, 30)
"""Postings of yesterday may be on their way for an hour."""


class ClockWrong(Refusal):
    """This computer and the database tell another time: nothing lapses until somebody looks."""

    code = "clock_wrong"

    def __init__(self) -> None:
        super().__init__(_("这台电脑与数据库的时间相差太多，先不处理过期，请校准时间"))


class Day(NamedTuple):
    """What was done: lots and minor units that lapsed, balances kept."""

    expired: Expired
    checkpoints: int


def refuse_wrong_clock(*, now: datetime) -> None:
    """Raise ClockWrong when ``now`` is far from the database's: points that lapse do not come back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        there: datetime = cursor.fetchone()[0]
    if abs(there - now) > CLOCKS_APART:
        raise ClockWrong


def expire_all(*, company_id: int, today: date, limit: int = LOTS_AT_ONCE) -> Expired:
    """Let everything lapse whose last day is before ``today``, a transaction for ``limit`` lots.

    Opens the company's scope itself. Killed in between, the next run does the rest.
    """
    lots = amount = 0

    def part() -> Expired:
        with company_scope(company_id):
            return expire(company_id=company_id, today=today, limit=limit)

    while (done := retried(part)).lots:
        lots += done.lots
        amount += done.amount
    return Expired(lots, amount)


def keep_balances(*, company_id: int, zone: str, now: datetime) -> int:
    """Checkpoints of yesterday, once; opens the company's scope itself."""
    here = now.astimezone(ZoneInfo(zone))
    if here.time() < CHECKPOINT_AFTER:
        return 0
    midnight = datetime.combine(here.date(), time(), tzinfo=ZoneInfo(zone))
    yesterday = here.date() - timedelta(days=1)
    with company_scope(company_id):
        if _is_kept(company_id, yesterday):
            return 0
        return make_checkpoints(company_id=company_id, day=yesterday, until=midnight)


def begin_day(*, company_id: int, zone: str, now: datetime) -> Day:
    """All of it for the day that has begun in ``zone``. Raises ClockWrong."""
    refuse_wrong_clock(now=now)
    today = now.astimezone(ZoneInfo(zone)).date()
    return Day(
        expire_all(company_id=company_id, today=today),
        keep_balances(company_id=company_id, zone=zone, now=now),
    )


def lapse_due(*, company_id: int, now: datetime) -> int:
    """Release holds whose time is over; how many. Opens the company's scope itself."""
    with company_scope(company_id):
        return lapse_holds(company_id=company_id, now=now)


def _is_kept(company_id: int, day: date) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM ledger_checkpoint WHERE company_id = %s AND day = %s)",
            [company_id, day],
        )
        return bool(cursor.fetchone()[0])
