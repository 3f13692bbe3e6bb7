DROP TABLE ledger_worth;
DROP SEQUENCE ledger_worth_id_seq;
