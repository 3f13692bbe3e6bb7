"""The memory of the sign-in back-off, and two more look-ups that sign-in needs."""

from django.db import migrations, models

# How many companies a log-in belongs to, ended and suspended ones too: an officer may renew the
# password of a log-in only when it is their company's alone.
LOOKUPS = """
CREATE FUNCTION org_membership_count(login bigint) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT count(*) FROM org_membership m WHERE m.login_id = org_membership_count.login $$;

CREATE FUNCTION org_only_company_code() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT min(code)::text FROM org_company HAVING count(*) = 1 $$;
"""
SIGNATURES = ("org_membership_count(bigint)", "org_only_company_code()")
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
    dependencies = [("org", "0002_tenancy")]

    operations = [
        migrations.CreateModel(
            name="SignInFailure",
            fields=[
                ("key", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("failures", models.IntegerField()),
                ("last_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(
            LOOKUPS + HAND_OVER, "".join(f"DROP FUNCTION {name};" for name in SIGNATURES)
        ),
    ]
