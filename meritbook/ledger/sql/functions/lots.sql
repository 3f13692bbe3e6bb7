-- Lots: buckets of an account by expiry date. Whoever calls these holds the balance's lock.

-- The last day on which points that count on p_on may be used, by the policy of their asset.
CREATE FUNCTION ledger_last_day(
    p_expiry text, p_count smallint, p_period text, p_month smallint, p_day smallint,
    p_grace_days smallint, p_on date) RETURNS date
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_day date;
    v_year integer := extract(year FROM p_on)::integer;
BEGIN
    CASE p_expiry
        WHEN 'never' THEN
            RETURN 'infinity';
        WHEN 'months' THEN
            -- A month's end stays a month's end: 31 January and one month is 28 February.
            v_day := ledger_period_last_day(p_period, (p_on + make_interval(months => p_count))::date);
        WHEN 'period_end' THEN
            v_day := (ledger_period_last_day(p_period, p_on) + 1
                + make_interval(months => p_count))::date - 1;
        WHEN 'date' THEN
            LOOP
                v_day := least(
                    make_date(v_year, p_month, 1) + (p_day - 1),
                    (make_date(v_year, p_month, 1) + interval '1 month')::date - 1);
                EXIT WHEN v_day >= p_on;
                v_year := v_year + 1;
            END LOOP;
    END CASE;
    RETURN v_day + p_grace_days;
END $$;

CREATE FUNCTION ledger_period_last_day(p_period text, p_on date) RETURNS date
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE p_period
        WHEN 'day' THEN p_on
        WHEN 'half_year' THEN
            make_date(extract(year FROM p_on)::integer,
                CASE WHEN extract(month FROM p_on) <= 6 THEN 6 ELSE 12 END, 1)
            + CASE WHEN extract(month FROM p_on) <= 6 THEN 29 ELSE 30 END
        ELSE (date_trunc(p_period, p_on) + CASE p_period
            WHEN 'month' THEN interval '1 month'
            WHEN 'quarter' THEN interval '3 months'
            ELSE interval '1 year' END)::date - 1
    END
$$;

-- Put a grant into its lot. What repays a debt (a balance below zero) is in no lot.
CREATE FUNCTION ledger_grant_lot(
    p_company_id bigint, p_account_id bigint, p_expires_on date, p_amount bigint,
    p_posted_before bigint) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO ledger_lot AS l (company_id, account_id, expires_on, granted)
    VALUES (p_company_id, p_account_id, p_expires_on,
        greatest(p_posted_before + p_amount, 0) - greatest(p_posted_before, 0))
    ON CONFLICT ON CONSTRAINT ledger_lot_pkey DO UPDATE SET granted = l.granted + excluded.granted
$$;

-- What may still be used of an account's lots on a day.
CREATE FUNCTION ledger_usable(p_company_id bigint, p_account_id bigint, p_today date)
RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(sum(granted - used - revoked - expired - held), 0)::bigint FROM ledger_lot
    WHERE company_id = p_company_id AND account_id = p_account_id AND expires_on >= p_today
$$;

-- Take an amount out of an account's lots, the earliest to expire first; with p_today only out of
-- those that may still be used. An account in debt has no lots to take from.
CREATE FUNCTION ledger_take_from_lots(
    p_company_id bigint, p_tx_id bigint, p_account_id bigint, p_amount bigint, p_part text,
    p_today date DEFAULT NULL, p_seq integer DEFAULT 0)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_left bigint := p_amount;
    v_take bigint;
    v_lot record;
BEGIN
    FOR v_lot IN
        SELECT expires_on, granted - used - revoked - expired - held AS available
        FROM ledger_lot
        WHERE company_id = p_company_id AND account_id = p_account_id
            AND granted > used + revoked + expired + held
            AND expires_on >= coalesce(p_today, '-infinity')
        ORDER BY expires_on
    LOOP
        EXIT WHEN v_left = 0;
        v_take := least(v_left, v_lot.available);
        UPDATE ledger_lot
        SET used = used + CASE p_part WHEN 'used' THEN v_take ELSE 0 END,
            revoked = revoked + CASE p_part WHEN 'revoked' THEN v_take ELSE 0 END,
            expired = expired + CASE p_part WHEN 'expired' THEN v_take ELSE 0 END
        WHERE company_id = p_company_id AND account_id = p_account_id
            AND expires_on = v_lot.expires_on;
        INSERT INTO ledger_lot_use (company_id, tx_id, account_id, expires_on, part, amount, seq)
        VALUES (p_company_id, p_tx_id, p_account_id, v_lot.expires_on, p_part, v_take, p_seq);
        v_left := v_left - v_take;
    END LOOP;
    IF v_left > 0 THEN
        RAISE EXCEPTION 'the lots of account % lack %', p_account_id, v_left
            USING ERRCODE = 'ML004';
    END IF;
END $$;
