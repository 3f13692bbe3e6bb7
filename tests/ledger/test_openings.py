"""Opening balances in the ledger: once, with a last day of their own, only of their kind."""

from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext

from meritbook.ledger.operations import reverse
from meritbook.ledger.operations.openings import Opening, post_openings, turns_of
from meritbook.org.models import Party
from tests.ledger.books import NOVEMBER_3, Book

CUT_OVER = date(2026, 10, 31)
LAST = date(2026, 12, 31)


def bring(book: Book, opening: Opening, *, turn: int = 0) -> tuple[str, str | None]:
    (result,) = post_openings(
        company_id=book.company_id, openings=[opening], turns=[turn], on=CUT_OVER, actor_id=1
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
    (posted,) = post_openings(
        company_id=book.company_id, openings=[mine], turns=[0], on=CUT_OVER, actor_id=1
    )
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


def test_many_come_at_once_and_each_has_its_result(book: Book) -> None:
    """In the order of the file, whether a balance has a last day of its own or not."""
    hers = Opening(book.hanmeimei, "honour", 700)
    openings = [
        hers,
        Opening(book.lilei, "spendable", 500, LAST),
        Opening(book.lilei, "spendable", -9_000),
        Opening(book.lilei, "honour", -300),
        Opening(book.lilei, "spendable", 1, date(2026, 10, 30)),
        Opening(book.hanmeimei, "spendable", 200),
        Opening(10**12, "coin", 1),
        hers,
        Opening(book.hanmeimei, "honour", 800),
    ]
    expected = [
        ("new", None),
        ("new", None),
        ("refused", "below_floor"),
        ("new", None),
        ("refused", "bad_day"),
        ("new", None),
        ("refused", "unknown_party"),
        ("duplicate", None),
        ("conflict", "key_reused"),
    ]

    def bring_all() -> list[tuple[str, str | None]]:
        results = post_openings(
            company_id=book.company_id,
            openings=openings,
            turns=[0] * len(openings),
            on=CUT_OVER,
            actor_id=1,
        )
        return [(result.status, result.reason) for result in results]

    assert bring_all() == expected
    assert [status for status, _reason in bring_all()] == [
        "duplicate" if status == "new" else status for status, _reason in expected
    ]
    assert (book.balance("honour"), book.balance("spendable")) == (-300, 500)
    assert book.balance("honour", book.hanmeimei) == 700
    # What came one by one is the same again in a batch, and the other way round.
    assert bring(book, hers) == ("duplicate", None)
    book.assert_sound()


def test_hundreds_come_at_once(book: Book) -> None:
    """As many statements for many as for few."""
    parties = Party.objects.bulk_create(
        Party(company_id=book.company_id, kind="employee") for _ in range(200)
    )
    openings = [
        Opening(party.pk, code, 100, LAST if code == "coin" else None)
        for party in parties
        for code in ("honour", "coin")
    ]
    with CaptureQueriesContext(connection) as asked:
        results = post_openings(
            company_id=book.company_id,
            openings=openings,
            turns=[0] * len(openings),
            on=CUT_OVER,
            actor_id=1,
        )
    assert {result.status for result in results} == {"new"}
    assert len(asked) < 10
    book.assert_sound()
