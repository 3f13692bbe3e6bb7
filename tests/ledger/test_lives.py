"""How points live: spent, held, handed on, lapsed, converted, waiting in publicity."""

from datetime import UTC, date, datetime

import pytest

from meritbook.ledger.operations import (
    AccountBlocked,
    BelowFloor,
    HoldEnded,
    LotsLapsed,
    NotApproved,
    NotConvertible,
    NothingLeft,
    NotTransferable,
    PostingRefused,
    QuotaSpent,
    ShortNotice,
    Source,
    convert,
    expire,
    grant_quota,
    lapse_holds,
    move,
    refund,
    release,
    release_pending,
    reopen_month,
    reverse,
    set_policy,
    set_rate,
    set_state,
    settle,
)
from meritbook.ledger.operations import close_month as close
from meritbook.ledger.queries import movement
from meritbook.ledger.statements import wallet
from meritbook.ledger.transactions import transaction
from meritbook.org.models import Party
from tests.ledger.books import NOVEMBER_3, Book, gift, loss, owner_of

NOON = datetime(2026, 11, 3, 4, 0, tzinfo=UTC)
SHOP = Source("order", 1)


def policy(book: Book, code: str = "spendable", **changes: object) -> bool:
    return set_policy(
        company_id=book.company_id,
        code=code,
        policy=changes,  # type: ignore[arg-type]
        changed_at=NOON,
        actor_id=1,
    )


def lots(book: Book, party_id: int | None = None) -> list[tuple[date, int]]:
    """What is left in 李雷's lots of spendable points, by last day."""
    return book.rows(
        "SELECT l.expires_on::text, l.granted - l.used - l.revoked - l.expired FROM ledger_lot l"
        " JOIN ledger_account w ON w.account_id = l.account_id JOIN ledger_asset a"
        " ON a.asset_id = w.asset_id AND a.code = 'spendable' WHERE w.party_id = %s"
        " AND l.granted > l.used + l.revoked + l.expired ORDER BY 1",
        party_id or book.lilei,
    )


def balance(book: Book, code: str = "spendable", party_id: int | None = None) -> int:
    return {
        a.asset: a.balance
        for a in wallet(company_id=book.company_id, party_id=party_id or book.lilei)
    }[code]


def test_what_lapses_first_is_spent_first_and_comes_back_to_its_lot(book: Book) -> None:
    policy(book, expiry="months", expiry_count=1)
    book.post("visit/1", gift(500))
    book.post("visit/2", gift(300), effective_on=date(2026, 11, 20), fact_on=date(2026, 11, 20))
    spent = book.spend("order/1", 600, today=date(2026, 11, 21))
    assert lots(book) == [("2026-12-20", 200)]

    refund(
        company_id=book.company_id,
        tx_id=spent.tx_id,
        key="refund/1",
        today=date(2026, 11, 25),
        code="spendable",
        amount=250,
    )
    assert lots(book) == [("2026-12-03", 150), ("2026-12-20", 300)]
    refund(company_id=book.company_id, tx_id=spent.tx_id, key="refund/2", today=date(2026, 12, 10))
    # The rest belongs to a lot that has lapsed: thirty days of grace.
    assert lots(book) == [("2026-12-03", 150), ("2026-12-20", 300), ("2027-01-09", 350)]
    assert balance(book) == 800
    book.assert_sound()


def test_the_last_day_still_counts(book: Book) -> None:
    policy(book, expiry="months", expiry_count=1)
    book.post("visit/1", gift(500))
    assert expire(company_id=book.company_id, today=date(2026, 12, 3)).lots == 0
    book.spend("order/1", 100, today=date(2026, 12, 3))
    with pytest.raises(LotsLapsed):
        book.spend("order/2", 100, today=date(2026, 12, 4))
    assert expire(company_id=book.company_id, today=date(2026, 12, 4)) == (1, 400)
    assert expire(company_id=book.company_id, today=date(2026, 12, 4)) == (0, 0)
    assert balance(book) == 0
    assert balance(book, "honour") == 500
    book.assert_sound()


def test_the_year_end_carries_a_part_over(book: Book) -> None:
    policy(book, expiry="date", expiry_month=12, expiry_day=31, carry_percent=50, carry_max=100)
    book.post("visit/1", gift(500))
    assert expire(company_id=book.company_id, today=date(2027, 1, 1)) == (1, 400)
    assert lots(book) == [("2027-12-31", 100)]
    book.assert_sound()


def test_a_hold_keeps_its_lots_past_their_day(book: Book) -> None:
    policy(book, expiry="months", expiry_count=1)
    book.post("visit/1", gift(500))
    held = book.hold("order/1", 300)
    with pytest.raises(BelowFloor):
        book.spend("order/2", 201)
    assert expire(company_id=book.company_id, today=date(2026, 12, 10)) == (1, 200)
    book.capture(held, "capture/1", 100, today=date(2026, 12, 10))
    assert balance(book) == 200
    with pytest.raises(HoldEnded):
        release(company_id=book.company_id, hold_id=held, released_at=NOON)
    assert expire(company_id=book.company_id, today=date(2026, 12, 11)) == (1, 200)
    book.assert_sound()


def test_holds_lapse_by_themselves(book: Book) -> None:
    book.post("visit/1", gift(500))
    held = book.hold("order/1", 300, lapses_at=NOON)
    assert lapse_holds(company_id=book.company_id, now=NOON) == 1
    assert lapse_holds(company_id=book.company_id, now=NOON) == 0
    with pytest.raises(HoldEnded):
        book.capture(held, "capture/1")
    book.spend("order/2", 500)
    book.assert_sound()


def test_points_are_handed_on_only_where_that_is_allowed(book: Book) -> None:
    book.post("visit/1", gift(500))
    gone = {
        "company_id": book.company_id,
        "from_party_id": book.lilei,
        "to_party_id": book.hanmeimei,
        "code": "spendable",
        "today": NOVEMBER_3,
        "source": SHOP,
    }
    with pytest.raises(NotTransferable):
        move(key="gift/1", amount=100, **gone)
    policy(book, is_transferable=True, expiry="months", expiry_count=1)
    book.post("visit/2", gift(200))
    first = move(key="gift/1", amount=250, **gone)
    assert lots(book) == [("infinity", 450)]
    assert lots(book, book.hanmeimei) == [("2026-12-03", 200), ("infinity", 50)]
    with pytest.raises(NotTransferable):
        move(key="gift/2", amount=1, **{**gone, "code": "honour"})
    reverse(company_id=book.company_id, tx_id=first.tx_id, key="back/1", fact_on=NOVEMBER_3)
    assert lots(book) == [("2026-12-03", 200), ("infinity", 500)]
    assert balance(book, party_id=book.hanmeimei) == 0
    book.assert_sound()


def test_a_second_person_of_a_rate_is_another_owner(book: Book) -> None:
    """Whoever is named must be one; the way back of a rate needs one from its first day."""
    asker, owner = owner_of(book.company_id), owner_of(book.company_id)
    rate = {
        "company_id": book.company_id,
        "announced_at": NOON,
        "announced_on": NOVEMBER_3,
        "valid_from": NOVEMBER_3,
        "actor_id": asker,
    }
    there = {"from_code": "spendable", "to_code": "coin", "numerator": 1, "denominator": 100}
    back = {"from_code": "coin", "to_code": "spendable", "numerator": 100, "denominator": 1}
    policy(book, is_convertible=True)
    policy(book, code="coin", is_convertible=True)
    for wrong in (asker, -1):
        with pytest.raises(NotApproved):
            set_rate(approver_id=wrong, **rate, **there)
    assert set_rate(**rate, **there)
    for wrong in (None, asker, -1):
        with pytest.raises(NotApproved):
            set_rate(approver_id=wrong, **rate, **back)
    assert set_rate(approver_id=owner, **rate, **back)


def test_a_rate_holds_from_its_day_and_changes_with_notice(book: Book) -> None:
    book.post("visit/1", gift(50000))
    turn = {
        "company_id": book.company_id,
        "party_id": book.lilei,
        "from_code": "spendable",
        "to_code": "coin",
        "source": SHOP,
    }
    rate = {
        "company_id": book.company_id,
        "from_code": "spendable",
        "to_code": "coin",
        "announced_at": NOON,
        "announced_on": NOVEMBER_3,
        "actor_id": -1,
    }
    with pytest.raises(NotConvertible):
        set_rate(valid_from=NOVEMBER_3, numerator=1, denominator=100, **rate)
    policy(book, is_convertible=True, rate_basis="earning")
    set_rate(valid_from=NOVEMBER_3, numerator=1, denominator=100, **rate)
    with pytest.raises(NotApproved):
        set_rate(valid_from=date(2026, 12, 10), numerator=2, denominator=100, **rate)
    rate["approver_id"] = owner_of(book.company_id)
    with pytest.raises(ShortNotice):
        set_rate(valid_from=date(2026, 11, 10), numerator=2, denominator=100, **rate)
    set_rate(valid_from=date(2026, 12, 10), numerator=2, denominator=100, **rate)
    book.post("visit/2", gift(10000), effective_on=date(2026, 12, 11), fact_on=date(2026, 12, 11))
    # 500.00 earned at 100:1 and 50.00 of the 100.00 earned at 100:2.
    convert(key="turn/1", amount=55000, today=date(2026, 12, 12), **turn)
    assert balance(book, "coin") == 600
    policy(book, rate_basis="redemption")
    convert(key="turn/2", amount=1000, today=date(2026, 12, 12), **turn)
    assert balance(book, "coin") == 620
    book.assert_sound()


def test_publicity_waits_and_is_released_on_its_day(book: Book) -> None:
    award = book.post("visit/1", gift(500), is_pending=True)
    other = book.post("visit/2", gift(200), is_pending=True)
    assert (balance(book), balance(book, "honour")) == (0, 0)
    released = release_pending(
        company_id=book.company_id, tx_id=award.tx_id, today=date(2026, 11, 10)
    )
    again = release_pending(company_id=book.company_id, tx_id=award.tx_id, today=date(2026, 11, 11))
    assert (released.tx_id, again.is_new) == (again.tx_id, False)
    assert book.rows(
        "SELECT effective_on::text FROM ledger_tx WHERE tx_id = %s", released.tx_id
    ) == [("2026-11-03",)]
    assert (balance(book), balance(book, "honour")) == (500, 500)
    reverse(company_id=book.company_id, tx_id=other.tx_id, key="no/2", fact_on=NOVEMBER_3)
    with pytest.raises(NothingLeft):
        release_pending(company_id=book.company_id, tx_id=other.tx_id, today=NOVEMBER_3)
    book.spend("order/1", 450)
    reverse(company_id=book.company_id, tx_id=award.tx_id, key="no/1", fact_on=NOVEMBER_3)
    assert (balance(book), balance(book, "honour")) == (0, 0)
    book.assert_sound()


def test_a_quota_is_never_overdrawn_and_lapses_with_its_month(book: Book) -> None:
    grant_quota(
        company_id=book.company_id,
        party_id=book.hanmeimei,
        month=date(2026, 11, 1),
        amount=1000,
        actor_id=1,
    )
    first = book.post("praise/1", gift(600), quota=(book.hanmeimei, 600))
    with pytest.raises(QuotaSpent):
        book.post("praise/2", gift(500), quota=(book.hanmeimei, 500))
    with pytest.raises(PostingRefused, match="自己的额度"):
        book.post("praise/3", gift(100), quota=(book.lilei, 100))
    reverse(company_id=book.company_id, tx_id=first.tx_id, key="oops/1", fact_on=NOVEMBER_3)
    assert balance(book, "quota", book.hanmeimei) == 1000
    book.post("praise/2", gift(500), quota=(book.hanmeimei, 500))
    assert expire(company_id=book.company_id, today=date(2026, 12, 1)) == (1, 500)
    book.assert_sound()


def test_who_is_blocked_earns_but_does_not_spend(book: Book) -> None:
    book.post("visit/1", gift(500))
    change = {
        "company_id": book.company_id,
        "party_id": book.lilei,
        "changed_at": NOON,
        "actor_id": 1,
    }
    assert set_state(state="blocked", reason="核查中", **change) == 7
    with pytest.raises(AccountBlocked):
        book.spend("order/1", 100)
    book.post("visit/2", gift(100))
    set_state(state="archived", reason="离职", **change)
    with pytest.raises(AccountBlocked):
        book.post("visit/3", gift(100))
    set_state(state="open", reason="返聘", **change)
    book.spend("order/1", 600)
    book.assert_sound()


def test_a_leaver_is_paid_out_and_archived(book: Book) -> None:
    book.post("visit/1", gift(500))
    book.hold("order/1", 200)
    done = settle(
        company_id=book.company_id,
        party_id=book.lilei,
        key="leave/1",
        treatments={"spendable": "forfeit"},
        today=NOVEMBER_3,
        settled_at=NOON,
        actor_id=1,
        reason="离职",
    )
    assert [(one.code, one.amount, one.treatment) for one in done] == [
        ("honour", 500, "keep"),
        ("spendable", 500, "forfeit"),
    ]
    assert balance(book) == 0
    with pytest.raises(AccountBlocked):
        book.post("visit/2", gift(100))
    book.assert_sound()


def test_a_month_is_opened_again_for_a_reason_from_the_last_one_back(book: Book) -> None:
    for month in (date(2026, 9, 1), date(2026, 10, 1)):
        close(company_id=book.company_id, month=month, closed_by=1, closed_at=NOON)
    again = {"company_id": book.company_id, "reopened_by": 1, "reopened_at": NOON}
    with pytest.raises(PostingRefused):
        reopen_month(month=date(2026, 9, 1), reason="漏记", **again)
    with pytest.raises(PostingRefused):
        reopen_month(month=date(2026, 10, 1), reason=" ", **again)
    assert reopen_month(month=date(2026, 10, 1), reason="漏记", **again)
    late = book.post(
        "visit/1", loss(100), effective_on=date(2026, 10, 5), fact_on=date(2026, 10, 5)
    )
    assert book.rows("SELECT effective_on::text FROM ledger_tx WHERE tx_id = %s", late.tx_id) == [
        ("2026-10-05",)
    ]
    assert close(
        company_id=book.company_id,
        month=date(2026, 10, 1),
        closed_by=1,
        closed_at=datetime(2100, 1, 1, tzinfo=UTC),
    )
    book.assert_sound()


def test_a_policy_says_what_it_cannot_be(book: Book) -> None:
    book.post("visit/1", gift(500))
    for code, changes in (
        ("honour", {"is_transferable": True}),
        ("honour", {"expiry": "months", "expiry_count": 12}),
        ("spendable", {"expiry": "months", "expiry_count": 0}),
        ("spendable", {"wallet_floor": 501}),
        ("spendable", {"scale": 3}),
        ("spendable", {"clawback": "debt"}),
        ("spendable", {"decimals": None}),
    ):
        with pytest.raises(PostingRefused):
            policy(book, code, **changes)
    assert policy(book, name="星星", unit="颗", decimals=0)
    assert not policy(book, name="星星")
    assert book.rows("SELECT count(*) FROM ledger_policy_change") == [(1,)]


def test_points_spent_meanwhile_are_left_to_a_person_where_that_is_the_policy(book: Book) -> None:
    policy(book, clawback="hold")
    award = book.post("visit/1", gift(500))
    book.spend("order/1", 100)
    with pytest.raises(PostingRefused) as refused:
        reverse(company_id=book.company_id, tx_id=award.tx_id, key="no/1", fact_on=NOVEMBER_3)
    assert refused.value.code == "consumed"
    book.assert_sound()


def test_a_team_may_be_given_points_and_share_them(book: Book) -> None:
    team = Party.objects.create(company_id=book.company_id, kind="team")
    book.post("visit/1", gift(500), party_id=team.pk)
    move(
        company_id=book.company_id,
        key="share/1",
        from_party_id=team.pk,
        to_party_id=book.lilei,
        code="spendable",
        amount=300,
        today=NOVEMBER_3,
        source=SHOP,
    )
    assert (balance(book), balance(book, party_id=team.pk)) == (300, 200)
    book.assert_sound()


def test_what_came_back_may_lapse_again(book: Book) -> None:
    """Without days of grace it comes back into its own lot, whose day is over."""
    policy(book, expiry="months", expiry_count=1, refund_grace_days=0)
    book.post("visit/1", gift(500))
    december = date(2026, 12, 10)
    for n in range(3):
        assert expire(company_id=book.company_id, today=december) == (1, 500)
        (lapse,) = book.rows("SELECT max(tx_id) FROM ledger_tx WHERE kind = 'expire'")
        reverse(company_id=book.company_id, tx_id=lapse[0], key=f"back/{n}", fact_on=december)
        assert balance(book) == 500
    with pytest.raises(LotsLapsed):
        book.spend("order/1", 1, today=december)
    book.assert_sound()


@pytest.mark.parametrize("is_released", [False, True])
def test_publicity_is_taken_back_whatever_the_policy_for_spent_points(
    book: Book, is_released: bool
) -> None:
    policy(book, clawback="hold")
    award = book.post("visit/1", gift(500), is_pending=True)
    if is_released:
        release_pending(company_id=book.company_id, tx_id=award.tx_id, today=NOVEMBER_3)
        order = book.spend("order/1", 100)
        with pytest.raises(PostingRefused, match="人工决定"):
            book.reverse(award.tx_id, "no/1")
        refund(company_id=book.company_id, tx_id=order.tx_id, key="refund/1", today=NOVEMBER_3)
    book.reverse(award.tx_id, "no/1")
    assert (balance(book), balance(book, "honour")) == (0, 0)
    book.assert_sound()


@pytest.mark.parametrize(("spent", "lacking"), [(100, 100), (500, 500)])
def test_what_is_lacking_of_released_points_is_noted_once(
    book: Book, spent: int, lacking: int
) -> None:
    """By the wallet out of which they went; both transactions show it."""
    award = book.post("visit/1", gift(500), is_pending=True)
    release_pending(company_id=book.company_id, tx_id=award.tx_id, today=NOVEMBER_3)
    book.spend("order/1", spent)
    back = book.reverse(award.tx_id, "no/1")
    noted = book.rows(
        "SELECT t.kind, w.kind, s.amount FROM ledger_shortfall s"
        " JOIN ledger_tx t ON t.tx_id = s.original_tx_id"
        " JOIN ledger_account w ON w.account_id = s.account_id"
    )
    assert noted == [("release", "wallet", lacking)]
    legs = movement(company_id=book.company_id, tx_id=award.tx_id)
    assert {leg.asset_code: (leg.reversed, leg.shortfall) for leg in legs} == {
        "honour": (500, 0),
        "spendable": (500, lacking),
    }
    shown = transaction(company_id=book.company_id, tx_id=back.tx_id).shortfalls
    assert [(one.party_id, one.asset, one.amount) for one in shown] == [
        (book.lilei, "spendable", lacking)
    ]
    assert (balance(book), balance(book, "honour")) == (0, 0)
    book.assert_sound()


def test_who_is_archived_gets_nothing_out_of_publicity(book: Book) -> None:
    award = book.post("visit/1", gift(500), is_pending=True)
    change = {"company_id": book.company_id, "party_id": book.lilei, "actor_id": 1}
    set_state(state="archived", reason="离职", changed_at=NOON, **change)
    with pytest.raises(AccountBlocked):
        release_pending(company_id=book.company_id, tx_id=award.tx_id, today=NOVEMBER_3)
    with pytest.raises(AccountBlocked):
        book.post("visit/2", gift(100), is_pending=True)
    book.reverse(award.tx_id, "no/1")
    book.assert_sound()
