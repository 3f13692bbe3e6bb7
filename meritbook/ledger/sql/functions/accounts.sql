-- Assets with their policies, accounts with their states.

CREATE FUNCTION ledger_create_assets(p_company_id bigint, p_programme_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    -- Honour is rank: nobody spends it and debt is allowed. What can be spent or lapses sits in
    -- lots. Shares and annuities are counted in finer parts than points.
    INSERT INTO ledger_asset
        (company_id, programme_id, code, scale, wallet_floor, keeps_lots, clawback, expiry,
         expiry_period, refund_grace_days)
    VALUES
        (p_company_id, p_programme_id, 'honour', 2, NULL, false, 'debt', 'never', 'day', 30),
        (p_company_id, p_programme_id, 'spendable', 2, 0, true, 'clip', 'never', 'day', 30),
        (p_company_id, p_programme_id, 'coin', 2, 0, true, 'clip', 'never', 'day', 30),
        (p_company_id, p_programme_id, 'stock', 4, 0, false, 'clip', 'never', 'day', 30),
        (p_company_id, p_programme_id, 'option', 4, 0, false, 'clip', 'never', 'day', 30),
        (p_company_id, p_programme_id, 'annuity', 4, 0, false, 'clip', 'never', 'day', 30),
        -- A quota is for the month in which it is granted.
        (p_company_id, p_programme_id, 'quota', 2, 0, true, 'clip', 'period_end', 'month', 0)
    ON CONFLICT ON CONSTRAINT ledger_asset_code_key DO NOTHING;
    INSERT INTO ledger_account (company_id, asset_id, kind)
    SELECT a.company_id, a.asset_id, k.kind
    FROM ledger_asset a
    CROSS JOIN (VALUES ('issuance'), ('expired'), ('redeemed'), ('adjustment'), ('exchange'))
        AS k (kind)
    WHERE a.company_id = p_company_id AND a.programme_id = p_programme_id
    ORDER BY a.asset_id, k.kind
    ON CONFLICT ON CONSTRAINT ledger_account_owner_key DO NOTHING;
END $$;

-- Wallets of a party for the assets named; of a party that the company does not have, none.
CREATE FUNCTION ledger_open_wallets(
    p_company_id bigint, p_party_ids bigint[],
    p_codes text[] DEFAULT ARRAY['honour', 'spendable', 'coin']) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_asset record;
    v_counters bigint[];
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    -- Asset by asset, so that nothing is joined: statistics may know nothing of a young company.
    FOR v_asset IN
        SELECT a.asset_id, a.wallet_floor FROM ledger_asset a
        WHERE a.company_id = p_company_id AND a.code = ANY (p_codes) ORDER BY a.asset_id
    LOOP
        SELECT array_agg(c.account_id) INTO v_counters FROM ledger_account c
        WHERE c.company_id = p_company_id AND c.party_id IS NULL
            AND c.asset_id = v_asset.asset_id AND c.kind IN ('issuance', 'adjustment');
        WITH opened AS (
            INSERT INTO ledger_account (company_id, asset_id, kind, party_id)
            SELECT p_company_id, v_asset.asset_id, 'wallet', p.id
            FROM org_party p
            WHERE p.company_id = p_company_id AND p.id = ANY (p_party_ids)
            ORDER BY p.id
            ON CONFLICT ON CONSTRAINT ledger_account_owner_key DO NOTHING
            RETURNING account_id
        ), routes AS (
            -- Gifts come from issuance, losses go to adjustment; reversals run the other way.
            INSERT INTO ledger_route (company_id, asset_id, debit_id, credit_id)
            SELECT p_company_id, v_asset.asset_id, e.debit_id, e.credit_id
            FROM opened o
            CROSS JOIN unnest(v_counters) AS c (account_id)
            CROSS JOIN LATERAL (VALUES
                (o.account_id, c.account_id), (c.account_id, o.account_id)
            ) AS e (debit_id, credit_id)
        )
        INSERT INTO ledger_balance (company_id, account_id, floor)
        SELECT p_company_id, o.account_id, v_asset.wallet_floor FROM opened o
        ORDER BY o.account_id;
    END LOOP;
END $$;

-- A new asset of the company's own, with its system accounts.
CREATE FUNCTION ledger_add_asset(
    p_company_id bigint, p_programme_id bigint, p_code text, p_name text, p_unit text,
    p_scale smallint, p_keeps_lots boolean, p_at timestamptz, p_actor_id bigint,
    OUT status text, OUT asset_id bigint, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_asset_id bigint;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    status := 'refused';
    reason := CASE
        WHEN p_code IS NULL OR p_code !~ '^[a-z][a-z0-9_]{0,39}$' THEN 'bad_code'
        WHEN p_name IS NULL OR length(p_name) NOT BETWEEN 1 AND 40 THEN 'bad_name'
        WHEN p_scale NOT BETWEEN 0 AND 4 THEN 'bad_scale'
        WHEN NOT EXISTS (SELECT FROM org_programme
            WHERE company_id = p_company_id AND id = p_programme_id) THEN 'unknown_programme'
    END;
    IF reason IS NOT NULL THEN
        RETURN;
    END IF;
    INSERT INTO ledger_asset AS a (
        company_id, programme_id, code, name, unit, scale, decimals, wallet_floor, keeps_lots,
        clawback, is_own)
    VALUES (
        p_company_id, p_programme_id, p_code, p_name, nullif(p_unit, ''), p_scale,
        least(p_scale, 2), 0, p_keeps_lots, 'clip', true)
    ON CONFLICT ON CONSTRAINT ledger_asset_code_key DO NOTHING
    RETURNING a.asset_id INTO v_asset_id;
    IF v_asset_id IS NULL THEN
        reason := 'code_taken';
        RETURN;
    END IF;
    INSERT INTO ledger_account (company_id, asset_id, kind)
    SELECT p_company_id, v_asset_id, k.kind
    FROM (VALUES ('adjustment'), ('exchange'), ('expired'), ('issuance'), ('redeemed')) AS k (kind)
    ORDER BY k.kind;
    INSERT INTO ledger_policy_change (
        company_id, asset_id, number, changed_at, actor_id, before, after)
    SELECT p_company_id, v_asset_id, 1, p_at, p_actor_id, '{}', to_jsonb(a)
    FROM ledger_asset a WHERE a.company_id = p_company_id AND a.asset_id = v_asset_id;
    status := 'new';
    asset_id := v_asset_id;
END $$;

-- Change the policy of an asset: p_changes has the columns that change. Lots keep the last day
-- that they have; what is granted from now on follows the new policy.
CREATE FUNCTION ledger_set_policy(
    p_company_id bigint, p_code text, p_changes jsonb, p_at timestamptz, p_actor_id bigint,
    OUT status text, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_asset ledger_asset;
    v_next ledger_asset;
    v_changeable CONSTANT text[] := ARRAY[
        'name', 'unit', 'decimals', 'wallet_floor', 'clawback', 'expiry', 'expiry_count',
        'expiry_period', 'expiry_month', 'expiry_day', 'grace_days', 'carry_percent', 'carry_max',
        'refund_grace_days', 'is_transferable', 'is_convertible', 'rate_basis', 'visible_to'];
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    status := 'refused';
    IF EXISTS (SELECT FROM jsonb_object_keys(p_changes) k WHERE k <> ALL (v_changeable)) THEN
        reason := 'bad_policy';
        RETURN;
    END IF;
    SELECT * INTO v_asset FROM ledger_asset a
    WHERE a.company_id = p_company_id AND a.code = p_code FOR UPDATE;
    IF NOT FOUND THEN
        reason := 'unknown_asset';
        RETURN;
    END IF;
    v_next := jsonb_populate_record(v_asset, p_changes);
    IF to_jsonb(v_next) = to_jsonb(v_asset) THEN
        status := 'duplicate';
        RETURN;
    END IF;
    reason := CASE
        WHEN p_code = 'honour' AND (v_next.is_transferable OR v_next.is_convertible
            OR v_next.wallet_floor IS NOT NULL) THEN 'honour_is_rank'
        WHEN v_next.expiry <> 'never' AND NOT v_next.keeps_lots THEN 'keeps_no_lots'
        WHEN v_next.clawback = 'debt' AND v_next.wallet_floor IS NOT NULL THEN 'debt_needs_no_floor'
        WHEN v_next.expiry_month BETWEEN 1 AND 12 AND v_next.expiry_day BETWEEN 1 AND 31
            AND v_next.expiry_day > CASE WHEN v_next.expiry_month = 2 THEN 29
                WHEN v_next.expiry_month IN (4, 6, 9, 11) THEN 30 ELSE 31 END THEN 'no_such_day'
    END;
    IF reason IS NOT NULL THEN
        RETURN;
    END IF;
    IF v_next.wallet_floor IS DISTINCT FROM v_asset.wallet_floor THEN
        PERFORM FROM ledger_balance b
        JOIN ledger_account w ON w.company_id = b.company_id AND w.account_id = b.account_id
        WHERE b.company_id = p_company_id AND w.asset_id = v_asset.asset_id AND w.kind = 'wallet'
        ORDER BY b.account_id FOR UPDATE OF b;
        IF EXISTS (SELECT FROM ledger_balance b
            JOIN ledger_account w ON w.company_id = b.company_id AND w.account_id = b.account_id
            WHERE b.company_id = p_company_id AND w.asset_id = v_asset.asset_id
                AND w.kind = 'wallet' AND b.posted - b.held < v_next.wallet_floor)
        THEN
            reason := 'below_floor';
            RETURN;
        END IF;
        UPDATE ledger_balance b SET floor = v_next.wallet_floor
        FROM ledger_account w
        WHERE b.company_id = p_company_id AND w.company_id = p_company_id
            AND w.account_id = b.account_id AND w.asset_id = v_asset.asset_id
            AND w.kind = 'wallet';
    END IF;
    PERFORM set_config('meritbook.policy_change', v_asset.asset_id::text, true);
    BEGIN
        UPDATE ledger_asset a SET
            name = v_next.name, unit = v_next.unit, decimals = v_next.decimals,
            wallet_floor = v_next.wallet_floor, clawback = v_next.clawback,
            expiry = v_next.expiry, expiry_count = v_next.expiry_count,
            expiry_period = v_next.expiry_period, expiry_month = v_next.expiry_month,
            expiry_day = v_next.expiry_day, grace_days = v_next.grace_days,
            carry_percent = v_next.carry_percent, carry_max = v_next.carry_max,
            refund_grace_days = v_next.refund_grace_days,
            is_transferable = v_next.is_transferable, is_convertible = v_next.is_convertible,
            rate_basis = v_next.rate_basis, visible_to = v_next.visible_to
        WHERE a.company_id = p_company_id AND a.asset_id = v_asset.asset_id;
    EXCEPTION WHEN check_violation OR not_null_violation THEN
        PERFORM set_config('meritbook.policy_change', '', true);
        reason := 'bad_policy';
        RETURN;
    END;
    PERFORM set_config('meritbook.policy_change', '', true);
    INSERT INTO ledger_policy_change (
        company_id, asset_id, number, changed_at, actor_id, before, after)
    SELECT p_company_id, v_asset.asset_id, 1 + count(*), p_at, p_actor_id,
        to_jsonb(v_asset), to_jsonb(v_next)
    FROM ledger_policy_change c
    WHERE c.company_id = p_company_id AND c.asset_id = v_asset.asset_id;
    status := 'new';
END $$;

-- Block, archive or open again a party's wallets (p_code null: all of them); how many changed.
CREATE FUNCTION ledger_set_state(
    p_company_id bigint, p_party_id bigint, p_code text, p_state text, p_reason text,
    p_at timestamptz, p_actor_id bigint, OUT status text, OUT changed bigint, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_account record;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    status := 'refused';
    changed := 0;
    reason := CASE
        WHEN p_state NOT IN ('open', 'blocked', 'archived') THEN 'bad_kind'
        WHEN coalesce(length(p_reason), 0) NOT BETWEEN 1 AND 400 THEN 'reason_needed'
        WHEN NOT EXISTS (SELECT FROM org_party
            WHERE company_id = p_company_id AND id = p_party_id) THEN 'unknown_party'
        WHEN p_code IS NOT NULL AND NOT EXISTS (SELECT FROM ledger_asset
            WHERE company_id = p_company_id AND code = p_code) THEN 'unknown_asset'
    END;
    IF reason IS NOT NULL THEN
        RETURN;
    END IF;
    -- Those that nobody opened yet too: a later gift must find them blocked.
    PERFORM ledger_open_wallets(p_company_id, ARRAY[p_party_id], array_agg(a.code))
    FROM ledger_asset a WHERE a.company_id = p_company_id AND (p_code IS NULL OR a.code = p_code);
    FOR v_account IN
        SELECT b.account_id, b.held, b.state
        FROM ledger_balance b
        JOIN ledger_account w ON w.company_id = b.company_id AND w.account_id = b.account_id
        JOIN ledger_asset a ON a.company_id = w.company_id AND a.asset_id = w.asset_id
        WHERE b.company_id = p_company_id AND w.party_id = p_party_id AND w.kind = 'wallet'
            AND (p_code IS NULL OR a.code = p_code)
        ORDER BY b.account_id FOR UPDATE OF b
    LOOP
        CONTINUE WHEN v_account.state = p_state;
        IF p_state = 'archived' AND v_account.held > 0 THEN
            RAISE EXCEPTION 'account % has holds', v_account.account_id USING ERRCODE = 'ML006';
        END IF;
        UPDATE ledger_balance b SET state = p_state
        WHERE b.company_id = p_company_id AND b.account_id = v_account.account_id;
        INSERT INTO ledger_account_change (
            company_id, account_id, number, changed_at, state, actor_id, reason)
        SELECT p_company_id, v_account.account_id, 1 + count(*), p_at, p_state, p_actor_id,
            p_reason
        FROM ledger_account_change c
        WHERE c.company_id = p_company_id AND c.account_id = v_account.account_id;
        changed := changed + 1;
    END LOOP;
    status := CASE WHEN changed > 0 THEN 'new' ELSE 'duplicate' END;
EXCEPTION WHEN SQLSTATE 'ML006' THEN
    status := 'refused';
    changed := 0;
    reason := 'has_holds';
END $$;

-- What a party's wallet has and what of it is held; nothing when it was never opened. A function,
-- so that a session plans the three look-ups once.
CREATE FUNCTION ledger_balance_of(
    p_company_id bigint, p_party_id bigint, p_code text, OUT posted bigint, OUT held bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    SELECT b.posted, b.held INTO posted, held
    FROM ledger_asset s
    JOIN ledger_account a ON a.company_id = s.company_id AND a.party_id = p_party_id
        AND a.asset_id = s.asset_id AND a.kind = 'wallet'
    JOIN ledger_balance b ON b.company_id = a.company_id AND b.account_id = a.account_id
    WHERE s.company_id = p_company_id AND s.code = p_code;
END $$;
