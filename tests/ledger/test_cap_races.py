"""Many sessions under one cap: exactly the cap is taken, and nobody is stuck."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable

import pytest

from meritbook.ledger.operations import Result, post_bulk, reverse
from meritbook.org.models import Party
from tests.ledger.books import NOVEMBER_3, Book, gift
from tests.ledger.caps import cap, used
from tests.ledger.test_concurrency import at_once, in_scope

THREADS = 24


def one(book: Book, key: str, points: int, *caps: int, party_id: int) -> Result:
    issue = book.issue(key, gift(points), caps=caps, party_id=party_id)
    return post_bulk(company_id=book.company_id, issues=[issue])[0]


def people(book: Book, count: int) -> list[int]:
    with book.scope():
        made = Party.objects.bulk_create(
            [Party(company_id=book.company_id, kind="employee") for _ in range(count)]
        )
    return [party.pk for party in made]


@pytest.mark.parametrize("scope", ["person", "company"])
def test_many_sessions_take_exactly_the_cap(live_book: Book, scope: str) -> None:
    """24 sessions ask 3 × 50 of 1000 that one person, or all together, may gain; parts of 50 do
    not fit into a bucket of 125 evenly, and still nothing is left."""
    parties = people(live_book, THREADS) if scope == "company" else [live_book.lilei] * THREADS
    with live_book.scope():
        limit = cap(live_book, 1000, scope=scope)

    def take(n: int) -> list[Result]:
        return [
            in_scope(
                live_book,
                lambda k=k: one(live_book, f"k{n}/{k}", 50, limit, party_id=parties[n]),
            )()
            for k in range(3)
        ]

    results = at_once([lambda n=n: take(n) for n in range(THREADS)])

    assert [one for one in results if isinstance(one, Exception)] == []
    statuses = Counter(one.status for some in results for one in some)  # type: ignore[union-attr]
    assert statuses["new"] + statuses["capped"] == 3 * THREADS
    with live_book.scope():
        assert used(live_book, limit) == 1000
        total = sum(live_book.balance("honour", party) for party in set(parties))
        assert total == 1000
        live_book.assert_sound()


def test_a_cap_that_refuses_is_used_to_the_last_point(live_book: Book) -> None:
    """Amounts that fit no single bucket are put together from several."""
    parties = people(live_book, THREADS)
    with live_book.scope():
        limit = cap(live_book, 1000, scope="company", policy="refuse")

    results = at_once(
        [
            in_scope(
                live_book, lambda n=n: one(live_book, f"k{n}", 200, limit, party_id=parties[n])
            )
            for n in range(THREADS)
        ]
    )

    assert Counter(one.status for one in results) == {"new": 5, "refused": THREADS - 5}  # type: ignore[union-attr]
    with live_book.scope():
        assert used(live_book, limit) == 1000
        live_book.assert_sound()


def test_one_key_from_many_sessions_takes_room_once(live_book: Book) -> None:
    with live_book.scope():
        limit = cap(live_book, 100, scope="company", policy="refuse")

    results = at_once(
        [
            in_scope(
                live_book,
                lambda: one(live_book, "k", 60, limit, party_id=live_book.lilei),
            )
        ]
        * THREADS
    )

    assert Counter(one.status for one in results) == {"new": 1, "duplicate": THREADS - 1}  # type: ignore[union-attr]
    with live_book.scope():
        assert used(live_book, limit) == 60
        live_book.assert_sound()


def test_batches_single_gifts_and_reversals_under_common_caps_never_block_for_good(
    live_book: Book,
) -> None:
    """No session is chosen as a deadlock's victim: nothing here tries again."""
    parties = people(live_book, 6)
    rng = random.Random(7)
    with live_book.scope():
        caps = (
            cap(live_book, 4000, scope="company", period="day"),
            cap(live_book, 3000, scope="department", policy="refuse"),
            cap(live_book, 1500),
            cap(live_book, 9000, scope="company", asset_code="spendable", policy="queue"),
        )
    seeds = [rng.random() for _ in range(10)]

    def choose(own: random.Random) -> tuple[int, ...]:
        return tuple(own.sample(caps, own.randint(1, 4)))

    def batches(n: int) -> None:
        own = random.Random(seeds[n])
        for k in range(5):
            with live_book.scope():
                post_bulk(
                    company_id=live_book.company_id,
                    issues=[
                        live_book.issue(
                            f"b{own.randint(0, 2)}/{n if own.random() < 0.5 else 0}/{k}/{row}",
                            gift(own.randint(1, 90)),
                            caps=choose(own),
                            party_id=own.choice(parties),
                        )
                        for row in range(15)
                    ],
                )

    def singles(n: int) -> None:
        own = random.Random(seeds[n])
        for k in range(25):
            with live_book.scope():
                result = one(
                    live_book,
                    f"s{n}/{k}",
                    own.randint(1, 90),
                    *choose(own),
                    party_id=own.choice(parties),
                )
            if result.status == "new" and own.random() < 0.3:
                with live_book.scope():
                    reverse(
                        company_id=live_book.company_id,
                        tx_id=result.tx_id or 0,
                        key=f"r{n}/{k}",
                        fact_on=NOVEMBER_3,
                    )

    jobs: list[Callable[[], None]] = [
        (lambda n=n: batches(n)) if n % 3 == 0 else (lambda n=n: singles(n)) for n in range(10)
    ]
    began = time.monotonic()
    results = at_once(jobs)

    assert [one for one in results if one is not None] == []
    assert time.monotonic() - began < 60
    with live_book.scope():
        live_book.assert_sound()
