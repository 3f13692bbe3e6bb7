-- Taking back: a transaction the other way round that names the one it reverses and moves points
-- out of, or back into, the lots that the original used.

-- Put back what a transaction took out of an account's lots, the latest to expire first, up to
-- p_amount; the answer is what no lot was waiting for. Earlier returns count. What lapsed
-- meanwhile comes back with some days of grace. p_only: the one lot that a transfer came from.
CREATE FUNCTION ledger_return_to_lots(
    p_company_id bigint, p_tx_id bigint, p_original_id bigint, p_account_id bigint,
    p_amount bigint, p_seq integer, p_only date, p_today date, p_grace_days integer)
RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_left bigint := p_amount;
    v_give bigint;
    v_graced bigint := 0;
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
            AND u.account_id = p_account_id AND NOT u.is_return AND u.part <> 'granted'
            AND (p_only IS NULL OR u.expires_on = p_only)
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
            company_id, tx_id, account_id, expires_on, part, is_return, amount, seq)
        VALUES (p_company_id, p_tx_id, p_account_id, v_use.expires_on, v_use.part, true, v_give,
            p_seq);
        v_left := v_left - v_give;
        IF v_use.expires_on < p_today AND p_grace_days > 0 THEN
            v_graced := v_graced + v_give;
            -- A part that comes back and leaves in one transaction leaves by another name.
            UPDATE ledger_lot
            SET revoked = revoked + CASE v_use.part WHEN 'revoked' THEN 0 ELSE v_give END,
                used = used + CASE v_use.part WHEN 'revoked' THEN v_give ELSE 0 END
            WHERE company_id = p_company_id AND account_id = p_account_id
                AND expires_on = v_use.expires_on;
            INSERT INTO ledger_lot_use (
                company_id, tx_id, account_id, expires_on, part, amount, seq)
            VALUES (p_company_id, p_tx_id, p_account_id, v_use.expires_on,
                CASE v_use.part WHEN 'revoked' THEN 'used' ELSE 'revoked' END, v_give, p_seq);
        END IF;
    END LOOP;
    IF v_graced > 0 THEN
        PERFORM ledger_grant_by_reversal(
            p_company_id, p_tx_id, p_account_id, p_today + p_grace_days, v_graced, p_seq);
    END IF;
    RETURN v_left;
END $$;

CREATE FUNCTION ledger_grant_by_reversal(
    p_company_id bigint, p_tx_id bigint, p_account_id bigint, p_expires_on date, p_amount bigint,
    p_seq integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM ledger_grant_lot(p_company_id, p_account_id, p_expires_on, p_amount, 0);
    INSERT INTO ledger_lot_use (company_id, tx_id, account_id, expires_on, part, amount, seq)
    VALUES (p_company_id, p_tx_id, p_account_id, p_expires_on, 'granted', p_amount, p_seq);
END $$;

-- What can be taken back from the one who received it: no more than is there, in the lot that was
-- granted; where debt is the policy, all (null).
CREATE FUNCTION ledger_room(
    p_clawback text, p_keeps_lots boolean, p_company_id bigint, p_account_id bigint,
    p_expires_on date) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_balance record;
    v_room bigint;
BEGIN
    SELECT posted, held, floor INTO v_balance FROM ledger_balance
    WHERE company_id = p_company_id AND account_id = p_account_id;
    IF p_clawback = 'debt' AND v_balance.held = 0 THEN
        RETURN NULL;
    END IF;
    v_room := greatest(v_balance.posted - v_balance.held - coalesce(v_balance.floor, 0), 0);
    IF p_keeps_lots THEN
        v_room := least(v_room, coalesce((
            SELECT granted - used - revoked - expired - held FROM ledger_lot
            WHERE company_id = p_company_id AND account_id = p_account_id
                AND expires_on = p_expires_on), 0));
    END IF;
    RETURN v_room;
END $$;

-- p_codes and p_amounts name a part, signed as the new movement; null takes back all that is left.
-- (p_is_inner: the release of a pending posting is taken back on the way to the posting itself.)
CREATE FUNCTION ledger_reverse(
    p_company_id bigint, p_tx_id bigint, p_key text, p_fact_on date, p_actor_id bigint,
    p_note text, p_codes text[], p_amounts bigint[],
    OUT status text, OUT tx_id bigint, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    SELECT r.status, r.tx_id, r.reason INTO status, tx_id, reason
    FROM ledger_take_back(
        p_company_id, p_tx_id, p_key, p_fact_on, p_actor_id, p_note, p_codes, p_amounts, false) r;
END $$;

CREATE FUNCTION ledger_take_back(
    p_company_id bigint, p_tx_id bigint, p_key text, p_fact_on date, p_actor_id bigint,
    p_note text, p_codes text[], p_amounts bigint[], p_is_inner boolean,
    OUT status text, OUT tx_id bigint, OUT reason text)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz;
    v_hash bytea;
    v_known record;
    v_tx_id bigint;
    v_day date;
    v_original record;
    v_leg record;
    v_want bigint;
    v_take bigint;
    v_room bigint;
    v_rest bigint;
    v_before bigint;
    v_named integer := 0;
    v_seqs smallint[] := '{}';
    v_wants bigint[] := '{}';
    v_release bigint;
    v_inner record;
    v_back_assets bigint[] := '{}';
    v_back_amounts bigint[] := '{}';
BEGIN
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
    IF v_original.kind = 'reverse' OR (v_original.kind = 'release' AND NOT p_is_inner) THEN
        reason := 'not_reversible';
        RETURN;
    END IF;

    v_day := ledger_open_day(p_company_id, v_original.effective_on);
    -- A release may count in another month: all months are locked before any balance.
    PERFORM ledger_open_day(p_company_id, r.effective_on) FROM ledger_tx r
    WHERE r.company_id = p_company_id AND r.about_tx_id = p_tx_id AND r.kind = 'release';
    PERFORM ledger_lock_caps_of(p_company_id, p_tx_id);
    -- With the wallets into which what waits in publicity is released.
    PERFORM FROM ledger_balance b
    WHERE b.company_id = p_company_id AND b.account_id IN (
        SELECT unnest(ARRAY[f.debit_id, f.credit_id, w.account_id])
        FROM ledger_transfer f
        LEFT JOIN ledger_account c ON c.company_id = f.company_id
            AND c.account_id = f.credit_id AND c.kind = 'pending'
        LEFT JOIN ledger_account w ON w.company_id = c.company_id AND w.party_id = c.party_id
            AND w.asset_id = c.asset_id AND w.kind = 'wallet'
        WHERE f.company_id = p_company_id AND f.tx_id = p_tx_id)
    ORDER BY b.account_id FOR UPDATE;

    -- After the lock: whoever reversed or released this transaction before has committed.
    SELECT * INTO v_known FROM ledger_known_key(p_company_id, p_key, v_hash);
    IF v_known.status IS NOT NULL THEN
        status := v_known.status; tx_id := v_known.tx_id; reason := v_known.reason;
        RETURN;
    END IF;
    SELECT r.tx_id INTO v_release FROM ledger_tx r
    WHERE r.company_id = p_company_id AND r.about_tx_id = p_tx_id AND r.kind = 'release';
    IF FOUND THEN
        -- Out of the wallet first, by as much as is there.
        SELECT * INTO v_inner FROM ledger_take_back(
            p_company_id, v_release, left(p_key, 190) || '/release', p_fact_on, p_actor_id,
            p_note, p_codes, p_amounts, true);
        IF v_inner.status = 'refused' THEN
            reason := v_inner.reason;
            RETURN;
        END IF;
    END IF;

    -- How much of each transfer to take back.
    FOR v_leg IN
        SELECT f.seq, f.expires_on, f.credit_id, a.code, a.clawback,
            -- What waits in publicity sits in no lot.
            a.keeps_lots AND c.kind = 'wallet' AS keeps_lots,
            f.amount - coalesce(r.reversed, 0) AS remaining, c.party_id IS NOT NULL AS to_party,
            -- What somebody received goes down, what somebody gave comes back.
            CASE WHEN c.party_id IS NOT NULL
                AND (d.party_id IS NULL OR d.kind = 'pending') THEN -1 ELSE 1 END AS sign
        FROM ledger_transfer f
        JOIN ledger_asset a ON a.company_id = f.company_id AND a.asset_id = f.asset_id
        JOIN ledger_account d ON d.company_id = f.company_id AND d.account_id = f.debit_id
        JOIN ledger_account c ON c.company_id = f.company_id AND c.account_id = f.credit_id
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
            IF v_original.kind = 'transfer' THEN
                -- One asset, a transfer for each lot: what the earlier ones leave of the part.
                v_want := least(v_leg.remaining, v_want - coalesce((
                    SELECT sum(w) FROM unnest(v_wants) w), 0));
                v_named := cardinality(p_codes);
                CONTINUE WHEN v_want = 0;
            ELSE
                v_named := v_named + 1;
            END IF;
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
            IF v_leg.clawback = 'hold' AND v_leg.to_party AND v_release IS NULL
                AND v_want > ledger_room(
                    v_leg.clawback, v_leg.keeps_lots, p_company_id, v_leg.credit_id,
                    v_leg.expires_on)
            THEN
                -- A person decides what becomes of points that were spent meanwhile.
                reason := 'consumed';
                RETURN;
            END IF;
            v_seqs := v_seqs || v_leg.seq;
            v_wants := v_wants || v_want;
        END IF;
    END LOOP;
    IF v_named <> coalesce(cardinality(p_codes), 0) THEN
        reason := 'unknown_asset';
        RETURN;
    END IF;
    IF v_seqs = '{}' OR (v_original.kind = 'transfer' AND p_codes IS NOT NULL
        AND (SELECT sum(w) FROM unnest(v_wants) w) < abs(p_amounts[1]))
    THEN
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
        SELECT u.want, f.*, a.keeps_lots, a.clawback, a.refund_grace_days,
            d.party_id IS NOT NULL AS from_party, c.party_id IS NOT NULL AS to_party,
            d.kind AS debit_kind, c.kind AS credit_kind
        FROM unnest(v_seqs, v_wants) AS u (seq, want)
        JOIN ledger_transfer f
            ON f.company_id = p_company_id AND f.tx_id = p_tx_id AND f.seq = u.seq
        JOIN ledger_asset a ON a.company_id = p_company_id AND a.asset_id = f.asset_id
        JOIN ledger_account d ON d.company_id = p_company_id AND d.account_id = f.debit_id
        JOIN ledger_account c ON c.company_id = p_company_id AND c.account_id = f.credit_id
        ORDER BY f.seq
    LOOP
        INSERT INTO ledger_reversed_total AS r (company_id, tx_id, seq, amount, reversed)
        VALUES (p_company_id, p_tx_id, v_leg.seq, v_leg.amount, v_leg.want)
        ON CONFLICT ON CONSTRAINT ledger_reversed_total_pkey
            DO UPDATE SET reversed = r.reversed + excluded.reversed;

        -- Whoever received the points may have spent them.
        v_take := v_leg.want;
        IF v_leg.to_party THEN
            v_room := ledger_room(
                v_leg.clawback, v_leg.keeps_lots AND v_leg.credit_kind = 'wallet', p_company_id,
                v_leg.credit_id, v_leg.expires_on);
            IF v_release IS NOT NULL THEN
                -- Only what came back from the wallet: the rest of the account is not this one's.
                v_room := coalesce((
                    SELECT sum(f.amount) FROM ledger_transfer f
                    WHERE f.company_id = p_company_id AND f.tx_id = v_inner.tx_id
                        AND f.asset_id = v_leg.asset_id AND f.debit_id <> v_leg.credit_id), 0);
            END IF;
            v_take := least(v_take, coalesce(v_room, v_take));
        END IF;
        IF v_leg.to_party THEN
            -- The claim to it is annulled, also where it was spent: a cap has the room again.
            v_back_assets := v_back_assets || v_leg.asset_id;
            v_back_amounts := v_back_amounts || v_leg.want;
        END IF;
        -- Of what was released the wallet lacks it, and the release's reversal has said so.
        IF v_take < v_leg.want AND v_release IS NULL THEN
            INSERT INTO ledger_shortfall (
                company_id, tx_id, seq, original_tx_id, account_id, amount)
            VALUES (
                p_company_id, v_tx_id, v_leg.seq, p_tx_id, v_leg.credit_id, v_leg.want - v_take);
        END IF;
        CONTINUE WHEN v_take = 0;

        PERFORM ledger_insert_transfer(
            p_company_id, v_tx_id, v_leg.seq, v_leg.asset_id, v_leg.credit_id, v_leg.debit_id,
            v_take, v_now, v_leg.department_id, v_day, NULL);
        IF v_leg.to_party THEN
            SELECT b.posted INTO v_before FROM ledger_balance b
            WHERE b.company_id = p_company_id AND b.account_id = v_leg.credit_id;
            UPDATE ledger_balance SET posted = posted - v_take, version = version + 1
            WHERE company_id = p_company_id AND account_id = v_leg.credit_id;
            -- Only what was not already owed comes out of lots: first the lot that was granted,
            -- then, where debt is the policy, the others.
            v_rest := least(v_take, greatest(v_before, 0));
            IF v_leg.keeps_lots AND v_leg.credit_kind = 'wallet' AND v_rest > 0 THEN
                SELECT least(v_rest, granted - used - revoked - expired - held) INTO v_room
                FROM ledger_lot
                WHERE company_id = p_company_id AND account_id = v_leg.credit_id
                    AND expires_on = v_leg.expires_on;
                IF v_room > 0 THEN
                    UPDATE ledger_lot SET revoked = revoked + v_room
                    WHERE company_id = p_company_id AND account_id = v_leg.credit_id
                        AND expires_on = v_leg.expires_on;
                    INSERT INTO ledger_lot_use (
                        company_id, tx_id, account_id, expires_on, part, amount, seq)
                    VALUES (p_company_id, v_tx_id, v_leg.credit_id, v_leg.expires_on, 'revoked',
                        v_room, v_leg.seq);
                    v_rest := v_rest - v_room;
                END IF;
                IF v_rest > 0 THEN
                    PERFORM ledger_take_from_lots(
                        p_company_id, v_tx_id, v_leg.credit_id, v_rest, 'revoked', NULL,
                        v_leg.seq);
                END IF;
            END IF;
            PERFORM ledger_count(
                p_company_id, v_day, v_leg.credit_id, v_leg.department_id,
                v_original.source_kind, ledger_told_by(v_leg.credit_kind, v_leg.debit_kind),
                -v_take);
        END IF;
        IF v_leg.from_party THEN
            SELECT b.posted INTO v_before FROM ledger_balance b
            WHERE b.company_id = p_company_id AND b.account_id = v_leg.debit_id;
            UPDATE ledger_balance SET posted = posted + v_take, version = version + 1
            WHERE company_id = p_company_id AND account_id = v_leg.debit_id;
            IF v_leg.keeps_lots AND v_leg.debit_kind = 'wallet' THEN
                v_rest := greatest(v_before + v_take, 0) - greatest(v_before, 0);
                v_rest := ledger_return_to_lots(
                    p_company_id, v_tx_id, p_tx_id, v_leg.debit_id, v_rest, v_leg.seq,
                    CASE v_original.kind WHEN 'transfer' THEN v_leg.expires_on END, p_fact_on,
                    v_leg.refund_grace_days);
                IF v_rest > 0 THEN
                    PERFORM ledger_grant_by_reversal(
                        p_company_id, v_tx_id, v_leg.debit_id, 'infinity', v_rest, v_leg.seq);
                END IF;
            END IF;
            PERFORM ledger_count(
                p_company_id, v_day, v_leg.debit_id, v_leg.department_id, v_original.source_kind,
                ledger_told_by(v_leg.debit_kind, v_leg.credit_kind), v_take);
        END IF;
    END LOOP;
    PERFORM ledger_return_caps(
        p_company_id, v_tx_id, p_tx_id, v_back_assets, v_back_amounts)
    WHERE EXISTS (SELECT FROM ledger_cap_use u
        WHERE u.company_id = p_company_id AND u.tx_id = p_tx_id);
    status := 'new';
    tx_id := v_tx_id;
END $$;
