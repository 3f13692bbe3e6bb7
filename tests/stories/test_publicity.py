"""公示: points wait where everybody may object, and count on their own day when nobody did.

李雷's three awards are shown for a week. One is released whole, one after an objection to a part, one
is taken back. A fourth is released after its month was closed. Until then nothing is on a board.
"""

from datetime import date

import pytest

from meritbook.ledger.operations import (
    BelowFloor,
    NothingLeft,
    Posted,
    close_month,
    release_pending,
)
from meritbook.ledger.queries import totals
from tests.ledger.books import Book, found_book, gift

pytestmark = pytest.mark.django_db
SHOWN_UNTIL = date(2026, 11, 10)


def board(book: Book, month: int) -> int:
    """What a month's board has for 李雷."""
    return sum(
        total.points
        for total in totals(
            company_id=book.company_id,
            asset_code="honour",
            date_from=date(2026, month, 1),
            date_to=date(2026, month, 30),
        )
        if total.party_id == book.lilei
    )


def release(book: Book, award: Posted, day: date = SHOWN_UNTIL) -> Posted:
    return release_pending(company_id=book.company_id, tx_id=award.tx_id, today=day)


def has(book: Book, *, points: int, november: int, december: int = 0) -> None:
    """What 李雷 can use and what ranks him; the books are sound after every line."""
    assert book.balance("spendable") == book.balance("honour") == points
    assert (board(book, 11), board(book, 12)) == (november, december)
    book.assert_sound()


def test_a_week_of_publicity(db: None) -> None:
    book, theirs = found_book(), found_book("tashan", "他山贸易")
    with book.scope():
        whole, part, none, late = (
            book.post(key, gift(points), is_pending=True)
            for key, points in (("a", 100), ("b", 80), ("c", 50), ("d", 30))
        )
        has(book, points=0, november=0)
        with pytest.raises(BelowFloor):
            book.spend("too soon", 10)

        # 韩梅梅 objects to 30 of the second and to the whole third.
        book.reverse(part.tx_id, "objection/b", gift(-30))
        has(book, points=0, november=0)
        book.reverse(none.tx_id, "objection/c")
        has(book, points=0, november=0)

        # The week is over.
        released = release(book, whole)
        has(book, points=100, november=100)
        release(book, part)
        has(book, points=150, november=150)
        with pytest.raises(NothingLeft):
            release(book, none)
        assert release(book, whole) == Posted(released.tx_id, is_new=False)
        has(book, points=150, november=150)
        book.spend("order", 20)
        assert (book.balance("spendable"), book.balance("honour")) == (130, 150)
        assert book.rows("SELECT DISTINCT effective_on FROM ledger_tx WHERE kind = 'release'") == [
            (date(2026, 11, 3),)
        ]

        # November is closed before the last is released: it counts on the first open day.
        ((now,),) = book.rows("SELECT clock_timestamp()")
        close_month(company_id=book.company_id, month=date(2026, 11, 1), closed_by=1, closed_at=now)
        release(book, late, date(2026, 12, 4))
        assert (board(book, 11), board(book, 12)) == (150, 30)
        # A complaint comes after all: what is still there is taken back, the rest is noted.
        book.reverse(whole.tx_id, "complaint")
        assert book.balance("honour") == 80
        assert (board(book, 11), board(book, 12)) == (150, -70)
        assert book.balance("spendable") == 60
        book.assert_sound()
    with theirs.scope():
        assert theirs.rows("SELECT count(*) FROM ledger_tx") == [(0,)]
