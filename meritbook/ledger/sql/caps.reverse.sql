DROP TABLE ledger_cap_cut, ledger_cap_use, ledger_cap_bucket, ledger_cap;
DROP SEQUENCE ledger_cap_id_seq;
DROP FUNCTION ledger_keep_cap(), ledger_check_cap_uses();
