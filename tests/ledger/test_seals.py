"""Blocks: what they cover, how they chain, what is told outside."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Event

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from meritbook.kit.tenancy import company_scope
from meritbook.ledger import merkle
from meritbook.ledger.anchors import anchor_file, anchors, append_anchor
from meritbook.ledger.leaves import leaves_query
from meritbook.ledger.operations import post_bulk
from meritbook.ledger.operations.sealing import (
    TOPIC,
    Block,
    name_witnesses,
    note_anchor,
    seal,
    seal_block,
    waiting,
)
from meritbook.ledger.proofs import blocks, head, sealed_count, short_hash, unsealed, witnesses
from meritbook.ledger.tasks import seal_all
from meritbook.notices.models import OutboxMessage
from meritbook.org.models import Login, Membership
from tests.ledger.books import Book, found_book, gift, loss, raw

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def texts(book: Book) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT tx_id, text FROM ({leaves_query()}) AS l (tx_id, text, sum)",
            {"company": book.company_id, "tx_ids": "{[1,1000000)}"},
        )
        return dict(cursor.fetchall())


@pytest.fixture
def filled(book: Book) -> Book:
    award = book.post("visit/1", gift(500))
    book.post("late/1", loss(100))
    book.reverse(award.tx_id, "undo/1", (("honour", -200),))
    return book


def test_a_leaf_is_the_text_that_one_can_write_by_hand(filled: Book) -> None:
    award = filled.post('按 "标准"/1', gift(500), rule_version_id=7, actor_id=3)
    posted_at, payload = filled.rows(
        "SELECT to_char(posted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
        " encode(idem_hash, 'hex') FROM ledger_tx WHERE tx_id = %s",
        award.tx_id,
    )[0]
    accounts = {
        (code, kind): account_id
        for code, kind, account_id in filled.rows(
            "SELECT a.code, w.kind, w.account_id FROM ledger_account w"
            " JOIN ledger_asset a USING (company_id, asset_id)"
            " WHERE w.party_id IS NULL OR w.party_id = %s",
            filled.lilei,
        )
    }

    def side(code: str, kind: str) -> str:
        party = filled.lilei if kind == "wallet" else ""
        return f"{accounts[code, kind]}:{kind}:{party}"

    assert texts(filled)[award.tx_id] == "\n".join(
        [
            "meritbook transaction 1",
            f"company={filled.company_id}",
            f"tx={award.tx_id}",
            "kind=award",
            f"posted_at={posted_at}",
            "effective_on=2026-11-03",
            "fact_on=2026-11-03",
            "source=event:1",
            "rule_version=7",
            "actor=3",
            "reverses=",
            "about=",
            'key="按 \\"标准\\"/1"',
            f"payload={payload}",
            "note=",
            *(
                f"transfer={seq} {code} 500e-2 from {side(code, 'issuance')}"
                f" to {side(code, 'wallet')} department {filled.sales} lot {lot}"
                for seq, code, lot in ((1, "honour", "-"), (2, "spendable", "infinity"))
            ),
            "",
        ]
    )


def test_the_text_is_the_same_whatever_the_session_is_set_to(filled: Book) -> None:
    before = texts(filled)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL datestyle = 'German'; SET LOCAL timezone = 'Asia/Shanghai'")

    assert texts(filled) == before


def test_a_block_is_the_tree_over_its_leaves_and_follows_the_one_before(filled: Book) -> None:
    assert waiting(company_id=filled.company_id)
    leaves = [merkle.leaf_hash(text) for _tx, text in sorted(texts(filled).items())]

    assert seal_block(company_id=filled.company_id) == Block(1, 3)
    assert seal_block(company_id=filled.company_id) is None
    assert not waiting(company_id=filled.company_id)
    filled.post("visit/2", gift(300))
    assert seal_block(company_id=filled.company_id) == Block(2, 1)

    rows = filled.rows(
        "SELECT seq, n, sum, root_hash, prev_hash, hash,"
        " to_char(sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        " FROM ledger_seal ORDER BY seq"
    )
    assert bytes(rows[0][3]) == merkle.root(leaves)
    # 500 honour, 500 spendable, 100 lost, 200 taken back.
    assert rows[0][2] == 1300
    assert bytes(rows[0][4]) == bytes(32)
    assert rows[1][4] == rows[0][5]
    for seq, n, total, root, before, made, at in rows:
        text = (
            f"meritbook block 1\ncompany={filled.company_id}\nblock={seq}\nn={n}\nsum={total}\n"
            f"sealed_at={at}\nroot={bytes(root).hex()}\nprev={bytes(before).hex()}\n"
        )
        assert bytes(made) == sha256(text.encode()).digest()
    filled.assert_sound()


def test_a_bulk_load_waits_as_one_row_and_is_sealed_whole(book: Book) -> None:
    post_bulk(
        company_id=book.company_id,
        issues=[book.issue(f"visit/{n}", gift(100 + n)) for n in range(300)],
    )
    assert book.rows("SELECT n FROM ledger_unsealed") == [(300,)]
    assert unsealed(company_id=book.company_id).transactions == 300

    # About as many as asked for: what one statement wrote stays together.
    assert seal_block(company_id=book.company_id, limit=10) == Block(1, 300)
    book.assert_sound()


def test_many_small_statements_give_blocks_of_the_size_asked_for(book: Book) -> None:
    for n in range(7):
        book.post(f"visit/{n}", gift(100))

    made = [seal_block(company_id=book.company_id, limit=3) for _ in range(4)]

    assert made == [Block(1, 3), Block(2, 3), Block(3, 1), None]
    assert [one.n for one in blocks(company_id=book.company_id)] == [1, 3, 3]
    book.assert_sound()


def test_a_key_that_posts_nothing_new_waits_for_no_seal(filled: Book) -> None:
    before = filled.rows("SELECT sum(n) FROM ledger_unsealed")
    filled.post("visit/1", gift(500))

    assert filled.rows("SELECT sum(n) FROM ledger_unsealed") == before


def test_a_session_that_commits_late_is_in_the_next_block(live_book: Book) -> None:
    """Its number is lower than one that is sealed already; a mark by number would miss it."""
    started, go_on = Event(), Event()

    def slow() -> int:
        try:
            with live_book.scope():
                late = live_book.post("late/1", gift(100), party_id=live_book.hanmeimei).tx_id
                started.set()
                assert go_on.wait(20)
                return late
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(slow)
        assert started.wait(20)
        with live_book.scope():
            early = live_book.post("visit/1", gift(100)).tx_id
        first = seal(company_id=live_book.company_id, now=NOW)
        go_on.set()
        late_id = late.result()
    second = seal(company_id=live_book.company_id, now=NOW)

    assert late_id < early
    assert (first.transactions, second.transactions) == (1, 1)
    with live_book.scope():
        live_book.assert_sound()


def test_sealers_at_once_make_one_chain(live_book: Book) -> None:
    with live_book.scope():
        for n in range(40):
            live_book.post(f"visit/{n}", gift(100))

    def run(_n: int) -> int:
        try:
            return seal(company_id=live_book.company_id, now=NOW, limit=3).transactions
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(run, range(6))) == 40
    with live_book.scope():
        assert sealed_count(company_id=live_book.company_id) == 40
        live_book.assert_sound()


def test_what_waits_and_is_gone_stops_the_sealer(live_book: Book) -> None:
    with live_book.scope():
        lost = live_book.post("visit/1", gift(100)).tx_id
    with raw("superuser", live_book.company_id) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("DELETE FROM ledger_transfer WHERE tx_id = %s", [lost])
        admin.execute("DELETE FROM ledger_tx WHERE tx_id = %s", [lost])

    with pytest.raises(DatabaseError, match="gone"):
        seal(company_id=live_book.company_id, now=NOW)


@pytest.mark.parametrize("role", ["meritbook_app", "meritbook_owner"])
def test_nobody_writes_a_seal_of_his_own(live_book: Book, role: str) -> None:
    with live_book.scope():
        live_book.post("visit/1", gift(100))
    seal(company_id=live_book.company_id, now=NOW)
    with raw(role, live_book.company_id) as plain:
        for table in ("ledger_seal", "ledger_seal_tx", "ledger_anchor"):
            for statement in (
                f"UPDATE {table} SET seq = seq",
                f"DELETE FROM {table}",
                f"TRUNCATE {table} CASCADE",
            ):
                with pytest.raises(psycopg.errors.Error, match=r"append-only|permission|must be"):
                    plain.execute(statement)
    with raw("meritbook_app", live_book.company_id) as plain:
        for statement in (
            "INSERT INTO ledger_seal SELECT * FROM ledger_seal",
            "DELETE FROM ledger_unsealed",
            "SELECT ledger_merkle_root('{}')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                plain.execute(statement)


def test_another_company_is_neither_sealed_nor_seen(db: None) -> None:
    ours, theirs = found_book(), found_book("tashan", "他山贸易")
    with theirs.scope():
        theirs.post("visit/1", gift(100))
        seal_block(company_id=theirs.company_id)
    with ours.scope():
        ours.post("visit/1", gift(100))
        with pytest.raises(DatabaseError, match="not the company"), transaction.atomic():
            seal_block(company_id=theirs.company_id)
        assert seal_block(company_id=ours.company_id) == Block(1, 1)
        assert len(ours.rows("SELECT FROM ledger_seal")) == 1
        assert not note_anchor(company_id=ours.company_id, seq=2, place="print", at=NOW)


def test_each_run_adds_a_line_to_the_file_of_anchors(live_book: Book) -> None:
    for n in range(2):
        with live_book.scope():
            live_book.post(f"visit/{n}", gift(100))
        seal(company_id=live_book.company_id, now=NOW + timedelta(minutes=n))
        seal(company_id=live_book.company_id, now=NOW + timedelta(minutes=n, seconds=30))

    with live_book.scope():
        newest = head(company_id=live_book.company_id)
        assert [one.places for one in blocks(company_id=live_book.company_id)] == [["file"]] * 2
    lines = list(anchors(company_id=live_book.company_id))
    assert [(line.seq, line.n) for line in lines] == [(1, 1), (2, 2)]
    assert lines[-1].hash == newest.hash
    assert newest.short == short_hash(newest.hash)
    assert len(newest.short) == 19


def test_a_line_that_a_crash_cut_off_is_skipped_and_closed(settings: object) -> None:
    append_anchor(company_id=7, seq=1, head="aa", n=1, at=NOW)
    with anchor_file(company_id=7).open("a") as file:
        file.write('{"seq": 2, "ha')
    append_anchor(company_id=7, seq=3, head="cc", n=3, at=NOW)

    assert [line.seq for line in anchors(company_id=7)] == [1, 3]


def test_witnesses_hear_of_the_head_once_a_day(live_book: Book) -> None:
    company_id = live_book.company_id
    with live_book.scope():
        memberships = [
            Membership.objects.create(
                company_id=company_id,
                login=Login.objects.create(phone=f"1380000000{n}", username=f"witness{n}"),
                name=name,
                created_at=NOW,
            ).pk
            for n, name in enumerate(("审计 韩梅梅", "老板 林涛"))
        ]
        name_witnesses(company_id=company_id, membership_ids=memberships, actor_id=1, at=NOW)
        assert {one.membership_id for one in witnesses(company_id=company_id)} == set(memberships)
    for n, hours in enumerate((0, 1, 25)):
        with live_book.scope():
            live_book.post(f"visit/{n}", gift(100))
        seal(company_id=company_id, now=NOW + timedelta(hours=hours))

    with live_book.scope():
        told = list(OutboxMessage.objects.filter(company_id=company_id, topic=TOPIC).order_by("id"))
        assert [one.payload["block"] for one in told] == [1, 3]
        assert told[0].payload["memberships"] == sorted(memberships)
        name_witnesses(company_id=company_id, membership_ids=memberships[:1], actor_id=1, at=NOW)
        assert [one.membership_id for one in witnesses(company_id=company_id)] == memberships[:1]
        # Straight to the function: one unknown among those named keeps nobody else.
        live_book.rows(
            "SELECT ledger_name_witnesses(%s, %s::bigint[], 1, %s)",
            company_id,
            [None, memberships[1]],
            NOW + timedelta(minutes=1),
        )
        assert [one.membership_id for one in witnesses(company_id=company_id)] == memberships[1:]
        name_witnesses(
            company_id=company_id,
            membership_ids=memberships[:1],
            actor_id=1,
            at=NOW + timedelta(minutes=2),
        )


def test_every_minute_there_is_a_job_for_each_company_with_something_to_seal(
    live_book: Book,
) -> None:
    quiet = found_book("tashan", "他山贸易")
    with live_book.scope():
        live_book.post("visit/1", gift(100))
    seal(company_id=quiet.company_id, now=NOW)

    seal_all(timestamp=0)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (args ->> 'company_id')::bigint FROM procrastinate_jobs"
            " WHERE task_name = 'ledger.seal'"
        )
        assert cursor.fetchall() == [(live_book.company_id,)]


def test_the_command_seals_and_says_the_head(live_book: Book) -> None:
    with live_book.scope():
        live_book.post("visit/1", gift(100))
    out = io.StringIO()
    call_command("seal", "--company", "huasheng", "--json", stdout=out)
    answer = json.loads(out.getvalue())

    with company_scope(live_book.company_id):
        assert answer == {
            "blocks": 1,
            "transactions": 1,
            "seq": 1,
            "hash": head(company_id=live_book.company_id).hash,
        }
