-- Positions in a block and steps of a run are small numbers.
-- squawk-ignore-file prefer-bigint-over-int
-- What seals the ledger: a queue of what is not sealed yet, blocks that chain what is, copies of the
-- chain's head outside, who is told, and the runs of verify.

-- One row for each statement that wrote transactions, naming exactly those: however late their
-- session commits, the row becomes visible with them, so none is missed and none is sealed twice.
-- Numbers run together in a bulk load, so that ten thousand of them are one short range.
CREATE TABLE ledger_unsealed (
    company_id bigint NOT NULL,
    first_tx_id bigint NOT NULL,
    n bigint NOT NULL,
    tx_ids int8multirange NOT NULL,
    CONSTRAINT ledger_unsealed_pkey PRIMARY KEY (company_id, first_tx_id),
    CONSTRAINT ledger_unsealed_count CHECK (n > 0),
    CONSTRAINT ledger_unsealed_first CHECK (first_tx_id = lower(tx_ids))
);

-- A block: root_hash over the leaves of its transactions, hash over the block and the one before.
-- The sum counts minor units of all assets together: a checksum, not points.
CREATE TABLE ledger_seal (
    company_id bigint NOT NULL,
    seq bigint NOT NULL,
    n bigint NOT NULL,
    sum numeric(38, 0) NOT NULL,
    sealed_at timestamptz NOT NULL,
    root_hash bytea NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT ledger_seal_pkey PRIMARY KEY (company_id, seq),
    CONSTRAINT ledger_seal_hash_key UNIQUE (company_id, hash),
    -- Two blocks cannot follow one.
    CONSTRAINT ledger_seal_prev_key UNIQUE (company_id, prev_hash),
    CONSTRAINT ledger_seal_counts CHECK (seq > 0 AND n > 0 AND sum >= 0),
    CONSTRAINT ledger_seal_hash_lengths CHECK (
        length(root_hash) = 32 AND length(prev_hash) = 32 AND length(hash) = 32)
);

-- Where each transaction sits. Written by one function from rows that it read and that nobody can
-- delete, so references would only lock every row of the ledger again.
CREATE TABLE ledger_seal_tx (
    company_id bigint NOT NULL,
    tx_id bigint NOT NULL,
    seq bigint NOT NULL,
    position integer NOT NULL,
    leaf_hash bytea NOT NULL,
    CONSTRAINT ledger_seal_tx_pkey PRIMARY KEY (company_id, tx_id),
    CONSTRAINT ledger_seal_tx_position_key UNIQUE (company_id, seq, position),
    CONSTRAINT ledger_seal_tx_position_range CHECK (position >= 0),
    CONSTRAINT ledger_seal_tx_leaf_length CHECK (length(leaf_hash) = 32)
);

-- Where a block's hash was told to the world outside this database.
CREATE TABLE ledger_anchor (
    company_id bigint NOT NULL,
    seq bigint NOT NULL,
    place text COLLATE "C" NOT NULL,
    anchored_at timestamptz NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT ledger_anchor_pkey PRIMARY KEY (company_id, seq, place),
    CONSTRAINT ledger_anchor_place_known CHECK (place IN ('file', 'message', 'print')),
    CONSTRAINT ledger_anchor_seal_fk FOREIGN KEY (company_id, seq)
        REFERENCES ledger_seal (company_id, seq)
);

-- The people who get the head of the chain; a row ends, it is not deleted.
CREATE TABLE ledger_witness (
    company_id bigint NOT NULL,
    membership_id bigint NOT NULL,
    named_at timestamptz NOT NULL,
    named_by bigint NOT NULL,
    dismissed_at timestamptz,
    dismissed_by bigint,
    CONSTRAINT ledger_witness_pkey PRIMARY KEY (company_id, membership_id, named_at),
    CONSTRAINT ledger_witness_end CHECK (
        (dismissed_at IS NULL) = (dismissed_by IS NULL) AND dismissed_at >= named_at)
);
CREATE UNIQUE INDEX ledger_witness_once ON ledger_witness (company_id, membership_id)
    WHERE dismissed_at IS NULL;

-- A run of verify: who asked, how far it is, what it found.
CREATE SEQUENCE ledger_verification_id_seq;
CREATE TABLE ledger_verification (
    company_id bigint NOT NULL,
    verification_id bigint NOT NULL DEFAULT nextval('ledger_verification_id_seq'),
    asked_at timestamptz NOT NULL,
    actor_id bigint,
    done integer NOT NULL DEFAULT 0,
    total integer NOT NULL,
    finished_at timestamptz,
    is_ok boolean,
    transactions bigint,
    checks jsonb,
    CONSTRAINT ledger_verification_pkey PRIMARY KEY (company_id, verification_id),
    CONSTRAINT ledger_verification_progress CHECK (done BETWEEN 0 AND total),
    CONSTRAINT ledger_verification_result CHECK (
        (finished_at IS NULL) = (is_ok IS NULL)
        AND (finished_at IS NULL) = (transactions IS NULL)
        AND (finished_at IS NULL) = (checks IS NULL))
);
-- One at a time.
CREATE UNIQUE INDEX ledger_verification_running ON ledger_verification (company_id)
    WHERE finished_at IS NULL;

-- What stood in the ledger before there were seals is sealed first.
ALTER TABLE ledger_tx NO FORCE ROW LEVEL SECURITY;
INSERT INTO ledger_unsealed (company_id, first_tx_id, n, tx_ids)
SELECT company_id, min(tx_id), count(*), range_agg(int8range(tx_id, tx_id + 1))
FROM ledger_tx GROUP BY company_id, tx_id / 10000;
ALTER TABLE ledger_tx FORCE ROW LEVEL SECURITY;

CREATE TRIGGER ledger_tx_unsealed AFTER INSERT ON ledger_tx
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_note_unsealed();

CREATE TRIGGER ledger_seal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_seal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_seal_tx_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_seal_tx
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_anchor_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_anchor
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_witness_kept BEFORE DELETE OR TRUNCATE ON ledger_witness
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_verification_kept BEFORE DELETE OR TRUNCATE ON ledger_verification
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'ledger_unsealed', 'ledger_seal', 'ledger_seal_tx', 'ledger_anchor', 'ledger_witness',
        'ledger_verification']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY tenant ON %I'
            ' USING (company_id = current_setting(''app.company_id'')::bigint)'
            ' WITH CHECK (company_id = current_setting(''app.company_id'')::bigint)', name);
        EXECUTE format('REVOKE ALL ON %I FROM PUBLIC, meritbook_app, meritbook_ops', name);
        EXECUTE format('GRANT SELECT ON %I TO meritbook_app, meritbook_ops', name);
    END LOOP;
    REVOKE ALL ON SEQUENCE ledger_verification_id_seq FROM PUBLIC, meritbook_app;
    REVOKE ALL ON FUNCTION ledger_note_unsealed() FROM PUBLIC, meritbook_app, meritbook_ops;
END $$;
