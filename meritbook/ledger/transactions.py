"""One transaction whole: both sides, its lots, what took it back. Amounts are minor units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.ledger.browsing import Tx, transactions_of


class UnknownTransaction(Refusal):
    """The company has no such transaction."""

    code = "unknown_transaction"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("没有这笔记账"))


class LotPart(NamedTuple):
    """What a transaction took out of a lot, or put back into it; ``day`` None never expires."""

    party_id: int | None
    asset: str
    scale: int
    day: date | None
    part: str
    is_return: bool
    amount: int


class Shortfall(NamedTuple):
    """What a reversal could not take back because it was spent."""

    party_id: int | None
    asset: str
    scale: int
    amount: int


class Seal(NamedTuple):
    """Where a transaction sits in the chain: the block, its place there from 0, the leaf's hash."""

    seq: int
    position: int
    sealed_at: datetime
    leaf_hash: str


class Cut(NamedTuple):
    """What a cap cut off: of ``asked`` it left ``allowed``."""

    cap_id: int
    cap: str
    asset: str
    scale: int
    asked: int
    allowed: int


@dataclass(frozen=True, slots=True)
class Whole:
    """A transaction with all that belongs to it, in order of number."""

    tx: Tx
    original: Tx | None
    """What it takes back."""
    reversals: tuple[Tx, ...]
    """What took it back, whole or in parts."""
    related: tuple[Tx, ...]
    """What continues it or what it continues: a release, the end of a hold."""
    lots: tuple[LotPart, ...]
    shortfalls: tuple[Shortfall, ...]
    cuts: tuple[Cut, ...]
    seal: Seal | None
    """None until the sealer has been there."""


_RELATED = """
SELECT tx_id, reverses_tx_id = %(tx)s FROM ledger_tx
WHERE company_id = %(company)s AND reverses_tx_id = %(tx)s
UNION ALL
SELECT tx_id, false FROM ledger_tx WHERE company_id = %(company)s AND about_tx_id = %(tx)s
ORDER BY 1
"""

_LOTS = """
SELECT a.party_id, s.code, s.scale, nullif(u.expires_on, 'infinity'), u.part, u.is_return, u.amount
FROM ledger_lot_use u
JOIN ledger_account a ON a.company_id = u.company_id AND a.account_id = u.account_id
JOIN ledger_asset s ON s.company_id = u.company_id AND s.asset_id = a.asset_id
WHERE u.company_id = %s AND u.tx_id = %s
ORDER BY s.asset_id, u.account_id, u.expires_on, u.part
"""

_SHORTFALLS = """
SELECT a.party_id, s.code, s.scale, h.amount
FROM ledger_shortfall h
JOIN ledger_account a ON a.company_id = h.company_id AND a.account_id = h.account_id
JOIN ledger_asset s ON s.company_id = h.company_id AND s.asset_id = a.asset_id
WHERE h.company_id = %(company)s AND (h.tx_id = %(tx)s
    -- The way back of what was released: noted once, where it was taken out of the wallet.
    OR h.tx_id IN (
        SELECT i.tx_id FROM ledger_tx r
        JOIN ledger_tx e ON e.company_id = r.company_id AND e.about_tx_id = r.reverses_tx_id
            AND e.kind = 'release'
        JOIN ledger_tx i ON i.company_id = e.company_id AND i.reverses_tx_id = e.tx_id
            AND i.idem_key = left(r.idem_key, 190) || '/release'
        WHERE r.company_id = %(company)s AND r.tx_id = %(tx)s))
ORDER BY h.seq
"""


_CUTS = """
SELECT c.cap_id, c.name, s.code, s.scale, u.asked, u.allowed
FROM ledger_cap_cut u
JOIN ledger_cap c ON c.company_id = u.company_id AND c.cap_id = u.cap_id
JOIN ledger_asset s ON s.company_id = c.company_id AND s.asset_id = c.asset_id
WHERE u.company_id = %s AND u.tx_id = %s
ORDER BY c.cap_id
"""


_SEAL = """
SELECT t.seq, t.position, b.sealed_at, encode(t.leaf_hash, 'hex')
FROM ledger_seal_tx t
JOIN ledger_seal b ON b.company_id = t.company_id AND b.seq = t.seq
WHERE t.company_id = %s AND t.tx_id = %s
"""


def transaction(*, company_id: int, tx_id: int) -> Whole:
    """A transaction with its lots and all that refers to it. Raises UnknownTransaction."""
    with connection.cursor() as cursor:
        cursor.execute(_RELATED, {"company": company_id, "tx": tx_id})
        related = cursor.fetchall()
        cursor.execute(_LOTS, [company_id, tx_id])
        lots = tuple(map(LotPart._make, cursor.fetchall()))
        cursor.execute(_SHORTFALLS, {"company": company_id, "tx": tx_id})
        shortfalls = tuple(map(Shortfall._make, cursor.fetchall()))
        cursor.execute(_CUTS, [company_id, tx_id])
        cuts = tuple(map(Cut._make, cursor.fetchall()))
        cursor.execute(_SEAL, [company_id, tx_id])
        sealed = cursor.fetchone()
    own = transactions_of(company_id=company_id, tx_ids=[tx_id])
    if not own:
        raise UnknownTransaction
    tx = own[0]
    named = [each for each in (tx.reverses_tx_id, tx.about_tx_id) if each is not None]
    others = {
        one.tx_id: one
        for one in transactions_of(
            company_id=company_id, tx_ids=[*named, *(row[0] for row in related)]
        )
    }
    continued = [row[0] for row in related if not row[1]]
    if tx.about_tx_id is not None:
        continued.insert(0, tx.about_tx_id)
    return Whole(
        tx=tx,
        original=others.get(tx.reverses_tx_id) if tx.reverses_tx_id else None,
        reversals=tuple(others[row[0]] for row in related if row[1]),
        related=tuple(others[each] for each in continued),
        lots=lots,
        shortfalls=shortfalls,
        cuts=cuts,
        seal=Seal._make(sealed) if sealed else None,
    )
