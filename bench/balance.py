"""P8: reading a balance, beside the bare row; with a history of two lines and of ten thousand."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

from bench.databases import conditions, database
from bench.ledger import _book, _issues
from bench.registry import Result, benchmark

if TYPE_CHECKING:
    from tests.ledger.books import Book

READS = 500
TURNS = 5
HISTORY = 10_000
ROW = "SELECT posted, held FROM ledger_balance WHERE company_id = %s AND account_id = %s"


@benchmark("balance")
def balance() -> Result:
    """Milliseconds to read one balance."""
    with database():
        from meritbook.ledger.operations import post_bulk

        book, people = _book()
        short, long = people[0], people[1]
        with book.scope():
            post_bulk(
                company_id=book.company_id,
                issues=[
                    one._replace(party_id=long) for one in _issues(book, people, "long", HISTORY)
                ],
            )
            post_bulk(
                company_id=book.company_id,
                issues=[one._replace(party_id=short) for one in _issues(book, people, "short", 9)],
            )
            figures, limits, others = [], [], []
            for _turn in range(TURNS):
                limits.append(_rows(book, long))
                figures.append(_balances(book, long))
                others.append(_balances(book, short))
    return Result(
        name="balance",
        what="a party's balance by the ledger's query",
        unit="ms",
        figure=statistics.median(figures),
        limit=statistics.median(limits),
        limit_is="the bare row by its key, through the same connection",
        floor=0.4,
        goal=2.0 * statistics.median(limits),
        lower_is_better=True,
        conditions=conditions()
        | {
            "history": HISTORY,
            "with a history of 9": f"{statistics.median(others):.3f} ms",
            "reads": READS,
        },
    )


def _rows(book: Book, party_id: int) -> float:
    from django.db import connection

    account = book.rows(
        "SELECT w.account_id FROM ledger_account w JOIN ledger_asset a ON a.asset_id = w.asset_id"
        " WHERE a.code = 'spendable' AND w.kind = 'wallet' AND w.party_id = %s",
        party_id,
    )[0][0]
    started = time.perf_counter()
    with connection.cursor() as cursor:
        for _ in range(READS):
            cursor.execute(ROW, [book.company_id, account])
            cursor.fetchone()
    return (time.perf_counter() - started) / READS * 1000


def _balances(book: Book, party_id: int) -> float:
    from meritbook.ledger.queries import balance_of

    started = time.perf_counter()
    for _ in range(READS):
        balance_of(company_id=book.company_id, party_id=party_id, code="spendable")
    return (time.perf_counter() - started) / READS * 1000
