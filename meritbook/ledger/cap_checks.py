"""What verify asks of caps: one query for rows that break a promise."""

# Buckets hold no more than their cap, and what is taken of each is what transactions took and
# reversals gave back; a cut says what its transaction really gained.
CAPS_ARE_FOLDS = """
SELECT 'cap ' || b.cap_id || ' of ' || b.scope_id || ' from ' || b.period_start
    || ' bucket ' || b.bucket || ': used ' || b.used || ', transactions ' || coalesce(u.amount, 0)
FROM ledger_cap_bucket b
LEFT JOIN (
    SELECT cap_id, scope_id, period_start, bucket,
        sum(CASE WHEN is_return THEN -amount ELSE amount END) AS amount
    FROM ledger_cap_use WHERE company_id = %(company)s
    GROUP BY cap_id, scope_id, period_start, bucket
) u USING (cap_id, scope_id, period_start, bucket)
WHERE b.company_id = %(company)s
    AND (b.used <> coalesce(u.amount, 0) OR b.used < 0 OR b.used > b.allotted)
UNION ALL
SELECT 'cap ' || c.cap_id || ' of ' || b.scope_id || ' from ' || b.period_start
    || ': ' || c.amount || ', buckets ' || sum(b.allotted)
FROM ledger_cap c
JOIN ledger_cap_bucket b ON b.company_id = c.company_id AND b.cap_id = c.cap_id
WHERE c.company_id = %(company)s
GROUP BY c.cap_id, c.amount, b.scope_id, b.period_start HAVING sum(b.allotted) > c.amount
UNION ALL
SELECT 'transaction ' || k.tx_id || ' cap ' || k.cap_id || ': allowed ' || k.allowed
    || ', gained ' || coalesce(sum(f.amount), 0)
FROM ledger_cap_cut k
JOIN ledger_cap c ON c.company_id = k.company_id AND c.cap_id = k.cap_id
LEFT JOIN (
    ledger_transfer f JOIN ledger_account w ON w.company_id = f.company_id
        AND w.account_id = f.credit_id AND w.party_id IS NOT NULL
) ON f.company_id = k.company_id AND f.tx_id = k.tx_id AND f.asset_id = c.asset_id
WHERE k.company_id = %(company)s
GROUP BY k.tx_id, k.cap_id, k.allowed HAVING k.allowed <> coalesce(sum(f.amount), 0)
"""
