"""Balances at a point in time and the trial balance. Amounts are minor units.

Two clocks: ``posted_until`` asks what the book said at that moment, ``effective_until`` what it says
today about the end of that day (late postings that count on it included).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

SYSTEM_KINDS = ("issuance", "redeemed", "expired", "adjustment", "exchange")
"""Accounts of the company itself; all others belong to a party."""


class AccountBalance(NamedTuple):
    """One account and what it held; a system account's balance is what came in less what went out."""

    account_id: int
    asset: str
    scale: int
    kind: str
    party_id: int | None
    balance: int


class TrialLine(NamedTuple):
    """All accounts of one kind and asset together; the lines of an asset sum to zero."""

    asset: str
    scale: int
    kind: str
    accounts: int
    balance: int


# The last checkpoint before the moment, and what was posted since: however long the history is.
# Transfers are found by account and number, times have no index: numbers and times run together but
# for sessions that waited for one another, so the numbers around a time are found by halving, with a
# day to spare on either side.
_POSTED = """
WITH RECURSIVE held AS MATERIALIZED (
    SELECT a.account_id, a.asset_id, s.code, s.scale, a.kind, a.party_id,
        coalesce(k.posted, 0) AS posted, coalesce(k.ends_at, '-infinity') AS since
    FROM ledger_account a
    JOIN ledger_asset s ON s.company_id = a.company_id AND s.asset_id = a.asset_id
    LEFT JOIN LATERAL (
        SELECT c.posted, (c.day + 1)::timestamp AT TIME ZONE %(zone)s AS ends_at
        FROM ledger_checkpoint c
        WHERE c.company_id = a.company_id AND c.account_id = a.account_id
            AND (c.day + 1)::timestamp AT TIME ZONE %(zone)s <= %(until)s
        ORDER BY c.day DESC LIMIT 1
    ) k ON true
    WHERE a.company_id = %(company)s AND a.party_id IS NOT DISTINCT FROM %(party)s
), halving (at, below, above) AS (
    SELECT m.at, ends.below, ends.above
    FROM (
        SELECT since - interval '1 day' FROM held WHERE since > '-infinity'
        UNION SELECT %(until)s + interval '1 day'
    ) AS m (at)
    CROSS JOIN (
        SELECT min(tx_id) - 1, max(tx_id) + 1 FROM ledger_tx WHERE company_id = %(company)s
    ) AS ends (below, above)
    UNION ALL
    SELECT h.at, CASE WHEN t.posted_at < h.at THEN t.tx_id ELSE h.below END,
        CASE WHEN t.posted_at < h.at THEN h.above ELSE (h.below + h.above) / 2 END
    FROM halving h
    CROSS JOIN LATERAL (
        SELECT x.tx_id, x.posted_at FROM ledger_tx x
        WHERE x.company_id = %(company)s AND x.tx_id >= (h.below + h.above) / 2
        ORDER BY x.tx_id LIMIT 1
    ) t
    WHERE h.above - h.below > 64
), bound AS MATERIALIZED (
    SELECT at, max(below) AS below, min(above) AS above FROM halving GROUP BY at
)
SELECT h.account_id, h.code, h.scale, h.kind, h.party_id, (
    h.posted
    + coalesce((
        SELECT sum(f.amount) FROM ledger_transfer f
        WHERE f.company_id = %(company)s AND f.credit_id = h.account_id
            AND f.tx_id > coalesce(low.below, 0) AND f.tx_id < high.above
            AND f.posted_at >= h.since AND f.posted_at <= %(until)s), 0)
    - coalesce((
        SELECT sum(f.amount) FROM ledger_transfer f
        WHERE f.company_id = %(company)s AND f.debit_id = h.account_id
            AND f.tx_id > coalesce(low.below, 0) AND f.tx_id < high.above
            AND f.posted_at >= h.since AND f.posted_at <= %(until)s), 0)
    )::bigint
FROM held h
LEFT JOIN bound low ON low.at = h.since - interval '1 day'
LEFT JOIN bound high ON high.at = %(until)s + interval '1 day'
ORDER BY h.asset_id, h.kind, h.account_id
"""

_EFFECTIVE = """
SELECT a.account_id, s.code, s.scale, a.kind, a.party_id, (
    coalesce((
        SELECT sum(f.amount) FROM ledger_transfer f
        WHERE f.company_id = a.company_id AND f.credit_id = a.account_id
            AND f.effective_on <= %(until)s), 0)
    - coalesce((
        SELECT sum(f.amount) FROM ledger_transfer f
        WHERE f.company_id = a.company_id AND f.debit_id = a.account_id
            AND f.effective_on <= %(until)s), 0)
    )::bigint
FROM ledger_account a
JOIN ledger_asset s ON s.company_id = a.company_id AND s.asset_id = a.asset_id
WHERE a.company_id = %(company)s AND a.party_id IS NOT DISTINCT FROM %(party)s
ORDER BY s.asset_id, a.kind, a.account_id
"""

_TRIAL = """
SELECT s.code, s.scale, a.kind, count(DISTINCT a.account_id), coalesce(sum(m.gain), 0)::bigint
FROM (
    SELECT credit_id AS account_id, sum(amount) AS gain FROM ledger_transfer
    WHERE company_id = %(company)s AND {condition} GROUP BY credit_id
    UNION ALL
    SELECT debit_id, -sum(amount) FROM ledger_transfer
    WHERE company_id = %(company)s AND {condition} GROUP BY debit_id
) m
JOIN ledger_account a ON a.company_id = %(company)s AND a.account_id = m.account_id
JOIN ledger_asset s ON s.company_id = %(company)s AND s.asset_id = a.asset_id
GROUP BY s.asset_id, s.code, s.scale, a.kind
ORDER BY s.asset_id, (min(a.party_id) IS NOT NULL), a.kind
"""


def balances_posted(
    *, company_id: int, party_id: int | None, posted_until: datetime, zone: str
) -> list[AccountBalance]:
    """What a party's accounts held at a moment; without a party the company's own accounts.

    Starts from the last checkpoint before the moment, in days of ``zone``.
    """
    values = {"company": company_id, "party": party_id, "until": posted_until, "zone": zone}
    with connection.cursor() as cursor:
        cursor.execute(_POSTED, values)
        return [AccountBalance(*row) for row in cursor.fetchall()]


def balances_effective(
    *, company_id: int, party_id: int | None, effective_until: date
) -> list[AccountBalance]:
    """What counts in a party's accounts up to a day, that day included."""
    values = {"company": company_id, "party": party_id, "until": effective_until}
    with connection.cursor() as cursor:
        cursor.execute(_EFFECTIVE, values)
        return [AccountBalance(*row) for row in cursor.fetchall()]


def trial_balance(
    *,
    company_id: int,
    posted_until: datetime | None = None,
    effective_until: date | None = None,
) -> list[TrialLine]:
    """Every kind of account by asset, at a moment or up to a day; without either now."""
    condition = "true"
    if posted_until is not None:
        condition = "posted_at <= %(until)s"
    elif effective_until is not None:
        condition = "effective_on <= %(until)s"
    with connection.cursor() as cursor:
        cursor.execute(
            _TRIAL.format(condition=condition),
            {"company": company_id, "until": posted_until or effective_until},
        )
        return [TrialLine(*row) for row in cursor.fetchall()]
