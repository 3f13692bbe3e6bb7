"""How long somebody has been with the company on a day."""

from __future__ import annotations

from datetime import date


def full_months(hired_on: date, day: date) -> int:
    """Whole months from hiring to ``day``: 31 January to 28 February is one month short of a day."""
    months = (day.year - hired_on.year) * 12 + day.month - hired_on.month
    return months - (day.day < hired_on.day)


def full_years(hired_on: date, day: date) -> int:
    """Whole years from hiring to ``day``."""
    return full_months(hired_on, day) // 12
