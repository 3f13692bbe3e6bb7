-- Caps: room is taken from escrow buckets before the wallets are locked, noted once the transaction
-- exists, and given back by a reversal. One order of locks everywhere: (cap, scope, first day of
-- the span, bucket). A cap's span of days is that of the day asked for, also when that month is
-- closed and the posting counts later: what fits does not depend on when somebody closed a month.
--
-- For those who post (p_cap_ids: caps that apply, null where none does; a negative id means: what
-- this cap would refuse is recorded as nothing gained):
--   ledger_take_whole(the same, uses) first: all that is asked for, or null
--   ledger_take_caps(p_company_id, p_cap_ids, p_party_id, p_department_id, p_day, p_asset_ids,
--       p_amounts, OUT amounts bigint[], OUT reason text, OUT uses bigint[], OUT cuts bigint[])
--     after the months' locks, before the wallets'. p_asset_ids and p_amounts go together; amounts
--     are those to post, in the same places: a leg of 0 has no transfer. reason is null,
--     'cap_clipped' or 'cap_queued' (post, with status 'capped' and this reason), 'cap_reached' or
--     'unknown_cap' (refused; nothing was taken). The payload's hash is of what was asked.
--   ledger_note_caps(p_company_id, p_tx_id, p_uses, p_cuts)
--     after the row of ledger_tx.
--   ledger_untake_caps(p_company_id, p_uses)
--     instead of it, when nothing is posted after all (known key, below the floor).
--   ledger_lock_caps_of(p_company_id, p_original_id)
--     in a reversal, before the wallets are locked.
--   ledger_return_caps(p_company_id, p_tx_id, p_original_id, p_asset_ids bigint[],
--       p_amounts bigint[])
--     in a reversal, after the row of ledger_tx: how much of each asset it annuls (> 0), also where
--     the points were spent meanwhile and less came back.
-- What is taken and cut travels in flat arrays, cheaper to make and read than rows or documents: uses
-- by fives (cap, scope, first day of the span, bucket, amount), cuts by sixes (cap, scope, first day,
-- asked, room, allowed); days count from 1 January 2000. No uses at all (null): nothing was taken.
-- For the stage see caps_bulk.sql.

-- Take all that is asked for out of caps that have one bucket each, in their order; null, and
-- nothing taken, when one of them has less, or more than one bucket, or none yet.
CREATE FUNCTION ledger_take_whole(
    p_company_id bigint, p_cap_ids bigint[], p_party_id bigint, p_department_id bigint,
    p_day date, p_asset_ids bigint[], p_amounts bigint[]) RETURNS bigint[]
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    v_cap record;
    v_amount bigint;
    v_scope bigint;
    v_start date;
    v_uses bigint[] := '{}';
    v_found integer := 0;
BEGIN
    FOR v_cap IN
        SELECT c.cap_id, c.asset_id, c.valid_from, c.valid_to, c.party_id, c.buckets, c.scope,
            c.department_id, c.period
        FROM ledger_cap c
        WHERE c.company_id = p_company_id AND c.cap_id = ANY (p_cap_ids)
        ORDER BY c.cap_id
    LOOP
        v_found := v_found + 1;
        v_amount := p_amounts[array_position(p_asset_ids, v_cap.asset_id)];
        CONTINUE WHEN v_amount IS NULL OR v_amount <= 0 OR p_day < v_cap.valid_from
            OR p_day >= v_cap.valid_to
            OR (v_cap.party_id IS NOT NULL AND v_cap.party_id <> p_party_id);
        IF v_cap.buckets = 1 THEN
            v_scope := ledger_cap_scope(
                v_cap.scope, v_cap.department_id, p_party_id, p_department_id);
            v_start := ledger_cap_start(v_cap.period, p_day);
            UPDATE ledger_cap_bucket b SET used = b.used + v_amount
            WHERE b.company_id = p_company_id AND b.cap_id = v_cap.cap_id
                AND b.scope_id = v_scope AND b.period_start = v_start AND b.bucket = 0
                AND b.allotted - b.used >= v_amount;
        END IF;
        IF v_cap.buckets > 1 OR NOT FOUND THEN
            PERFORM ledger_untake_caps(p_company_id, v_uses);
            RETURN NULL;
        END IF;
        v_uses := v_uses || ARRAY[
            v_cap.cap_id, v_scope, v_start - date '2000-01-01', 0, v_amount];
    END LOOP;
    -- Twice the same, a cap that is not there, one that voids: for the longer way.
    IF v_found <> cardinality(p_cap_ids) THEN
        PERFORM ledger_untake_caps(p_company_id, v_uses);
        RETURN NULL;
    END IF;
    RETURN v_uses;
END $$;

CREATE FUNCTION ledger_take_caps(
    p_company_id bigint, p_cap_ids bigint[], p_party_id bigint, p_department_id bigint,
    p_day date, p_asset_ids bigint[], p_amounts bigint[],
    OUT amounts bigint[], OUT reason text, OUT uses bigint[], OUT cuts bigint[])
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    v_caps bigint[];
    v_scopes bigint[];
    v_starts date[];
    v_counts integer[];
    v_seqs integer[];
    v_policies text[];
    v_rooms bigint[] := '{}';
    v_taken smallint[] := '{}';
    v_known integer;
    v_answer record;
    v_free bigint;
    v_most bigint;
    v_made integer;
    v_bucket smallint;
    v_final bigint;
    v_uses bigint[] := '{}';
    v_cuts bigint[] := '{}';
    i integer;
BEGIN
    amounts := p_amounts;
    SELECT count(DISTINCT c.cap_id) INTO v_known
    FROM ledger_cap c
    WHERE c.company_id = p_company_id
        AND c.cap_id = ANY (SELECT abs(id) FROM unnest(p_cap_ids) id);
    IF v_known <> (SELECT count(DISTINCT abs(id)) FROM unnest(p_cap_ids) id)
        OR array_position(p_cap_ids, NULL) IS NOT NULL
    THEN
        reason := 'unknown_cap';
        RETURN;
    END IF;
    SELECT array_agg(cap_id ORDER BY cap_id), array_agg(scope_id ORDER BY cap_id),
        array_agg(period_start ORDER BY cap_id), array_agg(buckets ORDER BY cap_id),
        array_agg(seq ORDER BY cap_id), array_agg(policy ORDER BY cap_id)
    INTO v_caps, v_scopes, v_starts, v_counts, v_seqs, v_policies
    FROM (
        SELECT c.cap_id, c.buckets::integer, array_position(p_asset_ids, c.asset_id) AS seq,
            ledger_cap_scope(c.scope, c.department_id, p_party_id, p_department_id) AS scope_id,
            ledger_cap_start(c.period, p_day) AS period_start,
            CASE WHEN c.policy = 'refuse' AND -c.cap_id = ANY (p_cap_ids) THEN 'void'
                ELSE c.policy END AS policy
        FROM ledger_cap c
        WHERE c.company_id = p_company_id
            AND c.cap_id = ANY (SELECT abs(id) FROM unnest(p_cap_ids) id)
            AND p_day >= c.valid_from AND (c.valid_to IS NULL OR p_day < c.valid_to)
            AND (c.party_id IS NULL OR c.party_id = p_party_id)
    ) f
    WHERE p_amounts[seq] > 0;
    IF v_caps IS NULL THEN
        RETURN;
    END IF;

    FOR i IN 1 .. cardinality(v_caps) LOOP
        SELECT sum(allotted - used), max(allotted - used), count(*)
        INTO v_free, v_most, v_made
        FROM ledger_cap_bucket
        WHERE company_id = p_company_id AND cap_id = v_caps[i] AND scope_id = v_scopes[i]
            AND period_start = v_starts[i];
        v_taken[i] := NULL;
        IF v_made > 0 AND v_free = 0 THEN
            -- Used up, and no lock is needed to say so.
            v_rooms[i] := 0;
            CONTINUE;
        END IF;
        IF v_made = 1 THEN
            UPDATE ledger_cap_bucket b SET used = b.used + p_amounts[v_seqs[i]]
            WHERE b.company_id = p_company_id AND b.cap_id = v_caps[i]
                AND b.scope_id = v_scopes[i] AND b.period_start = v_starts[i] AND b.bucket = 0
                AND b.allotted - b.used >= p_amounts[v_seqs[i]]
            RETURNING b.bucket INTO v_bucket;
            v_taken[i] := v_bucket;
        ELSIF v_made > 1 AND v_most >= p_amounts[v_seqs[i]] THEN
            v_taken[i] := ledger_take_one_bucket(p_company_id, v_caps[i], v_scopes[i],
                v_starts[i], v_counts[i], p_amounts[v_seqs[i]]);
        END IF;
        IF v_taken[i] IS NOT NULL THEN
            v_rooms[i] := p_amounts[v_seqs[i]];
            CONTINUE;
        END IF;
        PERFORM ledger_lock_buckets(p_company_id, v_caps[i], v_scopes[i], v_starts[i]);
        SELECT sum(allotted - used) INTO v_free FROM ledger_cap_bucket
        WHERE company_id = p_company_id AND cap_id = v_caps[i] AND scope_id = v_scopes[i]
            AND period_start = v_starts[i];
        v_rooms[i] := v_free;
    END LOOP;

    v_answer := ledger_cap_answer(p_amounts, v_seqs, v_rooms, v_policies);
    amounts := v_answer.amounts;
    reason := v_answer.reason;
    FOR i IN 1 .. cardinality(v_caps) LOOP
        v_final := CASE reason WHEN 'cap_reached' THEN 0 ELSE amounts[v_seqs[i]] END;
        IF v_taken[i] IS NOT NULL THEN
            IF v_final < p_amounts[v_seqs[i]] THEN
                UPDATE ledger_cap_bucket SET used = used - (p_amounts[v_seqs[i]] - v_final)
                WHERE company_id = p_company_id AND cap_id = v_caps[i]
                    AND scope_id = v_scopes[i] AND period_start = v_starts[i]
                    AND bucket = v_taken[i];
            END IF;
            IF v_final > 0 THEN
                v_uses := v_uses || ARRAY[v_caps[i], v_scopes[i],
                    v_starts[i] - date '2000-01-01', v_taken[i], v_final];
            END IF;
        ELSIF v_final > 0 THEN
            v_uses := v_uses || ledger_fill_buckets(
                p_company_id, v_caps[i], v_scopes[i], v_starts[i], v_final);
        END IF;
        IF v_rooms[i] < v_answer.asked[i] THEN
            v_cuts := v_cuts || ARRAY[v_caps[i], v_scopes[i], v_starts[i] - date '2000-01-01',
                v_answer.asked[i], v_rooms[i], v_final];
        END IF;
    END LOOP;
    IF reason IS DISTINCT FROM 'cap_reached' THEN
        uses := v_uses;
        cuts := v_cuts;
    END IF;
END $$;

-- Make the buckets that are missing and lock all, in their order.
CREATE FUNCTION ledger_lock_buckets(
    p_company_id bigint, p_cap_id bigint, p_scope_id bigint, p_period_start date)
RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO ledger_cap_bucket AS b (
        company_id, cap_id, scope_id, period_start, bucket, allotted)
    SELECT p_company_id, p_cap_id, p_scope_id, p_period_start, n, ledger_cap_part(
        greatest(0, c.amount - c.carried), c.buckets, n)
    FROM (
        SELECT buckets, amount,
            CASE WHEN replaces_cap_id IS NULL THEN 0 ELSE ledger_cap_carried(
                p_company_id, p_cap_id, p_scope_id, p_period_start) END AS carried
        FROM ledger_cap WHERE company_id = p_company_id AND cap_id = p_cap_id
        OFFSET 0
    ) c CROSS JOIN LATERAL generate_series(0, c.buckets - 1) n
    ORDER BY n
    -- The condition never holds, but the row that is there is locked.
    ON CONFLICT ON CONSTRAINT ledger_cap_bucket_pkey DO UPDATE SET used = b.used WHERE false
$$;

-- Take an amount out of one bucket, without standing in another session's way where that is
-- possible; null when no single bucket has it. A failed try keeps no lock: whoever locks all
-- buckets afterwards must do so in their order.
CREATE FUNCTION ledger_take_one_bucket(
    p_company_id bigint, p_cap_id bigint, p_scope_id bigint, p_period_start date,
    p_buckets integer, p_amount bigint)
RETURNS smallint
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_bucket smallint;
    v_own CONSTANT integer := pg_backend_pid() % p_buckets;
BEGIN
    BEGIN
        UPDATE ledger_cap_bucket b SET used = b.used + p_amount
        WHERE b.company_id = p_company_id AND b.cap_id = p_cap_id AND b.scope_id = p_scope_id
            AND b.period_start = p_period_start
            AND b.bucket = (
                SELECT x.bucket FROM ledger_cap_bucket x
                WHERE x.company_id = p_company_id AND x.cap_id = p_cap_id
                    AND x.scope_id = p_scope_id AND x.period_start = p_period_start
                    AND x.allotted - x.used >= p_amount
                ORDER BY (x.bucket + v_own) % p_buckets LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING b.bucket INTO v_bucket;
        IF v_bucket IS NULL THEN
            RAISE EXCEPTION 'no bucket is free' USING ERRCODE = 'ML009';
        END IF;
        RETURN v_bucket;
    EXCEPTION WHEN SQLSTATE 'ML009' THEN
        NULL;
    END;
    -- All with room were locked by others: wait for one of them, not for all.
    BEGIN
        UPDATE ledger_cap_bucket b SET used = b.used + p_amount
        WHERE b.company_id = p_company_id AND b.cap_id = p_cap_id AND b.scope_id = p_scope_id
            AND b.period_start = p_period_start AND b.bucket = v_own
            AND b.allotted - b.used >= p_amount
        RETURNING b.bucket INTO v_bucket;
        IF v_bucket IS NULL THEN
            RAISE EXCEPTION 'the bucket has too little' USING ERRCODE = 'ML009';
        END IF;
        RETURN v_bucket;
    EXCEPTION WHEN SQLSTATE 'ML009' THEN
        RETURN NULL;
    END;
END $$;

-- Take an amount out of buckets that are locked and have it, the first ones first; the uses.
CREATE FUNCTION ledger_fill_buckets(
    p_company_id bigint, p_cap_id bigint, p_scope_id bigint, p_period_start date, p_amount bigint)
RETURNS bigint[]
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    WITH part AS (
        SELECT bucket, least(free, p_amount - before) AS amount
        FROM (
            SELECT bucket, allotted - used AS free,
                sum(allotted - used) OVER (ORDER BY bucket) - (allotted - used) AS before
            FROM ledger_cap_bucket
            WHERE company_id = p_company_id AND cap_id = p_cap_id AND scope_id = p_scope_id
                AND period_start = p_period_start
        ) f
        WHERE free > 0 AND before < p_amount
    ), taken AS (
        UPDATE ledger_cap_bucket b SET used = b.used + part.amount
        FROM part
        WHERE b.company_id = p_company_id AND b.cap_id = p_cap_id AND b.scope_id = p_scope_id
            AND b.period_start = p_period_start AND b.bucket = part.bucket
        RETURNING b.bucket, part.amount
    )
    SELECT array_agg(u.value ORDER BY taken.bucket, u.place)
    FROM taken CROSS JOIN LATERAL unnest(ARRAY[p_cap_id, p_scope_id,
        p_period_start - date '2000-01-01', taken.bucket, taken.amount])
        WITH ORDINALITY AS u (value, place)
$$;

CREATE FUNCTION ledger_note_caps(
    p_company_id bigint, p_tx_id bigint, p_uses bigint[], p_cuts bigint[]) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF p_uses <> '{}' THEN
        INSERT INTO ledger_cap_use (
            company_id, tx_id, cap_id, scope_id, period_start, bucket, amount)
        SELECT p_company_id, p_tx_id, p_uses[n], p_uses[n + 1],
            date '2000-01-01' + p_uses[n + 2]::integer, p_uses[n + 3]::smallint, p_uses[n + 4]
        FROM generate_series(1, cardinality(p_uses), 5) n;
    END IF;
    IF p_cuts <> '{}' THEN
        INSERT INTO ledger_cap_cut (
            company_id, tx_id, cap_id, scope_id, period_start, asked, room, allowed)
        SELECT p_company_id, p_tx_id, p_cuts[n], p_cuts[n + 1],
            date '2000-01-01' + p_cuts[n + 2]::integer, p_cuts[n + 3], p_cuts[n + 4], p_cuts[n + 5]
        FROM generate_series(1, cardinality(p_cuts), 6) n;
    END IF;
    RETURN true;
END $$;

CREATE FUNCTION ledger_untake_caps(p_company_id bigint, p_uses bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE ledger_cap_bucket b SET used = b.used - p_uses[n + 4]
    FROM generate_series(1, cardinality(p_uses), 5) n
    WHERE b.company_id = p_company_id AND b.cap_id = p_uses[n] AND b.scope_id = p_uses[n + 1]
        AND b.period_start = date '2000-01-01' + p_uses[n + 2]::integer
        AND b.bucket = p_uses[n + 3];
END $$;

CREATE FUNCTION ledger_lock_caps_of(p_company_id bigint, p_original_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM ledger_cap_use u JOIN ledger_cap_bucket b
        USING (company_id, cap_id, scope_id, period_start, bucket)
    WHERE u.company_id = p_company_id AND u.tx_id = p_original_id
    ORDER BY b.cap_id, b.scope_id, b.period_start, b.bucket FOR UPDATE OF b;
END $$;

-- What taking back p_amounts of the assets of a transaction frees, bucket by bucket, the last first.
CREATE FUNCTION ledger_cap_returns(
    p_company_id bigint, p_original_id bigint, p_asset_ids bigint[], p_amounts bigint[])
RETURNS TABLE (
    cap_id bigint, scope_id bigint, period_start date, bucket smallint, amount bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    WITH used AS (
        SELECT u.cap_id, u.scope_id, u.period_start, u.bucket, t.amount AS back,
            u.amount - coalesce(r.amount, 0) AS taken,
            sum(u.amount - coalesce(r.amount, 0)) OVER (
                PARTITION BY u.cap_id ORDER BY u.bucket DESC) AS so_far
        FROM ledger_cap_use u
        JOIN ledger_cap c ON c.company_id = u.company_id AND c.cap_id = u.cap_id
        JOIN (
            SELECT a.asset_id, sum(a.amount) AS amount
            FROM unnest(p_asset_ids, p_amounts) AS a (asset_id, amount) GROUP BY a.asset_id
        ) t ON t.asset_id = c.asset_id
        LEFT JOIN LATERAL (
            SELECT sum(x.amount)::bigint AS amount
            FROM ledger_tx v JOIN ledger_cap_use x
                ON x.company_id = v.company_id AND x.tx_id = v.tx_id
            WHERE v.company_id = p_company_id AND v.reverses_tx_id = p_original_id
                AND x.is_return AND x.cap_id = u.cap_id AND x.bucket = u.bucket
        ) r ON true
        WHERE u.company_id = p_company_id AND u.tx_id = p_original_id AND NOT u.is_return
    )
    SELECT cap_id, scope_id, period_start, bucket,
        least(taken, back - (so_far - taken))::bigint
    FROM used WHERE taken > 0 AND so_far - taken < back
$$;

CREATE FUNCTION ledger_return_caps(
    p_company_id bigint, p_tx_id bigint, p_original_id bigint, p_asset_ids bigint[],
    p_amounts bigint[])
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    WITH noted AS (
        INSERT INTO ledger_cap_use (
            company_id, tx_id, cap_id, scope_id, period_start, bucket, is_return, amount)
        SELECT p_company_id, p_tx_id, r.cap_id, r.scope_id, r.period_start, r.bucket, true, r.amount
        FROM ledger_cap_returns(p_company_id, p_original_id, p_asset_ids, p_amounts) r
        RETURNING cap_id, scope_id, period_start, bucket, amount
    )
    UPDATE ledger_cap_bucket b SET used = b.used - n.amount
    FROM noted n
    WHERE b.company_id = p_company_id AND b.cap_id = n.cap_id AND b.scope_id = n.scope_id
        AND b.period_start = n.period_start AND b.bucket = n.bucket
        AND NOT ledger_is_freed(p_original_id);
END $$;
