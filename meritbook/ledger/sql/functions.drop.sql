-- Every function of the ledger but the triggers': they are written anew, each from its one text.
DO $$
DECLARE
    v_function record;
BEGIN
    FOR v_function IN
        SELECT p.oid::regprocedure AS signature
        FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'ledger\_%'
            AND p.prorettype <> 'trigger'::regtype
        ORDER BY p.oid
    LOOP
        EXECUTE format('DROP FUNCTION %s', v_function.signature);
    END LOOP;
END $$;
