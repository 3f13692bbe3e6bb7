"""Types of events as a company has them, and the rules that they feed."""

import django.db.models.deletion
from django.db import migrations, models

from meritbook.kit.tables import tenant_table


class Migration(migrations.Migration):
    dependencies = [("rules", "0006_revision_tenancy"), ("org", "0002_tenancy")]

    operations = [
        migrations.CreateModel(
            name="EventType",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=60, verbose_name="编号")),
                ("name", models.CharField(max_length=80, verbose_name="名称")),
                ("category", models.CharField(blank=True, max_length=40, verbose_name="类别")),
                ("attributes", models.JSONField(default=list)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.company",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("company", "code"), name="rules_eventtype_code"
                    ),
                    models.UniqueConstraint(
                        fields=("company", "name"), name="rules_eventtype_name"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Feed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("item", models.CharField(blank=True, max_length=80)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.company",
                    ),
                ),
                (
                    "event_type",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feeds",
                        to="rules.eventtype",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="rules.rule",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("company", "event_type", "rule"), name="rules_feed_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("item", ""), _negated=True),
                        fields=("company", "rule", "item"),
                        name="rules_feed_item_once",
                    ),
                ],
            },
        ),
        *tenant_table("rules_eventtype"),
        *tenant_table(
            "rules_feed",
            references={"event_type_id": "rules_eventtype", "rule_id": "rules_rule"},
        ),
    ]
