-- The route of a transfer is checked for a statement at once, like its transaction: a foreign key would
-- look up and lock the same few routes again for every transfer of a batch. Routes are append-only
-- (ledger_route_append_only), so the check is as strong and needs no lock.

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

-- The trigger above keeps the promise from here on, once for a statement (docs/decisions/0013).
-- squawk-ignore ban-drop-constraint
ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_route_fk;
