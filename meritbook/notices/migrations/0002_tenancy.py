"""Row-level security."""

from django.db import migrations

from meritbook.kit.tables import tenant_table


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_tables"), ("org", "0002_tenancy")]

    operations = [*tenant_table("notices_outboxmessage")]
