-- Publicity: points wait in a pending account and are moved to the wallet when nobody objects.

-- Move what is left of a pending posting to the wallet, on its original day.
CREATE FUNCTION ledger_release_pending(
    p_company_id bigint, p_tx_id bigint, p_today date, p_actor_id bigint,
    OUT status text, OUT tx_id bigint, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    v_original record;
    v_known record;
    v_hash bytea;
    v_key text := 'release/' || p_tx_id;
    v_day date;
    v_now timestamptz;
    v_tx_id bigint;
    v_leg record;
    v_posted bigint;
    v_until date;
    v_moved bigint := 0;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    status := 'refused';
    SELECT t.* INTO v_original FROM ledger_tx t
    WHERE t.company_id = p_company_id AND t.tx_id = p_tx_id;
    IF NOT FOUND THEN
        reason := 'unknown_transaction';
        RETURN;
    END IF;
    IF p_today IS NULL OR p_today NOT BETWEEN '1970-01-01' AND '2999-12-31' THEN
        reason := 'bad_day';
        RETURN;
    END IF;
    v_hash := sha256(convert_to(v_key, 'UTF8'));
    v_day := ledger_open_day(p_company_id, v_original.effective_on);
    -- The wallets first, so that all accounts can be locked in their order.
    PERFORM ledger_party_account(p_company_id, f.asset_id, 'wallet', c.party_id)
    FROM ledger_transfer f
    JOIN ledger_account c ON c.company_id = f.company_id AND c.account_id = f.credit_id
    WHERE f.company_id = p_company_id AND f.tx_id = p_tx_id AND c.kind = 'pending';
    PERFORM FROM ledger_balance b
    WHERE b.company_id = p_company_id AND b.account_id IN (
        SELECT unnest(ARRAY[c.account_id, w.account_id])
        FROM ledger_transfer f
        JOIN ledger_account c ON c.company_id = f.company_id AND c.account_id = f.credit_id
        JOIN ledger_account w ON w.company_id = c.company_id AND w.party_id = c.party_id
            AND w.asset_id = c.asset_id AND w.kind = 'wallet'
        WHERE f.company_id = p_company_id AND f.tx_id = p_tx_id AND c.kind = 'pending')
    ORDER BY b.account_id FOR UPDATE;
    SELECT * INTO v_known FROM ledger_known_key(p_company_id, v_key, v_hash);
    IF v_known.status IS NOT NULL THEN
        status := v_known.status; tx_id := v_known.tx_id; reason := v_known.reason;
        RETURN;
    END IF;

    -- Who is archived gets nothing more; taking it back is open.
    IF EXISTS (
        SELECT FROM ledger_transfer f
        JOIN ledger_account c ON c.company_id = f.company_id AND c.account_id = f.credit_id
        JOIN ledger_account w ON w.company_id = c.company_id AND w.party_id = c.party_id
            AND w.asset_id = c.asset_id AND w.kind = 'wallet'
        JOIN ledger_balance b ON b.company_id = w.company_id AND b.account_id = w.account_id
        WHERE f.company_id = p_company_id AND f.tx_id = p_tx_id AND c.kind = 'pending'
            AND b.state = 'archived')
    THEN
        reason := 'account_archived';
        RETURN;
    END IF;

    v_tx_id := nextval('ledger_tx_id_seq');
    v_now := clock_timestamp();
    FOR v_leg IN
        SELECT f.seq, f.asset_id, f.department_id, c.account_id AS pending_id,
            w.account_id AS wallet_id, f.amount - coalesce(r.reversed, 0) AS amount, a.keeps_lots,
            CASE WHEN a.keeps_lots THEN ledger_last_day(
                a.expiry, a.expiry_count, a.expiry_period, a.expiry_month, a.expiry_day,
                a.grace_days, v_day) END AS until
        FROM ledger_transfer f
        JOIN ledger_account c ON c.company_id = f.company_id AND c.account_id = f.credit_id
        JOIN ledger_account w ON w.company_id = c.company_id AND w.party_id = c.party_id
            AND w.asset_id = c.asset_id AND w.kind = 'wallet'
        JOIN ledger_asset a ON a.company_id = f.company_id AND a.asset_id = f.asset_id
        LEFT JOIN ledger_reversed_total r
            ON r.company_id = f.company_id AND r.tx_id = f.tx_id AND r.seq = f.seq
        WHERE f.company_id = p_company_id AND f.tx_id = p_tx_id AND c.kind = 'pending'
        ORDER BY f.seq
    LOOP
        CONTINUE WHEN v_leg.amount <= 0;
        IF v_moved = 0 THEN
            IF NOT ledger_insert_tx(
                p_company_id, v_tx_id, v_now, 'release', v_day, v_original.fact_on,
                v_original.source_kind, v_original.source_id, v_original.rule_version_id,
                p_actor_id, p_tx_id, v_key, v_hash, NULL)
            THEN
                SELECT * INTO v_known FROM ledger_known_key(p_company_id, v_key, v_hash);
                status := v_known.status; tx_id := v_known.tx_id; reason := v_known.reason;
                RETURN;
            END IF;
        END IF;
        v_moved := v_moved + 1;
        PERFORM ledger_open_route(
            p_company_id, v_leg.asset_id, v_leg.pending_id, v_leg.wallet_id);
        PERFORM ledger_insert_transfer(
            p_company_id, v_tx_id, v_leg.seq, v_leg.asset_id, v_leg.pending_id, v_leg.wallet_id,
            v_leg.amount, v_now, v_leg.department_id, v_day, v_leg.until);
        SELECT b.posted INTO v_posted FROM ledger_balance b
        WHERE b.company_id = p_company_id AND b.account_id = v_leg.wallet_id;
        UPDATE ledger_balance b
        SET posted = b.posted
                + CASE b.account_id WHEN v_leg.wallet_id THEN v_leg.amount ELSE -v_leg.amount END,
            version = b.version + 1
        WHERE b.company_id = p_company_id
            AND b.account_id IN (v_leg.wallet_id, v_leg.pending_id);
        IF v_leg.keeps_lots THEN
            PERFORM ledger_grant_lot(
                p_company_id, v_leg.wallet_id, v_leg.until, v_leg.amount, v_posted);
        END IF;
        PERFORM ledger_count(
                p_company_id, v_day, v_leg.wallet_id, v_leg.department_id, v_original.source_kind,
                ledger_told_by('wallet', 'pending'), v_leg.amount),
            ledger_count(
                p_company_id, v_day, v_leg.pending_id, v_leg.department_id,
                v_original.source_kind, ledger_told_by('pending', 'wallet'), -v_leg.amount);
    END LOOP;
    IF v_moved = 0 THEN
        reason := CASE WHEN EXISTS (
                SELECT FROM ledger_transfer f JOIN ledger_account c
                    ON c.company_id = f.company_id AND c.account_id = f.credit_id
                WHERE f.company_id = p_company_id AND f.tx_id = p_tx_id AND c.kind = 'pending')
            THEN 'nothing_left' ELSE 'not_pending' END;
        RETURN;
    END IF;
    status := 'new';
    tx_id := v_tx_id;
END $$;
