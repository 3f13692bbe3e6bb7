"""The functions that write the ledger, and who may call them.

``sql/functions`` holds the present text of each function, once. A migration that changes some
writes all of them anew (as the last operation of ``0006_lives`` does); so this one, too, makes the
present ones: their bodies may name tables that later migrations make.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_tables")]

    operations = [
        migrations.RunSQL(
            "SET LOCAL check_function_bodies = off;\n"
            + "".join(
                path.read_text(encoding="utf-8")
                for path in sorted((SQL / "functions").glob("*.sql"))
            ),
            (SQL / "functions.drop.sql").read_text(encoding="utf-8"),
        ),
    ]
