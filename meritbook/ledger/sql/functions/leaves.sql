-- The text of each transaction that its seal covers (docs/proof.md): all that it wrote and that is
-- no fold of other rows, one line each, in an order that does not depend on the plan. Numbers are
-- whole, amounts with the power of ten of their asset (500e-2 are 5 points), times in UTC.
-- verify and receipts take the query from this file, not the function from the database, so that
-- a changed function shows.
CREATE FUNCTION ledger_leaves(p_company_id bigint, p_tx_ids int8multirange)
RETURNS TABLE (tx_id bigint, text text, sum numeric)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
SET jit = off SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
    SELECT t.tx_id,
        'meritbook transaction 1'
        || E'\ncompany=' || t.company_id || E'\ntx=' || t.tx_id || E'\nkind=' || t.kind
        || E'\nposted_at='
        || to_char(t.posted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        || E'\neffective_on=' || to_char(t.effective_on, 'YYYY-MM-DD')
        || E'\nfact_on=' || to_char(t.fact_on, 'YYYY-MM-DD')
        || E'\nsource=' || t.source_kind || ':' || t.source_id
        || E'\nrule_version=' || coalesce(t.rule_version_id::text, '')
        || E'\nactor=' || coalesce(t.actor_id::text, '')
        || E'\nreverses=' || coalesce(t.reverses_tx_id::text, '')
        || E'\nabout=' || coalesce(t.about_tx_id::text, '')
        || E'\nkey=' || to_json(t.idem_key) || E'\npayload=' || encode(t.idem_hash, 'hex')
        || E'\nnote=' || coalesce(to_json(t.note)::text, '') || E'\n'
        || coalesce(f.lines, '') || coalesce(s.lines, '') || coalesce(u.lines, ''),
        coalesce(f.sum, 0)
    FROM ledger_tx t
    CROSS JOIN LATERAL (
        SELECT sum(f.amount) AS sum, string_agg(
            'transfer=' || f.seq || ' ' || coalesce(a.code, '?')
            || ' ' || f.amount || 'e-' || coalesce(a.scale::text, '?')
            || ' from ' || f.debit_id || ':' || coalesce(d.kind, '?')
            || ':' || coalesce(d.party_id::text, '')
            || ' to ' || f.credit_id || ':' || coalesce(c.kind, '?')
            || ':' || coalesce(c.party_id::text, '')
            || ' department ' || coalesce(f.department_id::text, '-')
            || ' lot ' || CASE WHEN f.expires_on IS NULL THEN '-'
                WHEN isfinite(f.expires_on) THEN to_char(f.expires_on, 'YYYY-MM-DD')
                ELSE 'infinity' END || E'\n', '' ORDER BY f.seq) AS lines
        FROM ledger_transfer f
        LEFT JOIN ledger_asset a ON a.company_id = f.company_id AND a.asset_id = f.asset_id
        -- By their keys: a join would read all accounts for each transaction of a young company.
        LEFT JOIN LATERAL (
            SELECT x.kind, x.party_id FROM ledger_account x
            WHERE x.company_id = f.company_id AND x.account_id = f.debit_id OFFSET 0
        ) d ON true
        LEFT JOIN LATERAL (
            SELECT x.kind, x.party_id FROM ledger_account x
            WHERE x.company_id = f.company_id AND x.account_id = f.credit_id OFFSET 0
        ) c ON true
        WHERE f.company_id = p_company_id AND f.tx_id = t.tx_id
    ) f
    CROSS JOIN LATERAL (
        SELECT string_agg(
            'shortfall=' || s.seq || ' of ' || s.original_tx_id || ' account ' || s.account_id
            || ' ' || s.amount || E'\n', '' ORDER BY s.seq) AS lines
        FROM ledger_shortfall s
        WHERE t.reverses_tx_id IS NOT NULL
            AND s.company_id = p_company_id AND s.tx_id = t.tx_id
    ) s
    CROSS JOIN LATERAL (
        SELECT string_agg(
            'lot=' || u.account_id || ' ' || CASE WHEN isfinite(u.expires_on)
                THEN to_char(u.expires_on, 'YYYY-MM-DD') ELSE 'infinity' END
            || ' ' || CASE WHEN u.is_return THEN 'back to ' ELSE '' END || u.part
            || ' ' || u.amount || CASE u.seq WHEN 0 THEN '' ELSE ' of transfer ' || u.seq END
            || E'\n', '' ORDER BY u.account_id, u.expires_on, u.part, u.seq) AS lines
        FROM ledger_lot_use u
        WHERE u.company_id = p_company_id AND u.tx_id = t.tx_id
    ) u
    WHERE t.company_id = p_company_id
        AND t.tx_id BETWEEN lower(p_tx_ids) AND upper(p_tx_ids) - 1 AND p_tx_ids @> t.tx_id
$$;
