"""How much may be issued in a span of days, by a department or the company."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from meritbook.kit.tables import tenant_table

GUARDS = """
-- A budget is ended, and its caps follow what points are worth; nothing else of it changes.
CREATE FUNCTION awards_keep_budget() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF to_jsonb(OLD) - '{ends_on,ended_by,cap_ids}'::text[]
        <> to_jsonb(NEW) - '{ends_on,ended_by,cap_ids}'::text[]
        OR NEW.ends_on IS NULL AND OLD.ends_on IS NOT NULL OR NEW.ends_on > OLD.ends_on
    THEN
        RAISE EXCEPTION 'budget % may only end', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'awards_budget_only_ends';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER awards_budget_kept BEFORE UPDATE ON awards_budget
    FOR EACH ROW EXECUTE FUNCTION awards_keep_budget();
CREATE TRIGGER awards_budget_stays BEFORE DELETE OR TRUNCATE ON awards_budget
    FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();
REVOKE UPDATE, DELETE ON awards_budget FROM meritbook_app;
GRANT UPDATE (ends_on, ended_by, cap_ids) ON awards_budget TO meritbook_app;
"""
REVERSE = """
REVOKE UPDATE (ends_on, ended_by, cap_ids) ON awards_budget FROM meritbook_app;
GRANT UPDATE, DELETE ON awards_budget TO meritbook_app;
DROP TRIGGER awards_budget_stays ON awards_budget;
DROP TRIGGER awards_budget_kept ON awards_budget;
DROP FUNCTION awards_keep_budget();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("awards", "0005_indexes_by_day_and_import"),
        ("org", "0004_statistics"),
    ]

    operations = [
        migrations.CreateModel(
            name="Budget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asset_code", models.CharField(max_length=40)),
                (
                    "span",
                    models.CharField(
                        choices=[("month", "每月"), ("quarter", "每季度"), ("year", "每年")],
                        max_length=10,
                    ),
                ),
                (
                    "unit",
                    models.CharField(choices=[("points", "积分"), ("money", "元")], max_length=10),
                ),
                ("amount", models.BigIntegerField()),
                (
                    "policy",
                    models.CharField(
                        choices=[("warn", "只提醒"), ("queue", "超出的转审批")], max_length=10
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                (
                    "cap_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("created_by", models.BigIntegerField(blank=True, null=True)),
                ("ended_by", models.BigIntegerField(blank=True, null=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.company",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.department",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", 1), ("amount__lte", 1000000000000000)),
                        name="awards_budget_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="awards_budget_forward",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ends_on__isnull", True)),
                        fields=("company", "department", "asset_code", "span"),
                        name="awards_budget_one_at_a_time",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        *tenant_table("awards_budget", references={"department_id": "org_department"}),
        migrations.RunSQL(GUARDS, REVERSE),
    ]
