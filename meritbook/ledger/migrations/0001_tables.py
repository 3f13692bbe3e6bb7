"""The tables of the ledger: keys that start with company_id, row-level security."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


def statements(name: str) -> str:
    return (SQL / name).read_text(encoding="utf-8")


class Migration(migrations.Migration):
    initial = True

    dependencies = [("org", "0002_tenancy")]

    operations = [
        migrations.RunSQL(statements("tables.sql"), statements("tables.reverse.sql")),
        # ``sql/checks`` holds the present text of what triggers check, like ``sql/functions``.
        migrations.RunSQL(
            statements("checks/transfers.sql")
            + statements("checks/closed_months.sql")
            + statements("guards.sql"),
            statements("guards.reverse.sql"),
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("company_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "company_id",
                        "account_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("account_id", models.BigIntegerField()),
                ("asset_id", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("party_id", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "ledger_account",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Asset",
            fields=[
                ("company_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "company_id",
                        "asset_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("asset_id", models.BigIntegerField()),
                ("programme_id", models.BigIntegerField()),
                ("code", models.TextField()),
                ("scale", models.SmallIntegerField()),
                ("wallet_floor", models.BigIntegerField(null=True)),
                ("keeps_lots", models.BooleanField()),
                ("clawback", models.TextField()),
            ],
            options={
                "db_table": "ledger_asset",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Balance",
            fields=[
                ("company_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "company_id",
                        "account_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("account_id", models.BigIntegerField()),
                ("posted", models.BigIntegerField()),
                ("held", models.BigIntegerField()),
                ("floor", models.BigIntegerField(null=True)),
                ("version", models.BigIntegerField()),
            ],
            options={
                "db_table": "ledger_balance",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Period",
            fields=[
                ("company_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "company_id",
                        "month",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("month", models.DateField()),
                ("state", models.TextField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "ledger_period",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Transaction",
            fields=[
                ("company_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "company_id",
                        "tx_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tx_id", models.BigIntegerField()),
                ("posted_at", models.DateTimeField()),
                ("source_id", models.BigIntegerField()),
                ("rule_version_id", models.BigIntegerField(null=True)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("reverses_tx_id", models.BigIntegerField(null=True)),
                ("effective_on", models.DateField()),
                ("fact_on", models.DateField()),
                ("kind", models.TextField()),
                ("source_kind", models.TextField()),
                ("idem_key", models.TextField()),
                ("idem_hash", models.BinaryField()),
                ("note", models.TextField(null=True)),
            ],
            options={
                "db_table": "ledger_tx",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("company_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "company_id",
                        "tx_id",
                        "seq",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tx_id", models.BigIntegerField()),
                ("seq", models.SmallIntegerField()),
                ("asset_id", models.BigIntegerField()),
                ("debit_id", models.BigIntegerField()),
                ("credit_id", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
                ("posted_at", models.DateTimeField()),
                ("department_id", models.BigIntegerField(null=True)),
                ("effective_on", models.DateField()),
            ],
            options={
                "db_table": "ledger_transfer",
                "managed": False,
            },
        ),
    ]
