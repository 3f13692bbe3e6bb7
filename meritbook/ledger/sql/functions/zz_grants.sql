-- The doors that the application may use. Everything else stays with the owner.
DO $$
DECLARE
    v_function record;
    v_doors CONSTANT text[] := ARRAY[
        'ledger_add_asset', 'ledger_add_cap', 'ledger_balance_of', 'ledger_begin_verification',
        'ledger_capture', 'ledger_close_month', 'ledger_convert', 'ledger_create_assets',
        'ledger_end_cap', 'ledger_expire', 'ledger_hold', 'ledger_lapse_holds',
        'ledger_make_checkpoints', 'ledger_move', 'ledger_name_witnesses', 'ledger_note_anchor',
        'ledger_note_verification', 'ledger_open_stage', 'ledger_open_wallets', 'ledger_post',
        'ledger_post_bulk', 'ledger_rebuild', 'ledger_release_hold', 'ledger_release_pending',
        'ledger_reopen_month', 'ledger_reverse', 'ledger_reverse_bulk', 'ledger_seal_block',
        'ledger_set_policy', 'ledger_set_rate', 'ledger_set_state', 'ledger_set_worth',
        'ledger_spend'];
BEGIN
    FOR v_function IN
        SELECT p.oid::regprocedure AS signature, p.proname = ANY (v_doors) AS is_door
        FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'ledger\_%'
            AND p.prorettype <> 'trigger'::regtype
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC, meritbook_app, meritbook_ops',
            v_function.signature);
        IF v_function.is_door THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO meritbook_app', v_function.signature);
        END IF;
    END LOOP;
END $$;
