"""A process that writes to a ledger until it is told to stop, or killed.

``python -m tests.ledger.writer COMPANY PARTY FIRST END``: does the works FIRST to END - 1 and prints
a line ``KEY TX_ID`` for each key that is committed. When the database goes away it asks again with
the same key, as a client does.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import date

import django

DAY = date(2026, 11, 3)


def works(number: int) -> list[tuple[str, int]]:
    """The keys and points of a work: every third a batch, the others one by one."""
    if number % 3 == 0:
        return [(f"batch/{number}/{n}", 2 + n) for n in range(10)]
    return [(f"one/{number}", 2 + number % 5)]


def orders(number: int) -> list[str]:
    """The keys of a work's orders, of one point each."""
    return [f"order/{number}"] if number % 2 else []


def do(company_id: int, party_id: int, number: int) -> Iterator[tuple[str, int]]:
    """One work in one transaction: the keys and their transactions."""
    from meritbook.kit.tenancy import company_scope
    from meritbook.ledger.operations import Issue, Source, post_bulk, spend

    issues = [
        Issue(
            key=key,
            kind="award",
            party_id=party_id,
            amounts=(("honour", points), ("spendable", points)),
            effective_on=DAY,
            fact_on=DAY,
            source_kind="event",
            source_id=number,
        )
        for key, points in works(number)
    ]
    done: list[tuple[str, int]] = []
    with company_scope(company_id):
        results = post_bulk(company_id=company_id, issues=issues)
        for issue, result in zip(issues, results, strict=True):
            assert result.status in ("new", "duplicate"), result
            done.append((issue.key, result.tx_id or 0))
        for key in orders(number):
            spent = spend(
                company_id=company_id,
                key=key,
                party_id=party_id,
                code="spendable",
                amount=1,
                today=DAY,
                source=Source("order", number),
            )
            done.append((key, spent.tx_id))
    yield from done


def main(company_id: int, party_id: int, first: int, end: int) -> None:
    from django.db import Error, connection

    for number in range(first, end):
        while True:
            try:
                done = list(do(company_id, party_id, number))
                break
            except Error:
                # Gone, or coming back: whether it was committed nobody here knows.
                connection.close()
                time.sleep(0.05)
        for key, tx_id in done:
            print(key, tx_id, flush=False)
        sys.stdout.flush()


if __name__ == "__main__":
    django.setup()
    main(*map(int, sys.argv[1:]))
