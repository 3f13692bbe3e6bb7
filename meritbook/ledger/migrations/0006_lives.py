"""How points live: policies of assets, expiry, holds, rates, pending and blocked accounts."""

from django.db import migrations

from meritbook.ledger.repeatable import SQL, functions


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_caps")]

    operations = [
        migrations.RunSQL(
            (SQL / "lives.sql").read_text(encoding="utf-8"),
            (SQL / "lives.reverse.sql").read_text(encoding="utf-8"),
        ),
        migrations.RunSQL(functions(), migrations.RunSQL.noop),
    ]
