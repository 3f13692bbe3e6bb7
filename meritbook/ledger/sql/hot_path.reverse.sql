DROP INDEX ledger_account_system;

CREATE TABLE ledger_change (
    company_id bigint NOT NULL,
    day date NOT NULL,
    account_id bigint NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT ledger_change_pkey PRIMARY KEY (company_id, day, account_id)
) WITH (fillfactor = 70);
ALTER TABLE ledger_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_change FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON ledger_change
    USING (company_id = current_setting('app.company_id')::bigint)
    WITH CHECK (company_id = current_setting('app.company_id')::bigint);
REVOKE ALL ON ledger_change FROM PUBLIC, meritbook_app, meritbook_ops;
GRANT SELECT ON ledger_change TO meritbook_app, meritbook_ops;
