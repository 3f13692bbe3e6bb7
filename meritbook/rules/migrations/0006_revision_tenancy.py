"""Row-level security of revisions and editions; what of them never changes."""

from django.db import migrations

from meritbook.kit.tables import append_only, tenant_table

GUARDS = """
-- What was submitted stays as it was; a revision that is closed stays closed.
CREATE FUNCTION rules_check_revision() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL
        OR OLD.submitted_at IS NOT NULL AND (
            to_jsonb(OLD) - '{state,case_id,effective_on,closed_at}'::text[]
            <> to_jsonb(NEW) - '{state,case_id,effective_on,closed_at}'::text[])
        OR (OLD.state, NEW.state) NOT IN (
            ('consulting', 'consulting'), ('consulting', 'approving'), ('consulting', 'announced'),
            ('consulting', 'withdrawn'), ('approving', 'approving'), ('approving', 'announced'),
            ('approving', 'refused'), ('approving', 'withdrawn'))
    THEN
        RAISE EXCEPTION 'revision % cannot change so', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rules_revision_stands';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rules_revision_checked BEFORE UPDATE ON rules_revision
    FOR EACH ROW EXECUTE FUNCTION rules_check_revision();
CREATE TRIGGER rules_revision_stays BEFORE DELETE OR TRUNCATE ON rules_revision
    FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();
REVOKE DELETE ON rules_revision FROM meritbook_app;

-- An opinion is answered once; what was said stays.
CREATE FUNCTION rules_check_opinion() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.answered_at IS NOT NULL THEN
        RAISE EXCEPTION 'opinion % has been answered', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rules_opinion_answered_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rules_opinion_checked BEFORE UPDATE ON rules_opinion
    FOR EACH ROW EXECUTE FUNCTION rules_check_opinion();
CREATE TRIGGER rules_opinion_stays BEFORE DELETE OR TRUNCATE ON rules_opinion
    FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();
REVOKE UPDATE, DELETE ON rules_opinion FROM meritbook_app;
GRANT UPDATE (answer, answered_name, answered_at) ON rules_opinion TO meritbook_app;

-- Whoever signs, signs the text of the edition.
CREATE FUNCTION rules_check_signature() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM rules_edition e
            WHERE e.company_id = NEW.company_id AND e.id = NEW.edition_id
                AND e.sha256 = NEW.sha256)
        OR NOT EXISTS (SELECT FROM org_membership m
            WHERE m.company_id = NEW.company_id AND m.id = NEW.membership_id
                AND m.employee_id = NEW.employee_id)
    THEN
        RAISE EXCEPTION 'member % cannot sign edition % so', NEW.membership_id, NEW.edition_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rules_signature_of_the_text';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rules_signature_checked BEFORE INSERT ON rules_signature
    FOR EACH ROW EXECUTE FUNCTION rules_check_signature();
"""
BACK = """
DROP TRIGGER rules_signature_checked ON rules_signature;
DROP FUNCTION rules_check_signature();
REVOKE UPDATE (answer, answered_name, answered_at) ON rules_opinion FROM meritbook_app;
GRANT UPDATE, DELETE ON rules_opinion TO meritbook_app;
DROP TRIGGER rules_opinion_stays ON rules_opinion;
DROP TRIGGER rules_opinion_checked ON rules_opinion;
DROP FUNCTION rules_check_opinion();
GRANT DELETE ON rules_revision TO meritbook_app;
DROP TRIGGER rules_revision_stays ON rules_revision;
DROP TRIGGER rules_revision_checked ON rules_revision;
DROP FUNCTION rules_check_revision();
"""


class Migration(migrations.Migration):
    dependencies = [("rules", "0005_revisions")]

    operations = [
        *tenant_table(
            "rules_revision",
            references={
                "scheme_id": "rules_scheme",
                "case_id": "approvals_case",
                "created_by_id": "org_membership",
            },
        ),
        *tenant_table(
            "rules_change",
            references={
                "revision_id": "rules_revision",
                "rule_id": "rules_rule",
                "version_id": "rules_ruleversion",
            },
        ),
        *tenant_table(
            "rules_opinion",
            references={"revision_id": "rules_revision", "author_id": "org_membership"},
        ),
        *tenant_table(
            "rules_minutes",
            references={"revision_id": "rules_revision", "file_id": "files_storedfile"},
        ),
        *tenant_table(
            "rules_edition",
            references={"scheme_id": "rules_scheme", "revision_id": "rules_revision"},
        ),
        *tenant_table(
            "rules_signature",
            references={
                "edition_id": "rules_edition",
                "employee_id": "org_employee",
                "membership_id": "org_membership",
            },
        ),
        append_only("rules_change"),
        append_only("rules_minutes"),
        append_only("rules_edition"),
        append_only("rules_signature"),
        migrations.RunSQL(GUARDS, BACK),
    ]
