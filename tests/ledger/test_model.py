"""The ledger against a small model of it in Python, in any order and any batches."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meritbook.ledger.operations import (
    BelowFloor,
    Issue,
    KeyReused,
    NothingLeft,
    post,
    post_bulk,
    reverse,
)
from tests.counts import examples
from tests.ledger.books import NOVEMBER_3, Book, undone

SETTINGS = settings(
    max_examples=examples(40, long=4_000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    print_blob=True,
)
DAYS = [NOVEMBER_3 + timedelta(n) for n in (0, 1, 30)]


@dataclass
class Model:
    """What a ledger is, without a database: balances, what lots hold, what was posted."""

    balances: Counter[tuple[int, str]] = field(default_factory=Counter)
    days: Counter[tuple[int, str, date]] = field(default_factory=Counter)
    posted: dict[str, tuple[Issue, dict[str, int]]] = field(default_factory=dict)

    def post(self, issue: Issue) -> str:
        if issue.key in self.posted:
            same = self.posted[issue.key][0] == issue
            return "duplicate" if same else "conflict"
        for code, amount in issue.amounts:
            after = self.balances[issue.party_id, code] + amount
            if code != "honour" and amount < 0 and after < 0:
                return "refused"
        for code, amount in issue.amounts:
            self.balances[issue.party_id, code] += amount
            self.days[issue.party_id, code, issue.effective_on] += amount
        self.posted[issue.key] = (issue, {})
        return "new"

    def reverse(self, key: str) -> str:
        issue, taken_back = self.posted[key]
        if taken_back:
            return "refused"
        for code, amount in issue.amounts:
            move = -amount
            if code != "honour" and move < 0:
                move = -min(-move, self.balances[issue.party_id, code])
            self.balances[issue.party_id, code] += move
            self.days[issue.party_id, code, issue.effective_on] += move
            taken_back[code] = move
        return "new"


amounts = st.one_of(
    st.integers(1, 500).map(lambda n: (("honour", n), ("spendable", n))),
    st.integers(1, 500).map(lambda n: (("honour", -n),)),
    st.integers(1, 500).map(lambda n: (("spendable", -n),)),
    st.tuples(st.integers(-50, 50), st.integers(-50, 50))
    .filter(all)
    .map(lambda pair: (("coin", pair[0]), ("honour", pair[1]))),
)
steps = st.lists(
    st.tuples(
        st.sampled_from(["post", "post", "post", "reverse"]),
        st.integers(0, 9),
        amounts,
        st.integers(0, 1),
        st.sampled_from(DAYS),
    ),
    max_size=25,
)


def seen(book: Book) -> tuple[dict[tuple[int, str], int], dict[tuple[int, str, date], int]]:
    """Balances and day totals, as the model has them, without zeros."""
    balances = {(party, code): posted for party, code, posted, _held in book.shape()["balances"]}
    days: Counter[tuple[int, str, date]] = Counter()
    for party, code, day, _kind, _department, earned, deducted, _spent, _n in book.shape()[
        "totals"
    ]:
        days[party, code, day] += earned - deducted
    return _nonzero(balances), _nonzero(days)


def _nonzero(counts: dict[tuple[int, str], int]) -> dict[tuple[int, str], int]:  # type: ignore[misc]
    return {key: count for key, count in counts.items() if count}


@SETTINGS
@given(steps=steps)
def test_any_story_ends_as_in_the_model(
    book: Book, steps: list[tuple[str, int, tuple[tuple[str, int], ...], int, date]]
) -> None:
    model = Model()
    people = (book.lilei, book.hanmeimei)
    transactions: dict[str, int] = {}
    with undone():
        for n, (verb, number, amount, who, day) in enumerate(steps):
            key = f"k{number}"
            if verb == "post":
                issue = book.issue(
                    key, amount, party_id=people[who], effective_on=day, kind="adjust"
                )
                expected = model.post(issue)
                try:
                    posted = post(company_id=book.company_id, issue=issue)
                    status = "new" if posted.is_new else "duplicate"
                    transactions[key] = posted.tx_id
                except KeyReused:
                    status = "conflict"
                except BelowFloor:
                    status = "refused"
                assert status == expected
            elif key in transactions:
                expected = model.reverse(key)
                try:
                    reverse(
                        company_id=book.company_id,
                        tx_id=transactions[key],
                        key=f"undo {n}",
                        fact_on=NOVEMBER_3,
                    )
                    status = "new"
                except NothingLeft:
                    status = "refused"
                assert status == expected
        assert seen(book) == (_nonzero(model.balances), _nonzero(model.days))
        book.assert_sound()


rows = st.lists(
    st.tuples(
        st.integers(0, 20),
        st.one_of(
            st.integers(1, 500).map(lambda n: (("honour", n), ("spendable", n))),
            st.integers(1, 500).map(lambda n: (("honour", -n),)),
        ),
        st.integers(0, 1),
        st.sampled_from(DAYS),
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda row: row[0],
)


@SETTINGS
@given(rows=rows, data=st.data())
def test_the_order_and_the_batches_do_not_matter(
    book: Book, rows: list[tuple[int, tuple[tuple[str, int], ...], int, date]], data: st.DataObject
) -> None:
    """Awards and deductions in any order, some of them again, in any batches."""
    people = (book.lilei, book.hanmeimei)
    issues = [
        book.issue(f"k{number}", amount, party_id=people[who], effective_on=day, source_id=number)
        for number, amount, who, day in rows
    ]
    with undone():
        for issue in issues:
            post(company_id=book.company_id, issue=issue)
        in_order = book.shape()
    with undone():
        shuffled = data.draw(st.permutations(issues + issues[::2]))
        cut = data.draw(st.integers(0, len(shuffled)))
        for batch in (shuffled[:cut], shuffled[cut:]):
            post_bulk(company_id=book.company_id, issues=batch)
        assert book.shape() == in_order
        book.assert_sound()


@SETTINGS
@given(
    steps=st.lists(
        st.tuples(
            st.integers(0, 6),
            amounts,
            st.integers(0, 1),
        ),
        max_size=15,
    )
)
def test_a_batch_gives_each_row_what_single_posting_gives(
    book: Book, steps: list[tuple[int, tuple[tuple[str, int], ...], int]]
) -> None:
    """In the order that bulk promises: gifts, then what takes from a floor or repeats a key."""
    people = (book.lilei, book.hanmeimei)
    issues = [
        book.issue(f"k{number}", amount, party_id=people[who], kind="adjust")
        for number, amount, who in steps
    ]
    first = {}
    for n, issue in enumerate(issues):
        first.setdefault(issue.key, n)
    later = [
        n
        for n, issue in enumerate(issues)
        if first[issue.key] != n
        or any(amount < 0 and code != "honour" for code, amount in issue.amounts)
    ]
    model = Model()
    expected = {n: model.post(issue) for n, issue in enumerate(issues) if n not in later}
    expected |= {n: model.post(issues[n]) for n in later}
    with undone():
        results = post_bulk(company_id=book.company_id, issues=issues)
        assert [result.status for result in results] == [expected[n] for n in range(len(issues))]
        assert seen(book) == (_nonzero(model.balances), _nonzero(model.days))
        book.assert_sound()


@pytest.mark.parametrize("amount", [2**63 - 1, -(2**63), 2**63, 10**30, 0])
def test_extreme_amounts_are_refused_in_a_batch(book: Book, amount: int) -> None:
    results = post_bulk(
        company_id=book.company_id,
        issues=[book.issue("a", (("honour", amount),)), book.issue("b", (("honour", 1),))],
    )

    assert [(result.status, result.reason) for result in results] == [
        ("refused", "bad_amount"),
        ("new", None),
    ]
