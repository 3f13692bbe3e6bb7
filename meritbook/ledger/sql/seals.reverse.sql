DROP TRIGGER ledger_tx_unsealed ON ledger_tx;
DROP FUNCTION ledger_note_unsealed();
DROP TABLE ledger_verification, ledger_witness, ledger_anchor, ledger_seal_tx, ledger_seal,
    ledger_unsealed;
DROP SEQUENCE ledger_verification_id_seq;
