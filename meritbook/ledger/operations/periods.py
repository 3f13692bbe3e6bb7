"""Months: a person closes them, and what comes later counts in the next open one."""

from __future__ import annotations

from datetime import date, datetime

from meritbook.ledger.operations.calls import call
from meritbook.ledger.operations.refusals import refusal
from meritbook.ledger.staging import clean


def close_month(*, company_id: int, month: date, closed_by: int, closed_at: datetime) -> bool:
    """Close a month (its first day) for good; False when it was closed before.

    Waits for postings under way. Later ones count on the first day of the next open month.
    """
    row = call("SELECT ledger_close_month(%s, %s, %s, %s)", company_id, month, closed_by, closed_at)
    return bool(row[0])


def reopen_month(
    *, company_id: int, month: date, reason: str, reopened_by: int, reopened_at: datetime
) -> bool:
    """Open a closed month again for a reason; False when it was open.

    Only the last closed month: what came late was moved behind it. Raises PostingRefused:
    reason_needed, later_month_closed.
    """
    status, refused = call(
        "SELECT status, reason FROM ledger_reopen_month(%s, %s, %s, %s, %s)",
        company_id,
        month,
        clean(reason.strip()),
        reopened_by,
        reopened_at,
    )
    if status == "refused":
        raise refusal(refused)
    return bool(status == "new")


def make_checkpoints(*, company_id: int, day: date, until: datetime) -> int:
    """Keep all balances at the end of ``day``, which was ``until``; how many are new.

    Nothing before an hour has passed, as postings of that day may still be on their way.
    """
    return int(call("SELECT ledger_make_checkpoints(%s, %s, %s)", company_id, day, until)[0])
