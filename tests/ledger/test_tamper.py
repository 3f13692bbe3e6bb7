"""Whoever changes the past shows, also a superuser who switches the triggers off."""

from datetime import UTC, datetime

import psycopg
import pytest

from meritbook.ledger.anchors import anchor_file
from meritbook.ledger.operations.sealing import seal
from meritbook.ledger.verification import verify
from tests.ledger.books import Book, gift, raw

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
BLOCKS, EACH = 3, 10


@pytest.fixture
def sealed(live_book: Book) -> tuple[Book, list[int]]:
    """Three blocks of ten awards to 李雷; the numbers of the transactions."""
    numbers = []
    for block in range(BLOCKS):
        with live_book.scope():
            numbers += [
                live_book.post(f"visit/{block}/{n}", gift(100 + n)).tx_id for n in range(EACH)
            ]
        seal(company_id=live_book.company_id, now=NOW)
    return live_book, numbers


def tamper(book: Book, *statements: str) -> None:
    with raw("superuser", book.company_id) as admin:
        admin.execute("SET session_replication_role = replica")
        for statement in statements:
            admin.execute(statement)


def broken(book: Book) -> dict[str, str]:
    with book.scope():
        verification = verify(company_id=book.company_id)
    assert verification.ok == all(check.ok for check in verification.checks)
    return {check.name: check.detail for check in verification.checks if not check.ok}


def test_the_sealed_book_is_sound(sealed: tuple[Book, list[int]]) -> None:
    assert broken(sealed[0]) == {}


def test_a_changed_amount_names_its_block_and_row(sealed: tuple[Book, list[int]]) -> None:
    """Everything that is kept beside the amount is made to fit: only the seal remembers."""
    book, numbers = sealed
    tamper(
        book,
        f"UPDATE ledger_transfer SET amount = amount + 100000 WHERE tx_id = {numbers[14]}",
        "UPDATE ledger_balance SET posted = posted + 100000 WHERE posted > 0",
        "UPDATE ledger_lot SET granted = granted + 100000",
        "UPDATE ledger_day_total SET earned = earned + 100000",
    )

    assert broken(book) == {
        "blocks_are_true": f"1: block 2: transaction {numbers[14]} is not what was sealed"
    }


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_tx SET posted_at = posted_at + interval '1 microsecond' WHERE tx_id = {0}",
        "UPDATE ledger_tx SET actor_id = 9 WHERE tx_id = {0}",
        "UPDATE ledger_tx SET rule_version_id = 9 WHERE tx_id = {0}",
        "UPDATE ledger_tx SET source_id = 9 WHERE tx_id = {0}",
        "UPDATE ledger_tx SET idem_key = 'another' WHERE tx_id = {0}",
        "UPDATE ledger_tx SET idem_hash = sha256('') WHERE tx_id = {0}",
        "UPDATE ledger_tx SET note = '改过' WHERE tx_id = {0}",
        "UPDATE ledger_tx SET kind = 'adjust' WHERE tx_id = {0}",
        "UPDATE ledger_tx SET fact_on = fact_on - 1 WHERE tx_id = {0}",
        "UPDATE ledger_transfer SET department_id = NULL WHERE tx_id = {0}",
        "UPDATE ledger_transfer SET expires_on = '2026-12-31' WHERE tx_id = {0} AND seq = 2",
        "DELETE FROM ledger_transfer WHERE tx_id = {0} AND seq = 2",
    ],
)
def test_every_field_is_sealed(sealed: tuple[Book, list[int]], change: str) -> None:
    book, numbers = sealed
    tamper(book, change.format(numbers[5]))

    assert broken(book)["blocks_are_true"] == (
        f"1: block 1: transaction {numbers[5]} is not what was sealed"
    )


def test_points_that_changed_hands_show_in_every_block(sealed: tuple[Book, list[int]]) -> None:
    """The account's owner is in the text too: not even one transfer was touched."""
    book, _numbers = sealed
    tamper(
        book,
        "UPDATE ledger_account SET party_id = party_id + 1000000 WHERE kind = 'wallet'"
        f" AND party_id = {book.hanmeimei}",
        f"UPDATE ledger_account SET party_id = {book.hanmeimei} WHERE kind = 'wallet'"
        f" AND party_id = {book.lilei}",
    )

    assert broken(book)["blocks_are_true"].startswith(f"{BLOCKS * EACH}: ")


def test_a_deleted_row_names_its_block(sealed: tuple[Book, list[int]]) -> None:
    book, numbers = sealed
    tamper(
        book,
        f"DELETE FROM ledger_transfer WHERE tx_id = {numbers[7]}",
        f"DELETE FROM ledger_tx WHERE tx_id = {numbers[7]}",
    )

    found = broken(book)
    assert found["blocks_are_true"] == f"1: block 1: transaction {numbers[7]} is gone"
    assert found["sealed_or_waiting"] == f"1: transaction {numbers[7]} of block 1 is gone"


def test_a_row_deleted_with_its_place_shows_by_the_block_s_number(
    sealed: tuple[Book, list[int]],
) -> None:
    book, numbers = sealed
    tamper(
        book,
        f"DELETE FROM ledger_transfer WHERE tx_id = {numbers[7]}",
        f"DELETE FROM ledger_tx WHERE tx_id = {numbers[7]}",
        f"DELETE FROM ledger_seal_tx WHERE tx_id = {numbers[7]}",
    )

    assert "block 1: 9 of 10 transactions" in broken(book)["blocks_are_true"]


def test_two_rows_that_were_swapped_are_both_named(sealed: tuple[Book, list[int]]) -> None:
    book, numbers = sealed
    one, other = numbers[12], numbers[23]
    for table in ("ledger_transfer", "ledger_tx"):
        tamper(
            book,
            f"UPDATE {table} SET tx_id = 0 WHERE tx_id = {one}",
            f"UPDATE {table} SET tx_id = {one} WHERE tx_id = {other}",
            f"UPDATE {table} SET tx_id = {other} WHERE tx_id = 0",
        )

    assert broken(book)["blocks_are_true"] == (
        f"2: block 2: transaction {one} is not what was sealed;"
        f" block 3: transaction {other} is not what was sealed"
    )


def test_swapped_places_in_a_block_are_named(sealed: tuple[Book, list[int]]) -> None:
    book, numbers = sealed
    one, other = numbers[1], numbers[2]
    tamper(
        book,
        f"UPDATE ledger_seal_tx SET position = 99 WHERE tx_id = {one}",
        f"UPDATE ledger_seal_tx SET position = 1 WHERE tx_id = {other}",
        f"UPDATE ledger_seal_tx SET position = 2 WHERE tx_id = {one}",
    )

    assert f"block 1: transaction {one} is not in its place" in broken(book)["blocks_are_true"]


def test_a_forged_row_is_in_no_block(sealed: tuple[Book, list[int]]) -> None:
    book, numbers = sealed
    tamper(
        book,
        'INSERT INTO ledger_tx SELECT (t).* FROM (SELECT jsonb_populate_record(t, \'{"tx_id":'
        f' 99999, "idem_key": "forged"}}\') AS t FROM ledger_tx t WHERE tx_id = {numbers[0]}) x',
        "INSERT INTO ledger_transfer SELECT (t).* FROM (SELECT jsonb_populate_record(t,"
        f" '{{\"tx_id\": 99999}}') AS t FROM ledger_transfer t WHERE tx_id = {numbers[0]}) x",
    )

    assert broken(book)["sealed_or_waiting"] == (
        "1: transaction 99999 is in no block and waits for none"
    )


def test_a_leaf_forged_with_its_row_does_not_give_the_root(sealed: tuple[Book, list[int]]) -> None:
    book, numbers = sealed
    tamper(book, f"UPDATE ledger_tx SET note = '改过' WHERE tx_id = {numbers[5]}")
    with raw("superuser", book.company_id) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(
            "UPDATE ledger_seal_tx s SET leaf_hash ="
            " sha256('\\x00'::bytea || convert_to(l.text, 'UTF8'))"
            " FROM ledger_leaves(%s, '{[1,1000000)}') l WHERE l.tx_id = s.tx_id",
            [book.company_id],
        )

    assert broken(book) == {"blocks_are_true": "1: block 1: its transactions do not give its root"}


def forge_all(admin: psycopg.Connection, book: Book) -> None:
    """Rows, leaves, roots and hashes, all made to fit again."""
    admin.execute("CREATE TEMPORARY TABLE kept AS SELECT * FROM ledger_seal ORDER BY seq")
    admin.execute(
        "INSERT INTO ledger_unsealed SELECT company_id, tx_id, 1,"
        " int8multirange(int8range(tx_id, tx_id + 1)) FROM ledger_tx"
    )
    admin.execute("DELETE FROM ledger_seal_tx")
    admin.execute("DELETE FROM ledger_seal")
    for _ in range(BLOCKS):
        admin.execute("SELECT ledger_seal_block(%s, %s)", [book.company_id, EACH])


def test_a_chain_forged_as_a_whole_differs_from_what_was_told_outside(
    sealed: tuple[Book, list[int]],
) -> None:
    book, numbers = sealed
    with raw("superuser", book.company_id) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE ledger_tx SET note = '改过' WHERE tx_id = %s", [numbers[5]])
        forge_all(admin, book)
        admin.execute(
            "UPDATE ledger_anchor a SET hash = s.hash FROM ledger_seal s WHERE s.seq = a.seq"
        )

    found = broken(book)
    assert set(found) == {"anchors_agree"}
    assert "block 1 is not the one that was told outside (file)" in found["anchors_agree"]


def cut_tail(book: Book, numbers: list[int]) -> None:
    """The last block and its ten transactions, and everything beside them, never were."""
    last = ", ".join(map(str, numbers[-EACH:]))
    tamper(
        book,
        "UPDATE ledger_balance b SET posted = b.posted - t.amount FROM ("
        " SELECT credit_id, sum(amount) AS amount FROM ledger_transfer"
        f" WHERE tx_id IN ({last}) GROUP BY credit_id) t WHERE t.credit_id = b.account_id",
        "UPDATE ledger_lot l SET granted = b.posted FROM ledger_balance b"
        " WHERE b.account_id = l.account_id",
        f"DELETE FROM ledger_transfer WHERE tx_id IN ({last})",
        f"DELETE FROM ledger_tx WHERE tx_id IN ({last})",
        "UPDATE ledger_day_total d SET n = n - 10, earned = b.posted FROM ledger_balance b"
        " WHERE b.account_id = d.account_id",
        f"DELETE FROM ledger_seal_tx WHERE seq = {BLOCKS}",
        f"DELETE FROM ledger_anchor WHERE seq = {BLOCKS}",
        f"DELETE FROM ledger_seal WHERE seq = {BLOCKS}",
    )


def test_a_tail_that_was_cut_off_shows_in_the_file_outside_alone(
    sealed: tuple[Book, list[int]],
) -> None:
    book, numbers = sealed
    cut_tail(book, numbers)

    assert broken(book) == {"anchors_agree": f"1: block {BLOCKS}, told outside (file), is gone"}


def test_a_file_that_lost_its_lines_shows(sealed: tuple[Book, list[int]]) -> None:
    book, _numbers = sealed
    anchor_file(company_id=book.company_id).unlink()

    assert broken(book)["anchors_agree"].startswith(f"{BLOCKS}: ")


def test_a_block_taken_out_of_the_middle_breaks_the_chain(sealed: tuple[Book, list[int]]) -> None:
    book, _numbers = sealed
    tamper(book, "DELETE FROM ledger_seal WHERE seq = 2")

    found = broken(book)
    assert found["blocks_are_chained"] == "1: block 2 is missing before block 3"
    assert found["sealed_or_waiting"] == "1: block 2 has transactions and is gone"


@pytest.mark.parametrize(
    "column",
    [
        "n = n + 1",
        "sum = sum + 1",
        "sealed_at = sealed_at - interval '1 second'",
        "root_hash = sha256('')",
        "hash = sha256('')",
    ],
)
def test_every_field_of_a_block_is_in_its_hash(sealed: tuple[Book, list[int]], column: str) -> None:
    book, _numbers = sealed
    tamper(book, f"UPDATE ledger_seal SET {column} WHERE seq = 2")

    assert "block 2 is not what its hash says" in broken(book)["blocks_are_chained"]


def test_a_function_changed_in_the_database_shows(sealed: tuple[Book, list[int]]) -> None:
    """verify brings its own query; what the database's function says is not asked."""
    book, numbers = sealed
    tamper(
        book,
        f"UPDATE ledger_tx SET note = '改过' WHERE tx_id = {numbers[5]}",
        "CREATE OR REPLACE FUNCTION ledger_merkle_root(p_leaves bytea[]) RETURNS bytea"
        " LANGUAGE sql AS $$ SELECT root_hash FROM ledger_seal WHERE seq = 1 $$",
    )

    assert "blocks_are_true" in broken(book)
