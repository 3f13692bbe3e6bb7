"""What points are worth in money, from a day on."""

from django.db import migrations

from meritbook.ledger.repeatable import SQL, functions


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_lives")]

    operations = [
        migrations.RunSQL(
            (SQL / "worth.sql").read_text(encoding="utf-8"),
            (SQL / "worth.reverse.sql").read_text(encoding="utf-8"),
        ),
        migrations.RunSQL(functions(), migrations.RunSQL.noop),
    ]
