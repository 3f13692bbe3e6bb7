"""Balances at a point in time, what lapses, the age of points, and the browser's queries."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from meritbook.ledger.balances import balances_effective, balances_posted, trial_balance
from meritbook.ledger.browsing import POSTED, TxFilter, totals_of, transactions
from meritbook.ledger.forecasts import aged, lapses
from meritbook.ledger.months import first_month, months
from meritbook.ledger.operations import close_month, make_checkpoints
from meritbook.ledger.transactions import UnknownTransaction, transaction
from tests.ledger.books import FOUNDED_AT, Book, gift, loss, raw

ZONE = "Asia/Shanghai"


def posted_at(book: Book, tx_id: int) -> Any:
    ((moment,),) = book.rows("SELECT posted_at FROM ledger_tx WHERE tx_id = %s", tx_id)
    return moment


def test_a_balance_has_two_clocks(book: Book) -> None:
    first = book.post("a", gift(1_000), effective_on=date(2026, 11, 10))
    late = book.post("b", gift(500), effective_on=date(2026, 10, 31))
    book.post("c", loss(300), effective_on=date(2026, 12, 1))

    def posted(moment: Any, party_id: int | None = book.lilei) -> dict[tuple[str, str], int]:
        found = balances_posted(
            company_id=book.company_id, party_id=party_id, posted_until=moment, zone=ZONE
        )
        return {(one.asset, one.kind): one.balance for one in found if one.balance}

    def effective(day: date, party_id: int | None = book.lilei) -> dict[tuple[str, str], int]:
        found = balances_effective(
            company_id=book.company_id, party_id=party_id, effective_until=day
        )
        return {(one.asset, one.kind): one.balance for one in found if one.balance}

    before = posted_at(book, first.tx_id)
    assert posted(before - timedelta(microseconds=1)) == {}
    assert posted(before) == {("honour", "wallet"): 1_000, ("spendable", "wallet"): 1_000}
    assert posted(posted_at(book, late.tx_id))["honour", "wallet"] == 1_500
    assert effective(date(2026, 10, 31)) == {
        ("honour", "wallet"): 500,
        ("spendable", "wallet"): 500,
    }
    assert effective(date(2026, 12, 31))["honour", "wallet"] == 1_200
    assert effective(date(2026, 12, 31), None) == {
        ("honour", "issuance"): -1_500,
        ("honour", "adjustment"): 300,
        ("spendable", "issuance"): -1_500,
    }
    assert posted(before, None)["spendable", "issuance"] == -1_000


def test_the_trial_balance_sums_to_zero(book: Book) -> None:
    book.post("a", gift(1_000))
    book.post("b", loss(300), party_id=book.hanmeimei, effective_on=date(2026, 12, 1))

    now = trial_balance(company_id=book.company_id)
    november = trial_balance(company_id=book.company_id, effective_until=date(2026, 11, 30))

    assert [(one.asset, one.kind, one.accounts, one.balance) for one in now] == [
        ("honour", "adjustment", 1, 300),
        ("honour", "issuance", 1, -1_000),
        ("honour", "wallet", 2, 700),
        ("spendable", "issuance", 1, -1_000),
        ("spendable", "wallet", 1, 1_000),
    ]
    assert sum(one.balance for one in november) == 0
    assert "adjustment" not in {one.kind for one in november}


def test_nothing_lapses_that_never_expires(book: Book) -> None:
    book.post("a", gift(1_000))
    assert lapses(company_id=book.company_id) == []


def test_what_is_left_is_what_was_earned_last(book: Book) -> None:
    """Of 300 earned over a year 120 were taken back: the oldest first."""
    for key, points, day in (
        ("old", 10_000, date(2025, 10, 1)),
        ("middle", 10_000, date(2026, 7, 1)),
        ("young", 10_000, date(2026, 11, 20)),
    ):
        book.post(key, (("spendable", points),), effective_on=day, fact_on=day)
    book.post("loss", (("spendable", -12_000),))

    (one,) = aged(company_id=book.company_id, today=date(2026, 11, 22))

    assert (one.party_id, one.asset, one.by_age) == (
        book.lilei,
        "spendable",
        (10_000, 0, 8_000, 0, 0),
    )
    assert one.total == book.balance("spendable")


def test_a_gain_taken_back_has_no_age(book: Book) -> None:
    old = book.post("old", (("coin", 500),), effective_on=date(2025, 1, 1))
    book.post("young", (("coin", 300),), effective_on=date(2026, 11, 20))
    book.reverse(old.tx_id, "back")

    (one,) = aged(company_id=book.company_id, today=date(2026, 11, 22))

    assert one.by_age == (300, 0, 0, 0, 0)
    assert aged(company_id=book.company_id, today=date(2026, 11, 22), party_ids=[]) == []


def test_transactions_are_filtered_and_summed(book: Book) -> None:
    first = book.post("a", gift(1_000))
    second = book.post("b", loss(300), source_kind="window", rule_version_id=7)
    third = book.post("c", gift(50), party_id=book.hanmeimei, effective_on=date(2026, 10, 5))
    back = book.reverse(first.tx_id, "a back", (("spendable", -400),))
    everything = [back.tx_id, third.tx_id, second.tx_id, first.tx_id]

    def found(**narrowed: Any) -> list[int]:
        wanted = TxFilter(**narrowed)
        lines = transactions(company_id=book.company_id, wanted=wanted)
        assert totals_of(company_id=book.company_id, wanted=wanted).transactions == len(lines)
        return [one.tx_id for one in lines]

    assert found() == everything
    assert found(party_ids=[book.hanmeimei]) == [third.tx_id]
    assert found(party_ids=[]) == []
    assert found(asset="spendable") == [back.tx_id, third.tx_id, first.tx_id]
    assert found(kind="deduct") == [second.tx_id]
    assert found(source_kind="window") == [second.tx_id]
    assert found(rule_version_ids=[7]) == [second.tx_id]
    assert found(only_reversals=True) == [back.tx_id]
    assert found(tx_id=first.tx_id) == [first.tx_id]
    assert found(end=date(2026, 10, 31)) == [third.tx_id]
    today = posted_at(book, first.tx_id).date()
    assert found(by=POSTED, start=today - timedelta(days=1)) == everything
    assert found(by=POSTED, end=today - timedelta(days=2)) == []

    page = transactions(company_id=book.company_id, wanted=TxFilter(), before=third.tx_id, limit=1)
    assert [one.tx_id for one in page] == [second.tx_id]
    totals = totals_of(company_id=book.company_id, wanted=TxFilter())
    assert {one.asset: (one.gained, one.lost, one.moved) for one in totals.sums} == {
        "honour": (1_050, 300, 0),
        "spendable": (1_050, 400, 0),
    }
    own = totals_of(company_id=book.company_id, wanted=TxFilter(party_ids=[book.hanmeimei]))
    assert {one.asset: one.gained for one in own.sums} == {"honour": 50, "spendable": 50}


def test_one_transaction_knows_what_took_it_back(book: Book) -> None:
    first = book.post("a", gift(1_000))
    back = book.reverse(first.tx_id, "a back", (("spendable", -400),))

    whole = transaction(company_id=book.company_id, tx_id=first.tx_id)
    taken = transaction(company_id=book.company_id, tx_id=back.tx_id)

    assert [one.tx_id for one in whole.reversals] == [back.tx_id]
    assert not whole.tx.is_reversed
    assert {(one.asset, one.amount, one.reversed) for one in whole.tx.transfers} == {
        ("honour", 1_000, 0),
        ("spendable", 1_000, 400),
    }
    assert taken.original is not None
    assert taken.original.tx_id == first.tx_id
    assert [(lot.part, lot.amount, lot.day) for lot in taken.lots] == [("revoked", 400, None)]
    with pytest.raises(UnknownTransaction):
        transaction(company_id=book.company_id, tx_id=back.tx_id + 1_000)


def test_months_are_told_with_their_state(book: Book) -> None:
    assert first_month(company_id=book.company_id) is None
    book.post("a", gift(1_000), effective_on=date(2026, 9, 30))
    book.post("b", loss(300))
    close_month(
        company_id=book.company_id, month=date(2026, 9, 1), closed_by=1, closed_at=FOUNDED_AT
    )

    start = first_month(company_id=book.company_id)
    assert start == date(2026, 9, 1)
    found = months(company_id=book.company_id, start=start, end=date(2026, 11, 22))

    assert [(one.first_day, one.is_closed, one.transactions) for one in found] == [
        (date(2026, 11, 1), False, 1),
        (date(2026, 10, 1), False, 0),
        (date(2026, 9, 1), True, 1),
    ]
    assert [(one.asset, one.earned, one.deducted) for one in found[0].sums] == [("honour", 0, 300)]


def test_a_balance_starts_from_the_last_checkpoint(live_book: Book) -> None:
    """What lies before a checkpoint is not read again; what comes after it is added."""
    live_book_id = live_book.company_id
    with live_book.scope():
        live_book.post("old", gift(1_000))
    with raw("superuser", live_book_id) as admin:
        admin.execute("SET session_replication_role = replica")
        for table in ("ledger_tx", "ledger_transfer"):
            admin.execute(f"UPDATE {table} SET posted_at = posted_at - interval '3 days'")
    with live_book.scope():
        ((day, until, now),) = live_book.rows(
            "SELECT (now() AT TIME ZONE %s)::date - 1,"
            " ((now() AT TIME ZONE %s)::date)::timestamp AT TIME ZONE %s, now()",
            ZONE,
            ZONE,
            ZONE,
        )
        make_checkpoints(company_id=live_book_id, day=day, until=until)
        live_book.post("new", gift(50))

    def held(moment: Any) -> int:
        with live_book.scope():
            found = balances_posted(
                company_id=live_book_id, party_id=live_book.lilei, posted_until=moment, zone=ZONE
            )
        return next(one.balance for one in found if one.asset == "honour")

    later = now + timedelta(hours=1)
    assert [held(now - timedelta(days=4)), held(until), held(later)] == [0, 1_000, 1_050]
    with raw("superuser", live_book_id) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE ledger_checkpoint SET posted = posted + 7")
    assert held(until - timedelta(seconds=1)) == 1_000, "that day had not ended"
    assert held(later) == 1_057, "the checkpoint is where it began: verify is what finds a lie"


def test_a_balance_of_a_moment_reads_what_was_posted_around_it(live_book: Book) -> None:
    """However long the history, and also where numbers and times do not run together."""
    company_id = live_book.company_id
    with live_book.scope():
        for n in range(600):
            live_book.post(f"a{n}", gift(100 + n) if n % 3 else loss(50))
    with raw("superuser", company_id) as admin:
        admin.execute("SET session_replication_role = replica")
        # Three a day, ending an hour ago; those of half a day are told the other way round.
        admin.execute(
            "WITH at AS (SELECT tx_id, now() - interval '1 hour' - interval '8 hours'"
            " * (600 - n + CASE WHEN n % 2 = 0 THEN 1 ELSE -1 END) AS posted_at"
            " FROM (SELECT tx_id, row_number() OVER (ORDER BY tx_id) AS n FROM ledger_tx) o),"
            " moved AS (UPDATE ledger_tx t SET posted_at = at.posted_at FROM at"
            " WHERE at.tx_id = t.tx_id)"
            " UPDATE ledger_transfer f SET posted_at = at.posted_at FROM at"
            " WHERE at.tx_id = f.tx_id"
        )

    def held(moment: Any, party_id: int | None) -> dict[tuple[str, str], int]:
        found = balances_posted(
            company_id=company_id, party_id=party_id, posted_until=moment, zone=ZONE
        )
        return {(one.asset, one.kind): one.balance for one in found if one.balance}

    def summed(moment: Any, party_id: int | None) -> dict[tuple[str, str], int]:
        rows = live_book.rows(
            "SELECT s.code, a.kind, sum(CASE WHEN f.credit_id = a.account_id THEN f.amount"
            " ELSE -f.amount END)::bigint FROM ledger_account a"
            " JOIN ledger_asset s USING (company_id, asset_id) JOIN ledger_transfer f"
            " ON a.account_id IN (f.debit_id, f.credit_id)"
            " WHERE a.party_id IS NOT DISTINCT FROM %s AND f.posted_at <= %s"
            " GROUP BY 1, 2",
            party_id,
            moment,
        )
        return {(code, kind): balance for code, kind, balance in rows if balance}

    with live_book.scope():
        ((first, last),) = live_book.rows("SELECT min(posted_at), max(posted_at) FROM ledger_tx")
        moments = [first + (last - first) * n / 12 for n in range(13)]
        for party_id in (live_book.lilei, None):
            for moment in (*moments, last + timedelta(days=400), first - timedelta(days=400)):
                assert held(moment, party_id) == summed(moment, party_id)
        half = (first + (last - first) / 2).date()
        until = datetime.combine(half + timedelta(days=1), time.min, ZoneInfo(ZONE))
        make_checkpoints(company_id=company_id, day=half, until=until)
        for party_id in (live_book.lilei, None):
            for moment in moments:
                assert held(moment, party_id) == summed(moment, party_id)
