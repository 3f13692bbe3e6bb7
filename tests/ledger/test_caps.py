"""Caps: exact, fully usable, and free again after a reversal."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from meritbook.ledger.caps import Taken, caps_taken, cuts_of, find_caps
from meritbook.ledger.operations import PostingRefused, Result, Reversal, reverse, reverse_bulk
from meritbook.ledger.operations.caps import end_cap
from meritbook.org.operations.audit import SYSTEM
from tests.ledger.books import NOVEMBER_3, Book, gift
from tests.ledger.caps import NOW, cap, one, results, used

DAY = timedelta(1)


def test_a_cap_clips_what_does_not_fit(book: Book) -> None:
    monthly = cap(book, 300)
    one(book, "a", 280, monthly)

    result = one(book, "b", 50, monthly)

    assert (result.status, result.reason) == ("capped", "cap_clipped")
    assert (book.balance("honour"), book.balance("spendable")) == (300, 300)
    (cut,) = cuts_of(company_id=book.company_id, tx_ids=[result.tx_id or 0])[result.tx_id or 0]
    assert (cut.asked, cut.room, cut.allowed, cut.used_before) == (50, 20, 20, 280)
    book.assert_sound()


def test_nothing_left_is_a_transaction_without_movement_that_keeps_its_key(book: Book) -> None:
    monthly = cap(book, 100)
    one(book, "a", 100, monthly)

    result = one(book, "b", 50, monthly)

    assert (result.status, result.reason) == ("capped", "cap_clipped")
    assert book.rows("SELECT 1 FROM ledger_transfer WHERE tx_id = %s", result.tx_id) == []
    assert one(book, "b", 50, monthly) == Result("duplicate", result.tx_id, None)
    assert one(book, "b", 60, monthly).status == "conflict"
    assert used(book, monthly) == 100
    book.assert_sound()


def test_a_cap_that_refuses_takes_all_or_nothing(book: Book) -> None:
    monthly = cap(book, 100, policy="refuse")
    one(book, "a", 80, monthly)

    assert one(book, "b", 30, monthly) == Result("refused", None, "cap_reached")
    with pytest.raises(PostingRefused, match="上限"):
        book.post("b", gift(30), caps=(monthly,))
    assert one(book, "c", 20, monthly).status == "new"
    assert book.balance("honour") == 100


def test_what_a_cap_refuses_can_be_recorded_as_nothing_gained(book: Book) -> None:
    monthly = cap(book, 100, policy="refuse")
    one(book, "a", 80, monthly)

    result = one(book, "b", 30, -monthly)

    assert (result.status, result.reason) == ("capped", "cap_clipped")
    (cut,) = cuts_of(company_id=book.company_id, tx_ids=[result.tx_id or 0])[result.tx_id or 0]
    assert (cut.asked, cut.room, cut.allowed) == (30, 20, 0)
    assert book.balance("honour") == 80
    book.assert_sound()


def test_a_cap_that_queues_says_so(book: Book) -> None:
    monthly = cap(book, 100, policy="queue")

    result = one(book, "a", 130, monthly)

    assert (result.status, result.reason) == ("capped", "cap_queued")
    assert book.balance("honour") == 100


def test_beyond_what_another_cap_clips_nothing_is_queued(book: Book) -> None:
    narrow = cap(book, 50)
    wide = cap(book, 80, policy="queue", scope="company")

    assert one(book, "a", 130, narrow, wide).reason == "cap_clipped"
    assert book.balance("honour") == 50
    assert one(book, "b", 130, wide, party_id=book.hanmeimei).reason == "cap_queued"
    assert book.balance("honour", book.hanmeimei) == 30


def test_all_gains_of_a_posting_shrink_alike(book: Book) -> None:
    monthly = cap(book, 100)

    results(
        book, book.issue("a", (("coin", 7), ("honour", 300), ("spendable", 300)), caps=(monthly,))
    )

    assert [book.balance(code) for code in ("coin", "honour", "spendable")] == [2, 100, 100]


def test_losses_are_no_concern_of_a_cap(book: Book) -> None:
    monthly = cap(book, 100)

    assert one(book, "a", -500, monthly, kind="deduct").status in ("refused", "new")
    assert results(book, book.issue("b", (("honour", -500),), caps=(monthly,)))[0].status == "new"
    assert used(book, monthly) == 0


@pytest.mark.parametrize(
    ("period", "inside", "outside"),
    [
        pytest.param("day", NOVEMBER_3, NOVEMBER_3 + DAY, id="day"),
        pytest.param("week", date(2026, 11, 8), date(2026, 11, 9), id="week from Monday"),
        pytest.param("month", date(2026, 11, 30), date(2026, 12, 1), id="month"),
        pytest.param("quarter", date(2026, 10, 1), date(2026, 9, 30), id="quarter"),
        pytest.param("half_year", date(2026, 12, 31), date(2027, 1, 1), id="half year"),
        pytest.param("year", date(2026, 9, 1), date(2027, 1, 1), id="year"),
    ],
)
def test_a_cap_counts_by_its_span_of_days(
    book: Book, period: str, inside: date, outside: date
) -> None:
    limit = cap(book, 100, period=period)
    one(book, "a", 100, limit)

    assert one(book, "b", 10, limit, effective_on=inside).status == "capped"
    assert one(book, "c", 10, limit, effective_on=outside).status == "new"


def test_a_cap_for_life_counts_everything(book: Book) -> None:
    limit = cap(book, 100, period="life")
    one(book, "a", 100, limit)

    assert one(book, "b", 10, limit, effective_on=date(2031, 1, 1)).status == "capped"


def test_a_cap_counts_only_in_its_days_and_for_its_person(book: Book) -> None:
    later = cap(book, 100, valid_from=date(2026, 12, 1))
    own = cap(book, 100, subject="own", party_id=book.hanmeimei, reason="试用期")

    assert one(book, "a", 500, later, own).status == "new"
    assert one(book, "b", 500, own, party_id=book.hanmeimei).status == "capped"


def test_each_department_has_its_own_room(book: Book) -> None:
    each = cap(book, 100, scope="department")

    assert one(book, "a", 80, each).status == "new"
    assert one(book, "b", 80, each, department_id=None).status == "new"
    assert one(book, "c", 80, each, party_id=book.hanmeimei).status == "capped"


def test_a_reversal_frees_the_room(book: Book) -> None:
    monthly = cap(book, 300)
    daily = cap(book, 1000, scope="company", period="day")
    first = one(book, "a", 280, monthly, daily)
    one(book, "b", 50, monthly, daily)

    reverse(company_id=book.company_id, tx_id=first.tx_id or 0, key="r", fact_on=NOVEMBER_3)

    assert (used(book, monthly), used(book, daily)) == (20, 20)
    assert one(book, "c", 280, monthly, daily).status == "new"
    assert book.balance("honour") == 300
    book.assert_sound()


def test_parts_taken_back_free_as_much_and_never_more(book: Book) -> None:
    monthly = cap(book, 300, scope="company")
    first = book.post("a", gift(280), caps=(monthly,))

    book.reverse(first.tx_id, "r1", (("honour", -100), ("spendable", -100)))
    assert used(book, monthly) == 180
    book.reverse(first.tx_id, "r2")
    assert used(book, monthly) == 0
    book.assert_sound()


def test_a_correction_in_one_batch_finds_the_room_that_it_frees(book: Book) -> None:
    monthly = cap(book, 300)
    first = one(book, "a", 300, monthly)

    found = results(
        book,
        book.issue("b", gift(200), caps=(monthly,)),
        book.issue("a/undo", (), kind="reverse", reverses_tx_id=first.tx_id),
    )

    assert [result.status for result in found] == ["new", "new"]
    assert (book.balance("honour"), used(book, monthly)) == (200, 200)
    book.assert_sound()


def test_a_refused_correction_frees_nothing(book: Book) -> None:
    monthly = cap(book, 300)
    first = one(book, "a", 200, monthly)

    found = results(
        book,
        book.issue("b", gift(50), caps=(monthly,)),
        book.issue("a/undo", (("coin", -1),), kind="reverse", reverses_tx_id=first.tx_id),
    )

    assert [result.status for result in found] == ["new", "refused"]
    assert used(book, monthly) == 250
    book.assert_sound()


def test_what_waits_in_publicity_counts(book: Book) -> None:
    monthly = cap(book, 300)
    waiting = one(book, "a", 250, monthly, is_pending=True)

    assert one(book, "b", 100, monthly).status == "capped"
    book.reverse(waiting.tx_id or 0, "returned")

    assert used(book, monthly) == 50
    book.assert_sound()


def test_a_gift_out_of_a_quota_is_cut_too(book: Book) -> None:
    monthly = cap(book, 300)
    results(book, book.issue("q", (("quota", 1000),), party_id=book.hanmeimei, kind="grant"))

    gift_of = one(book, "a", 400, monthly, quota=(book.hanmeimei, 400))

    assert (gift_of.status, book.balance("honour")) == ("capped", 300)
    book.assert_sound()


def test_many_reversals_free_what_they_took(book: Book) -> None:
    monthly = cap(book, 1000, scope="company", buckets=4)
    posted = results(book, *(book.issue(f"a{n}", gift(60), caps=(monthly,)) for n in range(10)))
    reverse_bulk(
        company_id=book.company_id,
        reversals=[Reversal(one.tx_id or 0, f"r{one.tx_id}", NOVEMBER_3) for one in posted[:7]],
    )
    assert used(book, monthly) == 180
    book.assert_sound()


def test_who_takes_a_caps_place_goes_on_counting(book: Book) -> None:
    before = cap(book, 300)
    one(book, "a", 250, before)
    end_cap(company_id=book.company_id, cap_id=before, day=NOVEMBER_3 + DAY, actor=SYSTEM, now=NOW)
    after = cap(book, 400, valid_from=NOVEMBER_3 + DAY, replaces_cap_id=before)

    result = one(book, "b", 200, after, effective_on=NOVEMBER_3 + DAY)

    assert (result.status, book.balance("honour")) == ("capped", 400)
    assert one(book, "c", 200, after, effective_on=date(2026, 12, 1)).status == "new"


def test_what_is_used_and_left_can_be_read(book: Book) -> None:
    monthly = cap(book, 300)
    daily = cap(book, 1000, scope="company", period="day", name="全公司每天")
    one(book, "a", 280, monthly, daily)
    one(book, "b", 50, monthly, daily, party_id=book.hanmeimei)

    first, second = find_caps(company_id=book.company_id)
    assert (first.cap_id, first.name, first.amount, first.asset_code) == (
        monthly, "每月上限", 300, "honour",
    )  # fmt: skip
    taken = caps_taken(company_id=book.company_id, caps=[first, second], day=NOVEMBER_3)
    assert taken[monthly] == [Taken(book.lilei, 280, 300), Taken(book.hanmeimei, 50, 300)]
    assert taken[daily] == [Taken(0, 330, 1000)]
    december = caps_taken(company_id=book.company_id, caps=[first, second], day=date(2026, 12, 1))
    assert december == {}
