-- Taking back: a transaction the other way round that names the one it reverses and moves points
-- out of, or back into, the lots that the original used.

-- Put back what a transaction took out of an account's lots, the latest to expire first, up to
-- p_amount; the answer is what no lot was waiting for. Earlier returns count.
CREATE FUNCTION ledger_return_to_lots(
    p_company_id bigint, p_tx_id bigint, p_original_id bigint, p_account_id bigint,
    p_amount bigint) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_left bigint := p_amount;
    v_give bigint;
    v_use record;
BEGIN
    FOR v_use IN
        SELECT u.expires_on, u.part, u.amount - coalesce((
                SELECT sum(r.amount) FROM ledger_lot_use r
                JOIN ledger_tx t ON t.company_id = r.company_id AND t.tx_id = r.tx_id
                WHERE r.company_id = p_company_id AND r.account_id = p_account_id
                    AND r.expires_on = u.expires_on AND r.part = u.part AND r.is_return
                    AND t.reverses_tx_id = p_original_id), 0)::bigint AS taken
        FROM ledger_lot_use u
        WHERE u.company_id = p_company_id AND u.tx_id = p_original_id
            AND u.account_id = p_account_id AND NOT u.is_return
        ORDER BY u.expires_on DESC, u.part
    LOOP
        v_give := least(v_left, v_use.taken);
        CONTINUE WHEN v_give <= 0;
        UPDATE ledger_lot
        SET used = used - CASE v_use.part WHEN 'used' THEN v_give ELSE 0 END,
            revoked = revoked - CASE v_use.part WHEN 'revoked' THEN v_give ELSE 0 END,
            expired = expired - CASE v_use.part WHEN 'expired' THEN v_give ELSE 0 END
        WHERE company_id = p_company_id AND account_id = p_account_id
            AND expires_on = v_use.expires_on;
        INSERT INTO ledger_lot_use (
            company_id, tx_id, account_id, expires_on, part, is_return, amount)
        VALUES (
            p_company_id, p_tx_id, p_account_id, v_use.expires_on, v_use.part, true, v_give);
        v_left := v_left - v_give;
    END LOOP;
    RETURN v_left;
END $$;

-- p_codes and p_amounts name a part, signed as the new movement; null takes back all that is left.
CREATE FUNCTION ledger_reverse(
    p_company_id bigint, p_tx_id bigint, p_key text, p_fact_on date, p_actor_id bigint,
    p_note text, p_codes text[], p_amounts bigint[],
    OUT status text, OUT tx_id bigint, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz;
    v_hash bytea;
    v_same boolean;
    v_tx_id bigint;
    v_day date;
    v_original record;
    v_leg record;
    v_want bigint;
    v_take bigint;
    v_room bigint;
    v_rest bigint;
    v_named integer := 0;
    v_seqs smallint[] := '{}';
    v_wants bigint[] := '{}';
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    status := 'refused';
    reason := CASE
        WHEN p_key IS NULL OR length(p_key) NOT BETWEEN 1 AND 200 THEN 'bad_key'
        WHEN p_fact_on IS NULL OR p_fact_on NOT BETWEEN '1970-01-01' AND '2999-12-31'
            THEN 'bad_day'
        WHEN p_codes IS NOT NULL
            AND cardinality(p_codes) IS DISTINCT FROM cardinality(p_amounts) THEN 'bad_assets'
        WHEN p_amounts = '{}' THEN 'bad_assets'
        WHEN 0 = ANY (p_amounts) THEN 'bad_amount'
    END;
    IF reason IS NOT NULL THEN
        RETURN;
    END IF;
    v_hash := sha256(convert_to(
        'reverse|' || p_tx_id::text || '|' || (p_fact_on - date '2000-01-01')::text || '|'
        || coalesce(array_to_string(p_codes, ','), '') || '|' || coalesce(p_amounts::text, ''),
        'UTF8'));

    SELECT t.* INTO v_original FROM ledger_tx t
    WHERE t.company_id = p_company_id AND t.tx_id = p_tx_id;
    IF NOT FOUND THEN
        reason := 'unknown_transaction';
        RETURN;
    END IF;
    IF v_original.kind = 'reverse' THEN
        reason := 'not_reversible';
        RETURN;
    END IF;

    v_day := ledger_open_day(p_company_id, v_original.effective_on);
    PERFORM FROM ledger_balance b
    WHERE b.company_id = p_company_id AND b.account_id IN (
        SELECT unnest(ARRAY[f.debit_id, f.credit_id]) FROM ledger_transfer f
        WHERE f.company_id = p_company_id AND f.tx_id = p_tx_id)
    ORDER BY b.account_id FOR UPDATE;

    -- After the lock: whoever reversed this transaction before has committed.
    SELECT t.tx_id, t.idem_hash = v_hash INTO v_tx_id, v_same
    FROM ledger_tx t WHERE t.company_id = p_company_id AND t.idem_key = p_key;
    IF FOUND THEN
        status := CASE WHEN v_same THEN 'duplicate' ELSE 'conflict' END;
        reason := CASE WHEN NOT v_same THEN 'key_reused' END;
        tx_id := v_tx_id;
        RETURN;
    END IF;

    -- How much of each transfer to take back.
    FOR v_leg IN
        SELECT f.seq, a.code, f.amount - coalesce(r.reversed, 0) AS remaining,
            CASE WHEN d.party_id IS NULL THEN -1 ELSE 1 END AS sign
        FROM ledger_transfer f
        JOIN ledger_asset a ON a.company_id = f.company_id AND a.asset_id = f.asset_id
        JOIN ledger_account d ON d.company_id = f.company_id AND d.account_id = f.debit_id
        LEFT JOIN ledger_reversed_total r
            ON r.company_id = f.company_id AND r.tx_id = f.tx_id AND r.seq = f.seq
        WHERE f.company_id = p_company_id AND f.tx_id = p_tx_id
        ORDER BY f.seq
    LOOP
        IF p_codes IS NULL THEN
            v_want := v_leg.remaining;
        ELSE
            v_want := p_amounts[array_position(p_codes, v_leg.code)] * v_leg.sign;
            CONTINUE WHEN v_want IS NULL;
            v_named := v_named + 1;
            IF v_want < 0 THEN
                reason := 'bad_amount';
                RETURN;
            END IF;
            IF v_want > v_leg.remaining THEN
                reason := 'nothing_left';
                RETURN;
            END IF;
        END IF;
        IF v_want > 0 THEN
            v_seqs := v_seqs || v_leg.seq;
            v_wants := v_wants || v_want;
        END IF;
    END LOOP;
    IF v_named <> coalesce(cardinality(p_codes), 0) THEN
        reason := 'unknown_asset';
        RETURN;
    END IF;
    IF v_seqs = '{}' THEN
        reason := 'nothing_left';
        RETURN;
    END IF;

    v_tx_id := nextval('ledger_tx_id_seq');
    v_now := clock_timestamp();
    INSERT INTO ledger_tx (
        company_id, tx_id, posted_at, source_id, rule_version_id, actor_id, reverses_tx_id,
        effective_on, fact_on, kind, source_kind, idem_key, idem_hash, note)
    VALUES (
        p_company_id, v_tx_id, v_now, v_original.source_id, v_original.rule_version_id, p_actor_id,
        p_tx_id, v_day, p_fact_on, 'reverse', v_original.source_kind, p_key, v_hash,
        nullif(left(p_note, 400), ''))
    ON CONFLICT ON CONSTRAINT ledger_tx_idem_key DO NOTHING;
    IF NOT FOUND THEN
        SELECT t.tx_id INTO STRICT v_tx_id
        FROM ledger_tx t WHERE t.company_id = p_company_id AND t.idem_key = p_key;
        status := 'conflict';
        reason := 'key_reused';
        tx_id := v_tx_id;
        RETURN;
    END IF;

    FOR v_leg IN
        SELECT u.want, f.*, a.keeps_lots, d.party_id IS NOT NULL AS from_party,
            c.party_id IS NOT NULL AS to_party,
            CASE WHEN d.party_id IS NULL THEN d.kind ELSE c.kind END AS counter_kind,
            db.posted AS debit_posted, cb.posted AS credit_posted,
            CASE a.clawback WHEN 'clip' THEN
                greatest(cb.posted - cb.held - coalesce(cb.floor, 0), 0) END AS credit_room
        FROM unnest(v_seqs, v_wants) AS u (seq, want)
        JOIN ledger_transfer f
            ON f.company_id = p_company_id AND f.tx_id = p_tx_id AND f.seq = u.seq
        JOIN ledger_asset a ON a.company_id = p_company_id AND a.asset_id = f.asset_id
        JOIN ledger_account d ON d.company_id = p_company_id AND d.account_id = f.debit_id
        JOIN ledger_account c ON c.company_id = p_company_id AND c.account_id = f.credit_id
        LEFT JOIN ledger_balance db
            ON db.company_id = p_company_id AND db.account_id = f.debit_id
        LEFT JOIN ledger_balance cb
            ON cb.company_id = p_company_id AND cb.account_id = f.credit_id
        ORDER BY f.seq
    LOOP
        INSERT INTO ledger_reversed_total AS r (company_id, tx_id, seq, amount, reversed)
        VALUES (p_company_id, p_tx_id, v_leg.seq, v_leg.amount, v_leg.want)
        ON CONFLICT ON CONSTRAINT ledger_reversed_total_pkey
            DO UPDATE SET reversed = r.reversed + excluded.reversed;

        -- Whoever received the points may have spent them.
        v_take := v_leg.want;
        IF v_leg.to_party AND v_leg.credit_room IS NOT NULL THEN
            v_take := least(v_take, v_leg.credit_room);
            IF v_leg.keeps_lots THEN
                SELECT granted - used - revoked - expired INTO v_room FROM ledger_lot
                WHERE company_id = p_company_id AND account_id = v_leg.credit_id
                    AND expires_on = v_leg.expires_on;
                v_take := least(v_take, coalesce(v_room, 0));
            END IF;
        END IF;
        IF v_take < v_leg.want THEN
            INSERT INTO ledger_shortfall (
                company_id, tx_id, seq, original_tx_id, account_id, amount)
            VALUES (
                p_company_id, v_tx_id, v_leg.seq, p_tx_id, v_leg.credit_id, v_leg.want - v_take);
        END IF;
        CONTINUE WHEN v_take = 0;

        INSERT INTO ledger_transfer (
            company_id, tx_id, asset_id, debit_id, credit_id, amount, posted_at, department_id,
            effective_on, expires_on, seq)
        VALUES (
            p_company_id, v_tx_id, v_leg.asset_id, v_leg.credit_id, v_leg.debit_id, v_take, v_now,
            v_leg.department_id, v_day,
            CASE WHEN v_leg.keeps_lots AND v_leg.from_party THEN date 'infinity' END, v_leg.seq);

        IF v_leg.to_party THEN
            UPDATE ledger_balance SET posted = posted - v_take, version = version + 1
            WHERE company_id = p_company_id AND account_id = v_leg.credit_id;
            -- Only what was not already owed comes out of lots: first the lot that was granted,
            -- then, where debt is the policy, the others.
            v_rest := least(v_take, greatest(v_leg.credit_posted, 0));
            IF v_leg.keeps_lots AND v_rest > 0 THEN
                SELECT least(v_rest, granted - used - revoked - expired) INTO v_room
                FROM ledger_lot
                WHERE company_id = p_company_id AND account_id = v_leg.credit_id
                    AND expires_on = v_leg.expires_on;
                IF v_room > 0 THEN
                    UPDATE ledger_lot SET revoked = revoked + v_room
                    WHERE company_id = p_company_id AND account_id = v_leg.credit_id
                        AND expires_on = v_leg.expires_on;
                    INSERT INTO ledger_lot_use (
                        company_id, tx_id, account_id, expires_on, part, amount)
                    VALUES (p_company_id, v_tx_id, v_leg.credit_id, v_leg.expires_on, 'revoked',
                        v_room);
                    v_rest := v_rest - v_room;
                END IF;
                IF v_rest > 0 THEN
                    PERFORM ledger_take_from_lots(
                        p_company_id, v_tx_id, v_leg.credit_id, v_rest, 'revoked');
                END IF;
            END IF;
        END IF;
        IF v_leg.from_party THEN
            UPDATE ledger_balance SET posted = posted + v_take, version = version + 1
            WHERE company_id = p_company_id AND account_id = v_leg.debit_id;
            IF v_leg.keeps_lots THEN
                v_rest := greatest(v_leg.debit_posted + v_take, 0)
                    - greatest(v_leg.debit_posted, 0);
                v_rest := ledger_return_to_lots(
                    p_company_id, v_tx_id, p_tx_id, v_leg.debit_id, v_rest);
                IF v_rest > 0 THEN
                    PERFORM ledger_grant_lot(
                        p_company_id, v_leg.debit_id, 'infinity', v_rest, 0);
                END IF;
            END IF;
        END IF;

        INSERT INTO ledger_day_total AS d (
            company_id, day, account_id, department_id, earned, deducted, spent, n, source_kind)
        SELECT p_company_id, v_day, w.account_id, v_leg.department_id,
            CASE v_leg.counter_kind WHEN 'issuance' THEN w.gain ELSE 0 END,
            CASE v_leg.counter_kind WHEN 'adjustment' THEN -w.gain ELSE 0 END,
            CASE v_leg.counter_kind WHEN 'redeemed' THEN -w.gain ELSE 0 END,
            1, v_original.source_kind
        FROM (VALUES
            (v_leg.debit_id, v_take, v_leg.from_party),
            (v_leg.credit_id, -v_take, v_leg.to_party)) AS w (account_id, gain, of_party)
        WHERE w.of_party
        ON CONFLICT ON CONSTRAINT ledger_day_total_key DO UPDATE
        SET earned = d.earned + excluded.earned, deducted = d.deducted + excluded.deducted,
            spent = d.spent + excluded.spent, n = d.n + excluded.n;

        INSERT INTO ledger_change AS c (company_id, day, account_id)
        SELECT p_company_id, v_day, w.account_id
        FROM (VALUES
            (v_leg.debit_id, v_leg.from_party),
            (v_leg.credit_id, v_leg.to_party)) AS w (account_id, of_party)
        WHERE w.of_party
        ON CONFLICT ON CONSTRAINT ledger_change_pkey DO UPDATE SET version = c.version + 1;
    END LOOP;

    status := 'new';
    tx_id := v_tx_id;
END $$;
