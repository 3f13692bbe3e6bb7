"""What was earned, and from what, is not rewritten.

An event changes in its state alone (what it says comes as another revision); an entry only in the
revision to which it belongs.
"""

from django.db import migrations

STANDING = (
    "id, company_id, points, effective_on, tx_id, facts, created_at, employee_id, reverses_id,"
    " rule_version_id, window_id"
)


class Migration(migrations.Migration):
    dependencies = [("awards", "0002_tenancy")]

    operations = [
        migrations.RunSQL(
            sql=(
                "REVOKE UPDATE, DELETE ON awards_event, awards_entry FROM meritbook_app;"
                "REVOKE DELETE ON awards_window FROM meritbook_app;"
                "GRANT UPDATE (status, is_current) ON awards_event TO meritbook_app;"
                "GRANT UPDATE (event_id) ON awards_entry TO meritbook_app;"
                # To the owner too.
                "CREATE TRIGGER awards_entry_stands"
                f" BEFORE UPDATE OF {STANDING} OR DELETE OR TRUNCATE ON awards_entry"
                " FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();"
            ),
            reverse_sql=(
                "DROP TRIGGER awards_entry_stands ON awards_entry;"
                "REVOKE UPDATE (status, is_current) ON awards_event FROM meritbook_app;"
                "REVOKE UPDATE (event_id) ON awards_entry FROM meritbook_app;"
                "GRANT UPDATE, DELETE ON awards_event, awards_entry, awards_window"
                " TO meritbook_app;"
            ),
        ),
    ]
