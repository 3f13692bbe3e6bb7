"""Row-level security and composite keys.

The primary keys begin with the company: these are the tables that grow, and one index does for
what would otherwise be two.
"""

from django.db import migrations

from meritbook.kit.tables import row_level_security, tenant_reference, tenant_table


def tenant_key(table):
    """The primary key (company_id, id) in place of id alone."""
    swap = "ALTER TABLE {0} DROP CONSTRAINT {0}_pkey, ADD CONSTRAINT {0}_pkey PRIMARY KEY ({1});"
    return migrations.RunSQL(swap.format(table, "company_id, id"), swap.format(table, "id"))


def big_table(table, references):
    return [
        row_level_security(table),
        tenant_key(table),
        *(tenant_reference(table, column, target) for column, target in references.items()),
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("awards", "0001_tables"),
        ("files", "0002_tenancy"),
        ("rules", "0002_tenancy"),
        ("org", "0002_tenancy"),
    ]

    operations = [
        *big_table(
            "awards_event",
            references={
                "rule_id": "rules_rule",
                "employee_id": "org_employee",
                "import_run_id": "files_importrun",
            },
        ),
        *big_table(
            "awards_window", references={"rule_id": "rules_rule", "employee_id": "org_employee"}
        ),
        row_level_security("awards_windowevent"),
        tenant_reference("awards_windowevent", "window_id", "awards_window"),
        tenant_reference("awards_windowevent", "event_id", "awards_event"),
        *big_table(
            "awards_entry",
            references={
                "rule_version_id": "rules_ruleversion",
                "event_id": "awards_event",
                "window_id": "awards_window",
                "employee_id": "org_employee",
                "reverses_id": "awards_entry",
            },
        ),
        *tenant_table("awards_idempotencykey", has_company_index=False),
    ]
