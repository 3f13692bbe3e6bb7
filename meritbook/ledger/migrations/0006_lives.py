"""How points live: policies of assets, expiry, holds, rates, pending and blocked accounts."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def functions() -> str:
    """All functions, written anew from their one text."""
    drop = (SQL / "functions.drop.sql").read_text(encoding="utf-8")
    texts = [path.read_text(encoding="utf-8") for path in sorted((SQL / "functions").glob("*.sql"))]
    return "".join([drop, *texts])


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_caps")]

    operations = [
        migrations.RunSQL(
            (SQL / "lives.sql").read_text(encoding="utf-8"),
            (SQL / "lives.reverse.sql").read_text(encoding="utf-8"),
        ),
        migrations.RunSQL(functions(), migrations.RunSQL.noop),
    ]
