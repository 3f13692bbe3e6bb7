"""One posting: what it writes, what it refuses, and that a key is kept for ever."""

from datetime import UTC, date, datetime

import pytest

from meritbook.ledger.operations import (
    AMOUNT_MAX,
    BelowFloor,
    KeyReused,
    Posted,
    PostingRefused,
    close_month,
    post,
)
from meritbook.ledger.queries import Total, is_open, movement, totals
from tests.ledger.books import NOVEMBER_3, Book, gift, loss

NOVEMBER, DECEMBER_1 = date(2026, 11, 1), date(2026, 12, 1)
CLOSED_AT = datetime(2026, 12, 5, 2, 0, tzinfo=UTC)


def test_an_award_reaches_honour_and_spendable(book: Book) -> None:
    posted = book.post("visit/1", gift(6500))

    assert posted.is_new
    assert (book.balance("honour"), book.balance("spendable")) == (6500, 6500)
    assert [(leg.asset_code, leg.points) for leg in movement(
        company_id=book.company_id, tx_id=posted.tx_id
    )] == [("honour", 6500), ("spendable", 6500)]  # fmt: skip
    book.assert_sound()


def test_the_same_key_and_payload_is_the_same_transaction(book: Book) -> None:
    first = book.post("visit/1", gift(6500))

    assert book.post("visit/1", gift(6500)) == Posted(first.tx_id, is_new=False)
    assert book.balance("honour") == 6500


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"amounts": gift(6600)}, id="another amount"),
        pytest.param({"amounts": (("honour", 6500),)}, id="one asset less"),
        pytest.param({"kind": "adjust"}, id="another kind"),
        pytest.param({"fact_on": date(2026, 11, 2)}, id="another day of the fact"),
        pytest.param({"effective_on": date(2026, 11, 4)}, id="another effective day"),
        pytest.param({"source_id": 2}, id="another event"),
        pytest.param({"rule_version_id": 7}, id="another rule version"),
        pytest.param({"department_id": None}, id="no department"),
    ],
)
def test_the_same_key_with_another_payload_is_an_error(
    book: Book, change: dict[str, object]
) -> None:
    book.post("visit/1", gift(6500))

    with pytest.raises(KeyReused):
        book.post("visit/1", **({"amounts": gift(6500)} | change))  # type: ignore[arg-type]
    assert book.balance("honour") == 6500


def test_who_asks_is_no_part_of_the_payload(book: Book) -> None:
    first = book.post("visit/1", gift(6500), actor_id=1)

    assert book.post("visit/1", gift(6500), actor_id=2).tx_id == first.tx_id


def test_honour_may_owe_and_a_gift_repays_it(book: Book) -> None:
    book.post("late/1", loss(500))
    assert book.balance("honour") == -500

    book.post("visit/1", gift(800))
    assert book.balance("honour") == 300
    book.assert_sound()


def test_spendable_never_falls_below_zero(book: Book) -> None:
    book.post("visit/1", gift(300))

    with pytest.raises(BelowFloor):
        book.post("fine/1", (("spendable", -301),))
    book.post("fine/1", (("spendable", -300),))

    assert book.balance("spendable") == 0
    book.assert_sound()


def test_a_refused_posting_leaves_the_transaction_usable(book: Book) -> None:
    with pytest.raises(BelowFloor):
        book.post("fine/1", (("honour", 5), ("spendable", -1)))

    assert book.balance("honour") == 0
    assert book.rows("SELECT count(*) FROM ledger_tx") == [(0,)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"key": ""}, "bad_key", id="no key"),
        pytest.param({"key": "k" * 201}, "bad_key", id="a long key"),
        pytest.param({"key": "a\x00b"}, "bad_key", id="NUL in the key"),
        pytest.param({"kind": "reverse"}, "bad_kind", id="a reversal without an original"),
        pytest.param({"amounts": ()}, "bad_assets", id="nothing to post"),
        pytest.param({"amounts": (("honour", 1), ("honour", 2))}, "bad_assets", id="twice"),
        pytest.param({"amounts": (("honour", 0),)}, "bad_amount", id="zero"),
        pytest.param({"amounts": (("honour", AMOUNT_MAX + 1),)}, "bad_amount", id="too much"),
        pytest.param({"amounts": (("honour", -(2**63)),)}, "bad_amount", id="far too little"),
        pytest.param({"amounts": (("honour", 2**80),)}, "bad_amount", id="more than 64 bits"),
        pytest.param({"amounts": (("gold", 1),)}, "unknown_asset", id="no such asset"),
        pytest.param({"party_id": 10**12}, "unknown_party", id="no such party"),
        pytest.param({"department_id": 10**12}, "unknown_department", id="no such department"),
        pytest.param({"source_kind": ""}, "bad_source", id="no source"),
        pytest.param({"effective_on": date(1969, 12, 31)}, "bad_day", id="before all days"),
    ],
)
def test_what_cannot_be_posted_is_refused_by_name(
    book: Book, change: dict[str, object], reason: str
) -> None:
    issue = book.issue("k", gift(1))._replace(**change)

    with pytest.raises(PostingRefused) as refusal:
        post(company_id=book.company_id, issue=issue)

    assert refusal.value.code == reason
    assert str(refusal.value) != reason
    assert book.rows("SELECT count(*) FROM ledger_tx") == [(0,)]


def test_the_largest_amounts_add_up_exactly(book: Book) -> None:
    for n in range(3):
        book.post(f"k{n}", gift(AMOUNT_MAX))

    assert book.balance("honour") == 3 * AMOUNT_MAX
    book.assert_sound()


def test_totals_follow_day_department_and_source(book: Book) -> None:
    book.post("visit/1", gift(500))
    book.post("visit/2", gift(700), effective_on=date(2026, 11, 30))
    book.post("late/1", loss(200), source_kind="window")
    book.post("visit/3", gift(900), effective_on=DECEMBER_1, department_id=None)

    def november(asset: str) -> list[Total]:
        return totals(
            company_id=book.company_id,
            asset_code=asset,
            date_from=NOVEMBER,
            date_to=date(2026, 11, 30),
        )

    assert november("honour") == [Total(book.lilei, book.sales, 1200, 200, 0, 3)]
    assert november("honour")[0].points == 1000
    assert november("spendable") == [Total(book.lilei, book.sales, 1200, 0, 0, 2)]
    book.assert_sound()


def test_a_posting_for_a_closed_month_counts_on_the_first_open_day(book: Book) -> None:
    for month in (NOVEMBER, DECEMBER_1):
        assert close_month(
            company_id=book.company_id, month=month, closed_by=1, closed_at=CLOSED_AT
        )
    assert not is_open(company_id=book.company_id, day=NOVEMBER_3)

    posted = book.post("visit/1", gift(500))

    assert book.rows("SELECT effective_on, fact_on FROM ledger_tx") == [
        (date(2027, 1, 1), NOVEMBER_3)
    ]
    assert book.post("visit/1", gift(500)) == Posted(posted.tx_id, is_new=False)
    book.assert_sound()


def test_a_month_closes_once(book: Book) -> None:
    closing = {"company_id": book.company_id, "month": NOVEMBER, "closed_at": CLOSED_AT}

    assert close_month(closed_by=1, **closing)  # type: ignore[arg-type]
    assert not close_month(closed_by=2, **closing)  # type: ignore[arg-type]
    assert book.rows("SELECT closed_by FROM ledger_period") == [(1,)]
