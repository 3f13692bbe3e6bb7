"""A desk asks for some days of many, an import for its own events: neither reads a whole table.

Days follow the order in which rows are written, so an index of block ranges is enough. It costs a
bulk load next to nothing, where a tree would be written row by row.
"""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("awards", "0004_parents"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("import_run__isnull", False)),
                fields=["company", "import_run"],
                name="awards_event_of_import",
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["fact_on"],
                name="awards_event_days",
                pages_per_range=64,
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["effective_on"],
                name="awards_entry_days",
                pages_per_range=64,
            ),
        ),
    ]
