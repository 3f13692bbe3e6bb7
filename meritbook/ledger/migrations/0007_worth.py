"""What points are worth in money, from a day on."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def functions() -> str:
    """All functions and what triggers check, written anew from their one text."""
    paths = [
        SQL / "functions.drop.sql",
        *sorted((SQL / "functions").glob("*.sql")),
        *sorted((SQL / "checks").glob("*.sql")),
    ]
    return "".join(path.read_text(encoding="utf-8") for path in paths)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_lives")]

    operations = [
        migrations.RunSQL(
            (SQL / "worth.sql").read_text(encoding="utf-8"),
            (SQL / "worth.reverse.sql").read_text(encoding="utf-8"),
        ),
        migrations.RunSQL(functions(), migrations.RunSQL.noop),
    ]
