"""Row-level security of schemes; the rules that are there get the scheme that every company has."""

from django.db import migrations

from meritbook.kit.tables import append_only, tenant_reference, tenant_table

# The owner sees no rows through forced row-level security: it is lifted inside the transaction.
# What the insertion defers is checked before the tables are altered again.
FILL = """
ALTER TABLE org_programme NO FORCE ROW LEVEL SECURITY;
ALTER TABLE rules_rule NO FORCE ROW LEVEL SECURITY;
ALTER TABLE rules_scheme NO FORCE ROW LEVEL SECURITY;
INSERT INTO rules_scheme (company_id, programme_id, code, name, is_default, goal, company_goal,
    measure, measure_unit, approval, limit_hours, consultation_days, notice_days, must_sign,
    created_at)
SELECT p.company_id, p.id, 'default-' || p.id, '积分制度', true, '', '', '', '', 'none', 72, 0, 0,
    false, now()
FROM org_programme p
WHERE EXISTS (SELECT FROM rules_rule r WHERE r.company_id = p.company_id AND r.programme_id = p.id);
UPDATE rules_rule r SET scheme_id = s.id FROM rules_scheme s
WHERE s.company_id = r.company_id AND s.programme_id = r.programme_id AND s.is_default;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE rules_scheme FORCE ROW LEVEL SECURITY;
ALTER TABLE rules_rule FORCE ROW LEVEL SECURITY;
ALTER TABLE org_programme FORCE ROW LEVEL SECURITY;
"""
GRANTS = """
CREATE TRIGGER rules_lock_stays BEFORE DELETE OR TRUNCATE ON rules_lock
    FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();
REVOKE UPDATE, DELETE ON rules_lock FROM meritbook_app;
GRANT UPDATE (lifted_at) ON rules_lock TO meritbook_app;
"""
BACK = """
REVOKE UPDATE (lifted_at) ON rules_lock FROM meritbook_app;
GRANT UPDATE, DELETE ON rules_lock TO meritbook_app;
DROP TRIGGER rules_lock_stays ON rules_lock;
"""


class Migration(migrations.Migration):
    dependencies = [("rules", "0003_schemes")]

    operations = [
        *tenant_table(
            "rules_scheme",
            references={
                "programme_id": "org_programme",
                "responsible_id": "org_membership",
                "committee_id": "approvals_committee",
            },
        ),
        *tenant_table(
            "rules_review",
            references={"scheme_id": "rules_scheme", "reviewed_by_id": "org_membership"},
        ),
        *tenant_table("rules_lock", references={"scheme_id": "rules_scheme"}),
        append_only("rules_review"),
        migrations.RunSQL(GRANTS, BACK),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        tenant_reference("rules_rule", "scheme_id", "rules_scheme"),
    ]
