"""What the tables refuse by themselves: to the application, to their owner, to raw SQL."""

from pathlib import Path

import psycopg
import pytest

import meritbook.ledger
from meritbook.ledger.models import Account, Asset, Balance, ReadOnly, Transaction, Transfer
from tests.ledger.books import NOVEMBER_3, Book, found_book, gift, raw

SQL = Path(meritbook.ledger.__file__).parent / "sql"
APPEND_ONLY = (
    "ledger_asset",
    "ledger_account",
    "ledger_route",
    "ledger_tx",
    "ledger_transfer",
    "ledger_shortfall",
    "ledger_lot_use",
)
KEPT = (
    "ledger_reversed_total",
    "ledger_balance",
    "ledger_lot",
    "ledger_day_total",
    "ledger_period",
)


def test_the_application_cannot_write_any_table(live_book: Book) -> None:
    with raw("meritbook_app", live_book.company_id) as app:
        for table in (*APPEND_ONLY, *KEPT, "ledger_unsealed"):
            for statement in (
                f"INSERT INTO {table} DEFAULT VALUES",
                f"UPDATE {table} SET company_id = company_id",
                f"DELETE FROM {table}",
                f"TRUNCATE {table} CASCADE",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    app.execute(statement)


def test_the_owner_cannot_change_or_delete_what_was_posted(live_book: Book) -> None:
    with live_book.scope():
        live_book.post("visit/1", gift(500))
    for role in ("meritbook_owner", "superuser"):
        with raw(role, live_book.company_id) as owner:
            for table in APPEND_ONLY:
                with pytest.raises(psycopg.Error) as error:
                    owner.execute(f"UPDATE {table} SET company_id = company_id")
                assert error.value.sqlstate == "ML001", (role, table)
            for table in (*APPEND_ONLY, *KEPT):
                for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
                    with pytest.raises(psycopg.Error) as error:
                        owner.execute(statement)
                    assert error.value.sqlstate == "ML001", (role, statement)
    with live_book.scope():
        assert live_book.balance("honour") == 500
        live_book.assert_sound()


def test_a_row_of_another_asset_company_or_day_is_refused(live_book: Book) -> None:
    """Raw inserts as the owner, one thing wrong in each."""
    theirs = found_book("stranger", "金丝雀机密公司")
    with theirs.scope():
        theirs.post("their/1", gift(1))
        foreign_wallet, foreign_route = theirs.rows(
            "SELECT credit_id, debit_id FROM ledger_transfer WHERE seq = 1"
        )[0]
    with live_book.scope():
        posted = live_book.post("visit/1", gift(500))
        asset, debit, credit = live_book.rows(
            "SELECT asset_id, debit_id, credit_id FROM ledger_transfer WHERE seq = 1"
        )[0]
        (other_asset,) = live_book.rows("SELECT asset_id FROM ledger_transfer WHERE seq = 2")[0]

    good = {
        "company_id": live_book.company_id,
        "tx_id": posted.tx_id,
        "asset_id": asset,
        "debit_id": debit,
        "credit_id": credit,
        "amount": 1,
        "effective_on": NOVEMBER_3,
        "seq": 9,
    }
    insert = """
        INSERT INTO ledger_transfer (company_id, tx_id, asset_id, debit_id, credit_id, amount,
            posted_at, effective_on, seq)
        VALUES (%(company_id)s, %(tx_id)s, %(asset_id)s, %(debit_id)s, %(credit_id)s, %(amount)s,
            coalesce((SELECT posted_at FROM ledger_tx WHERE company_id = %(company_id)s
                AND tx_id = %(tx_id)s), now()), %(effective_on)s, %(seq)s)
    """
    for role in ("meritbook_owner", "superuser"):
        with raw(role, live_book.company_id) as owner:
            owner.autocommit = False
            for change, error in [
                ({}, None),
                ({"asset_id": other_asset}, "ledger_transfer_route"),
                ({"credit_id": foreign_wallet}, "ledger_transfer_route"),
                ({"debit_id": foreign_route}, "ledger_transfer_route"),
                ({"tx_id": 10**12}, "ledger_transfer_checked"),
                ({"effective_on": "2026-11-04"}, "ledger_transfer_checked"),
                ({"credit_id": debit}, "ledger_transfer_two_accounts"),
                ({"amount": 0}, "ledger_transfer_amount_range"),
                ({"amount": -1}, "ledger_transfer_amount_range"),
                ({"amount": 2**63 - 1}, "ledger_transfer_amount_range"),
                ({"seq": 1}, "ledger_transfer_pkey"),
            ]:
                if error is None:
                    owner.execute(insert, good)  # type: ignore[unreachable]
                else:
                    with pytest.raises(psycopg.IntegrityError) as refusal:
                        owner.execute(insert, good | change)
                    assert refusal.value.diag.constraint_name == error, (role, change)
                owner.rollback()
            for statement in (
                "INSERT INTO ledger_route VALUES (%(company)s, %(asset)s, %(debit)s, %(foreign)s)",
                "INSERT INTO ledger_route VALUES (%(company)s, %(other)s, %(debit)s, %(credit)s)",
            ):
                with pytest.raises(psycopg.errors.ForeignKeyViolation):
                    owner.execute(
                        statement,
                        {
                            "company": live_book.company_id,
                            "asset": asset,
                            "other": other_asset,
                            "debit": debit,
                            "credit": credit,
                            "foreign": foreign_wallet,
                        },
                    )
                owner.rollback()


def test_projections_cannot_leave_their_bounds(live_book: Book) -> None:
    with live_book.scope():
        live_book.post("visit/1", gift(500))
        again = live_book.post("visit/2", gift(1))
        live_book.reverse(again.tx_id, "undo")
    with raw("superuser", live_book.company_id) as admin:
        for change, constraint in (
            ("ledger_balance SET posted = -1 WHERE floor = 0", "ledger_balance_floor"),
            ("ledger_balance SET held = posted + 1 WHERE floor = 0", "ledger_balance_floor"),
            ("ledger_balance SET held = -1", "ledger_balance_held_range"),
            ("ledger_lot SET used = granted + 1", "ledger_lot_conserved"),
            ("ledger_lot SET used = -1", "ledger_lot_parts"),
            ("ledger_reversed_total SET reversed = amount + 1", "ledger_reversed_total_within"),
            ("ledger_day_total SET n = 0", "ledger_day_total_count"),
        ):
            with pytest.raises(psycopg.errors.CheckViolation) as refusal:
                admin.execute(f"UPDATE {change}")
            assert refusal.value.diag.constraint_name == constraint


def test_nothing_enters_a_closed_month_by_another_road(live_book: Book) -> None:
    with live_book.scope():
        live_book.post("visit/1", gift(500))
    with raw("superuser", live_book.company_id) as admin:
        admin.execute(
            "INSERT INTO ledger_period VALUES (%s, '2026-11-01', 'closed', now(), 1)",
            [live_book.company_id],
        )
        with pytest.raises(psycopg.Error) as refusal:
            admin.execute(
                "INSERT INTO ledger_transfer SELECT company_id, tx_id, asset_id, debit_id,"
                " credit_id, amount, posted_at, department_id, effective_on, expires_on, 9"
                " FROM ledger_transfer WHERE seq = 1"
            )
        assert refusal.value.sqlstate == "ML002"
        for statement in (
            "UPDATE ledger_period SET state = 'open', closed_at = NULL, closed_by = NULL",
            "UPDATE ledger_period SET month = '2026-10-01'",
        ):
            with pytest.raises(psycopg.Error) as refusal:
                admin.execute(statement)
            assert refusal.value.sqlstate == "ML002"


DOORS = [
    "ledger_add_asset",
    "ledger_add_cap",
    "ledger_balance_of",
    "ledger_begin_verification",
    "ledger_capture",
    "ledger_close_month",
    "ledger_convert",
    "ledger_create_assets",
    "ledger_end_cap",
    "ledger_expire",
    "ledger_hold",
    "ledger_lapse_holds",
    "ledger_make_checkpoints",
    "ledger_move",
    "ledger_name_witnesses",
    "ledger_note_anchor",
    "ledger_note_verification",
    "ledger_open_stage",
    "ledger_open_wallets",
    "ledger_post",
    "ledger_post_bulk",
    "ledger_rebuild",
    "ledger_release_hold",
    "ledger_release_pending",
    "ledger_reopen_month",
    "ledger_reverse",
    "ledger_reverse_bulk",
    "ledger_seal_block",
    "ledger_set_policy",
    "ledger_set_rate",
    "ledger_set_state",
    "ledger_set_worth",
    "ledger_spend",
]


def test_the_application_has_only_the_doors(live_book: Book) -> None:
    """Inner functions would let it take from lots or set a time of posting."""
    with raw("meritbook_app", live_book.company_id) as app:
        callable_ones = app.execute(
            "SELECT p.proname FROM pg_proc p WHERE p.proname LIKE 'ledger\\_%'"
            " AND has_function_privilege(p.oid, 'EXECUTE') ORDER BY 1"
        ).fetchall()
        definers = app.execute(
            "SELECT p.proname, p.proconfig FROM pg_proc p"
            " WHERE p.proname LIKE 'ledger\\_%' AND p.prosecdef ORDER BY 1"
        ).fetchall()
    assert [name for (name,) in callable_ones] == DOORS
    assert [name for name, _config in definers] == [name for (name,) in callable_ones]
    assert all("search_path=pg_catalog, public, pg_temp" in config for _name, config in definers)


def test_a_staging_table_of_ones_own_is_not_taken(live_book: Book) -> None:
    """The function runs as the owner; it must not read what the application prepared."""
    with raw("meritbook_app", live_book.company_id) as app, app.transaction():
        app.execute("CREATE TEMPORARY TABLE ledger_stage (n integer, key text)")
        with pytest.raises(psycopg.Error) as refusal, app.transaction():
            app.execute("SELECT ledger_open_stage()")
        assert refusal.value.sqlstate == "ML003"
        with pytest.raises(psycopg.Error) as refusal, app.transaction():
            app.execute("SELECT * FROM ledger_post_bulk(%s)", [live_book.company_id])
        assert refusal.value.sqlstate == "ML003"


def test_a_table_of_what_is_due_of_ones_own_is_not_taken(live_book: Book) -> None:
    """Its triggers would run as the owner, who may grant anything."""
    with raw("meritbook_app", live_book.company_id) as app, app.transaction():
        app.execute("CREATE TEMPORARY TABLE ledger_due (account_id bigint PRIMARY KEY)")
        app.execute(
            "CREATE FUNCTION pg_temp.grab() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " GRANT UPDATE ON ledger_balance TO meritbook_app; RETURN NULL; END $$"
        )
        app.execute(
            "CREATE TRIGGER grab BEFORE TRUNCATE ON ledger_due EXECUTE FUNCTION pg_temp.grab()"
        )
        app.execute("GRANT ALL ON ledger_due TO PUBLIC")
        with pytest.raises(psycopg.Error) as refusal, app.transaction():
            app.execute("SELECT * FROM ledger_expire(%s, '2026-11-22', 10)", [live_book.company_id])
        assert refusal.value.sqlstate == "ML003"
        assert app.execute(
            "SELECT has_table_privilege('meritbook_app', 'ledger_balance', 'UPDATE')"
        ).fetchone() == (False,)


@pytest.mark.parametrize("model", [Account, Asset, Balance, Transaction, Transfer])
def test_models_only_read(book: Book, model: type[Account]) -> None:
    book.post("visit/1", gift(500))
    row = model.objects.filter(company_id=book.company_id).first()
    assert row is not None

    for write in (
        row.save,
        row.delete,
        model.objects.all().delete,
        lambda: model.objects.update(company_id=1),
        lambda: model.objects.create(company_id=1),
        lambda: model.objects.bulk_create([row]),
    ):
        with pytest.raises(ReadOnly):
            write()
