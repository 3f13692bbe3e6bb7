-- What the functions that move points share: knowing a key, opening a road between two accounts,
-- writing a transaction and its folds.

-- The transaction that has a key; all null when the key is free.
CREATE FUNCTION ledger_known_key(
    p_company_id bigint, p_key text, p_hash bytea,
    OUT status text, OUT tx_id bigint, OUT reason text)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN t.idem_hash = p_hash THEN 'duplicate' ELSE 'conflict' END, t.tx_id,
        CASE WHEN t.idem_hash <> p_hash THEN 'key_reused' END
    FROM ledger_tx t WHERE t.company_id = p_company_id AND t.idem_key = p_key
$$;

-- What is wrong with a key, an amount above zero, a source and a day; or null.
CREATE FUNCTION ledger_movement_flaw(
    p_key text, p_amount bigint, p_source_kind text, p_source_id bigint, p_today date)
RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN p_key IS NULL OR length(p_key) NOT BETWEEN 1 AND 200 THEN 'bad_key'
        WHEN p_amount IS NULL OR p_amount NOT BETWEEN 1 AND 1000000000000000 THEN 'bad_amount'
        WHEN p_source_kind IS NULL OR p_source_id IS NULL
            OR length(p_source_kind) NOT BETWEEN 1 AND 40 THEN 'bad_source'
        WHEN p_today IS NULL OR p_today NOT BETWEEN '1970-01-01' AND '2999-12-31' THEN 'bad_day'
    END
$$;

-- A company's own account of an asset; made when it is missing.
CREATE FUNCTION ledger_system_account(p_company_id bigint, p_asset_id bigint, p_kind text)
RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_account_id bigint;
BEGIN
    LOOP
        SELECT account_id INTO v_account_id FROM ledger_account
        WHERE company_id = p_company_id AND party_id IS NULL AND asset_id + 0 = p_asset_id
            AND kind = p_kind;
        IF FOUND THEN
            RETURN v_account_id;
        END IF;
        INSERT INTO ledger_account (company_id, asset_id, kind)
        VALUES (p_company_id, p_asset_id, p_kind)
        ON CONFLICT ON CONSTRAINT ledger_account_owner_key DO NOTHING;
    END LOOP;
END $$;

-- A party's account of an asset, with a balance; null when the company has no such party.
CREATE FUNCTION ledger_party_account(
    p_company_id bigint, p_asset_id bigint, p_kind text, p_party_id bigint)
RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_account_id bigint;
BEGIN
    LOOP
        SELECT account_id INTO v_account_id FROM ledger_account
        WHERE company_id = p_company_id AND party_id = p_party_id AND asset_id = p_asset_id
            AND kind = p_kind;
        IF FOUND THEN
            RETURN v_account_id;
        END IF;
        IF NOT EXISTS (
            SELECT FROM org_party WHERE company_id = p_company_id AND id = p_party_id
        ) THEN
            RETURN NULL;
        END IF;
        IF p_kind = 'wallet' THEN
            PERFORM ledger_open_wallets(p_company_id, ARRAY[p_party_id], ARRAY[a.code])
            FROM ledger_asset a
            WHERE a.company_id = p_company_id AND a.asset_id = p_asset_id;
        ELSE
            WITH opened AS (
                INSERT INTO ledger_account (company_id, asset_id, kind, party_id)
                VALUES (p_company_id, p_asset_id, p_kind, p_party_id)
                ON CONFLICT ON CONSTRAINT ledger_account_owner_key DO NOTHING
                RETURNING account_id
            ), routes AS (
                -- What waits in publicity comes from issuance, or goes back there.
                INSERT INTO ledger_route (company_id, asset_id, debit_id, credit_id)
                SELECT p_company_id, p_asset_id, e.debit_id, e.credit_id
                FROM opened o
                JOIN ledger_account c ON c.company_id = p_company_id
                    AND c.asset_id = p_asset_id AND c.kind = 'issuance' AND c.party_id IS NULL
                CROSS JOIN LATERAL (VALUES (o.account_id, c.account_id),
                    (c.account_id, o.account_id)) AS e (debit_id, credit_id)
            )
            INSERT INTO ledger_balance (company_id, account_id, floor)
            SELECT p_company_id, account_id, 0 FROM opened;
        END IF;
    END LOOP;
END $$;

-- Points may move between two accounts from now on, both ways.
CREATE FUNCTION ledger_open_route(
    p_company_id bigint, p_asset_id bigint, p_debit_id bigint, p_credit_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM ledger_route WHERE company_id = p_company_id AND debit_id = p_debit_id
            AND credit_id = p_credit_id AND asset_id = p_asset_id
    ) THEN
        INSERT INTO ledger_route (company_id, asset_id, debit_id, credit_id)
        VALUES (p_company_id, p_asset_id, least(p_debit_id, p_credit_id),
                greatest(p_debit_id, p_credit_id)),
            (p_company_id, p_asset_id, greatest(p_debit_id, p_credit_id),
                least(p_debit_id, p_credit_id))
        ON CONFLICT ON CONSTRAINT ledger_route_pkey DO NOTHING;
    END IF;
END $$;

-- False when the key was taken meanwhile.
CREATE FUNCTION ledger_insert_tx(
    p_company_id bigint, p_tx_id bigint, p_now timestamptz, p_kind text, p_day date,
    p_fact_on date, p_source_kind text, p_source_id bigint, p_rule_version_id bigint,
    p_actor_id bigint, p_about_tx_id bigint, p_key text, p_hash bytea, p_note text)
RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_tx (
        company_id, tx_id, posted_at, source_id, rule_version_id, actor_id, about_tx_id,
        effective_on, fact_on, kind, source_kind, idem_key, idem_hash, note)
    VALUES (
        p_company_id, p_tx_id, p_now, p_source_id, p_rule_version_id, p_actor_id, p_about_tx_id,
        p_day, p_fact_on, p_kind, p_source_kind, p_key, p_hash, nullif(left(p_note, 400), ''))
    ON CONFLICT ON CONSTRAINT ledger_tx_idem_key DO NOTHING;
    RETURN FOUND;
END $$;

CREATE FUNCTION ledger_insert_transfer(
    p_company_id bigint, p_tx_id bigint, p_seq integer, p_asset_id bigint, p_debit_id bigint,
    p_credit_id bigint, p_amount bigint, p_now timestamptz, p_department_id bigint, p_day date,
    p_expires_on date) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO ledger_transfer (
        company_id, tx_id, asset_id, debit_id, credit_id, amount, posted_at, department_id,
        effective_on, expires_on, seq)
    VALUES (
        p_company_id, p_tx_id, p_asset_id, p_debit_id, p_credit_id, p_amount, p_now,
        p_department_id, p_day, p_expires_on, p_seq)
$$;

-- Add to an account's total of a day. Gains and losses are told apart by where the points came
-- from or went, as ledger_day_totals_fold in the verification does.
CREATE FUNCTION ledger_count(
    p_company_id bigint, p_day date, p_account_id bigint, p_department_id bigint,
    p_source_kind text, p_other_kind text, p_gain bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO ledger_day_total AS d (
        company_id, day, account_id, department_id, earned, deducted, spent, other, n, source_kind)
    VALUES (
        p_company_id, p_day, p_account_id, p_department_id,
        CASE p_other_kind WHEN 'issuance' THEN p_gain ELSE 0 END,
        CASE p_other_kind WHEN 'adjustment' THEN -p_gain ELSE 0 END,
        CASE p_other_kind WHEN 'redeemed' THEN -p_gain ELSE 0 END,
        CASE WHEN p_other_kind IN ('issuance', 'adjustment', 'redeemed') THEN 0 ELSE p_gain END,
        1, p_source_kind)
    ON CONFLICT ON CONSTRAINT ledger_day_total_key DO UPDATE
    SET earned = d.earned + excluded.earned, deducted = d.deducted + excluded.deducted,
        spent = d.spent + excluded.spent, other = d.other + excluded.other, n = d.n + excluded.n;
END $$;

-- The kind of account by which a side's day total is told: what came out of a pending account
-- into its party's wallet was earned.
CREATE FUNCTION ledger_told_by(p_kind text, p_other_kind text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_kind = 'wallet' AND p_other_kind = 'pending' THEN 'issuance'
        WHEN p_kind = 'pending' AND p_other_kind = 'wallet' THEN 'issuance'
        ELSE p_other_kind END
$$;
