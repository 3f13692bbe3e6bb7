DROP FUNCTION ledger_reverse_bulk(bigint);
DROP FUNCTION ledger_write_rest(bigint);
DROP FUNCTION ledger_write_stage(bigint);
DROP FUNCTION ledger_stage_wallets(bigint);
DROP FUNCTION ledger_stage_legs(bigint);
DROP FUNCTION ledger_post_bulk(bigint);
DROP FUNCTION ledger_check_stage();
DROP FUNCTION ledger_open_stage();
DROP FUNCTION ledger_reverse(bigint, bigint, text, date, bigint, text, text[], bigint[]);
DROP FUNCTION ledger_return_to_lots(bigint, bigint, bigint, bigint, bigint);
DROP FUNCTION ledger_post(
    bigint, text, text, bigint, text[], bigint[], date, date, text, bigint, bigint, bigint,
    bigint);
DROP FUNCTION ledger_grant_lot(bigint, bigint, date, bigint, bigint);
DROP FUNCTION ledger_take_from_lots(bigint, bigint, bigint, bigint, text);
DROP FUNCTION ledger_flaw(text, text, bigint[], date, date, text, bigint);
DROP FUNCTION ledger_payload_hash(
    text, bigint, text, bigint[], date, date, text, bigint, bigint, bigint);
DROP FUNCTION ledger_close_month(bigint, date, bigint, timestamptz);
DROP FUNCTION ledger_open_day(bigint, date);
DROP FUNCTION ledger_month_lock(bigint, date);
DROP FUNCTION ledger_open_wallets(bigint, bigint[], text[]);
DROP FUNCTION ledger_create_assets(bigint, bigint);
DROP FUNCTION ledger_refuse_foreign_scope(bigint);
