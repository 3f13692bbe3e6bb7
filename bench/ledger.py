"""P2 and the ledger's part of P3: postings, one by one and in bulk, beside what PostgreSQL can do.

Bulk: ``post_bulk`` of award issues, each a transfer to honour and one to spendable, with their
transactions, balances, lots, totals and changes; the limit is a raw COPY of as many transfer rows
into a table with the same columns and indexes and nothing else. One by one: ``post`` through the
Python API beside the same posting function called by psycopg with prepared statements.
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg

from bench.databases import conditions, database
from bench.orm import post_by_orm
from bench.registry import Result, benchmark
from tests import databases

if TYPE_CHECKING:
    from meritbook.ledger.operations import Issue
    from tests.ledger.books import Book

ISSUES = 100_000
PEOPLE = 500
DAYS = 40
TURNS = 3
POSTINGS = 400
SINGLE_TURNS = 5
FIRST_DAY = date(2026, 9, 1)


@benchmark("ledger_bulk")
def ledger_bulk() -> Result:
    """Transfers posted in a second by bulk."""
    with database() as name:
        book, people = _book()
        figures, limits = [], []
        for turn in range(TURNS):
            issues = _issues(book, people, f"bulk/{turn}", ISSUES)
            transfers = sum(len(issue.amounts) for issue in issues)
            limits.append(copy_transfers(name, issues))
            figures.append(transfers / _post_bulk(book, issues))
        _assert_sound(book)
    return Result(
        name="ledger_bulk",
        what="post_bulk: transactions, transfers, balances, lots, totals",
        unit="transfers/s",
        figure=statistics.median(figures),
        limit=statistics.median(limits),
        limit_is="raw COPY of as many transfer rows, same indexes",
        floor=0.25,
        goal=0.5,
        judged="ratio",
        conditions=conditions() | {"issues": ISSUES, "people": PEOPLE, "turns": TURNS},
    )


@benchmark("ledger_post")
def ledger_post() -> Result:
    """Postings in a second by the Python API, one client, one transaction each."""
    with database() as name:
        book, people = _book()
        figures, limits = [], []
        for turn in range(SINGLE_TURNS):
            limits.append(POSTINGS / _call(name, _issues(book, people, f"raw/{turn}", POSTINGS)))
            figures.append(POSTINGS / _post(book, _issues(book, people, f"api/{turn}", POSTINGS)))
        orm = post_by_orm(name, book, _issues(book, people, "orm", POSTINGS))
        _assert_sound(book)
    return Result(
        name="ledger_post",
        what="post: one transaction each, through Python",
        unit="postings/s",
        figure=statistics.median(figures),
        limit=statistics.median(limits),
        limit_is="the same function called by psycopg, prepared",
        floor=0.40,
        goal=0.70,
        judged="ratio",
        conditions=conditions()
        | {
            "postings": POSTINGS,
            "turns": SINGLE_TURNS,
            "clients": 1,
            "plain ORM, transfers/s": round(orm),
        },
    )


def _book() -> tuple[Book, list[int]]:
    from meritbook.ledger.operations import open_wallets
    from meritbook.org.models import Party
    from tests.ledger.books import found_book

    book = found_book()
    with book.scope():
        people = [
            Party.objects.create(company_id=book.company_id, kind="employee").pk
            for _ in range(PEOPLE)
        ]
        open_wallets(company_id=book.company_id, party_ids=people)
    return book, people


def _issues(book: Book, people: list[int], label: str, count: int) -> list[Issue]:
    """Four awards, then a deduction; five a day for each person, day after day."""
    from tests.ledger.books import gift, loss

    return [
        book.issue(
            f"{label}/{n}",
            gift(500 + n % 7) if n % 5 else loss(300),
            party_id=people[n % PEOPLE],
            effective_on=FIRST_DAY + timedelta(n // (5 * PEOPLE) % DAYS),
            fact_on=FIRST_DAY + timedelta(n // (5 * PEOPLE) % DAYS),
            source_id=n,
            rule_version_id=n % 41,
        )
        for n in range(count)
    ]


def _post_bulk(book: Book, issues: list[Issue]) -> float:
    from meritbook.ledger.operations import post_bulk

    start = time.perf_counter()
    with book.scope():
        results = post_bulk(company_id=book.company_id, issues=issues)
    seconds = time.perf_counter() - start
    if any(result.status != "new" for result in results):
        raise SystemExit("a posting of the benchmark was not new")
    return seconds


def _post(book: Book, issues: list[Issue]) -> float:
    from meritbook.ledger.operations import post

    start = time.perf_counter()
    for issue in issues:
        with book.scope():
            post(company_id=book.company_id, issue=issue)
    return time.perf_counter() - start


def copy_transfers(name: str, issues: list[Issue], *, repeat: int = 1) -> float:
    """Bare transfer rows in a second; they are made before the clock starts."""
    posted_at = datetime(2026, 11, 21, 6, 0, tzinfo=UTC).isoformat()
    lines = []
    for n, issue in enumerate(issues * repeat):
        for seq, (_code, amount) in enumerate(issue.amounts):
            wallet, system = issue.party_id * 10 + seq, seq + 1
            debit, credit = (system, wallet) if amount > 0 else (wallet, system)
            lines.append(
                f"1\t{n}\t{seq}\t{debit}\t{credit}\t{abs(amount)}\t{posted_at}\t7\t"
                f"{issue.effective_on}\t{'infinity' if seq else chr(92) + 'N'}\t{seq}\n"
            )
    blocks = ["".join(lines[at : at + 4096]) for at in range(0, len(lines), 4096)]
    with psycopg.connect(databases.url(databases.OWNER, name)) as owner:
        owner.execute("DROP TABLE IF EXISTS bench_transfer")
        owner.execute("CREATE TABLE bench_transfer (LIKE ledger_transfer INCLUDING INDEXES)")
        owner.commit()
        start = time.perf_counter()
        with owner.cursor().copy("COPY bench_transfer FROM STDIN") as copy:
            for block in blocks:
                copy.write(block)
        owner.commit()
        return len(lines) / (time.perf_counter() - start)


def _call(name: str, issues: list[Issue]) -> float:
    address = databases.url(databases.APP, name)
    with psycopg.connect(address, autocommit=True, prepare_threshold=0) as app:
        company_id = int(app.execute("SELECT org_company_id('huasheng')").fetchone()[0])  # type: ignore[index]
        rows = [
            (
                company_id,
                issue.key,
                issue.kind,
                issue.party_id,
                [code for code, _amount in issue.amounts],
                [amount for _code, amount in issue.amounts],
                *issue[4:11],
            )
            for issue in issues
        ]
        start = time.perf_counter()
        for row in rows:
            with app.transaction():
                app.execute("SELECT set_config('app.company_id', %s, true)", [str(company_id)])
                app.execute(
                    "SELECT * FROM ledger_post(%s::bigint, %s::text, %s::text, %s::bigint,"
                    " %s::text[], %s::bigint[], %s::date, %s::date, %s::text, %s::bigint,"
                    " %s::bigint, %s::bigint, %s::bigint)",
                    row,
                )
        return time.perf_counter() - start


def _assert_sound(book: Book) -> None:
    with book.scope():
        book.assert_sound()
