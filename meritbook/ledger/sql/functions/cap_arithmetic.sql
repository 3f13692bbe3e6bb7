-- The arithmetic of caps: spans of days, parts of a cap, what several caps leave of a posting.

-- The first day of the span of days that a cap counts in.
CREATE FUNCTION ledger_cap_start(p_period text, p_day date) RETURNS date
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_period
        WHEN 'day' THEN p_day
        WHEN 'half_year' THEN make_date(extract(year FROM p_day)::int,
            CASE WHEN extract(month FROM p_day) < 7 THEN 1 ELSE 7 END, 1)
        WHEN 'life' THEN date '1970-01-01'
        ELSE date_trunc(p_period, p_day::timestamp)::date END
$$;

CREATE FUNCTION ledger_cap_scope(
    p_scope text, p_cap_department_id bigint, p_party_id bigint, p_department_id bigint)
RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_scope WHEN 'person' THEN p_party_id
        WHEN 'department' THEN coalesce(p_cap_department_id, p_department_id, 0) ELSE 0 END
$$;

-- What was gained, in a span of days, under the caps whose place this one takes.
CREATE FUNCTION ledger_cap_carried(
    p_company_id bigint, p_cap_id bigint, p_scope_id bigint, p_period_start date)
RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_before record;
    v_free bigint;
BEGIN
    SELECT b.cap_id, b.amount INTO v_before
    FROM ledger_cap c
    JOIN ledger_cap b ON b.company_id = c.company_id AND b.cap_id = c.replaces_cap_id
        AND b.period = c.period AND b.valid_to > p_period_start
    WHERE c.company_id = p_company_id AND c.cap_id = p_cap_id;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    SELECT sum(allotted - used) INTO v_free FROM ledger_cap_bucket
    WHERE company_id = p_company_id AND cap_id = v_before.cap_id AND scope_id = p_scope_id
        AND period_start = p_period_start;
    RETURN coalesce(v_before.amount - v_free,
        ledger_cap_carried(p_company_id, v_before.cap_id, p_scope_id, p_period_start));
END $$;

-- How much of a cap a bucket holds: equal parts, what is over in the first ones.
CREATE FUNCTION ledger_cap_part(p_amount bigint, p_buckets integer, p_bucket integer)
RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_amount / p_buckets + CASE WHEN p_bucket < p_amount % p_buckets THEN 1 ELSE 0 END
$$;

-- What caps leave of a posting. p_seqs: which amount each cap counts; p_rooms: what it has; asked:
-- what each was asked for. All gains shrink in one proportion, rounded down, so that equal ones
-- stay equal. First what is clipped or queued, then whether the rest fits where nothing may be cut
-- ('refuse'; 'void': nothing gained instead).
CREATE FUNCTION ledger_cap_answer(
    p_amounts bigint[], p_seqs integer[], p_rooms bigint[], p_policies text[],
    OUT amounts bigint[], OUT reason text, OUT asked bigint[])
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_clip integer := 0;
    v_queue integer := 0;
    v_needs bigint[];
    v_left bigint[];
    i integer;
BEGIN
    amounts := p_amounts;
    FOR i IN 1 .. cardinality(p_seqs) LOOP
        asked[i] := p_amounts[p_seqs[i]];
        CONTINUE WHEN p_rooms[i] >= asked[i];
        IF p_policies[i] = 'clip' AND (v_clip = 0 OR p_rooms[i]::numeric * asked[v_clip]
            < p_rooms[v_clip]::numeric * asked[i])
        THEN
            v_clip := i;
        ELSIF p_policies[i] = 'queue' AND (v_queue = 0 OR p_rooms[i]::numeric * asked[v_queue]
            < p_rooms[v_queue]::numeric * asked[i])
        THEN
            v_queue := i;
        END IF;
    END LOOP;
    v_needs := asked;
    IF v_clip > 0 THEN
        amounts := ledger_cap_share(p_amounts, p_rooms[v_clip], v_needs[v_clip]);
        reason := 'cap_clipped';
    END IF;
    -- Beyond what another cap clips there is nothing to approve.
    FOR i IN 1 .. cardinality(p_seqs) LOOP
        IF p_policies[i] = 'queue' THEN
            asked[i] := amounts[p_seqs[i]];
        END IF;
    END LOOP;
    IF v_queue > 0 AND p_rooms[v_queue] < asked[v_queue] THEN
        amounts := ledger_cap_share(p_amounts, p_rooms[v_queue], v_needs[v_queue]);
        reason := 'cap_queued';
    END IF;
    v_left := amounts;
    FOR i IN 1 .. cardinality(p_seqs) LOOP
        CONTINUE WHEN p_policies[i] NOT IN ('refuse', 'void');
        asked[i] := v_left[p_seqs[i]];
        IF p_rooms[i] < asked[i] THEN
            IF p_policies[i] = 'refuse' THEN
                amounts := ledger_cap_share(p_amounts, 0, 1);
                reason := 'cap_reached';
                RETURN;
            END IF;
            amounts := ledger_cap_share(p_amounts, 0, 1);
            reason := 'cap_clipped';
        END IF;
    END LOOP;
END $$;

-- Gains in the proportion of two amounts, rounded down; losses whole.
CREATE FUNCTION ledger_cap_share(p_amounts bigint[], p_room bigint, p_asked bigint)
RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_amounts bigint[] := p_amounts;
    i integer;
BEGIN
    FOR i IN 1 .. cardinality(v_amounts) LOOP
        IF v_amounts[i] > 0 THEN
            v_amounts[i] := div(v_amounts[i]::numeric * p_room, p_asked)::bigint;
        END IF;
    END LOOP;
    RETURN v_amounts;
END $$;
