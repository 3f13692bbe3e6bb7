"""P3: the bulk road. A csv file of 100,000 events is read, judged, scored, stored, posted, with
balances, lots and day totals, in transactions of ten thousand.

The limit is a raw COPY of as many ledger entries (the transfers that these events post) into a
table with the same indexes, on the same server, turn by turn.
"""

from __future__ import annotations

import io
import statistics
import time

import psycopg

from bench.company import NOW, BenchCompany, company, events_csv
from bench.registry import Result, benchmark
from tests import databases

EVENTS = 100_000
PEOPLE = 1_000
TURNS = 3


@benchmark("bulk")
def bulk() -> Result:
    """Ledger entries written in a second, all the way from the file."""
    figures: list[float] = []
    limits: list[float] = []
    events: list[float] = []
    with company(people=PEOPLE) as made:
        _record(made, events_csv(made, count=2_000, seed=1, prefix="W"))
        for turn in range(TURNS):
            content = events_csv(made, count=EVENTS, seed=turn, prefix=f"T{turn}-")
            before = _entries(made)
            spent = _record(made, content)
            posted = _entries(made) - before
            figures.append(posted / spent)
            events.append(EVENTS / spent)
            limits.append(_raw_copy(made, posted))
    return Result(
        name="bulk",
        what="events of a csv file read, judged, scored, stored, posted with totals",
        unit="entries/s",
        figure=statistics.median(figures),
        limit=statistics.median(limits),
        limit_is="raw COPY of as many entries into a table with the same indexes",
        floor=0.15,
        goal=0.5,
        judged="ratio",
        conditions={
            "events": EVENTS,
            "people": PEOPLE,
            "turns": TURNS,
            "entries": posted,
            "events a second": f"{statistics.median(events):,.0f}",
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
    assert loaded.recorded.count("new") == len(file.events), loaded.problems[:3]
    return spent


def _entries(made: BenchCompany) -> int:
    with psycopg.connect(databases.admin_dsn(), dbname=made.database) as connection:
        row = connection.execute("SELECT count(*) FROM ledger_transfer").fetchone()
        assert row is not None
        return int(row[0])


def _raw_copy(made: BenchCompany, count: int) -> float:
    """Rows a second. The rows are those that the turn wrote last."""
    with psycopg.connect(databases.admin_dsn(), dbname=made.database) as connection:
        rows = io.BytesIO()
        with connection.cursor().copy(
            f"COPY (SELECT * FROM ledger_transfer ORDER BY tx_id DESC, seq LIMIT {count}) TO STDOUT"
        ) as source:
            for block in source:
                rows.write(block)
        connection.execute("CREATE TABLE raw_entry (LIKE ledger_transfer INCLUDING ALL)")
        connection.commit()
        started = time.perf_counter()
        with connection.cursor().copy("COPY raw_entry FROM STDIN") as target:
            target.write(rows.getvalue())
        connection.commit()
        spent = time.perf_counter() - started
        connection.execute("DROP TABLE raw_entry")
        connection.commit()
        return count / spent
