-- Rebuilding what is kept beside the transfers: balances, lots, day totals, balances at the end of
-- days. Each is told where it differs and, when asked, replaced; the transfers are never touched.

-- One row a difference. Whoever applies holds every balance of the company, which all postings to its
-- wallets need: nothing moves between the look and the change.
CREATE FUNCTION ledger_rebuild(p_company_id bigint, p_apply boolean)
RETURNS TABLE (what text, place text, stored text, rebuilt text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET jit = off SET enable_nestloop = off SET work_mem = '128MB' AS $$
#variable_conflict use_column
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    IF p_apply THEN
        PERFORM FROM ledger_balance WHERE company_id = p_company_id
        ORDER BY account_id FOR UPDATE;
    END IF;
    RETURN QUERY SELECT * FROM ledger_rebuild_balances(p_company_id, p_apply);
    RETURN QUERY SELECT * FROM ledger_rebuild_lots(p_company_id, p_apply);
    RETURN QUERY SELECT * FROM ledger_rebuild_day_totals(p_company_id, p_apply);
    RETURN QUERY SELECT * FROM ledger_rebuild_checkpoints(p_company_id, p_apply);
END $$;

CREATE FUNCTION ledger_rebuild_balances(p_company_id bigint, p_apply boolean)
RETURNS TABLE (what text, place text, stored text, rebuilt text)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH fold AS (
        SELECT account_id, sum(gain)::bigint AS posted
        FROM (
            SELECT credit_id AS account_id, amount AS gain FROM ledger_transfer
            WHERE company_id = p_company_id
            UNION ALL
            SELECT debit_id, -amount FROM ledger_transfer WHERE company_id = p_company_id
        ) sides GROUP BY account_id
    ), open_hold AS (
        SELECT h.account_id, sum(h.amount)::bigint AS held FROM ledger_hold h
        LEFT JOIN ledger_hold_end e ON e.company_id = h.company_id AND e.hold_id = h.hold_id
        WHERE h.company_id = p_company_id AND e.hold_id IS NULL GROUP BY h.account_id
    ), truth AS (
        SELECT w.account_id, coalesce(f.posted, 0) AS posted, coalesce(h.held, 0) AS held,
            CASE w.kind WHEN 'wallet' THEN a.wallet_floor ELSE 0 END AS floor
        FROM ledger_account w
        JOIN ledger_asset a ON a.company_id = w.company_id AND a.asset_id = w.asset_id
        LEFT JOIN fold f ON f.account_id = w.account_id
        LEFT JOIN open_hold h ON h.account_id = w.account_id
        WHERE w.company_id = p_company_id AND w.party_id IS NOT NULL
    ), differing AS (
        SELECT t.*, b.posted AS was_posted, b.held AS was_held
        FROM truth t
        LEFT JOIN ledger_balance b
            ON b.company_id = p_company_id AND b.account_id = t.account_id
        WHERE b.posted IS DISTINCT FROM t.posted OR b.held IS DISTINCT FROM t.held
    ), mended AS (
        INSERT INTO ledger_balance AS b (company_id, account_id, posted, held, floor)
        SELECT p_company_id, account_id, posted, held, floor FROM differing WHERE p_apply
        ON CONFLICT ON CONSTRAINT ledger_balance_pkey DO UPDATE
        SET posted = excluded.posted, held = excluded.held, version = b.version + 1
    )
    SELECT 'balance', 'account ' || d.account_id,
        coalesce(d.was_posted || ' held ' || d.was_held, 'none'), d.posted || ' held ' || d.held
    FROM differing d ORDER BY d.account_id;
END $$;

-- What a posting granted to a lot is what lifted the balance above zero, in the order in which the
-- account moved (the order of numbers: they are taken under the account's lock). A reversal says by
-- itself what it granted; it puts most back where it came from.
CREATE FUNCTION ledger_rebuild_lots(p_company_id bigint, p_apply boolean)
RETURNS TABLE (what text, place text, stored text, rebuilt text)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH moved AS (
        SELECT f.tx_id, f.seq, f.credit_id AS account_id, f.amount AS gain,
            coalesce(f.expires_on, 'infinity') AS expires_on
        FROM ledger_transfer f WHERE f.company_id = p_company_id
        UNION ALL
        SELECT f.tx_id, f.seq, f.debit_id, -f.amount, NULL
        FROM ledger_transfer f WHERE f.company_id = p_company_id
    ), running AS (
        SELECT m.*, sum(m.gain) OVER (
            PARTITION BY m.account_id ORDER BY m.tx_id, m.seq
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS posted
        FROM moved m
        JOIN ledger_account w ON w.company_id = p_company_id AND w.account_id = m.account_id
            AND w.kind = 'wallet'
        JOIN ledger_asset a ON a.company_id = w.company_id AND a.asset_id = w.asset_id
            AND a.keeps_lots
    ), part AS (
        SELECT r.account_id, r.expires_on,
            greatest(r.posted, 0) - greatest(r.posted - r.gain, 0) AS granted,
            0::numeric AS used, 0::numeric AS revoked, 0::numeric AS expired, 0::numeric AS held
        FROM running r
        JOIN ledger_tx t ON t.company_id = p_company_id AND t.tx_id = r.tx_id
        WHERE r.gain > 0 AND t.kind <> 'reverse'
        UNION ALL
        SELECT u.account_id, u.expires_on, CASE u.part WHEN 'granted' THEN s.amount ELSE 0 END,
            CASE u.part WHEN 'used' THEN s.amount ELSE 0 END,
            CASE u.part WHEN 'revoked' THEN s.amount ELSE 0 END,
            CASE u.part WHEN 'expired' THEN s.amount ELSE 0 END, 0
        FROM ledger_lot_use u
        CROSS JOIN LATERAL (
            SELECT CASE WHEN u.is_return THEN -u.amount ELSE u.amount END AS amount) s
        WHERE u.company_id = p_company_id
        UNION ALL
        SELECT h.account_id, h.expires_on, 0, 0, 0, 0, h.amount
        FROM ledger_hold_lot h
        LEFT JOIN ledger_hold_end e ON e.company_id = h.company_id AND e.hold_id = h.hold_id
        WHERE h.company_id = p_company_id AND e.hold_id IS NULL
    ), truth AS (
        SELECT account_id, expires_on, sum(granted)::bigint AS granted, sum(used)::bigint AS used,
            sum(revoked)::bigint AS revoked, sum(expired)::bigint AS expired,
            sum(held)::bigint AS held
        FROM part GROUP BY account_id, expires_on
    ), differing AS (
        SELECT coalesce(t.account_id, l.account_id) AS account_id,
            coalesce(t.expires_on, l.expires_on) AS expires_on,
            coalesce(t.granted, 0) AS granted, coalesce(t.used, 0) AS used,
            coalesce(t.revoked, 0) AS revoked, coalesce(t.expired, 0) AS expired,
            coalesce(t.held, 0) AS held,
            l.granted || ' used ' || l.used || ' revoked ' || l.revoked || ' expired '
                || l.expired || ' held ' || l.held AS was
        FROM truth t
        FULL JOIN (SELECT * FROM ledger_lot WHERE company_id = p_company_id) l
            ON l.account_id = t.account_id AND l.expires_on = t.expires_on
        WHERE (coalesce(l.granted, 0), coalesce(l.used, 0), coalesce(l.revoked, 0),
                coalesce(l.expired, 0), coalesce(l.held, 0))
            IS DISTINCT FROM (coalesce(t.granted, 0), coalesce(t.used, 0), coalesce(t.revoked, 0),
                coalesce(t.expired, 0), coalesce(t.held, 0))
    ), mended AS (
        INSERT INTO ledger_lot (
            company_id, account_id, expires_on, granted, used, revoked, expired, held)
        SELECT p_company_id, account_id, expires_on, granted, used, revoked, expired, held
        FROM differing WHERE p_apply
        ON CONFLICT ON CONSTRAINT ledger_lot_pkey DO UPDATE
        SET granted = excluded.granted, used = excluded.used, revoked = excluded.revoked,
            expired = excluded.expired, held = excluded.held
    )
    SELECT 'lot', 'account ' || d.account_id || ' lot ' || d.expires_on, coalesce(d.was, 'none'),
        d.granted || ' used ' || d.used || ' revoked ' || d.revoked || ' expired ' || d.expired
            || ' held ' || d.held
    FROM differing d ORDER BY d.account_id, d.expires_on;
END $$;

CREATE FUNCTION ledger_rebuild_day_totals(p_company_id bigint, p_apply boolean)
RETURNS TABLE (what text, place text, stored text, rebuilt text)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_differing record;
    -- Totals of nothing, by their key.
    v_days date[] := '{}';
    v_accounts bigint[] := '{}';
    v_sources text[] := '{}';
    v_departments bigint[] := '{}';
BEGIN
    FOR v_differing IN
        WITH side AS (
            SELECT tx_id, effective_on AS day, department_id, credit_id AS account_id,
                debit_id AS other_id, amount AS gain
            FROM ledger_transfer WHERE company_id = p_company_id
            UNION ALL
            SELECT tx_id, effective_on, department_id, debit_id, credit_id, -amount
            FROM ledger_transfer WHERE company_id = p_company_id
        ), truth AS (
            SELECT s.day, s.account_id, s.department_id, t.source_kind,
                coalesce(sum(s.gain) FILTER (WHERE o.kind = 'issuance' OR p.is_publicity), 0)
                    AS earned,
                coalesce(-sum(s.gain) FILTER (WHERE o.kind = 'adjustment'), 0) AS deducted,
                coalesce(-sum(s.gain) FILTER (WHERE o.kind = 'redeemed'), 0) AS spent,
                coalesce(sum(s.gain) FILTER (WHERE NOT p.is_publicity
                    AND o.kind NOT IN ('issuance', 'adjustment', 'redeemed')), 0) AS other,
                count(*) AS n
            FROM side s
            JOIN ledger_account w ON w.company_id = p_company_id
                AND w.account_id = s.account_id AND w.party_id IS NOT NULL
            JOIN ledger_account o ON o.company_id = p_company_id AND o.account_id = s.other_id
            JOIN ledger_tx t ON t.company_id = p_company_id AND t.tx_id = s.tx_id
            -- What passes between a wallet and its pending account was earned, or was not.
            CROSS JOIN LATERAL (SELECT (w.kind, o.kind)
                IN (('wallet', 'pending'), ('pending', 'wallet')) AS is_publicity) p
            GROUP BY s.day, s.account_id, s.department_id, t.source_kind
        ), both_sides AS (
            SELECT day, account_id, department_id, source_kind, earned, deducted, spent, other, n,
                true AS is_true
            FROM truth
            UNION ALL
            SELECT day, account_id, department_id, source_kind, earned, deducted, spent, other, n,
                false
            FROM ledger_day_total WHERE company_id = p_company_id
        )
        SELECT day, account_id, department_id, source_kind,
            coalesce(max(earned) FILTER (WHERE is_true), 0)::bigint AS earned,
            coalesce(max(deducted) FILTER (WHERE is_true), 0)::bigint AS deducted,
            coalesce(max(spent) FILTER (WHERE is_true), 0)::bigint AS spent,
            coalesce(max(other) FILTER (WHERE is_true), 0)::bigint AS other,
            coalesce(max(n) FILTER (WHERE is_true), 0)::bigint AS n,
            bool_or(is_true) AS is_kept,
            max('earned ' || earned || ' deducted ' || deducted || ' spent ' || spent
                || ' other ' || other || ' n ' || n) FILTER (WHERE NOT is_true) AS was
        FROM both_sides
        GROUP BY day, account_id, department_id, source_kind
        HAVING count(*) < 2 OR min(earned) <> max(earned) OR min(deducted) <> max(deducted)
            OR min(spent) <> max(spent) OR min(other) <> max(other) OR min(n) <> max(n)
        ORDER BY day, account_id, department_id, source_kind
    LOOP
        what := 'day_total';
        place := 'account ' || v_differing.account_id || ' day ' || v_differing.day || ' '
            || v_differing.source_kind
            || coalesce(' department ' || v_differing.department_id, '');
        stored := coalesce(v_differing.was, 'none');
        rebuilt := CASE WHEN v_differing.is_kept THEN 'earned ' || v_differing.earned
            || ' deducted ' || v_differing.deducted || ' spent ' || v_differing.spent || ' other '
            || v_differing.other || ' n ' || v_differing.n ELSE 'none' END;
        RETURN NEXT;
        CONTINUE WHEN NOT p_apply;
        IF v_differing.is_kept THEN
            INSERT INTO ledger_day_total AS d (
                company_id, day, account_id, department_id, earned, deducted, spent, other, n,
                source_kind)
            VALUES (p_company_id, v_differing.day, v_differing.account_id,
                v_differing.department_id, v_differing.earned, v_differing.deducted,
                v_differing.spent, v_differing.other, v_differing.n, v_differing.source_kind)
            ON CONFLICT ON CONSTRAINT ledger_day_total_key DO UPDATE
            SET earned = excluded.earned, deducted = excluded.deducted, spent = excluded.spent,
                other = excluded.other, n = excluded.n;
        ELSE
            v_days := v_days || v_differing.day;
            v_accounts := v_accounts || v_differing.account_id;
            v_sources := v_sources || v_differing.source_kind;
            v_departments := v_departments || v_differing.department_id;
        END IF;
    END LOOP;
    IF v_days <> '{}' THEN
        -- They exist only where somebody wrote them past the functions, and are the one thing that is
        -- ever deleted here; until the end of this transaction nobody else can write the table.
        ALTER TABLE ledger_day_total DISABLE TRIGGER ledger_day_total_kept;
        DELETE FROM ledger_day_total d
        USING unnest(v_days, v_accounts, v_sources, v_departments)
            AS x (day, account_id, source_kind, department_id)
        WHERE d.company_id = p_company_id AND d.day = x.day AND d.account_id = x.account_id
            AND d.source_kind = x.source_kind
            AND d.department_id IS NOT DISTINCT FROM x.department_id;
        ALTER TABLE ledger_day_total ENABLE TRIGGER ledger_day_total_kept;
    END IF;
END $$;

CREATE FUNCTION ledger_rebuild_checkpoints(p_company_id bigint, p_apply boolean)
RETURNS TABLE (what text, place text, stored text, rebuilt text)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_checkpoint WHERE company_id = p_company_id) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH day_end AS MATERIALIZED (
        SELECT p.day, (p.day + 1)::timestamp AT TIME ZONE c.time_zone AS at,
            lag((p.day + 1)::timestamp AT TIME ZONE c.time_zone, 1, '-infinity')
                OVER (ORDER BY p.day) AS before
        FROM (SELECT DISTINCT day FROM ledger_checkpoint WHERE company_id = p_company_id) p
        CROSS JOIN org_company c WHERE c.id = p_company_id
    ), gained AS (
        SELECT e.day, s.account_id, sum(s.gain) AS gain
        FROM (
            SELECT credit_id AS account_id, amount AS gain, posted_at FROM ledger_transfer
            WHERE company_id = p_company_id
            UNION ALL
            SELECT debit_id, -amount, posted_at FROM ledger_transfer
            WHERE company_id = p_company_id
        ) s JOIN day_end e ON s.posted_at >= e.before AND s.posted_at < e.at
        GROUP BY e.day, s.account_id
    ), truth AS (
        SELECT a.account_id, e.day,
            sum(coalesce(g.gain, 0)) OVER (PARTITION BY a.account_id ORDER BY e.day)::bigint
                AS posted,
            count(g.gain) OVER (PARTITION BY a.account_id ORDER BY e.day) > 0 AS has_moved
        FROM (SELECT DISTINCT account_id FROM gained) a
        CROSS JOIN day_end e
        LEFT JOIN gained g ON g.account_id = a.account_id AND g.day = e.day
    ), differing AS (
        SELECT coalesce(t.account_id, p.account_id) AS account_id,
            coalesce(t.day, p.day) AS day, coalesce(t.posted, 0) AS posted, p.posted AS was
        FROM (SELECT * FROM truth WHERE has_moved) t
        FULL JOIN (SELECT * FROM ledger_checkpoint WHERE company_id = p_company_id) p
            ON p.account_id = t.account_id AND p.day = t.day
        WHERE coalesce(p.posted, 0) <> coalesce(t.posted, 0)
    ), mended AS (
        INSERT INTO ledger_checkpoint (company_id, account_id, day, posted)
        SELECT p_company_id, account_id, day, posted FROM differing WHERE p_apply
        ON CONFLICT ON CONSTRAINT ledger_checkpoint_pkey DO UPDATE SET posted = excluded.posted
    )
    SELECT 'checkpoint', 'account ' || d.account_id || ' day ' || d.day,
        coalesce(d.was::text, 'none'), d.posted::text
    FROM differing d ORDER BY d.day, d.account_id;
END $$;
