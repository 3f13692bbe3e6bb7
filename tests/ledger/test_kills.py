"""kill -9 of writers and of PostgreSQL in the middle of postings: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import OperationalError, connections, transaction

from launch import binaries, postgres, processes
from tests import databases
from tests.conftest import point_to
from tests.counts import examples
from tests.ledger.books import Book, found_book
from tests.ledger.writer import orders, works

KILLS = examples(3, long=50)
FAR = 10**9


@dataclass
class Writer:
    """A writing process and what it said was committed: key, transaction, when we heard."""

    process: subprocess.Popen[str]
    heard: list[tuple[str, int, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            # A process that is killed may leave half a line.
            if line.endswith("\n") and len(parts := line.split()) == 2:
                self.heard.append((parts[0], int(parts[1]), time.monotonic()))

    def wait_for(self, count: int, *, seconds: float = 30) -> None:
        assert processes.wait_until(lambda: len(self.heard) >= count, seconds=seconds)

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.finish(seconds=10)

    def finish(self, *, seconds: float) -> int:
        code = self.process.wait(timeout=seconds)
        self.listener.join(timeout=10)
        return code


def write(book: Book, first: int = 0, end: int = FAR) -> Writer:
    """Start a writer at the database under test."""
    name = str(connections["default"].settings_dict["NAME"])
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "meritbook.site.settings",
        "MERITBOOK_DB_APP": databases.url(databases.APP, name),
        "MERITBOOK_DB_POOL": "0",
        "MERITBOOK_SECRET_KEY": "tests",
        "PYTHONPATH": str(databases.ROOT),
    }
    arguments = [str(part) for part in (book.company_id, book.lilei, first, end)]
    return Writer(
        subprocess.Popen(
            [sys.executable, "-m", "tests.ledger.writer", *arguments],
            cwd=databases.ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
    )


def last_work(writers: list[Writer]) -> int:
    """The highest work of which something was heard."""
    return max(int(key.split("/")[1]) for writer in writers for key, _tx, _at in writer.heard)


def compare(book: Book, writers: list[Writer]) -> None:
    """What was acknowledged is in the ledger, once; the balance is what the keys say."""
    end = last_work(writers) + 5
    # The clients ask again for everything, and hear of the same transactions.
    final = write(book, 0, end)
    assert final.finish(seconds=120) == 0
    heard: dict[str, int] = {}
    for writer in [*writers, final]:
        for key, tx_id, _at in writer.heard:
            assert heard.setdefault(key, tx_id) == tx_id, f"{key} was posted twice"
    expected = dict(pair for number in range(end) for pair in works(number))
    spent = [key for number in range(end) for key in orders(number)]
    with book.scope():
        posted = dict(
            book.rows("SELECT idem_key, tx_id FROM ledger_tx WHERE kind IN ('award', 'spend')")
        )
        assert heard == posted
        assert set(posted) == {*expected, *spent}
        assert book.balance("honour") == sum(expected.values())
        assert book.balance("spendable") == sum(expected.values()) - len(spent)
        book.assert_sound()


def test_a_killed_writer_loses_and_doubles_nothing(live_book: Book) -> None:
    """Two writers do the same works, as impatient clients ask twice; both are killed."""
    chance = random.Random()
    writers: list[Writer] = []
    first = 0
    for _ in range(KILLS):
        pair = [write(live_book, first), write(live_book, first)]
        for writer in pair:
            writer.wait_for(1)
        time.sleep(chance.uniform(0.05, 0.6))
        for writer in pair:
            writer.kill()
        writers += pair
        # They begin again a little before where they were last heard of.
        first = max(0, last_work(writers) - 4)

    assert all(writer.process.returncode == -signal.SIGKILL for writer in writers)
    compare(live_book, writers)


@pytest.fixture
def own_server(
    django_db_setup: None, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[postgres.Server]:
    """A PostgreSQL of this test alone, which may be killed; tests connect to a database in it."""
    programs = binaries.wheel_binaries() or binaries.system_binaries()
    assert programs is not None
    server = postgres.throw_away(programs)
    server.ensure()
    default = connections["default"]
    before = dict(default.settings_dict)
    try:
        monkeypatch.setenv("MERITBOOK_TEST_ADMIN_DSN", server.url())
        with databases.copy("killed") as name, django_db_blocker.unblock():
            point_to(default, name)
            yield server
            connections.close_all()
    finally:
        connections.close_all()
        default.settings_dict.update(before)
        server.release()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


@pytest.mark.timeout(examples(300, long=3600))
def test_a_killed_postgres_loses_and_doubles_nothing(own_server: postgres.Server) -> None:
    """The writers live on, ask again, and are served again within 15 seconds."""
    book = found_book()
    connections.close_all()
    chance = random.Random()
    writers = [write(book), write(book)]
    for writer in writers:
        writer.wait_for(1)
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.2, 0.8))
        found = own_server.postmaster()
        assert found is not None
        counts = [len(writer.heard) for writer in writers]
        os.kill(found.pid, signal.SIGKILL)
        with within(15):
            for writer, count in zip(writers, counts, strict=True):
                # More than the little that was under way.
                writer.wait_for(count + 30, seconds=15)
        after = own_server.postmaster()
        assert after is not None
        assert after.pid != found.pid
    for writer in writers:
        writer.kill()
    compare(book, writers)


def test_a_lost_reply_is_asked_for_again(own_server: postgres.Server) -> None:
    """The server dies after the commit, before anybody hears of it: asking again finds it."""
    book = found_book()
    told: list[int] = []

    def die() -> None:
        found = own_server.postmaster()
        assert found is not None
        os.kill(found.pid, signal.SIGKILL)
        while True:
            book.rows("SELECT 1")

    def ask() -> bool:
        with book.scope():
            posted = book.post("visit/1", (("honour", 500),))
            if not told:
                told.append(posted.tx_id)
                transaction.on_commit(die)
        told.append(posted.tx_id)
        return posted.is_new

    with pytest.raises(OperationalError):
        ask()
    connections.close_all()

    def ask_again() -> bool:
        try:
            return not ask()
        except OperationalError:
            connections.close_all()
            return False

    assert processes.wait_until(ask_again, seconds=15)
    assert told == [told[0]] * 2
    with book.scope():
        assert book.balance("honour") == 500
        book.assert_sound()
