"""What time does to points: they lapse, they change into others, they come out of publicity."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from meritbook.ledger.operations.calls import Posted, Result, call, posted
from meritbook.ledger.operations.refusals import refusal
from meritbook.ledger.operations.spending import Source
from meritbook.ledger.staging import bounded, clean

LOTS_AT_ONCE = 50_000
"""How many lots one call expires: their wallets stay locked until the caller commits."""

NOTICE_DAYS = 30
"""How long before its day a change of rate is announced, unless the company says more."""


class Expired(NamedTuple):
    """How many lots lapsed and how much that took (less what was carried over), all assets."""

    lots: int
    amount: int


def expire(*, company_id: int, today: date, limit: int = LOTS_AT_ONCE) -> Expired:
    """Take out what lapsed before ``today``, the day where the company is.

    A lot's last day still counts. Up to ``limit`` lots; call again until it finds none. Repeating
    it, or dying in between, loses and doubles nothing.
    """
    lots, amount = call(
        "SELECT lots, amount FROM ledger_expire(%s, %s, %s)", company_id, today, limit
    )
    return Expired(int(lots), int(amount))


def convert(
    *,
    company_id: int,
    key: str,
    party_id: int,
    from_code: str,
    to_code: str,
    amount: int,
    today: date,
    source: Source,
) -> Posted:
    """Turn minor units of one asset into another at the rate that holds (rounded down).

    Raises NotConvertible, NoRate, BelowFloor, LotsLapsed, AccountBlocked or PostingRefused.
    """
    row = call(
        "SELECT status, tx_id, reason"
        " FROM ledger_convert(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        company_id,
        clean(key),
        party_id,
        from_code,
        to_code,
        bounded(amount),
        today,
        source.kind,
        source.id,
        source.actor_id,
        clean(source.note),
    )
    return posted(Result._make(row))


def set_rate(
    *,
    company_id: int,
    from_code: str,
    to_code: str,
    valid_from: date,
    numerator: int,
    denominator: int,
    announced_at: datetime,
    announced_on: date,
    notice_days: int = NOTICE_DAYS,
    actor_id: int | None = None,
    approver_id: int | None = None,
    note: str = "",
) -> bool:
    """From a day on, ``denominator`` minor units of one asset become ``numerator`` of another.

    The first rate of a pair may begin at once. A later one needs a second person and
    ``notice_days``; the caller tells everybody. False when this rate is set already. Raises
    NotApproved, ShortNotice, NotConvertible or PostingRefused.
    """
    status, reason = call(
        "SELECT status, reason"
        " FROM ledger_set_rate(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        company_id,
        from_code,
        to_code,
        valid_from,
        bounded(numerator),
        bounded(denominator),
        announced_at,
        announced_on,
        notice_days,
        actor_id,
        approver_id,
        clean(note),
    )
    if status == "refused":
        raise refusal(reason)
    return bool(status == "new")


def release_pending(
    *, company_id: int, tx_id: int, today: date, actor_id: int | None = None
) -> Posted:
    """Move what is left of a pending posting to the wallet, on its original day; once.

    Returning it instead is ``reverse``. Raises NothingLeft or PostingRefused.
    """
    row = call(
        "SELECT status, tx_id, reason FROM ledger_release_pending(%s, %s, %s, %s)",
        company_id,
        tx_id,
        today,
        actor_id,
    )
    return posted(Result._make(row))
