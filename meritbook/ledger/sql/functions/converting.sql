-- Turning one asset into another at the rate of a day.

-- A rate from a day on. The first rate of a pair may begin today; a later one needs notice and
-- somebody else's approval, the way back of another rate the approval alone.
CREATE FUNCTION ledger_set_rate(
    p_company_id bigint, p_from text, p_to text, p_valid_from date, p_numerator bigint,
    p_denominator bigint, p_announced_at timestamptz, p_announced_on date, p_notice_days integer,
    p_actor_id bigint, p_approver_id bigint, p_note text, OUT status text, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_from record;
    v_to record;
    v_same record;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    status := 'refused';
    SELECT asset_id, is_convertible, scale INTO v_from FROM ledger_asset
    WHERE company_id = p_company_id AND code = p_from;
    SELECT asset_id, scale INTO v_to FROM ledger_asset
    WHERE company_id = p_company_id AND code = p_to;
    reason := CASE
        WHEN v_from.asset_id IS NULL OR v_to.asset_id IS NULL THEN 'unknown_asset'
        WHEN p_from = p_to THEN 'same_account'
        WHEN p_to = 'honour' OR NOT v_from.is_convertible THEN 'not_convertible'
        WHEN p_numerator IS NULL OR p_denominator IS NULL OR p_numerator NOT BETWEEN 1 AND 1000000000
            OR p_denominator NOT BETWEEN 1 AND 1000000000 THEN 'bad_amount'
        WHEN p_valid_from IS NULL OR p_valid_from NOT BETWEEN '1970-01-01' AND '2999-12-31'
            THEN 'bad_day'
    END;
    IF reason IS NOT NULL THEN
        RETURN;
    END IF;
    -- One change of a pair at a time.
    PERFORM pg_advisory_xact_lock(hashtextextended(
        'ledger rate ' || p_company_id || ' ' || v_from.asset_id || ' ' || v_to.asset_id, 0));
    SELECT numerator, denominator INTO v_same FROM ledger_rate
    WHERE company_id = p_company_id AND from_asset_id = v_from.asset_id
        AND to_asset_id = v_to.asset_id AND valid_from = p_valid_from;
    IF FOUND THEN
        IF v_same.numerator = p_numerator AND v_same.denominator = p_denominator THEN
            status := 'duplicate';
        ELSE
            reason := 'rate_exists';
        END IF;
        RETURN;
    END IF;
    IF p_approver_id IS NULL AND EXISTS (SELECT FROM ledger_rate WHERE company_id = p_company_id
            AND from_asset_id = v_to.asset_id AND to_asset_id = v_from.asset_id)
        OR p_approver_id IS NOT NULL
            AND NOT ledger_may_approve(p_company_id, p_actor_id, p_approver_id)
    THEN
        reason := 'not_approved';
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM ledger_rate WHERE company_id = p_company_id
        AND from_asset_id = v_from.asset_id AND to_asset_id = v_to.asset_id)
    THEN
        reason := CASE
            WHEN p_approver_id IS NULL THEN 'not_approved'
            WHEN p_announced_on IS NULL OR p_valid_from < p_announced_on + coalesce(p_notice_days, 30)
                THEN 'short_notice'
            WHEN EXISTS (SELECT FROM ledger_rate WHERE company_id = p_company_id
                AND from_asset_id = v_from.asset_id AND to_asset_id = v_to.asset_id
                AND valid_from > p_valid_from) THEN 'rate_exists'
        END;
        IF reason IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;
    INSERT INTO ledger_rate (
        company_id, from_asset_id, to_asset_id, valid_from, numerator, denominator, announced_at,
        actor_id, approver_id, note)
    VALUES (
        p_company_id, v_from.asset_id, v_to.asset_id, p_valid_from, p_numerator, p_denominator,
        p_announced_at, p_actor_id, p_approver_id, nullif(left(p_note, 400), ''));
    status := 'new';
END $$;

-- What p_amount of an account is worth in another asset, in whole units (rounded down:
-- many small conversions gain nothing over a large one), before
-- anything is taken. Null without a rate. By the rate of p_today; or, where lots keep the rate of
-- their earning, by that of the day on which each part was earned: within a lot what came first
-- leaves first, so what has left it so far tells whose turn it is.
CREATE FUNCTION ledger_converted(
    p_company_id bigint, p_account_id bigint, p_from_id bigint, p_to_id bigint, p_amount bigint,
    p_today date, p_basis text) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_worth numeric;
BEGIN
    IF p_basis = 'redemption' THEN
        SELECT p_amount::numeric * numerator / denominator INTO v_worth FROM ledger_rate
        WHERE company_id = p_company_id AND from_asset_id = p_from_id AND to_asset_id = p_to_id
            AND valid_from <= p_today
        ORDER BY valid_from DESC LIMIT 1;
        RETURN floor(v_worth);
    END IF;
    WITH lot AS (
        -- How far into each lot this taking reaches.
        SELECT expires_on, granted - available AS gone, least(available, greatest(
                p_amount - coalesce(sum(available) OVER (
                    ORDER BY expires_on ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0), 0))
            AS taken
        FROM (
            SELECT expires_on, granted, granted - used - revoked - expired - held AS available
            FROM ledger_lot
            WHERE company_id = p_company_id AND account_id = p_account_id
                AND expires_on >= p_today
        ) usable
    ), earned AS (
        SELECT f.expires_on, f.effective_on, f.amount, sum(f.amount) OVER (
                PARTITION BY f.expires_on ORDER BY f.tx_id, f.seq) - f.amount AS before
        FROM ledger_transfer f
        WHERE f.company_id = p_company_id AND f.credit_id = p_account_id
            AND f.expires_on IS NOT NULL
    ), part AS (
        -- The span from gone to gone + taken, cut at the borders of what was earned when.
        SELECT e.effective_on, greatest(
                least(l.gone + l.taken, e.before + e.amount) - greatest(l.gone, e.before), 0)
            AS amount
        FROM lot l JOIN earned e ON e.expires_on = l.expires_on
        WHERE l.taken > 0
    )
    SELECT sum(p.amount * r.numerator / r.denominator), sum(p.amount)
    INTO v_worth
    FROM part p
    CROSS JOIN LATERAL (
        SELECT numerator::numeric, denominator FROM ledger_rate
        WHERE company_id = p_company_id AND from_asset_id = p_from_id AND to_asset_id = p_to_id
        -- What was earned before the first rate has that one.
        ORDER BY valid_from <= p.effective_on DESC,
            CASE WHEN valid_from <= p.effective_on THEN valid_from END DESC, valid_from
        LIMIT 1
    ) r
    WHERE p.amount > 0;
    RETURN floor(v_worth);
END $$;

CREATE FUNCTION ledger_convert(
    p_company_id bigint, p_key text, p_party_id bigint, p_from text, p_to text, p_amount bigint,
    p_today date, p_source_kind text, p_source_id bigint, p_actor_id bigint, p_note text,
    OUT status text, OUT tx_id bigint, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_hash bytea;
    v_known record;
    v_from record;
    v_to record;
    v_from_wallet bigint;
    v_to_wallet bigint;
    v_from_exchange bigint;
    v_to_exchange bigint;
    v_to_balance record;
    v_day date;
    v_now timestamptz;
    v_tx_id bigint;
    v_gain bigint;
    v_until date;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    status := 'refused';
    reason := coalesce(
        ledger_movement_flaw(p_key, p_amount, p_source_kind, p_source_id, p_today),
        CASE WHEN p_from = p_to THEN 'same_account' END);
    IF reason IS NOT NULL THEN
        RETURN;
    END IF;
    v_hash := sha256(convert_to(
        'convert|' || p_party_id::text || '|' || p_from || '|' || p_to || '|' || p_amount::text
        || '|' || p_source_kind || '|' || p_source_id::text, 'UTF8'));
    SELECT * INTO v_known FROM ledger_known_key(p_company_id, p_key, v_hash);
    IF v_known.status IS NOT NULL THEN
        status := v_known.status; tx_id := v_known.tx_id; reason := v_known.reason;
        RETURN;
    END IF;
    SELECT * INTO v_from FROM ledger_asset WHERE company_id = p_company_id AND code = p_from;
    SELECT * INTO v_to FROM ledger_asset WHERE company_id = p_company_id AND code = p_to;
    IF v_from.asset_id IS NULL OR v_to.asset_id IS NULL THEN
        reason := 'unknown_asset';
        RETURN;
    END IF;
    IF NOT v_from.is_convertible OR p_to = 'honour' THEN
        reason := 'not_convertible';
        RETURN;
    END IF;
    v_from_wallet := ledger_party_account(p_company_id, v_from.asset_id, 'wallet', p_party_id);
    IF v_from_wallet IS NULL THEN
        reason := 'unknown_party';
        RETURN;
    END IF;
    v_to_wallet := ledger_party_account(p_company_id, v_to.asset_id, 'wallet', p_party_id);
    v_from_exchange := ledger_system_account(p_company_id, v_from.asset_id, 'exchange');
    v_to_exchange := ledger_system_account(p_company_id, v_to.asset_id, 'exchange');
    PERFORM ledger_open_route(p_company_id, v_from.asset_id, v_from_wallet, v_from_exchange),
        ledger_open_route(p_company_id, v_to.asset_id, v_to_wallet, v_to_exchange);

    v_day := ledger_open_day(p_company_id, p_today);
    PERFORM FROM ledger_balance b
    WHERE b.company_id = p_company_id AND b.account_id IN (v_from_wallet, v_to_wallet)
    ORDER BY b.account_id FOR UPDATE;
    SELECT * INTO v_known FROM ledger_known_key(p_company_id, p_key, v_hash);
    IF v_known.status IS NOT NULL THEN
        status := v_known.status; tx_id := v_known.tx_id; reason := v_known.reason;
        RETURN;
    END IF;
    reason := ledger_lock_source(
        p_company_id, v_from_wallet, v_from.keeps_lots, p_amount, p_today);
    SELECT b.posted, b.state INTO v_to_balance FROM ledger_balance b
    WHERE b.company_id = p_company_id AND b.account_id = v_to_wallet;
    IF reason IS NULL AND v_to_balance.state = 'archived' THEN
        reason := 'account_archived';
    END IF;
    IF reason IS NOT NULL THEN
        RETURN;
    END IF;
    v_gain := ledger_converted(
        p_company_id, v_from_wallet, v_from.asset_id, v_to.asset_id, p_amount, p_today,
        CASE WHEN v_from.keeps_lots THEN v_from.rate_basis ELSE 'redemption' END);
    IF v_gain IS NULL THEN
        reason := 'no_rate';
        RETURN;
    END IF;
    IF v_gain NOT BETWEEN 1 AND 1000000000000000 THEN
        reason := 'bad_amount';
        RETURN;
    END IF;

    v_tx_id := nextval('ledger_tx_id_seq');
    v_now := clock_timestamp();
    IF NOT ledger_insert_tx(
        p_company_id, v_tx_id, v_now, 'convert', v_day, p_today, p_source_kind, p_source_id, NULL,
        p_actor_id, NULL, p_key, v_hash, p_note)
    THEN
        SELECT * INTO v_known FROM ledger_known_key(p_company_id, p_key, v_hash);
        status := v_known.status; tx_id := v_known.tx_id; reason := v_known.reason;
        RETURN;
    END IF;
    v_until := CASE WHEN v_to.keeps_lots THEN ledger_last_day(
        v_to.expiry, v_to.expiry_count, v_to.expiry_period, v_to.expiry_month, v_to.expiry_day,
        v_to.grace_days, v_day) END;
    PERFORM ledger_insert_transfer(
            p_company_id, v_tx_id, 1, v_from.asset_id, v_from_wallet, v_from_exchange, p_amount,
            v_now, NULL, v_day, NULL),
        ledger_insert_transfer(
            p_company_id, v_tx_id, 2, v_to.asset_id, v_to_exchange, v_to_wallet, v_gain, v_now,
            NULL, v_day, v_until);
    UPDATE ledger_balance b
    SET posted = b.posted + CASE b.account_id WHEN v_to_wallet THEN v_gain ELSE -p_amount END,
        version = b.version + 1
    WHERE b.company_id = p_company_id AND b.account_id IN (v_from_wallet, v_to_wallet);
    IF v_from.keeps_lots THEN
        PERFORM ledger_take_from_lots(
            p_company_id, v_tx_id, v_from_wallet, p_amount, 'used', p_today);
    END IF;
    IF v_to.keeps_lots THEN
        PERFORM ledger_grant_lot(
            p_company_id, v_to_wallet, v_until, v_gain, v_to_balance.posted);
    END IF;
    PERFORM ledger_count(
            p_company_id, v_day, v_from_wallet, NULL, p_source_kind, 'exchange', -p_amount),
        ledger_count(p_company_id, v_day, v_to_wallet, NULL, p_source_kind, 'exchange', v_gain);
    status := 'new';
    tx_id := v_tx_id;
END $$;
