"""Row-level security and composite keys."""

from django.db import migrations

from meritbook.kit.tables import tenant_table


class Migration(migrations.Migration):
    dependencies = [("files", "0001_tables"), ("org", "0002_tenancy")]

    operations = [
        *tenant_table("files_storedfile", references={"created_by_id": "org_membership"}),
        *tenant_table(
            "files_importrun",
            references={"file_id": "files_storedfile", "created_by_id": "org_membership"},
        ),
    ]
