"""What a posting looks up by a key of its own, and what it need not write."""

from django.db import migrations

from meritbook.ledger.repeatable import SQL, functions


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_worth")]

    operations = [
        migrations.RunSQL(
            (SQL / "hot_path.sql").read_text(encoding="utf-8"),
            (SQL / "hot_path.reverse.sql").read_text(encoding="utf-8"),
        ),
        migrations.RunSQL(functions(), migrations.RunSQL.noop),
    ]
