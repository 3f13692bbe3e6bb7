-- Checks are exchanged for wider ones, in one transaction and before the first release: no table is
-- large yet. Numbers of changes are small.
-- squawk-ignore-file constraint-missing-not-valid, ban-drop-constraint, prefer-bigint-over-int
-- squawk-ignore-file adding-serial-primary-key-field
-- How points live: the policy of each asset and its history, what is set aside (holds), rates of
-- conversion, blocked accounts, reopened months, and balances at the end of a day.

-- The policy of an asset. Code and scale stay for ever; the rest changes through
-- ledger_set_policy alone, which writes the change to ledger_policy_change.
ALTER TABLE ledger_asset
    ADD COLUMN name text,
    ADD COLUMN unit text,
    ADD COLUMN is_own boolean NOT NULL DEFAULT false,
    ADD COLUMN decimals smallint NOT NULL DEFAULT 2,
    ADD COLUMN expiry text COLLATE "C" NOT NULL DEFAULT 'never',
    ADD COLUMN expiry_count smallint NOT NULL DEFAULT 0,
    ADD COLUMN expiry_period text COLLATE "C" NOT NULL DEFAULT 'day',
    ADD COLUMN expiry_month smallint NOT NULL DEFAULT 12,
    ADD COLUMN expiry_day smallint NOT NULL DEFAULT 31,
    ADD COLUMN grace_days smallint NOT NULL DEFAULT 0,
    ADD COLUMN carry_percent smallint NOT NULL DEFAULT 0,
    ADD COLUMN carry_max bigint,
    ADD COLUMN refund_grace_days smallint NOT NULL DEFAULT 30,
    ADD COLUMN is_transferable boolean NOT NULL DEFAULT false,
    ADD COLUMN is_convertible boolean NOT NULL DEFAULT false,
    ADD COLUMN rate_basis text COLLATE "C" NOT NULL DEFAULT 'redemption',
    ADD COLUMN visible_to text COLLATE "C" NOT NULL DEFAULT 'everyone',
    ADD CONSTRAINT ledger_asset_name_length CHECK (length(name) BETWEEN 1 AND 40),
    ADD CONSTRAINT ledger_asset_unit_length CHECK (length(unit) BETWEEN 1 AND 10),
    ADD CONSTRAINT ledger_asset_decimals_range CHECK (decimals BETWEEN 0 AND scale),
    ADD CONSTRAINT ledger_asset_expiry_known
        CHECK (expiry IN ('never', 'months', 'date', 'period_end')),
    ADD CONSTRAINT ledger_asset_expiry_needs_lots CHECK (expiry = 'never' OR keeps_lots),
    ADD CONSTRAINT ledger_asset_expiry_count_range CHECK (
        expiry_count BETWEEN 0 AND 120 AND (expiry <> 'months' OR expiry_count > 0)),
    ADD CONSTRAINT ledger_asset_expiry_period_known CHECK (
        expiry_period IN ('day', 'month', 'quarter', 'half_year', 'year')
        AND (expiry <> 'period_end' OR expiry_period <> 'day')),
    ADD CONSTRAINT ledger_asset_expiry_date CHECK (
        -- A day that some year has: 29 February is the 28th in the others.
        expiry_month BETWEEN 1 AND 12 AND expiry_day BETWEEN 1 AND CASE
            WHEN expiry_month = 2 THEN 29 WHEN expiry_month IN (4, 6, 9, 11) THEN 30 ELSE 31 END),
    ADD CONSTRAINT ledger_asset_grace_range CHECK (
        grace_days BETWEEN 0 AND 366 AND refund_grace_days BETWEEN 0 AND 366),
    ADD CONSTRAINT ledger_asset_carry_range CHECK (
        carry_percent BETWEEN 0 AND 100 AND (carry_max IS NULL OR carry_max > 0)),
    ADD CONSTRAINT ledger_asset_rate_basis_known CHECK (rate_basis IN ('earning', 'redemption')),
    ADD CONSTRAINT ledger_asset_visible_to_known
        CHECK (visible_to IN ('everyone', 'self', 'managers', 'officers')),
    -- Honour is rank: it is not handed on and not turned into anything.
    ADD CONSTRAINT ledger_asset_honour_stays CHECK (
        code <> 'honour' OR NOT (is_transferable OR is_convertible));
ALTER TABLE ledger_asset DROP CONSTRAINT ledger_asset_clawback_kind;
ALTER TABLE ledger_asset ADD CONSTRAINT ledger_asset_clawback_kind
    CHECK (clawback IN ('clip', 'debt', 'hold'));

-- Quota is for the month in which it is granted. (The owner of the tables is held by the policy of
-- tenants too: row-level security steps aside for this one statement.)
ALTER TABLE ledger_asset NO FORCE ROW LEVEL SECURITY;
ALTER TABLE ledger_asset DISABLE TRIGGER ledger_asset_append_only;
UPDATE ledger_asset SET decimals = least(scale, 2);
UPDATE ledger_asset SET expiry = 'period_end', expiry_period = 'month', refund_grace_days = 0
WHERE code = 'quota';
DROP TRIGGER ledger_asset_append_only ON ledger_asset;
ALTER TABLE ledger_asset FORCE ROW LEVEL SECURITY;
CREATE TRIGGER ledger_asset_kept BEFORE DELETE OR TRUNCATE ON ledger_asset
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

CREATE FUNCTION ledger_keep_asset() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (OLD.company_id, OLD.asset_id, OLD.programme_id, OLD.code, OLD.scale, OLD.keeps_lots)
        IS DISTINCT FROM
        (NEW.company_id, NEW.asset_id, NEW.programme_id, NEW.code, NEW.scale, NEW.keeps_lots)
        OR current_setting('meritbook.policy_change', true) IS DISTINCT FROM OLD.asset_id::text
    THEN
        RAISE EXCEPTION 'asset % changes by its policy alone', OLD.code
            USING ERRCODE = 'ML001', HINT = 'Call ledger_set_policy.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_asset_keeps_itself BEFORE UPDATE ON ledger_asset
    FOR EACH ROW EXECUTE FUNCTION ledger_keep_asset();

CREATE TABLE ledger_policy_change (
    company_id bigint NOT NULL,
    asset_id bigint NOT NULL,
    number integer NOT NULL,
    changed_at timestamptz NOT NULL,
    actor_id bigint,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    CONSTRAINT ledger_policy_change_pkey PRIMARY KEY (company_id, asset_id, number),
    CONSTRAINT ledger_policy_change_asset_fk FOREIGN KEY (company_id, asset_id)
        REFERENCES ledger_asset (company_id, asset_id)
);

-- Conversions leave by, and arrive from, an account of their own: they are neither earned nor
-- redeemed.
ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_kind_known;
ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_kind_known CHECK (kind IN (
    'wallet', 'pending', 'team', 'quota', 'pool',
    'issuance', 'expired', 'redeemed', 'adjustment', 'exchange'));
ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_party_by_kind;
ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_party_by_kind CHECK (
    (party_id IS NULL) = (
        kind IN ('issuance', 'expired', 'redeemed', 'adjustment', 'exchange')));

-- What this transaction continues: the pending posting that it releases, the hold's spend …
ALTER TABLE ledger_tx
    ADD COLUMN about_tx_id bigint;
CREATE INDEX ledger_tx_about ON ledger_tx (company_id, about_tx_id)
    WHERE about_tx_id IS NOT NULL;
-- The trigger that notes what is unsealed checks it (checks/unsealed.sql).
ALTER TABLE ledger_tx DROP CONSTRAINT ledger_tx_reverses_fk;
CREATE UNIQUE INDEX ledger_tx_released_once ON ledger_tx (company_id, about_tx_id)
    WHERE kind = 'release';
ALTER TABLE ledger_tx DROP CONSTRAINT ledger_tx_kind_known;
ALTER TABLE ledger_tx ADD CONSTRAINT ledger_tx_kind_known CHECK (kind IN (
    'award', 'deduct', 'adjust', 'reverse', 'opening', 'spend', 'transfer', 'expire',
    'grant', 'lapse', 'release', 'convert'));

-- What a lot has set aside for holds. A hold keeps its lots also when their day passes.
ALTER TABLE ledger_lot
    ADD COLUMN held bigint NOT NULL DEFAULT 0,
    DROP CONSTRAINT ledger_lot_parts,
    DROP CONSTRAINT ledger_lot_conserved;
ALTER TABLE ledger_lot
    ADD CONSTRAINT ledger_lot_parts CHECK (
        granted >= 0 AND used >= 0 AND revoked >= 0 AND expired >= 0 AND held >= 0),
    ADD CONSTRAINT ledger_lot_conserved CHECK (used + revoked + expired + held <= granted);
-- Expiry looks for what is left by date.
CREATE INDEX ledger_lot_due ON ledger_lot (company_id, expires_on)
    WHERE granted > used + revoked + expired + held AND expires_on < 'infinity';

-- A reversal may grant as well: what it puts back where no lot of the original waits, or into a
-- later lot than one that expired meanwhile.
ALTER TABLE ledger_lot_use DROP CONSTRAINT ledger_lot_use_part_known;
ALTER TABLE ledger_lot_use ADD CONSTRAINT ledger_lot_use_part_known
    CHECK (part IN ('used', 'revoked', 'expired', 'granted'));

-- The transfer that a use belongs to; 0 where its transaction has one for the account.
ALTER TABLE ledger_lot_use
    ADD COLUMN seq smallint NOT NULL DEFAULT 0,
    DROP CONSTRAINT ledger_lot_use_pkey;
ALTER TABLE ledger_lot_use ADD CONSTRAINT ledger_lot_use_pkey
    PRIMARY KEY (company_id, tx_id, account_id, expires_on, part, seq);

-- Who is blocked gives nothing away; who is archived gets nothing more either.
ALTER TABLE ledger_balance
    ADD COLUMN state text COLLATE "C" NOT NULL DEFAULT 'open',
    ADD CONSTRAINT ledger_balance_state_known CHECK (state IN ('open', 'blocked', 'archived')),
    ADD CONSTRAINT ledger_balance_archived_empty CHECK (state <> 'archived' OR held = 0);
CREATE TABLE ledger_account_change (
    company_id bigint NOT NULL,
    account_id bigint NOT NULL,
    number integer NOT NULL,
    changed_at timestamptz NOT NULL,
    state text COLLATE "C" NOT NULL,
    actor_id bigint,
    reason text NOT NULL,
    CONSTRAINT ledger_account_change_pkey PRIMARY KEY (company_id, account_id, number),
    CONSTRAINT ledger_account_change_reason CHECK (length(reason) BETWEEN 1 AND 400),
    CONSTRAINT ledger_account_change_account_fk FOREIGN KEY (company_id, account_id)
        REFERENCES ledger_account (company_id, account_id)
);

-- earned - deducted - spent + other is what the account gained on that day: other has what moved
-- between parties, expired, or was converted.
ALTER TABLE ledger_day_total ADD COLUMN other bigint NOT NULL DEFAULT 0;

-- Set aside until it is captured, released or lapses; whichever comes first, once (the key of
-- ledger_hold_end).
CREATE SEQUENCE ledger_hold_id_seq;
CREATE TABLE ledger_hold (
    company_id bigint NOT NULL,
    hold_id bigint NOT NULL DEFAULT nextval('ledger_hold_id_seq'),
    account_id bigint NOT NULL,
    amount bigint NOT NULL,
    held_at timestamptz NOT NULL,
    lapses_at timestamptz,
    source_id bigint NOT NULL,
    actor_id bigint,
    department_id bigint,
    source_kind text COLLATE "C" NOT NULL,
    idem_key text COLLATE "C" NOT NULL,
    idem_hash bytea NOT NULL,
    note text,
    CONSTRAINT ledger_hold_pkey PRIMARY KEY (company_id, hold_id),
    CONSTRAINT ledger_hold_idem_key UNIQUE (company_id, idem_key),
    CONSTRAINT ledger_hold_idem_key_length CHECK (length(idem_key) BETWEEN 1 AND 200),
    CONSTRAINT ledger_hold_amount_range CHECK (amount BETWEEN 1 AND 1000000000000000),
    CONSTRAINT ledger_hold_source_length CHECK (length(source_kind) BETWEEN 1 AND 40),
    CONSTRAINT ledger_hold_note_length CHECK (length(note) <= 400),
    CONSTRAINT ledger_hold_account_fk FOREIGN KEY (company_id, account_id)
        REFERENCES ledger_account (company_id, account_id)
);
CREATE INDEX ledger_hold_account ON ledger_hold (company_id, account_id);
CREATE INDEX ledger_hold_lapses ON ledger_hold (company_id, lapses_at)
    WHERE lapses_at IS NOT NULL;

CREATE TABLE ledger_hold_lot (
    company_id bigint NOT NULL,
    hold_id bigint NOT NULL,
    account_id bigint NOT NULL,
    expires_on date NOT NULL,
    amount bigint NOT NULL,
    CONSTRAINT ledger_hold_lot_pkey PRIMARY KEY (company_id, hold_id, expires_on),
    CONSTRAINT ledger_hold_lot_amount_range CHECK (amount > 0),
    CONSTRAINT ledger_hold_lot_hold_fk FOREIGN KEY (company_id, hold_id)
        REFERENCES ledger_hold (company_id, hold_id),
    CONSTRAINT ledger_hold_lot_lot_fk FOREIGN KEY (company_id, account_id, expires_on)
        REFERENCES ledger_lot (company_id, account_id, expires_on)
);

CREATE TABLE ledger_hold_end (
    company_id bigint NOT NULL,
    hold_id bigint NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    held_amount bigint NOT NULL,
    posted_amount bigint NOT NULL,
    tx_id bigint,
    ended_at timestamptz NOT NULL,
    actor_id bigint,
    CONSTRAINT ledger_hold_end_pkey PRIMARY KEY (company_id, hold_id),
    CONSTRAINT ledger_hold_end_outcome CHECK (outcome IN ('captured', 'released', 'lapsed')),
    CONSTRAINT ledger_hold_end_within CHECK (posted_amount BETWEEN 0 AND held_amount),
    CONSTRAINT ledger_hold_end_posting CHECK (
        (outcome = 'captured') = (tx_id IS NOT NULL)
        AND (outcome = 'captured') = (posted_amount > 0)),
    CONSTRAINT ledger_hold_end_hold_fk FOREIGN KEY (company_id, hold_id)
        REFERENCES ledger_hold (company_id, hold_id),
    CONSTRAINT ledger_hold_end_tx_fk FOREIGN KEY (company_id, tx_id)
        REFERENCES ledger_tx (company_id, tx_id)
);

-- What one asset is worth in another from a day on: numerator of the target for denominator of
-- the source, both in minor units.
CREATE TABLE ledger_rate (
    company_id bigint NOT NULL,
    from_asset_id bigint NOT NULL,
    to_asset_id bigint NOT NULL,
    valid_from date NOT NULL,
    numerator bigint NOT NULL,
    denominator bigint NOT NULL,
    announced_at timestamptz NOT NULL,
    actor_id bigint,
    approver_id bigint,
    note text,
    CONSTRAINT ledger_rate_pkey PRIMARY KEY (company_id, from_asset_id, to_asset_id, valid_from),
    CONSTRAINT ledger_rate_two_assets CHECK (from_asset_id <> to_asset_id),
    CONSTRAINT ledger_rate_range CHECK (
        numerator BETWEEN 1 AND 1000000000 AND denominator BETWEEN 1 AND 1000000000),
    CONSTRAINT ledger_rate_two_people CHECK (actor_id <> approver_id),
    CONSTRAINT ledger_rate_note_length CHECK (length(note) <= 400),
    CONSTRAINT ledger_rate_from_fk FOREIGN KEY (company_id, from_asset_id)
        REFERENCES ledger_asset (company_id, asset_id),
    CONSTRAINT ledger_rate_to_fk FOREIGN KEY (company_id, to_asset_id)
        REFERENCES ledger_asset (company_id, asset_id)
);

-- A transaction is found by its key, a wallet by its owner. Statistics that know the first company
-- alone make the planner believe that the second has one row, and read all of it by another index
-- instead: without them it takes a company for one of many.
ALTER TABLE ledger_tx ALTER COLUMN company_id SET STATISTICS 0;
ALTER TABLE ledger_account ALTER COLUMN company_id SET STATISTICS 0;
ALTER TABLE ledger_transfer ALTER COLUMN company_id SET STATISTICS 0;

-- A closed month stays closed unless a person opens it again and says why.
ALTER TABLE ledger_period
    ADD COLUMN reopened_at timestamptz,
    ADD COLUMN reopened_by bigint,
    ADD COLUMN reason text,
    ADD CONSTRAINT ledger_period_reopened_by_person CHECK (
        (reopened_at IS NULL) = (reopened_by IS NULL)
        AND (reopened_at IS NULL) = (reason IS NULL)),
    ADD CONSTRAINT ledger_period_reason_length CHECK (length(reason) BETWEEN 1 AND 400);
CREATE TABLE ledger_period_change (
    company_id bigint NOT NULL,
    month date NOT NULL,
    number integer NOT NULL,
    changed_at timestamptz NOT NULL,
    state text COLLATE "C" NOT NULL,
    actor_id bigint NOT NULL,
    reason text,
    CONSTRAINT ledger_period_change_pkey PRIMARY KEY (company_id, month, number),
    CONSTRAINT ledger_period_change_month_fk FOREIGN KEY (company_id, month)
        REFERENCES ledger_period (company_id, month)
);

-- An account's balance when a day had ended, from all that was posted until then.
CREATE TABLE ledger_checkpoint (
    company_id bigint NOT NULL,
    account_id bigint NOT NULL,
    day date NOT NULL,
    posted bigint NOT NULL,
    CONSTRAINT ledger_checkpoint_pkey PRIMARY KEY (company_id, account_id, day),
    CONSTRAINT ledger_checkpoint_account_fk FOREIGN KEY (company_id, account_id)
        REFERENCES ledger_account (company_id, account_id)
);

CREATE TRIGGER ledger_policy_change_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_policy_change
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_account_change_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_account_change
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_hold_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_hold
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_hold_lot_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_hold_lot
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_hold_end_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_hold_end
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_rate_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_rate
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_period_change_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_period_change
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_checkpoint_kept BEFORE DELETE OR TRUNCATE ON ledger_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'ledger_policy_change', 'ledger_account_change', 'ledger_hold', 'ledger_hold_lot',
        'ledger_hold_end', 'ledger_rate', 'ledger_period_change', 'ledger_checkpoint']
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
    REVOKE ALL ON SEQUENCE ledger_hold_id_seq FROM PUBLIC, meritbook_app;
END $$;
REVOKE ALL ON FUNCTION ledger_keep_asset() FROM PUBLIC, meritbook_app, meritbook_ops;
