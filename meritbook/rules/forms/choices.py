"""What the inputs of a rule's form may hold, shared by the form and by what fills it."""

from __future__ import annotations

AWARD, DEDUCT = "award", "deduct"
COUNT, MONEY, PERCENT = "count", "money", "percent"
FIXED, TIMES = "fixed", "times"
AGREED = ("company_value", "evidence", "approval")
"""What is written down beside a rule and shown with it."""

DAY_IS_ENOUGH = frozenset({"weekday", "day_of_month", "last_day", "first_day_of_next"})
PLAIN_INPUTS = frozenset(
    {
        "points",
        "points_min",
        "points_max",
        "divisor",
        "unit",
        "threshold",
        "target",
        "strict",
        "period",
        "limit_minutes",
        "project_total",
        "weight_percent",
    }
)
