-- Sealing: what is queued becomes a block. The application may ask for it and can give nothing of
-- its own to it: leaves, root and hashes are computed here, from the rows.

-- The root of a Merkle tree as in RFC 6962: a leaf is SHA-256(0x00, text), a node SHA-256(0x01,
-- left, right); pairs from the left, an odd last one goes up as it is.
CREATE FUNCTION ledger_merkle_root(p_leaves bytea[]) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
DECLARE
    v_level bytea[] := p_leaves;
BEGIN
    WHILE cardinality(v_level) > 1 LOOP
        SELECT array_agg(
            CASE WHEN pair.following IS NULL THEN pair.hash
                ELSE sha256('\x01'::bytea || pair.hash || pair.following) END ORDER BY pair.i)
        INTO v_level
        FROM (
            SELECT u.i, u.hash, lead(u.hash) OVER (ORDER BY u.i) AS following
            FROM unnest(v_level) WITH ORDINALITY AS u (hash, i)
        ) pair
        WHERE pair.i % 2 = 1;
    END LOOP;
    RETURN v_level[1];
END $$;

-- The text that a block's hash covers.
CREATE FUNCTION ledger_block_text(
    p_company_id bigint, p_seq bigint, p_n bigint, p_sum numeric, p_sealed_at timestamptz,
    p_root_hash bytea, p_prev_hash bytea) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT 'meritbook block 1'
        || E'\ncompany=' || p_company_id || E'\nblock=' || p_seq || E'\nn=' || p_n
        || E'\nsum=' || p_sum || E'\nsealed_at='
        || to_char(p_sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        || E'\nroot=' || encode(p_root_hash, 'hex')
        || E'\nprev=' || encode(p_prev_hash, 'hex') || E'\n'
$$;

-- Seals the oldest of the queue, about p_max transactions; n is null when nothing waits.
CREATE FUNCTION ledger_seal_block(p_company_id bigint, p_max integer, OUT seq bigint, OUT n bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
#variable_conflict use_column
DECLARE
    v_first bigint[];
    v_ids int8multirange;
    v_leaves bytea[];
    v_sum numeric;
    v_prev bytea;
    v_root bytea;
    v_now timestamptz;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    -- One sealer at a time; it also waits for the commit of the one before.
    PERFORM pg_advisory_xact_lock(
        hashtextextended('ledger seal ' || p_company_id::text, 0));
    SELECT array_agg(q.first_tx_id), range_agg(q.tx_ids), sum(q.n)
    INTO v_first, v_ids, n
    FROM (
        SELECT u.first_tx_id, u.tx_ids, u.n,
            sum(u.n) OVER (ORDER BY u.first_tx_id) - u.n AS before
        FROM ledger_unsealed u WHERE u.company_id = p_company_id
    ) q
    WHERE q.before < greatest(p_max, 1);
    IF n IS NULL THEN
        RETURN;
    END IF;
    SELECT s.seq, s.hash INTO seq, v_prev FROM ledger_seal s
    WHERE s.company_id = p_company_id ORDER BY s.seq DESC LIMIT 1;
    seq := coalesce(seq, 0) + 1;
    v_prev := coalesce(v_prev, decode(repeat('00', 32), 'hex'));

    WITH leaf AS MATERIALIZED (
        SELECT l.tx_id, sha256('\x00'::bytea || convert_to(l.text, 'UTF8')) AS hash, l.sum
        FROM ledger_leaves(p_company_id, v_ids) l
    ), kept AS (
        INSERT INTO ledger_seal_tx (company_id, tx_id, seq, position, leaf_hash)
        SELECT p_company_id, l.tx_id, seq, row_number() OVER (ORDER BY l.tx_id) - 1, l.hash
        FROM leaf l
    )
    SELECT array_agg(l.hash ORDER BY l.tx_id), sum(l.sum) INTO v_leaves, v_sum FROM leaf l;
    IF n IS DISTINCT FROM cardinality(v_leaves) THEN
        -- A block over what is left would hide the loss; verify names the transaction.
        RAISE EXCEPTION 'transactions of company % that wait for their seal are gone', p_company_id
            USING ERRCODE = 'ML005';
    END IF;
    v_root := ledger_merkle_root(v_leaves);
    v_now := clock_timestamp();
    INSERT INTO ledger_seal (company_id, seq, n, sum, sealed_at, root_hash, prev_hash, hash)
    VALUES (p_company_id, seq, n, v_sum, v_now, v_root, v_prev, sha256(convert_to(
        ledger_block_text(p_company_id, seq, n, v_sum, v_now, v_root, v_prev), 'UTF8')));
    DELETE FROM ledger_unsealed u
    WHERE u.company_id = p_company_id AND u.first_tx_id = ANY (v_first);
END $$;

-- Notes that a block was told outside; the hash is the block's own, not the caller's. False when
-- there is no such block, or it was noted before.
CREATE FUNCTION ledger_note_anchor(
    p_company_id bigint, p_seq bigint, p_place text, p_anchored_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    INSERT INTO ledger_anchor (company_id, seq, place, anchored_at, hash)
    SELECT s.company_id, s.seq, p_place, p_anchored_at, s.hash FROM ledger_seal s
    WHERE s.company_id = p_company_id AND s.seq = p_seq
    ON CONFLICT ON CONSTRAINT ledger_anchor_pkey DO NOTHING;
    RETURN FOUND;
END $$;

-- The people who are told, as a whole: who is not in it any more ends.
CREATE FUNCTION ledger_name_witnesses(
    p_company_id bigint, p_membership_ids bigint[], p_actor_id bigint, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    UPDATE ledger_witness w
    SET dismissed_at = greatest(p_at, w.named_at), dismissed_by = p_actor_id
    WHERE w.company_id = p_company_id AND w.dismissed_at IS NULL
        -- Not <> ALL: an unknown among those named would keep everybody.
        AND array_position(p_membership_ids, w.membership_id) IS NULL;
    INSERT INTO ledger_witness (company_id, membership_id, named_at, named_by)
    SELECT m.company_id, m.id, p_at, p_actor_id FROM org_membership m
    WHERE m.company_id = p_company_id AND m.id = ANY (p_membership_ids)
        AND m.ended_at IS NULL
    ORDER BY m.id
    ON CONFLICT (company_id, membership_id) WHERE dismissed_at IS NULL DO NOTHING;
END $$;

-- A run of verify begins; null while another runs. One that has stood still for an hour is over.
CREATE FUNCTION ledger_begin_verification(
    p_company_id bigint, p_total integer, p_actor_id bigint, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_id bigint;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    UPDATE ledger_verification v
    SET finished_at = p_at, is_ok = false, transactions = 0, checks = '[]'
    WHERE v.company_id = p_company_id AND v.finished_at IS NULL
        AND v.asked_at < p_at - interval '1 hour';
    INSERT INTO ledger_verification (company_id, asked_at, actor_id, total)
    VALUES (p_company_id, p_at, p_actor_id, p_total)
    ON CONFLICT (company_id) WHERE finished_at IS NULL DO NOTHING
    RETURNING verification_id INTO v_id;
    RETURN v_id;
END $$;

-- How far a run is; with checks also what it found. A finished run stays as it is.
CREATE FUNCTION ledger_note_verification(
    p_company_id bigint, p_verification_id bigint, p_done integer, p_transactions bigint,
    p_checks jsonb, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    UPDATE ledger_verification v
    SET done = least(greatest(v.done, p_done), v.total),
        finished_at = CASE WHEN p_checks IS NOT NULL THEN p_at END,
        transactions = CASE WHEN p_checks IS NOT NULL THEN p_transactions END,
        checks = p_checks,
        is_ok = CASE WHEN p_checks IS NOT NULL THEN
            NOT EXISTS (SELECT FROM jsonb_array_elements(p_checks) c
                WHERE NOT (c ->> 'ok')::boolean) END
    WHERE v.company_id = p_company_id AND v.verification_id = p_verification_id
        AND v.finished_at IS NULL;
    RETURN FOUND;
END $$;
