-- The worth of an asset from a day on. The first may begin today; a later one needs notice, and
-- somebody else's approval. Answers 'new', 'duplicate' or 'refused' with the reason.
CREATE FUNCTION ledger_set_worth(
    p_company_id bigint, p_code text, p_valid_from date, p_points bigint, p_cents bigint,
    p_announced_at timestamptz, p_announced_on date, p_notice_days integer, p_actor_id bigint,
    p_approver_id bigint, p_note text, OUT status text, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_asset_id bigint;
    v_same record;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    status := 'refused';
    SELECT asset_id INTO v_asset_id FROM ledger_asset
    WHERE company_id = p_company_id AND code = p_code;
    reason := CASE
        WHEN v_asset_id IS NULL THEN 'unknown_asset'
        WHEN p_points IS NULL OR p_cents IS NULL OR p_points NOT BETWEEN 1 AND 1000000000000
            OR p_cents NOT BETWEEN 0 AND 1000000000000 THEN 'bad_worth'
        WHEN p_valid_from IS NULL OR p_valid_from NOT BETWEEN '1970-01-01' AND '2999-12-31'
            OR p_valid_from < p_announced_on THEN 'bad_day'
    END;
    IF reason IS NOT NULL THEN
        RETURN;
    END IF;
    -- One change of an asset at a time.
    PERFORM pg_advisory_xact_lock(hashtextextended(
        'ledger worth ' || p_company_id || ' ' || v_asset_id, 0));
    SELECT points, cents INTO v_same FROM ledger_worth
    WHERE company_id = p_company_id AND asset_id = v_asset_id AND valid_from = p_valid_from;
    IF FOUND THEN
        IF v_same.points = p_points AND v_same.cents = p_cents THEN
            status := 'duplicate';
        ELSE
            reason := 'worth_exists';
        END IF;
        RETURN;
    END IF;
    IF p_approver_id IS NOT NULL
        AND NOT ledger_may_approve(p_company_id, p_actor_id, p_approver_id)
    THEN
        reason := 'not_approved';
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM ledger_worth WHERE company_id = p_company_id AND asset_id = v_asset_id)
    THEN
        reason := CASE
            WHEN p_approver_id IS NULL THEN 'not_approved'
            WHEN p_valid_from < p_announced_on + p_notice_days THEN 'short_notice'
        END;
        IF reason IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;
    INSERT INTO ledger_worth (
        company_id, asset_id, valid_from, points, cents, announced_at, actor_id, approver_id, note)
    VALUES (
        p_company_id, v_asset_id, p_valid_from, p_points, p_cents, p_announced_at, p_actor_id,
        p_approver_id, left(coalesce(p_note, ''), 400));
    status := 'new';
END $$;
