"""Row-level security and keys that carry the company."""

from django.db import migrations

from meritbook.kit.tables import tenant_table


class Migration(migrations.Migration):
    dependencies = [("insight", "0001_tables")]

    operations = [
        *tenant_table("insight_backtest", references={"created_by_id": "org_membership"}),
        *tenant_table(
            "insight_backtestline",
            references={
                "backtest_id": "insight_backtest",
                "employee_id": "org_employee",
                "department_id": "org_department",
                "post_id": "org_post",
                "manager_id": "org_employee",
            },
        ),
        *tenant_table(
            "insight_backtestchange",
            references={
                "backtest_id": "insight_backtest",
                "rule_id": "rules_rule",
                "employee_id": "org_employee",
            },
        ),
        *tenant_table("insight_rerun", references={"created_by_id": "org_membership"}),
    ]
