"""What the database refuses by itself is still in place."""

from meritbook.ledger.checks.rows import named

_GUARDS_PRESENT = """
SELECT 'table ' || c.relname || ' without ' || g.what
FROM pg_class c
CROSS JOIN LATERAL (
    SELECT 'row-level security' AS what WHERE NOT (c.relrowsecurity AND c.relforcerowsecurity)
    UNION ALL
    SELECT 'its policy' WHERE NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
    UNION ALL
    SELECT 'protection against deletion' WHERE c.relname <> 'ledger_unsealed'
        AND NOT EXISTS (
        SELECT FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid
        WHERE t.tgrelid = c.oid AND f.proname = 'ledger_refuse_change' AND t.tgenabled = 'O'
            AND t.tgtype & 8 = 8 AND t.tgtype & 32 = 32)
    UNION ALL
    SELECT 'protection against changes' WHERE c.relname IN (
        'ledger_account', 'ledger_route', 'ledger_tx', 'ledger_transfer', 'ledger_shortfall',
        'ledger_lot_use', 'ledger_hold', 'ledger_hold_lot', 'ledger_hold_end', 'ledger_rate',
        'ledger_policy_change', 'ledger_account_change', 'ledger_period_change', 'ledger_seal',
        'ledger_seal_tx', 'ledger_anchor') AND NOT EXISTS (
        SELECT FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid
        WHERE t.tgrelid = c.oid AND f.proname = 'ledger_refuse_change' AND t.tgenabled = 'O'
            AND t.tgtype & 16 = 16)
    UNION ALL
    SELECT 'its check of transfers' WHERE c.relname = 'ledger_transfer' AND NOT EXISTS (
        SELECT FROM pg_trigger t
        WHERE t.tgrelid = c.oid AND t.tgname = 'ledger_transfer_checked' AND t.tgenabled = 'O')
    UNION ALL
    SELECT 'its queue for sealing' WHERE c.relname = 'ledger_tx' AND NOT EXISTS (
        SELECT FROM pg_trigger t
        WHERE t.tgrelid = c.oid AND t.tgname = 'ledger_tx_unsealed' AND t.tgenabled = 'O')
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

STEP = named("guards_are_present", _GUARDS_PRESENT)
