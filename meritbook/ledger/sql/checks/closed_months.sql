-- A closed month stays closed unless a person opens it again and says why.
CREATE OR REPLACE FUNCTION ledger_keep_closed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.month <> OLD.month OR NEW.company_id <> OLD.company_id
        OR (OLD.state = 'closed' AND (NEW.state = 'closed'
            OR NEW.reopened_at IS NULL OR NEW.reopened_at IS NOT DISTINCT FROM OLD.reopened_at))
    THEN
        RAISE EXCEPTION 'the month of % stays closed', OLD.month USING ERRCODE = 'ML002';
    END IF;
    RETURN NEW;
END $$;
