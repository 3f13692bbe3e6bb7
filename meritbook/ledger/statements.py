"""Reading the ledger: wallets with what expires, and statements. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal

SHOWN_ALWAYS = ("honour", "spendable", "coin")
"""Every wallet shows these and the company's own assets, the others once something moved."""


class UnknownAsset(Refusal):
    """The company has no such asset."""

    code = "unknown_asset"
    status = 404

    def __init__(self, code: str) -> None:
        super().__init__(_("没有积分种类“%(code)s”") % {"code": code[:40]})


class Expiring(NamedTuple):
    """What is left of a lot, and its last day. What is held does not lapse."""

    day: date
    amount: int


@dataclass(frozen=True, slots=True)
class Account:
    """One asset in a party's wallet."""

    asset: str
    scale: int
    balance: int
    held: int
    expiring: Sequence[Expiring] = ()

    @property
    def available(self) -> int:
        return self.balance - self.held


class Movement(NamedTuple):
    """One line of a statement: a transfer into or out of a wallet, and the balance after it."""

    tx_id: int
    seq: int
    posted_at: datetime
    effective_on: date
    asset: str
    scale: int
    points: int
    balance_after: int
    kind: str
    source_kind: str
    source_id: int
    rule_version_id: int | None
    reverses_tx_id: int | None
    note: str


_WALLET = """
SELECT s.code, s.scale, coalesce(b.posted, 0), coalesce(b.held, 0), a.account_id
FROM ledger_asset s
LEFT JOIN ledger_account a ON a.company_id = s.company_id AND a.asset_id = s.asset_id
    AND a.kind = 'wallet' AND a.party_id = %(party)s
LEFT JOIN ledger_balance b ON b.company_id = a.company_id AND b.account_id = a.account_id
WHERE s.company_id = %(company)s
    AND (s.code = ANY(%(always)s) OR s.is_own OR b.version > 0)
ORDER BY coalesce(array_position(%(always)s, s.code), 99), s.asset_id
"""

_LOTS = """
SELECT account_id, expires_on, granted - used - revoked - expired - held
FROM ledger_lot
WHERE company_id = %s AND account_id = ANY(%s) AND expires_on < 'infinity'
  AND granted > used + revoked + expired + held
ORDER BY account_id, expires_on
"""

_STATEMENT = """
SELECT * FROM (
    SELECT m.tx_id, m.seq, m.posted_at, m.effective_on, m.code, m.scale, m.points,
        sum(m.points) OVER (
            PARTITION BY m.asset_id ORDER BY m.posted_at, m.tx_id, m.seq)::bigint AS balance_after,
        x.kind, x.source_kind, x.source_id, x.rule_version_id, x.reverses_tx_id,
        coalesce(x.note, '')
    FROM (
        SELECT f.tx_id, f.seq, f.posted_at, f.effective_on, f.asset_id, s.code, s.scale,
            f.amount AS points
        FROM ledger_account a
        JOIN ledger_transfer f ON f.company_id = a.company_id AND f.credit_id = a.account_id
        JOIN ledger_asset s ON s.company_id = a.company_id AND s.asset_id = a.asset_id
        WHERE a.company_id = %(company)s AND a.party_id = %(party)s AND a.kind = 'wallet'
        UNION ALL
        SELECT f.tx_id, f.seq, f.posted_at, f.effective_on, f.asset_id, s.code, s.scale, -f.amount
        FROM ledger_account a
        JOIN ledger_transfer f ON f.company_id = a.company_id AND f.debit_id = a.account_id
        JOIN ledger_asset s ON s.company_id = a.company_id AND s.asset_id = a.asset_id
        WHERE a.company_id = %(company)s AND a.party_id = %(party)s AND a.kind = 'wallet'
    ) m
    JOIN ledger_tx x ON x.company_id = %(company)s AND x.tx_id = m.tx_id
) statement
WHERE (%(asset)s::text IS NULL OR code = %(asset)s)
  AND (%(assets)s::text[] IS NULL OR code = ANY (%(assets)s))
  AND (%(start)s::date IS NULL OR effective_on >= %(start)s)
  AND (%(end)s::date IS NULL OR effective_on <= %(end)s)
"""


def asset_scales(*, company_id: int) -> dict[str, int]:
    """Decimal places by asset code."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, scale FROM ledger_asset WHERE company_id = %s ORDER BY asset_id",
            [company_id],
        )
        return dict(cursor.fetchall())


def wallet(*, company_id: int, party_id: int) -> list[Account]:
    """A party's accounts: honour, spendable and coin and the company's own always, others once moved."""
    with connection.cursor() as cursor:
        cursor.execute(
            _WALLET, {"company": company_id, "party": party_id, "always": list(SHOWN_ALWAYS)}
        )
        rows = cursor.fetchall()
        cursor.execute(_LOTS, [company_id, [row[4] for row in rows if row[4] is not None]])
        lots: dict[int, list[Expiring]] = {}
        for account_id, day, amount in cursor.fetchall():
            lots.setdefault(account_id, []).append(Expiring(day, amount))
    return [
        Account(code, scale, posted, held, tuple(lots.get(account_id, ())))
        for code, scale, posted, held, account_id in rows
    ]


def statement(
    *,
    company_id: int,
    party_id: int,
    asset: str | None = None,
    assets: Sequence[str] | None = None,
    start: date | None = None,
    end: date | None = None,
    newest_first: bool = False,
    offset: int = 0,
    limit: int | None = None,
) -> list[Movement]:
    """A wallet's movements in order of posting, limited to days on which they count.

    ``asset``: of one asset; ``assets``: of these alone (what the reader may see).

    Balances run per asset through the whole history, whatever is shown of it. Raises UnknownAsset.
    """
    if asset is not None and asset not in asset_scales(company_id=company_id):
        raise UnknownAsset(asset)
    way = "DESC" if newest_first else "ASC"
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_STATEMENT} ORDER BY posted_at {way}, tx_id {way}, seq {way}"
            " OFFSET %(offset)s LIMIT %(limit)s",
            {
                "company": company_id,
                "party": party_id,
                "asset": asset,
                "assets": None if assets is None else list(assets),
                "start": start,
                "end": end,
                "offset": offset,
                "limit": limit,
            },
        )
        return [Movement._make(row) for row in cursor.fetchall()]


def statement_length(
    *,
    company_id: int,
    party_id: int,
    asset: str | None = None,
    assets: Sequence[str] | None = None,
    start: date | None = None,
    end: date | None = None,
) -> int:
    """How many movements a statement has."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM ({_STATEMENT}) lines",
            {
                "company": company_id,
                "party": party_id,
                "asset": asset,
                "assets": None if assets is None else list(assets),
                "start": start,
                "end": end,
            },
        )
        return int(cursor.fetchone()[0])
