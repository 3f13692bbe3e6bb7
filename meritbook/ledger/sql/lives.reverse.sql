-- Rows of the new kinds do not fit the old checks: with such rows this is refused as a whole.
DROP TABLE ledger_checkpoint, ledger_period_change, ledger_rate, ledger_hold_end, ledger_hold_lot,
    ledger_hold, ledger_account_change, ledger_policy_change;
DROP SEQUENCE ledger_hold_id_seq;
CREATE OR REPLACE FUNCTION ledger_keep_closed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.state = 'closed' OR NEW.month <> OLD.month OR NEW.company_id <> OLD.company_id THEN
        RAISE EXCEPTION 'the month of % stays closed', OLD.month USING ERRCODE = 'ML002';
    END IF;
    RETURN NEW;
END $$;
ALTER TABLE ledger_tx ALTER COLUMN company_id SET STATISTICS -1;
ALTER TABLE ledger_account ALTER COLUMN company_id SET STATISTICS -1;
ALTER TABLE ledger_transfer ALTER COLUMN company_id SET STATISTICS -1;
ALTER TABLE ledger_period
    DROP CONSTRAINT ledger_period_reopened_by_person,
    DROP CONSTRAINT ledger_period_reason_length,
    DROP COLUMN reopened_at, DROP COLUMN reopened_by, DROP COLUMN reason;
ALTER TABLE ledger_day_total DROP COLUMN other;
ALTER TABLE ledger_balance
    DROP CONSTRAINT ledger_balance_archived_empty,
    DROP CONSTRAINT ledger_balance_state_known,
    DROP COLUMN state;
DROP INDEX ledger_lot_due;
ALTER TABLE ledger_lot
    DROP CONSTRAINT ledger_lot_parts, DROP CONSTRAINT ledger_lot_conserved, DROP COLUMN held;
ALTER TABLE ledger_lot
    ADD CONSTRAINT ledger_lot_parts CHECK (
        granted >= 0 AND used >= 0 AND revoked >= 0 AND expired >= 0),
    ADD CONSTRAINT ledger_lot_conserved CHECK (used + revoked + expired <= granted);
ALTER TABLE ledger_lot_use
    DROP CONSTRAINT ledger_lot_use_part_known,
    DROP CONSTRAINT ledger_lot_use_pkey,
    DROP COLUMN seq;
ALTER TABLE ledger_lot_use
    ADD CONSTRAINT ledger_lot_use_part_known CHECK (part IN ('used', 'revoked', 'expired')),
    ADD CONSTRAINT ledger_lot_use_pkey
        PRIMARY KEY (company_id, tx_id, account_id, expires_on, part);
CREATE OR REPLACE FUNCTION ledger_note_unsealed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_unsealed (company_id, first_tx_id, n, tx_ids)
    SELECT company_id, min(tx_id), count(*), range_agg(int8range(tx_id, tx_id + 1))
    FROM inserted GROUP BY company_id;
    RETURN NULL;
END $$;
DROP INDEX ledger_tx_released_once, ledger_tx_about;
ALTER TABLE ledger_tx
    DROP CONSTRAINT ledger_tx_kind_known,
    DROP COLUMN about_tx_id,
    ADD CONSTRAINT ledger_tx_reverses_fk FOREIGN KEY (company_id, reverses_tx_id)
        REFERENCES ledger_tx (company_id, tx_id);
ALTER TABLE ledger_tx ADD CONSTRAINT ledger_tx_kind_known CHECK (kind IN (
    'award', 'deduct', 'adjust', 'reverse', 'opening', 'spend', 'transfer', 'expire',
    'grant', 'lapse', 'release'));
ALTER TABLE ledger_account
    DROP CONSTRAINT ledger_account_kind_known, DROP CONSTRAINT ledger_account_party_by_kind;
ALTER TABLE ledger_account
    ADD CONSTRAINT ledger_account_kind_known CHECK (kind IN (
        'wallet', 'pending', 'team', 'quota', 'pool',
        'issuance', 'expired', 'redeemed', 'adjustment')),
    ADD CONSTRAINT ledger_account_party_by_kind CHECK (
        (party_id IS NULL) = (kind IN ('issuance', 'expired', 'redeemed', 'adjustment')));
DROP TRIGGER ledger_asset_kept ON ledger_asset;
DROP TRIGGER ledger_asset_keeps_itself ON ledger_asset;
DROP FUNCTION ledger_keep_asset();
CREATE TRIGGER ledger_asset_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_asset
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
ALTER TABLE ledger_asset
    DROP COLUMN name, DROP COLUMN unit, DROP COLUMN is_own, DROP COLUMN decimals,
    DROP COLUMN expiry, DROP COLUMN expiry_count, DROP COLUMN expiry_period,
    DROP COLUMN expiry_month, DROP COLUMN expiry_day, DROP COLUMN grace_days,
    DROP COLUMN carry_percent, DROP COLUMN carry_max, DROP COLUMN refund_grace_days,
    DROP COLUMN is_transferable, DROP COLUMN is_convertible, DROP COLUMN rate_basis,
    DROP COLUMN visible_to, DROP CONSTRAINT ledger_asset_clawback_kind;
ALTER TABLE ledger_asset
    ADD CONSTRAINT ledger_asset_clawback_kind CHECK (clawback IN ('clip', 'debt'));
CREATE OR REPLACE FUNCTION ledger_check_transfers() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
-- One plan for the session, whatever the values: planning would cost more than running it. Made
-- while the table is small, it must suit a large one too.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    v_all record;
    v_transfer record;
BEGIN
    SELECT min(company_id) AS company_id, count(DISTINCT company_id) AS companies,
        min(tx_id) AS lowest, max(tx_id) AS highest
    INTO v_all FROM inserted;
    IF v_all.companies > 1 THEN
        RAISE EXCEPTION 'transfers of several companies in one statement' USING ERRCODE = 'ML003';
    END IF;
    -- A set operation: it reads each side once, whatever the planner believes about their sizes.
    SELECT missing.tx_id INTO v_transfer
    FROM (
        SELECT tx_id, effective_on, posted_at FROM inserted
        EXCEPT
        SELECT t.tx_id, t.effective_on, t.posted_at FROM ledger_tx t
        WHERE t.company_id = v_all.company_id
            AND t.tx_id BETWEEN v_all.lowest AND v_all.highest
    ) missing LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a transfer of transaction % does not agree with it', v_transfer.tx_id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_transfer_checked';
    END IF;
    -- One look at the key for each route, whatever the planner believes about their number.
    SELECT i.tx_id INTO v_transfer
    FROM (
        SELECT min(tx_id) AS tx_id, company_id, debit_id, credit_id, asset_id FROM inserted
        GROUP BY company_id, debit_id, credit_id, asset_id
    ) i
    WHERE (
        SELECT true FROM ledger_route r
        WHERE r.company_id = i.company_id AND r.debit_id = i.debit_id
            AND r.credit_id = i.credit_id AND r.asset_id = i.asset_id
    ) IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a transfer of transaction % takes no route of its company', v_transfer.tx_id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_transfer_route';
    END IF;
    IF EXISTS (SELECT FROM ledger_period p WHERE p.state = 'closed') THEN
        SELECT i.effective_on INTO v_transfer
        FROM inserted i JOIN ledger_period p
            ON p.company_id = i.company_id AND p.state = 'closed'
            AND p.month = date_trunc('month', i.effective_on)::date
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'the month of % is closed', v_transfer.effective_on
                USING ERRCODE = 'ML002';
        END IF;
    END IF;
    RETURN NULL;
END $$;
