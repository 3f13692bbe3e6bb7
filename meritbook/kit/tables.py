"""Migration operations that give a table its tenancy: row-level security and composite keys.

The one piece of project code that migrations import; what it emits is frozen (see
docs/decisions/0004-migrations-and-tenancy.md).
"""

from collections.abc import Mapping, Sequence

from django.db import migrations
from django.db.backends.utils import names_digest
from django.db.migrations.operations.base import Operation

POLICY = "current_setting('app.company_id')::bigint"


def row_level_security(table: str, *, column: str = "company_id") -> Operation:
    """ENABLE and FORCE row-level security with the one policy ``tenant``."""
    return migrations.RunSQL(
        sql=(
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
            f"CREATE POLICY tenant ON {table} USING ({column} = {POLICY})"
            f" WITH CHECK ({column} = {POLICY});"
        ),
        reverse_sql=(
            f"DROP POLICY tenant ON {table};"
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;"
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
        ),
    )


def tenant_table(
    table: str, *, references: Mapping[str, str] | None = None, has_company_index: bool = True
) -> Sequence[Operation]:
    """Row-level security, UNIQUE (company_id, id), and composite foreign keys.

    ``references`` maps a column to the tenant table it points at; ``has_company_index`` says whether
    Django made an index for ``company``.
    """
    operations: list[Operation] = [
        row_level_security(table),
        *([drop_company_index(table)] if has_company_index else []),
        migrations.RunSQL(
            sql=f"ALTER TABLE {table} ADD CONSTRAINT {table}_tenant_key UNIQUE (company_id, id);",
            reverse_sql=f"ALTER TABLE {table} DROP CONSTRAINT {table}_tenant_key;",
        ),
    ]
    for column, target in (references or {}).items():
        operations.append(tenant_reference(table, column, target))
    return operations


def drop_company_index(table: str) -> Operation:
    """Drop the index on company_id alone that Django makes for the foreign key.

    The key (company_id, id) serves it too. Without statistics the planner takes the narrower index
    for the checks of foreign keys, and then reads all of a company's rows for every check.
    """
    name = f"{table}_company_id_{names_digest(table, 'company_id', length=8)}"
    return migrations.RunSQL(
        sql=(
            "DO $$ DECLARE v_name text; BEGIN FOR v_name IN"
            " SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_attribute a"
            " ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
            f" WHERE i.indrelid = '{table}'::regclass AND i.indnatts = 1 AND NOT i.indisunique"
            " AND a.attname = 'company_id'"
            " LOOP EXECUTE 'DROP INDEX ' || v_name; END LOOP; END $$;"
        ),
        # As Django named it; it is still there when the table was made in the same migration.
        reverse_sql=f"CREATE INDEX IF NOT EXISTS {name} ON {table} (company_id);",
    )


def tenant_reference(table: str, column: str, target: str) -> Operation:
    """A foreign key (company_id, column) → target (company_id, id)."""
    name = f"{table}_{column}_tenant_fk"
    tables = dict.fromkeys((table, target))
    # PostgreSQL checks existing rows with a query of the owner's, which forced row-level
    # security would refuse: it is lifted for the statement, inside the migration's transaction.
    lift = "".join(f"ALTER TABLE {each} NO FORCE ROW LEVEL SECURITY;" for each in tables)
    force = "".join(f"ALTER TABLE {each} FORCE ROW LEVEL SECURITY;" for each in tables)
    return migrations.RunSQL(
        sql=(
            f"{lift}ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (company_id, {column})"
            f" REFERENCES {target} (company_id, id);{force}"
        ),
        reverse_sql=f"ALTER TABLE {table} DROP CONSTRAINT {name};",
    )


def append_only(table: str) -> Operation:
    """Refuse UPDATE, DELETE and TRUNCATE, to the owner too."""
    return migrations.RunSQL(
        sql=(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();"
            f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM meritbook_app;"
        ),
        reverse_sql=(
            f"DROP TRIGGER {table}_append_only ON {table};"
            f"GRANT UPDATE, DELETE ON {table} TO meritbook_app;"
        ),
    )
