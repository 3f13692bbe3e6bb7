-- Months, open until a person closes them, and balances at the end of days.

CREATE FUNCTION ledger_month_lock(p_company_id bigint, p_month date) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT hashtextextended(
        'ledger month ' || p_company_id::text || ' ' || (p_month - date '2000-01-01')::text, 0)
$$;

-- The day on which a posting counts: the day asked for, or the first open day after it when its
-- month is closed. The shared lock lets no one close that month before the posting commits.
CREATE FUNCTION ledger_open_day(p_company_id bigint, p_day date) RETURNS date
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_month date := date_trunc('month', p_day)::date;
    v_is_locked boolean;
BEGIN
    LOOP
        -- An assignment, because PERFORM would be a query.
        v_is_locked := pg_advisory_xact_lock_shared(
            ledger_month_lock(p_company_id, v_month)) IS NOT NULL;
        IF NOT EXISTS (
            SELECT FROM ledger_period
            WHERE company_id = p_company_id AND month = v_month AND state = 'closed'
        ) THEN
            RETURN greatest(p_day, v_month);
        END IF;
        v_month := (v_month + interval '1 month')::date;
    END LOOP;
END $$;

CREATE FUNCTION ledger_close_month(
    p_company_id bigint, p_month date, p_closed_by bigint, p_closed_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    PERFORM pg_advisory_xact_lock(ledger_month_lock(p_company_id, p_month));
    INSERT INTO ledger_period AS p (company_id, month, state, closed_at, closed_by)
    VALUES (p_company_id, p_month, 'closed', p_closed_at, p_closed_by)
    ON CONFLICT (company_id, month) DO UPDATE
        SET state = 'closed', closed_at = excluded.closed_at, closed_by = excluded.closed_by
        WHERE p.state = 'open';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO ledger_period_change (company_id, month, number, changed_at, state, actor_id)
    SELECT p_company_id, p_month, 1 + count(*), p_closed_at, 'closed', p_closed_by
    FROM ledger_period_change c WHERE c.company_id = p_company_id AND c.month = p_month;
    RETURN true;
END $$;

-- Open a closed month again, for a reason.
CREATE FUNCTION ledger_reopen_month(
    p_company_id bigint, p_month date, p_reason text, p_actor_id bigint, p_at timestamptz,
    OUT status text, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    status := 'refused';
    IF coalesce(length(p_reason), 0) NOT BETWEEN 1 AND 400 OR p_actor_id IS NULL
        OR p_at IS NULL
    THEN
        reason := 'reason_needed';
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(ledger_month_lock(p_company_id, p_month));
    IF EXISTS (SELECT FROM ledger_period WHERE company_id = p_company_id AND month > p_month
        AND state = 'closed')
    THEN
        -- What came late was moved behind the later month; opening this one alone would not
        -- bring it back.
        reason := 'later_month_closed';
        RETURN;
    END IF;
    UPDATE ledger_period p
    SET state = 'open', closed_at = NULL, closed_by = NULL, reopened_at = p_at,
        reopened_by = p_actor_id, reason = p_reason
    WHERE p.company_id = p_company_id AND p.month = p_month AND p.state = 'closed';
    IF NOT FOUND THEN
        status := 'duplicate';
        RETURN;
    END IF;
    INSERT INTO ledger_period_change (
        company_id, month, number, changed_at, state, actor_id, reason)
    SELECT p_company_id, p_month, 1 + count(*), p_at, 'open', p_actor_id, p_reason
    FROM ledger_period_change c WHERE c.company_id = p_company_id AND c.month = p_month;
    status := 'new';
END $$;

-- Keep every account's balance at the end of a day, from all that was posted before p_until (the
-- end of that day where the company is). Again: nothing new.
CREATE FUNCTION ledger_make_checkpoints(
    p_company_id bigint, p_day date, p_until timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET jit = off AS $$
DECLARE
    v_count bigint;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    IF p_until > clock_timestamp() - interval '1 hour' THEN
        -- Postings of that day may still be on their way.
        RETURN 0;
    END IF;
    WITH moved AS (
        SELECT account_id, sum(gain)::bigint AS gain FROM (
            SELECT credit_id AS account_id, amount AS gain FROM ledger_transfer
            WHERE company_id = p_company_id AND posted_at < p_until
            UNION ALL
            SELECT debit_id, -amount FROM ledger_transfer
            WHERE company_id = p_company_id AND posted_at < p_until
        ) sides GROUP BY account_id
    )
    INSERT INTO ledger_checkpoint (company_id, account_id, day, posted)
    SELECT p_company_id, account_id, p_day, gain FROM moved
    ON CONFLICT ON CONSTRAINT ledger_checkpoint_pkey DO NOTHING;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END $$;
