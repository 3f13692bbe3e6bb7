"""How much a manager may give away by hand each month."""

import django.db.models.deletion
from django.db import migrations, models

from meritbook.kit.tables import append_only, tenant_table


class Migration(migrations.Migration):
    dependencies = [
        ("awards", "0006_budgets"),
        ("org", "0004_statistics"),
    ]

    operations = [
        migrations.CreateModel(
            name="ManagerQuota",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("monthly", models.BigIntegerField(null=True)),
                ("act_max", models.BigIntegerField(null=True)),
                ("valid_from", models.DateField()),
                ("created_at", models.DateTimeField()),
                ("created_by", models.BigIntegerField(blank=True, null=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.company",
                    ),
                ),
                (
                    "employee",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.employee",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["company", "employee", "-valid_from", "-id"],
                        name="awards_managerquota_now",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("monthly__isnull", True),
                            models.Q(("monthly__gte", 1), ("monthly__lte", 1000000000000000)),
                            _connector="OR",
                        ),
                        name="awards_managerquota_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("act_max__isnull", True),
                            models.Q(("act_max__gte", 1), ("act_max__lte", models.F("monthly"))),
                            _connector="OR",
                        ),
                        name="awards_managerquota_act",
                    ),
                ],
            },
        ),
        *tenant_table("awards_managerquota", references={"employee_id": "org_employee"}),
        append_only("awards_managerquota"),
    ]
