DROP TABLE ledger_period, ledger_change, ledger_day_total, ledger_lot_use, ledger_lot,
    ledger_balance, ledger_shortfall, ledger_reversed_total, ledger_transfer, ledger_tx,
    ledger_route, ledger_account, ledger_asset;
DROP SEQUENCE ledger_tx_id_seq, ledger_account_id_seq, ledger_asset_id_seq;
