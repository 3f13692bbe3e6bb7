"""Many postings at once: the same ledger as one by one, and a result for each row."""

from datetime import date, timedelta

import pytest

from meritbook.ledger.operations import (
    BatchRefused,
    Issue,
    Result,
    Reversal,
    post,
    post_bulk,
    reverse_bulk,
)
from tests.ledger.books import NOVEMBER_3, Book, gift, loss, undone


def month(book: Book, count: int = 200) -> list[Issue]:
    """Awards and deductions of both people over November."""
    return [
        book.issue(
            f"拜访/{n}",
            loss(100 + n) if n % 5 == 0 else gift(500 + n),
            party_id=(book.lilei, book.hanmeimei)[n % 2],
            effective_on=NOVEMBER_3 + timedelta(n % 20),
            source_kind="event" if n % 3 else "window",
            source_id=n,
            rule_version_id=n % 7 or None,
            department_id=book.sales if n % 4 else None,
        )
        for n in range(count)
    ]


def test_a_batch_leaves_the_same_ledger_as_single_postings(book: Book) -> None:
    issues = month(book)
    with undone():
        for issue in issues:
            post(company_id=book.company_id, issue=issue)
        book.assert_sound()
        one_by_one = book.shape()

    results = post_bulk(company_id=book.company_id, issues=issues)

    assert {result.status for result in results} == {"new"}
    assert book.shape() == one_by_one
    book.assert_sound()


def test_results_come_in_the_order_of_the_issues(book: Book) -> None:
    results = post_bulk(company_id=book.company_id, issues=month(book))

    keys = dict(book.rows("SELECT tx_id, idem_key FROM ledger_tx"))
    assert [keys[result.tx_id] for result in results] == [f"拜访/{n}" for n in range(200)]


def test_a_batch_again_is_all_duplicates(book: Book) -> None:
    first = post_bulk(company_id=book.company_id, issues=month(book))
    before = book.shape()

    again = post_bulk(company_id=book.company_id, issues=month(book))

    assert again == [Result("duplicate", result.tx_id, None) for result in first]
    assert book.shape() == before


def test_single_and_bulk_postings_know_each_others_keys(book: Book) -> None:
    by_hand = book.post("visit/1", gift(500))

    (duplicate, new), single = (
        post_bulk(
            company_id=book.company_id,
            issues=[book.issue("visit/1", gift(500)), book.issue("visit/2", gift(500))],
        ),
        book.post("visit/2", gift(500)),
    )

    assert duplicate == Result("duplicate", by_hand.tx_id, None)
    assert (single.tx_id, single.is_new) == (new.tx_id, False)


def test_each_row_has_its_own_fate(book: Book) -> None:
    book.post("old", gift(100))
    issues = [
        book.issue("old", gift(100)),
        book.issue("old", gift(101)),
        book.issue("a", gift(1)),
        book.issue("a", gift(1)),
        book.issue("a", gift(2)),
        book.issue("b", gift(1), party_id=10**12),
        book.issue("b", gift(1)),
        book.issue("c", (("gold", 1),)),
        book.issue("d", (("honour", 1), ("honour", 1))),
        book.issue("e", (("honour", 0),)),
        book.issue("", gift(1)),
        book.issue("f", gift(1), department_id=10**12),
        book.issue("g", (("spendable", -(10**6)),)),
        book.issue("h", (("spendable", -101),)),
        book.issue("i\tj\\k\nl", gift(1)),
    ]

    results = post_bulk(company_id=book.company_id, issues=issues)

    assert [(result.status, result.reason) for result in results] == [
        ("duplicate", None),
        ("conflict", "key_reused"),
        ("new", None),
        ("duplicate", None),
        ("conflict", "key_reused"),
        ("refused", "unknown_party"),
        ("new", None),
        ("refused", "unknown_asset"),
        ("refused", "bad_assets"),
        ("refused", "bad_amount"),
        ("refused", "bad_key"),
        ("refused", "unknown_department"),
        ("refused", "below_floor"),
        ("new", None),
        ("new", None),
    ]
    assert results[3].tx_id == results[2].tx_id == results[4].tx_id
    assert book.rows("SELECT idem_key FROM ledger_tx WHERE idem_key LIKE 'i%%'") == [
        ("i\tj\\k\nl",)
    ]
    assert book.balance("spendable") == 100 + 1 + 1 + 1 - 101
    book.assert_sound()


def test_gifts_of_a_batch_come_before_what_takes_from_a_floor(book: Book) -> None:
    results = post_bulk(
        company_id=book.company_id,
        issues=[book.issue("fine", (("spendable", -80),)), book.issue("visit", gift(100))],
    )

    assert [result.status for result in results] == ["new", "new"]
    assert book.balance("spendable") == 20
    book.assert_sound()


def test_an_issue_can_take_back_a_part(book: Book) -> None:
    award = book.post("visit/1", gift(1000))

    results = post_bulk(
        company_id=book.company_id,
        issues=[
            book.issue("less", gift(-300), reverses_tx_id=award.tx_id),
            book.issue("rest", gift(-701), reverses_tx_id=award.tx_id),
        ],
    )

    assert [(result.status, result.reason) for result in results] == [
        ("new", None),
        ("refused", "nothing_left"),
    ]
    assert (book.balance("honour"), book.balance("spendable")) == (700, 700)
    book.assert_sound()


def test_nothing_at_all(book: Book) -> None:
    assert post_bulk(company_id=book.company_id, issues=[]) == []
    assert reverse_bulk(company_id=book.company_id, reversals=[]) == []


def test_several_batches_in_one_transaction(book: Book) -> None:
    issues = month(book)
    for start in range(0, 200, 50):
        post_bulk(company_id=book.company_id, issues=issues[start : start + 50])

    assert book.rows("SELECT count(*) FROM ledger_tx") == [(200,)]
    book.assert_sound()


def test_a_batch_of_reversals_undoes_a_batch(book: Book) -> None:
    posted = post_bulk(company_id=book.company_id, issues=month(book))
    reversals = [
        Reversal(tx_id=result.tx_id or 0, key=f"undo/{n}", fact_on=date(2026, 11, 25))
        for n, result in enumerate(posted)
    ]

    results = reverse_bulk(company_id=book.company_id, reversals=reversals)
    again = reverse_bulk(company_id=book.company_id, reversals=reversals)
    under_other_keys = reverse_bulk(
        company_id=book.company_id,
        reversals=[one._replace(key=f"{one.key}/again") for one in reversals],
    )

    assert {result.status for result in results} == {"new"}
    assert again == [Result("duplicate", result.tx_id, None) for result in results]
    assert {(each.status, each.reason) for each in under_other_keys} == {
        ("refused", "nothing_left")
    }
    assert {row[2] for row in book.shape()["balances"]} == {0}
    assert {row[5:8] for row in book.shape()["totals"]} == {(0, 0, 0)}
    book.assert_sound()


@pytest.mark.parametrize("tx_id", [0, 10**15])
def test_a_reversal_of_nothing_is_refused(book: Book, tx_id: int) -> None:
    (result,) = reverse_bulk(
        company_id=book.company_id,
        reversals=[Reversal(tx_id=tx_id, key="undo", fact_on=NOVEMBER_3)],
    )

    assert result == Result("refused", None, "unknown_transaction")


def test_a_few_gifts_need_no_stage_and_do_the_same(book: Book) -> None:
    """The short cut for one event: the results of a batch, row by row."""
    few = [
        book.issue("a", gift(1)),
        book.issue("a", gift(1)),
        book.issue("a", gift(2)),
        book.issue("b", gift(5)),
        book.issue("", gift(1)),
    ]

    results = post_bulk(company_id=book.company_id, issues=few)

    assert [(result.status, result.reason) for result in results] == [
        ("new", None),
        ("duplicate", None),
        ("conflict", "key_reused"),
        ("new", None),
        ("refused", "bad_key"),
    ]
    assert book.rows("SELECT to_regclass('pg_temp.ledger_stage')::text") == [(None,)]
    book.assert_sound()


def test_a_batch_is_posted_whole_or_not_at_all_when_that_is_asked(book: Book) -> None:
    """李雷 has 5.00: the third row takes more than is there."""
    issues = [
        book.issue("whole/1", gift(500)),
        book.issue("whole/2", gift(300), party_id=book.hanmeimei),
        book.issue("whole/3", (("spendable", -900),)),
    ]
    with pytest.raises(BatchRefused, match="第 3 行") as refused:
        post_bulk(company_id=book.company_id, issues=issues, all_or_nothing=True)
    assert [one.status for one in refused.value.results] == ["new", "new", "refused"]
    assert book.rows("SELECT count(*) FROM ledger_tx") == [(0,)]

    results = post_bulk(company_id=book.company_id, issues=issues[:2], all_or_nothing=True)
    again = post_bulk(company_id=book.company_id, issues=issues[:2], all_or_nothing=True)
    assert [one.status for one in results + again] == ["new", "new", "duplicate", "duplicate"]
    book.assert_sound()


def test_a_batch_may_put_points_into_publicity_for_people_without_wallets(book: Book) -> None:
    issues = [
        book.issue(f"visit/{n}", gift(10), party_id=party, is_pending=n % 2 == 0)
        for n, party in enumerate([book.lilei, book.lilei, book.hanmeimei, book.hanmeimei])
    ]

    results = post_bulk(company_id=book.company_id, issues=issues)

    assert [result.status for result in results] == ["new"] * 4
    assert (book.balance("honour"), book.balance("honour", book.hanmeimei)) == (10, 10)
    undo = [Reversal(one.tx_id or 0, f"undo/{one.tx_id}", NOVEMBER_3) for one in results]
    assert {one.status for one in reverse_bulk(company_id=book.company_id, reversals=undo)} == {
        "new"
    }
    book.assert_sound()
