"""Sealing what was posted, and telling the world outside what the chain's head is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from meritbook.kit.tenancy import company_scope
from meritbook.ledger.anchors import append_anchor, last_anchor
from meritbook.ledger.operations.calls import call
from meritbook.ledger.proofs import Head, head, last_told, sealed_count, witnesses
from meritbook.notices.operations import tell
from meritbook.org.models import Company

BLOCK = 10_000
"""About how many transactions a block has at most; a bulk load's call stays together."""
TOPIC = "ledger.anchor"


class Block(NamedTuple):
    """A block that was made now, and how many transactions it has."""

    seq: int
    n: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one run sealed; ``seq`` and ``hash`` are the chain's head after it, if there is one."""

    blocks: int
    transactions: int
    seq: int | None
    hash: str | None


def seal_block(*, company_id: int, limit: int = BLOCK) -> Block | None:
    """Seal the oldest transactions that wait, in the caller's transaction; None when none wait.

    Raises DatabaseError when transactions that wait are gone: a block over the rest would hide it.
    """
    seq, n = call("SELECT seq, n FROM ledger_seal_block(%s, %s)", company_id, limit)
    return None if n is None else Block(seq, n)


def seal(*, company_id: int, now: datetime, limit: int = BLOCK) -> Sealed:
    """Seal all that waits, a transaction a block, and tell the new head outside.

    Opens scopes of its own. Raises OSError when the file of anchors cannot be written.
    """
    blocks: list[Block] = []
    while True:
        with company_scope(company_id):
            block = seal_block(company_id=company_id, limit=limit)
        if block is None:
            break
        blocks.append(block)
    with company_scope(company_id):
        now_head = head(company_id=company_id)
    if now_head is not None:
        _anchor_in_file(company_id=company_id, now_head=now_head, now=now)
        with company_scope(company_id):
            _tell_witnesses(company_id=company_id, now_head=now_head, now=now)
    return Sealed(
        len(blocks),
        sum(block.n for block in blocks),
        now_head.seq if now_head else None,
        now_head.hash if now_head else None,
    )


def note_anchor(*, company_id: int, seq: int, place: str, at: datetime) -> bool:
    """Note that a block's hash was told at ``place`` (file, message, print); False when noted before."""
    return bool(call("SELECT ledger_note_anchor(%s, %s, %s, %s)", company_id, seq, place, at)[0])


def name_witnesses(
    *, company_id: int, membership_ids: Collection[int], actor_id: int, at: datetime
) -> None:
    """The members who are told the head from now on, all of them; whoever is not named ends."""
    call(
        "SELECT ledger_name_witnesses(%s, %s, %s, %s)",
        company_id,
        sorted(membership_ids),
        actor_id,
        at,
    )


def _anchor_in_file(*, company_id: int, now_head: Head, now: datetime) -> None:
    last = last_anchor(company_id=company_id)
    if last is not None and last.seq >= now_head.seq:
        # A file that is ahead of the chain is what verify is there to tell.
        return
    with company_scope(company_id):
        since = sealed_count(company_id=company_id, after=last.seq if last else 0)
    n = since + (last.n if last else 0)
    append_anchor(company_id=company_id, seq=now_head.seq, head=now_head.hash, n=n, at=now)
    with company_scope(company_id):
        note_anchor(company_id=company_id, seq=now_head.seq, place="file", at=now)


def _tell_witnesses(*, company_id: int, now_head: Head, now: datetime) -> None:
    """One message a day at most, and only about a head that was not told yet."""
    people = witnesses(company_id=company_id)
    if not people:
        return
    zone = Company.objects.get(id=company_id).zone
    before = last_told(company_id=company_id, place="message")
    if before is not None and (
        before.seq >= now_head.seq
        or before.anchored_at.astimezone(zone).date() >= now.astimezone(zone).date()
    ):
        return
    if note_anchor(company_id=company_id, seq=now_head.seq, place="message", at=now):
        tell(
            company_id=company_id,
            topic=TOPIC,
            payload={
                "block": now_head.seq,
                "hash": now_head.hash,
                "memberships": [one.membership_id for one in people],
            },
            happened_at=now,
        )


def waiting(*, company_id: int) -> bool:
    """Whether something waits for its seal."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM ledger_unsealed WHERE company_id = %s)", [company_id]
        )
        return bool(cursor.fetchone()[0])
