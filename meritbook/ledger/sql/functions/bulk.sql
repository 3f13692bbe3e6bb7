-- Many postings by a few set-based statements. Rows come in by COPY into a temporary table that
-- belongs to the owner of these functions: the application may fill it, and can put no trigger or
-- view of its own in its place.

CREATE FUNCTION ledger_open_stage() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET client_min_messages = warning AS $$
BEGIN
    IF to_regclass('pg_temp.ledger_stage') IS NOT NULL THEN
        PERFORM ledger_check_stage();
        -- A commit empties them; only the second batch of a transaction finds something.
        IF EXISTS (SELECT FROM pg_temp.ledger_stage) THEN
            TRUNCATE pg_temp.ledger_stage, pg_temp.ledger_leg, pg_temp.ledger_day,
                pg_temp.ledger_need, pg_temp.ledger_wallet, pg_temp.ledger_repeat, pg_temp.ledger_fold,
                pg_temp.ledger_until, pg_temp.ledger_outcome;
        END IF;
        RETURN;
    END IF;
    CREATE TEMPORARY TABLE ledger_stage (
        n integer, key text COLLATE "C", kind text COLLATE "C", party_id bigint,
        assets text COLLATE "C", amounts bigint[], effective_on date, fact_on date,
        source_kind text COLLATE "C", source_id bigint, rule_version_id bigint,
        department_id bigint, actor_id bigint, reverses_tx_id bigint, note text,
        caps bigint[], is_pending boolean, quota_party_id bigint, quota_amount bigint,
        asked bigint[], cap_reason text COLLATE "C"
    ) ON COMMIT DELETE ROWS;
    GRANT INSERT (n, key, kind, party_id, assets, amounts, effective_on, fact_on, source_kind,
        source_id, rule_version_id, department_id, actor_id, reverses_tx_id, note, caps, is_pending,
        quota_party_id, quota_amount) ON pg_temp.ledger_stage TO PUBLIC;
    -- The legs of each combination of assets that occurs, with the accounts on the other side.
    CREATE TEMPORARY TABLE ledger_leg (
        assets text COLLATE "C", seq smallint, asset_id bigint, issuance_id bigint,
        adjustment_id bigint, keeps_lots boolean, is_guarded boolean, lapses boolean,
        legs integer, flaw text
    ) ON COMMIT DELETE ROWS;
    -- The last day of what is granted on a day, for assets whose points lapse.
    CREATE TEMPORARY TABLE ledger_until (asset_id bigint, day date, until date)
        ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE ledger_day (asked date, open date) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE ledger_need (
        party_id bigint, code text COLLATE "C", asset_id bigint
    ) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE ledger_wallet (
        party_id bigint, asset_id bigint, account_id bigint
    ) ON COMMIT DELETE ROWS;
    -- Rows that go one by one: repeats of a key, publicity, quotas, wallets that are archived or in
    -- debt of points that lapse.
    CREATE TEMPORARY TABLE ledger_repeat (n integer) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE ledger_fold (
        account_id bigint, keeps_lots boolean, until date, day date,
        source_kind text COLLATE "C", department_id bigint, earned bigint, deducted bigint, n bigint
    ) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE ledger_outcome (
        n integer, status text COLLATE "C", tx_id bigint, reason text COLLATE "C"
    ) ON COMMIT DELETE ROWS;
END $$;

CREATE FUNCTION ledger_check_stage() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF 9 <> (
        SELECT count(*) FROM pg_class
        WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r'
            AND relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
            AND relname IN ('ledger_stage', 'ledger_leg', 'ledger_day', 'ledger_need',
                'ledger_wallet', 'ledger_repeat', 'ledger_fold', 'ledger_until', 'ledger_outcome')
    ) THEN
        RAISE EXCEPTION 'the staging table is not the ledger''s own' USING ERRCODE = 'ML003';
    END IF;
END $$;

-- Answers one row for each staged row, in its order. Rows that can fail against a balance (taking
-- from an asset with a floor or with lots), repeats of a key within the batch and reversals go one
-- by one after the rest.
CREATE FUNCTION ledger_post_bulk(p_company_id bigint)
RETURNS TABLE (status text, tx_id bigint, reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET work_mem = '64MB' AS $$
#variable_conflict use_column
DECLARE
    v_stage record;
    v_has_caps boolean;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    PERFORM ledger_check_stage();
    v_stage := ledger_stage_traits();
    PERFORM ledger_stage_legs(p_company_id, v_stage.has_reversals);
    PERFORM ledger_open_stage_wallets(p_company_id);
    v_has_caps := (v_stage.has_caps OR v_stage.has_reversals)
        AND ledger_lock_caps_of_stage(p_company_id);
    PERFORM ledger_stage_wallets(p_company_id, v_stage.has_reversals, v_stage.has_others);
    LOOP
        BEGIN
            IF v_has_caps THEN
                PERFORM ledger_take_caps_of_stage(p_company_id);
            END IF;
            PERFORM ledger_write_stage(p_company_id);
            IF v_has_caps THEN
                PERFORM ledger_note_caps_of_stage(p_company_id);
            END IF;
            EXIT;
        EXCEPTION WHEN unique_violation THEN
            -- Another session posted one of the keys between our look and our insert: look again.
            CONTINUE;
        END;
    END LOOP;
    IF v_stage.n > (SELECT count(*) FROM pg_temp.ledger_outcome) THEN
        PERFORM ledger_write_rest(p_company_id);
    END IF;
    IF v_has_caps THEN
        PERFORM ledger_settle_caps_of_stage(p_company_id);
    END IF;
    RETURN QUERY
    SELECT o.status, o.tx_id, o.reason FROM pg_temp.ledger_outcome o ORDER BY o.n;
END $$;

-- How many rows there are and what occurs among them, by one look at the stage: reversals, caps,
-- accounts beside the party's wallets (publicity, quotas).
CREATE FUNCTION ledger_stage_traits(
    OUT n bigint, OUT has_reversals boolean, OUT has_caps boolean, OUT has_others boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
BEGIN
    SELECT count(*), count(s.reverses_tx_id) > 0, count(s.caps) > 0,
        count(CASE WHEN s.is_pending OR s.quota_party_id IS NOT NULL THEN 1 END) > 0
    INTO n, has_reversals, has_caps, has_others
    FROM pg_temp.ledger_stage s;
END $$;

-- The legs of each combination of assets, the open day of each day, the repeats of each key.
CREATE FUNCTION ledger_stage_legs(p_company_id bigint, p_has_reversals boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET jit = off
-- The stage has no statistics: what is distinct is hashed, however few rows the planner expects.
SET enable_sort = off SET work_mem = '64MB' AS $$
BEGIN
    INSERT INTO pg_temp.ledger_leg
    WITH combination AS MATERIALIZED (
        SELECT DISTINCT assets FROM pg_temp.ledger_stage WHERE reverses_tx_id IS NULL
    ), leg AS (
        SELECT x.assets, c.seq, a.asset_id, iss.account_id AS issuance_id,
            adj.account_id AS adjustment_id, a.keeps_lots,
            a.keeps_lots OR a.wallet_floor IS NOT NULL AS is_guarded,
            a.keeps_lots AND a.expiry <> 'never' AS lapses,
            count(a.asset_id) OVER (PARTITION BY x.assets) AS known,
            count(*) OVER (PARTITION BY x.assets) AS named,
            lag(c.code) OVER (PARTITION BY x.assets ORDER BY c.seq) COLLATE "C" >= c.code
                AS is_disordered
        FROM combination x
        CROSS JOIN LATERAL string_to_table(x.assets, ',') WITH ORDINALITY AS c (code, seq)
        LEFT JOIN ledger_asset a ON a.company_id = p_company_id AND a.code = c.code
        LEFT JOIN ledger_account iss ON iss.company_id = p_company_id
            AND iss.asset_id = a.asset_id AND iss.kind = 'issuance' AND iss.party_id IS NULL
        LEFT JOIN ledger_account adj ON adj.company_id = p_company_id
            AND adj.asset_id = a.asset_id AND adj.kind = 'adjustment' AND adj.party_id IS NULL
    )
    SELECT assets, seq, asset_id, issuance_id, adjustment_id, keeps_lots, is_guarded, lapses, named,
        CASE WHEN bool_or(is_disordered) OVER (PARTITION BY assets) THEN 'bad_assets'
            WHEN known < named THEN 'unknown_asset' END
    FROM leg;

    -- Ascending, as every session takes the locks of several months.
    INSERT INTO pg_temp.ledger_day
    SELECT d.day, ledger_open_day(p_company_id, d.day)
    FROM (SELECT DISTINCT effective_on AS day FROM pg_temp.ledger_stage
          WHERE effective_on BETWEEN '1970-01-01' AND '2999-12-31'
              AND reverses_tx_id IS NULL
          ORDER BY 1) d;
    IF p_has_reversals THEN
        PERFORM ledger_open_day(p_company_id, d.day)
        FROM (SELECT t.effective_on AS day
              FROM pg_temp.ledger_stage s JOIN ledger_tx t
                  ON t.company_id = p_company_id AND t.tx_id = s.reverses_tx_id
              WHERE s.reverses_tx_id IS NOT NULL
              UNION
              SELECT r.effective_on
              FROM pg_temp.ledger_stage s JOIN ledger_tx r
                  ON r.company_id = p_company_id AND r.about_tx_id = s.reverses_tx_id
              WHERE s.reverses_tx_id IS NOT NULL
              ORDER BY 1) d;
    END IF;

    INSERT INTO pg_temp.ledger_until
    SELECT a.asset_id, d.open, ledger_last_day(a.expiry, a.expiry_count, a.expiry_period,
        a.expiry_month, a.expiry_day, a.grace_days, d.open)
    FROM (SELECT DISTINCT asset_id FROM pg_temp.ledger_leg WHERE lapses) g
    JOIN ledger_asset a ON a.company_id = p_company_id AND a.asset_id = g.asset_id
    CROSS JOIN (SELECT DISTINCT open FROM pg_temp.ledger_day) d;

    INSERT INTO pg_temp.ledger_repeat
    SELECT s.n
    FROM (SELECT key, min(n) AS n FROM pg_temp.ledger_stage GROUP BY key HAVING count(*) > 1) r
    JOIN pg_temp.ledger_stage s ON s.key = r.key AND s.n > r.n
    UNION
    SELECT n FROM pg_temp.ledger_stage WHERE is_pending OR quota_party_id IS NOT NULL;
END $$;

-- Find the wallets that the batch touches; open those that are missing. Before caps are locked, as in a
-- single posting: who opens a wallet keeps others from opening it until the end.
CREATE FUNCTION ledger_open_stage_wallets(p_company_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
BEGIN
    INSERT INTO pg_temp.ledger_need
    SELECT DISTINCT s.party_id, a.code, g.asset_id
    FROM (SELECT DISTINCT party_id, assets FROM pg_temp.ledger_stage) s
    JOIN pg_temp.ledger_leg g ON g.assets = s.assets AND g.flaw IS NULL
    JOIN ledger_asset a ON a.company_id = p_company_id AND a.asset_id = g.asset_id;

    PERFORM ledger_open_wallets(p_company_id, m.parties, ARRAY[m.code])
    FROM (
        SELECT n.code, array_agg(n.party_id) AS parties
        FROM pg_temp.ledger_need n
        WHERE (
            SELECT w.account_id FROM ledger_account w
            WHERE w.company_id = p_company_id AND w.party_id = n.party_id
                AND w.asset_id = n.asset_id AND w.kind = 'wallet') IS NULL
        GROUP BY n.code ORDER BY n.code
    ) m;

    INSERT INTO pg_temp.ledger_wallet
    SELECT n.party_id, n.asset_id, w.account_id
    FROM pg_temp.ledger_need n
    CROSS JOIN LATERAL (
        SELECT a.account_id FROM ledger_account a
        WHERE a.company_id = p_company_id AND a.party_id = n.party_id
            AND a.asset_id = n.asset_id AND a.kind = 'wallet'
        OFFSET 0
    ) w;
END $$;

-- Lock the wallets that the batch touches.
CREATE FUNCTION ledger_stage_wallets(
    p_company_id bigint, p_has_reversals boolean, p_has_others boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
DECLARE
    v_odd bigint[];
BEGIN
    IF p_has_others THEN
        INSERT INTO pg_temp.ledger_wallet
        SELECT NULL::bigint, NULL::bigint, ledger_party_account(
            p_company_id, a.asset_id, 'wallet', q.party_id)
        FROM (SELECT DISTINCT quota_party_id AS party_id FROM pg_temp.ledger_stage
              WHERE quota_party_id IS NOT NULL) q
        JOIN ledger_asset a ON a.company_id = p_company_id AND a.code = 'quota'
        UNION
        SELECT NULL, NULL, ledger_party_account(
            p_company_id, g.asset_id, 'pending', q.party_id)
        FROM (SELECT DISTINCT party_id, assets FROM pg_temp.ledger_stage WHERE is_pending) q
        JOIN pg_temp.ledger_leg g ON g.assets = q.assets AND g.flaw IS NULL;
    END IF;
    IF p_has_reversals THEN
        INSERT INTO pg_temp.ledger_wallet
        SELECT DISTINCT NULL::bigint, NULL::bigint, unnest(
            ARRAY[f.debit_id, f.credit_id, w.account_id])
        FROM pg_temp.ledger_stage s JOIN ledger_transfer f
            ON f.company_id = p_company_id AND f.tx_id = s.reverses_tx_id
        -- With the wallets into which what waits in publicity is released.
        LEFT JOIN ledger_account c ON c.company_id = p_company_id
            AND c.account_id = f.credit_id AND c.kind = 'pending'
        LEFT JOIN ledger_account w ON w.company_id = p_company_id AND w.party_id = c.party_id
            AND w.asset_id = c.asset_id AND w.kind = 'wallet'
        WHERE s.reverses_tx_id IS NOT NULL;
    END IF;
    SELECT array_agg(l.account_id) FILTER (WHERE l.state = 'archived' OR l.posted < 0)
    INTO v_odd
    FROM (
        SELECT b.account_id, b.state, b.posted FROM ledger_balance b
        WHERE b.company_id = p_company_id
            AND b.account_id = ANY (ARRAY(SELECT account_id FROM pg_temp.ledger_wallet))
        ORDER BY b.account_id FOR UPDATE
    ) l;
    IF v_odd IS NOT NULL THEN
        INSERT INTO pg_temp.ledger_repeat
        SELECT s.n
        FROM (
            SELECT DISTINCT w.party_id
            FROM (SELECT * FROM pg_temp.ledger_wallet
                WHERE party_id IS NOT NULL AND account_id = ANY (v_odd) OFFSET 0) w
            CROSS JOIN LATERAL (
                SELECT l.state FROM ledger_balance l
                WHERE l.company_id = p_company_id AND l.account_id = w.account_id OFFSET 0
            ) b
            WHERE b.state = 'archived' OR EXISTS (
                SELECT FROM pg_temp.ledger_leg g WHERE g.asset_id = w.asset_id AND g.lapses)
            OFFSET 0
        ) p
        JOIN pg_temp.ledger_stage s ON s.party_id = p.party_id
        EXCEPT SELECT n FROM pg_temp.ledger_repeat;
    END IF;
END $$;

-- Classify every row, write transactions, transfers and their folds. Under the wallets' locks, so
-- that numbers and the time of posting follow the order in which an account moved.
CREATE FUNCTION ledger_write_stage(p_company_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
SET jit = off SET enable_mergejoin = off SET work_mem = '64MB' AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    -- OFFSET 0 keeps each expression from being copied into all that use it. Parties and departments
    -- are looked up once each; who is no party of the company got no wallet above.
    WITH issue AS MATERIALIZED (
        SELECT q.*, CASE q.status WHEN 'new' THEN nextval('ledger_tx_id_seq') END AS tx_id
        FROM (
            SELECT h.n, h.key, h.kind, h.party_id, h.assets, h.amounts, h.open_on, h.fact_on,
                h.source_kind, h.source_id, h.rule_version_id, h.department_id, h.actor_id,
                h.cap_reason, h.reason, h.hash, t.tx_id AS found_id,
                CASE WHEN h.reason IS NOT NULL THEN 'refused'
                    WHEN h.is_later THEN 'later'
                    WHEN t.tx_id IS NULL THEN 'new'
                    WHEN t.idem_hash = h.hash THEN 'duplicate'
                    ELSE 'conflict' END AS status
            FROM (
                SELECT f.*, CASE WHEN f.reason IS NULL AND NOT f.is_later
                    THEN ledger_payload_hash(
                        f.kind, f.party_id, f.assets, coalesce(f.asked, f.amounts), f.effective_on,
                        f.fact_on,
                        f.source_kind, f.source_id, f.rule_version_id, f.department_id)
                    END AS hash
                FROM (
                    SELECT s.n, s.key, s.kind, s.party_id, s.assets, s.amounts, s.asked,
                        s.effective_on, s.fact_on, s.source_kind, s.source_id, s.rule_version_id,
                        s.department_id, s.actor_id, s.cap_reason, d.open AS open_on,
                        s.reverses_tx_id IS NOT NULL OR r.n IS NOT NULL
                            OR (0 > ANY (s.amounts) AND EXISTS (
                                SELECT FROM pg_temp.ledger_leg g WHERE g.assets = s.assets
                                    AND g.is_guarded AND s.amounts[g.seq] < 0)) AS is_later,
                        CASE WHEN s.reverses_tx_id IS NULL THEN coalesce(
                            ledger_flaw(s.key, s.kind, coalesce(s.asked, s.amounts), s.effective_on,
                                s.fact_on,
                                s.source_kind, s.source_id),
                            CASE WHEN c.legs IS DISTINCT FROM cardinality(s.amounts)
                                    THEN 'bad_assets'
                                WHEN c.flaw IS NOT NULL THEN c.flaw
                                WHEN p.party_id IS NULL THEN 'unknown_party'
                                WHEN s.department_id IS NOT NULL AND o.department_id IS NULL
                                    THEN 'unknown_department'
                                WHEN s.cap_reason IN ('cap_reached', 'unknown_cap')
                                    THEN s.cap_reason END) END AS reason
                    FROM pg_temp.ledger_stage s
                    LEFT JOIN pg_temp.ledger_day d ON d.asked = s.effective_on
                    LEFT JOIN pg_temp.ledger_repeat r ON r.n = s.n
                    LEFT JOIN (SELECT DISTINCT assets, legs, flaw FROM pg_temp.ledger_leg) c
                        ON c.assets = s.assets
                    LEFT JOIN (
                        SELECT DISTINCT party_id FROM pg_temp.ledger_wallet
                        WHERE party_id IS NOT NULL
                    ) p ON p.party_id = s.party_id
                    LEFT JOIN (
                        SELECT x.department_id FROM (
                            SELECT DISTINCT department_id FROM pg_temp.ledger_stage
                            WHERE department_id IS NOT NULL
                        ) x
                        WHERE (SELECT o.id FROM org_department o
                            WHERE o.company_id = p_company_id AND o.id = x.department_id)
                            IS NOT NULL
                        OFFSET 0
                    ) o ON o.department_id = s.department_id
                    OFFSET 0
                ) f
                OFFSET 0
            ) h
            LEFT JOIN LATERAL (
                SELECT x.tx_id, x.idem_hash FROM ledger_tx x
                WHERE x.company_id = p_company_id AND x.idem_key = h.key
                LIMIT 1
            ) t ON true
            OFFSET 0
        ) q
    ), transaction AS (
        -- By key: two batches that share keys wait for each other in one direction.
        INSERT INTO ledger_tx (
            company_id, tx_id, posted_at, source_id, rule_version_id, actor_id, effective_on,
            fact_on, kind, source_kind, idem_key, idem_hash)
        SELECT p_company_id, tx_id, v_now, source_id, rule_version_id, actor_id, open_on, fact_on,
            kind, source_kind, key, hash
        FROM issue WHERE status = 'new' ORDER BY key
    ), leg AS MATERIALIZED (
        SELECT i.tx_id, g.seq, g.asset_id, w.account_id, g.issuance_id, g.adjustment_id,
            g.keeps_lots, i.amounts[g.seq] AS amount, i.open_on, i.department_id, i.source_kind,
            CASE WHEN g.keeps_lots AND i.amounts[g.seq] > 0
                THEN coalesce(u.until, 'infinity') END AS until
        FROM issue i
        JOIN pg_temp.ledger_leg g ON g.assets = i.assets
        JOIN pg_temp.ledger_wallet w ON w.party_id = i.party_id AND w.asset_id = g.asset_id
        LEFT JOIN pg_temp.ledger_until u ON u.asset_id = g.asset_id AND u.day = i.open_on
        WHERE i.status = 'new' AND i.amounts[g.seq] <> 0
    ), transfer AS (
        INSERT INTO ledger_transfer (
            company_id, tx_id, asset_id, debit_id, credit_id, amount, posted_at, department_id,
            effective_on, expires_on, seq)
        SELECT p_company_id, tx_id, asset_id,
            CASE WHEN amount > 0 THEN issuance_id ELSE account_id END,
            CASE WHEN amount > 0 THEN account_id ELSE adjustment_id END,
            abs(amount), v_now, department_id, open_on, until, seq
        FROM leg
    ), fold AS (
        INSERT INTO pg_temp.ledger_fold
        SELECT account_id, keeps_lots, until, open_on, source_kind, department_id,
            sum(greatest(amount, 0)), sum(greatest(-amount, 0)), count(*)
        FROM leg
        GROUP BY account_id, keeps_lots, until, open_on, source_kind, department_id
    )
    INSERT INTO pg_temp.ledger_outcome
    SELECT n, CASE WHEN status = 'new' AND cap_reason IS NOT NULL THEN 'capped' ELSE status END,
        coalesce(tx_id, found_id), CASE status WHEN 'conflict' THEN 'key_reused'
            WHEN 'new' THEN cap_reason ELSE reason END
    FROM issue WHERE status <> 'later';

    -- What is there is found by its key, row by row: a join would be planned from statistics that
    -- may know nothing of a young company. Only gains reach an asset with lots here; what repays a
    -- debt is in no lot. (Who is in debt of points that lapse goes one by one.)
    INSERT INTO ledger_lot AS l (company_id, account_id, expires_on, granted)
    SELECT p_company_id, account_id, until, CASE until WHEN 'infinity'
        THEN greatest(posted + gain, 0) - greatest(posted, 0) ELSE gain END
    FROM (
        SELECT f.account_id, f.until, sum(f.earned)::bigint AS gain, (
                SELECT b.posted FROM ledger_balance b
                WHERE b.company_id = p_company_id AND b.account_id = f.account_id) AS posted
        FROM pg_temp.ledger_fold f WHERE f.keeps_lots
        GROUP BY f.account_id, f.until
        OFFSET 0
    ) g
    ON CONFLICT ON CONSTRAINT ledger_lot_pkey DO UPDATE SET granted = l.granted + excluded.granted;

    INSERT INTO ledger_balance AS b (company_id, account_id, posted, version)
    SELECT p_company_id, account_id, sum(earned - deducted)::bigint, 1
    FROM pg_temp.ledger_fold GROUP BY account_id
    ON CONFLICT ON CONSTRAINT ledger_balance_pkey DO UPDATE
    SET posted = b.posted + excluded.posted, version = b.version + 1;

    INSERT INTO ledger_day_total AS d (
        company_id, day, account_id, department_id, earned, deducted, n, source_kind)
    SELECT p_company_id, day, account_id, department_id, earned, deducted, n, source_kind
    FROM pg_temp.ledger_fold
    ON CONFLICT ON CONSTRAINT ledger_day_total_key DO UPDATE
    SET earned = d.earned + excluded.earned, deducted = d.deducted + excluded.deducted,
        n = d.n + excluded.n;
END $$;

-- What the set-based statements left, one by one, reversals last.
CREATE FUNCTION ledger_write_rest(p_company_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET enable_mergejoin = off AS $$
DECLARE
    v_row record;
BEGIN
    FOR v_row IN
        SELECT s.* FROM pg_temp.ledger_stage s
        LEFT JOIN pg_temp.ledger_outcome o ON o.n = s.n
        WHERE o.n IS NULL ORDER BY (s.reverses_tx_id IS NOT NULL), s.n
    LOOP
        IF v_row.reverses_tx_id IS NULL THEN
            INSERT INTO pg_temp.ledger_outcome
            SELECT v_row.n, r.status, r.tx_id, r.reason FROM ledger_post(
                p_company_id, v_row.key, v_row.kind, v_row.party_id,
                string_to_array(v_row.assets, ','), v_row.amounts, v_row.effective_on,
                v_row.fact_on, v_row.source_kind, v_row.source_id, v_row.rule_version_id,
                v_row.department_id, v_row.actor_id, v_row.caps,
                coalesce(v_row.is_pending, false), v_row.quota_party_id, v_row.quota_amount) r;
        ELSE
            INSERT INTO pg_temp.ledger_outcome
            SELECT v_row.n, r.status, r.tx_id, r.reason FROM ledger_reverse(
                p_company_id, v_row.reverses_tx_id, v_row.key, v_row.fact_on, v_row.actor_id,
                v_row.note, string_to_array(nullif(v_row.assets, ''), ','),
                CASE WHEN v_row.assets <> '' THEN v_row.amounts END) r;
        END IF;
    END LOOP;
END $$;

-- The staged rows name a transaction, a key, and perhaps a part.
CREATE FUNCTION ledger_reverse_bulk(p_company_id bigint)
RETURNS TABLE (status text, tx_id bigint, reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    PERFORM ledger_check_stage();
    PERFORM ledger_stage_legs(p_company_id, true);
    PERFORM ledger_open_stage_wallets(p_company_id);
    PERFORM ledger_lock_caps_of_stage(p_company_id);
    PERFORM ledger_stage_wallets(p_company_id, true, false);
    PERFORM ledger_write_rest(p_company_id);
    RETURN QUERY
    SELECT o.status, o.tx_id, o.reason FROM pg_temp.ledger_outcome o ORDER BY o.n;
END $$;
