"""Recomputing what the ledger promises, from the rows themselves.

Each check is a query for rows that break a promise; none is the proof. It reads as the application
does, inside the company's scope, so a row of another company is a missing parent here.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from meritbook.ledger.cap_checks import CAPS_ARE_FOLDS


@dataclass(frozen=True, slots=True)
class Check:
    """One promise; ``detail`` names the first row that breaks it."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The state of a company's ledger."""

    ok: bool
    transactions: int
    checks: tuple[Check, ...]


def verify(*, company_id: int) -> Verification:
    """Recompute every invariant of one company's ledger. Reads only."""
    checks: list[Check] = []
    with connection.cursor() as cursor:
        # One snapshot would need REPEATABLE READ; each check is one statement, thus consistent.
        cursor.execute("SELECT count(*) FROM ledger_tx WHERE company_id = %s", [company_id])
        transactions = int(cursor.fetchone()[0])
        for name, query in CHECKS:
            cursor.execute(
                f"SELECT count(*), min(detail) FROM ({query}) AS broken (detail)",
                {"company": company_id},
            )
            broken, detail = cursor.fetchone()
            checks.append(Check(name, broken == 0, f"{broken}: {detail}" if broken else ""))
    return Verification(all(check.ok for check in checks), transactions, tuple(checks))


# What each party account's transfers add up to, by account.
_FOLD = """
SELECT account_id, sum(gain)::numeric AS posted
FROM (
    SELECT credit_id AS account_id, amount AS gain FROM ledger_transfer
    WHERE company_id = %(company)s
    UNION ALL
    SELECT debit_id, -amount FROM ledger_transfer WHERE company_id = %(company)s
) AS sides
GROUP BY account_id
"""

_TRANSFERS_FIT = """
SELECT 'transaction ' || f.tx_id || ' transfer ' || f.seq
FROM ledger_transfer f
LEFT JOIN ledger_tx t ON t.company_id = f.company_id AND t.tx_id = f.tx_id
LEFT JOIN ledger_account d ON d.company_id = f.company_id AND d.account_id = f.debit_id
LEFT JOIN ledger_account c ON c.company_id = f.company_id AND c.account_id = f.credit_id
WHERE f.company_id = %(company)s
    AND (t.tx_id IS NULL OR f.amount <= 0 OR f.debit_id = f.credit_id
        OR f.asset_id IS DISTINCT FROM d.asset_id OR f.asset_id IS DISTINCT FROM c.asset_id
        OR f.effective_on <> t.effective_on OR f.posted_at <> t.posted_at)
"""

_NO_EMPTY_TRANSACTION = """
SELECT 'transaction ' || t.tx_id
FROM ledger_tx t
WHERE t.company_id = %(company)s
    AND NOT EXISTS (SELECT FROM ledger_transfer f
        WHERE f.company_id = t.company_id AND f.tx_id = t.tx_id)
    AND NOT EXISTS (SELECT FROM ledger_shortfall s
        WHERE s.company_id = t.company_id AND s.tx_id = t.tx_id)
    AND NOT EXISTS (SELECT FROM ledger_cap_cut c
        WHERE c.company_id = t.company_id AND c.tx_id = t.tx_id)
"""

# The system accounts, summed from their own transfers, against what the parties' stored balances
# leave for them.
_TRIAL_BALANCE = f"""
SELECT 'asset ' || a.code || ': system ' || coalesce(s.posted, 0)
    || ', parties ' || coalesce(p.posted, 0)
FROM ledger_asset a
LEFT JOIN (
    SELECT w.asset_id, sum(f.posted) AS posted FROM ({_FOLD}) f
    JOIN ledger_account w ON w.company_id = %(company)s AND w.account_id = f.account_id
    WHERE w.party_id IS NULL GROUP BY w.asset_id
) s ON s.asset_id = a.asset_id
LEFT JOIN (
    SELECT w.asset_id, sum(b.posted) AS posted FROM ledger_balance b
    JOIN ledger_account w ON w.company_id = b.company_id AND w.account_id = b.account_id
    WHERE b.company_id = %(company)s GROUP BY w.asset_id
) p ON p.asset_id = a.asset_id
WHERE a.company_id = %(company)s AND coalesce(s.posted, 0) + coalesce(p.posted, 0) <> 0
"""

_BALANCES_FOLD = f"""
SELECT 'account ' || w.account_id || ': stored ' || coalesce(b.posted::text, 'none')
    || ', transfers ' || coalesce(f.posted, 0)
FROM ledger_account w
LEFT JOIN ledger_balance b ON b.company_id = w.company_id AND b.account_id = w.account_id
LEFT JOIN ({_FOLD}) f ON f.account_id = w.account_id
WHERE w.company_id = %(company)s
    AND CASE WHEN w.party_id IS NULL THEN b.account_id IS NOT NULL
        ELSE b.posted IS DISTINCT FROM coalesce(f.posted, 0)
            OR b.held < 0 OR b.posted - b.held < b.floor END
"""

_LOTS_CONSERVE = """
SELECT 'account ' || b.account_id || ': balance ' || b.posted || ', lots ' || coalesce(l.points, 0)
FROM ledger_balance b
JOIN ledger_account w ON w.company_id = b.company_id AND w.account_id = b.account_id
JOIN ledger_asset a ON a.company_id = w.company_id AND a.asset_id = w.asset_id
LEFT JOIN (
    SELECT account_id, sum(granted - used - revoked - expired) AS points FROM ledger_lot
    WHERE company_id = %(company)s GROUP BY account_id
) l ON l.account_id = b.account_id
WHERE b.company_id = %(company)s
    AND coalesce(l.points, 0) <> CASE WHEN a.keeps_lots AND w.kind = 'wallet'
        THEN greatest(b.posted, 0) ELSE 0 END
"""

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

_DAY_TOTALS_FOLD = """
SELECT 'account ' || account_id || ' day ' || day
FROM (
    SELECT s.effective_on AS day, s.account_id, s.department_id, t.source_kind,
        -- What passes between a wallet and its pending account was earned, or was not.
        sum(s.gain) FILTER (WHERE o.kind = 'issuance'
            OR (w.kind, o.kind) IN (('wallet', 'pending'), ('pending', 'wallet'))) AS earned,
        -sum(s.gain) FILTER (WHERE o.kind = 'adjustment') AS deducted,
        -sum(s.gain) FILTER (WHERE o.kind = 'redeemed') AS spent,
        sum(s.gain) FILTER (WHERE o.kind NOT IN ('issuance', 'adjustment', 'redeemed')
            AND (w.kind, o.kind) NOT IN (('wallet', 'pending'), ('pending', 'wallet'))) AS other,
        count(*) AS n
    FROM (
        SELECT tx_id, effective_on, department_id, credit_id AS account_id, debit_id AS other_id,
            amount AS gain
        FROM ledger_transfer WHERE company_id = %(company)s
        UNION ALL
        SELECT tx_id, effective_on, department_id, debit_id, credit_id, -amount
        FROM ledger_transfer WHERE company_id = %(company)s
    ) s
    JOIN ledger_account w ON w.company_id = %(company)s AND w.account_id = s.account_id
        AND w.party_id IS NOT NULL
    JOIN ledger_account o ON o.company_id = %(company)s AND o.account_id = s.other_id
    JOIN ledger_tx t ON t.company_id = %(company)s AND t.tx_id = s.tx_id
    GROUP BY s.effective_on, s.account_id, s.department_id, t.source_kind
    UNION ALL
    SELECT day, account_id, department_id, source_kind, -earned, -deducted, -spent, -other, -n
    FROM ledger_day_total WHERE company_id = %(company)s
) both_sides
GROUP BY day, account_id, department_id, source_kind
HAVING coalesce(sum(earned), 0) <> 0 OR coalesce(sum(deducted), 0) <> 0
    OR coalesce(sum(spent), 0) <> 0 OR coalesce(sum(other), 0) <> 0 OR sum(n) <> 0
"""

_KEYS_ONCE = """
SELECT 'key ' || idem_key
FROM ledger_tx WHERE company_id = %(company)s GROUP BY idem_key HAVING count(*) > 1
"""

_REVERSALS_WITHIN = """
SELECT 'transaction ' || f.tx_id || ' transfer ' || f.seq
FROM ledger_transfer f
LEFT JOIN ledger_reversed_total r
    ON r.company_id = f.company_id AND r.tx_id = f.tx_id AND r.seq = f.seq
LEFT JOIN (
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
    ) AS parts
    GROUP BY tx_id, seq
) b ON b.tx_id = f.tx_id AND b.seq = f.seq
WHERE f.company_id = %(company)s AND (r.tx_id IS NOT NULL OR b.tx_id IS NOT NULL)
    AND (r.amount IS DISTINCT FROM f.amount OR r.reversed IS DISTINCT FROM b.amount
        OR b.amount > f.amount OR b.mirrors IS NOT TRUE)
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
SELECT 'department ' || f.department_id
FROM (SELECT DISTINCT department_id FROM ledger_transfer
    WHERE company_id = %(company)s AND department_id IS NOT NULL) f
LEFT JOIN org_department d ON d.company_id = %(company)s AND d.id = f.department_id
WHERE d.id IS NULL
"""

_GUARDS_PRESENT = """
SELECT 'table ' || c.relname || ' without ' || g.what
FROM pg_class c
CROSS JOIN LATERAL (
    SELECT 'row-level security' AS what WHERE NOT (c.relrowsecurity AND c.relforcerowsecurity)
    UNION ALL
    SELECT 'its policy' WHERE NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
    UNION ALL
    SELECT 'protection against deletion' WHERE c.relname NOT IN ('ledger_change', 'ledger_unsealed')
        AND NOT EXISTS (
        SELECT FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid
        WHERE t.tgrelid = c.oid AND f.proname = 'ledger_refuse_change' AND t.tgenabled = 'O'
            AND t.tgtype & 8 = 8 AND t.tgtype & 32 = 32)
    UNION ALL
    SELECT 'protection against changes' WHERE c.relname IN (
        'ledger_account', 'ledger_route', 'ledger_tx', 'ledger_transfer', 'ledger_shortfall',
        'ledger_lot_use', 'ledger_hold', 'ledger_hold_lot', 'ledger_hold_end', 'ledger_rate',
        'ledger_policy_change', 'ledger_account_change', 'ledger_period_change') AND NOT EXISTS (
        SELECT FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid
        WHERE t.tgrelid = c.oid AND f.proname = 'ledger_refuse_change' AND t.tgenabled = 'O'
            AND t.tgtype & 16 = 16)
    UNION ALL
    SELECT 'its check of transfers' WHERE c.relname = 'ledger_transfer' AND NOT EXISTS (
        SELECT FROM pg_trigger t
        WHERE t.tgrelid = c.oid AND t.tgname = 'ledger_transfer_checked' AND t.tgenabled = 'O')
    UNION ALL
    SELECT 'its foreign key checks' WHERE EXISTS (
        SELECT FROM pg_trigger t
        WHERE t.tgrelid = c.oid AND t.tgisinternal AND t.tgenabled <> 'O')
    UNION ALL
    SELECT 'limits for the application' WHERE has_table_privilege(
        'meritbook_app', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
) g
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname LIKE 'ledger\\_%%'
"""

CHECKS: tuple[tuple[str, str], ...] = (
    ("transfers_fit_their_accounts", _TRANSFERS_FIT),
    ("no_empty_transaction", _NO_EMPTY_TRANSACTION),
    ("trial_balance", _TRIAL_BALANCE),
    ("balances_are_folds", _BALANCES_FOLD),
    ("lots_conserve", _LOTS_CONSERVE),
    ("lot_uses_are_folds", _LOT_USES_FOLD),
    ("lots_are_used_in_time", _LOTS_IN_TIME),
    ("held_is_what_holds_hold", _HELD_IS_HOLDS),
    ("holds_end_once", _HOLDS_END_ONCE),
    ("day_totals_are_folds", _DAY_TOTALS_FOLD),
    ("keys_occur_once", _KEYS_ONCE),
    ("reversals_stay_within", _REVERSALS_WITHIN),
    ("caps_are_folds", CAPS_ARE_FOLDS),
    ("closed_months_stand_still", _CLOSED_MONTHS_STILL),
    ("parents_are_of_this_company", _PARENTS_HERE),
    ("guards_are_present", _GUARDS_PRESENT),
)
