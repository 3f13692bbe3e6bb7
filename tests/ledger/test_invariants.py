"""The eighteen promises of the ledger, one test each. The database itself keeps them, so much of this
is raw SQL by those who have every right.

Where a promise has a file of its own, its test here is the shortest proof and names that file.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from meritbook.ledger.operations import (
    BelowFloor,
    HoldEnded,
    KeyReused,
    LotsLapsed,
    NothingLeft,
    PostingRefused,
    QuotaSpent,
    close_month,
    expire,
    grant_quota,
    lapse_holds,
    release,
    set_policy,
)
from meritbook.ledger.operations.sealing import seal_block
from meritbook.ledger.verification import verify
from tests.ledger.asking import NOON, furnish
from tests.ledger.books import Book, found_book, gift, loss, raw
from tests.ledger.caps import cap
from tests.ledger.test_constraints import OURS
from tests.ledger.test_races import SESSIONS, names, race

TRANSFER = """
    INSERT INTO ledger_transfer (company_id, tx_id, asset_id, debit_id, credit_id, amount,
        posted_at, effective_on, seq)
    SELECT f.company_id, f.tx_id, {asset}, {debit}, {credit}, {amount}, f.posted_at,
        f.effective_on, 99
    FROM ledger_transfer f JOIN ledger_asset a USING (company_id, asset_id)
    WHERE f.company_id = {company} AND a.code = 'honour' LIMIT 1
"""


def refused(book: Book, role: str, statement: str) -> str:
    """The name of the constraint, or else the code, by which a raw statement is refused."""
    with raw(role, book.company_id) as plain, pytest.raises(psycopg.Error) as refusal:
        plain.execute(statement)
    return refusal.value.diag.constraint_name or refusal.value.sqlstate or ""


def transfer(book: Book, **wrong: str) -> str:
    """A transfer beside a true one, with something wrong in it."""
    right = {"asset": "f.asset_id", "debit": "f.debit_id", "credit": "f.credit_id"}
    return TRANSFER.format(**{"amount": "1", "company": str(book.company_id)} | right | wrong)


def test_01_every_movement_is_balanced_of_one_asset_and_one_company(live_book: Book) -> None:
    """One row has both sides, so there is no sum that could differ (test_constraints.py)."""
    theirs = found_book("stranger", "金丝雀公司")
    with theirs.scope():
        theirs.post("their/1", gift(1))
        ((wallet,),) = theirs.rows("SELECT max(credit_id) FROM ledger_transfer")
    with live_book.scope():
        live_book.post("visit/1", gift(500))
        ((coin, spendable),) = live_book.rows(
            "SELECT (SELECT asset_id FROM ledger_asset WHERE code = 'coin'), (SELECT credit_id"
            " FROM ledger_transfer JOIN ledger_asset a USING (company_id, asset_id)"
            " WHERE a.code = 'spendable' LIMIT 1)"
        )
    for role in ("meritbook_owner", "superuser"):
        for wrong in (
            {"asset": str(coin)},
            {"credit": str(spendable)},
            {"credit": str(wallet)},
            {"debit": str(wallet)},
        ):
            assert refused(live_book, role, transfer(live_book, **wrong)) == "ledger_transfer_route"
    with live_book.scope():
        live_book.assert_sound()


@pytest.mark.parametrize("amount", [0, -1, 10**15 + 1, 2**63 - 1, -(2**63)])
def test_02_amounts_are_above_zero_and_bounded_and_nobody_pays_himself(
    live_book: Book, amount: int
) -> None:
    """As requests: test_bad_input.py; drawn by chance: test_model.py."""
    with live_book.scope():
        live_book.post("visit/1", gift(500))
    role = "meritbook_owner"
    raw_amount = transfer(live_book, amount=f"({amount})::bigint" if amount > -(2**63) else "-9e18")
    assert refused(live_book, role, raw_amount) == "ledger_transfer_amount_range"
    himself = transfer(live_book, credit="f.debit_id")
    assert refused(live_book, role, himself) == "ledger_transfer_two_accounts"


def test_03_nothing_is_changed_or_deleted(live_book: Book) -> None:
    """Every table and role: test_bad_input.py, test_constraints.py."""
    with live_book.scope():
        live_book.post("visit/1", gift(500))
    for change in (
        "UPDATE ledger_transfer SET amount = 1",
        "DELETE FROM ledger_transfer",
        "TRUNCATE ledger_transfer CASCADE",
        "UPDATE ledger_tx SET note = 'x'",
        "DELETE FROM ledger_tx",
    ):
        assert refused(live_book, "meritbook_app", change) == "42501"
        assert refused(live_book, "meritbook_owner", change) == "ML001"
        assert refused(live_book, "superuser", change) == "ML001"


def test_04_nobody_has_less_than_the_floor_holds_included(live_book: Book) -> None:
    with live_book.scope():
        live_book.post("visit/1", gift(1000))
        live_book.hold("order/0", 300)
    results = race(live_book, lambda n: live_book.spend(f"order/{n + 1}", 50))
    assert names(results) == {"Posted": 14, "BelowFloor": SESSIONS - 14}
    with live_book.scope():
        assert live_book.balance("spendable") == 300
    low = "UPDATE ledger_balance SET posted = held - 1 WHERE floor = 0 AND held > 0"
    assert refused(live_book, "superuser", low) == "ledger_balance_floor"


def test_05_a_key_is_one_transaction_for_ever(live_book: Book) -> None:
    """After a lost reply: test_kills.py; of any kind: test_races.py."""
    results = race(live_book, lambda _n: live_book.post("visit/1", gift(500)))
    assert len({one.tx_id for one in results}) == 1
    assert [one.is_new for one in results].count(True) == 1
    with live_book.scope(), pytest.raises(KeyReused):
        live_book.post("visit/1", gift(501))
    again = (
        "INSERT INTO ledger_tx (company_id, tx_id, posted_at, source_id, effective_on, fact_on,"
        " kind, source_kind, idem_key, idem_hash) SELECT company_id, 10::bigint ^ 12, posted_at,"
        " source_id, effective_on, fact_on, kind, source_kind, idem_key, sha256('other')"
        " FROM ledger_tx"
    )
    assert refused(live_book, "meritbook_owner", again) == "ledger_tx_idem_key"


def test_06_no_more_is_taken_back_than_was_given(live_book: Book) -> None:
    with live_book.scope():
        award = live_book.post("visit/1", gift(1000)).tx_id
    results = race(live_book, lambda n: live_book.reverse(award, f"undo/{n}", gift(-300)))
    assert names(results) == {"Posted": 3, "NothingLeft": SESSIONS - 3}
    with live_book.scope():
        live_book.reverse(award, "rest")
        with pytest.raises(NothingLeft):
            live_book.reverse(award, "more", gift(-1))
    more = "UPDATE ledger_reversed_total SET reversed = amount + 1"
    assert refused(live_book, "superuser", more) == "ledger_reversed_total_within"


def test_07_a_hold_ends_once_and_within_its_amount(live_book: Book) -> None:
    with live_book.scope():
        live_book.post("visit/1", gift(1000))
        held = live_book.hold("order/1", 300, lapses_at=NOON)
    company_id = live_book.company_id
    results = race(
        live_book,
        lambda n: live_book.capture(held, f"capture/{n}", 200),
        lambda _n: release(company_id=company_id, hold_id=held, released_at=NOON),
        lambda _n: lapse_holds(company_id=company_id, now=NOON),
    )
    assert {type(one) for one in results if isinstance(one, Exception)} <= {HoldEnded}
    again = "INSERT INTO ledger_hold_end SELECT * FROM ledger_hold_end"
    assert refused(live_book, "meritbook_owner", again) == "ledger_hold_end_pkey"
    with live_book.scope():
        live_book.assert_sound()


def test_08_lots_hold_what_the_balance_says(book: Book) -> None:
    """Any sequence: test_machine.py. A debt is in no lot, and what repays it neither."""
    set_policy(
        company_id=book.company_id,
        code="spendable",
        policy={"clawback": "debt", "wallet_floor": None, "expiry": "months", "expiry_count": 1},
        changed_at=NOON,
        actor_id=1,
    )

    def in_lots() -> int:
        ((amount,),) = book.rows(
            "SELECT coalesce(sum(granted - used - revoked - expired), 0)::bigint FROM ledger_lot"
        )
        return int(amount)

    award = book.post("visit/1", gift(500))
    assert (book.balance("spendable"), in_lots()) == (500, 500)
    book.spend("order/1", 300)
    assert (book.balance("spendable"), in_lots()) == (200, 200)
    book.reverse(award.tx_id, "undo/1")
    assert (book.balance("spendable"), in_lots()) == (-300, 0)
    book.post("visit/2", gift(200))
    assert (book.balance("spendable"), in_lots()) == (-100, 0)
    book.post("visit/3", gift(150), effective_on=date(2026, 11, 20))
    assert (book.balance("spendable"), in_lots()) == (50, 50)
    book.assert_sound()


def test_09_nothing_is_spent_after_its_last_day_and_the_first_to_lapse_goes_first(
    book: Book,
) -> None:
    set_policy(
        company_id=book.company_id,
        code="spendable",
        policy={"expiry": "months", "expiry_count": 1},
        changed_at=NOON,
        actor_id=1,
    )
    for day in (20, 3, 10):
        on = date(2026, 11, day)
        book.post(f"visit/{day}", gift(100), effective_on=on, fact_on=on)
    book.spend("order/1", 150, today=date(2026, 12, 3))
    left = "SELECT expires_on, granted - used FROM ledger_lot WHERE granted > used ORDER BY 1"
    assert book.rows(left) == [(date(2026, 12, 10), 50), (date(2026, 12, 20), 100)]
    book.spend("order/2", 50, today=date(2026, 12, 10))
    with pytest.raises(BelowFloor):
        book.spend("order/3", 101, today=date(2026, 12, 20))
    assert expire(company_id=book.company_id, today=date(2026, 12, 20)) == (0, 0)
    with pytest.raises(LotsLapsed):
        book.spend("order/3", 100, today=date(2026, 12, 21))
    assert expire(company_id=book.company_id, today=date(2026, 12, 21)) == (1, 100)
    book.assert_sound()


def test_10_a_cap_is_taken_to_the_last_point_and_no_further(live_book: Book) -> None:
    with live_book.scope():
        limit = cap(live_book, 1000, scope="company")
    results = race(live_book, lambda n: live_book.post(f"visit/{n}", gift(70), caps=(limit,)))
    assert names(results) == {"Posted": SESSIONS}
    with live_book.scope():
        assert live_book.balance("honour") == 1000
        live_book.assert_sound()
    more = "UPDATE ledger_cap_bucket SET used = allotted + 1"
    assert refused(live_book, "superuser", more) == "ledger_cap_bucket_within"


def test_11_a_quota_is_never_overdrawn(live_book: Book) -> None:
    giver = live_book.hanmeimei
    with live_book.scope():
        grant_quota(
            company_id=live_book.company_id,
            party_id=giver,
            month=date(2026, 11, 1),
            amount=500,
            actor_id=1,
        )
    results = race(live_book, lambda n: live_book.post(f"praise/{n}", gift(60), quota=(giver, 60)))
    assert names(results) == {"Posted": 8, "QuotaSpent": SESSIONS - 8}
    with live_book.scope():
        assert live_book.balance("quota", giver) == 20
        assert live_book.balance("honour") == 480
        with pytest.raises(QuotaSpent):
            live_book.post("praise", gift(21), quota=(giver, 21))
        live_book.assert_sound()


def test_12_balances_lots_and_totals_are_what_the_transfers_say(book: Book) -> None:
    """After kill -9: test_kills.py; rebuilt: test_rebuild.py; tampered with: test_verify.py."""
    furnish(book)
    verification = verify(company_id=book.company_id)
    assert verification.ok
    folds = {"balances_are_folds", "lot_uses_are_folds", "day_totals_are_folds", "trial_balance"}
    assert folds <= {check.name for check in verification.checks}


def test_13_a_closed_month_stays_closed(live_book: Book) -> None:
    """While postings are under way: test_concurrency.py, test_races.py."""
    with live_book.scope():
        live_book.post("visit/1", gift(500))
        now: datetime = live_book.rows("SELECT clock_timestamp()")[0][0]
        month = {"company_id": live_book.company_id, "month": date(2026, 11, 1)}
        assert close_month(closed_by=1, closed_at=now, **month)  # type: ignore[arg-type]
        assert not close_month(closed_by=2, closed_at=now + timedelta(1), **month)  # type: ignore[arg-type]
        late = live_book.post("visit/2", loss(5))
        assert live_book.rows(
            "SELECT effective_on FROM ledger_tx WHERE tx_id = %s", late.tx_id
        ) == [(date(2026, 12, 1),)]
    assert refused(live_book, "meritbook_owner", transfer(live_book)) == "ML002"
    opened = "UPDATE ledger_period SET state = 'open', closed_at = NULL, closed_by = NULL"
    assert refused(live_book, "meritbook_owner", opened) == "ML002"


def test_14_no_company_sees_or_names_what_another_has(live_book: Book) -> None:
    """Every table, function and page: test_tenants.py, tests/tenancy."""
    theirs = found_book("stranger", "金丝雀公司")
    with theirs.scope():
        ids = furnish(theirs)
    for role in ("meritbook_app", "meritbook_owner"):
        with raw(role, live_book.company_id) as plain:
            for (table,) in plain.execute(
                f"SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND {OURS}"
            ).fetchall():
                found = plain.execute(
                    f"SELECT count(*) FROM {table} WHERE company_id = %s", [theirs.company_id]
                ).fetchone()
                assert found == (0,), table
        with raw(role) as plain, pytest.raises(psycopg.Error):
            plain.execute("SELECT * FROM ledger_tx")
    with live_book.scope():
        with pytest.raises(PostingRefused, match="没有这笔记账"):
            live_book.reverse(ids.award, "undo")
        with (
            pytest.raises(DatabaseError, match="is not the company in scope"),
            transaction.atomic(),
        ):
            theirs.post("visit/1", gift(1))


def test_15_nobody_waits_for_good(live_book: Book) -> None:
    """All kinds of requests, single and in batches: test_races.py, test_cap_races.py."""
    results = race(
        live_book,
        lambda n: live_book.post(f"a/{n}", (("coin", 1), ("honour", 1), ("spendable", 1))),
        lambda n: live_book.post(f"b/{n}", (("honour", 1), ("stock", 1))),
        lambda n: live_book.post(f"c/{n}", (("coin", 1), ("stock", 1))),
    )
    assert names(results) == {"Posted": SESSIONS}
    with live_book.scope():
        assert [live_book.balance(code) for code in ("coin", "honour", "stock")] == [16, 16, 16]


def test_16_tampering_shows_where_it_was_done(live_book: Book) -> None:
    """Every kind of it: test_tamper.py."""
    with live_book.scope():
        tx_id = live_book.post("visit/1", gift(500)).tx_id
        live_book.post("visit/2", gift(300))
        seal_block(company_id=live_book.company_id)
    with raw("superuser", live_book.company_id) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE ledger_transfer SET amount = 900 WHERE tx_id = %s", [tx_id])
    with live_book.scope():
        verification = verify(company_id=live_book.company_id)
    (blocks,) = (check for check in verification.checks if check.name == "blocks_are_true")
    assert not blocks.ok
    assert str(tx_id) in blocks.detail


def test_17_each_constraint_keeps_something_out(live_book: Book) -> None:
    """All of them: test_constraints.py; none is lost unseen: test_inventory.py. And the test of the
    test: without its constraint, what was kept out gets in."""
    with live_book.scope():
        live_book.post("visit/1", gift(500))
    low = "UPDATE ledger_balance SET posted = -1 WHERE floor = 0"
    assert refused(live_book, "superuser", low) == "ledger_balance_floor"
    with raw("superuser", live_book.company_id) as admin:
        admin.execute("ALTER TABLE ledger_balance DROP CONSTRAINT ledger_balance_floor")
        admin.execute(low)


def test_18_every_key_starts_with_the_company(db: None) -> None:
    """References and indexes too: test_inventory.py."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.indexrelid::regclass FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]"
            f" WHERE a.attname <> 'company_id' AND {OURS}"
        )
        assert cursor.fetchall() == []
