"""Upper bounds on what may be gained in a span of days."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_seals")]

    operations = [
        migrations.RunSQL(
            (SQL / "checks" / "cap_uses.sql").read_text(encoding="utf-8")
            + (SQL / "caps.sql").read_text(encoding="utf-8"),
            (SQL / "caps.reverse.sql").read_text(encoding="utf-8"),
        ),
    ]
