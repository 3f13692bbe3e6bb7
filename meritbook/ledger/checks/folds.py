"""What is kept beside the transfers, against one fold of all transfers.

The transfers are read once, beside their transactions, and added up by route, day, department and
source; balances, sums and day totals are then small sums over that.
"""

NAMES = (
    "transfers_fit_their_accounts",
    "no_empty_transaction",
    "trial_balance",
    "balances_are_folds",
    "lots_conserve",
    "day_totals_are_folds",
    "checkpoints_are_folds",
    "departments_are_of_this_company",
)

_FOLD = """
ending AS MATERIALIZED (
    -- When the day of the last checkpoints ended.
    SELECT max(p.day) AS day, (max(p.day) + 1)::timestamp AT TIME ZONE max(c.time_zone) AS at
    FROM org_company c LEFT JOIN ledger_checkpoint p ON p.company_id = c.id
    WHERE c.id = %(company)s
), fold AS MATERIALIZED (
    SELECT f.debit_id, f.credit_id, f.asset_id, f.effective_on AS day, f.department_id,
        t.source_kind, count(f.tx_id) AS n, sum(f.amount) AS amount,
        sum(f.amount) FILTER (WHERE f.posted_at < e.at) AS amount_until,
        -- A text would be made for every row, whatever the filter says.
        min(f.tx_id) FILTER (
            WHERE t.tx_id IS NULL OR f.effective_on <> t.effective_on
                OR f.posted_at <> t.posted_at OR f.amount <= 0) AS misfit,
        min(t.tx_id) FILTER (WHERE f.tx_id IS NULL AND t.excused_id IS NULL) AS empty
    FROM (
        SELECT t.tx_id, t.effective_on, t.posted_at, t.source_kind, s.tx_id AS excused_id
        FROM ledger_tx t
        LEFT JOIN (
            -- A reversal may have found nothing left to take, a cap may have left nothing.
            SELECT tx_id FROM ledger_shortfall WHERE company_id = %(company)s
            UNION
            SELECT r.tx_id
            FROM ledger_shortfall s
            JOIN ledger_tx e ON e.company_id = s.company_id AND e.tx_id = s.original_tx_id
                AND e.kind = 'release'
            JOIN ledger_tx r ON r.company_id = e.company_id AND r.reverses_tx_id = e.about_tx_id
            WHERE s.company_id = %(company)s
            UNION
            SELECT tx_id FROM ledger_cap_cut WHERE company_id = %(company)s
        ) s ON s.tx_id = t.tx_id
        WHERE t.company_id = %(company)s
    ) t
    FULL JOIN (
        SELECT tx_id, seq, debit_id, credit_id, asset_id, effective_on, posted_at, department_id,
            amount
        FROM ledger_transfer WHERE company_id = %(company)s
    ) f ON f.tx_id = t.tx_id
    CROSS JOIN ending e
    GROUP BY f.debit_id, f.credit_id, f.asset_id, f.effective_on, f.department_id, t.source_kind
), side AS MATERIALIZED (
    SELECT credit_id AS account_id, debit_id AS other_id, day, department_id, source_kind, n,
        amount AS gain, amount_until AS gain_until
    FROM fold WHERE n > 0
    UNION ALL
    SELECT debit_id, credit_id, day, department_id, source_kind, n, -amount, -amount_until
    FROM fold WHERE n > 0
), account AS MATERIALIZED (
    SELECT w.account_id, w.asset_id, w.kind, w.party_id, a.code, a.keeps_lots
    FROM ledger_account w
    LEFT JOIN ledger_asset a ON a.company_id = w.company_id AND a.asset_id = w.asset_id
    WHERE w.company_id = %(company)s
), sums AS MATERIALIZED (
    SELECT account_id, sum(gain) AS posted, sum(gain_until) AS posted_until
    FROM side GROUP BY account_id
)
"""

_TRANSFERS_FIT = """
SELECT coalesce('transaction ' || f.misfit,
    'asset ' || f.asset_id || ' from account ' || f.debit_id || ' to ' || f.credit_id)
FROM fold f
LEFT JOIN account d ON d.account_id = f.debit_id
LEFT JOIN account c ON c.account_id = f.credit_id
WHERE f.n > 0 AND (f.misfit IS NOT NULL OR f.debit_id = f.credit_id
    OR f.asset_id IS DISTINCT FROM d.asset_id OR f.asset_id IS DISTINCT FROM c.asset_id)
"""

_NO_EMPTY_TRANSACTION = "SELECT 'transaction ' || empty FROM fold WHERE empty IS NOT NULL"

# The system accounts, summed from their own transfers, against what the parties' stored balances
# leave for them.
_TRIAL_BALANCE = """
SELECT 'asset ' || a.code || ': system ' || coalesce(s.posted, 0)
    || ', parties ' || coalesce(p.posted, 0)
FROM ledger_asset a
LEFT JOIN (
    SELECT w.asset_id, sum(f.posted) AS posted FROM sums f
    JOIN account w ON w.account_id = f.account_id
    WHERE w.party_id IS NULL GROUP BY w.asset_id
) s ON s.asset_id = a.asset_id
LEFT JOIN (
    SELECT w.asset_id, sum(b.posted) AS posted FROM ledger_balance b
    JOIN account w ON w.account_id = b.account_id
    WHERE b.company_id = %(company)s GROUP BY w.asset_id
) p ON p.asset_id = a.asset_id
WHERE a.company_id = %(company)s AND coalesce(s.posted, 0) + coalesce(p.posted, 0) <> 0
"""

_BALANCES_FOLD = """
SELECT 'account ' || w.account_id || ': stored ' || coalesce(b.posted::text, 'none')
    || ', transfers ' || coalesce(f.posted, 0)
FROM account w
LEFT JOIN ledger_balance b ON b.company_id = %(company)s AND b.account_id = w.account_id
LEFT JOIN sums f ON f.account_id = w.account_id
WHERE CASE WHEN w.party_id IS NULL THEN b.account_id IS NOT NULL
    ELSE b.posted IS DISTINCT FROM coalesce(f.posted, 0)
        OR b.held < 0 OR b.posted - b.held < b.floor END
"""

_LOTS_CONSERVE = """
SELECT 'account ' || account_id || ': balance ' || coalesce(max(posted)::text, 'none')
    || ', lots ' || sum(points)
FROM (
    SELECT b.account_id, b.posted, 0 AS points, CASE WHEN w.keeps_lots AND w.kind = 'wallet'
        THEN greatest(b.posted, 0) ELSE 0 END AS due
    FROM ledger_balance b
    JOIN account w ON w.account_id = b.account_id
    WHERE b.company_id = %(company)s
    UNION ALL
    SELECT account_id, NULL, granted - used - revoked - expired, 0
    FROM ledger_lot WHERE company_id = %(company)s
) both_sides
GROUP BY account_id HAVING sum(points) <> sum(due)
"""

_DAY_TOTALS_FOLD = """
SELECT 'account ' || account_id || ' day ' || day
FROM (
    SELECT s.day, s.account_id, s.department_id, s.source_kind, s.n,
        -- What passes between a wallet and its pending account was earned, or was not.
        CASE WHEN o.kind = 'issuance' OR is_publicity THEN s.gain ELSE 0 END AS earned,
        CASE WHEN o.kind = 'adjustment' THEN -s.gain ELSE 0 END AS deducted,
        CASE WHEN o.kind = 'redeemed' THEN -s.gain ELSE 0 END AS spent,
        CASE WHEN o.kind NOT IN ('issuance', 'adjustment', 'redeemed') AND NOT is_publicity
            THEN s.gain ELSE 0 END AS other
    FROM side s
    JOIN account w ON w.account_id = s.account_id AND w.party_id IS NOT NULL
    JOIN account o ON o.account_id = s.other_id
    CROSS JOIN LATERAL (SELECT (w.kind, o.kind)
        IN (('wallet', 'pending'), ('pending', 'wallet')) AS is_publicity) p
    UNION ALL
    SELECT day, account_id, department_id, source_kind, -n, -earned, -deducted, -spent, -other
    FROM ledger_day_total WHERE company_id = %(company)s
) both_sides
GROUP BY day, account_id, department_id, source_kind
HAVING sum(earned) <> 0 OR sum(deducted) <> 0 OR sum(spent) <> 0 OR sum(other) <> 0
    OR sum(n) <> 0
"""

# The last ones; from those before, they follow.
_CHECKPOINTS_FOLD = """
SELECT 'account ' || coalesce(p.account_id, s.account_id) || ' day ' || e.day
FROM ending e
CROSS JOIN (sums s FULL JOIN (
    SELECT account_id, posted FROM ledger_checkpoint, ending
    WHERE company_id = %(company)s AND ledger_checkpoint.day = ending.day
) p ON p.account_id = s.account_id)
WHERE e.day IS NOT NULL AND coalesce(p.posted, 0) <> coalesce(s.posted_until, 0)
"""

_DEPARTMENTS_HERE = """
SELECT 'department ' || f.department_id
FROM (SELECT DISTINCT department_id FROM fold WHERE department_id IS NOT NULL) f
LEFT JOIN org_department d ON d.company_id = %(company)s AND d.id = f.department_id
WHERE d.id IS NULL
"""

STEP = (
    NAMES,
    f"WITH {_FOLD}"
    + "UNION ALL".join(
        f"\nSELECT '{name}', broken.detail FROM ({query}) AS broken (detail)\n"
        for name, query in zip(
            NAMES,
            (
                _TRANSFERS_FIT,
                _NO_EMPTY_TRANSACTION,
                _TRIAL_BALANCE,
                _BALANCES_FOLD,
                _LOTS_CONSERVE,
                _DAY_TOTALS_FOLD,
                _CHECKPOINTS_FOLD,
                _DEPARTMENTS_HERE,
            ),
            strict=True,
        )
    ),
)
