"""How points live: policies of assets, expiry, holds, rates, pending and blocked accounts."""

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
    dependencies = [("ledger", "0005_caps")]

    operations = [
        migrations.RunSQL(
            (SQL / "lives.sql").read_text(encoding="utf-8"),
            (SQL / "lives.reverse.sql").read_text(encoding="utf-8"),
        ),
        migrations.RunSQL(functions(), migrations.RunSQL.noop),
    ]
