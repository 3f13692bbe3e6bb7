-- What a party does with its points: spend them, hand them on, set them aside.
-- Whatever an asset's floor is, nobody spends, hands on or sets aside what is not there.

-- The wallet to take from, locked; or the reason why not. Called after the month's lock.
CREATE FUNCTION ledger_lock_source(
    p_company_id bigint, p_account_id bigint, p_keeps_lots boolean, p_amount bigint,
    p_today date, OUT reason text)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_balance record;
BEGIN
    SELECT posted, held, floor, state INTO v_balance FROM ledger_balance
    WHERE company_id = p_company_id AND account_id = p_account_id FOR UPDATE;
    reason := CASE
        WHEN v_balance.state = 'blocked' THEN 'account_blocked'
        WHEN v_balance.state = 'archived' THEN 'account_archived'
        WHEN v_balance.posted - v_balance.held - greatest(v_balance.floor, 0) < p_amount
            THEN 'below_floor'
        WHEN p_keeps_lots AND ledger_usable(p_company_id, p_account_id, p_today) < p_amount
            THEN 'lots_lapsed'
    END;
END $$;

CREATE FUNCTION ledger_spend(
    p_company_id bigint, p_key text, p_party_id bigint, p_code text, p_amount bigint,
    p_today date, p_source_kind text, p_source_id bigint, p_department_id bigint,
    p_actor_id bigint, p_note text, p_kind text DEFAULT 'spend',
    OUT status text, OUT tx_id bigint, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    v_hash bytea;
    v_asset record;
    v_wallet bigint;
    v_counter bigint;
    v_known record;
    v_reason text;
    v_day date;
    v_now timestamptz;
    v_tx_id bigint;
    -- What is forfeited has expired before its day.
    v_counter_kind text := CASE p_kind WHEN 'lapse' THEN 'expired' ELSE 'redeemed' END;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    status := 'refused';
    reason := coalesce(
        ledger_movement_flaw(p_key, p_amount, p_source_kind, p_source_id, p_today),
        CASE WHEN p_kind NOT IN ('spend', 'lapse') THEN 'bad_kind' END);
    IF reason IS NOT NULL THEN
        RETURN;
    END IF;
    v_hash := sha256(convert_to(
        p_kind || '|' || p_party_id::text || '|' || p_code || '|' || p_amount::text || '|'
        || p_source_kind || '|' || p_source_id::text, 'UTF8'));
    SELECT * INTO v_known FROM ledger_known_key(p_company_id, p_key, v_hash);
    IF v_known.status IS NOT NULL THEN
        status := v_known.status; tx_id := v_known.tx_id; reason := v_known.reason;
        RETURN;
    END IF;

    SELECT a.asset_id, a.keeps_lots INTO v_asset FROM ledger_asset a
    WHERE a.company_id = p_company_id AND a.code = p_code;
    IF NOT FOUND THEN
        reason := 'unknown_asset';
        RETURN;
    END IF;
    v_wallet := ledger_party_account(p_company_id, v_asset.asset_id, 'wallet', p_party_id);
    IF v_wallet IS NULL THEN
        reason := 'unknown_party';
        RETURN;
    END IF;
    reason := CASE WHEN p_code = 'honour' THEN 'not_spendable'
        WHEN p_department_id IS NOT NULL AND NOT EXISTS (SELECT FROM org_department
            WHERE company_id = p_company_id AND id = p_department_id) THEN 'unknown_department'
    END;
    IF reason IS NOT NULL THEN
        RETURN;
    END IF;
    v_counter := ledger_system_account(p_company_id, v_asset.asset_id, v_counter_kind);
    PERFORM ledger_open_route(p_company_id, v_asset.asset_id, v_wallet, v_counter);

    v_day := ledger_open_day(p_company_id, p_today);
    v_reason := ledger_lock_source(
        p_company_id, v_wallet, v_asset.keeps_lots AND p_kind = 'spend', p_amount, p_today);
    -- After the lock: whoever used the key before has committed.
    SELECT * INTO v_known FROM ledger_known_key(p_company_id, p_key, v_hash);
    IF v_known.status IS NOT NULL THEN
        status := v_known.status; tx_id := v_known.tx_id; reason := v_known.reason;
        RETURN;
    END IF;
    IF v_reason IS NOT NULL THEN
        reason := v_reason;
        RETURN;
    END IF;

    v_tx_id := nextval('ledger_tx_id_seq');
    v_now := clock_timestamp();
    IF NOT ledger_insert_tx(
        p_company_id, v_tx_id, v_now, p_kind, v_day, p_today, p_source_kind, p_source_id, NULL,
        p_actor_id, NULL, p_key, v_hash, p_note)
    THEN
        SELECT * INTO v_known FROM ledger_known_key(p_company_id, p_key, v_hash);
        status := v_known.status; tx_id := v_known.tx_id; reason := v_known.reason;
        RETURN;
    END IF;
    PERFORM ledger_insert_transfer(
        p_company_id, v_tx_id, 1, v_asset.asset_id, v_wallet, v_counter, p_amount, v_now,
        p_department_id, v_day, NULL);
    UPDATE ledger_balance b SET posted = b.posted - p_amount, version = b.version + 1
    WHERE b.company_id = p_company_id AND b.account_id = v_wallet;
    IF v_asset.keeps_lots THEN
        PERFORM ledger_take_from_lots(
            p_company_id, v_tx_id, v_wallet, p_amount,
            CASE p_kind WHEN 'lapse' THEN 'expired' ELSE 'used' END,
            CASE p_kind WHEN 'lapse' THEN NULL ELSE p_today END);
    END IF;
    PERFORM ledger_count(
        p_company_id, v_day, v_wallet, p_department_id, p_source_kind, v_counter_kind, -p_amount);
    status := 'new';
    tx_id := v_tx_id;
END $$;

-- From one party's wallet to another's. Lots keep their last day. Between employees only where
-- the asset's policy allows it.
CREATE FUNCTION ledger_move(
    p_company_id bigint, p_key text, p_from_party_id bigint, p_to_party_id bigint, p_code text,
    p_amount bigint, p_today date, p_source_kind text, p_source_id bigint, p_actor_id bigint,
    p_note text, OUT status text, OUT tx_id bigint, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    v_hash bytea;
    v_asset record;
    v_from bigint;
    v_to bigint;
    v_to_balance record;
    v_known record;
    v_day date;
    v_now timestamptz;
    v_tx_id bigint;
    v_lot record;
    v_seq integer := 0;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    status := 'refused';
    reason := coalesce(
        ledger_movement_flaw(p_key, p_amount, p_source_kind, p_source_id, p_today),
        CASE WHEN p_from_party_id = p_to_party_id THEN 'same_account' END);
    IF reason IS NOT NULL THEN
        RETURN;
    END IF;
    v_hash := sha256(convert_to(
        'transfer|' || p_from_party_id::text || '|' || p_to_party_id::text || '|' || p_code || '|'
        || p_amount::text || '|' || p_source_kind || '|' || p_source_id::text, 'UTF8'));
    SELECT * INTO v_known FROM ledger_known_key(p_company_id, p_key, v_hash);
    IF v_known.status IS NOT NULL THEN
        status := v_known.status; tx_id := v_known.tx_id; reason := v_known.reason;
        RETURN;
    END IF;

    SELECT a.asset_id, a.keeps_lots, a.is_transferable INTO v_asset FROM ledger_asset a
    WHERE a.company_id = p_company_id AND a.code = p_code;
    IF NOT FOUND THEN
        reason := 'unknown_asset';
        RETURN;
    END IF;
    IF 2 <> (SELECT count(*) FROM org_party p
        WHERE p.company_id = p_company_id AND p.id IN (p_from_party_id, p_to_party_id))
    THEN
        reason := 'unknown_party';
        RETURN;
    END IF;
    IF p_code = 'honour' OR (NOT v_asset.is_transferable AND NOT EXISTS (
        SELECT FROM org_party p WHERE p.company_id = p_company_id
            AND p.id IN (p_from_party_id, p_to_party_id) AND p.kind IN ('team', 'company')))
    THEN
        reason := 'not_transferable';
        RETURN;
    END IF;
    v_from := ledger_party_account(p_company_id, v_asset.asset_id, 'wallet', p_from_party_id);
    v_to := ledger_party_account(p_company_id, v_asset.asset_id, 'wallet', p_to_party_id);
    PERFORM ledger_open_route(p_company_id, v_asset.asset_id, v_from, v_to);

    v_day := ledger_open_day(p_company_id, p_today);
    PERFORM FROM ledger_balance b
    WHERE b.company_id = p_company_id AND b.account_id IN (v_from, v_to)
    ORDER BY b.account_id FOR UPDATE;
    SELECT * INTO v_known FROM ledger_known_key(p_company_id, p_key, v_hash);
    IF v_known.status IS NOT NULL THEN
        status := v_known.status; tx_id := v_known.tx_id; reason := v_known.reason;
        RETURN;
    END IF;
    reason := ledger_lock_source(
        p_company_id, v_from, v_asset.keeps_lots, p_amount, p_today);
    SELECT b.posted, b.state INTO v_to_balance FROM ledger_balance b
    WHERE b.company_id = p_company_id AND b.account_id = v_to;
    IF reason IS NULL AND v_to_balance.state = 'archived' THEN
        reason := 'account_archived';
    END IF;
    IF reason IS NOT NULL THEN
        RETURN;
    END IF;

    v_tx_id := nextval('ledger_tx_id_seq');
    v_now := clock_timestamp();
    IF NOT ledger_insert_tx(
        p_company_id, v_tx_id, v_now, 'transfer', v_day, p_today, p_source_kind, p_source_id,
        NULL, p_actor_id, NULL, p_key, v_hash, p_note)
    THEN
        SELECT * INTO v_known FROM ledger_known_key(p_company_id, p_key, v_hash);
        status := v_known.status; tx_id := v_known.tx_id; reason := v_known.reason;
        RETURN;
    END IF;
    IF v_asset.keeps_lots THEN
        PERFORM ledger_take_from_lots(
            p_company_id, v_tx_id, v_from, p_amount, 'used', p_today);
        FOR v_lot IN
            SELECT u.expires_on, u.amount FROM ledger_lot_use u
            WHERE u.company_id = p_company_id AND u.tx_id = v_tx_id AND u.account_id = v_from
            ORDER BY u.expires_on
        LOOP
            v_seq := v_seq + 1;
            PERFORM ledger_insert_transfer(
                p_company_id, v_tx_id, v_seq, v_asset.asset_id, v_from, v_to, v_lot.amount, v_now,
                NULL, v_day, v_lot.expires_on);
            PERFORM ledger_grant_lot(
                p_company_id, v_to, v_lot.expires_on, v_lot.amount, v_to_balance.posted);
            v_to_balance.posted := v_to_balance.posted + v_lot.amount;
        END LOOP;
    ELSE
        PERFORM ledger_insert_transfer(
            p_company_id, v_tx_id, 1, v_asset.asset_id, v_from, v_to, p_amount, v_now, NULL, v_day,
            NULL);
        v_seq := 1;
    END IF;
    UPDATE ledger_balance b
    SET posted = b.posted + CASE b.account_id WHEN v_to THEN p_amount ELSE -p_amount END,
        version = b.version + 1
    WHERE b.company_id = p_company_id AND b.account_id IN (v_from, v_to);
    FOR i IN 1 .. v_seq LOOP
        PERFORM ledger_count(p_company_id, f.effective_on, v_from, NULL, p_source_kind, 'wallet',
                -f.amount),
            ledger_count(p_company_id, f.effective_on, v_to, NULL, p_source_kind, 'wallet',
                f.amount)
        FROM ledger_transfer f
        WHERE f.company_id = p_company_id AND f.tx_id = v_tx_id AND f.seq = i;
    END LOOP;
    status := 'new';
    tx_id := v_tx_id;
END $$;
