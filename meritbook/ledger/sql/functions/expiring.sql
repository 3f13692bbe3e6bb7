-- Points that nobody used in time. Runs are repeatable: the key of a lot's expiry says how much of
-- the lot had expired before, so that a second run of a day finds nothing and loses nothing.

-- Expire what lapsed before p_today, up to p_limit lots; p_done is how many were. Where the
-- policy carries a part over, that part comes back with the next last day.
CREATE FUNCTION ledger_expire(
    p_company_id bigint, p_today date, p_limit integer, OUT lots bigint, OUT amount numeric)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET jit = off SET work_mem = '64MB' AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz;
    v_day date;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    IF p_today IS NULL OR p_today NOT BETWEEN '1970-01-01' AND '2999-12-31' THEN
        RAISE EXCEPTION 'no day' USING ERRCODE = 'ML005';
    END IF;
    v_day := ledger_open_day(p_company_id, p_today);

    -- Locked in the order of accounts, as everywhere; read again after the lock.
    IF to_regclass('pg_temp.ledger_due') IS NULL THEN
        CREATE TEMPORARY TABLE ledger_due (account_id bigint PRIMARY KEY) ON COMMIT DELETE ROWS;
    ELSIF NOT EXISTS (
        SELECT FROM pg_class
        WHERE oid = to_regclass('pg_temp.ledger_due') AND relkind = 'r'
            AND relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user))
    THEN
        -- A caller's table would bring triggers that run as the owner of this function.
        RAISE EXCEPTION 'the table of what is due is not the ledger''s own' USING ERRCODE = 'ML003';
    END IF;
    TRUNCATE pg_temp.ledger_due;
    INSERT INTO pg_temp.ledger_due
    SELECT DISTINCT account_id FROM (
        SELECT account_id FROM ledger_lot
        WHERE company_id = p_company_id AND expires_on < p_today AND expires_on < 'infinity'
            AND granted > used + revoked + expired + held
        ORDER BY account_id, expires_on LIMIT p_limit
    ) due;
    PERFORM FROM ledger_balance b
    WHERE b.company_id = p_company_id
        AND b.account_id IN (SELECT account_id FROM pg_temp.ledger_due)
    ORDER BY b.account_id FOR UPDATE;
    v_now := clock_timestamp();

    WITH due AS MATERIALIZED (
        SELECT l.account_id, l.expires_on, l.expired AS expired_before, a.asset_id, a.code,
            l.granted - l.used - l.revoked - l.expired - l.held AS amount,
            CASE WHEN a.carry_percent > 0 THEN least(
                (l.granted - l.used - l.revoked - l.expired - l.held) * a.carry_percent / 100,
                a.carry_max) ELSE 0 END AS carried,
            ledger_last_day(a.expiry, a.expiry_count, a.expiry_period, a.expiry_month,
                a.expiry_day, a.grace_days, v_day) AS carried_until
        FROM pg_temp.ledger_due d
        JOIN ledger_lot l ON l.company_id = p_company_id AND l.account_id = d.account_id
            AND l.expires_on < p_today AND l.granted > l.used + l.revoked + l.expired + l.held
        JOIN ledger_account w ON w.company_id = p_company_id AND w.account_id = l.account_id
        JOIN ledger_asset a ON a.company_id = p_company_id AND a.asset_id = w.asset_id
    ), numbered AS MATERIALIZED (
        SELECT d.*, nextval('ledger_tx_id_seq') AS tx_id, x.account_id AS expired_id,
            -- What was given back may lapse again.
            'expire/' || d.account_id || '/' || (d.expires_on - date '2000-01-01') || '/'
                || d.expired_before || coalesce('/' || (
                    SELECT nullif(count(*), 0) FROM ledger_lot_use u
                    WHERE u.company_id = p_company_id AND u.account_id = d.account_id
                        AND u.expires_on = d.expires_on AND u.part = 'expired' AND u.is_return),
                    '') AS key
        FROM due d
        JOIN ledger_account x ON x.company_id = p_company_id AND x.asset_id = d.asset_id
            AND x.kind = 'expired' AND x.party_id IS NULL
    ), routes AS (
        INSERT INTO ledger_route (company_id, asset_id, debit_id, credit_id)
        SELECT p_company_id, n.asset_id, e.debit_id, e.credit_id
        FROM (SELECT DISTINCT asset_id, account_id, expired_id FROM numbered) n
        CROSS JOIN LATERAL (VALUES
            (n.account_id, n.expired_id), (n.expired_id, n.account_id)) e (debit_id, credit_id)
        ON CONFLICT ON CONSTRAINT ledger_route_pkey DO NOTHING
    ), transactions AS (
        INSERT INTO ledger_tx (
            company_id, tx_id, posted_at, source_id, effective_on, fact_on, kind, source_kind,
            idem_key, idem_hash)
        SELECT p_company_id, tx_id, v_now, account_id, v_day, expires_on + 1,
            CASE code WHEN 'quota' THEN 'lapse' ELSE 'expire' END, 'lot', key,
            sha256(convert_to('expire|' || amount || '|' || carried, 'UTF8'))
        FROM numbered
    ), transfers AS (
        INSERT INTO ledger_transfer (
            company_id, tx_id, asset_id, debit_id, credit_id, amount, posted_at, effective_on,
            expires_on, seq)
        SELECT p_company_id, tx_id, asset_id, account_id, expired_id, amount, v_now, v_day, NULL, 1
        FROM numbered
        UNION ALL
        SELECT p_company_id, tx_id, asset_id, expired_id, account_id, carried, v_now, v_day,
            carried_until, 2
        FROM numbered WHERE carried > 0
    ), uses AS (
        INSERT INTO ledger_lot_use (company_id, tx_id, account_id, expires_on, part, amount)
        SELECT p_company_id, tx_id, account_id, expires_on, 'expired', amount FROM numbered
    ), lots AS (
        UPDATE ledger_lot l SET expired = l.expired + n.amount
        FROM numbered n
        WHERE l.company_id = p_company_id AND l.account_id = n.account_id
            AND l.expires_on = n.expires_on
    ), carried AS (
        INSERT INTO ledger_lot AS l (company_id, account_id, expires_on, granted)
        SELECT p_company_id, account_id, carried_until, sum(carried)::bigint
        FROM numbered WHERE carried > 0 GROUP BY account_id, carried_until
        ON CONFLICT ON CONSTRAINT ledger_lot_pkey
            DO UPDATE SET granted = l.granted + excluded.granted
    ), balances AS (
        UPDATE ledger_balance b SET posted = b.posted - n.amount, version = b.version + 1
        FROM (SELECT account_id, sum(amount - carried)::bigint AS amount FROM numbered
              GROUP BY account_id) n
        WHERE b.company_id = p_company_id AND b.account_id = n.account_id
    ), totals AS (
        INSERT INTO ledger_day_total AS d (
            company_id, day, account_id, other, n, source_kind)
        SELECT p_company_id, v_day, account_id, -sum(amount - carried)::bigint,
            count(*) + count(*) FILTER (WHERE carried > 0), 'lot'
        FROM numbered GROUP BY account_id
        ON CONFLICT ON CONSTRAINT ledger_day_total_key DO UPDATE
        SET other = d.other + excluded.other, n = d.n + excluded.n
    )
    SELECT count(*), coalesce(sum(n.amount - n.carried), 0) INTO lots, amount FROM numbered n;
END $$;
