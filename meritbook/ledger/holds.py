"""What is set aside, for whom, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from meritbook.kit.errors import Refusal
from meritbook.ledger.operations.refusals import reason_text


class UnknownHold(Refusal):
    """The party has no such hold."""

    code = "unknown_hold"
    status = 404

    def __init__(self) -> None:
        super().__init__(reason_text(self.code))


class Hold(NamedTuple):
    """One hold; amounts in minor units. ``outcome`` is empty while it stands."""

    hold_id: int
    asset: str
    scale: int
    amount: int
    held_at: datetime
    lapses_at: datetime | None
    note: str
    outcome: str
    posted_amount: int
    tx_id: int | None

    @property
    def state(self) -> str:
        """open, captured, released or lapsed."""
        return self.outcome or "open"


_HOLDS = """
SELECT h.hold_id, a.code, a.scale, h.amount, h.held_at, h.lapses_at, coalesce(h.note, ''),
    coalesce(e.outcome, ''), coalesce(e.posted_amount, 0), e.tx_id
FROM ledger_hold h
JOIN ledger_account w ON w.company_id = h.company_id AND w.account_id = h.account_id
JOIN ledger_asset a ON a.company_id = w.company_id AND a.asset_id = w.asset_id
LEFT JOIN ledger_hold_end e ON e.company_id = h.company_id AND e.hold_id = h.hold_id
WHERE h.company_id = %s AND w.party_id = %s
"""


def holds(*, company_id: int, party_id: int, is_open: bool = True, limit: int = 500) -> list[Hold]:
    """A party's holds, the latest first; those that stand, or all."""
    with connection.cursor() as cursor:
        cursor.execute(
            _HOLDS
            + ("AND e.hold_id IS NULL " if is_open else "")
            + "ORDER BY h.hold_id DESC LIMIT %s",
            [company_id, party_id, limit],
        )
        return [Hold._make(row) for row in cursor.fetchall()]


def hold_of(*, company_id: int, party_id: int, hold_id: int) -> Hold:
    """One hold of a party. Raises UnknownHold."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDS + "AND h.hold_id = %s", [company_id, party_id, hold_id])
        row = cursor.fetchone()
    if row is None:
        raise UnknownHold
    return Hold._make(row)
