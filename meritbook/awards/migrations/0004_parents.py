"""The hottest references of events and entries are checked by the statement.

A foreign key looks its parent up, locks and logs it again for every row: ten thousand times for eight
rules. Here a trigger over the transition table asks once for each parent. See
docs/decisions/0013-parents-by-the-statement.md.
"""

from django.db import migrations

REPLACED = {
    "awards_event": {"rule_id": "rules_rule", "import_run_id": "files_importrun"},
    "awards_entry": {
        "rule_version_id": "rules_ruleversion",
        "event_id": "awards_event",
        "window_id": "awards_window",
        "employee_id": "org_employee",
    },
}

# What may be deleted is locked against it (FOR KEY SHARE, as a foreign key does) until the rows are
# committed; events and windows stay for ever, so entries need no lock on them. An entry is its
# event's employee's, or its window's: those have foreign keys to the employee.
CHECKS = """
CREATE FUNCTION awards_check_events() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_parent record;
BEGIN
    FOR v_parent IN
        SELECT DISTINCT company_id, rule_id FROM inserted WHERE rule_id IS NOT NULL ORDER BY 1, 2
    LOOP
        PERFORM FROM rules_rule r
        WHERE r.company_id = v_parent.company_id AND r.id = v_parent.rule_id FOR KEY SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'an event names rule %, which its company has not', v_parent.rule_id
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'awards_event_rule_checked';
        END IF;
    END LOOP;
    FOR v_parent IN
        SELECT DISTINCT company_id, import_run_id FROM inserted
        WHERE import_run_id IS NOT NULL ORDER BY 1, 2
    LOOP
        PERFORM FROM files_importrun r
        WHERE r.company_id = v_parent.company_id AND r.id = v_parent.import_run_id FOR KEY SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'an event names import %, which its company has not',
                v_parent.import_run_id
                USING ERRCODE = 'foreign_key_violation',
                    CONSTRAINT = 'awards_event_import_run_checked';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION awards_check_entries() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
-- Made while the tables are small, the plan must suit large ones too.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    v_parent record;
BEGIN
    FOR v_parent IN
        SELECT DISTINCT company_id, rule_version_id FROM inserted ORDER BY 1, 2
    LOOP
        PERFORM FROM rules_ruleversion v
        WHERE v.company_id = v_parent.company_id AND v.id = v_parent.rule_version_id
        FOR KEY SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'an entry names rule version %, which its company has not',
                v_parent.rule_version_id
                USING ERRCODE = 'foreign_key_violation',
                    CONSTRAINT = 'awards_entry_rule_version_checked';
        END IF;
    END LOOP;
    -- One look at the key for each row, whatever the planner believes about their number.
    SELECT i.id INTO v_parent FROM inserted i
    WHERE i.event_id IS NOT NULL AND i.employee_id IS DISTINCT FROM (
        SELECT e.employee_id FROM awards_event e
        WHERE e.company_id = i.company_id AND e.id = i.event_id) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % and its event are not of one company and employee', v_parent.id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'awards_entry_event_checked';
    END IF;
    SELECT i.id INTO v_parent FROM inserted i
    WHERE i.window_id IS NOT NULL AND i.employee_id IS DISTINCT FROM (
        SELECT w.employee_id FROM awards_window w
        WHERE w.company_id = i.company_id AND w.id = i.window_id) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % and its window are not of one company and employee', v_parent.id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'awards_entry_window_checked';
    END IF;
    RETURN NULL;
END $$;

-- Arguments: the table and the column that refer to the row.
CREATE FUNCTION awards_keep_parent() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_is_used boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %I c WHERE c.company_id = $1 AND c.%I = $2)',
        TG_ARGV[0], TG_ARGV[1]) INTO v_is_used USING OLD.company_id, OLD.id;
    IF v_is_used THEN
        RAISE EXCEPTION '% % is still referred to by %', TG_TABLE_NAME, OLD.id, TG_ARGV[0]
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

REVOKE ALL ON FUNCTION awards_check_events(), awards_check_entries(), awards_keep_parent()
    FROM PUBLIC;

CREATE TRIGGER awards_event_checked AFTER INSERT ON awards_event
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION awards_check_events();
CREATE TRIGGER awards_entry_checked AFTER INSERT ON awards_entry
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION awards_check_entries();
CREATE TRIGGER awards_entry_checked_again AFTER UPDATE ON awards_entry
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION awards_check_entries();

-- What entries lean on stays, for the owner too.
CREATE TRIGGER awards_event_stands BEFORE DELETE OR TRUNCATE OR UPDATE OF
    id, company_id, source, event_no, revision, type_code, rule_id, employee_id, happened_at,
    has_time, fact_on, quantity, amount, object, note, attributes, content_hash, received_at,
    import_run_id ON awards_event
    FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER awards_window_stands BEFORE DELETE OR TRUNCATE OR UPDATE OF
    id, company_id, rule_id, employee_id ON awards_window
    FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();
"""

UNDO_CHECKS = """
DROP TRIGGER awards_window_stands ON awards_window;
DROP TRIGGER awards_event_stands ON awards_event;
DROP TRIGGER awards_entry_checked_again ON awards_entry;
DROP TRIGGER awards_entry_checked ON awards_entry;
DROP TRIGGER awards_event_checked ON awards_event;
DROP FUNCTION awards_keep_parent();
DROP FUNCTION awards_check_entries();
DROP FUNCTION awards_check_events();
"""

PARENTS = {
    "rules_rule": ("awards_event", "rule_id"),
    "files_importrun": ("awards_event", "import_run_id"),
    "rules_ruleversion": ("awards_entry", "rule_version_id"),
}


def keep(parent, child, column):
    """A parent to which a row refers is not deleted, and keeps its key."""
    name = f"{child}_{column}_keeps"
    run = f"FOR EACH ROW{{}} EXECUTE FUNCTION awards_keep_parent('{child}', '{column}');"
    moved = " WHEN (OLD.id <> NEW.id OR OLD.company_id <> NEW.company_id)"
    return migrations.RunSQL(
        sql=(
            f"CREATE TRIGGER {name} AFTER DELETE ON {parent} {run.format('')}"
            f"CREATE TRIGGER {name}_key AFTER UPDATE ON {parent} {run.format(moved)}"
            f"CREATE TRIGGER {name}_all BEFORE TRUNCATE ON {parent}"
            " FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();"
        ),
        reverse_sql="".join(
            f"DROP TRIGGER {name}{end} ON {parent};" for end in ("_all", "_key", "")
        ),
    )


def without_key(table, column, target):
    """Drop a composite foreign key; backwards it checks all rows, past forced row-level security."""
    name = f"{table}_{column}_tenant_fk"
    lift, force = (
        "".join(f"ALTER TABLE {each} {word}FORCE ROW LEVEL SECURITY;" for each in (table, target))
        for word in ("NO ", "")
    )
    return migrations.RunSQL(
        sql=f"ALTER TABLE {table} DROP CONSTRAINT {name};",
        reverse_sql=(
            f"{lift}ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (company_id, {column})"
            f" REFERENCES {target} (company_id, id);{force}"
        ),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("awards", "0003_history"),
        ("files", "0002_tenancy"),
        ("rules", "0002_tenancy"),
    ]

    operations = [
        migrations.RunSQL(CHECKS, UNDO_CHECKS),
        *(keep(parent, *child) for parent, child in PARENTS.items()),
        *(
            without_key(table, column, target)
            for table, columns in REPLACED.items()
            for column, target in columns.items()
        ),
    ]
