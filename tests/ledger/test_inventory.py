"""The constraints, triggers, policies and grants of the ledger do not shrink unseen.

After a change that is meant, write the inventory again:
``MERITBOOK_WRITE_INVENTORY=1 pytest tests/ledger/test_inventory.py``
"""

import os
from pathlib import Path

import pytest
from django.db import connection

INVENTORY = Path(__file__).parent / "inventory.txt"
QUERY = """
SELECT line FROM (
    SELECT c.relname AS relation, 1 AS sort,
        'constraint ' || k.conname || ': ' || pg_get_constraintdef(k.oid) AS line
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    -- PostgreSQL 18 lists NOT NULL here, older ones do not; the columns below have it.
    WHERE k.contype IN ('p', 'u', 'f', 'c')
    UNION ALL
    SELECT c.relname, 2, 'index ' || pg_get_indexdef(i.indexrelid)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    UNION ALL
    SELECT c.relname, 3, 'column ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'r'
    UNION ALL
    SELECT c.relname, 4, 'trigger ' || pg_get_triggerdef(t.oid)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT c.relname, 5, 'policy ' || p.polname || ' using ' || pg_get_expr(p.polqual, c.oid)
        || ' check ' || pg_get_expr(p.polwithcheck, c.oid)
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    UNION ALL
    SELECT c.relname, 6, 'row-level security ' || c.relrowsecurity || ' forced '
        || c.relforcerowsecurity
    FROM pg_class c WHERE c.relkind = 'r'
    UNION ALL
    SELECT c.relname, 7, 'grant ' || string_agg(
        g.privilege_type, ',' ORDER BY g.privilege_type) || ' to ' || pg_get_userbyid(g.grantee)
    FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) g
    WHERE c.relkind = 'r' AND g.grantee <> c.relowner
    GROUP BY c.relname, g.grantee
) lines
WHERE relation LIKE 'ledger\\_%' AND relation NOT LIKE '%\\_seq'
ORDER BY relation, sort, line
"""


@pytest.fixture
def lines(db: None) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(QUERY.replace("SELECT line", "SELECT relation || ' ' || line", 1))
        # One line each, however PostgreSQL lays an expression out.
        return [" ".join(line.split()) for (line,) in cursor.fetchall()]


def test_the_inventory_is_as_written(lines: list[str]) -> None:
    if os.environ.get("MERITBOOK_WRITE_INVENTORY"):
        INVENTORY.write_text("\n".join(lines) + "\n", encoding="utf-8")
    written = INVENTORY.read_text(encoding="utf-8").splitlines()

    assert sorted(set(written) - set(lines)) == [], "gone from the database"
    assert sorted(set(lines) - set(written)) == [], "not in the inventory"


def test_every_key_starts_with_the_company(db: None) -> None:
    """Primary keys, unique keys, references and indexes; Citus and tenants both ask for it."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT c.relname, i.indexrelid::regclass::text
            FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
            WHERE c.relname LIKE 'ledger\\_%' AND a.attname <> 'company_id'
            UNION ALL
            SELECT c.relname, k.conname
            FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
            JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = k.confkey[1]
            WHERE c.relname LIKE 'ledger\\_%' AND k.contype = 'f'
                AND (a.attname <> 'company_id' OR f.attname <> 'company_id')
        """)
        assert cursor.fetchall() == []


def test_every_table_has_its_company_its_policy_and_its_key(lines: list[str]) -> None:
    tables = {line.split()[0] for line in lines}

    for table in tables:
        mine = [line for line in lines if line.startswith(f"{table} ")]
        assert f"{table} column company_id bigint not null" in mine
        assert f"{table} row-level security true forced true" in mine
        assert any(line.startswith(f"{table} policy tenant using") for line in mine)
        assert any("PRIMARY KEY (company_id" in line or "UNIQUE NULLS" in line for line in mine)
        assert f"{table} grant SELECT to meritbook_app" in mine
