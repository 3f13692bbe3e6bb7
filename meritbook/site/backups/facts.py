"""What a backup says about the installation, read as ops: the same questions before and after."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

Row = tuple[Any, ...]

_TABLES = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = to_regnamespace('public') AND c.relkind = 'r' ORDER BY 1
"""
_MIGRATIONS = "SELECT app || '.' || name FROM django_migrations ORDER BY 1"
_COMPANIES = "SELECT id, code, name FROM org_company ORDER BY id"
# Both sides of every account kind, by asset: amounts are minor units, as text.
_TRIAL_BALANCE = """
SELECT a.company_id, a.code, w.kind, sum(s.debit)::text, sum(s.credit)::text
FROM (
    SELECT company_id, debit_id AS account_id, amount AS debit, 0 AS credit FROM ledger_transfer
    UNION ALL
    SELECT company_id, credit_id, 0, amount FROM ledger_transfer
) s
JOIN ledger_account w ON w.company_id = s.company_id AND w.account_id = s.account_id
JOIN ledger_asset a ON a.company_id = w.company_id AND a.asset_id = w.asset_id
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_TRANSACTIONS = "SELECT company_id, count(*) FROM ledger_tx GROUP BY 1"
_HEADS = """
SELECT DISTINCT ON (company_id) company_id, seq, encode(hash, 'hex')
FROM ledger_seal ORDER BY company_id, seq DESC
"""


def row_counts(connection: psycopg.Connection) -> dict[str, int]:
    """Rows of every table."""
    return {
        name: int(
            _rows(connection, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name)))[0][0]
        )
        for (name,) in _rows(connection, _TABLES)
    }


def migrations(connection: psycopg.Connection) -> list[str]:
    """The migrations that made these tables: app.name."""
    return [name for (name,) in _rows(connection, _MIGRATIONS)]


def companies(connection: psycopg.Connection) -> list[dict[str, Any]]:
    """Every company with its trial balance and the head of its chain."""
    balances: dict[int, list[dict[str, str]]] = {}
    for company_id, asset, kind, debit, credit in _rows(connection, _TRIAL_BALANCE):
        balances.setdefault(company_id, []).append(
            {"asset": asset, "kind": kind, "debit": debit, "credit": credit}
        )
    counted: dict[int, int] = dict(_rows(connection, _TRANSACTIONS))
    heads = {
        company_id: {"seq": seq, "hash": head}
        for company_id, seq, head in _rows(connection, _HEADS)
    }
    return [
        {
            "id": company_id,
            "code": code,
            "name": name,
            "transactions": int(counted.get(company_id, 0)),
            "trial_balance": balances.get(company_id, []),
            "chain_head": heads.get(company_id),
        }
        for company_id, code, name in _rows(connection, _COMPANIES)
    ]


def has_data(connection: psycopg.Connection) -> bool:
    """Whether somebody works here already: a company or a log-in exists."""
    for table in ("org_company", "org_login"):
        known = _rows(connection, "SELECT to_regclass(%s) IS NOT NULL", f"public.{table}")[0][0]
        if known and _rows(
            connection, sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))
        ):
            return True
    return False


def _rows(connection: psycopg.Connection, query: str | sql.Composed, *values: object) -> list[Row]:
    return connection.execute(query, values or None).fetchall()
