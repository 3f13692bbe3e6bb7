-- A company's own account is looked up at every posting. With no index of its own the planner took
-- the one by asset, and read all wallets of the company to find it.
CREATE INDEX ledger_account_system ON ledger_account (company_id, asset_id, kind)
    WHERE party_id IS NULL;

-- A queue of days and accounts whose totals moved: nobody read it, because the totals are kept in the
-- posting's own transaction. Who follows the ledger reads the seals, where each transaction has its
-- place once and for all.
-- squawk-ignore ban-drop-table
DROP TABLE ledger_change;
