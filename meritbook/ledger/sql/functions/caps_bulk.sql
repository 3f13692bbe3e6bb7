-- Caps of a whole stage, by a few statements. For ledger_post_bulk and ledger_reverse_bulk. The
-- stage needs the columns caps bigint[] (null: none), asked bigint[] and cap_reason text (both
-- empty: they are filled here).
--   ledger_lock_caps_of_stage(p_company_id) → boolean
--     after ledger_stage_legs (months), before ledger_stage_wallets: makes and locks the buckets of
--     all staged rows, those of the transactions to be reversed too. False: no row has to do with
--     caps, and none of the other functions need be called.
--   ledger_take_caps_of_stage(p_company_id)
--     inside the block that is tried again, before ledger_write_stage: of the rows that are new
--     and can be posted, in their order, takes what there is room for. Of a row that was cut the
--     amounts asked for are in asked (the payload's hash is of them: coalesce(asked, amounts)),
--     amounts are those to post (a leg of 0 has no transfer) and cap_reason says 'cap_clipped' or
--     'cap_queued' (posted, with status 'capped' and this reason), 'cap_reached' or 'unknown_cap'
--     (refused).
--   ledger_note_caps_of_stage(p_company_id)
--     inside the block, after the outcomes are written: notes uses and cuts of the rows that were
--     posted and gives back what others had taken.
--   ledger_settle_caps_of_stage(p_company_id)
--     at the end: takes back the room of reversals that were refused after all.
-- Rows that go one by one afterwards ask ledger_take_caps, under the locks taken here. Reversals go
-- last, but the room that they free is there from the beginning: a correction of what filled a cap
-- must find the room of what it corrects.

CREATE FUNCTION ledger_open_cap_stage() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET client_min_messages = warning
AS $$
BEGIN
    IF to_regclass('pg_temp.ledger_cap_group') IS NULL THEN
        CREATE TEMPORARY TABLE ledger_cap_group (
            g integer, cap_id bigint, scope_id bigint, period_start date
        ) ON COMMIT DELETE ROWS;
        -- Which amount (seq) of a staged row, sound in itself, a group counts.
        CREATE TEMPORARY TABLE ledger_cap_link (
            n integer, g integer, seq integer, policy text COLLATE "C", amount bigint,
            key text COLLATE "C"
        ) ON COMMIT DELETE ROWS;
        -- Of the rows that are new, what each asks of a group, and then what it is given.
        CREATE TEMPORARY TABLE ledger_cap_want (
            n integer, g integer, seq integer, policy text COLLATE "C", amount bigint
        ) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE ledger_cap_verdict (
            n integer, amounts bigint[], reason text COLLATE "C", groups integer[],
            asked bigint[], rooms bigint[]
        ) ON COMMIT DELETE ROWS;
        -- What each row took from each bucket.
        CREATE TEMPORARY TABLE ledger_cap_part (
            n integer, cap_id bigint, scope_id bigint, period_start date, bucket smallint,
            amount bigint
        ) ON COMMIT DELETE ROWS;
        -- What the reversals of the stage will free, taken out of the buckets already.
        CREATE TEMPORARY TABLE ledger_cap_freed (
            original_id bigint, cap_id bigint, scope_id bigint, period_start date, bucket smallint,
            amount bigint
        ) ON COMMIT DELETE ROWS;
    END IF;
    IF 6 <> (
        SELECT count(*) FROM pg_class
        WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r'
            AND relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
            AND relname IN ('ledger_cap_group', 'ledger_cap_link', 'ledger_cap_want',
                'ledger_cap_verdict', 'ledger_cap_part', 'ledger_cap_freed')
    ) THEN
        RAISE EXCEPTION 'the staging table is not the ledger''s own' USING ERRCODE = 'ML003';
    END IF;
    -- As with the stage: only the second batch of a transaction finds something.
    IF EXISTS (SELECT FROM pg_temp.ledger_cap_group) THEN
        TRUNCATE pg_temp.ledger_cap_group, pg_temp.ledger_cap_link;
    END IF;
END $$;

-- Whether the stage freed the room of a transaction before its reversal. Asked once for each.
CREATE FUNCTION ledger_is_freed(p_original_id bigint) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_class
        WHERE relnamespace = pg_my_temp_schema() AND relname = 'ledger_cap_freed'
            AND relkind = 'r'
            AND relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
    ) THEN
        RETURN false;
    END IF;
    RETURN EXISTS (
        SELECT FROM pg_temp.ledger_cap_freed f WHERE f.original_id = p_original_id);
END $$;

-- Free what the reversals of the stage will free: of originals that are named once, whole or in
-- part, and will not be refused.
CREATE FUNCTION ledger_free_caps_of_stage(p_company_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
BEGIN
    INSERT INTO pg_temp.ledger_cap_freed
    SELECT o.tx_id, r.*
    FROM (
        SELECT f.tx_id, array_agg(f.asset_id) AS assets,
            array_agg(least(f.amount - coalesce(d.reversed, 0), CASE WHEN s.assets <> '' THEN
                coalesce(-s.amounts[array_position(string_to_array(s.assets, ','), a.code)], 0)
                ELSE f.amount END)) AS amounts
        FROM (
            SELECT s.reverses_tx_id, min(s.assets) AS assets, min(s.amounts) AS amounts
            FROM pg_temp.ledger_stage s
            WHERE s.reverses_tx_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM ledger_tx x WHERE x.company_id = p_company_id AND x.idem_key = s.key)
            GROUP BY s.reverses_tx_id HAVING count(*) = 1
        ) s
        JOIN ledger_transfer f ON f.company_id = p_company_id AND f.tx_id = s.reverses_tx_id
        JOIN ledger_asset a ON a.company_id = p_company_id AND a.asset_id = f.asset_id
        LEFT JOIN ledger_reversed_total d
            ON d.company_id = p_company_id AND d.tx_id = f.tx_id AND d.seq = f.seq
        WHERE EXISTS (SELECT FROM ledger_cap_use u
            WHERE u.company_id = p_company_id AND u.tx_id = f.tx_id)
        -- Where a person decides about points that were spent, the reversal may be refused.
        GROUP BY f.tx_id HAVING NOT bool_or(a.clawback = 'hold')
    ) o
    CROSS JOIN LATERAL ledger_cap_returns(p_company_id, o.tx_id, o.assets, o.amounts) r;

    UPDATE ledger_cap_bucket b SET used = b.used - f.amount
    FROM (
        SELECT cap_id, scope_id, period_start, bucket, sum(amount)::bigint AS amount
        FROM pg_temp.ledger_cap_freed GROUP BY cap_id, scope_id, period_start, bucket
    ) f
    WHERE b.company_id = p_company_id AND b.cap_id = f.cap_id AND b.scope_id = f.scope_id
        AND b.period_start = f.period_start AND b.bucket = f.bucket;
END $$;

CREATE FUNCTION ledger_settle_caps_of_stage(p_company_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
BEGIN
    UPDATE ledger_cap_bucket b SET used = b.used + f.amount
    FROM (
        SELECT f.cap_id, f.scope_id, f.period_start, f.bucket, sum(f.amount)::bigint AS amount
        FROM pg_temp.ledger_cap_freed f
        JOIN pg_temp.ledger_stage s ON s.reverses_tx_id = f.original_id
        JOIN pg_temp.ledger_outcome o ON o.n = s.n AND o.status = 'refused'
        GROUP BY f.cap_id, f.scope_id, f.period_start, f.bucket
    ) f
    WHERE b.company_id = p_company_id AND b.cap_id = f.cap_id AND b.scope_id = f.scope_id
        AND b.period_start = f.period_start AND b.bucket = f.bucket;
    TRUNCATE pg_temp.ledger_cap_freed;
END $$;

-- Which caps count which rows. Nothing here is looked up row by row: parties, departments and caps
-- once each, then by hash, whatever the planner believes about a stage without statistics. Who is no
-- party of the company has no wallet.
CREATE FUNCTION ledger_link_caps_of_stage(p_company_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
SET jit = off SET enable_nestloop = off SET enable_mergejoin = off AS $$
BEGIN
    WITH asked AS MATERIALIZED (
        SELECT s.n, abs(u.id) AS cap_id, u.id < 0 AS is_void, s.assets, s.amounts, s.party_id,
            s.department_id, s.effective_on, s.key
        FROM pg_temp.ledger_stage s
        CROSS JOIN LATERAL unnest(s.caps) WITH ORDINALITY AS u (id, i)
        WHERE s.caps IS NOT NULL AND s.reverses_tx_id IS NULL AND s.cap_reason IS NULL
            AND u.i = array_position(s.caps, u.id)
            AND (u.id > 0 OR array_position(s.caps, -u.id) IS NULL)
            AND ledger_flaw(s.key, s.kind, s.amounts, s.effective_on, s.fact_on, s.source_kind,
                s.source_id) IS NULL
            AND NOT (0 > ANY (s.amounts) AND EXISTS (
                SELECT FROM pg_temp.ledger_leg g WHERE g.assets = s.assets
                    AND g.is_guarded AND s.amounts[g.seq] < 0))
    ), cap AS MATERIALIZED (
        SELECT c.cap_id, c.asset_id, c.scope, c.period, c.policy, c.department_id, c.party_id,
            c.valid_from, c.valid_to
        FROM (SELECT DISTINCT cap_id FROM asked OFFSET 0) a
        CROSS JOIN LATERAL (
            SELECT * FROM ledger_cap x
            WHERE x.company_id = p_company_id AND x.cap_id = a.cap_id OFFSET 0
        ) c
    ), party AS MATERIALIZED (
        SELECT DISTINCT party_id FROM pg_temp.ledger_wallet WHERE party_id IS NOT NULL
    ), department AS MATERIALIZED (
        SELECT a.department_id
        FROM (
            SELECT DISTINCT department_id FROM asked WHERE department_id IS NOT NULL OFFSET 0
        ) a
        WHERE (SELECT d.id FROM org_department d
            WHERE d.company_id = p_company_id AND d.id = a.department_id) IS NOT NULL
    ), linked AS MATERIALIZED (
        SELECT s.n, c.cap_id, l.seq, s.amounts[l.seq] AS amount, s.key,
            ledger_cap_scope(c.scope, c.department_id, s.party_id, s.department_id) AS scope_id,
            ledger_cap_start(c.period, s.effective_on) AS period_start,
            CASE WHEN c.policy = 'refuse' AND s.is_void THEN 'void' ELSE c.policy END AS policy
        FROM asked s
        JOIN cap c ON c.cap_id = s.cap_id
        JOIN pg_temp.ledger_leg l ON l.assets = s.assets AND l.asset_id = c.asset_id
            AND l.flaw IS NULL AND l.legs = cardinality(s.amounts)
        JOIN party p ON p.party_id = s.party_id
        LEFT JOIN department d ON d.department_id = s.department_id
        WHERE s.amounts[l.seq] > 0
            AND s.effective_on >= c.valid_from
            AND (c.valid_to IS NULL OR s.effective_on < c.valid_to)
            AND (c.party_id IS NULL OR c.party_id = s.party_id)
            AND (s.department_id IS NULL OR d.department_id IS NOT NULL)
    ), numbered AS MATERIALIZED (
        SELECT linked.*, dense_rank() OVER (ORDER BY cap_id, scope_id, period_start) AS g
        FROM linked
    ), grouped AS (
        INSERT INTO pg_temp.ledger_cap_group
        SELECT DISTINCT g, cap_id, scope_id, period_start FROM numbered
    )
    INSERT INTO pg_temp.ledger_cap_link
    SELECT n, g, seq, policy, amount, key FROM numbered;
    ANALYZE pg_temp.ledger_cap_group, pg_temp.ledger_cap_link;
END $$;

CREATE FUNCTION ledger_lock_caps_of_stage(p_company_id bigint) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
DECLARE
    v_returns boolean;
BEGIN
    v_returns := EXISTS (SELECT FROM pg_temp.ledger_stage WHERE reverses_tx_id IS NOT NULL)
        AND EXISTS (
            SELECT FROM pg_temp.ledger_stage s JOIN ledger_cap_use u
                ON u.company_id = p_company_id AND u.tx_id = s.reverses_tx_id
            WHERE s.reverses_tx_id IS NOT NULL);
    IF NOT v_returns AND NOT EXISTS (SELECT FROM pg_temp.ledger_stage WHERE caps IS NOT NULL)
    THEN
        RETURN false;
    END IF;
    PERFORM ledger_open_cap_stage();

    IF EXISTS (
        SELECT FROM (SELECT DISTINCT caps FROM pg_temp.ledger_stage WHERE caps IS NOT NULL) d
        CROSS JOIN LATERAL unnest(d.caps) AS u (id)
        LEFT JOIN ledger_cap c ON c.company_id = p_company_id AND c.cap_id = abs(u.id)
        WHERE c.cap_id IS NULL)
    THEN
        UPDATE pg_temp.ledger_stage s SET cap_reason = 'unknown_cap'
        WHERE s.caps IS NOT NULL AND EXISTS (
            SELECT FROM unnest(s.caps) AS u (id) WHERE NOT EXISTS (
                SELECT FROM ledger_cap c
                WHERE c.company_id = p_company_id AND c.cap_id = abs(u.id)));
    END IF;

    PERFORM ledger_link_caps_of_stage(p_company_id);

    -- One statement and one order, whether a bucket is new or has to be locked.
    INSERT INTO ledger_cap_bucket AS b (
        company_id, cap_id, scope_id, period_start, bucket, allotted)
    SELECT p_company_id, cap_id, scope_id, period_start, bucket, allotted
    FROM (
        SELECT g.cap_id, g.scope_id, g.period_start, k.bucket::smallint AS bucket,
            ledger_cap_part(greatest(0, c.amount - CASE WHEN c.replaces_cap_id IS NULL THEN 0
                ELSE ledger_cap_carried(
                    p_company_id, g.cap_id, g.scope_id, g.period_start) END),
                c.buckets, k.bucket) AS allotted
        FROM pg_temp.ledger_cap_group g
        JOIN ledger_cap c ON c.company_id = p_company_id AND c.cap_id = g.cap_id
        CROSS JOIN LATERAL generate_series(0, c.buckets - 1) AS k (bucket)
        UNION
        SELECT b.cap_id, b.scope_id, b.period_start, b.bucket, b.allotted
        FROM pg_temp.ledger_stage s
        JOIN ledger_cap_use u ON u.company_id = p_company_id AND u.tx_id = s.reverses_tx_id
        JOIN ledger_cap_bucket b ON b.company_id = p_company_id AND b.cap_id = u.cap_id
            AND b.scope_id = u.scope_id AND b.period_start = u.period_start
            AND b.bucket = u.bucket
        WHERE v_returns AND s.reverses_tx_id IS NOT NULL
    ) wanted
    ORDER BY cap_id, scope_id, period_start, bucket
    ON CONFLICT ON CONSTRAINT ledger_cap_bucket_pkey DO UPDATE SET used = b.used WHERE false;
    RETURN true;
END $$;

CREATE FUNCTION ledger_take_caps_of_stage(p_company_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
DECLARE
    v_scarce integer[];
    v_left bigint[];
    v_plain boolean[];
    v_rooms bigint[];
    v_slots integer[];
    v_row record;
    v_answer record;
    v_some bigint[];
    i integer;
BEGIN
    IF EXISTS (SELECT FROM pg_temp.ledger_cap_want) OR EXISTS (
        SELECT FROM pg_temp.ledger_cap_freed)
    THEN
        TRUNCATE pg_temp.ledger_cap_want, pg_temp.ledger_cap_verdict, pg_temp.ledger_cap_part,
            pg_temp.ledger_cap_freed;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_temp.ledger_cap_link) THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM pg_temp.ledger_stage WHERE reverses_tx_id IS NOT NULL) THEN
        PERFORM ledger_free_caps_of_stage(p_company_id);
    END IF;
    INSERT INTO pg_temp.ledger_cap_want
    SELECT l.n, l.g, l.seq, l.policy, l.amount
    FROM pg_temp.ledger_cap_link l
    LEFT JOIN LATERAL (
        SELECT x.tx_id FROM ledger_tx x
        WHERE x.company_id = p_company_id AND x.idem_key = l.key LIMIT 1
    ) t ON true
    WHERE t.tx_id IS NULL AND l.n NOT IN (SELECT n FROM pg_temp.ledger_repeat);
    ANALYZE pg_temp.ledger_cap_want;

    -- Of the groups that have too little for all that is asked: their room, and whether each of
    -- their rows takes what is left (clip, queue) and asks no other of them.
    WITH scarce AS MATERIALIZED (
        SELECT * FROM (
            SELECT g.g, (
                SELECT sum(b.allotted - b.used) FROM ledger_cap_bucket b
                WHERE b.company_id = p_company_id AND b.cap_id = g.cap_id
                    AND b.scope_id = g.scope_id AND b.period_start = g.period_start
            )::bigint AS room, w.amount
            FROM pg_temp.ledger_cap_group g
            JOIN (SELECT g, sum(amount) AS amount FROM pg_temp.ledger_cap_want GROUP BY g) w
                USING (g)
            OFFSET 0
        ) t WHERE t.amount > t.room
    )
    SELECT array_agg(s.g), array_agg(s.room), array_agg(k.is_plain)
    INTO v_scarce, v_left, v_plain
    FROM scarce s
    JOIN (
        SELECT x.g, bool_and(x.policy IN ('clip', 'queue') AND x.asked_groups = 1) AS is_plain
        FROM (
            SELECT w.g, w.policy, count(*) OVER (PARTITION BY w.n) AS asked_groups
            FROM pg_temp.ledger_cap_want w JOIN scarce USING (g)
        ) x GROUP BY x.g
    ) k ON k.g = s.g;

    -- There, what rows before a row asked for says what is left for it: one statement, in order.
    IF true = ANY (v_plain) THEN
        INSERT INTO pg_temp.ledger_cap_verdict
        SELECT w.n, ledger_cap_share(s.amounts, w.room, w.amount),
            CASE w.policy WHEN 'clip' THEN 'cap_clipped' ELSE 'cap_queued' END,
            ARRAY[w.g], ARRAY[w.amount], ARRAY[w.room]
        FROM (
            SELECT w.n, w.g, w.policy, w.amount, greatest(0, t.room + w.amount
                - sum(w.amount) OVER (PARTITION BY w.g ORDER BY w.n))::bigint AS room
            FROM pg_temp.ledger_cap_want w
            JOIN unnest(v_scarce, v_left, v_plain) AS t (g, room, is_plain) ON t.g = w.g
            WHERE t.is_plain
        ) w
        JOIN pg_temp.ledger_stage s ON s.n = w.n
        WHERE w.room < w.amount;
    END IF;

    -- Only rows that ask one of the others are looked at one by one, in their order.
    IF false = ANY (v_plain) THEN
        SELECT array_agg(t.room ORDER BY t.g), array_agg(t.g ORDER BY t.g)
        INTO v_rooms, v_slots
        FROM unnest(v_scarce, v_left, v_plain) AS t (g, room, is_plain)
        WHERE NOT t.is_plain;
        FOR v_row IN
            SELECT s.n, s.amounts, w.slots, w.seqs, w.policies
            FROM (
                SELECT w.n, array_agg(t.slot::integer ORDER BY t.slot) AS slots,
                    array_agg(w.seq ORDER BY t.slot) AS seqs,
                    array_agg(w.policy ORDER BY t.slot) AS policies
                FROM pg_temp.ledger_cap_want w
                JOIN unnest(v_slots) WITH ORDINALITY AS t (g, slot) ON t.g = w.g
                GROUP BY w.n
            ) w
            JOIN pg_temp.ledger_stage s ON s.n = w.n
            ORDER BY s.n
        LOOP
            v_some := '{}';
            FOR i IN 1 .. cardinality(v_row.slots) LOOP
                v_some[i] := v_rooms[v_row.slots[i]];
            END LOOP;
            v_answer := ledger_cap_answer(
                v_row.amounts, v_row.seqs, v_some, v_row.policies);
            IF v_answer.reason IS NOT NULL THEN
                INSERT INTO pg_temp.ledger_cap_verdict
                SELECT v_row.n, v_answer.amounts, v_answer.reason,
                    array_agg(v_slots[k] ORDER BY k), v_answer.asked, v_some
                FROM unnest(v_row.slots) k;
            END IF;
            CONTINUE WHEN v_answer.reason = 'cap_reached';
            FOR i IN 1 .. cardinality(v_row.slots) LOOP
                v_rooms[v_row.slots[i]] := v_some[i] - v_answer.amounts[v_row.seqs[i]];
            END LOOP;
        END LOOP;
    END IF;
    IF v_scarce IS NOT NULL THEN
        UPDATE pg_temp.ledger_stage s
        SET cap_reason = v.reason,
            asked = CASE WHEN v.reason <> 'cap_reached' THEN s.amounts END,
            amounts = CASE WHEN v.reason = 'cap_reached' THEN s.amounts ELSE v.amounts END
        FROM pg_temp.ledger_cap_verdict v
        WHERE v.n = s.n;
        UPDATE pg_temp.ledger_cap_want w
        SET amount = CASE WHEN v.reason = 'cap_reached' THEN 0 ELSE v.amounts[w.seq] END
        FROM pg_temp.ledger_cap_verdict v
        WHERE v.n = w.n;
    END IF;

    -- What a group gives comes out of its buckets in their order, and goes to its rows in theirs:
    -- two rows of stretches laid side by side.
    WITH given AS MATERIALIZED (
        SELECT n, g, amount, sum(amount) OVER (PARTITION BY g ORDER BY n) AS until
        FROM pg_temp.ledger_cap_want WHERE amount > 0
    ), filled AS MATERIALIZED (
        SELECT g.g, b.cap_id, b.scope_id, b.period_start, b.bucket,
            b.allotted - b.used AS free, t.taken,
            sum(b.allotted - b.used) OVER (PARTITION BY g.g ORDER BY b.bucket) AS until
        FROM (SELECT g, max(until) AS taken FROM given GROUP BY g) t
        JOIN pg_temp.ledger_cap_group g USING (g)
        JOIN ledger_cap_bucket b ON b.company_id = p_company_id AND b.cap_id = g.cap_id
            AND b.scope_id = g.scope_id AND b.period_start = g.period_start
    ), taken AS (
        UPDATE ledger_cap_bucket b
        SET used = b.used + least(f.free, f.taken - (f.until - f.free))
        FROM filled f
        WHERE b.company_id = p_company_id AND b.cap_id = f.cap_id AND b.scope_id = f.scope_id
            AND b.period_start = f.period_start AND b.bucket = f.bucket
            AND f.free > 0 AND f.until - f.free < f.taken
    )
    INSERT INTO pg_temp.ledger_cap_part
    SELECT v.n, f.cap_id, f.scope_id, f.period_start, f.bucket,
        least(v.until, f.until) - greatest(v.until - v.amount, f.until - f.free)
    FROM given v JOIN filled f ON f.g = v.g
    WHERE f.free > 0 AND f.until > v.until - v.amount AND f.until - f.free < v.until;
END $$;

CREATE FUNCTION ledger_note_caps_of_stage(p_company_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
BEGIN
    INSERT INTO ledger_cap_use (
        company_id, tx_id, cap_id, scope_id, period_start, bucket, amount)
    SELECT p_company_id, o.tx_id, p.cap_id, p.scope_id, p.period_start, p.bucket, p.amount
    FROM pg_temp.ledger_cap_part p
    JOIN pg_temp.ledger_outcome o ON o.n = p.n AND o.status IN ('new', 'capped');

    INSERT INTO ledger_cap_cut (
        company_id, tx_id, cap_id, scope_id, period_start, asked, room, allowed)
    SELECT p_company_id, o.tx_id, g.cap_id, g.scope_id, g.period_start, c.asked, c.room,
        v.amounts[w.seq]
    FROM pg_temp.ledger_cap_verdict v
    JOIN pg_temp.ledger_outcome o ON o.n = v.n AND o.status IN ('new', 'capped')
    CROSS JOIN LATERAL unnest(v.groups, v.asked, v.rooms) AS c (g, asked, room)
    JOIN pg_temp.ledger_cap_group g ON g.g = c.g
    JOIN pg_temp.ledger_cap_want w ON w.n = v.n AND w.g = c.g
    WHERE c.room < c.asked;

    -- Another session posted the key between our two looks.
    UPDATE ledger_cap_bucket b SET used = b.used - f.amount
    FROM (
        SELECT p.cap_id, p.scope_id, p.period_start, p.bucket, sum(p.amount)::bigint AS amount
        FROM pg_temp.ledger_cap_part p
        WHERE NOT EXISTS (
            SELECT FROM pg_temp.ledger_outcome o
            WHERE o.n = p.n AND o.status IN ('new', 'capped'))
        GROUP BY p.cap_id, p.scope_id, p.period_start, p.bucket
    ) f
    WHERE b.company_id = p_company_id AND b.cap_id = f.cap_id AND b.scope_id = f.scope_id
        AND b.period_start = f.period_start AND b.bucket = f.bucket;
END $$;
