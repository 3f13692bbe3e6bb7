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

-- Nothing counts in a closed month. The posting functions move the day before they insert and
-- hold the month's shared lock, so this speaks only to other roads.
CREATE FUNCTION ledger_refuse_closed_period() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    day date;
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_period WHERE state = 'closed') THEN
        RETURN NULL;
    END IF;
    SELECT inserted.effective_on INTO day
    FROM inserted JOIN ledger_period p
        ON p.company_id = inserted.company_id
        AND p.month = date_trunc('month', inserted.effective_on)::date
        AND p.state = 'closed'
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the month of % is closed', day USING ERRCODE = 'ML002';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_transfer_open_period AFTER INSERT ON ledger_transfer
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_closed_period();

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

REVOKE ALL ON FUNCTION ledger_refuse_change(), ledger_refuse_closed_period(), ledger_keep_closed()
    FROM PUBLIC, meritbook_app, meritbook_ops;
