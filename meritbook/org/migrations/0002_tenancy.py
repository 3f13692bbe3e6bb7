"""Row-level security, composite keys, and the few look-ups that cross companies."""

from django.db import migrations

from meritbook.kit.tables import append_only, row_level_security, tenant_reference, tenant_table

REFUSE = """
CREATE FUNCTION kit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""

# SECURITY DEFINER and owned by the ops role, which bypasses row-level security: the only
# reads that may look across companies. Each answers one narrow question.
LOOKUPS = """
CREATE FUNCTION org_company_id(code text) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT c.id FROM org_company c WHERE lower(c.code) = lower(org_company_id.code) $$;

CREATE FUNCTION org_has_company() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT EXISTS (SELECT 1 FROM org_company) $$;

CREATE FUNCTION org_memberships_of(login bigint)
    RETURNS TABLE (company_id bigint, company_code text, company_name text, membership_id bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT m.company_id, c.code::text, c.name::text, m.id
        FROM org_membership m JOIN org_company c ON c.id = m.company_id
        WHERE m.login_id = org_memberships_of.login
          AND m.ended_at IS NULL AND c.suspended_at IS NULL
    $$;

CREATE FUNCTION org_login_of(company_code text, employee_no text) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT m.login_id
        FROM org_company c
        JOIN org_employee e ON e.company_id = c.id AND e.employee_no = org_login_of.employee_no
        JOIN org_membership m ON m.company_id = c.id AND m.employee_id = e.id
        WHERE lower(c.code) = lower(org_login_of.company_code)
          AND m.ended_at IS NULL AND c.suspended_at IS NULL
    $$;

CREATE FUNCTION org_resolve_token(hash bytea)
    RETURNS TABLE (company_id bigint, token_id bigint, kind text, scopes text[],
                   subject_id bigint, expires_at timestamptz, used_at timestamptz,
                   revoked_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT t.company_id, t.id, t.kind::text, t.scopes::text[], t.subject_id,
               t.expires_at, t.used_at, t.revoked_at
        FROM org_accesstoken t JOIN org_company c ON c.id = t.company_id
        WHERE t.token_hash = org_resolve_token.hash AND c.suspended_at IS NULL
    $$;

CREATE FUNCTION org_companies_due() RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT id FROM org_company WHERE suspended_at IS NULL ORDER BY id $$;
"""
SIGNATURES = (
    "org_company_id(text)",
    "org_has_company()",
    "org_memberships_of(bigint)",
    "org_login_of(text, text)",
    "org_resolve_token(bytea)",
    "org_companies_due()",
)
HAND_OVER = (
    "GRANT CREATE ON SCHEMA public TO meritbook_ops;"
    + "".join(f"ALTER FUNCTION {name} OWNER TO meritbook_ops;" for name in SIGNATURES)
    + "REVOKE CREATE ON SCHEMA public FROM meritbook_ops;"
    + "".join(
        f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC;"
        f"GRANT EXECUTE ON FUNCTION {name} TO meritbook_app, meritbook_owner;"
        for name in SIGNATURES
    )
)


class Migration(migrations.Migration):
    dependencies = [("org", "0001_tables")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION kit_refuse_change();"),
        row_level_security("org_company", column="id"),
        *tenant_table("org_programme"),
        *tenant_table("org_calendarday"),
        *tenant_table("org_party"),
        *tenant_table("org_post"),
        *tenant_table("org_grade"),
        *tenant_table("org_department", references={"parent_id": "org_department"}),
        *tenant_table(
            "org_employee", references={"party_id": "org_party", "manager_id": "org_employee"}
        ),
        tenant_reference("org_department", "manager_id", "org_employee"),
        *tenant_table(
            "org_assignment",
            references={
                "employee_id": "org_employee",
                "department_id": "org_department",
                "post_id": "org_post",
                "grade_id": "org_grade",
            },
        ),
        *tenant_table("org_fact", references={"employee_id": "org_employee"}),
        *tenant_table("org_membership", references={"employee_id": "org_employee"}),
        *tenant_table(
            "org_rolegrant",
            references={"membership_id": "org_membership", "department_id": "org_department"},
        ),
        *tenant_table("org_accesstoken"),
        *tenant_table("org_auditentry"),
        append_only("org_auditentry"),
        migrations.RunSQL(
            LOOKUPS + HAND_OVER,
            "".join(f"DROP FUNCTION {name};" for name in SIGNATURES),
        ),
    ]
