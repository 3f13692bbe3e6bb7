-- Many postings by a few set-based statements. Rows come in by COPY into a temporary table that
-- belongs to the owner of these functions: the application may fill it, and can put no trigger or
-- view of its own in its place.

CREATE FUNCTION ledger_open_stage() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET client_min_messages = warning AS $$
BEGIN
    IF to_regclass('pg_temp.ledger_stage') IS NOT NULL THEN
        PERFORM ledger_check_stage();
        TRUNCATE pg_temp.ledger_stage, pg_temp.ledger_leg, pg_temp.ledger_day,
            pg_temp.ledger_need, pg_temp.ledger_wallet, pg_temp.ledger_issue, pg_temp.ledger_fold,
            pg_temp.ledger_outcome;
        RETURN;
    END IF;
    CREATE TEMPORARY TABLE ledger_stage (
        n integer, key text COLLATE "C", kind text COLLATE "C", party_id bigint,
        assets text COLLATE "C", amounts bigint[], effective_on date, fact_on date,
        source_kind text COLLATE "C", source_id bigint, rule_version_id bigint,
        department_id bigint, actor_id bigint, reverses_tx_id bigint, note text
    ) ON COMMIT DELETE ROWS;
    GRANT INSERT ON pg_temp.ledger_stage TO PUBLIC;
    -- The legs of each combination of assets that occurs, with the accounts on the other side.
    CREATE TEMPORARY TABLE ledger_leg (
        assets text COLLATE "C", seq smallint, asset_id bigint, issuance_id bigint,
        adjustment_id bigint, keeps_lots boolean, is_guarded boolean
    ) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE ledger_day (asked date, open date) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE ledger_need (
        party_id bigint, code text COLLATE "C", asset_id bigint
    ) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE ledger_wallet (
        party_id bigint, asset_id bigint, account_id bigint
    ) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE ledger_issue (
        n integer, key text COLLATE "C", hash bytea, tx_id bigint, open_on date,
        status text COLLATE "C", reason text COLLATE "C"
    ) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE ledger_fold (
        account_id bigint, keeps_lots boolean, day date, source_kind text COLLATE "C",
        department_id bigint, earned bigint, deducted bigint, n bigint
    ) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE ledger_outcome (
        n integer, status text COLLATE "C", tx_id bigint, reason text COLLATE "C"
    ) ON COMMIT DELETE ROWS;
END $$;

CREATE FUNCTION ledger_check_stage() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF 8 <> (
        SELECT count(*) FROM pg_class
        WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r'
            AND relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
            AND relname IN ('ledger_stage', 'ledger_leg', 'ledger_day', 'ledger_need',
                'ledger_wallet', 'ledger_issue', 'ledger_fold', 'ledger_outcome')
    ) THEN
        RAISE EXCEPTION 'the staging table is not the ledger''s own' USING ERRCODE = 'ML003';
    END IF;
END $$;

-- Answers one row for each staged row, in its order. Rows that can fail against a balance (taking
-- from an asset with a floor or with lots), repeats of a key within the batch and reversals go one
-- by one after the rest.
CREATE FUNCTION ledger_post_bulk(p_company_id bigint)
RETURNS TABLE (status text, tx_id bigint, reason text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET jit = off SET work_mem = '64MB' AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz;
    v_ready bigint;
    v_written bigint;
    v_row record;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    PERFORM ledger_check_stage();

    INSERT INTO pg_temp.ledger_leg
    SELECT s.assets, c.i, a.asset_id, iss.account_id, adj.account_id, a.keeps_lots,
        a.keeps_lots OR a.wallet_floor IS NOT NULL
    FROM (SELECT DISTINCT assets FROM pg_temp.ledger_stage WHERE reverses_tx_id IS NULL) s
    CROSS JOIN LATERAL string_to_table(s.assets, ',') WITH ORDINALITY AS c (code, i)
    JOIN ledger_asset a ON a.company_id = p_company_id AND a.code = c.code
    JOIN ledger_account iss ON iss.company_id = p_company_id AND iss.asset_id = a.asset_id
        AND iss.kind = 'issuance' AND iss.party_id IS NULL
    JOIN ledger_account adj ON adj.company_id = p_company_id AND adj.asset_id = a.asset_id
        AND adj.kind = 'adjustment' AND adj.party_id IS NULL;

    INSERT INTO pg_temp.ledger_day
    SELECT d.day, ledger_open_day(p_company_id, d.day)
    FROM (SELECT DISTINCT effective_on AS day FROM pg_temp.ledger_stage
          WHERE effective_on BETWEEN '1970-01-01' AND '2999-12-31' ORDER BY 1) d;

    PERFORM ledger_stage_wallets(p_company_id);

    -- Numbers and the time of posting are taken under the locks, so that they follow the order
    -- in which an account moved.
    v_now := clock_timestamp();
    INSERT INTO pg_temp.ledger_issue
    SELECT r.n, r.key, r.hash, CASE r.status WHEN 'new' THEN nextval('ledger_tx_id_seq') END,
        r.open_on, r.status, r.reason
    FROM (
        SELECT q.n, q.key, q.open_on, q.reason,
            CASE WHEN q.reason IS NULL THEN ledger_payload_hash(
                q.kind, q.party_id, q.assets, q.amounts, q.effective_on, q.fact_on, q.source_kind,
                q.source_id, q.rule_version_id, q.department_id) END AS hash,
            CASE WHEN q.reason IS NOT NULL THEN 'refused'
                WHEN q.reverses_tx_id IS NOT NULL
                    OR (0 > ANY (q.amounts) AND EXISTS (
                        SELECT FROM pg_temp.ledger_leg g WHERE g.assets = q.assets
                            AND g.is_guarded AND q.amounts[g.seq] < 0)) THEN 'later'
                ELSE 'new' END AS status
        FROM (
            SELECT s.*, d.open AS open_on, CASE WHEN s.reverses_tx_id IS NULL THEN coalesce(
                ledger_flaw(s.key, s.kind, s.amounts, s.effective_on, s.fact_on, s.source_kind,
                    s.source_id),
                shape.reason,
                CASE WHEN shape.legs <> cardinality(s.amounts) THEN 'bad_assets' END,
                CASE WHEN p.id IS NULL THEN 'unknown_party' END,
                CASE WHEN s.department_id IS NOT NULL AND o.id IS NULL
                    THEN 'unknown_department' END) END AS reason
            FROM pg_temp.ledger_stage s
            LEFT JOIN pg_temp.ledger_day d ON d.asked = s.effective_on
            LEFT JOIN (
                SELECT x.assets, cardinality(x.codes) AS legs,
                    CASE WHEN cardinality(x.codes) = 0 OR EXISTS (
                            SELECT FROM generate_series(2, cardinality(x.codes)) AS i
                            WHERE x.codes[i] COLLATE "C" <= x.codes[i - 1]) THEN 'bad_assets'
                        WHEN cardinality(x.codes) <> (
                            SELECT count(*) FROM pg_temp.ledger_leg g WHERE g.assets = x.assets)
                            THEN 'unknown_asset' END AS reason
                FROM (SELECT DISTINCT assets, string_to_array(assets, ',') AS codes
                      FROM pg_temp.ledger_stage) x
            ) shape ON shape.assets = s.assets
            LEFT JOIN org_party p ON p.company_id = p_company_id AND p.id = s.party_id
            LEFT JOIN org_department o
                ON o.company_id = p_company_id AND o.id = s.department_id
        ) q
        ORDER BY q.n
    ) r;

    -- A key that occurs twice in the batch: the first one posts, the others meet it later.
    UPDATE pg_temp.ledger_issue i SET status = 'later'
    FROM (SELECT key, min(n) AS n FROM pg_temp.ledger_issue WHERE status <> 'refused'
          GROUP BY key HAVING count(*) > 1) repeat
    WHERE i.key = repeat.key AND i.n <> repeat.n AND i.status = 'new';

    SELECT count(*) INTO v_ready FROM pg_temp.ledger_issue WHERE status = 'new';
    -- Sorted by key: two batches that share keys wait for each other in one direction.
    INSERT INTO ledger_tx (
        company_id, tx_id, posted_at, source_id, rule_version_id, actor_id, effective_on, fact_on,
        kind, source_kind, idem_key, idem_hash)
    SELECT p_company_id, i.tx_id, v_now, s.source_id, s.rule_version_id, s.actor_id, i.open_on,
        s.fact_on, s.kind, s.source_kind, i.key, i.hash
    FROM pg_temp.ledger_issue i JOIN pg_temp.ledger_stage s USING (n)
    WHERE i.status = 'new'
    ORDER BY i.key
    ON CONFLICT ON CONSTRAINT ledger_tx_idem_key DO NOTHING;
    GET DIAGNOSTICS v_written = ROW_COUNT;
    IF v_written < v_ready THEN
        UPDATE pg_temp.ledger_issue i
        SET tx_id = t.tx_id,
            status = CASE WHEN t.idem_hash = i.hash THEN 'duplicate' ELSE 'conflict' END,
            reason = CASE WHEN t.idem_hash <> i.hash THEN 'key_reused' END
        FROM ledger_tx t
        WHERE t.company_id = p_company_id AND t.idem_key = i.key AND i.status = 'new'
            AND t.tx_id <> i.tx_id;
    END IF;
    IF v_written > 0 THEN
        PERFORM ledger_write_stage(p_company_id, v_now);
    END IF;

    FOR v_row IN
        SELECT s.* FROM pg_temp.ledger_issue i JOIN pg_temp.ledger_stage s USING (n)
        WHERE i.status = 'later' ORDER BY (s.reverses_tx_id IS NOT NULL), s.n
    LOOP
        IF v_row.reverses_tx_id IS NULL THEN
            INSERT INTO pg_temp.ledger_outcome
            SELECT v_row.n, r.status, r.tx_id, r.reason FROM ledger_post(
                p_company_id, v_row.key, v_row.kind, v_row.party_id,
                string_to_array(v_row.assets, ','), v_row.amounts, v_row.effective_on,
                v_row.fact_on, v_row.source_kind, v_row.source_id, v_row.rule_version_id,
                v_row.department_id, v_row.actor_id) r;
        ELSE
            INSERT INTO pg_temp.ledger_outcome
            SELECT v_row.n, r.status, r.tx_id, r.reason FROM ledger_reverse(
                p_company_id, v_row.reverses_tx_id, v_row.key, v_row.fact_on, v_row.actor_id, '',
                string_to_array(v_row.assets, ','), v_row.amounts) r;
        END IF;
    END LOOP;

    RETURN QUERY
    SELECT coalesce(o.status, i.status),
        CASE WHEN o.n IS NULL THEN CASE WHEN i.status <> 'refused' THEN i.tx_id END
            ELSE o.tx_id END,
        coalesce(o.reason, i.reason)
    FROM pg_temp.ledger_issue i LEFT JOIN pg_temp.ledger_outcome o USING (n)
    ORDER BY i.n;
END $$;

-- The wallets that the batch touches: open the missing ones, lock all of them.
CREATE FUNCTION ledger_stage_wallets(p_company_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
BEGIN
    TRUNCATE pg_temp.ledger_need, pg_temp.ledger_wallet;
    INSERT INTO pg_temp.ledger_need
    SELECT DISTINCT s.party_id, a.code, g.asset_id
    FROM (SELECT DISTINCT party_id, assets FROM pg_temp.ledger_stage) s
    JOIN pg_temp.ledger_leg g ON g.assets = s.assets
    JOIN ledger_asset a ON a.company_id = p_company_id AND a.asset_id = g.asset_id;

    PERFORM ledger_open_wallets(p_company_id, m.parties, ARRAY[m.code])
    FROM (
        SELECT n.code, array_agg(n.party_id) AS parties
        FROM pg_temp.ledger_need n
        LEFT JOIN ledger_account w ON w.company_id = p_company_id AND w.party_id = n.party_id
            AND w.asset_id = n.asset_id AND w.kind = 'wallet'
        WHERE w.account_id IS NULL
        GROUP BY n.code ORDER BY n.code
    ) m;

    INSERT INTO pg_temp.ledger_wallet
    SELECT n.party_id, n.asset_id, w.account_id
    FROM pg_temp.ledger_need n
    JOIN ledger_account w ON w.company_id = p_company_id AND w.party_id = n.party_id
        AND w.asset_id = n.asset_id AND w.kind = 'wallet';

    PERFORM FROM ledger_balance b
    WHERE b.company_id = p_company_id AND b.account_id IN (
        SELECT account_id FROM pg_temp.ledger_wallet
        UNION ALL
        SELECT unnest(ARRAY[f.debit_id, f.credit_id])
        FROM pg_temp.ledger_stage s JOIN ledger_transfer f
            ON f.company_id = p_company_id AND f.tx_id = s.reverses_tx_id
        WHERE s.reverses_tx_id IS NOT NULL)
    ORDER BY b.account_id FOR UPDATE;
END $$;

-- Transfers of the issues that are new, and the folds of them.
CREATE FUNCTION ledger_write_stage(p_company_id bigint, p_now timestamptz) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp SET jit = off SET work_mem = '64MB' AS $$
BEGIN
    WITH leg AS MATERIALIZED (
        SELECT i.tx_id, g.seq, g.asset_id, w.account_id, g.issuance_id, g.adjustment_id,
            g.keeps_lots, s.amounts[g.seq] AS amount, i.open_on, s.department_id, s.source_kind
        FROM pg_temp.ledger_issue i
        JOIN pg_temp.ledger_stage s USING (n)
        JOIN pg_temp.ledger_leg g ON g.assets = s.assets
        JOIN pg_temp.ledger_wallet w ON w.party_id = s.party_id AND w.asset_id = g.asset_id
        WHERE i.status = 'new'
    ), written AS (
        INSERT INTO ledger_transfer (
            company_id, tx_id, asset_id, debit_id, credit_id, amount, posted_at, department_id,
            effective_on, expires_on, seq)
        SELECT p_company_id, tx_id, asset_id,
            CASE WHEN amount > 0 THEN issuance_id ELSE account_id END,
            CASE WHEN amount > 0 THEN account_id ELSE adjustment_id END,
            abs(amount), p_now, department_id, open_on,
            CASE WHEN keeps_lots AND amount > 0 THEN date 'infinity' END, seq
        FROM leg
    )
    INSERT INTO pg_temp.ledger_fold
    SELECT account_id, keeps_lots, open_on, source_kind, department_id,
        sum(greatest(amount, 0)), sum(greatest(-amount, 0)), count(*)
    FROM leg
    GROUP BY account_id, keeps_lots, open_on, source_kind, department_id;

    WITH moved AS (
        UPDATE ledger_balance b
        SET posted = b.posted + f.gain, version = b.version + 1
        FROM (SELECT account_id, keeps_lots, sum(earned - deducted)::bigint AS gain
              FROM pg_temp.ledger_fold GROUP BY account_id, keeps_lots) f
        WHERE b.company_id = p_company_id AND b.account_id = f.account_id
        RETURNING b.account_id, b.posted, f.gain, f.keeps_lots
    )
    -- Only gains reach an asset with lots here; what repays a debt is in no lot.
    INSERT INTO ledger_lot AS l (company_id, account_id, expires_on, granted)
    SELECT p_company_id, account_id, 'infinity', greatest(posted, 0) - greatest(posted - gain, 0)
    FROM moved WHERE keeps_lots
    ON CONFLICT ON CONSTRAINT ledger_lot_pkey DO UPDATE SET granted = l.granted + excluded.granted;

    INSERT INTO ledger_day_total AS d (
        company_id, day, account_id, department_id, earned, deducted, n, source_kind)
    SELECT p_company_id, day, account_id, department_id, earned, deducted, n, source_kind
    FROM pg_temp.ledger_fold
    ON CONFLICT ON CONSTRAINT ledger_day_total_key DO UPDATE
    SET earned = d.earned + excluded.earned, deducted = d.deducted + excluded.deducted,
        n = d.n + excluded.n;

    INSERT INTO ledger_change AS c (company_id, day, account_id)
    SELECT DISTINCT p_company_id, day, account_id FROM pg_temp.ledger_fold
    ON CONFLICT ON CONSTRAINT ledger_change_pkey DO UPDATE SET version = c.version + 1;
END $$;

-- The staged rows name a transaction, a key, and perhaps a part. All wallets are locked first.
CREATE FUNCTION ledger_reverse_bulk(p_company_id bigint)
RETURNS TABLE (status text, tx_id bigint, reason text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_row record;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    PERFORM ledger_check_stage();
    PERFORM ledger_open_day(p_company_id, m.month)
    FROM (SELECT DISTINCT date_trunc('month', t.effective_on)::date AS month
          FROM pg_temp.ledger_stage s JOIN ledger_tx t
              ON t.company_id = p_company_id AND t.tx_id = s.reverses_tx_id
          ORDER BY 1) m;
    PERFORM ledger_stage_wallets(p_company_id);
    FOR v_row IN SELECT s.* FROM pg_temp.ledger_stage s ORDER BY s.n LOOP
        RETURN QUERY SELECT r.status, r.tx_id, r.reason FROM ledger_reverse(
            p_company_id, v_row.reverses_tx_id, v_row.key, v_row.fact_on, v_row.actor_id,
            v_row.note, string_to_array(nullif(v_row.assets, ''), ','),
            CASE WHEN v_row.assets <> '' THEN v_row.amounts END) r;
    END LOOP;
END $$;
