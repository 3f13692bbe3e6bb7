"""Taking back: whole or in part, out of the same lots, never more than was posted."""

from datetime import UTC, date, datetime

import pytest

from meritbook.ledger.operations import (
    KeyReused,
    NothingLeft,
    Posted,
    PostingRefused,
    close_month,
    reverse,
)
from meritbook.ledger.queries import movement, totals
from tests.ledger.books import NOVEMBER_3, Book, gift, loss

NOVEMBER = {"date_from": date(2026, 11, 1), "date_to": date(2026, 11, 30)}


def lots(book: Book) -> list[tuple[object, ...]]:
    return book.rows("SELECT granted, used, revoked, expired FROM ledger_lot")


def test_a_reversal_undoes_everything(book: Book) -> None:
    award = book.post("visit/1", gift(6500), source_kind="window", rule_version_id=3)

    undone = book.reverse(award.tx_id, "visit/1/undo")

    assert undone.is_new
    assert (book.balance("honour"), book.balance("spendable")) == (0, 0)
    assert lots(book) == [(6500, 0, 6500, 0)]
    assert book.rows(
        "SELECT kind, reverses_tx_id, source_kind, rule_version_id, effective_on FROM ledger_tx"
        " WHERE tx_id = %s",
        undone.tx_id,
    ) == [("reverse", award.tx_id, "window", 3, NOVEMBER_3)]
    (total,) = totals(company_id=book.company_id, asset_code="honour", **NOVEMBER)
    assert (total.earned, total.deducted, total.spent, total.n) == (0, 0, 0, 2)
    book.assert_sound()


def test_a_reversed_deduction_gives_honour_back(book: Book) -> None:
    fine = book.post("late/1", loss(500))

    book.reverse(fine.tx_id, "late/1/undo")

    assert book.balance("honour") == 0
    (total,) = totals(company_id=book.company_id, asset_code="honour", **NOVEMBER)
    assert (total.earned, total.deducted) == (0, 0)
    book.assert_sound()


def test_the_same_reversal_twice_is_one(book: Book) -> None:
    award = book.post("visit/1", gift(100))
    undone = book.reverse(award.tx_id, "undo")

    assert book.reverse(award.tx_id, "undo") == Posted(undone.tx_id, is_new=False)
    with pytest.raises(NothingLeft):
        book.reverse(award.tx_id, "undo again")
    with pytest.raises(KeyReused):
        book.reverse(award.tx_id, "visit/1")
    assert book.balance("honour") == 0


def test_parts_never_exceed_the_whole(book: Book) -> None:
    award = book.post("visit/1", gift(1000))

    book.reverse(award.tx_id, "part/1", gift(-400))
    with pytest.raises(NothingLeft):
        book.reverse(award.tx_id, "part/2", gift(-601))
    book.reverse(award.tx_id, "part/2", (("honour", -600),))
    book.reverse(award.tx_id, "rest")

    assert (book.balance("honour"), book.balance("spendable")) == (0, 0)
    assert [
        (leg.asset_code, leg.points, leg.reversed)
        for leg in movement(company_id=book.company_id, tx_id=award.tx_id)
    ] == [("honour", 1000, 1000), ("spendable", 1000, 1000)]
    with pytest.raises(NothingLeft):
        book.reverse(award.tx_id, "more")
    book.assert_sound()


@pytest.mark.parametrize(
    ("amounts", "reason"),
    [
        pytest.param((("honour", 5),), "bad_amount", id="in the direction of the award"),
        pytest.param((("coin", -5),), "unknown_asset", id="an asset that it did not move"),
        pytest.param((("honour", 0),), "bad_amount", id="zero"),
        pytest.param((), "bad_assets", id="no amount"),
    ],
)
def test_a_part_must_belong_to_the_original(
    book: Book, amounts: tuple[tuple[str, int], ...], reason: str
) -> None:
    award = book.post("visit/1", gift(1000))

    with pytest.raises(PostingRefused) as refusal:
        book.reverse(award.tx_id, "part", amounts)

    assert refusal.value.code == reason
    assert book.balance("honour") == 1000


def test_a_reversal_is_not_reversed(book: Book) -> None:
    award = book.post("visit/1", gift(100))
    undone = book.reverse(award.tx_id, "undo")

    with pytest.raises(PostingRefused) as refusal:
        book.reverse(undone.tx_id, "redo")

    assert refusal.value.code == "not_reversible"


def test_spent_points_are_clipped_and_the_shortfall_is_kept(book: Book) -> None:
    award = book.post("visit/1", gift(500))
    book.post("fine/1", (("spendable", -300),))

    undone = book.reverse(award.tx_id, "undo")

    assert (book.balance("honour"), book.balance("spendable")) == (0, 0)
    assert book.rows("SELECT tx_id, original_tx_id, amount FROM ledger_shortfall") == [
        (undone.tx_id, award.tx_id, 300)
    ]
    honour, spendable = movement(company_id=book.company_id, tx_id=award.tx_id)
    assert (honour.reversed, honour.shortfall) == (500, 0)
    assert (spendable.reversed, spendable.shortfall) == (500, 300)
    with pytest.raises(NothingLeft):
        book.reverse(award.tx_id, "once more")
    book.assert_sound()


def test_all_spent_leaves_a_reversal_of_honour_alone(book: Book) -> None:
    award = book.post("visit/1", gift(500))
    book.post("fine/1", (("spendable", -500),))

    undone = book.reverse(award.tx_id, "undo")

    assert [leg.asset_code for leg in movement(company_id=book.company_id, tx_id=undone.tx_id)] == [
        "honour"
    ]
    book.assert_sound()


def test_a_reversed_taking_returns_to_its_lots(book: Book) -> None:
    book.post("visit/1", gift(500))
    fine = book.post("fine/1", (("spendable", -300),))

    book.reverse(fine.tx_id, "part", (("spendable", 100),))
    assert lots(book) == [(500, 0, 200, 0)]
    book.assert_sound()

    book.reverse(fine.tx_id, "rest")
    assert lots(book) == [(500, 0, 0, 0)]
    assert book.balance("spendable") == 500
    book.assert_sound()


def test_a_reversal_counts_on_the_day_of_the_original_while_that_is_open(book: Book) -> None:
    award = book.post("visit/1", gift(500))
    late = book.post("visit/2", gift(700))
    book.reverse(award.tx_id, "undo/1")
    close_month(
        company_id=book.company_id,
        month=date(2026, 11, 1),
        closed_by=1,
        closed_at=datetime(2026, 12, 2, tzinfo=UTC),
    )

    book.reverse(late.tx_id, "undo/2")

    assert book.rows("SELECT effective_on FROM ledger_tx WHERE kind = 'reverse' ORDER BY 1") == [
        (NOVEMBER_3,),
        (date(2026, 12, 1),),
    ]
    (november,) = totals(company_id=book.company_id, asset_code="honour", **NOVEMBER)
    (december,) = totals(
        company_id=book.company_id,
        asset_code="honour",
        date_from=date(2026, 12, 1),
        date_to=date(2026, 12, 31),
    )
    assert (november.points, december.points) == (700, -700)
    book.assert_sound()


def test_a_note_is_kept_with_the_reversal(book: Book) -> None:
    award = book.post("visit/1", gift(500))

    reverse(
        company_id=book.company_id,
        tx_id=award.tx_id,
        key="undo",
        fact_on=NOVEMBER_3,
        actor_id=9,
        note="客户取消了订单",
    )

    assert book.rows("SELECT note, actor_id FROM ledger_tx WHERE kind = 'reverse'") == [
        ("客户取消了订单", 9)
    ]
