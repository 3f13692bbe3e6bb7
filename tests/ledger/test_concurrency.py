"""Many sessions at once: nothing lost, nothing doubled, nobody stuck."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import TypeVar

from django.db import connections

from meritbook.ledger.operations import (
    BelowFloor,
    KeyReused,
    NothingLeft,
    close_month,
    post_bulk,
    reverse_bulk,
)
from meritbook.ledger.operations import Reversal as Undo
from meritbook.org.models import Party
from tests.ledger.books import NOVEMBER_3, Book, gift, loss

T = TypeVar("T")
THREADS = 8


def at_once(jobs: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Run the jobs in threads that start together; an exception is a result."""
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T | Exception:
        try:
            gate.wait(timeout=30)
            return job()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def in_scope(book: Book, job: Callable[[], T]) -> Callable[[], T]:
    def run() -> T:
        with book.scope():
            return job()

    return run


def test_one_key_from_many_sessions_posts_once(live_book: Book) -> None:
    for n in range(5):
        results = at_once(
            [in_scope(live_book, lambda n=n: live_book.post(f"visit/{n}", gift(500)))] * THREADS
        )
        assert len({posted.tx_id for posted in results}) == 1  # type: ignore[union-attr]
        assert [posted.is_new for posted in results].count(True) == 1  # type: ignore[union-attr]
    with live_book.scope():
        assert live_book.balance("honour") == 2500
        live_book.assert_sound()


def test_one_key_with_many_payloads_posts_one_of_them(live_book: Book) -> None:
    """Other people's wallets too: no common account orders the sessions, only the key does."""
    results = at_once(
        [
            in_scope(
                live_book,
                lambda n=n: live_book.post(
                    "visit", gift(100 + n), party_id=(live_book.lilei, live_book.hanmeimei)[n % 2]
                ),
            )
            for n in range(THREADS)
        ]
    )

    assert Counter(type(result).__name__ for result in results) == {
        "Posted": 1,
        "KeyReused": THREADS - 1,
    }
    assert all(isinstance(result, KeyReused) or result.is_new for result in results)  # type: ignore[union-attr]
    with live_book.scope():
        live_book.assert_sound()


def test_many_sessions_spend_exactly_what_is_there(live_book: Book) -> None:
    with live_book.scope():
        live_book.post("visit", gift(1000))

    results = at_once(
        [
            in_scope(live_book, lambda n=n: live_book.post(f"fine/{n}", (("spendable", -300),)))
            for n in range(THREADS)
        ]
    )

    assert Counter(isinstance(result, BelowFloor) for result in results) == {False: 3, True: 5}
    with live_book.scope():
        assert live_book.balance("spendable") == 100
        live_book.assert_sound()


def test_a_transaction_is_reversed_once_whoever_asks(live_book: Book) -> None:
    with live_book.scope():
        whole, parts = live_book.post("a", gift(1000)), live_book.post("b", gift(1000))

    results = at_once(
        [
            in_scope(live_book, lambda n=n: live_book.reverse(whole.tx_id, f"undo/{n}"))
            for n in range(THREADS)
        ]
    )
    partly = at_once(
        [
            in_scope(live_book, lambda n=n: live_book.reverse(parts.tx_id, f"part/{n}", gift(-300)))
            for n in range(THREADS)
        ]
    )

    assert Counter(type(result).__name__ for result in results) == {
        "Posted": 1,
        "NothingLeft": THREADS - 1,
    }
    assert [isinstance(result, NothingLeft) for result in partly].count(False) == 3
    with live_book.scope():
        assert (live_book.balance("honour"), live_book.balance("spendable")) == (100, 100)
        live_book.assert_sound()


def test_overlapping_batches_neither_deadlock_nor_double(live_book: Book) -> None:
    """Batches with shared keys, shared people in other orders, and wallets that are new."""
    chance = random.Random(20261103)
    with live_book.scope():
        people = [
            Party.objects.create(company_id=live_book.company_id, kind="employee").pk
            for _ in range(12)
        ]
        issues = [
            live_book.issue(
                f"visit/{n}",
                loss(7) if n % 6 == 0 else (("spendable", -1),) if n % 11 == 0 else gift(100 + n),
                party_id=people[n % 12],
                effective_on=date(2026, 9 + n % 3, 1 + n % 28),
                source_id=n,
            )
            for n in range(300)
        ]

    def batch() -> Callable[[], list[str]]:
        mine = chance.sample(issues, 150)
        return in_scope(
            live_book,
            lambda: [
                result.status for result in post_bulk(company_id=live_book.company_id, issues=mine)
            ],
        )

    statuses: Counter[str] = Counter()
    for _ in range(3):
        for result in at_once([batch() for _ in range(THREADS)]):
            assert not isinstance(result, Exception), result
            statuses.update(result)

    with live_book.scope():
        assert statuses["new"] == live_book.rows("SELECT count(*) FROM ledger_tx")[0][0]
        assert set(statuses) <= {"new", "duplicate", "refused"}
        live_book.assert_sound()


def test_postings_and_reversals_mix(live_book: Book) -> None:
    with live_book.scope():
        first = post_bulk(
            company_id=live_book.company_id,
            issues=[
                live_book.issue(
                    f"a/{n}", gift(10), party_id=(live_book.lilei, live_book.hanmeimei)[n % 2]
                )
                for n in range(60)
            ],
        )
    undo = [Undo(result.tx_id or 0, f"undo/{n}", NOVEMBER_3) for n, result in enumerate(first)]

    def post(n: int) -> int:
        return len(
            post_bulk(
                company_id=live_book.company_id,
                issues=[live_book.issue(f"b/{n}/{m}", gift(1)) for m in range(40)],
            )
        )

    def take_back(order: int) -> int:
        return len(reverse_bulk(company_id=live_book.company_id, reversals=undo[::order]))

    results = at_once(
        [
            *[in_scope(live_book, lambda n=n: post(n)) for n in range(4)],
            *[in_scope(live_book, lambda order=order: take_back(order)) for order in (1, -1)],
        ]
    )

    assert results == [40, 40, 40, 40, 60, 60]
    with live_book.scope():
        assert live_book.balance("honour") == 160
        live_book.assert_sound()


def test_a_month_closes_behind_the_postings_under_way(live_book: Book) -> None:
    """The closing waits for a posting that has begun; what comes after counts next month."""
    posting_began = threading.Event()

    def post_slowly() -> str:
        with live_book.scope():
            live_book.post("slow", gift(1))
            posting_began.set()
            time.sleep(0.5)
        return "posted"

    def close() -> str:
        posting_began.wait(timeout=30)
        with live_book.scope():
            close_month(
                company_id=live_book.company_id,
                month=date(2026, 11, 1),
                closed_by=1,
                closed_at=datetime.now(tz=UTC),  # noqa: TID251 -- compared with posted_at
            )
            live_book.post("late", gift(1))
        return "closed"

    assert at_once([post_slowly, close]) == ["posted", "closed"]
    with live_book.scope():
        assert live_book.rows("SELECT idem_key, effective_on FROM ledger_tx ORDER BY tx_id") == [
            ("slow", NOVEMBER_3),
            ("late", date(2026, 12, 1)),
        ]


def test_postings_race_with_the_closing_of_their_month(live_book: Book) -> None:
    results = at_once(
        [
            *[
                in_scope(live_book, lambda n=n: live_book.post(f"visit/{n}", gift(1)).tx_id)
                for n in range(THREADS)
            ],
            in_scope(
                live_book,
                lambda: int(
                    close_month(
                        company_id=live_book.company_id,
                        month=date(2026, 11, 1),
                        closed_by=1,
                        closed_at=datetime(2026, 12, 1, tzinfo=UTC),
                    )
                ),
            ),
        ]
    )

    assert not [result for result in results if isinstance(result, Exception)]
    with live_book.scope():
        days = live_book.rows("SELECT effective_on, count(*) FROM ledger_tx GROUP BY 1 ORDER BY 1")
        assert sum(count for _day, count in days) == THREADS
        assert {day for day, _count in days} <= {NOVEMBER_3, date(2026, 12, 1)}
        # In order of posting no November comes after a December.
        assert live_book.rows(
            "SELECT count(*) FROM ledger_tx a JOIN ledger_tx b ON b.tx_id > a.tx_id"
            " WHERE a.effective_on = '2026-12-01' AND b.effective_on = '2026-11-03'"
        ) == [(0,)]
