"""The routes of transfers are checked by the statement, not by a foreign key."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_functions")]

    operations = [
        migrations.RunSQL(
            (SQL / "routes.sql").read_text(encoding="utf-8"),
            (SQL / "routes.reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
