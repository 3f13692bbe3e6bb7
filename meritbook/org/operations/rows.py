"""Writing many rows at once: ids ahead of the rows, and one UPDATE for many."""

from collections.abc import Mapping, Sequence

from django.db import connection


def new_ids(table: str, count: int) -> list[int]:
    """``count`` fresh ids of a table of ours."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table, count],
        )
        return [int(row[0]) for row in cursor.fetchall()]


def update_rows(
    table: str,
    *,
    company_id: int,
    columns: Mapping[str, str],
    rows: Sequence[Sequence[object]],
) -> int:
    """Set ``columns`` (name → SQL type) of the rows named by the first value, their id.

    One statement however many rows. Names are constants of ours; values are parameters.
    """
    if not rows:
        return 0
    names = ["id", *columns]
    types = ["bigint", *columns.values()]
    arrays = ", ".join(f"%s::{each}[]" for each in types)
    sets = ", ".join(f"{name} = new.{name}" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET {sets} FROM unnest({arrays}) AS new ({', '.join(names)})"
            " WHERE t.company_id = %s AND t.id = new.id",
            [*([list(column) for column in zip(*rows, strict=True)]), company_id],
        )
        return int(cursor.rowcount)
