"""P3: the bulk road. A csv file of 100,000 events is read, judged, scored, stored, posted, with
balances, lots and day totals, in transactions of ten thousand.

The limit is a raw COPY of as many entry rows into a table with the indexes of awards_entry, by
the same connection's server, in the same run.
"""

from __future__ import annotations

import io
import statistics
import time

import psycopg
from psycopg import sql

from bench.company import NOW, BenchCompany, company, events_csv
from bench.registry import Result, benchmark
from tests import databases

EVENTS = 100_000
PEOPLE = 1_000
TURNS = 3


@benchmark("bulk")
def bulk() -> Result:
    """Events recorded in a second."""
    figures: list[float] = []
    limits: list[float] = []
    with company(people=PEOPLE) as made:
        _record(made, events_csv(made, count=2_000, seed=1, prefix="W"))
        for turn in range(TURNS):
            content = events_csv(made, count=EVENTS, seed=turn, prefix=f"T{turn}-")
            figures.append(_record(made, content))
            limits.append(_raw_copy(made))
        entries = _count(made)
    return Result(
        name="bulk",
        what="events of a csv file read, scored, stored, posted with totals",
        unit="events/s",
        figure=statistics.median(figures),
        limit=statistics.median(limits),
        limit_is="raw COPY of as many entry rows into a table with the same indexes",
        floor=0.15,
        goal=0.5,
        judged="ratio",
        conditions={
            "events": EVENTS,
            "people": PEOPLE,
            "turns": TURNS,
            "entries": entries,
            "slowest": f"{min(figures):,.0f}",
            "fastest": f"{max(figures):,.0f}",
        },
    )


def _record(made: BenchCompany, content: bytes) -> float:
    from meritbook.awards.sheets import load_events, read_events

    started = time.perf_counter()
    file = read_events(content, name="events.csv")
    loaded = load_events(company_id=made.id, file=file, source="bench", now=NOW)
    spent = time.perf_counter() - started
    count = loaded.recorded.count("new")
    assert count == len(file.events), loaded.problems[:3]
    return count / spent


def _count(made: BenchCompany) -> int:
    from django.db import connection

    from meritbook.kit.tenancy import company_scope

    with company_scope(made.id), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM awards_entry WHERE company_id = %s", [made.id])
        return int(cursor.fetchone()[0])


def _raw_copy(made: BenchCompany) -> float:
    """Rows a second. The rows are those that the last turn wrote."""
    with psycopg.connect(databases.admin_dsn(), dbname=made.database) as connection:
        rows = io.BytesIO()
        with connection.cursor().copy(
            f"COPY (SELECT * FROM awards_entry ORDER BY id DESC LIMIT {EVENTS}) TO STDOUT"
        ) as source:
            for block in source:
                rows.write(block)
        connection.execute("CREATE TABLE raw_entry (LIKE awards_entry INCLUDING ALL)")
        connection.commit()
        started = time.perf_counter()
        with connection.cursor().copy(
            sql.SQL("COPY {} FROM STDIN").format(sql.Identifier("raw_entry"))
        ) as target:
            target.write(rows.getvalue())
        connection.commit()
        spent = time.perf_counter() - started
        connection.execute("DROP TABLE raw_entry")
        connection.commit()
        return EVENTS / spent
