"""The functions that write the ledger, and who may call them."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
FILES = ("posting.sql", "reversal.sql", "bulk.sql", "grants.sql")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_tables")]

    operations = [
        migrations.RunSQL(
            "".join((SQL / name).read_text(encoding="utf-8") for name in FILES),
            (SQL / "functions.reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
