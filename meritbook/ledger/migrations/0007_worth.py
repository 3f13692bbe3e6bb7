"""What points are worth in money, from a day on."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def functions() -> str:
    """All functions, written anew from their one text."""
    drop = (SQL / "functions.drop.sql").read_text(encoding="utf-8")
    texts = [path.read_text(encoding="utf-8") for path in sorted((SQL / "functions").glob("*.sql"))]
    return "".join([drop, *texts])


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_lives")]

    operations = [
        migrations.RunSQL(
            (SQL / "worth.sql").read_text(encoding="utf-8"),
            (SQL / "worth.reverse.sql").read_text(encoding="utf-8"),
        ),
        migrations.RunSQL(functions(), migrations.RunSQL.noop),
    ]
