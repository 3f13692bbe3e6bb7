"""What a party does with its points: spend them, hand them on, set them aside, get them back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from meritbook.ledger.operations.calls import Posted, Result, call, posted
from meritbook.ledger.operations.postings import reverse
from meritbook.ledger.operations.refusals import KeyReused, refusal
from meritbook.ledger.staging import bounded, clean


@dataclass(frozen=True, slots=True)
class Source:
    """What a movement is for: a kind of thing, its id, and who did it."""

    kind: str
    id: int
    actor_id: int | None = None
    department_id: int | None = None
    note: str = ""


class Held(NamedTuple):
    """The hold that has the key; ``is_new`` is False when it was there before."""

    hold_id: int
    is_new: bool


def spend(
    *,
    company_id: int,
    key: str,
    party_id: int,
    code: str,
    amount: int,
    today: date,
    source: Source,
) -> Posted:
    """Redeem minor units of an asset, the lots that lapse first going first.

    ``today`` is the day where the company is. Never takes what is held, has lapsed or is not
    there. Raises BelowFloor, LotsLapsed, AccountBlocked, KeyReused or PostingRefused.
    """
    row = call(
        "SELECT status, tx_id, reason FROM ledger_spend(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        company_id,
        clean(key),
        party_id,
        code,
        bounded(amount),
        today,
        source.kind,
        source.id,
        source.department_id,
        source.actor_id,
        clean(source.note),
    )
    return posted(Result._make(row))


def forfeit(
    *,
    company_id: int,
    key: str,
    party_id: int,
    code: str,
    amount: int,
    today: date,
    source: Source,
) -> Posted:
    """Let minor units of an asset lapse before their day, as when somebody leaves.

    Raises as ``spend`` does.
    """
    row = call(
        "SELECT status, tx_id, reason"
        " FROM ledger_spend(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'lapse')",
        company_id,
        clean(key),
        party_id,
        code,
        bounded(amount),
        today,
        source.kind,
        source.id,
        source.department_id,
        source.actor_id,
        clean(source.note),
    )
    return posted(Result._make(row))


def move(
    *,
    company_id: int,
    key: str,
    from_party_id: int,
    to_party_id: int,
    code: str,
    amount: int,
    today: date,
    source: Source,
) -> Posted:
    """Hand minor units on; lots keep their last day.

    Between employees only where the asset's policy allows it, to and from a team always; honour
    never. Raises NotTransferable, BelowFloor, LotsLapsed, AccountBlocked or PostingRefused.
    """
    row = call(
        "SELECT status, tx_id, reason FROM ledger_move(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        company_id,
        clean(key),
        from_party_id,
        to_party_id,
        code,
        bounded(amount),
        today,
        source.kind,
        source.id,
        source.actor_id,
        clean(source.note),
    )
    return posted(Result._make(row))


def hold(
    *,
    company_id: int,
    key: str,
    party_id: int,
    code: str,
    amount: int,
    today: date,
    lapses_at: datetime | None,
    source: Source,
) -> Held:
    """Set minor units aside, with the lots they sit in, until ``capture``, ``release`` or
    ``lapses_at``.

    Raises as ``spend`` does.
    """
    row = call(
        "SELECT status, hold_id, reason"
        " FROM ledger_hold(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        company_id,
        clean(key),
        party_id,
        code,
        bounded(amount),
        today,
        lapses_at,
        source.kind,
        source.id,
        source.department_id,
        source.actor_id,
        clean(source.note),
    )
    status, hold_id, reason = row
    if status == "conflict":
        raise KeyReused
    if status == "refused":
        raise refusal(reason)
    return Held(hold_id, status == "new")


def capture(
    *,
    company_id: int,
    hold_id: int,
    key: str,
    today: date,
    amount: int | None = None,
    actor_id: int | None = None,
    note: str = "",
) -> Posted:
    """Spend what was held: all of it, or ``amount`` and the rest is free again.

    Raises HoldEnded, MoreThanHeld, KeyReused or PostingRefused.
    """
    row = call(
        "SELECT status, tx_id, reason FROM ledger_capture(%s, %s, %s, %s, %s, %s, %s)",
        company_id,
        hold_id,
        clean(key),
        None if amount is None else bounded(amount),
        today,
        actor_id,
        clean(note),
    )
    return posted(Result._make(row))


def release(
    *, company_id: int, hold_id: int, released_at: datetime, actor_id: int | None = None
) -> bool:
    """Let go of what was held; False when it was released before. Raises HoldEnded."""
    status, reason = call(
        "SELECT status, reason FROM ledger_release_hold(%s, %s, 'released', %s, %s)",
        company_id,
        hold_id,
        released_at,
        actor_id,
    )
    if status == "refused":
        raise refusal(reason)
    return bool(status == "new")


def lapse_holds(*, company_id: int, now: datetime) -> int:
    """Release every hold whose time is over; how many."""
    return int(call("SELECT ledger_lapse_holds(%s, %s)", company_id, now)[0])


def refund(
    *,
    company_id: int,
    tx_id: int,
    key: str,
    today: date,
    code: str | None = None,
    amount: int | None = None,
    actor_id: int | None = None,
    note: str = "",
) -> Posted:
    """Give back what a spend took, all that is left of it or ``amount``, to the same lots.

    What lapsed meanwhile comes back for the asset's days of grace. Raises as ``reverse`` does.
    """
    return reverse(
        company_id=company_id,
        tx_id=tx_id,
        key=key,
        fact_on=today,
        actor_id=actor_id,
        note=note,
        amounts=None if amount is None or code is None else ((code, amount),),
    )
