"""Row-level security, composite keys, and what a published version promises."""

from django.db import migrations

from meritbook.kit.tables import tenant_table

# A published version never changes but for the day on which it ends, and its status to retired.
FROZEN = """
CREATE FUNCTION rules_refuse_change_of_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept jsonb := to_jsonb(OLD) - 'active_to' - 'status';
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a published rule version is never deleted'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.status = 'draft' OR kept <> to_jsonb(NEW) - 'active_to' - 'status' THEN
        RAISE EXCEPTION 'a published rule version never changes'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rules_version_frozen_update BEFORE UPDATE ON rules_ruleversion
    FOR EACH ROW WHEN (OLD.status <> 'draft')
    EXECUTE FUNCTION rules_refuse_change_of_published();
CREATE TRIGGER rules_version_frozen_delete BEFORE DELETE ON rules_ruleversion
    FOR EACH ROW WHEN (OLD.status <> 'draft')
    EXECUTE FUNCTION rules_refuse_change_of_published();
"""
THAW = """
DROP TRIGGER rules_version_frozen_delete ON rules_ruleversion;
DROP TRIGGER rules_version_frozen_update ON rules_ruleversion;
DROP FUNCTION rules_refuse_change_of_published();
"""


class Migration(migrations.Migration):
    dependencies = [("rules", "0001_tables"), ("org", "0002_tenancy")]

    operations = [
        *tenant_table("rules_rule", references={"programme_id": "org_programme"}),
        *tenant_table(
            "rules_ruleversion",
            references={
                "rule_id": "rules_rule",
                "created_by_id": "org_membership",
                "published_by_id": "org_membership",
            },
        ),
        migrations.RunSQL(FROZEN, THAW),
    ]
