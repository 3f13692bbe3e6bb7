"""What must not be: each has a name and a sentence, and leaves the ledger as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from meritbook.ledger.operations import (
    PostingRefused,
    Source,
    close_month,
    post_bulk,
    reason_text,
    set_policy,
)
from meritbook.ledger.operations.caps import CapRefused, end_cap
from meritbook.org.operations.audit import SYSTEM
from tests.ledger.asking import NOON, Desk, Ids, furnish
from tests.ledger.books import NOVEMBER_3, Book, found_book, gift, raw

CHINESE = re.compile("[\u4e00-\u9fff]")
BULK = ("post_in_bulk", "praise_in_bulk", "reverse_in_bulk")
MOVEMENTS = ("spend", "forfeit", "hold", "move", "convert")
GAINS = ("post", "post_in_bulk", "post_in_publicity", "praise", "praise_in_bulk")
TAKING_BACK = ("reverse", "refund", "reverse_in_bulk")
KEYED = (*MOVEMENTS, *GAINS, *TAKING_BACK, "capture")
TABLES = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relpersistence = 'p'"
    " AND starts_with(relname, 'ledger_') ORDER BY 1"
)


@pytest.fixture
def desk(book: Book) -> Iterator[Desk]:
    """A company at work, whose books are sound after all that was refused."""
    yield Desk(book, furnish(book))
    book.assert_sound()


@pytest.fixture
def foreign(db: None) -> tuple[Book, Ids]:
    """The stranger's company with the same things in it; to be asked for before ours is open."""
    theirs = found_book("stranger", "金丝雀公司")
    with theirs.scope():
        return theirs, furnish(theirs)


def contents(book: Book) -> dict[str, int]:
    """How many rows each table has, and what is in all accounts.

    Opening an account, a route between two or a cap's bucket moves nothing.
    """
    counts = {
        table: book.rows(f"SELECT count(*) FROM {table}")[0][0]
        for (table,) in book.rows(TABLES)
        if table not in ("ledger_account", "ledger_balance", "ledger_cap_bucket", "ledger_route")
    }
    for column in ("posted", "held"):
        counts[column] = book.rows(f"SELECT sum({column}) FROM ledger_balance")[0][0]
    counts["room"] = book.rows("SELECT sum(used) FROM ledger_cap_bucket")[0][0] or 0
    return counts


def refuse(desk: Desk, operation: str, code: str, /, **wrong: Any) -> None:
    """The request is refused by that name, says so in Chinese, and moves nothing."""
    before = contents(desk.book)
    with _undone():
        with pytest.raises(PostingRefused) as refusal:
            getattr(desk, operation)(**wrong)
        assert refusal.value.code == code, (operation, wrong)
        assert CHINESE.search(str(refusal.value))
        assert str(refusal.value) == reason_text(code)
        if operation not in BULK:
            assert contents(desk.book) == before, (operation, wrong)


def test_each_request_is_right_as_it_stands(desk: Desk) -> None:
    """Else the refusals below would prove little."""
    for operation in [name for name in vars(Desk) if not name.startswith("_")]:
        before = contents(desk.book)
        with _undone():
            getattr(desk, operation)()
            assert operation == "expire" or contents(desk.book) != before, operation


@contextmanager
def _undone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT try_it")
        yield
        cursor.execute("ROLLBACK TO SAVEPOINT try_it")


@pytest.mark.parametrize("amount", [0, 2**63, -(2**63), 10**30, 10**15 + 1, 1.5])
def test_an_amount_is_a_whole_number_within_bounds_and_not_zero(desk: Desk, amount: int) -> None:
    for operation in (*KEYED, "set_rate", "grant_quota"):
        refuse(desk, operation, "bad_amount", amount=amount)


def test_an_amount_below_zero_gives_nothing_and_takes_nothing(desk: Desk) -> None:
    """Only a posting may be below zero: a deduction, which stays above the floor."""
    for operation in (*MOVEMENTS, "capture", "praise", "praise_in_bulk", "refund", "grant_quota"):
        refuse(desk, operation, "bad_amount", amount=-5)
    for operation in ("reverse", "reverse_in_bulk"):
        refuse(desk, operation, "bad_amount", amount=5)
    refuse(desk, "post_in_publicity", "bad_pending", amount=-5)
    refuse(desk, "post", "below_floor", amount=-5000)
    refuse(desk, "post_in_bulk", "below_floor", amount=-5000)


@pytest.mark.parametrize("key", ["", "长" * 201, "a\x00b"])
def test_a_key_is_there_and_not_too_long(desk: Desk, key: str) -> None:
    for operation in KEYED:
        refuse(desk, operation, "bad_key", key=key)


def test_a_source_has_a_kind(desk: Desk) -> None:
    for operation in GAINS:
        refuse(desk, operation, "bad_source", source_kind="")
    for operation in MOVEMENTS:
        refuse(desk, operation, "bad_source", source=Source("", 1))


@pytest.mark.parametrize("day", [date(1969, 12, 31), date(3000, 1, 1)])
def test_a_day_is_one_of_this_millennium(desk: Desk, day: date) -> None:
    for operation in (*MOVEMENTS, *TAKING_BACK, "capture", "release_pending"):
        refuse(desk, operation, "bad_day", today=day)
    for operation in GAINS:
        refuse(desk, operation, "bad_day", effective_on=day)
        refuse(desk, operation, "bad_day", fact_on=day)
    refuse(desk, "set_rate", "bad_day", valid_from=day)


@pytest.mark.parametrize("is_foreign", [False, True])
def test_unknown_and_foreign_are_the_same(
    foreign: tuple[Book, Ids], desk: Desk, is_foreign: bool
) -> None:
    """Another company's party, department, transaction, hold and cap are not there."""
    theirs, ids = foreign
    nothing = 10**12
    party = theirs.lilei if is_foreign else nothing
    sales = theirs.sales if is_foreign else nothing
    tx_id = ids.award if is_foreign else nothing
    for operation in (*GAINS, "spend", "forfeit", "hold", "convert", "grant_quota", "set_state"):
        refuse(desk, operation, "unknown_party", party_id=party)
    for side in ("from_party_id", "to_party_id"):
        refuse(desk, "move", "unknown_party", **{side: party})
    for operation in ("praise", "praise_in_bulk"):
        refuse(desk, operation, "unknown_party", giver=party)
    for operation in GAINS:
        refuse(desk, operation, "unknown_department", department_id=sales)
        refuse(desk, operation, "unknown_cap", caps=(ids.cap if is_foreign else nothing,))
    for operation in ("spend", "forfeit", "hold"):
        source = Source("order", 1, department_id=sales)
        refuse(desk, operation, "unknown_department", source=source)
    for operation in (*TAKING_BACK, "release_pending"):
        refuse(desk, operation, "unknown_transaction", tx_id=tx_id)
    for operation in ("capture", "release"):
        refuse(desk, operation, "unknown_hold", hold_id=ids.held if is_foreign else nothing)
    with pytest.raises(CapRefused, match="没有这个上限"):
        end_cap(
            company_id=desk.book.company_id,
            cap_id=ids.cap if is_foreign else nothing,
            day=NOVEMBER_3,
            actor=SYSTEM,
            now=NOON,
        )


def test_an_asset_is_one_that_the_company_has(desk: Desk) -> None:
    for operation in (
        *("post", "post_in_bulk", "post_in_publicity", "spend", "forfeit", "hold", "move"),
        *("reverse", "refund", "reverse_in_bulk", "set_state", "set_policy"),
    ):
        refuse(desk, operation, "unknown_asset", code="gold")
    for operation in ("convert", "set_rate"):
        refuse(desk, operation, "unknown_asset", from_code="gold")
        refuse(desk, operation, "unknown_asset", to_code="gold")


def test_nobody_gives_to_himself(desk: Desk) -> None:
    refuse(desk, "move", "same_account", to_party_id=desk.book.lilei)
    refuse(desk, "convert", "same_account", to_code="spendable")
    refuse(desk, "set_rate", "same_account", to_code="coin")
    refuse(desk, "praise", "own_quota", giver=desk.book.lilei)
    refuse(desk, "praise_in_bulk", "own_quota", giver=desk.book.lilei)


def test_nobody_gives_what_is_not_there(desk: Desk) -> None:
    """李雷 has 1020 of which 60 are set aside: 960 to give."""
    for operation in MOVEMENTS:
        refuse(desk, operation, "below_floor", amount=961)
    for operation in ("post", "post_in_bulk"):
        refuse(desk, operation, "below_floor", amount=-961 - 5)
    refuse(desk, "capture", "more_than_held", amount=61)
    refuse(desk, "praise", "quota_spent", amount=501)
    refuse(desk, "praise_in_bulk", "quota_spent", amount=501)
    refuse(desk, "refund", "nothing_left", amount=81)
    refuse(desk, "reverse", "nothing_left", amount=-101)
    refuse(desk, "post", "cap_reached", code="honour", amount=41, caps=(desk.ids.cap,))
    for operation in ("spend", "hold", "forfeit"):
        refuse(desk, operation, "not_spendable", code="honour")
    refuse(desk, "move", "not_transferable", code="honour")
    refuse(desk, "convert", "not_convertible", from_code="stock")


def test_nothing_is_taken_from_a_lot_that_has_lapsed(desk: Desk) -> None:
    desk.book.spend("empty/1", 960)
    set_policy(
        company_id=desk.book.company_id,
        code="spendable",
        policy={"expiry": "months", "expiry_count": 1},
        changed_at=NOON,
        actor_id=1,
    )
    desk.book.post("visit/1", gift(100))
    last = date(2026, 12, 3)
    for operation in ("spend", "hold", "move", "convert"):
        refuse(desk, operation, "lots_lapsed", today=last + timedelta(1))
        with _undone():
            getattr(desk, operation)(today=last)


def test_a_hold_ends_once(desk: Desk) -> None:
    desk.capture(key="first", amount=10)
    refuse(desk, "capture", "hold_ended")
    refuse(desk, "release", "hold_ended")


def test_what_takes_back_is_not_taken_back(desk: Desk) -> None:
    undone = desk.reverse(key="undo")
    released = desk.release_pending()
    for operation in TAKING_BACK:
        refuse(desk, operation, "not_reversible", tx_id=undone.tx_id)
        refuse(desk, operation, "not_reversible", tx_id=released.tx_id)
    refuse(desk, "release_pending", "not_pending", tx_id=desk.ids.award)


def test_a_key_belongs_to_one_payload(desk: Desk) -> None:
    """Whatever kind of request comes with it, alone or in a batch, and twice in one batch."""
    for operation in KEYED:
        if operation != "hold":
            refuse(desk, operation, "key_reused", key="before/award")
    refuse(desk, "hold", "key_reused", key="before/hold")
    refuse(desk, "hold", "key_reused", key="before/hold", party_id=desk.book.hanmeimei)

    twice = [desk.book.issue("twice", gift(n), party_id=desk.book.hanmeimei) for n in (5, 6, 5)]
    other = desk.book.issue("once", gift(7))
    results = post_bulk(company_id=desk.book.company_id, issues=[*twice, other])
    assert [(result.status, result.reason) for result in results] == [
        ("new", None),
        ("conflict", "key_reused"),
        ("duplicate", None),
        ("new", None),
    ]
    assert results[0].tx_id == results[2].tx_id
    assert desk.book.balance("honour", desk.book.hanmeimei) == 5
    desk.book.assert_sound()


def test_what_is_for_a_closed_month_counts_on_the_first_open_day(desk: Desk) -> None:
    """Whoever asks and whatever for; no other road leads into it."""
    first = date(2026, 12, 1)
    close_month(
        company_id=desk.book.company_id,
        month=date(2026, 11, 1),
        closed_by=1,
        closed_at=_clock(desk.book),
    )
    for operation in (*GAINS, *MOVEMENTS, *TAKING_BACK, "capture", "release_pending"):
        if operation == "hold":
            continue  # nothing is posted
        with _undone():
            begun = desk.book.rows("SELECT max(tx_id) FROM ledger_tx")[0][0]
            getattr(desk, operation)()
            days = desk.book.rows(
                "SELECT t.effective_on, f.effective_on FROM ledger_tx t JOIN ledger_transfer f"
                " USING (company_id, tx_id) WHERE t.tx_id > %s",
                begun,
            )
            assert set(days) == {(first, first)}, operation
            desk.book.assert_sound()


def _clock(book: Book) -> datetime:
    """The clock by which postings are stamped."""
    now: datetime = book.rows("SELECT clock_timestamp()")[0][0]
    return now


def test_no_role_rewrites_any_table(live_book: Book) -> None:
    """The application writes no row by itself; the owner changes nothing that stays."""
    with live_book.scope():
        furnish(live_book)
        before = contents(live_book)
    queues = {"ledger_unsealed"}
    with raw("meritbook_app", live_book.company_id) as app:
        tables = [table for (table,) in app.execute(TABLES).fetchall()]
        for table in tables:
            for statement in (
                f"INSERT INTO {table} SELECT * FROM {table}",
                f"UPDATE {table} SET company_id = company_id",
                f"DELETE FROM {table}",
                f"TRUNCATE {table} CASCADE",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    app.execute(statement)
    for role in ("meritbook_owner", "superuser"):
        with raw(role, live_book.company_id) as owner:
            for table in sorted({*tables} - queues):
                for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
                    with pytest.raises(psycopg.Error) as refusal:
                        owner.execute(statement)
                    assert refusal.value.sqlstate == "ML001", (role, statement)
    with live_book.scope():
        assert contents(live_book) == before
        live_book.assert_sound()


def test_every_reason_has_a_sentence(desk: Desk) -> None:
    """The codes that SQL answers are those that Python has words for."""
    answered = {
        reason
        for (text,) in desk.book.rows(
            "SELECT prosrc FROM pg_proc WHERE starts_with(proname, 'ledger_')"
        )
        for reason in re.findall(r"(?:reason := |THEN )'([a-z]+(?:_[a-z]+)+)'", text)
    }
    kinds = {"half_year", "period_end"}
    from meritbook.ledger.operations.caps import _text
    from meritbook.ledger.operations.worths import WorthRefused

    silent = {
        code
        for code in answered - kinds
        if reason_text(code) == code and _text(code) == code and str(WorthRefused(code)) == code
    }
    assert silent == set()
