"""Balances, lots and totals made anew: nothing differs on a true ledger, and damage is mended."""

import io
import json
from datetime import date, timedelta

import pytest
from django.core.management import call_command

from meritbook.ledger.operations import make_checkpoints, post_bulk, set_policy
from meritbook.ledger.operations.rebuilding import Unrebuildable, rebuild
from meritbook.ledger.verification import verify
from meritbook.org.models import AuditEntry
from tests.ledger.books import FOUNDED_AT, NOVEMBER_3, Book, found_book, gift, loss, raw

DAMAGES = {
    "balance": "UPDATE ledger_balance SET posted = posted + 7 WHERE posted > 0",
    "held": "UPDATE ledger_balance SET held = held - 1 WHERE held > 0",
    "lost balance": "DELETE FROM ledger_balance WHERE posted > 0",
    "lot": "UPDATE ledger_lot SET granted = granted + 7, used = used + 7",
    "lost lot": "DELETE FROM ledger_lot",
    "lot of nothing": "INSERT INTO ledger_lot (company_id, account_id, expires_on, granted)"
    " SELECT company_id, account_id, '2031-01-01', 5 FROM ledger_lot LIMIT 1",
    "day total": "UPDATE ledger_day_total SET earned = earned + 7, n = n + 1",
    "lost day total": "DELETE FROM ledger_day_total",
    "day total of nothing": "INSERT INTO ledger_day_total (company_id, day, account_id, earned, n,"
    " source_kind) SELECT company_id, '2026-01-01', account_id, 9, 1, 'event'"
    " FROM ledger_balance LIMIT 1",
    "checkpoint": "UPDATE ledger_checkpoint SET posted = posted + 7",
    "lost checkpoint": "DELETE FROM ledger_checkpoint WHERE account_id ="
    " (SELECT min(account_id) FROM ledger_checkpoint)",
}


@pytest.fixture
def filled(live_book: Book) -> Book:
    """Gains, a debt, spending, a hold, reversals, lots of several days, a batch, a day's end."""
    with live_book.scope():
        set_policy(
            company_id=live_book.company_id,
            code="spendable",
            policy={"expiry": "months", "expiry_count": 1},
            changed_at=FOUNDED_AT,
            actor_id=None,
        )
        award = live_book.post("visit/1", gift(500))
        live_book.post("visit/2", gift(300), effective_on=date(2026, 10, 20))
        live_book.post("late/1", loss(900))
        live_book.post("fine/1", (("spendable", -40),))
        spent = live_book.spend("order/1", 120)
        live_book.hold("order/2", 60)
        live_book.capture(live_book.hold("order/3", 50), "capture/3", 20)
        live_book.reverse(spent.tx_id, "refund/1", (("spendable", 50),))
        live_book.reverse(award.tx_id, "undo/1", (("honour", -200),))
        post_bulk(
            company_id=live_book.company_id,
            issues=[
                live_book.issue(
                    f"more/{n}",
                    loss(30) if n % 5 == 4 else gift(100 + n),
                    party_id=(live_book.lilei, live_book.hanmeimei)[n % 2],
                    effective_on=NOVEMBER_3 + timedelta(n),
                )
                for n in range(20)
            ],
        )
    with raw("superuser", live_book.company_id) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE ledger_tx SET posted_at = posted_at - interval '3 days'")
        admin.execute("UPDATE ledger_transfer SET posted_at = posted_at - interval '3 days'")
    with live_book.scope():
        (day, until), *_rest = live_book.rows(
            "SELECT ((now() AT TIME ZONE 'Asia/Shanghai')::date - 1),"
            " ((now() AT TIME ZONE 'Asia/Shanghai')::date)::timestamp AT TIME ZONE 'Asia/Shanghai'"
        )
        make_checkpoints(company_id=live_book.company_id, day=day, until=until)
        live_book.post("visit/9", gift(100))
    return live_book


def test_nothing_differs_on_a_true_ledger(filled: Book) -> None:
    with filled.scope():
        assert rebuild(company_id=filled.company_id) == []
        assert rebuild(company_id=filled.company_id, apply=True) == []
        filled.assert_sound()


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_told_and_mended(filled: Book, damage: str) -> None:
    with filled.scope():
        before = filled.shape()
    with raw("superuser", filled.company_id) as admin:
        admin.execute("SET session_replication_role = replica")
        done = admin.execute(DAMAGES[damage])
        assert done.rowcount > 0

    with filled.scope():
        told = rebuild(company_id=filled.company_id)
        assert told, "nothing was seen"
        assert rebuild(company_id=filled.company_id) == told, "looking changes nothing"
        assert rebuild(company_id=filled.company_id, apply=True) == told
        assert rebuild(company_id=filled.company_id) == []
        after = filled.shape()
        lots = [lot for lot in after["lots"] if any(lot[3:])]
        assert after | {"lots": lots} == before
        # The fixture moved the past by three days, under no seal yet.
        assert verify(company_id=filled.company_id).ok


def test_the_last_balances_of_days_come_back(filled: Book) -> None:
    with filled.scope():
        before = filled.rows("SELECT * FROM ledger_checkpoint ORDER BY account_id")
    with raw("superuser", filled.company_id) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE ledger_checkpoint SET posted = posted * 2 + 1")
        admin.execute(
            "DELETE FROM ledger_checkpoint WHERE account_id ="
            " (SELECT min(account_id) FROM ledger_checkpoint)"
        )
    with filled.scope():
        told = rebuild(company_id=filled.company_id, apply=True)
        assert {one.what for one in told} == {"checkpoint"}
        assert filled.rows("SELECT * FROM ledger_checkpoint ORDER BY account_id") == before


def test_what_breaks_a_promise_is_not_written(filled: Book) -> None:
    """Transfers by which a wallet would be below its floor: there is nothing to rebuild from."""
    with raw("superuser", filled.company_id) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(
            "UPDATE ledger_transfer SET amount = 100000 WHERE tx_id ="
            " (SELECT tx_id FROM ledger_tx WHERE idem_key = 'order/1')"
        )
    with filled.scope():
        before = filled.shape()
        with pytest.raises(Unrebuildable):
            rebuild(company_id=filled.company_id, apply=True)
        assert filled.shape() == before


def test_the_command_looks_and_applies(filled: Book) -> None:
    def run(*arguments: str) -> dict[str, object]:
        out = io.StringIO()
        call_command("rebuild", "--company", "huasheng", "--json", *arguments, stdout=out)
        answer: dict[str, object] = json.loads(out.getvalue())
        return answer

    assert run() == {"applied": False, "differences": []}
    with raw("superuser", filled.company_id) as admin:
        admin.execute("UPDATE ledger_balance SET posted = posted + 7 WHERE posted > 0")
    looked = run()
    applied = run("--apply")

    assert looked["differences"] == applied["differences"]
    assert applied["applied"] is True
    assert run() == {"applied": False, "differences": []}
    with filled.scope():
        (entry,) = AuditEntry.objects.filter(company_id=filled.company_id, action="ledger.rebuild")
        assert entry.after is not None
        assert entry.after["differences"] == applied["differences"]


def test_another_company_is_not_touched(filled: Book) -> None:
    other = found_book("tashan", "他山贸易")
    with raw("superuser", filled.company_id) as admin:
        admin.execute("UPDATE ledger_balance SET posted = posted + 7 WHERE posted > 0")
    with other.scope():
        assert rebuild(company_id=other.company_id, apply=True) == []
    with filled.scope():
        assert rebuild(company_id=filled.company_id) != []
