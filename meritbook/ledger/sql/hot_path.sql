-- A company's own account is looked up at every posting. The planner believes that one asset of one
-- company has one account, takes the index by asset, and reads all wallets to find it. So the look-up
-- asks for asset_id + 0, which this index alone has.
CREATE INDEX ledger_account_system ON ledger_account (company_id, (asset_id + 0), kind)
    WHERE party_id IS NULL;

-- A queue of days and accounts whose totals moved: nobody read it, because the totals are kept in the
-- posting's own transaction. Who follows the ledger reads the seals, where each transaction has its
-- place once and for all.
-- squawk-ignore ban-drop-table
DROP TABLE ledger_change;
