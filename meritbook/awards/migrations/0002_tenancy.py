"""Row-level security and composite keys."""

from django.db import migrations

from meritbook.kit.tables import row_level_security, tenant_reference, tenant_table


class Migration(migrations.Migration):
    dependencies = [
        ("awards", "0001_tables"),
        ("files", "0002_tenancy"),
        ("rules", "0002_tenancy"),
        ("org", "0002_tenancy"),
    ]

    operations = [
        *tenant_table(
            "awards_event",
            references={
                "rule_id": "rules_rule",
                "employee_id": "org_employee",
                "import_run_id": "files_importrun",
            },
        ),
        *tenant_table(
            "awards_window", references={"rule_id": "rules_rule", "employee_id": "org_employee"}
        ),
        row_level_security("awards_windowevent"),
        tenant_reference("awards_windowevent", "window_id", "awards_window"),
        tenant_reference("awards_windowevent", "event_id", "awards_event"),
        *tenant_table(
            "awards_entry",
            references={
                "rule_version_id": "rules_ruleversion",
                "event_id": "awards_event",
                "window_id": "awards_window",
                "employee_id": "org_employee",
                "reverses_id": "awards_entry",
            },
        ),
        *tenant_table("awards_idempotencykey"),
    ]
