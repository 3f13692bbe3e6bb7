-- What is posted waits for its seal, and names only transactions that its company has: checked for a
-- statement at once, like the parents of transfers (a foreign key would call its trigger for every
-- row, also for those that name none). In one function: a second trigger would cost a posting as much
-- again.
CREATE OR REPLACE FUNCTION ledger_note_unsealed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_tx record;
    v_tx_id bigint;
    v_n integer := 0;
BEGIN
    FOR v_tx IN SELECT * FROM inserted LIMIT 2 LOOP
        v_n := v_n + 1;
    END LOOP;
    IF v_n = 1 AND v_tx.reverses_tx_id IS NULL AND v_tx.about_tx_id IS NULL THEN
        -- A posting as most are: it names none, and is one.
        INSERT INTO ledger_unsealed (company_id, first_tx_id, n, tx_ids)
        VALUES (v_tx.company_id, v_tx.tx_id, 1,
            int8multirange(int8range(v_tx.tx_id, v_tx.tx_id + 1)));
        RETURN NULL;
    END IF;
    SELECT i.tx_id INTO v_tx_id FROM inserted i
    WHERE (i.reverses_tx_id IS NOT NULL AND (
            SELECT true FROM ledger_tx t
            WHERE t.company_id = i.company_id AND t.tx_id = i.reverses_tx_id) IS NULL)
        OR (i.about_tx_id IS NOT NULL AND (
            SELECT true FROM ledger_tx t
            WHERE t.company_id = i.company_id AND t.tx_id = i.about_tx_id) IS NULL)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transaction % names one that its company does not have', v_tx_id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_tx_named';
    END IF;
    INSERT INTO ledger_unsealed (company_id, first_tx_id, n, tx_ids)
    SELECT company_id, min(tx_id), count(*), range_agg(int8range(tx_id, tx_id + 1))
    FROM inserted GROUP BY company_id;
    RETURN NULL;
END $$;
