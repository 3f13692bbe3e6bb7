"""Blocks that seal what was posted."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_routes")]

    operations = [
        migrations.RunSQL(
            (SQL / "checks" / "unsealed.sql").read_text(encoding="utf-8")
            + (SQL / "seals.sql").read_text(encoding="utf-8"),
            (SQL / "seals.reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
