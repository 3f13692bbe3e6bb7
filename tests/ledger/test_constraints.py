"""Without any one of the ledger's constraints something gets in, and a test says so.

A constraint, key, reference or trigger that is dropped or new turns this red until
``constraints.py`` has the row that it keeps out.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.ledger import constraints
from tests.ledger.books import Book, raw
from tests.ledger.constraints import Wrong
from tests.ledger.full_book import fill

OURS = "starts_with(c.relname, 'ledger_') AND c.relpersistence = 'p'"
TABLES = f"SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND {OURS}"
"""Without what a session has for itself."""


@pytest.fixture
def admin(live_book: Book) -> Iterator[psycopg.Connection]:
    """A superuser at a database with a row in every table of the ledger."""
    fill(live_book)
    with raw("superuser", live_book.company_id) as connection:
        connection.autocommit = False
        for (table,) in connection.execute(TABLES).fetchall():
            found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert found is not None
            assert found[0], f"{table} is empty"
        yield connection


def named(admin: psycopg.Connection, kind: str) -> dict[str, str]:
    """The constraints of a kind ('c', 'f', 'p', 'u') with their tables."""
    return dict(
        admin.execute(
            "SELECT k.conname, c.relname FROM pg_constraint k"
            " JOIN pg_class c ON c.oid = k.conrelid"
            f" WHERE k.contype = %s AND {OURS} ORDER BY 1",
            [kind],
        ).fetchall()
    )


def columns(admin: psycopg.Connection, table: str) -> dict[str, bool]:
    """The columns of a table, and whether they may be NULL."""
    return dict(
        admin.execute(
            "SELECT attname, NOT attnotnull FROM pg_attribute WHERE attrelid = %s::regclass"
            " AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            [table],
        ).fetchall()
    )


def refusal(admin: psycopg.Connection, statement: str) -> psycopg.Error:
    """The error of a statement that must not go through; nothing is left of it."""
    try:
        admin.execute(statement)
        # Some references are looked at when all is done.
        admin.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.Error as error:
        return error
    else:
        raise AssertionError(f"went through: {statement}")
    finally:
        admin.rollback()


def copy_with(admin: psycopg.Connection, table: str, wrong: Wrong) -> str:
    changes, where = wrong
    names = columns(admin, table)
    assert set(changes) <= set(names), (table, changes)
    values = ", ".join(changes.get(name, name) for name in names)
    return (
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table}"
        f" WHERE {where or 'true'} LIMIT 1"
    )


def test_each_constraint_keeps_something_out(admin: psycopg.Connection) -> None:
    primary = {name: ({}, "") for name in named(admin, "p")}
    ordinary = named(admin, "u")
    # Without a primary key of its own the first unique key keeps the copy out.
    table_keys = {**constraints.KEYS, "ledger_day_total_key": ({}, "")}
    partial = dict(
        admin.execute(
            "SELECT i.indexrelid::regclass::text, c.relname FROM pg_index i"
            " JOIN pg_class c ON c.oid = i.indrelid"
            f" WHERE i.indisunique AND {OURS}"
            " AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid"
            " AND k.contype = ANY (%s))",
            [["p", "u"]],
        ).fetchall()
    )
    assert set(constraints.CHECKS) == set(named(admin, "c"))
    assert set(constraints.REFERENCES) == set(named(admin, "f"))
    assert {*table_keys, *constraints.TARGETS} == {*ordinary, *partial}

    of_table = {name: table for kind in "pucf" for name, table in named(admin, kind).items()}
    of_table |= partial
    kept_out = {}
    for name, wrong in {
        **primary,
        **table_keys,
        **constraints.CHECKS,
        **constraints.REFERENCES,
    }.items():
        statement = copy_with(admin, of_table[name], wrong)
        kept_out[name] = refusal(admin, statement).diag.constraint_name
    assert {name: by for name, by in kept_out.items() if name != by} == {}

    for name, reference in constraints.TARGETS.items():
        error = refusal(admin, f"ALTER TABLE {of_table[name]} DROP CONSTRAINT {name}")
        assert reference in (error.diag.message_detail or "")


def test_no_value_may_be_missing_that_must_be_there(admin: psycopg.Connection) -> None:
    for (table,) in admin.execute(TABLES).fetchall():
        for column, may_be_null in columns(admin, table).items():
            if not may_be_null:
                error = refusal(admin, copy_with(admin, table, ({column: "NULL"}, "")))
                assert isinstance(error, psycopg.errors.NotNullViolation), (table, column, error)
                assert error.diag.column_name == column


def test_each_trigger_refuses_something(admin: psycopg.Connection) -> None:
    triggers = dict(
        admin.execute(
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            f" WHERE NOT t.tgisinternal AND {OURS} AND %s",
            [True],
        ).fetchall()
    )
    plain = {name for name in triggers if name.endswith(("_append_only", "_kept"))}
    assert set(triggers) - plain == {
        *constraints.TRIGGERS,
        *(trigger for trigger, *_rest in constraints.PARENTS),
    }

    for name in sorted(plain):
        table = triggers[name]
        statements = [f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"]
        if name.endswith("_append_only"):
            statements.append(f"UPDATE {table} SET company_id = company_id")
        for statement in statements:
            assert refusal(admin, statement).sqlstate == "ML001", statement
    for _trigger, named_as, table, wrong in constraints.PARENTS:
        error = refusal(admin, copy_with(admin, table, wrong))
        assert error.diag.constraint_name == named_as, (wrong, error)
    for statement, code in constraints.TRIGGERS.values():
        assert refusal(admin, statement).sqlstate == code, statement

    # Every table is kept but the queue, which is drained by deleting.
    kept = {triggers[name] for name in plain}
    assert {table for (table,) in admin.execute(TABLES).fetchall()} - kept == {"ledger_unsealed"}
