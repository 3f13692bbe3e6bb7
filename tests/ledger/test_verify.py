"""verify is green on a true ledger and names what was tampered with."""

import io
import json

import pytest
from django.core.management import call_command

from meritbook.ledger.verification import CHECKS, STEPS, Check, verify
from tests.ledger.books import Book, gift, loss, raw
from tests.ledger.caps import cap

TAMPERINGS = {
    "transfers_fit_their_accounts": "UPDATE ledger_transfer SET effective_on = effective_on + 1",
    "no_empty_transaction": "DELETE FROM ledger_transfer WHERE tx_id = (SELECT max(tx_id) FROM"
    " ledger_transfer)",
    "trial_balance": "UPDATE ledger_balance SET posted = posted + 1",
    "balances_are_folds": "UPDATE ledger_transfer SET amount = amount + 1 WHERE seq = 1",
    "lots_conserve": "UPDATE ledger_lot SET granted = granted + 1",
    "lot_uses_are_folds": "UPDATE ledger_lot SET revoked = revoked - 1, used = used + 1",
    "day_totals_are_folds": "UPDATE ledger_day_total SET earned = earned + 1",
    "reversals_stay_within": "UPDATE ledger_reversed_total SET reversed = reversed - 1",
    "closed_months_stand_still": "INSERT INTO ledger_period SELECT company_id, '2026-11-01',"
    " 'closed', '2026-11-01', 1 FROM ledger_asset WHERE code = 'honour'",
    "parents_are_of_this_company": "UPDATE ledger_account SET party_id = 10 ^ 12"
    " WHERE party_id IS NOT NULL",
    "departments_are_of_this_company": "UPDATE ledger_transfer SET department_id = 10 ^ 12",
    "checkpoints_are_folds": "INSERT INTO ledger_checkpoint SELECT company_id, account_id,"
    " current_date + 1, posted + 1 FROM ledger_balance",
    "sealed_or_waiting": "DELETE FROM ledger_unsealed",
    "lots_are_used_in_time": "INSERT INTO ledger_lot_use (company_id, tx_id, account_id,"
    " expires_on, part, amount) SELECT company_id, tx_id, account_id, '2026-10-31', 'used', 1"
    " FROM ledger_lot_use WHERE part = 'used' AND tx_id NOT IN ("
    "SELECT tx_id FROM ledger_hold_end WHERE tx_id IS NOT NULL)",
    "held_is_what_holds_hold": "UPDATE ledger_lot SET held = held - 1 WHERE held > 0",
    "holds_end_once": "UPDATE ledger_hold_end SET posted_amount = posted_amount - 1"
    " WHERE outcome = 'captured'",
    "caps_are_folds": "UPDATE ledger_cap_bucket SET used = used - 1 WHERE used > 0",
    "guards_are_present": "ALTER TABLE ledger_balance NO FORCE ROW LEVEL SECURITY",
}


@pytest.fixture
def filled(live_book: Book) -> Book:
    with live_book.scope():
        award = live_book.post("visit/1", gift(500))
        live_book.post("visit/2", gift(300), caps=(cap(live_book, 250),))
        live_book.post("late/1", loss(100))
        live_book.reverse(award.tx_id, "undo/1")
        live_book.post("fine/1", (("spendable", -40),))
        live_book.spend("order/0", 10)
        live_book.hold("order/1", 60)
        live_book.capture(live_book.hold("order/2", 50), "capture/2", 20)
    return live_book


def test_a_true_ledger_is_green(filled: Book) -> None:
    with filled.scope():
        verification = verify(company_id=filled.company_id)

    assert verification.ok
    assert verification.transactions == 7
    assert verification.checks == tuple(Check(name, True, "") for name in CHECKS)


def test_every_tampering_is_seen_by_the_check_that_is_for_it(filled: Book) -> None:
    """A superuser with triggers off; each change is taken back before the next."""
    with raw("superuser", filled.company_id) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.autocommit = False
        admin.execute("SELECT set_config('app.company_id', %s, false)", [str(filled.company_id)])
        for name, statement in TAMPERINGS.items():
            admin.execute(statement)
            cursor = admin.cursor()
            broken = {
                check
                for _names, run in STEPS
                for check, _row in run(cursor, company_id=filled.company_id)
            }
            assert name in broken, (statement, broken)
            admin.rollback()
    # A second row with a key needs the unique index gone. test_tamper.py has the seals.
    assert set(CHECKS) - set(TAMPERINGS) == {
        "keys_occur_once",
        "blocks_are_true",
        "blocks_are_chained",
        "anchors_agree",
    }


def test_a_disabled_trigger_is_seen(filled: Book) -> None:
    with raw("superuser", filled.company_id) as admin:
        admin.execute("ALTER TABLE ledger_tx DISABLE TRIGGER ledger_tx_append_only")
    with filled.scope():
        verification = verify(company_id=filled.company_id)

    assert [check.name for check in verification.checks if not check.ok] == ["guards_are_present"]
    faulty = next(check for check in verification.checks if not check.ok)
    assert "ledger_tx without protection" in faulty.detail


def test_the_command_tells_it_by_its_exit_code(filled: Book) -> None:
    out = io.StringIO()
    call_command("verify", "--company", "huasheng", "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert answer["ok"] is True
    assert answer["transactions"] == 7
    assert {tuple(sorted(check)) for check in answer["checks"]} == {("detail", "name", "ok")}

    with raw("superuser", filled.company_id) as admin:
        admin.execute("UPDATE ledger_balance SET posted = posted + 1 WHERE posted > 0")
    out = io.StringIO()
    with pytest.raises(SystemExit) as stop:
        call_command("verify", "--company", "huasheng", "--json", stdout=out)
    assert stop.value.code == 1
    answer = json.loads(out.getvalue())
    assert answer["ok"] is False
    assert "trial_balance" in {check["name"] for check in answer["checks"] if not check["ok"]}


def test_the_command_shows_people_a_line_for_each_check(filled: Book) -> None:
    out = io.StringIO()
    call_command("verify", "--company", "huasheng", stdout=out)

    lines = out.getvalue().splitlines()
    assert len(lines) == len(CHECKS) + 1
    assert lines[0].startswith("✓")
    assert "7" in lines[-1]
