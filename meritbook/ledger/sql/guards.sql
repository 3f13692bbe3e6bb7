-- What the tables refuse by themselves, whoever asks, the owner included.

CREATE FUNCTION ledger_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'ML001', HINT = 'A mistake is undone by a posting the other way.';
END $$;

-- Once for a statement, also when it touches no row.
CREATE TRIGGER ledger_asset_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_asset
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_account_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_route_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_route
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_tx_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_tx
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_transfer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_shortfall_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_shortfall
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_lot_use_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_lot_use
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

-- These change with every posting but are never dropped from under it.
CREATE TRIGGER ledger_reversed_total_kept BEFORE DELETE OR TRUNCATE ON ledger_reversed_total
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_balance_kept BEFORE DELETE OR TRUNCATE ON ledger_balance
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_lot_kept BEFORE DELETE OR TRUNCATE ON ledger_lot
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_day_total_kept BEFORE DELETE OR TRUNCATE ON ledger_day_total
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_period_kept BEFORE DELETE OR TRUNCATE ON ledger_period
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

-- A transfer belongs to a transaction of its company and counts on that transaction's day, which is
-- in an open month. Checked for a statement at once: a foreign key would lock and log every row of
-- ledger_tx again, a third of a bulk posting; parents are never deleted, so nothing is lost by it.
-- (The posting functions move the day out of a closed month themselves and hold the month's shared
-- lock; the last check speaks to other roads only.)
CREATE FUNCTION ledger_check_transfers() RETURNS trigger
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

CREATE TRIGGER ledger_transfer_checked AFTER INSERT ON ledger_transfer
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_transfers();

-- A closed month stays closed.
CREATE FUNCTION ledger_keep_closed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.state = 'closed' OR NEW.month <> OLD.month OR NEW.company_id <> OLD.company_id THEN
        RAISE EXCEPTION 'the month of % stays closed', OLD.month USING ERRCODE = 'ML002';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_period_stays_closed BEFORE UPDATE ON ledger_period
    FOR EACH ROW EXECUTE FUNCTION ledger_keep_closed();

REVOKE ALL ON FUNCTION ledger_refuse_change(), ledger_check_transfers(), ledger_keep_closed()
    FROM PUBLIC, meritbook_app, meritbook_ops;
