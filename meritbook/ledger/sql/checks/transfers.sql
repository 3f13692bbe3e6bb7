-- A transfer belongs to a transaction of its company and counts on that transaction's day, which is
-- in an open month, and takes a route of its company. Checked for a statement at once: foreign keys
-- would lock and log every row of ledger_tx again, a third of a bulk posting, and look up the same
-- few routes for every transfer; parents and routes are never deleted, so nothing is lost by it.
-- (The posting functions move the day out of a closed month themselves and hold the month's shared
-- lock; the last check speaks to other roads only.)
CREATE OR REPLACE FUNCTION ledger_check_transfers() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
-- One plan for the session, whatever the values: planning would cost more than running it. Made
-- while the table is small, it must suit a large one too.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    v_all record;
    v_flaw record;
    v_company_id bigint;
    v_n integer := 0;
    v_is_flawed boolean := false;
BEGIN
    -- A few look at the keys one by one, and count themselves: each aggregate would cost as much.
    FOR v_flaw IN
        SELECT i.company_id, i.tx_id, i.effective_on,
            (SELECT true FROM ledger_tx t
             WHERE t.company_id = i.company_id AND t.tx_id = i.tx_id
                 AND t.effective_on = i.effective_on AND t.posted_at = i.posted_at) AS fits,
            (SELECT true FROM ledger_route r
             WHERE r.company_id = i.company_id AND r.debit_id = i.debit_id
                 AND r.credit_id = i.credit_id AND r.asset_id = i.asset_id) AS has_route,
            (SELECT true FROM ledger_period p
             WHERE p.company_id = i.company_id AND p.state = 'closed'
                 AND p.month = date_trunc('month', i.effective_on)::date) AS is_closed
        FROM inserted i LIMIT 21
    LOOP
        v_n := v_n + 1;
        v_company_id := coalesce(v_company_id, v_flaw.company_id);
        IF v_flaw.company_id <> v_company_id THEN
            RAISE EXCEPTION 'transfers of several companies in one statement'
                USING ERRCODE = 'ML003';
        END IF;
        v_is_flawed := v_flaw.fits IS NULL OR v_flaw.has_route IS NULL
            OR v_flaw.is_closed IS TRUE;
        EXIT WHEN v_is_flawed;
    END LOOP;
    IF v_n > 20 AND NOT v_is_flawed THEN
        SELECT min(company_id) AS company_id, max(company_id) AS last_company_id,
            min(tx_id) AS lowest, max(tx_id) AS highest
        INTO v_all FROM inserted;
        IF v_all.company_id <> v_all.last_company_id THEN
            RAISE EXCEPTION 'transfers of several companies in one statement'
                USING ERRCODE = 'ML003';
        END IF;
        -- Set operations: they read each side once, whatever the planner believes about sizes.
        SELECT missing.tx_id, missing.effective_on, NULL::boolean AS fits, true AS has_route,
            false AS is_closed
        INTO v_flaw
        FROM (
            SELECT tx_id, effective_on, posted_at FROM inserted
            EXCEPT
            SELECT t.tx_id, t.effective_on, t.posted_at FROM ledger_tx t
            WHERE t.company_id = v_all.company_id
                AND t.tx_id BETWEEN v_all.lowest AND v_all.highest
        ) missing LIMIT 1;
        IF NOT FOUND THEN
            -- One look at the key for each route, whatever the planner believes about their number.
            SELECT i.tx_id, NULL::date AS effective_on, true AS fits, NULL::boolean AS has_route,
                false AS is_closed
            INTO v_flaw
            FROM (
                SELECT min(tx_id) AS tx_id, company_id, debit_id, credit_id, asset_id
                FROM inserted GROUP BY company_id, debit_id, credit_id, asset_id
            ) i
            WHERE (
                SELECT true FROM ledger_route r
                WHERE r.company_id = i.company_id AND r.debit_id = i.debit_id
                    AND r.credit_id = i.credit_id AND r.asset_id = i.asset_id
            ) IS NULL LIMIT 1;
        END IF;
        IF NOT FOUND AND EXISTS (
            SELECT FROM ledger_period p
            WHERE p.company_id = v_all.company_id AND p.state = 'closed')
        THEN
            SELECT i.tx_id, i.effective_on, true AS fits, true AS has_route, true AS is_closed
            INTO v_flaw
            FROM inserted i JOIN ledger_period p
                ON p.company_id = i.company_id AND p.state = 'closed'
                AND p.month = date_trunc('month', i.effective_on)::date
            LIMIT 1;
        END IF;
        v_is_flawed := FOUND;
    END IF;
    IF NOT v_is_flawed THEN
        RETURN NULL;
    END IF;
    IF v_flaw.fits IS NULL THEN
        RAISE EXCEPTION 'a transfer of transaction % does not agree with it', v_flaw.tx_id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_transfer_checked';
    ELSIF v_flaw.has_route IS NULL THEN
        RAISE EXCEPTION 'a transfer of transaction % takes no route of its company', v_flaw.tx_id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_transfer_route';
    END IF;
    RAISE EXCEPTION 'the month of % is closed', v_flaw.effective_on USING ERRCODE = 'ML002';
END $$;
