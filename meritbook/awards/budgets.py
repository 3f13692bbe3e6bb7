"""What a budget's figures say: what is left, where it leads, whether it is reached. Pure.

Amounts are whole minor units, of points or of money alike.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from meritbook.kit.periods import Period

FINE, AHEAD, REACHED = "fine", "ahead", "reached"
"""Within the pace; by its end more than the budget at this pace; nothing left."""


class Pace(NamedTuple):
    """How many working days of a span are over, today among them, and how many it has."""

    worked: int
    total: int


def pace_of(period: Period, *, today: date, is_workday: Callable[[date], bool]) -> Pace:
    """The pace of ``period`` on ``today``: before it none is worked, after it all are."""
    days = [period.start + timedelta(days=n) for n in range(period.days)]
    worked = [day for day in days if is_workday(day)]
    return Pace(sum(day <= today for day in worked), len(worked))


def forecast(used: int, pace: Pace) -> int | None:
    """What is used by the end at the pace so far, half up; None before the first working day."""
    if pace.worked == 0:
        return None
    return max(used, (2 * used * pace.total + pace.worked) // (2 * pace.worked))


def state_of(*, amount: int, used: int, expected: int | None) -> str:
    """FINE, AHEAD or REACHED."""
    if used >= amount:
        return REACHED
    return AHEAD if expected is not None and expected > amount else FINE
