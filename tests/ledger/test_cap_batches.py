"""Caps in bulk: in the order of the rows, and the same as one by one."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.counts import examples
from tests.ledger.books import Book, gift, undone
from tests.ledger.caps import broken, cap, one, results, used


def test_bulk_serves_in_the_order_of_the_rows(book: Book) -> None:
    daily = cap(book, 1000, scope="company", period="day")

    found = results(book, *(book.issue(f"a{n}", gift(300), caps=(daily,)) for n in range(5)))

    assert [result.status for result in found] == ["new", "new", "new", "capped", "capped"]
    assert used(book, daily) == 1000
    again = results(book, *(book.issue(f"a{n}", gift(300), caps=(daily,)) for n in range(5)))
    assert [result.status for result in again] == ["duplicate"] * 5
    assert [result.tx_id for result in again] == [result.tx_id for result in found]
    assert used(book, daily) == 1000
    book.assert_sound()


def test_a_key_twice_in_a_batch_takes_room_once(book: Book) -> None:
    daily = cap(book, 1000, scope="company", period="day")

    found = results(
        book,
        *(book.issue(key, gift(300), caps=(daily,)) for key in ("a", "a", "b")),
        book.issue("a", gift(301), caps=(daily,)),
    )

    assert [result.status for result in found] == ["new", "duplicate", "new", "conflict"]
    assert used(book, daily) == 600


def test_rows_that_are_refused_take_no_room(book: Book) -> None:
    daily = cap(book, 500, scope="company", period="day")

    found = results(
        book,
        book.issue("a", gift(300), caps=(daily,), department_id=10**9),
        book.issue("b", gift(300), caps=(daily,), party_id=10**9),
        book.issue("c", gift(300), caps=(daily, 10**9)),
        book.issue("d", gift(400), caps=(daily,)),
    )

    assert [result.reason for result in found] == [
        "unknown_department",
        "unknown_party",
        "unknown_cap",
        None,
    ]
    assert used(book, daily) == 400
    assert one(book, "e", 1, 10**9).reason == "unknown_cap"


ROWS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.integers(1, 120),
        st.integers(1, 12),
        st.sets(st.integers(0, 3), max_size=3),
        st.booleans(),
    ),
    min_size=2,
    max_size=14,
)
LIMITS = st.lists(
    st.tuples(
        st.integers(1, 300),
        st.sampled_from(["person", "department", "company"]),
        st.sampled_from(["day", "week", "month"]),
        st.sampled_from(["clip", "refuse", "queue"]),
        st.sampled_from(["honour", "spendable"]),
    ),
    min_size=4,
    max_size=4,
)


@settings(
    max_examples=examples(40, long=4_000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(limits=LIMITS, rows=ROWS)
def test_a_batch_leaves_the_same_as_single_postings(
    book: Book, limits: list[Any], rows: list[Any]
) -> None:
    """Whatever caps meet in whatever rows: amounts, verdicts, room and notes.

    All examples run in the transaction of one test, and each is undone.
    """
    with undone():
        caps = [
            cap(
                book, amount, scope=scope, period=period, policy=policy, asset_code=asset,
                subject=f"s{n}", buckets=1 if scope == "person" else n + 1,
            )
            for n, (amount, scope, period, policy, asset) in enumerate(limits)
        ]  # fmt: skip
        issues = [
            book.issue(
                f"k{n}",
                (("honour", points), ("spendable", 2 * points)),
                party_id=(book.lilei, book.hanmeimei)[who],
                effective_on=date(2026, 11, day),
                caps=tuple(-caps[i] if records else caps[i] for i in sorted(which)),
            )
            for n, (who, points, day, which, records) in enumerate(rows)
        ]
        with undone():
            singly = [results(book, issue)[0][::2] for issue in issues]
            alone = (_noted(book), book.shape())
            assert broken(book) == []
        batch = [result[::2] for result in results(book, *issues)]
        assert batch == singly
        assert (_noted(book), book.shape()) == alone
        assert broken(book) == []


def _noted(book: Book) -> list[Any]:
    return [
        book.rows(
            "SELECT t.idem_key, u.cap_id, u.scope_id, u.period_start, sum(u.amount)"
            " FROM ledger_cap_use u JOIN ledger_tx t USING (company_id, tx_id)"
            " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
        ),
        book.rows(
            "SELECT t.idem_key, c.cap_id, c.scope_id, c.period_start, c.asked, c.room, c.allowed"
            " FROM ledger_cap_cut c JOIN ledger_tx t USING (company_id, tx_id) ORDER BY 1, 2"
        ),
        book.rows(
            "SELECT cap_id, scope_id, period_start, sum(used) FROM ledger_cap_bucket"
            " GROUP BY 1, 2, 3 HAVING sum(used) > 0 ORDER BY 1, 2, 3"
        ),
    ]
