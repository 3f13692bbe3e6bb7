"""Reading the ledger beyond one wallet (``statements`` has those). Amounts are minor units."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db import connection

from meritbook.ledger.models import Asset, Transaction


class Total(NamedTuple):
    """What a party gained and lost in a span of days while it was in one department."""

    party_id: int
    department_id: int | None
    earned: int
    deducted: int
    spent: int
    n: int

    @property
    def points(self) -> int:
        """What boards count: earned less taken back, less deductions; spending is no loss."""
        return self.earned - self.deducted


@dataclass(frozen=True, slots=True)
class Leg:
    """What one transaction did to one party: above zero it received points.

    ``reversed`` (not signed) is how much of it was taken back since, ``shortfall`` how much more
    a reversal should have taken back than was there.
    """

    seq: int
    party_id: int
    department_id: int | None
    asset_code: str
    scale: int
    points: int
    reversed: int
    shortfall: int


def assets(*, company_id: int) -> list[Asset]:
    """The company's assets in the order in which they were made."""
    return list(Asset.objects.filter(company_id=company_id).order_by("asset_id"))


def totals(
    *,
    company_id: int,
    asset_code: str,
    date_from: date,
    date_to: date,
    department_ids: Sequence[int] | None = None,
    party_ids: Sequence[int] | None = None,
) -> list[Total]:
    """What each party gained and lost on the days from ``date_from`` to ``date_to``, inclusive.

    One row for each department that a party was in; ``effective_on`` decides the day.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _TOTALS,
            {
                "company": company_id,
                "asset": asset_code,
                "from": date_from,
                "to": date_to,
                "parties": None if party_ids is None else list(party_ids),
                "departments": None if department_ids is None else list(department_ids),
            },
        )
        return list(map(Total._make, cursor.fetchall()))


_TOTALS = """
SELECT w.party_id, d.department_id, sum(d.earned)::bigint, sum(d.deducted)::bigint,
    sum(d.spent)::bigint, sum(d.n)::bigint
FROM ledger_asset a
JOIN ledger_account w
    ON w.company_id = a.company_id AND w.asset_id = a.asset_id AND w.kind = 'wallet'
JOIN ledger_day_total d ON d.company_id = w.company_id AND d.account_id = w.account_id
WHERE a.company_id = %(company)s AND a.code = %(asset)s AND d.company_id = %(company)s
    AND d.day BETWEEN %(from)s AND %(to)s
    AND (%(parties)s::bigint[] IS NULL OR w.party_id = ANY (%(parties)s))
    AND (%(departments)s::bigint[] IS NULL OR d.department_id = ANY (%(departments)s))
GROUP BY w.party_id, d.department_id
ORDER BY w.party_id, d.department_id
"""


def movement(*, company_id: int, tx_id: int) -> list[Leg]:
    """What a transaction did to parties; empty when the company has no such transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVEMENT, {"company": company_id, "tx": tx_id})
        return [Leg(*row) for row in cursor.fetchall()]


_MOVEMENT = """
SELECT f.seq, w.party_id, f.department_id, a.code, a.scale,
    CASE WHEN w.account_id = f.credit_id THEN f.amount ELSE -f.amount END,
    coalesce(r.reversed, 0), coalesce((
        SELECT sum(s.amount) FROM ledger_shortfall s
        WHERE s.company_id = f.company_id AND s.original_tx_id = f.tx_id AND s.seq = f.seq
            AND s.account_id = w.account_id), 0)::bigint
        -- Of what was in publicity and is in the wallet, the release's reversal has noted it.
        + CASE WHEN w.kind = 'pending' AND w.account_id = f.credit_id THEN coalesce((
            SELECT sum(s.amount) FROM ledger_tx e
            JOIN ledger_shortfall s ON s.company_id = e.company_id
                AND s.original_tx_id = e.tx_id AND s.seq = f.seq
            WHERE e.company_id = f.company_id AND e.about_tx_id = f.tx_id
                AND e.kind = 'release'), 0)::bigint ELSE 0 END
FROM ledger_transfer f
JOIN ledger_account w ON w.company_id = f.company_id
    AND w.account_id IN (f.debit_id, f.credit_id) AND w.party_id IS NOT NULL
JOIN ledger_asset a ON a.company_id = f.company_id AND a.asset_id = f.asset_id
LEFT JOIN ledger_reversed_total r
    ON r.company_id = f.company_id AND r.tx_id = f.tx_id AND r.seq = f.seq
WHERE f.company_id = %(company)s AND f.tx_id = %(tx)s
ORDER BY f.seq, w.account_id
"""


def moved_assets(*, company_id: int, tx_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """The codes of what each of these transactions moved in somebody's account."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, {"company": company_id, "txs": list(tx_ids)})
        return {tx_id: frozenset(codes) for tx_id, codes in cursor.fetchall()}


_MOVED = """
SELECT f.tx_id, array_agg(DISTINCT a.code::text)
FROM ledger_transfer f
JOIN ledger_account w ON w.company_id = f.company_id
    AND w.account_id IN (f.debit_id, f.credit_id) AND w.party_id IS NOT NULL
JOIN ledger_asset a ON a.company_id = f.company_id AND a.asset_id = f.asset_id
WHERE f.company_id = %(company)s AND f.tx_id = ANY (%(txs)s)
GROUP BY f.tx_id
"""


def is_open(*, company_id: int, day: date) -> bool:
    """Whether something may still count on ``day``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM ledger_period WHERE company_id = %s"
            " AND month = date_trunc('month', %s::date)::date AND state = 'closed')",
            [company_id, day],
        )
        return bool(cursor.fetchone()[0])


def closed_months(*, company_id: int) -> frozenset[date]:
    """The first days of the months on which nothing may count any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT month FROM ledger_period WHERE company_id = %s AND state = 'closed'",
            [company_id],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def open_holds(*, company_id: int, party_id: int) -> list[int]:
    """The ids of a party's holds that have not ended, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.hold_id FROM ledger_hold h JOIN ledger_account w"
            " ON w.company_id = h.company_id AND w.account_id = h.account_id"
            " WHERE h.company_id = %s AND w.party_id = %s AND NOT EXISTS ("
            "SELECT FROM ledger_hold_end e"
            " WHERE e.company_id = h.company_id AND e.hold_id = h.hold_id)"
            " ORDER BY h.hold_id",
            [company_id, party_id],
        )
        return [hold_id for (hold_id,) in cursor.fetchall()]


def has_transactions(*, company_id: int, source_kind: str) -> bool:
    """Whether anything was posted for a kind of source."""
    return Transaction.objects.filter(company_id=company_id, source_kind=source_kind).exists()


class Standing(NamedTuple):
    """What a wallet has, and how much of it is set aside; minor units."""

    posted: int
    held: int


def balance_of(*, company_id: int, party_id: int, code: str) -> Standing:
    """A party's balance of one asset, however long its history; zero when nothing moved yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT posted, held FROM ledger_balance_of(%s, %s, %s)", [company_id, party_id, code]
        )
        posted, held = cursor.fetchone()
    return Standing(posted or 0, held or 0)
