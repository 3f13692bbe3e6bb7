-- The doors that the application may use. Everything else stays with the owner.
REVOKE ALL ON FUNCTION
    ledger_refuse_foreign_scope(bigint), ledger_create_assets(bigint, bigint),
    ledger_open_wallets(bigint, bigint[], text[]), ledger_month_lock(bigint, date),
    ledger_open_day(bigint, date), ledger_close_month(bigint, date, bigint, timestamptz),
    ledger_payload_hash(
        text, bigint, text, bigint[], date, date, text, bigint, bigint, bigint),
    ledger_flaw(text, text, bigint[], date, date, text, bigint),
    ledger_take_from_lots(bigint, bigint, bigint, bigint, text),
    ledger_grant_lot(bigint, bigint, date, bigint, bigint),
    ledger_return_to_lots(bigint, bigint, bigint, bigint, bigint),
    ledger_post(bigint, text, text, bigint, text[], bigint[], date, date, text, bigint, bigint,
        bigint, bigint),
    ledger_reverse(bigint, bigint, text, date, bigint, text, text[], bigint[]),
    ledger_open_stage(), ledger_check_stage(), ledger_stage_legs(bigint),
    ledger_stage_wallets(bigint), ledger_write_stage(bigint), ledger_write_rest(bigint),
    ledger_post_bulk(bigint),
    ledger_reverse_bulk(bigint)
FROM PUBLIC, meritbook_app, meritbook_ops;
GRANT EXECUTE ON FUNCTION
    ledger_create_assets(bigint, bigint), ledger_open_wallets(bigint, bigint[], text[]),
    ledger_close_month(bigint, date, bigint, timestamptz),
    ledger_post(bigint, text, text, bigint, text[], bigint[], date, date, text, bigint, bigint,
        bigint, bigint),
    ledger_reverse(bigint, bigint, text, date, bigint, text, text[], bigint[]),
    ledger_open_stage(), ledger_post_bulk(bigint), ledger_reverse_bulk(bigint)
TO meritbook_app;
