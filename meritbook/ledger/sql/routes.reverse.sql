ALTER TABLE ledger_transfer NO FORCE ROW LEVEL SECURITY;
ALTER TABLE ledger_route NO FORCE ROW LEVEL SECURITY;
ALTER TABLE ledger_transfer ADD CONSTRAINT ledger_transfer_route_fk
    FOREIGN KEY (company_id, debit_id, credit_id, asset_id)
    REFERENCES ledger_route (company_id, debit_id, credit_id, asset_id);
ALTER TABLE ledger_transfer FORCE ROW LEVEL SECURITY;
ALTER TABLE ledger_route FORCE ROW LEVEL SECURITY;
