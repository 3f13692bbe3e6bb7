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

-- What a key is bound to. Days are counted from a fixed one, so that no setting changes the text.
CREATE FUNCTION ledger_payload_hash(
    p_kind text, p_party_id bigint, p_assets text, p_amounts bigint[], p_effective_on date,
    p_fact_on date, p_source_kind text, p_source_id bigint, p_rule_version_id bigint,
    p_department_id bigint) RETURNS bytea
LANGUAGE sql STABLE AS $$
    -- One call: its parts, joined by operators, would be set up anew in each transaction.
    SELECT sha256(convert_to(format('%s|%s|%s|%s|%s|%s|%s|%s|%s|%s', p_kind, p_party_id, p_assets,
        p_amounts, p_effective_on - date '2000-01-01', p_fact_on - date '2000-01-01',
        p_source_kind, p_source_id, p_rule_version_id, p_department_id), 'UTF8'))
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

-- Gains come from issuance into the wallet (or, in publicity, into the pending account), losses go
-- to adjustment. What a manager gives out of a quota is taken from that quota in the same
-- transaction. An opening balance may have a last day of its own. Caps may leave less of the gains
-- than was asked for: then the status is capped.
CREATE FUNCTION ledger_post(
    p_company_id bigint, p_key text, p_kind text, p_party_id bigint, p_codes text[],
    p_amounts bigint[], p_effective_on date, p_fact_on date, p_source_kind text,
    p_source_id bigint, p_rule_version_id bigint, p_department_id bigint, p_actor_id bigint,
    p_cap_ids bigint[] DEFAULT NULL, p_is_pending boolean DEFAULT false,
    p_quota_party_id bigint DEFAULT NULL, p_quota_amount bigint DEFAULT NULL,
    p_today date DEFAULT NULL, p_expires_on date DEFAULT NULL,
    OUT status text, OUT tx_id bigint, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
-- Each statement is planned once in a session: planning would cost more than running it. Made
-- while the tables are small, the plans must suit large ones too.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz;
    v_hash bytea;
    v_known record;
    v_tx_id bigint;
    v_day date;
    v_assets bigint[];
    v_wallets bigint[];
    v_counters bigint[];
    v_lots boolean[];
    v_lapses boolean[];
    v_last_days date[];
    v_posted bigint[];
    v_rooms bigint[];
    v_states text[];
    v_amounts bigint[] := p_amounts;
    v_kind text := CASE WHEN p_is_pending THEN 'pending' ELSE 'wallet' END;
    v_opened boolean := false;
    v_caps record;
    v_cap_reason text;
    v_uses bigint[];
    v_cuts bigint[];
    v_is_noted boolean;
    v_leg record;
    v_quota_asset bigint;
    v_quota_wallet bigint;
    v_quota_counter bigint;
    i integer;
BEGIN
    IF p_company_id IS DISTINCT FROM current_setting('app.company_id')::bigint THEN
        PERFORM ledger_refuse_foreign_scope(p_company_id);
    END IF;
    status := 'refused';
    reason := coalesce(
        ledger_flaw(
            p_key, p_kind, p_amounts, p_effective_on, p_fact_on, p_source_kind, p_source_id),
        CASE WHEN p_is_pending AND 0 > ANY (p_amounts) THEN 'bad_pending'
            WHEN p_quota_party_id IS NOT NULL AND (p_quota_amount IS NULL
                OR p_quota_amount NOT BETWEEN 1 AND 1000000000000000) THEN 'bad_amount'
            WHEN p_quota_party_id = p_party_id THEN 'own_quota'
            WHEN p_expires_on IS NOT NULL AND (p_kind <> 'opening'
                OR p_expires_on NOT BETWEEN p_effective_on AND '2999-12-31') THEN 'bad_day' END);
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
        p_kind || CASE WHEN p_is_pending THEN '|pending' ELSE '' END
            || coalesce('|quota ' || p_quota_party_id || ' ' || p_quota_amount, '')
            || coalesce('|until ' || (p_expires_on - date '2000-01-01')::text, ''),
        p_party_id, array_to_string(p_codes, ','), p_amounts, p_effective_on, p_fact_on,
        p_source_kind, p_source_id, p_rule_version_id, p_department_id);

    SELECT t.tx_id, t.idem_hash = v_hash AS is_same INTO v_known
    FROM ledger_tx t WHERE t.company_id = p_company_id AND t.idem_key = p_key;
    IF FOUND THEN
        status := CASE WHEN v_known.is_same THEN 'duplicate' ELSE 'conflict' END;
        reason := CASE WHEN NOT v_known.is_same THEN 'key_reused' END;
        tx_id := v_known.tx_id;
        RETURN;
    END IF;

    LOOP
        -- Found by their keys, one by one: a join would be planned while the company is small. For
        -- "+ 0" see ledger_account_system.
        FOR v_leg IN
            SELECT u.i, a.asset_id, w.account_id AS wallet_id, c.account_id AS counter_id,
                a.keeps_lots, a.expiry <> 'never' AS lapses
            FROM unnest(p_codes, p_amounts) WITH ORDINALITY AS u (code, amount, i)
            LEFT JOIN LATERAL (
                SELECT x.asset_id, x.keeps_lots, x.expiry FROM ledger_asset x
                WHERE x.company_id = p_company_id AND x.code = u.code OFFSET 0
            ) a ON true
            LEFT JOIN LATERAL (
                SELECT x.account_id FROM ledger_account x
                WHERE x.company_id = p_company_id AND x.party_id = p_party_id
                    AND x.asset_id = a.asset_id AND x.kind = v_kind OFFSET 0
            ) w ON true
            LEFT JOIN LATERAL (
                SELECT x.account_id FROM ledger_account x
                WHERE x.company_id = p_company_id AND x.party_id IS NULL
                    AND x.asset_id + 0 = a.asset_id
                    AND x.kind = CASE WHEN u.amount > 0 THEN 'issuance' ELSE 'adjustment' END
                OFFSET 0
            ) c ON true
        LOOP
            v_assets[v_leg.i] := v_leg.asset_id;
            v_wallets[v_leg.i] := v_leg.wallet_id;
            v_counters[v_leg.i] := v_leg.counter_id;
            v_lots[v_leg.i] := v_leg.keeps_lots;
            v_lapses[v_leg.i] := v_leg.keeps_lots AND v_leg.lapses;
        END LOOP;
        IF array_position(v_counters, NULL) IS NOT NULL THEN
            reason := 'unknown_asset';
            RETURN;
        END IF;
        EXIT WHEN array_position(v_wallets, NULL) IS NULL;
        IF v_opened THEN
            reason := 'unknown_party';
            RETURN;
        END IF;
        IF p_is_pending THEN
            PERFORM ledger_open_route(p_company_id, u.asset_id, p.account_id, u.counter)
            FROM unnest(v_assets, v_counters) AS u (asset_id, counter)
            CROSS JOIN LATERAL (SELECT ledger_party_account(
                p_company_id, u.asset_id, 'pending', p_party_id) AS account_id OFFSET 0) p
            WHERE p.account_id IS NOT NULL;
        ELSE
            PERFORM ledger_open_wallets(p_company_id, ARRAY[p_party_id], p_codes);
        END IF;
        v_opened := true;
    END LOOP;
    -- One condition inside the other, here and below: together they would be a query every time.
    IF p_department_id IS NOT NULL THEN
        IF NOT EXISTS (
            SELECT FROM org_department WHERE company_id = p_company_id AND id = p_department_id
        ) THEN
            reason := 'unknown_department';
            RETURN;
        END IF;
    END IF;
    IF p_quota_party_id IS NOT NULL THEN
        SELECT a.asset_id INTO v_quota_asset
        FROM ledger_asset a WHERE a.company_id = p_company_id AND a.code = 'quota';
        IF NOT FOUND THEN
            reason := 'unknown_asset';
            RETURN;
        END IF;
        v_quota_wallet := ledger_party_account(
            p_company_id, v_quota_asset, 'wallet', p_quota_party_id);
        IF v_quota_wallet IS NULL THEN
            reason := 'unknown_party';
            RETURN;
        END IF;
        v_quota_counter := ledger_system_account(p_company_id, v_quota_asset, 'redeemed');
        PERFORM ledger_open_route(
            p_company_id, v_quota_asset, v_quota_wallet, v_quota_counter);
    END IF;

    v_day := ledger_open_day(p_company_id, p_effective_on);
    IF p_expires_on IS NOT NULL THEN
        -- What somebody brings from elsewhere lapses when it would have lapsed there.
        SELECT array_agg(CASE WHEN u.lots THEN p_expires_on END ORDER BY u.i) INTO v_last_days
        FROM unnest(v_lots) WITH ORDINALITY AS u (lots, i);
    ELSIF true = ANY (v_lapses) THEN
        SELECT array_agg(CASE WHEN a.keeps_lots THEN ledger_last_day(
                a.expiry, a.expiry_count, a.expiry_period, a.expiry_month, a.expiry_day,
                a.grace_days, v_day) END ORDER BY u.i)
        INTO v_last_days
        FROM unnest(v_assets) WITH ORDINALITY AS u (asset_id, i)
        JOIN ledger_asset a ON a.company_id = p_company_id AND a.asset_id = u.asset_id;
    END IF;
    IF p_cap_ids <> '{}' THEN
        -- The common case: caps of one bucket each, with room for all of it.
        v_uses := ledger_take_whole(
            p_company_id, p_cap_ids, p_party_id, p_department_id, p_effective_on, v_assets,
            p_amounts);
        IF v_uses IS NULL THEN
            v_caps := ledger_take_caps(
                p_company_id, p_cap_ids, p_party_id, p_department_id, p_effective_on, v_assets,
                p_amounts);
            IF v_caps.reason IN ('cap_reached', 'unknown_cap') THEN
                reason := v_caps.reason;
            ELSE
                v_amounts := v_caps.amounts;
                v_cap_reason := v_caps.reason;
                v_uses := v_caps.uses;
                v_cuts := v_caps.cuts;
            END IF;
        END IF;
    END IF;
    -- Every account in one statement, quota included: all sessions lock in the order of accounts.
    FOR v_leg IN
        SELECT b.account_id, b.posted, b.held, b.floor, b.state FROM ledger_balance b
        WHERE b.company_id = p_company_id AND b.account_id = ANY (v_wallets || v_quota_wallet)
        ORDER BY b.account_id FOR UPDATE
    LOOP
        i := array_position(v_wallets, v_leg.account_id);
        CONTINUE WHEN i IS NULL;
        v_posted[i] := v_leg.posted;
        v_states[i] := v_leg.state;
        v_rooms[i] := v_leg.posted - v_leg.held - CASE WHEN v_lots[i] AND v_leg.held > 0
            THEN coalesce(v_leg.floor, 0) ELSE v_leg.floor END;
    END LOOP;

    v_tx_id := nextval('ledger_tx_id_seq');
    v_now := clock_timestamp();
    IF 'archived' = ANY (v_states) THEN
        reason := 'account_archived';
    ELSIF p_is_pending THEN
        IF EXISTS (
            SELECT FROM ledger_account w JOIN ledger_balance b
                ON b.company_id = w.company_id AND b.account_id = w.account_id
            WHERE w.company_id = p_company_id AND w.party_id = p_party_id
                AND w.asset_id = ANY (v_assets) AND w.kind = 'wallet' AND b.state = 'archived')
        THEN
            reason := 'account_archived';
        END IF;
    END IF;
    FOR i IN 1 .. cardinality(v_amounts) LOOP
        IF v_amounts[i] < 0 AND v_rooms[i] + v_amounts[i] < 0 THEN
            reason := 'below_floor';
        END IF;
    END LOOP;
    IF reason IS NULL AND p_quota_party_id IS NOT NULL
        AND ledger_lock_source(p_company_id, v_quota_wallet, true, p_quota_amount,
            coalesce(p_today, p_effective_on)) IS NOT NULL
    THEN
        reason := 'quota_spent';
    END IF;
    IF reason IS NULL THEN
        INSERT INTO ledger_tx (
            company_id, tx_id, posted_at, source_id, rule_version_id, actor_id, effective_on,
            fact_on, kind, source_kind, idem_key, idem_hash)
        VALUES (
            p_company_id, v_tx_id, v_now, p_source_id, p_rule_version_id, p_actor_id, v_day,
            p_fact_on, p_kind, p_source_kind, p_key, v_hash)
        ON CONFLICT ON CONSTRAINT ledger_tx_idem_key DO NOTHING;
        IF NOT FOUND THEN
            reason := 'key_reused';
        END IF;
    END IF;
    IF reason IS NOT NULL THEN
        IF v_uses IS NOT NULL THEN
            PERFORM ledger_untake_caps(p_company_id, v_uses);
        END IF;
        -- Another session may have posted the key while this one waited for a lock.
        SELECT t.tx_id, t.idem_hash = v_hash AS is_same INTO v_known
        FROM ledger_tx t WHERE t.company_id = p_company_id AND t.idem_key = p_key;
        IF FOUND THEN
            status := CASE WHEN v_known.is_same THEN 'duplicate' ELSE 'conflict' END;
            reason := CASE WHEN NOT v_known.is_same THEN 'key_reused' END;
            tx_id := v_known.tx_id;
        END IF;
        RETURN;
    END IF;

    INSERT INTO ledger_transfer (
        company_id, tx_id, asset_id, debit_id, credit_id, amount, posted_at, department_id,
        effective_on, expires_on, seq)
    SELECT p_company_id, v_tx_id, u.asset_id,
        CASE WHEN u.amount > 0 THEN u.counter ELSE u.wallet END,
        CASE WHEN u.amount > 0 THEN u.wallet ELSE u.counter END,
        abs(u.amount), v_now, p_department_id, v_day,
        CASE WHEN u.lots AND u.amount > 0 AND NOT p_is_pending
            THEN coalesce(v_last_days[u.i], 'infinity') END, u.i
    FROM unnest(v_assets, v_wallets, v_counters, v_lots, v_amounts)
        WITH ORDINALITY AS u (asset_id, wallet, counter, lots, amount, i)
    WHERE u.amount <> 0;

    WITH moved AS (
        -- By its key, however large the company: what is there is met, nothing is inserted.
        INSERT INTO ledger_balance AS b (company_id, account_id, posted, version)
        SELECT p_company_id, u.wallet, u.amount, 1
        FROM unnest(v_wallets, v_amounts) AS u (wallet, amount)
        WHERE u.amount <> 0
        ON CONFLICT ON CONSTRAINT ledger_balance_pkey DO UPDATE
        SET posted = b.posted + excluded.posted, version = b.version + 1
    ), granted AS (
        -- What repays a debt (a balance below zero) is in no lot.
        INSERT INTO ledger_lot AS l (company_id, account_id, expires_on, granted)
        SELECT p_company_id, u.wallet, coalesce(v_last_days[u.i], 'infinity'),
            greatest(u.posted + u.amount, 0) - greatest(u.posted, 0)
        FROM unnest(v_wallets, v_amounts, v_lots, v_posted)
            WITH ORDINALITY AS u (wallet, amount, lots, posted, i)
        WHERE u.lots AND u.amount > 0 AND NOT p_is_pending
        ON CONFLICT ON CONSTRAINT ledger_lot_pkey
            DO UPDATE SET granted = l.granted + excluded.granted
    )
    INSERT INTO ledger_day_total AS d (
        company_id, day, account_id, department_id, earned, deducted, n, source_kind)
    SELECT p_company_id, v_day, u.wallet, p_department_id,
        greatest(u.amount, 0), greatest(-u.amount, 0), 1, p_source_kind
    FROM unnest(v_wallets, v_amounts) AS u (wallet, amount)
    WHERE u.amount <> 0
    ON CONFLICT ON CONSTRAINT ledger_day_total_key DO UPDATE
    SET earned = d.earned + excluded.earned, deducted = d.deducted + excluded.deducted,
        n = d.n + excluded.n;

    FOR i IN 1 .. cardinality(v_amounts) LOOP
        IF v_lots[i] AND v_amounts[i] < 0 AND v_posted[i] > 0 THEN
            PERFORM ledger_take_from_lots(p_company_id, v_tx_id, v_wallets[i],
                least(v_posted[i], -v_amounts[i]), 'revoked');
        END IF;
    END LOOP;
    IF p_quota_party_id IS NOT NULL THEN
        PERFORM ledger_insert_transfer(
            p_company_id, v_tx_id, cardinality(v_amounts) + 1, v_quota_asset,
            v_quota_wallet, v_quota_counter, p_quota_amount, v_now, NULL, v_day, NULL);
        UPDATE ledger_balance b SET posted = b.posted - p_quota_amount, version = b.version + 1
        WHERE b.company_id = p_company_id AND b.account_id = v_quota_wallet;
        PERFORM ledger_take_from_lots(
                p_company_id, v_tx_id, v_quota_wallet, p_quota_amount, 'used',
                coalesce(p_today, p_effective_on)),
            ledger_count(
                p_company_id, v_day, v_quota_wallet, NULL, p_source_kind, 'redeemed',
                -p_quota_amount);
    END IF;
    IF v_uses IS NOT NULL THEN
        v_is_noted := ledger_note_caps(p_company_id, v_tx_id, v_uses, v_cuts);
    END IF;

    status := CASE WHEN v_cap_reason IS NULL THEN 'new' ELSE 'capped' END;
    reason := v_cap_reason;
    tx_id := v_tx_id;
END $$;
