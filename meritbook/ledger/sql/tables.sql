-- The tables of the ledger. Every key starts with company_id; every reference between tenant rows
-- carries it, so that a row of one company cannot point at a row of another.

CREATE SEQUENCE ledger_asset_id_seq;
CREATE SEQUENCE ledger_account_id_seq;
CREATE SEQUENCE ledger_tx_id_seq;

CREATE TABLE ledger_asset (
    company_id bigint NOT NULL,
    asset_id bigint NOT NULL DEFAULT nextval('ledger_asset_id_seq'),
    programme_id bigint NOT NULL,
    code text COLLATE "C" NOT NULL,
    scale smallint NOT NULL,
    -- The policy: how low a wallet may go (null: debt allowed), whether its points sit in lots
    -- by expiry date, and what a reversal does about points that were spent in the meantime.
    wallet_floor bigint,
    keeps_lots boolean NOT NULL,
    clawback text COLLATE "C" NOT NULL DEFAULT 'clip',
    CONSTRAINT ledger_asset_pkey PRIMARY KEY (company_id, asset_id),
    CONSTRAINT ledger_asset_code_key UNIQUE (company_id, code),
    CONSTRAINT ledger_asset_code_form CHECK (code ~ '^[a-z][a-z0-9_]{0,39}$'),
    CONSTRAINT ledger_asset_scale_range CHECK (scale BETWEEN 0 AND 4),
    CONSTRAINT ledger_asset_clawback_kind CHECK (clawback IN ('clip', 'debt')),
    CONSTRAINT ledger_asset_debt_needs_no_floor CHECK (clawback <> 'debt' OR wallet_floor IS NULL),
    CONSTRAINT ledger_asset_programme_fk FOREIGN KEY (company_id, programme_id)
        REFERENCES org_programme (company_id, id)
);

CREATE TABLE ledger_account (
    company_id bigint NOT NULL,
    account_id bigint NOT NULL DEFAULT nextval('ledger_account_id_seq'),
    asset_id bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    party_id bigint,
    CONSTRAINT ledger_account_pkey PRIMARY KEY (company_id, account_id),
    CONSTRAINT ledger_account_asset_key UNIQUE (company_id, asset_id, account_id),
    CONSTRAINT ledger_account_owner_key
        UNIQUE NULLS NOT DISTINCT (company_id, party_id, asset_id, kind),
    CONSTRAINT ledger_account_kind_known CHECK (kind IN (
        'wallet', 'pending', 'team', 'quota', 'pool',
        'issuance', 'expired', 'redeemed', 'adjustment')),
    CONSTRAINT ledger_account_party_by_kind CHECK (
        (party_id IS NULL) = (kind IN ('issuance', 'expired', 'redeemed', 'adjustment'))),
    CONSTRAINT ledger_account_asset_fk FOREIGN KEY (company_id, asset_id)
        REFERENCES ledger_asset (company_id, asset_id),
    CONSTRAINT ledger_account_party_fk FOREIGN KEY (company_id, party_id)
        REFERENCES org_party (company_id, id)
);

-- Between which accounts of one asset points may move. A transfer refers to its route, the route to
-- both accounts: one check a transfer instead of two, and none that locks the row of a system
-- account, which every posting of the company would share.
CREATE TABLE ledger_route (
    company_id bigint NOT NULL,
    asset_id bigint NOT NULL,
    debit_id bigint NOT NULL,
    credit_id bigint NOT NULL,
    CONSTRAINT ledger_route_pkey PRIMARY KEY (company_id, debit_id, credit_id, asset_id),
    CONSTRAINT ledger_route_two_accounts CHECK (debit_id <> credit_id),
    CONSTRAINT ledger_route_debit_fk FOREIGN KEY (company_id, asset_id, debit_id)
        REFERENCES ledger_account (company_id, asset_id, account_id),
    CONSTRAINT ledger_route_credit_fk FOREIGN KEY (company_id, asset_id, credit_id)
        REFERENCES ledger_account (company_id, asset_id, account_id)
);

CREATE TABLE ledger_tx (
    company_id bigint NOT NULL,
    tx_id bigint NOT NULL DEFAULT nextval('ledger_tx_id_seq'),
    posted_at timestamptz NOT NULL,
    source_id bigint NOT NULL,
    rule_version_id bigint,
    actor_id bigint,
    reverses_tx_id bigint,
    effective_on date NOT NULL,
    fact_on date NOT NULL,
    kind text COLLATE "C" NOT NULL,
    source_kind text COLLATE "C" NOT NULL,
    idem_key text COLLATE "C" NOT NULL,
    idem_hash bytea NOT NULL,
    note text,
    CONSTRAINT ledger_tx_pkey PRIMARY KEY (company_id, tx_id),
    CONSTRAINT ledger_tx_idem_key UNIQUE (company_id, idem_key),
    CONSTRAINT ledger_tx_idem_key_length CHECK (length(idem_key) BETWEEN 1 AND 200),
    CONSTRAINT ledger_tx_idem_hash_length CHECK (length(idem_hash) = 32),
    CONSTRAINT ledger_tx_kind_known CHECK (kind IN (
        'award', 'deduct', 'adjust', 'reverse', 'opening', 'spend', 'transfer', 'expire',
        'grant', 'lapse', 'release')),
    CONSTRAINT ledger_tx_source_length CHECK (length(source_kind) BETWEEN 1 AND 40),
    CONSTRAINT ledger_tx_days CHECK (
        effective_on BETWEEN '1970-01-01' AND '2999-12-31'
        AND fact_on BETWEEN '1970-01-01' AND '2999-12-31'),
    CONSTRAINT ledger_tx_reversal_names_original CHECK (
        (kind = 'reverse') = (reverses_tx_id IS NOT NULL)),
    CONSTRAINT ledger_tx_reversal_is_another CHECK (reverses_tx_id <> tx_id),
    CONSTRAINT ledger_tx_note_length CHECK (length(note) <= 400),
    CONSTRAINT ledger_tx_reverses_fk FOREIGN KEY (company_id, reverses_tx_id)
        REFERENCES ledger_tx (company_id, tx_id)
);
CREATE INDEX ledger_tx_reverses ON ledger_tx (company_id, reverses_tx_id)
    WHERE reverses_tx_id IS NOT NULL;

CREATE TABLE ledger_transfer (
    company_id bigint NOT NULL,
    tx_id bigint NOT NULL,
    asset_id bigint NOT NULL,
    debit_id bigint NOT NULL,
    credit_id bigint NOT NULL,
    amount bigint NOT NULL,
    posted_at timestamptz NOT NULL,
    department_id bigint,
    effective_on date NOT NULL,
    -- The lot that the credited account's points went into; null where the asset keeps no lots.
    expires_on date,
    seq smallint NOT NULL,
    CONSTRAINT ledger_transfer_pkey PRIMARY KEY (company_id, tx_id, seq),
    CONSTRAINT ledger_transfer_amount_range CHECK (amount BETWEEN 1 AND 1000000000000000),
    CONSTRAINT ledger_transfer_two_accounts CHECK (debit_id <> credit_id),
    CONSTRAINT ledger_transfer_route_fk FOREIGN KEY (company_id, debit_id, credit_id, asset_id)
        REFERENCES ledger_route (company_id, debit_id, credit_id, asset_id)
);
CREATE INDEX ledger_transfer_debit ON ledger_transfer (company_id, debit_id, tx_id);
CREATE INDEX ledger_transfer_credit ON ledger_transfer (company_id, credit_id, tx_id);

CREATE TABLE ledger_reversed_total (
    company_id bigint NOT NULL,
    tx_id bigint NOT NULL,
    seq smallint NOT NULL,
    amount bigint NOT NULL,
    reversed bigint NOT NULL,
    CONSTRAINT ledger_reversed_total_pkey PRIMARY KEY (company_id, tx_id, seq),
    CONSTRAINT ledger_reversed_total_within CHECK (reversed BETWEEN 0 AND amount),
    CONSTRAINT ledger_reversed_total_transfer_fk FOREIGN KEY (company_id, tx_id, seq)
        REFERENCES ledger_transfer (company_id, tx_id, seq)
);

-- What a reversal could not take back because it was spent: tx_id is the reversal, seq the
-- transfer of the original.
CREATE TABLE ledger_shortfall (
    company_id bigint NOT NULL,
    tx_id bigint NOT NULL,
    seq smallint NOT NULL,
    original_tx_id bigint NOT NULL,
    account_id bigint NOT NULL,
    amount bigint NOT NULL,
    CONSTRAINT ledger_shortfall_pkey PRIMARY KEY (company_id, tx_id, seq),
    CONSTRAINT ledger_shortfall_amount_range CHECK (amount > 0),
    CONSTRAINT ledger_shortfall_tx_fk FOREIGN KEY (company_id, tx_id)
        REFERENCES ledger_tx (company_id, tx_id),
    CONSTRAINT ledger_shortfall_original_fk FOREIGN KEY (company_id, original_tx_id, seq)
        REFERENCES ledger_transfer (company_id, tx_id, seq),
    CONSTRAINT ledger_shortfall_account_fk FOREIGN KEY (company_id, account_id)
        REFERENCES ledger_account (company_id, account_id)
);
CREATE INDEX ledger_shortfall_original ON ledger_shortfall (company_id, original_tx_id, seq);
CREATE INDEX ledger_shortfall_account ON ledger_shortfall (company_id, account_id);

CREATE TABLE ledger_balance (
    company_id bigint NOT NULL,
    account_id bigint NOT NULL,
    posted bigint NOT NULL DEFAULT 0,
    held bigint NOT NULL DEFAULT 0,
    floor bigint,
    version bigint NOT NULL DEFAULT 0,
    CONSTRAINT ledger_balance_pkey PRIMARY KEY (company_id, account_id),
    CONSTRAINT ledger_balance_held_range CHECK (held >= 0),
    CONSTRAINT ledger_balance_floor CHECK (floor IS NULL OR posted - held >= floor),
    CONSTRAINT ledger_balance_account_fk FOREIGN KEY (company_id, account_id)
        REFERENCES ledger_account (company_id, account_id)
) WITH (fillfactor = 70);

CREATE TABLE ledger_lot (
    company_id bigint NOT NULL,
    account_id bigint NOT NULL,
    expires_on date NOT NULL,
    granted bigint NOT NULL DEFAULT 0,
    used bigint NOT NULL DEFAULT 0,
    revoked bigint NOT NULL DEFAULT 0,
    expired bigint NOT NULL DEFAULT 0,
    CONSTRAINT ledger_lot_pkey PRIMARY KEY (company_id, account_id, expires_on),
    CONSTRAINT ledger_lot_parts CHECK (
        granted >= 0 AND used >= 0 AND revoked >= 0 AND expired >= 0),
    CONSTRAINT ledger_lot_conserved CHECK (used + revoked + expired <= granted),
    CONSTRAINT ledger_lot_account_fk FOREIGN KEY (company_id, account_id)
        REFERENCES ledger_account (company_id, account_id)
) WITH (fillfactor = 70);

-- What a transaction took out of a lot, and what a reversal put back into it (is_return).
CREATE TABLE ledger_lot_use (
    company_id bigint NOT NULL,
    tx_id bigint NOT NULL,
    account_id bigint NOT NULL,
    expires_on date NOT NULL,
    part text COLLATE "C" NOT NULL,
    is_return boolean NOT NULL DEFAULT false,
    amount bigint NOT NULL,
    CONSTRAINT ledger_lot_use_pkey PRIMARY KEY (company_id, tx_id, account_id, expires_on, part),
    CONSTRAINT ledger_lot_use_part_known CHECK (part IN ('used', 'revoked', 'expired')),
    CONSTRAINT ledger_lot_use_amount_range CHECK (amount > 0),
    CONSTRAINT ledger_lot_use_tx_fk FOREIGN KEY (company_id, tx_id)
        REFERENCES ledger_tx (company_id, tx_id),
    CONSTRAINT ledger_lot_use_lot_fk FOREIGN KEY (company_id, account_id, expires_on)
        REFERENCES ledger_lot (company_id, account_id, expires_on)
);
CREATE INDEX ledger_lot_use_lot ON ledger_lot_use (company_id, account_id, expires_on);

-- earned and deducted count net of reversals, on the day on which they are effective; both are
-- what boards show (earned - deducted). Spending is apart: it lowers no rank.
CREATE TABLE ledger_day_total (
    company_id bigint NOT NULL,
    day date NOT NULL,
    account_id bigint NOT NULL,
    department_id bigint,
    earned bigint NOT NULL DEFAULT 0,
    deducted bigint NOT NULL DEFAULT 0,
    spent bigint NOT NULL DEFAULT 0,
    n bigint NOT NULL DEFAULT 0,
    source_kind text COLLATE "C" NOT NULL,
    CONSTRAINT ledger_day_total_key UNIQUE NULLS NOT DISTINCT
        (company_id, day, account_id, source_kind, department_id),
    CONSTRAINT ledger_day_total_count CHECK (n > 0),
    CONSTRAINT ledger_day_total_account_fk FOREIGN KEY (company_id, account_id)
        REFERENCES ledger_account (company_id, account_id),
    CONSTRAINT ledger_day_total_department_fk FOREIGN KEY (company_id, department_id)
        REFERENCES org_department (company_id, id)
) WITH (fillfactor = 70);

-- Accounts and days whose totals moved since somebody last looked; drained by deleting rows. The
-- version makes a posting wait for a drain of the same row instead of being lost beside it. A queue,
-- not a book: its account is that of the day_total written beside it, which has the reference.
CREATE TABLE ledger_change (
    company_id bigint NOT NULL,
    day date NOT NULL,
    account_id bigint NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT ledger_change_pkey PRIMARY KEY (company_id, day, account_id)
) WITH (fillfactor = 70);

-- A month is open until a person closes it; without a row it is open.
CREATE TABLE ledger_period (
    company_id bigint NOT NULL,
    month date NOT NULL,
    state text COLLATE "C" NOT NULL,
    closed_at timestamptz,
    closed_by bigint,
    CONSTRAINT ledger_period_pkey PRIMARY KEY (company_id, month),
    CONSTRAINT ledger_period_first_day CHECK (extract(day FROM month) = 1),
    CONSTRAINT ledger_period_state_known CHECK (state IN ('open', 'closed')),
    CONSTRAINT ledger_period_closed_by_person CHECK (
        (state = 'closed') = (closed_at IS NOT NULL AND closed_by IS NOT NULL))
);
CREATE INDEX ledger_period_closed ON ledger_period (company_id) WHERE state = 'closed';

-- Functions below run as the owner of these tables, so row-level security is forced on it too.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'ledger_asset', 'ledger_account', 'ledger_route', 'ledger_tx', 'ledger_transfer',
        'ledger_reversed_total', 'ledger_shortfall', 'ledger_balance', 'ledger_lot', 'ledger_lot_use', 'ledger_day_total',
        'ledger_change', 'ledger_period']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY tenant ON %I'
            ' USING (company_id = current_setting(''app.company_id'')::bigint)'
            ' WITH CHECK (company_id = current_setting(''app.company_id'')::bigint)', name);
        EXECUTE format('REVOKE ALL ON %I FROM PUBLIC, meritbook_app, meritbook_ops', name);
        EXECUTE format('GRANT SELECT ON %I TO meritbook_app, meritbook_ops', name);
    END LOOP;
    REVOKE ALL ON SEQUENCE ledger_asset_id_seq, ledger_account_id_seq, ledger_tx_id_seq
        FROM PUBLIC, meritbook_app;
END $$;
