-- Making and ending caps.

-- Answers (cap_id, reason): reason is null, or why there is no new cap.
CREATE FUNCTION ledger_add_cap(
    p_company_id bigint, p_name text, p_code text, p_amount bigint, p_scope text,
    p_department_id bigint, p_party_id bigint, p_subject text, p_period text, p_policy text,
    p_buckets integer, p_valid_from date, p_valid_to date, p_reason text, p_actor_id bigint,
    p_at timestamptz, p_replaces_cap_id bigint, p_rule_version_id bigint, OUT cap_id bigint, OUT reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_asset_id bigint;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    -- One at a time, so that two alike are seen.
    PERFORM pg_advisory_xact_lock(hashtextextended('ledger caps ' || p_company_id::text, 0));
    SELECT asset_id INTO v_asset_id FROM ledger_asset
    WHERE company_id = p_company_id AND code = p_code;
    reason := CASE
        WHEN v_asset_id IS NULL THEN 'unknown_asset'
        WHEN p_amount IS NULL OR p_amount NOT BETWEEN 1 AND 1000000000000000 THEN 'bad_amount'
        WHEN p_scope IS NULL OR p_scope NOT IN ('person', 'department', 'company')
            OR (p_scope = 'company' AND p_department_id IS NOT NULL)
            OR (p_party_id IS NOT NULL AND (p_scope <> 'person' OR p_department_id IS NOT NULL))
            THEN 'bad_scope'
        WHEN p_period IS NULL OR p_period NOT IN (
            'day', 'week', 'month', 'quarter', 'half_year', 'year', 'life') THEN 'bad_period'
        WHEN p_policy IS NULL OR p_policy NOT IN ('clip', 'refuse', 'queue') THEN 'bad_policy'
        WHEN p_buckets IS NULL
            OR p_buckets NOT BETWEEN 1 AND CASE p_scope WHEN 'person' THEN 1 ELSE 64 END
            THEN 'bad_buckets'
        WHEN p_name IS NULL OR length(trim(p_name)) NOT BETWEEN 1 AND 60 THEN 'bad_name'
        WHEN length(p_subject) NOT BETWEEN 1 AND 60 THEN 'bad_subject'
        WHEN length(p_reason) > 200 THEN 'bad_reason'
        WHEN p_party_id IS NOT NULL AND length(trim(coalesce(p_reason, ''))) = 0 THEN 'no_reason'
        WHEN p_valid_from IS NULL OR p_valid_from NOT BETWEEN '1970-01-01' AND '2999-12-31'
            OR p_valid_to <= p_valid_from THEN 'bad_day'
        WHEN p_department_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM org_department WHERE company_id = p_company_id AND id = p_department_id)
            THEN 'unknown_department'
        WHEN p_party_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM org_party WHERE company_id = p_company_id AND id = p_party_id)
            THEN 'unknown_party'
        WHEN p_replaces_cap_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM ledger_cap c
            WHERE c.company_id = p_company_id AND c.cap_id = p_replaces_cap_id
                AND c.valid_to <= p_valid_from) THEN 'unknown_cap'
        WHEN p_rule_version_id IS NOT NULL AND EXISTS (
            SELECT FROM ledger_cap c
            WHERE c.company_id = p_company_id AND c.rule_version_id = p_rule_version_id)
            THEN 'cap_exists'
        WHEN p_rule_version_id IS NULL AND EXISTS (
            SELECT FROM ledger_cap c
            WHERE c.company_id = p_company_id AND c.rule_version_id IS NULL
                AND c.asset_id = v_asset_id AND c.scope = p_scope AND c.period = p_period AND c.department_id IS NOT DISTINCT FROM p_department_id
                AND c.party_id IS NOT DISTINCT FROM p_party_id
                AND c.subject IS NOT DISTINCT FROM p_subject
                AND (c.valid_to IS NULL OR c.valid_to > p_valid_from)
                AND (p_valid_to IS NULL OR c.valid_from < p_valid_to)
                AND c.valid_from IS DISTINCT FROM c.valid_to) THEN 'cap_exists'
    END;
    IF reason IS NOT NULL THEN
        RETURN;
    END IF;
    INSERT INTO ledger_cap (
        company_id, asset_id, amount, replaces_cap_id, rule_version_id, department_id, party_id, actor_id, ended_by,
        created_at, ended_at, valid_from, valid_to, buckets, scope, period, policy, subject, name,
        reason)
    VALUES (
        p_company_id, v_asset_id, p_amount, p_replaces_cap_id, p_rule_version_id,
        p_department_id, p_party_id, p_actor_id, CASE WHEN p_valid_to IS NOT NULL THEN p_actor_id END, p_at,
        CASE WHEN p_valid_to IS NOT NULL THEN p_at END, p_valid_from, p_valid_to, p_buckets,
        p_scope, p_period, p_policy, p_subject, trim(p_name), trim(coalesce(p_reason, '')))
    RETURNING ledger_cap.cap_id INTO cap_id;
END $$;

-- End a cap: it counts no gains on p_day or later. A cap that has not begun never counts any.
CREATE FUNCTION ledger_end_cap(
    p_company_id bigint, p_cap_id bigint, p_day date, p_actor_id bigint, p_at timestamptz)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_cap record;
BEGIN
    PERFORM ledger_refuse_foreign_scope(p_company_id);
    SELECT c.valid_from, c.valid_to INTO v_cap FROM ledger_cap c
    WHERE c.company_id = p_company_id AND c.cap_id = p_cap_id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'unknown_cap';
    END IF;
    IF p_day IS NULL OR p_day NOT BETWEEN '1970-01-01' AND '2999-12-31' THEN
        RETURN 'bad_day';
    END IF;
    IF v_cap.valid_to <= p_day THEN
        RETURN 'cap_ended';
    END IF;
    UPDATE ledger_cap c
    SET valid_to = greatest(p_day, c.valid_from), ended_at = p_at, ended_by = p_actor_id
    WHERE c.company_id = p_company_id AND c.cap_id = p_cap_id;
    RETURN NULL;
END $$;
