-- What a transaction takes of a cap names a bucket and a transaction of its company; for a statement at
-- once, as transfers.sql does.
CREATE OR REPLACE FUNCTION ledger_check_cap_uses() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    v_all record;
    v_use record;
    v_company_id bigint;
    v_n integer := 0;
    v_is_flawed boolean := false;
BEGIN
    FOR v_use IN
        SELECT i.company_id, i.tx_id, i.cap_id,
            (SELECT true FROM ledger_tx t
             WHERE t.company_id = i.company_id AND t.tx_id = i.tx_id) AS has_tx,
            (SELECT true FROM ledger_cap_bucket b
             WHERE b.company_id = i.company_id AND b.cap_id = i.cap_id
                 AND b.scope_id = i.scope_id AND b.period_start = i.period_start
                 AND b.bucket = i.bucket) AS has_bucket
        FROM inserted i LIMIT 21
    LOOP
        v_n := v_n + 1;
        v_company_id := coalesce(v_company_id, v_use.company_id);
        IF v_use.company_id <> v_company_id THEN
            RAISE EXCEPTION 'cap uses of several companies in one statement'
                USING ERRCODE = 'ML003';
        END IF;
        v_is_flawed := v_use.has_tx IS NULL OR v_use.has_bucket IS NULL;
        EXIT WHEN v_is_flawed;
    END LOOP;
    IF v_n > 20 AND NOT v_is_flawed THEN
        SELECT min(company_id) AS company_id, max(company_id) AS last_company_id,
            min(tx_id) AS lowest, max(tx_id) AS highest
        INTO v_all FROM inserted;
        IF v_all.company_id <> v_all.last_company_id THEN
            RAISE EXCEPTION 'cap uses of several companies in one statement'
                USING ERRCODE = 'ML003';
        END IF;
        SELECT missing.* INTO v_use
        FROM (
            (SELECT tx_id, NULL::bigint AS cap_id FROM inserted
             EXCEPT
             SELECT t.tx_id, NULL FROM ledger_tx t
             WHERE t.company_id = v_all.company_id
                 AND t.tx_id BETWEEN v_all.lowest AND v_all.highest)
            UNION ALL
            (SELECT NULL, i.cap_id
             FROM (SELECT DISTINCT cap_id, scope_id, period_start, bucket FROM inserted) i
             WHERE NOT EXISTS (
                 SELECT FROM ledger_cap_bucket b
                 WHERE b.company_id = v_all.company_id AND b.cap_id = i.cap_id
                     AND b.scope_id = i.scope_id AND b.period_start = i.period_start
                     AND b.bucket = i.bucket))
        ) missing LIMIT 1;
        v_is_flawed := FOUND;
    END IF;
    IF v_is_flawed THEN
        RAISE EXCEPTION 'a use of cap % by transaction % has no parent', v_use.cap_id, v_use.tx_id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_cap_use_checked';
    END IF;
    RETURN NULL;
END $$;
