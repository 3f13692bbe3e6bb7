"""Opening balances in the ledger: once, with a last day of their own, only of their kind."""

from datetime import date

from django.db import connection

from meritbook.ledger.operations import reverse
from meritbook.ledger.operations.openings import Opening, post_opening, turns_of
from tests.ledger.books import NOVEMBER_3, Book

CUT_OVER = date(2026, 10, 31)
LAST = date(2026, 12, 31)


def bring(book: Book, opening: Opening, *, turn: int = 0) -> tuple[str, str | None]:
    result = post_opening(
        company_id=book.company_id, opening=opening, on=CUT_OVER, turn=turn, actor_id=1
    )
    return result.status, result.reason


def test_the_same_balance_comes_once(book: Book) -> None:
    mine = Opening(book.lilei, "spendable", 500, LAST)
    assert bring(book, mine) == ("new", None)
    assert bring(book, mine) == ("duplicate", None)
    assert bring(book, mine._replace(amount=600)) == ("conflict", "key_reused")
    assert bring(book, mine._replace(expires_on=None)) == ("new", None)  # another lot
    assert book.rows("SELECT expires_on::text, granted FROM ledger_lot ORDER BY 1") == [
        ("2026-12-31", 500),
        ("infinity", 500),
    ]
    book.assert_sound()


def test_taken_back_it_may_come_again(book: Book) -> None:
    mine = Opening(book.lilei, "spendable", 500, LAST)
    posted = post_opening(company_id=book.company_id, opening=mine, on=CUT_OVER, turn=0, actor_id=1)
    assert turns_of(company_id=book.company_id, openings=[mine], on=CUT_OVER) == [0]
    reverse(company_id=book.company_id, tx_id=posted.tx_id or 0, key="undo/1", fact_on=NOVEMBER_3)
    assert turns_of(company_id=book.company_id, openings=[mine], on=CUT_OVER) == [1]
    assert bring(book, mine, turn=1) == ("new", None)
    book.assert_sound()


def test_what_cannot_be_brought_is_named(book: Book) -> None:
    for opening, reason in (
        (Opening(book.lilei, "spendable", 0), "bad_amount"),
        (Opening(book.lilei, "spendable", 2**63), "bad_amount"),
        (Opening(book.lilei, "spendable", -1), "below_floor"),
        (Opening(book.lilei, "gold", 1), "unknown_asset"),
        (Opening(10**12, "spendable", 1), "unknown_party"),
        (Opening(book.lilei, "spendable", 1, date(2026, 10, 30)), "bad_day"),
        (Opening(book.lilei, "spendable", 1, date(3000, 1, 1)), "bad_day"),
    ):
        assert bring(book, opening) == ("refused", reason)
    # A last day of its own is for opening balances alone.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status, reason FROM ledger_post(%s, 'x', 'award', %s, '{spendable}', '{100}',"
            " %s, %s, 'event', 1, NULL, NULL, NULL, p_expires_on => %s)",
            [book.company_id, book.lilei, CUT_OVER, CUT_OVER, LAST],
        )
        assert cursor.fetchone() == ("refused", "bad_day")
    book.assert_sound()
