"""Promises that rows keep among themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from meritbook.ledger.cap_checks import CAPS_ARE_FOLDS

Step = tuple[tuple[str, ...], str]


def runner(query: str) -> Callable[..., Iterator[tuple[str, str]]]:
    """What runs a query of (name, broken row)."""

    def run(cursor: Any, *, company_id: int) -> Iterator[tuple[str, str]]:
        cursor.execute(query, {"company": company_id})
        yield from cursor.fetchall()

    return run


def named(name: str, query: str) -> Step:
    """One check of one query, whose one column names a broken row."""
    return (name,), f"SELECT '{name}', broken.detail FROM ({query}) AS broken (detail)"


_REVERSALS_WITHIN = """
SELECT 'transaction ' || b.tx_id || ' transfer ' || b.seq
FROM (
    SELECT tx_id, seq, sum(amount) AS amount, bool_and(mirrors) AS mirrors
    FROM (
        SELECT t.reverses_tx_id AS tx_id, b.seq, b.amount,
            b.debit_id = o.credit_id AND b.credit_id = o.debit_id AS mirrors
        FROM ledger_tx t
        JOIN ledger_transfer b ON b.company_id = t.company_id AND b.tx_id = t.tx_id
        LEFT JOIN ledger_transfer o
            ON o.company_id = t.company_id AND o.tx_id = t.reverses_tx_id AND o.seq = b.seq
        WHERE t.company_id = %(company)s AND t.reverses_tx_id IS NOT NULL
        UNION ALL
        SELECT original_tx_id, seq, amount, true FROM ledger_shortfall
        WHERE company_id = %(company)s
        UNION ALL
        -- What a release could not bring back is lacking to the posting that was released too.
        SELECT e.about_tx_id, s.seq, s.amount, true
        FROM ledger_shortfall s
        JOIN ledger_tx e ON e.company_id = s.company_id AND e.tx_id = s.original_tx_id
            AND e.kind = 'release'
        WHERE s.company_id = %(company)s
        UNION ALL
        SELECT tx_id, seq, 0, true FROM ledger_reversed_total WHERE company_id = %(company)s
    ) AS parts
    GROUP BY tx_id, seq
) b
LEFT JOIN ledger_transfer f
    ON f.company_id = %(company)s AND f.tx_id = b.tx_id AND f.seq = b.seq
LEFT JOIN ledger_reversed_total r
    ON r.company_id = %(company)s AND r.tx_id = b.tx_id AND r.seq = b.seq
WHERE r.amount IS DISTINCT FROM f.amount OR r.reversed IS DISTINCT FROM b.amount
    OR b.amount > f.amount OR b.mirrors IS NOT TRUE
"""

_CLOSED_MONTHS_STILL = """
SELECT 'transaction ' || t.tx_id
FROM ledger_period p
JOIN ledger_tx t ON t.company_id = p.company_id AND t.effective_on >= p.month
    AND t.effective_on < p.month + interval '1 month' AND t.posted_at > p.closed_at
WHERE p.company_id = %(company)s AND p.state = 'closed'
"""

_PARENTS_HERE = """
SELECT 'account ' || w.account_id
FROM ledger_account w
LEFT JOIN ledger_asset a ON a.company_id = w.company_id AND a.asset_id = w.asset_id
LEFT JOIN org_party p ON p.company_id = w.company_id AND p.id = w.party_id
WHERE w.company_id = %(company)s
    AND (a.asset_id IS NULL OR (w.party_id IS NOT NULL AND p.id IS NULL))
UNION ALL
SELECT 'asset ' || a.code
FROM ledger_asset a
LEFT JOIN org_programme p ON p.company_id = a.company_id AND p.id = a.programme_id
WHERE a.company_id = %(company)s AND p.id IS NULL
UNION ALL
SELECT 'transaction ' || t.tx_id
FROM ledger_tx t
LEFT JOIN ledger_tx o ON o.company_id = t.company_id AND o.tx_id = t.reverses_tx_id
WHERE t.company_id = %(company)s AND t.reverses_tx_id IS NOT NULL AND o.tx_id IS NULL
UNION ALL
SELECT 'transaction ' || t.tx_id
FROM ledger_tx t
LEFT JOIN ledger_tx o ON o.company_id = t.company_id AND o.tx_id = t.about_tx_id
WHERE t.company_id = %(company)s AND t.about_tx_id IS NOT NULL AND o.tx_id IS NULL
"""

KEYS = ("keys_occur_once",)

_DIGESTS = """
SELECT array_agg(digest) FROM (
    SELECT hashtextextended(idem_key, 0) AS digest FROM ledger_tx WHERE company_id = %(company)s
    GROUP BY 1 HAVING count(*) > 1
) d
"""

_KEYS_ONCE = """
SELECT 'key ' || idem_key FROM ledger_tx
WHERE company_id = %(company)s AND hashtextextended(idem_key, 0) = ANY (%(digests)s)
GROUP BY idem_key HAVING count(*) > 1
"""


def repeated_keys(cursor: Any, *, company_id: int) -> Iterator[tuple[str, str]]:
    """Keys of several transactions. Short digests first: seldom two are alike."""
    cursor.execute(_DIGESTS, {"company": company_id})
    digests = cursor.fetchone()[0]
    if digests:
        cursor.execute(_KEYS_ONCE, {"company": company_id, "digests": digests})
        yield from ((KEYS[0], detail) for (detail,) in cursor.fetchall())


STEPS: tuple[Step, ...] = (
    named("reversals_stay_within", _REVERSALS_WITHIN),
    named("caps_are_folds", CAPS_ARE_FOLDS),
    named("closed_months_stand_still", _CLOSED_MONTHS_STILL),
    named("parents_are_of_this_company", _PARENTS_HERE),
)
