"""Transactions of the whole company: filtered, page by page, and their sums. Minor units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

EFFECTIVE, POSTED = "effective", "posted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TxFilter:
    """What the list is narrowed to; empty is everything.

    ``start`` and ``end`` are days on which transactions count, or with ``by`` = posted days of
    ``zone`` on which they were posted. ``party_ids`` empty (not None) finds nothing.
    """

    party_ids: Sequence[int] | None = None
    asset: str = ""
    kind: str = ""
    source_kind: str = ""
    rule_version_ids: Sequence[int] | None = None
    start: date | None = None
    end: date | None = None
    by: str = EFFECTIVE
    zone: str = "Asia/Shanghai"
    tx_id: int | None = None
    only_reversals: bool = False


class Side(NamedTuple):
    """One account of a transfer."""

    account_id: int
    kind: str
    party_id: int | None


class Transfer(NamedTuple):
    """An amount of one asset from one account to another; ``reversed`` of it was taken back."""

    seq: int
    asset: str
    scale: int
    amount: int
    source: Side
    target: Side
    expires_on: date | None
    reversed: int

    @property
    def gain(self) -> int:
        """Signed for the party when only one side is a party's; a move between two is its amount."""
        return self.amount if self.target.party_id is not None else -self.amount


class Tx(NamedTuple):
    """One transaction with its transfers."""

    tx_id: int
    posted_at: datetime
    effective_on: date
    fact_on: date
    kind: str
    source_kind: str
    source_id: int
    rule_version_id: int | None
    actor_id: int | None
    reverses_tx_id: int | None
    about_tx_id: int | None
    idem_key: str
    note: str
    transfers: tuple[Transfer, ...]

    @property
    def party_ids(self) -> tuple[int, ...]:
        """The parties it touched, in order, each once."""
        found = (
            side.party_id
            for one in self.transfers
            for side in (one.target, one.source)
            if side.party_id is not None
        )
        return tuple(dict.fromkeys(found))

    @property
    def is_reversed(self) -> bool:
        """Whether all of it was taken back."""
        return bool(self.transfers) and all(one.reversed == one.amount for one in self.transfers)


class Sum(NamedTuple):
    """What the transactions of a filter did to one asset, seen by the parties."""

    asset: str
    scale: int
    gained: int
    lost: int
    moved: int


class Totals(NamedTuple):
    """How many transactions a filter finds, and their sums by asset."""

    transactions: int
    sums: tuple[Sum, ...]


_COLUMNS = (
    "x.tx_id, x.posted_at, x.effective_on, x.fact_on, x.kind, x.source_kind, x.source_id,"
    " x.rule_version_id, x.actor_id, x.reverses_tx_id, x.about_tx_id, x.idem_key,"
    " coalesce(x.note, '')"
)

_TRANSFERS = """
SELECT f.tx_id, f.seq, s.code, s.scale, f.amount, d.account_id, d.kind, d.party_id,
    c.account_id, c.kind, c.party_id, nullif(f.expires_on, 'infinity'),
    coalesce(r.reversed, 0)
FROM ledger_transfer f
JOIN ledger_asset s ON s.company_id = f.company_id AND s.asset_id = f.asset_id
JOIN ledger_account d ON d.company_id = f.company_id AND d.account_id = f.debit_id
JOIN ledger_account c ON c.company_id = f.company_id AND c.account_id = f.credit_id
LEFT JOIN ledger_reversed_total r
    ON r.company_id = f.company_id AND r.tx_id = f.tx_id AND r.seq = f.seq
WHERE f.company_id = %s AND f.tx_id = ANY (%s)
ORDER BY f.tx_id, f.seq
"""

_SUMS = """
SELECT s.code, s.scale,
    coalesce(sum(f.amount) FILTER (WHERE d.party_id IS NULL), 0)::bigint,
    coalesce(sum(f.amount) FILTER (WHERE c.party_id IS NULL), 0)::bigint,
    coalesce(sum(f.amount) FILTER (
        WHERE d.party_id IS NOT NULL AND c.party_id IS NOT NULL), 0)::bigint
FROM (
    SELECT f.asset_id, f.debit_id, f.credit_id, sum(f.amount) AS amount
    FROM ledger_transfer f
    JOIN ledger_tx x ON x.company_id = f.company_id AND x.tx_id = f.tx_id
    WHERE f.company_id = %(company)s AND {where}
    GROUP BY f.asset_id, f.debit_id, f.credit_id
) f
JOIN ledger_asset s ON s.company_id = %(company)s AND s.asset_id = f.asset_id
JOIN ledger_account d ON d.company_id = %(company)s AND d.account_id = f.debit_id
JOIN ledger_account c ON c.company_id = %(company)s AND c.account_id = f.credit_id
WHERE {sides}
GROUP BY s.asset_id, s.code, s.scale
ORDER BY s.asset_id
"""

# Of the parties' own accounts only those that a transfer may name.
_OF_PARTIES = """
x.tx_id IN (
    SELECT f.tx_id FROM ledger_account w
    JOIN ledger_transfer f ON f.company_id = w.company_id AND f.credit_id = w.account_id
    WHERE w.company_id = %(company)s AND w.party_id = ANY (%(parties)s)
    UNION ALL
    SELECT f.tx_id FROM ledger_account w
    JOIN ledger_transfer f ON f.company_id = w.company_id AND f.debit_id = w.account_id
    WHERE w.company_id = %(company)s AND w.party_id = ANY (%(parties)s))
"""

_WITH_ASSET = """
x.tx_id IN (
    SELECT f.tx_id FROM ledger_transfer f
    WHERE f.company_id = %(company)s AND f.asset_id = (
        SELECT s.asset_id FROM ledger_asset s
        WHERE s.company_id = %(company)s AND s.code = %(asset)s))
"""
_EXISTS_ASSET = """
EXISTS (
    SELECT FROM ledger_transfer f
    WHERE f.company_id = x.company_id AND f.tx_id = x.tx_id AND f.asset_id = (
        SELECT s.asset_id FROM ledger_asset s
        WHERE s.company_id = %(company)s AND s.code = %(asset)s))
"""


def transactions(
    *, company_id: int, wanted: TxFilter, before: int | None = None, limit: int = 50
) -> list[Tx]:
    """Transactions before ``before``, the latest first, at most ``limit``; two queries."""
    where, values = _conditions(company_id, wanted)
    if wanted.asset:  # one look for each line of the page
        where.append(_EXISTS_ASSET)
    if before is not None:
        where.append("x.tx_id < %(before)s")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM ledger_tx x WHERE x.company_id = %(company)s"
            f" AND {' AND '.join(where)} ORDER BY x.company_id DESC, x.tx_id DESC LIMIT %(limit)s",
            values | {"before": before, "limit": limit},
        )
        rows = cursor.fetchall()
    return _with_transfers(company_id, rows)


def transactions_of(*, company_id: int, tx_ids: Sequence[int]) -> list[Tx]:
    """Transactions by their numbers, in order; those that the company has not are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM ledger_tx x WHERE x.company_id = %s AND x.tx_id = ANY (%s)"
            " ORDER BY x.tx_id",
            [company_id, list(tx_ids)],
        )
        rows = cursor.fetchall()
    return _with_transfers(company_id, rows)


def totals_of(*, company_id: int, wanted: TxFilter) -> Totals:
    """How many transactions a filter finds and what they sum to."""
    where, values = _conditions(company_id, wanted)
    if wanted.asset:  # one pass over all
        where.append(_WITH_ASSET)
    sides = []
    if wanted.asset:
        sides.append("s.code = %(asset)s")
    if wanted.party_ids is not None:
        sides.append("(d.party_id = ANY (%(parties)s) OR c.party_id = ANY (%(parties)s))")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM ledger_tx x WHERE x.company_id = %(company)s"
            f" AND {' AND '.join(where)}",
            values,
        )
        (count,) = cursor.fetchone()
        cursor.execute(
            _SUMS.format(where=" AND ".join(where), sides=" AND ".join(sides) or "true"), values
        )
        return Totals(count, tuple(map(Sum._make, cursor.fetchall())))


def source_kinds(*, company_id: int) -> list[str]:
    """Where postings came from, each once: a walk along distinct values, not over all rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT source_kind FROM ledger_day_total WHERE company_id = %s ORDER BY 1",
            [company_id],
        )
        return [row[0] for row in cursor.fetchall()]


def _conditions(company_id: int, wanted: TxFilter) -> tuple[list[str], dict[str, Any]]:
    where = ["true"]
    values: dict[str, Any] = {
        "company": company_id,
        "parties": None if wanted.party_ids is None else list(wanted.party_ids),
        "asset": wanted.asset,
        "kind": wanted.kind,
        "source": wanted.source_kind,
        "versions": None if wanted.rule_version_ids is None else list(wanted.rule_version_ids),
        "start": wanted.start,
        "end": wanted.end,
        "zone": wanted.zone,
        "tx": wanted.tx_id,
    }
    if wanted.tx_id is not None:
        where.append("x.tx_id = %(tx)s")
    if wanted.party_ids is not None:
        where.append(_OF_PARTIES)
    if wanted.kind:
        where.append("x.kind = %(kind)s")
    if wanted.only_reversals:
        where.append("x.reverses_tx_id IS NOT NULL")
    if wanted.source_kind:
        where.append("x.source_kind = %(source)s")
    if wanted.rule_version_ids is not None:
        where.append("x.rule_version_id = ANY (%(versions)s)")
    if wanted.by == POSTED:
        if wanted.start:
            where.append("x.posted_at >= %(start)s::timestamp AT TIME ZONE %(zone)s")
        if wanted.end:
            where.append("x.posted_at < (%(end)s::date + 1)::timestamp AT TIME ZONE %(zone)s")
    else:
        if wanted.start:
            where.append("x.effective_on >= %(start)s")
        if wanted.end:
            where.append("x.effective_on <= %(end)s")
    return where, values


def _with_transfers(company_id: int, rows: Sequence[tuple[Any, ...]]) -> list[Tx]:
    found: dict[int, list[Transfer]] = {row[0]: [] for row in rows}
    if found:
        with connection.cursor() as cursor:
            cursor.execute(_TRANSFERS, [company_id, list(found)])
            for row in cursor.fetchall():
                sides = (Side._make(row[5:8]), Side._make(row[8:11]))
                found[row[0]].append(Transfer._make((*row[1:5], *sides, *row[11:])))
    return [Tx._make((*row, tuple(found[row[0]]))) for row in rows]
