-- One posting, one reversal, and what they share. Functions run as their owner, under forced
-- row-level security; the application may execute them and read tables, nothing else.
-- They answer (status, tx_id, reason) instead of raising, so that a refusal leaves the caller's
-- transaction whole: new, duplicate, conflict (key with another payload) or refused.
-- Locks are taken in one order everywhere: months (shared), balances by account id, then keys.

CREATE FUNCTION ledger_refuse_foreign_scope(p_company_id bigint) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF p_company_id IS DISTINCT FROM current_setting('app.company_id')::bigint THEN
        RAISE EXCEPTION 'company % is not the company in scope', p_company_id
            USING ERRCODE = 'ML003';
    END IF;
END $$;

CREATE FUNCTION ledger_create_assets(p_company_id bigint, p_programme_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    -- Honour is rank: nobody spends it and debt is allowed. What can be spent or lapses sits in
    -- lots. Shares and annuities are counted in finer parts than points.
    INSERT INTO ledger_asset
        (company_id, programme_id, code, scale, wallet_floor, keeps_lots, clawback)
    VALUES
        (p_company_id, p_programme_id, 'honour', 2, NULL, false, 'debt'),
        (p_company_id, p_programme_id, 'spendable', 2, 0, true, 'clip'),
        (p_company_id, p_programme_id, 'coin', 2, 0, true, 'clip'),
        (p_company_id, p_programme_id, 'stock', 4, 0, false, 'clip'),
        (p_company_id, p_programme_id, 'option', 4, 0, false, 'clip'),
        (p_company_id, p_programme_id, 'annuity', 4, 0, false, 'clip'),
        (p_company_id, p_programme_id, 'quota', 2, 0, true, 'clip')
    ON CONFLICT ON CONSTRAINT ledger_asset_code_key DO NOTHING;
    INSERT INTO ledger_account (company_id, asset_id, kind)
    SELECT a.company_id, a.asset_id, k.kind
    FROM ledger_asset a
    CROSS JOIN (VALUES ('issuance'), ('expired'), ('redeemed'), ('adjustment')) AS k (kind)
    WHERE a.company_id = p_company_id AND a.programme_id = p_programme_id
    ORDER BY a.asset_id, k.kind
    ON CONFLICT ON CONSTRAINT ledger_account_owner_key DO NOTHING;
END $$;

-- Wallets of a party for the assets named; of a party that the company does not have, none.
CREATE FUNCTION ledger_open_wallets(
    p_company_id bigint, p_party_ids bigint[],
    p_codes text[] DEFAULT ARRAY['honour', 'spendable', 'coin']) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    WITH opened AS (
        INSERT INTO ledger_account (company_id, asset_id, kind, party_id)
        SELECT p_company_id, a.asset_id, 'wallet', p.id
        FROM org_party p
        CROSS JOIN ledger_asset a
        WHERE p.company_id = p_company_id AND p.id = ANY (p_party_ids)
            AND a.company_id = p_company_id AND a.code = ANY (p_codes)
        ORDER BY p.id, a.asset_id
        ON CONFLICT ON CONSTRAINT ledger_account_owner_key DO NOTHING
        RETURNING account_id, asset_id
    ), routes AS (
        -- Gifts come from issuance, losses go to adjustment; reversals run the other way.
        INSERT INTO ledger_route (company_id, asset_id, debit_id, credit_id)
        SELECT p_company_id, o.asset_id, e.debit_id, e.credit_id
        FROM opened o
        JOIN ledger_account c ON c.company_id = p_company_id AND c.asset_id = o.asset_id
            AND c.kind IN ('issuance', 'adjustment') AND c.party_id IS NULL
        CROSS JOIN LATERAL (VALUES
            (o.account_id, c.account_id), (c.account_id, o.account_id)) AS e (debit_id, credit_id)
    )
    INSERT INTO ledger_balance (company_id, account_id, floor)
    SELECT p_company_id, o.account_id, a.wallet_floor
    FROM opened o JOIN ledger_asset a
        ON a.company_id = p_company_id AND a.asset_id = o.asset_id
    ORDER BY o.account_id;
END $$;

CREATE FUNCTION ledger_month_lock(p_company_id bigint, p_month date) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT hashtextextended(
        'ledger month ' || p_company_id::text || ' ' || (p_month - date '2000-01-01')::text, 0)
$$;

-- The day on which a posting counts: the day asked for, or the first open day after it when its
-- month is closed. The shared lock lets no one close that month before the posting commits.
CREATE FUNCTION ledger_open_day(p_company_id bigint, p_day date) RETURNS date
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_month date := date_trunc('month', p_day)::date;
BEGIN
    LOOP
        PERFORM pg_advisory_xact_lock_shared(ledger_month_lock(p_company_id, v_month));
        IF NOT EXISTS (
            SELECT FROM ledger_period
            WHERE company_id = p_company_id AND month = v_month AND state = 'closed'
        ) THEN
            RETURN greatest(p_day, v_month);
        END IF;
        v_month := (v_month + interval '1 month')::date;
    END LOOP;
END $$;

CREATE FUNCTION ledger_close_month(
    p_company_id bigint, p_month date, p_closed_by bigint, p_closed_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    PERFORM pg_advisory_xact_lock(ledger_month_lock(p_company_id, p_month));
    INSERT INTO ledger_period AS p (company_id, month, state, closed_at, closed_by)
    VALUES (p_company_id, p_month, 'closed', p_closed_at, p_closed_by)
    ON CONFLICT (company_id, month) DO UPDATE
        SET state = 'closed', closed_at = excluded.closed_at, closed_by = excluded.closed_by
        WHERE p.state = 'open';
    RETURN FOUND;
END $$;

-- What a key is bound to. Days are counted from a fixed one, so that no setting changes the text.
CREATE FUNCTION ledger_payload_hash(
    p_kind text, p_party_id bigint, p_assets text, p_amounts bigint[], p_effective_on date,
    p_fact_on date, p_source_kind text, p_source_id bigint, p_rule_version_id bigint,
    p_department_id bigint) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(
        p_kind || '|' || p_party_id::text || '|' || p_assets || '|' || p_amounts::text
        || '|' || (p_effective_on - date '2000-01-01')::text
        || '|' || (p_fact_on - date '2000-01-01')::text
        || '|' || p_source_kind || '|' || p_source_id::text
        || '|' || coalesce(p_rule_version_id::text, '')
        || '|' || coalesce(p_department_id::text, ''), 'UTF8'))
$$;

-- What is wrong with a posting as it stands, or null.
CREATE FUNCTION ledger_flaw(
    p_key text, p_kind text, p_amounts bigint[], p_effective_on date, p_fact_on date,
    p_source_kind text, p_source_id bigint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN p_key IS NULL OR length(p_key) NOT BETWEEN 1 AND 200 THEN 'bad_key'
        WHEN p_kind IS NULL
            OR p_kind NOT IN ('award', 'deduct', 'adjust', 'opening', 'grant') THEN 'bad_kind'
        WHEN p_amounts IS NULL OR p_amounts = '{}' THEN 'bad_assets'
        WHEN 0 = ANY (p_amounts) OR 1000000000000000 < ANY (p_amounts)
            OR -1000000000000000 > ANY (p_amounts) OR array_position(p_amounts, NULL) IS NOT NULL
            THEN 'bad_amount'
        WHEN p_source_kind IS NULL OR p_source_id IS NULL
            OR length(p_source_kind) NOT BETWEEN 1 AND 40 THEN 'bad_source'
        WHEN p_effective_on IS NULL OR p_fact_on IS NULL
            OR p_effective_on NOT BETWEEN '1970-01-01' AND '2999-12-31'
            OR p_fact_on NOT BETWEEN '1970-01-01' AND '2999-12-31' THEN 'bad_day'
    END
$$;

-- Take an amount out of an account's lots, the earliest to expire first. The caller holds the
-- balance's lock. An account in debt has no lots to take from.
CREATE FUNCTION ledger_take_from_lots(
    p_company_id bigint, p_tx_id bigint, p_account_id bigint, p_amount bigint, p_part text)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_left bigint := p_amount;
    v_take bigint;
    v_lot record;
BEGIN
    FOR v_lot IN
        SELECT expires_on, granted - used - revoked - expired AS available
        FROM ledger_lot
        WHERE company_id = p_company_id AND account_id = p_account_id
            AND granted > used + revoked + expired
        ORDER BY expires_on
    LOOP
        EXIT WHEN v_left = 0;
        v_take := least(v_left, v_lot.available);
        UPDATE ledger_lot
        SET used = used + CASE p_part WHEN 'used' THEN v_take ELSE 0 END,
            revoked = revoked + CASE p_part WHEN 'revoked' THEN v_take ELSE 0 END,
            expired = expired + CASE p_part WHEN 'expired' THEN v_take ELSE 0 END
        WHERE company_id = p_company_id AND account_id = p_account_id
            AND expires_on = v_lot.expires_on;
        INSERT INTO ledger_lot_use (company_id, tx_id, account_id, expires_on, part, amount)
        VALUES (p_company_id, p_tx_id, p_account_id, v_lot.expires_on, p_part, v_take);
        v_left := v_left - v_take;
    END LOOP;
    IF v_left > 0 THEN
        RAISE EXCEPTION 'the lots of account % lack %', p_account_id, v_left
            USING ERRCODE = 'ML004';
    END IF;
END $$;

CREATE FUNCTION ledger_post(
    p_company_id bigint, p_key text, p_kind text, p_party_id bigint, p_codes text[],
    p_amounts bigint[], p_effective_on date, p_fact_on date, p_source_kind text,
    p_source_id bigint, p_rule_version_id bigint, p_department_id bigint, p_actor_id bigint,
    OUT status text, OUT tx_id bigint, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
-- Each statement is planned once in a session: planning would cost more than running it. Made
-- while the tables are small, the plans must suit large ones too.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz;
    v_hash bytea;
    v_same boolean;
    v_tx_id bigint;
    v_day date;
    v_assets bigint[];
    v_wallets bigint[];
    v_counters bigint[];
    v_lots boolean[];
    v_posted bigint[];
    v_floors bigint[];
    v_opened boolean := false;
    i integer;
BEGIN
    IF p_company_id IS DISTINCT FROM current_setting('app.company_id')::bigint THEN
        PERFORM ledger_refuse_foreign_scope(p_company_id);
    END IF;
    status := 'refused';
    reason := ledger_flaw(
        p_key, p_kind, p_amounts, p_effective_on, p_fact_on, p_source_kind, p_source_id);
    IF reason IS NOT NULL THEN
        RETURN;
    END IF;
    IF cardinality(p_codes) <> cardinality(p_amounts) THEN
        reason := 'bad_assets';
        RETURN;
    END IF;
    FOR i IN 2 .. cardinality(p_codes) LOOP
        IF p_codes[i] COLLATE "C" <= p_codes[i - 1] THEN
            reason := 'bad_assets';
            RETURN;
        END IF;
    END LOOP;
    v_hash := ledger_payload_hash(
        p_kind, p_party_id, array_to_string(p_codes, ','), p_amounts, p_effective_on, p_fact_on,
        p_source_kind, p_source_id, p_rule_version_id, p_department_id);

    SELECT t.tx_id, t.idem_hash = v_hash INTO v_tx_id, v_same
    FROM ledger_tx t WHERE t.company_id = p_company_id AND t.idem_key = p_key;
    IF FOUND THEN
        status := CASE WHEN v_same THEN 'duplicate' ELSE 'conflict' END;
        reason := CASE WHEN NOT v_same THEN 'key_reused' END;
        tx_id := v_tx_id;
        RETURN;
    END IF;

    LOOP
        SELECT array_agg(a.asset_id ORDER BY u.i), array_agg(w.account_id ORDER BY u.i),
            array_agg(c.account_id ORDER BY u.i), array_agg(a.keeps_lots ORDER BY u.i)
        INTO v_assets, v_wallets, v_counters, v_lots
        FROM unnest(p_codes, p_amounts) WITH ORDINALITY AS u (code, amount, i)
        LEFT JOIN ledger_asset a ON a.company_id = p_company_id AND a.code = u.code
        LEFT JOIN ledger_account w ON w.company_id = p_company_id AND w.party_id = p_party_id
            AND w.asset_id = a.asset_id AND w.kind = 'wallet'
        LEFT JOIN ledger_account c ON c.company_id = p_company_id AND c.party_id IS NULL
            AND c.asset_id = a.asset_id
            AND c.kind = CASE WHEN u.amount > 0 THEN 'issuance' ELSE 'adjustment' END;
        IF array_position(v_counters, NULL) IS NOT NULL THEN
            reason := 'unknown_asset';
            RETURN;
        END IF;
        EXIT WHEN array_position(v_wallets, NULL) IS NULL;
        IF v_opened THEN
            reason := 'unknown_party';
            RETURN;
        END IF;
        PERFORM ledger_open_wallets(p_company_id, ARRAY[p_party_id], p_codes);
        v_opened := true;
    END LOOP;
    IF p_department_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM org_department WHERE company_id = p_company_id AND id = p_department_id
    ) THEN
        reason := 'unknown_department';
        RETURN;
    END IF;

    v_day := ledger_open_day(p_company_id, p_effective_on);
    SELECT array_agg(b.posted ORDER BY u.i), array_agg(b.posted - b.held - b.floor ORDER BY u.i)
    INTO v_posted, v_floors
    FROM unnest(v_wallets) WITH ORDINALITY AS u (account_id, i)
    JOIN (
        SELECT account_id, posted, held, floor FROM ledger_balance
        WHERE company_id = p_company_id AND account_id = ANY (v_wallets)
        ORDER BY account_id FOR UPDATE
    ) b ON b.account_id = u.account_id;

    -- Another session may have posted the key while this one waited for the lock.
    v_tx_id := nextval('ledger_tx_id_seq');
    v_now := clock_timestamp();
    FOR i IN 1 .. cardinality(p_amounts) LOOP
        IF p_amounts[i] < 0 AND v_floors[i] + p_amounts[i] < 0 THEN
            SELECT t.tx_id, t.idem_hash = v_hash INTO v_tx_id, v_same
            FROM ledger_tx t WHERE t.company_id = p_company_id AND t.idem_key = p_key;
            IF FOUND THEN
                status := CASE WHEN v_same THEN 'duplicate' ELSE 'conflict' END;
                reason := CASE WHEN NOT v_same THEN 'key_reused' END;
                tx_id := v_tx_id;
                RETURN;
            END IF;
            reason := 'below_floor';
            RETURN;
        END IF;
    END LOOP;
    INSERT INTO ledger_tx (
        company_id, tx_id, posted_at, source_id, rule_version_id, actor_id, effective_on, fact_on,
        kind, source_kind, idem_key, idem_hash)
    VALUES (
        p_company_id, v_tx_id, v_now, p_source_id, p_rule_version_id, p_actor_id, v_day, p_fact_on,
        p_kind, p_source_kind, p_key, v_hash)
    ON CONFLICT ON CONSTRAINT ledger_tx_idem_key DO NOTHING;
    IF NOT FOUND THEN
        SELECT t.tx_id, t.idem_hash = v_hash INTO STRICT v_tx_id, v_same
        FROM ledger_tx t WHERE t.company_id = p_company_id AND t.idem_key = p_key;
        status := CASE WHEN v_same THEN 'duplicate' ELSE 'conflict' END;
        reason := CASE WHEN NOT v_same THEN 'key_reused' END;
        tx_id := v_tx_id;
        RETURN;
    END IF;

    INSERT INTO ledger_transfer (
        company_id, tx_id, asset_id, debit_id, credit_id, amount, posted_at, department_id,
        effective_on, expires_on, seq)
    SELECT p_company_id, v_tx_id, u.asset_id,
        CASE WHEN u.amount > 0 THEN u.counter ELSE u.wallet END,
        CASE WHEN u.amount > 0 THEN u.wallet ELSE u.counter END,
        abs(u.amount), v_now, p_department_id, v_day,
        CASE WHEN u.lots AND u.amount > 0 THEN date 'infinity' END, u.i
    FROM unnest(v_assets, v_wallets, v_counters, v_lots, p_amounts)
        WITH ORDINALITY AS u (asset_id, wallet, counter, lots, amount, i);

    WITH moved AS (
        UPDATE ledger_balance b
        SET posted = b.posted + u.amount, version = b.version + 1
        FROM unnest(v_wallets, p_amounts) AS u (wallet, amount)
        WHERE b.company_id = p_company_id AND b.account_id = u.wallet
    ), granted AS (
        -- What repays a debt (a balance below zero) is in no lot.
        INSERT INTO ledger_lot AS l (company_id, account_id, expires_on, granted)
        SELECT p_company_id, u.wallet, 'infinity',
            greatest(u.posted + u.amount, 0) - greatest(u.posted, 0)
        FROM unnest(v_wallets, p_amounts, v_lots, v_posted) AS u (wallet, amount, lots, posted)
        WHERE u.lots AND u.amount > 0
        ON CONFLICT ON CONSTRAINT ledger_lot_pkey
            DO UPDATE SET granted = l.granted + excluded.granted
    ), counted AS (
        INSERT INTO ledger_day_total AS d (
            company_id, day, account_id, department_id, earned, deducted, n, source_kind)
        SELECT p_company_id, v_day, u.wallet, p_department_id,
            greatest(u.amount, 0), greatest(-u.amount, 0), 1, p_source_kind
        FROM unnest(v_wallets, p_amounts) AS u (wallet, amount)
        ON CONFLICT ON CONSTRAINT ledger_day_total_key DO UPDATE
        SET earned = d.earned + excluded.earned, deducted = d.deducted + excluded.deducted,
            n = d.n + excluded.n
    )
    INSERT INTO ledger_change AS c (company_id, day, account_id)
    SELECT p_company_id, v_day, u.wallet FROM unnest(v_wallets) AS u (wallet)
    ON CONFLICT ON CONSTRAINT ledger_change_pkey DO UPDATE SET version = c.version + 1;

    FOR i IN 1 .. cardinality(p_amounts) LOOP
        IF v_lots[i] AND p_amounts[i] < 0 AND v_posted[i] > 0 THEN
            PERFORM ledger_take_from_lots(p_company_id, v_tx_id, v_wallets[i],
                least(v_posted[i], -p_amounts[i]), 'revoked');
        END IF;
    END LOOP;

    status := 'new';
    tx_id := v_tx_id;
END $$;

-- Put a grant into its lot. What repays a debt (a balance below zero) is in no lot.
CREATE FUNCTION ledger_grant_lot(
    p_company_id bigint, p_account_id bigint, p_expires_on date, p_amount bigint,
    p_posted_before bigint) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO ledger_lot AS l (company_id, account_id, expires_on, granted)
    VALUES (p_company_id, p_account_id, p_expires_on,
        greatest(p_posted_before + p_amount, 0) - greatest(p_posted_before, 0))
    ON CONFLICT ON CONSTRAINT ledger_lot_pkey DO UPDATE SET granted = l.granted + excluded.granted
$$;
