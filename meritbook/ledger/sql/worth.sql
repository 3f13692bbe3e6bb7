-- What points are worth in money, from a day on: so many minor units of an asset are so many cents
-- (分 of a 元). A change is another row; the row that began last holds. Nothing is paid by it: it
-- prices budgets and liability. Turning points into another asset has rates of its own.

CREATE SEQUENCE ledger_worth_id_seq;
CREATE TABLE ledger_worth (
    company_id bigint NOT NULL,
    worth_id bigint NOT NULL DEFAULT nextval('ledger_worth_id_seq'),
    asset_id bigint NOT NULL,
    points bigint NOT NULL,
    cents bigint NOT NULL,
    announced_at timestamptz NOT NULL,
    actor_id bigint,
    approver_id bigint,
    valid_from date NOT NULL,
    note text NOT NULL DEFAULT '',
    CONSTRAINT ledger_worth_pkey PRIMARY KEY (company_id, worth_id),
    CONSTRAINT ledger_worth_day_key UNIQUE (company_id, asset_id, valid_from),
    -- 0 cents: these points are not weighed in money.
    CONSTRAINT ledger_worth_range CHECK (
        points BETWEEN 1 AND 1000000000000 AND cents BETWEEN 0 AND 1000000000000),
    CONSTRAINT ledger_worth_days CHECK (valid_from BETWEEN '1970-01-01' AND '2999-12-31'),
    CONSTRAINT ledger_worth_two_people CHECK (actor_id <> approver_id),
    CONSTRAINT ledger_worth_note_length CHECK (length(note) <= 400),
    CONSTRAINT ledger_worth_asset_fk FOREIGN KEY (company_id, asset_id)
        REFERENCES ledger_asset (company_id, asset_id)
);

CREATE TRIGGER ledger_worth_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_worth
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
ALTER TABLE ledger_worth ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_worth FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON ledger_worth
    USING (company_id = current_setting('app.company_id')::bigint)
    WITH CHECK (company_id = current_setting('app.company_id')::bigint);
REVOKE ALL ON ledger_worth FROM PUBLIC, meritbook_app, meritbook_ops;
GRANT SELECT ON ledger_worth TO meritbook_app, meritbook_ops;
REVOKE ALL ON SEQUENCE ledger_worth_id_seq FROM PUBLIC, meritbook_app;
