"""Months: a person closes them, and what comes later counts in the next open one."""

from __future__ import annotations

from datetime import date, datetime

from meritbook.ledger.operations.calls import call


def close_month(*, company_id: int, month: date, closed_by: int, closed_at: datetime) -> bool:
    """Close a month (its first day) for good; False when it was closed before.

    Waits for postings under way. Later ones count on the first day of the next open month.
    """
    row = call("SELECT ledger_close_month(%s, %s, %s, %s)", company_id, month, closed_by, closed_at)
    return bool(row[0])
