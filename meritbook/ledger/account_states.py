"""The state of somebody's wallets: open, blocked, archived; how it came; what a settlement did."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from django.db import connection


class WalletState(NamedTuple):
    """One wallet that exists. Minor units."""

    code: str
    scale: int
    state: str
    balance: int
    held: int


class StateChange(NamedTuple):
    """Wallets of one party that changed together; ``codes`` are their assets."""

    changed_at: datetime
    state: str
    actor_id: int | None
    reason: str
    codes: tuple[str, ...]


class OpenHold(NamedTuple):
    """What is set aside and not ended."""

    hold_id: int
    code: str
    scale: int
    amount: int
    held_at: datetime
    source_kind: str


class SettledLine(NamedTuple):
    """What a settlement took out of a wallet: ``kind`` is that of the transaction."""

    tx_id: int
    kind: str
    code: str
    scale: int
    amount: int
    effective_on: date
    posted_at: datetime
    actor_id: int | None
    note: str


_STATES = """
SELECT a.code, a.scale, b.state, b.posted, b.held
FROM ledger_account w
JOIN ledger_balance b ON b.company_id = w.company_id AND b.account_id = w.account_id
JOIN ledger_asset a ON a.company_id = w.company_id AND a.asset_id = w.asset_id
WHERE w.company_id = %s AND w.party_id = %s AND w.kind = 'wallet'
ORDER BY a.asset_id
"""
_CHANGES = """
SELECT c.changed_at, c.state, c.actor_id, c.reason, array_agg(a.code ORDER BY a.asset_id)
FROM ledger_account w
JOIN ledger_account_change c ON c.company_id = w.company_id AND c.account_id = w.account_id
JOIN ledger_asset a ON a.company_id = w.company_id AND a.asset_id = w.asset_id
WHERE w.company_id = %s AND w.party_id = %s AND w.kind = 'wallet'
GROUP BY 1, 2, 3, 4 ORDER BY c.changed_at DESC
"""
_HOLDS = """
SELECT h.hold_id, a.code, a.scale, h.amount, h.held_at, h.source_kind
FROM ledger_account w
JOIN ledger_hold h ON h.company_id = w.company_id AND h.account_id = w.account_id
JOIN ledger_asset a ON a.company_id = w.company_id AND a.asset_id = w.asset_id
WHERE w.company_id = %s AND w.party_id = %s AND NOT EXISTS (
    SELECT FROM ledger_hold_end e WHERE e.company_id = h.company_id AND e.hold_id = h.hold_id)
ORDER BY h.hold_id
"""
_SETTLED = """
SELECT t.tx_id, t.kind, a.code, a.scale, f.amount, t.effective_on, t.posted_at, t.actor_id,
    coalesce(t.note, '')
FROM ledger_tx t
JOIN ledger_transfer f ON f.company_id = t.company_id AND f.tx_id = t.tx_id
JOIN ledger_account w ON w.company_id = f.company_id AND w.account_id = f.debit_id
    AND w.party_id = %(party)s
JOIN ledger_asset a ON a.company_id = f.company_id AND a.asset_id = f.asset_id
WHERE t.company_id = %(company)s AND t.source_kind = 'settlement' AND t.source_id = %(party)s
ORDER BY t.tx_id, f.seq
"""


def wallet_states(*, company_id: int, party_id: int) -> list[WalletState]:
    """Every wallet that was opened."""
    with connection.cursor() as cursor:
        cursor.execute(_STATES, [company_id, party_id])
        return list(map(WalletState._make, cursor.fetchall()))


def state_changes(*, company_id: int, party_id: int) -> list[StateChange]:
    """Blocked, opened again, archived: the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, [company_id, party_id])
        return [
            StateChange(at, state, actor, reason, tuple(codes))
            for at, state, actor, reason, codes in cursor.fetchall()
        ]


def holds_of(*, company_id: int, party_id: int) -> list[OpenHold]:
    """What is set aside, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDS, [company_id, party_id])
        return list(map(OpenHold._make, cursor.fetchall()))


def settled_lines(*, company_id: int, party_id: int) -> list[SettledLine]:
    """What settlements paid out and forfeited, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED, {"company": company_id, "party": party_id})
        return list(map(SettledLine._make, cursor.fetchall()))
