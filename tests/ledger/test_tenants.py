"""Two companies: neither sees, names or touches a row of the other."""

import re

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import (
    PostingRefused,
    close_month,
    create_assets,
    open_wallets,
    post,
    post_bulk,
    reverse_bulk,
)
from meritbook.ledger.operations import Reversal as Undo
from meritbook.ledger.queries import movement, totals
from meritbook.ledger.statements import statement, wallet
from meritbook.org.models import Party, Programme
from tests.ledger.books import FOUNDED_AT, NOVEMBER_3, Book, found_book, gift, raw
from tests.ledger.caps import cap

CANARY = "金丝雀"


@pytest.fixture
def strangers(db: None) -> Book:
    """Another company whose ledger has something in every table that could leak."""
    theirs = found_book("stranger", f"{CANARY}公司")
    with theirs.scope():
        award = theirs.post(f"{CANARY}/1", gift(700))
        theirs.post(f"{CANARY}/2", (("spendable", -200),))
        theirs.post(f"{CANARY}/cap", gift(700), caps=(cap(theirs, 100, name=CANARY),))
        theirs.reverse(award.tx_id, f"{CANARY}/3")
        close_month(
            company_id=theirs.company_id,
            month=NOVEMBER_3.replace(day=1),
            closed_by=1,
            closed_at=FOUNDED_AT,
        )
    return theirs


def tables(book: Book) -> list[str]:
    return [
        name
        for (name,) in book.rows(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'ledger\\_%%'"
            " ORDER BY 1"
        )
    ]


def test_no_table_shows_a_row_of_theirs(strangers: Book, book: Book) -> None:
    book.post("visit/1", gift(500))

    assert len(tables(book)) > 30
    for table in tables(book):
        assert book.rows(
            f"SELECT count(*) FROM {table} WHERE company_id = %s", strangers.company_id
        ) == [(0,)]


def test_no_table_answers_without_a_company(strangers: Book) -> None:
    for table in tables(strangers):
        with pytest.raises(DatabaseError), transaction.atomic():
            strangers.rows(f"SELECT * FROM {table}")


def test_no_function_works_for_them_from_here(strangers: Book, book: Book) -> None:
    """The company named is not the one in scope."""
    programme = Programme.objects.filter(company_id=book.company_id)[0].pk
    issue = strangers.issue("visit/1", gift(500))
    for call in (
        lambda: post(company_id=strangers.company_id, issue=issue),
        lambda: post_bulk(company_id=strangers.company_id, issues=[issue]),
        lambda: strangers.reverse(1, "undo"),
        lambda: reverse_bulk(
            company_id=strangers.company_id, reversals=[Undo(1, "undo", NOVEMBER_3)]
        ),
        lambda: create_assets(company_id=strangers.company_id, programme_id=programme),
        lambda: open_wallets(company_id=strangers.company_id, party_ids=[strangers.lilei]),
        lambda: close_month(
            company_id=strangers.company_id,
            month=NOVEMBER_3.replace(day=1),
            closed_by=1,
            closed_at=FOUNDED_AT,
        ),
    ):
        with (
            pytest.raises(DatabaseError, match="is not the company in scope"),
            transaction.atomic(),
        ):
            call()


def test_their_ids_mean_nothing_here(strangers: Book, book: Book) -> None:
    with _Borrowed(strangers):
        (their_tx,) = strangers.rows("SELECT min(tx_id) FROM ledger_tx")[0]
    open_wallets(company_id=book.company_id, party_ids=[book.lilei])
    before = book.shape()

    for change in ({"party_id": strangers.lilei}, {"department_id": strangers.sales}):
        with pytest.raises(PostingRefused) as refusal:
            book.post("visit/1", gift(500), **change)
        assert refusal.value.code in {"unknown_party", "unknown_department"}
    with pytest.raises(PostingRefused) as refusal:
        book.reverse(their_tx, "undo")
    assert refusal.value.code == "unknown_transaction"
    bulk = post_bulk(
        company_id=book.company_id,
        issues=[
            book.issue("a", gift(1), party_id=strangers.lilei),
            book.issue("b", gift(1), department_id=strangers.sales),
            book.issue("c", gift(-1), reverses_tx_id=their_tx),
        ],
    )
    assert [result.reason for result in bulk] == [
        "unknown_party",
        "unknown_department",
        "unknown_transaction",
    ]
    open_wallets(company_id=book.company_id, party_ids=[strangers.lilei])

    assert book.shape() == before
    assert {account.balance for account in wallet(
        company_id=book.company_id, party_id=strangers.lilei
    )} == {0}  # fmt: skip
    assert statement(company_id=book.company_id, party_id=strangers.lilei) == []
    assert movement(company_id=book.company_id, tx_id=their_tx) == []
    assert (
        totals(
            company_id=book.company_id,
            asset_code="honour",
            date_from=NOVEMBER_3,
            date_to=NOVEMBER_3,
            party_ids=[strangers.lilei],
        )
        == []
    )
    # Their closed month is open here, and the same key is another key.
    book.post(f"{CANARY}/1", gift(1))
    assert book.rows("SELECT effective_on FROM ledger_tx") == [(NOVEMBER_3,)]


class _Borrowed:
    """Their scope for a moment, while ours stays open: only a test may do that."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('app.company_id')")
            (self.before,) = cursor.fetchone()
            cursor.execute(
                "SELECT set_config('app.company_id', %s, true)", [str(self.book.company_id)]
            )

    def __exit__(self, *_error: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.company_id', %s, true)", [self.before])


def test_the_owner_of_the_tables_is_held_to_the_company_too(live_book: Book) -> None:
    """FORCE: migrations and functions run as the owner."""
    theirs = found_book("stranger", f"{CANARY}公司")
    with company_scope(theirs.company_id):
        theirs.post(f"{CANARY}/1", gift(700))
    with raw("meritbook_owner", live_book.company_id) as owner:
        for table in ("ledger_tx", "ledger_transfer", "ledger_balance", "ledger_lot"):
            assert owner.execute(
                f"SELECT count(*) FROM {table} WHERE company_id = %s", [theirs.company_id]
            ).fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute(
                "INSERT INTO ledger_unsealed (company_id, first_tx_id, n, tx_ids)"
                " VALUES (%s, 1, 1, '{[1,2)}')",
                [theirs.company_id],
            )
    with raw("meritbook_owner") as owner, pytest.raises(psycopg.Error):
        owner.execute("SELECT * FROM ledger_tx")


def test_the_policy_leaves_the_index_its_condition(book: Book) -> None:
    """A policy that hides the company from the planner would read every row."""
    book.post("visit/1", gift(500))
    with connection.cursor() as cursor:
        # Few rows: without these the planner may as well read them all, or sort.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(
            "EXPLAIN SELECT * FROM ledger_transfer WHERE company_id = %s AND debit_id = 5",
            [book.company_id],
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan" in plan
    # Which index serves a table of two rows is the planner's choice; that the company leads is not.
    assert re.search(rf"Index Cond: \(+company_id = {book.company_id}\)", plan), plan


def test_a_posting_reads_no_more_in_a_large_company(live_book: Book) -> None:
    """Wallets and the company's own accounts are found by their keys, however many there are."""
    with live_book.scope():
        parties = Party.objects.bulk_create(
            [Party(company_id=live_book.company_id, kind="employee") for _ in range(300)]
        )
        open_wallets(company_id=live_book.company_id, party_ids=[party.pk for party in parties])
    with raw("meritbook_owner", live_book.company_id) as owner:
        # As the server does by itself after a while.
        owner.execute("ANALYZE ledger_account")

    def rows_read() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
                " WHERE relname = 'ledger_account'"
            )
            (rows,) = cursor.fetchone() or (0,)
        return int(rows)

    with live_book.scope():
        with connection.cursor() as cursor:
            cursor.execute("DISCARD PLANS")
        live_book.post("visit/1", gift(500))
        before = rows_read()
        live_book.post("visit/2", gift(500))
        assert rows_read() - before < 30
