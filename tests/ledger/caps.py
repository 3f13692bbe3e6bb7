"""Caps for the tests, gifts under them, and a look at what is used of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from meritbook.ledger.operations import Result, post_bulk
from meritbook.ledger.operations.caps import add_cap
from meritbook.ledger.verification import Check, verify
from meritbook.org.operations.audit import SYSTEM
from tests.ledger.books import Book, gift

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
START = date(2026, 9, 1)


def cap(book: Book, amount: int, **changes: Any) -> int:
    """A monthly cap per person on honour that clips; its id."""
    whole: dict[str, Any] = {
        "company_id": book.company_id,
        "name": "每月上限",
        "asset_code": "honour",
        "amount": amount,
        "scope": "person",
        "period": "month",
        "policy": "clip",
        "valid_from": START,
        "actor": SYSTEM,
        "now": NOW,
    }
    return add_cap(**(whole | changes))


def used(book: Book, cap_id: int) -> int:
    """What is taken from a cap, over all its buckets."""
    ((sum_,),) = book.rows(
        "SELECT coalesce(sum(used), 0)::bigint FROM ledger_cap_bucket WHERE cap_id = %s", cap_id
    )
    return int(sum_)


def results(book: Book, *issues: Any) -> list[Result]:
    """What became of issues that were posted in one batch."""
    return post_bulk(company_id=book.company_id, issues=issues)


def one(book: Book, key: str, points: int, *caps: int, **changes: Any) -> Result:
    """What became of one gift."""
    (result,) = results(book, book.issue(key, gift(points), caps=caps, **changes))
    return result


def broken(book: Book) -> list[Check]:
    """The invariants that do not hold."""
    return [check for check in verify(company_id=book.company_id).checks if not check.ok]
