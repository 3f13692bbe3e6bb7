"""Lots and holds: what they have left is what was taken, and in time."""

from meritbook.ledger.checks.rows import Step, named

_LOT_USES_FOLD = """
SELECT 'account ' || l.account_id || ' lot ' || l.expires_on
FROM ledger_lot l
LEFT JOIN (
    SELECT account_id, expires_on,
        sum(amount * CASE WHEN is_return THEN -1 ELSE 1 END) FILTER (WHERE part = 'used') AS used,
        sum(amount * CASE WHEN is_return THEN -1 ELSE 1 END)
            FILTER (WHERE part = 'revoked') AS revoked,
        sum(amount * CASE WHEN is_return THEN -1 ELSE 1 END)
            FILTER (WHERE part = 'expired') AS expired
    FROM ledger_lot_use WHERE company_id = %(company)s GROUP BY account_id, expires_on
) u ON u.account_id = l.account_id AND u.expires_on = l.expires_on
WHERE l.company_id = %(company)s
    AND (l.used <> coalesce(u.used, 0) OR l.revoked <> coalesce(u.revoked, 0)
        OR l.expired <> coalesce(u.expired, 0)
        OR l.used + l.revoked + l.expired + l.held > l.granted)
"""

# Spending took nothing out of a lot whose last day had passed; expiry nothing before it had.
_LOTS_IN_TIME = """
SELECT 'transaction ' || t.tx_id || ' lot ' || u.expires_on
FROM ledger_lot_use u
JOIN ledger_tx t ON t.company_id = u.company_id AND t.tx_id = u.tx_id
WHERE u.company_id = %(company)s AND NOT u.is_return
    AND ((u.part = 'used' AND t.kind IN ('spend', 'transfer', 'convert')
            AND u.expires_on < t.fact_on
            AND NOT EXISTS (SELECT FROM ledger_hold_end e
                WHERE e.company_id = t.company_id AND e.tx_id = t.tx_id))
        OR (u.part = 'expired' AND t.kind = 'expire' AND u.expires_on >= t.fact_on))
"""

_HELD_IS_HOLDS = """
SELECT 'account ' || b.account_id || ': held ' || b.held || ', holds ' || coalesce(h.amount, 0)
FROM ledger_balance b
LEFT JOIN (
    SELECT h.account_id, sum(h.amount) AS amount FROM ledger_hold h
    LEFT JOIN ledger_hold_end e ON e.company_id = h.company_id AND e.hold_id = h.hold_id
    WHERE h.company_id = %(company)s AND e.hold_id IS NULL GROUP BY h.account_id
) h ON h.account_id = b.account_id
WHERE b.company_id = %(company)s AND b.held <> coalesce(h.amount, 0)
UNION ALL
SELECT 'account ' || l.account_id || ' lot ' || l.expires_on || ': held ' || l.held
FROM ledger_lot l
LEFT JOIN (
    SELECT r.account_id, r.expires_on, sum(r.amount) AS amount FROM ledger_hold_lot r
    LEFT JOIN ledger_hold_end e ON e.company_id = r.company_id AND e.hold_id = r.hold_id
    WHERE r.company_id = %(company)s AND e.hold_id IS NULL GROUP BY r.account_id, r.expires_on
) h ON h.account_id = l.account_id AND h.expires_on = l.expires_on
WHERE l.company_id = %(company)s AND l.held <> coalesce(h.amount, 0)
"""

# A hold's end says what its transaction took; nothing is captured twice.
_HOLDS_END_ONCE = """
SELECT 'hold ' || e.hold_id
FROM ledger_hold_end e
JOIN ledger_hold h ON h.company_id = e.company_id AND h.hold_id = e.hold_id
LEFT JOIN ledger_transfer f ON f.company_id = e.company_id AND f.tx_id = e.tx_id AND f.seq = 1
WHERE e.company_id = %(company)s AND (e.held_amount <> h.amount OR e.posted_amount > h.amount
    OR (e.outcome = 'captured' AND (f.amount IS DISTINCT FROM e.posted_amount
        OR f.debit_id IS DISTINCT FROM h.account_id)))
UNION ALL
SELECT 'transaction ' || e.tx_id
FROM ledger_hold_end e WHERE e.company_id = %(company)s AND e.tx_id IS NOT NULL
GROUP BY e.tx_id HAVING count(*) > 1
"""

STEPS: tuple[Step, ...] = (
    named("lot_uses_are_folds", _LOT_USES_FOLD),
    named("lots_are_used_in_time", _LOTS_IN_TIME),
    named("held_is_what_holds_hold", _HELD_IS_HOLDS),
    named("holds_end_once", _HOLDS_END_ONCE),
)
