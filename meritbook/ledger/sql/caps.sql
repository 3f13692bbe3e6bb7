-- Caps: how much may be gained in a span of days, and escrow buckets that hold the room. A bucket
-- has its part of the cap allotted to it; whoever takes from a bucket locks that bucket alone.

CREATE SEQUENCE ledger_cap_id_seq;

CREATE TABLE ledger_cap (
    company_id bigint NOT NULL,
    cap_id bigint NOT NULL DEFAULT nextval('ledger_cap_id_seq'),
    asset_id bigint NOT NULL,
    amount bigint NOT NULL,
    -- The cap whose place this one takes: what was gained under it counts in the span of days in
    -- which one follows the other.
    replaces_cap_id bigint,
    -- The version of a rule that states this cap; null: a person set it.
    rule_version_id bigint,
    -- Whose gains count: those of a department and what is below it, those of one person. For
    -- scope 'person' a department narrows whose caps there are; 'department' without one means
    -- each department for itself.
    department_id bigint,
    party_id bigint,
    actor_id bigint,
    ended_by bigint,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    valid_from date NOT NULL,
    valid_to date,
    buckets smallint NOT NULL,
    scope text COLLATE "C" NOT NULL,
    period text COLLATE "C" NOT NULL,
    policy text COLLATE "C" NOT NULL,
    -- What the gains are for, a word of those who post (a rule's code); null: everything.
    subject text COLLATE "C",
    name text NOT NULL,
    reason text NOT NULL DEFAULT '',
    CONSTRAINT ledger_cap_pkey PRIMARY KEY (company_id, cap_id),
    CONSTRAINT ledger_cap_rule_version_key UNIQUE (company_id, rule_version_id),
    CONSTRAINT ledger_cap_amount_range CHECK (amount BETWEEN 1 AND 1000000000000000),
    CONSTRAINT ledger_cap_scope_known CHECK (scope IN ('person', 'department', 'company')),
    CONSTRAINT ledger_cap_period_known CHECK (
        period IN ('day', 'week', 'month', 'quarter', 'half_year', 'year', 'life')),
    CONSTRAINT ledger_cap_policy_known CHECK (policy IN ('clip', 'refuse', 'queue')),
    CONSTRAINT ledger_cap_buckets_by_scope CHECK (
        buckets BETWEEN 1 AND CASE scope WHEN 'person' THEN 1 ELSE 64 END),
    CONSTRAINT ledger_cap_department_by_scope CHECK (scope <> 'company' OR department_id IS NULL),
    CONSTRAINT ledger_cap_party_by_scope CHECK (
        party_id IS NULL OR (scope = 'person' AND department_id IS NULL)),
    CONSTRAINT ledger_cap_named_person_has_reason CHECK (
        party_id IS NULL OR length(trim(reason)) > 0),
    CONSTRAINT ledger_cap_days CHECK (
        valid_from BETWEEN '1970-01-01' AND '2999-12-31' AND valid_to >= valid_from),
    CONSTRAINT ledger_cap_ended_whole CHECK ((valid_to IS NULL) = (ended_at IS NULL)),
    CONSTRAINT ledger_cap_name_length CHECK (length(trim(name)) BETWEEN 1 AND 60),
    CONSTRAINT ledger_cap_subject_length CHECK (length(subject) BETWEEN 1 AND 60),
    CONSTRAINT ledger_cap_reason_length CHECK (length(reason) <= 200),
    CONSTRAINT ledger_cap_replaces_another CHECK (replaces_cap_id <> cap_id),
    CONSTRAINT ledger_cap_asset_fk FOREIGN KEY (company_id, asset_id)
        REFERENCES ledger_asset (company_id, asset_id),
    CONSTRAINT ledger_cap_replaces_fk FOREIGN KEY (company_id, replaces_cap_id)
        REFERENCES ledger_cap (company_id, cap_id),
    CONSTRAINT ledger_cap_department_fk FOREIGN KEY (company_id, department_id)
        REFERENCES org_department (company_id, id),
    CONSTRAINT ledger_cap_party_fk FOREIGN KEY (company_id, party_id)
        REFERENCES org_party (company_id, id)
);

-- scope_id: the party of a cap per person, the department of a cap per department, 0 of a
-- company's.
CREATE TABLE ledger_cap_bucket (
    company_id bigint NOT NULL,
    cap_id bigint NOT NULL,
    scope_id bigint NOT NULL,
    allotted bigint NOT NULL,
    used bigint NOT NULL DEFAULT 0,
    period_start date NOT NULL,
    bucket smallint NOT NULL,
    CONSTRAINT ledger_cap_bucket_pkey
        PRIMARY KEY (company_id, cap_id, scope_id, period_start, bucket),
    CONSTRAINT ledger_cap_bucket_number CHECK (bucket BETWEEN 0 AND 63),
    CONSTRAINT ledger_cap_bucket_within CHECK (used BETWEEN 0 AND allotted),
    CONSTRAINT ledger_cap_bucket_cap_fk FOREIGN KEY (company_id, cap_id)
        REFERENCES ledger_cap (company_id, cap_id)
) WITH (fillfactor = 70);

-- What a transaction took out of a bucket, and what a reversal put back into it (is_return).
CREATE TABLE ledger_cap_use (
    company_id bigint NOT NULL,
    tx_id bigint NOT NULL,
    cap_id bigint NOT NULL,
    scope_id bigint NOT NULL,
    amount bigint NOT NULL,
    period_start date NOT NULL,
    bucket smallint NOT NULL,
    is_return boolean NOT NULL DEFAULT false,
    CONSTRAINT ledger_cap_use_pkey
        PRIMARY KEY (company_id, tx_id, cap_id, scope_id, period_start, bucket),
    CONSTRAINT ledger_cap_use_amount_range CHECK (amount > 0)
);
CREATE INDEX ledger_cap_use_bucket
    ON ledger_cap_use (company_id, cap_id, scope_id, period_start, bucket);

-- What a cap cut off a posting, in its asset's minor units: what was asked of it, what it had room
-- for then, and what the posting gained in the end (another cap may have cut more). With 0 allowed
-- the transaction has no transfer of that asset, and perhaps none at all.
CREATE TABLE ledger_cap_cut (
    company_id bigint NOT NULL,
    tx_id bigint NOT NULL,
    cap_id bigint NOT NULL,
    scope_id bigint NOT NULL,
    asked bigint NOT NULL,
    room bigint NOT NULL,
    allowed bigint NOT NULL,
    period_start date NOT NULL,
    CONSTRAINT ledger_cap_cut_pkey PRIMARY KEY (company_id, tx_id, cap_id),
    CONSTRAINT ledger_cap_cut_amounts CHECK (
        0 <= allowed AND allowed <= room AND room < asked),
    CONSTRAINT ledger_cap_cut_tx_fk FOREIGN KEY (company_id, tx_id)
        REFERENCES ledger_tx (company_id, tx_id),
    CONSTRAINT ledger_cap_cut_cap_fk FOREIGN KEY (company_id, cap_id)
        REFERENCES ledger_cap (company_id, cap_id)
);
CREATE INDEX ledger_cap_cut_cap ON ledger_cap_cut (company_id, cap_id, scope_id, period_start);

CREATE TRIGGER ledger_cap_use_checked AFTER INSERT ON ledger_cap_use
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_cap_uses();

-- A cap never changes but to end, once, or sooner than was said.
CREATE FUNCTION ledger_keep_cap() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (to_jsonb(NEW) - '{valid_to,ended_at,ended_by}'::text[])
            <> (to_jsonb(OLD) - '{valid_to,ended_at,ended_by}'::text[])
        OR NEW.valid_to IS NULL OR NEW.valid_to > OLD.valid_to
    THEN
        RAISE EXCEPTION 'a cap may only end: % refused', TG_OP
            USING ERRCODE = 'ML001', HINT = 'End it and add another.';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_cap_only_ends BEFORE UPDATE ON ledger_cap
    FOR EACH ROW EXECUTE FUNCTION ledger_keep_cap();
CREATE TRIGGER ledger_cap_kept BEFORE DELETE OR TRUNCATE ON ledger_cap
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_cap_bucket_kept BEFORE DELETE OR TRUNCATE ON ledger_cap_bucket
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_cap_use_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_cap_use
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_cap_cut_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_cap_cut
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'ledger_cap', 'ledger_cap_bucket', 'ledger_cap_use', 'ledger_cap_cut']
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
    REVOKE ALL ON SEQUENCE ledger_cap_id_seq FROM PUBLIC, meritbook_app;
    REVOKE ALL ON FUNCTION ledger_keep_cap(), ledger_check_cap_uses()
        FROM PUBLIC, meritbook_app, meritbook_ops;
END $$;
