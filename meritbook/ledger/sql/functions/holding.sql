-- Setting points aside until it is decided what becomes of them. A hold reserves its lots, so that
-- what was there when it was asked for is there when it is captured.

CREATE FUNCTION ledger_hold(
    p_company_id bigint, p_key text, p_party_id bigint, p_code text, p_amount bigint,
    p_today date, p_lapses_at timestamptz, p_source_kind text, p_source_id bigint,
    p_department_id bigint, p_actor_id bigint, p_note text,
    OUT status text, OUT hold_id bigint, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    v_hash bytea;
    v_asset record;
    v_wallet bigint;
    v_known record;
    v_reason text;
    v_hold_id bigint;
    v_left bigint := p_amount;
    v_take bigint;
    v_lot record;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    status := 'refused';
    reason := ledger_movement_flaw(p_key, p_amount, p_source_kind, p_source_id, p_today);
    IF reason IS NOT NULL THEN
        RETURN;
    END IF;
    v_hash := sha256(convert_to(
        'hold|' || p_party_id::text || '|' || p_code || '|' || p_amount::text || '|'
        || p_source_kind || '|' || p_source_id::text, 'UTF8'));
    SELECT a.asset_id, a.keeps_lots INTO v_asset FROM ledger_asset a
    WHERE a.company_id = p_company_id AND a.code = p_code;
    IF NOT FOUND THEN
        reason := 'unknown_asset';
        RETURN;
    END IF;
    reason := CASE WHEN p_code = 'honour' THEN 'not_spendable'
        WHEN p_department_id IS NOT NULL AND NOT EXISTS (SELECT FROM org_department
            WHERE company_id = p_company_id AND id = p_department_id) THEN 'unknown_department'
    END;
    IF reason IS NOT NULL THEN
        RETURN;
    END IF;
    v_wallet := ledger_party_account(p_company_id, v_asset.asset_id, 'wallet', p_party_id);
    IF v_wallet IS NULL THEN
        reason := 'unknown_party';
        RETURN;
    END IF;

    v_reason := ledger_lock_source(
        p_company_id, v_wallet, v_asset.keeps_lots, p_amount, p_today);
    SELECT h.hold_id, h.idem_hash = v_hash AS is_same INTO v_known FROM ledger_hold h
    WHERE h.company_id = p_company_id AND h.idem_key = p_key;
    IF FOUND THEN
        status := CASE WHEN v_known.is_same THEN 'duplicate' ELSE 'conflict' END;
        reason := CASE WHEN NOT v_known.is_same THEN 'key_reused' END;
        hold_id := v_known.hold_id;
        RETURN;
    END IF;
    IF v_reason IS NOT NULL THEN
        reason := v_reason;
        RETURN;
    END IF;
    INSERT INTO ledger_hold AS h (
        company_id, account_id, amount, held_at, lapses_at, source_id, actor_id, department_id,
        source_kind, idem_key, idem_hash, note)
    VALUES (
        p_company_id, v_wallet, p_amount, clock_timestamp(), p_lapses_at, p_source_id, p_actor_id,
        p_department_id, p_source_kind, p_key, v_hash, nullif(left(p_note, 400), ''))
    ON CONFLICT ON CONSTRAINT ledger_hold_idem_key DO NOTHING
    RETURNING h.hold_id INTO v_hold_id;
    IF v_hold_id IS NULL THEN
        -- Another wallet's hold took the key meanwhile.
        SELECT h.hold_id INTO STRICT hold_id FROM ledger_hold h
        WHERE h.company_id = p_company_id AND h.idem_key = p_key;
        status := 'conflict';
        reason := 'key_reused';
        RETURN;
    END IF;
    UPDATE ledger_balance b SET held = b.held + p_amount, version = b.version + 1
    WHERE b.company_id = p_company_id AND b.account_id = v_wallet;
    IF v_asset.keeps_lots THEN
        FOR v_lot IN
            SELECT expires_on, granted - used - revoked - expired - held AS available
            FROM ledger_lot
            WHERE company_id = p_company_id AND account_id = v_wallet AND expires_on >= p_today
                AND granted > used + revoked + expired + held
            ORDER BY expires_on
        LOOP
            EXIT WHEN v_left = 0;
            v_take := least(v_left, v_lot.available);
            UPDATE ledger_lot l SET held = l.held + v_take
            WHERE l.company_id = p_company_id AND l.account_id = v_wallet
                AND l.expires_on = v_lot.expires_on;
            INSERT INTO ledger_hold_lot (company_id, hold_id, account_id, expires_on, amount)
            VALUES (p_company_id, v_hold_id, v_wallet, v_lot.expires_on, v_take);
            v_left := v_left - v_take;
        END LOOP;
    END IF;
    status := 'new';
    hold_id := v_hold_id;
END $$;

-- Spend what was set aside, the whole or a part; the rest is free again.
CREATE FUNCTION ledger_capture(
    p_company_id bigint, p_hold_id bigint, p_key text, p_amount bigint, p_today date,
    p_actor_id bigint, p_note text, OUT status text, OUT tx_id bigint, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    v_hold record;
    v_hash bytea;
    v_known record;
    v_counter bigint;
    v_day date;
    v_now timestamptz;
    v_tx_id bigint;
    v_amount bigint;
    v_left bigint;
    v_take bigint;
    v_lot record;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    status := 'refused';
    SELECT h.*, a.asset_id, s.keeps_lots INTO v_hold
    FROM ledger_hold h
    JOIN ledger_account a ON a.company_id = h.company_id AND a.account_id = h.account_id
    JOIN ledger_asset s ON s.company_id = a.company_id AND s.asset_id = a.asset_id
    WHERE h.company_id = p_company_id AND h.hold_id = p_hold_id;
    IF NOT FOUND THEN
        reason := 'unknown_hold';
        RETURN;
    END IF;
    v_amount := coalesce(p_amount, v_hold.amount);
    reason := coalesce(
        ledger_movement_flaw(p_key, v_amount, v_hold.source_kind, v_hold.source_id, p_today),
        CASE WHEN v_amount > v_hold.amount THEN 'more_than_held' END);
    IF reason IS NOT NULL THEN
        RETURN;
    END IF;
    v_hash := sha256(convert_to(
        'capture|' || p_hold_id::text || '|' || v_amount::text, 'UTF8'));
    v_counter := ledger_system_account(p_company_id, v_hold.asset_id, 'redeemed');
    PERFORM ledger_open_route(p_company_id, v_hold.asset_id, v_hold.account_id, v_counter);

    v_day := ledger_open_day(p_company_id, p_today);
    PERFORM FROM ledger_balance b
    WHERE b.company_id = p_company_id AND b.account_id = v_hold.account_id FOR UPDATE;
    SELECT * INTO v_known FROM ledger_known_key(p_company_id, p_key, v_hash);
    IF v_known.status IS NOT NULL THEN
        status := v_known.status; tx_id := v_known.tx_id; reason := v_known.reason;
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM ledger_hold_end e
        WHERE e.company_id = p_company_id AND e.hold_id = p_hold_id)
    THEN
        reason := 'hold_ended';
        RETURN;
    END IF;

    v_tx_id := nextval('ledger_tx_id_seq');
    v_now := clock_timestamp();
    IF NOT ledger_insert_tx(
        p_company_id, v_tx_id, v_now, 'spend', v_day, p_today, v_hold.source_kind,
        v_hold.source_id, NULL, p_actor_id, NULL, p_key, v_hash, p_note)
    THEN
        SELECT * INTO v_known FROM ledger_known_key(p_company_id, p_key, v_hash);
        status := v_known.status; tx_id := v_known.tx_id; reason := v_known.reason;
        RETURN;
    END IF;
    INSERT INTO ledger_hold_end (
        company_id, hold_id, outcome, held_amount, posted_amount, tx_id, ended_at, actor_id)
    VALUES (
        p_company_id, p_hold_id, 'captured', v_hold.amount, v_amount, v_tx_id, v_now, p_actor_id);
    PERFORM ledger_insert_transfer(
        p_company_id, v_tx_id, 1, v_hold.asset_id, v_hold.account_id, v_counter, v_amount, v_now,
        v_hold.department_id, v_day, NULL);
    v_left := v_amount;
    FOR v_lot IN
        SELECT r.expires_on, r.amount FROM ledger_hold_lot r
        WHERE r.company_id = p_company_id AND r.hold_id = p_hold_id ORDER BY r.expires_on
    LOOP
        v_take := least(v_left, v_lot.amount);
        UPDATE ledger_lot l SET held = l.held - v_lot.amount, used = l.used + v_take
        WHERE l.company_id = p_company_id AND l.account_id = v_hold.account_id
            AND l.expires_on = v_lot.expires_on;
        IF v_take > 0 THEN
            INSERT INTO ledger_lot_use (company_id, tx_id, account_id, expires_on, part, amount)
            VALUES (
                p_company_id, v_tx_id, v_hold.account_id, v_lot.expires_on, 'used', v_take);
        END IF;
        v_left := v_left - v_take;
    END LOOP;
    UPDATE ledger_balance b
    SET posted = b.posted - v_amount, held = b.held - v_hold.amount, version = b.version + 1
    WHERE b.company_id = p_company_id AND b.account_id = v_hold.account_id;
    PERFORM ledger_count(
        p_company_id, v_day, v_hold.account_id, v_hold.department_id, v_hold.source_kind,
        'redeemed', -v_amount);
    status := 'new';
    tx_id := v_tx_id;
END $$;

-- Let go of what was set aside: a person's word (released) or its time (lapsed).
CREATE FUNCTION ledger_release_hold(
    p_company_id bigint, p_hold_id bigint, p_outcome text, p_ended_at timestamptz,
    p_actor_id bigint, OUT status text, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    v_hold record;
    v_outcome text;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    status := 'refused';
    IF p_outcome NOT IN ('released', 'lapsed') OR p_ended_at IS NULL THEN
        reason := 'bad_kind';
        RETURN;
    END IF;
    SELECT h.account_id, h.amount, h.lapses_at INTO v_hold FROM ledger_hold h
    WHERE h.company_id = p_company_id AND h.hold_id = p_hold_id;
    IF NOT FOUND THEN
        reason := 'unknown_hold';
        RETURN;
    END IF;
    IF p_outcome = 'lapsed' AND v_hold.lapses_at > p_ended_at THEN
        reason := 'not_due';
        RETURN;
    END IF;
    PERFORM FROM ledger_balance b
    WHERE b.company_id = p_company_id AND b.account_id = v_hold.account_id FOR UPDATE;
    SELECT e.outcome INTO v_outcome FROM ledger_hold_end e
    WHERE e.company_id = p_company_id AND e.hold_id = p_hold_id;
    IF FOUND THEN
        status := CASE WHEN v_outcome = p_outcome THEN 'duplicate' ELSE 'refused' END;
        reason := CASE WHEN v_outcome <> p_outcome THEN 'hold_ended' END;
        RETURN;
    END IF;
    INSERT INTO ledger_hold_end (
        company_id, hold_id, outcome, held_amount, posted_amount, ended_at, actor_id)
    VALUES (p_company_id, p_hold_id, p_outcome, v_hold.amount, 0, p_ended_at, p_actor_id);
    UPDATE ledger_lot l SET held = l.held - r.amount
    FROM ledger_hold_lot r
    WHERE r.company_id = p_company_id AND r.hold_id = p_hold_id
        AND l.company_id = p_company_id AND l.account_id = v_hold.account_id
        AND l.expires_on = r.expires_on;
    UPDATE ledger_balance b SET held = b.held - v_hold.amount, version = b.version + 1
    WHERE b.company_id = p_company_id AND b.account_id = v_hold.account_id;
    status := 'new';
END $$;

-- All holds whose time is over, account by account; how many.
CREATE FUNCTION ledger_lapse_holds(p_company_id bigint, p_now timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_hold record;
    v_count bigint := 0;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    FOR v_hold IN
        SELECT h.hold_id FROM ledger_hold h
        WHERE h.company_id = p_company_id AND h.lapses_at <= p_now
            AND NOT EXISTS (SELECT FROM ledger_hold_end e
                WHERE e.company_id = h.company_id AND e.hold_id = h.hold_id)
        ORDER BY h.account_id, h.hold_id
    LOOP
        v_count := v_count + (
            SELECT (r.status = 'new')::integer FROM ledger_release_hold(
                p_company_id, v_hold.hold_id, 'lapsed', p_now, NULL) r);
    END LOOP;
    RETURN v_count;
END $$;
