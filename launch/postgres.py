"""A private PostgreSQL server behind one class: made, started or adopted, and let go.

Several run.py may use one server at once. Each holds a shared lock on `postgres.users`;
the keeper (launch/keeper.py) owns the server process and stops it as soon as it can have
that lock alone, which the kernel gives it also when a user was killed.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from launch import binaries as programs
from launch import paths, processes
from launch.binaries import Binaries
from launch.say import Refused, say

# Below the range from which the kernel takes ports for outgoing connections (from 32768).
PORTS = range(20_000, 32_000)
SSL_REQUEST = struct.pack("!ii", 8, 80_877_103)
DURABLE: Mapping[str, str] = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
}
# For data that is thrown away: a crash of the machine may lose it, a killed server loses nothing.
CARELESS: Mapping[str, str] = {
    **DURABLE,
    "max_connections": "300",
    "logging_collector": "off",
    "fsync": "off",
    "full_page_writes": "off",
}


@dataclass(frozen=True)
class Postmaster:
    """What `postmaster.pid` says about a server."""

    pid: int
    port: int
    is_ready: bool


@dataclass
class Server:
    """One PostgreSQL data folder of ours and the process that serves it."""

    home: Path
    binaries: Binaries
    settings: Mapping[str, str] = field(default_factory=lambda: DURABLE)
    is_thrown_away: bool = False

    def __post_init__(self) -> None:
        paths.make_private_folder(self.home)
        self.place = _place_for_nobody(self.home)
        self.folder = self.place / f"postgres-{self.binaries.major}"
        self.log = self.home / "log" / "postgres.log"
        self._users: processes.FileLock | None = None
        self._keeper: subprocess.Popen[bytes] | None = None

    # what others ask for

    def ensure(self, *, seconds: float = 60.0) -> None:
        """Make, start or adopt the server and hold it until `release` (or until we die)."""
        if self._users is None:
            self._users = processes.FileLock(self.home / "postgres.users")
            self._users.share()
        with processes.FileLock(self.home / "postgres.start").held_alone():
            deadline = time.monotonic() + seconds
            while not self.is_running():
                if self._is_kept():
                    time.sleep(0.05)
                else:
                    self._make()
                    self._start_keeper()
                    self._wait_for_keeper(deadline)
                if time.monotonic() > deadline:
                    raise self._failure()

    def release(self) -> None:
        """Let the server go; when we were its last user it has ended before this returns."""
        if self._users is None:
            return
        self._users.release()
        self._users = None
        keeper, self._keeper = self._keeper, None
        if keeper is None:
            return
        begun = time.monotonic()
        processes.wait_until(
            lambda: (
                keeper.poll() is not None or (time.monotonic() - begun > 1.5 and self.is_running())
            ),
            seconds=30,
        )

    def is_running(self) -> bool:
        """True when our data folder is served: by a live process that speaks PostgreSQL's protocol."""
        found = self.postmaster()
        return (
            found is not None
            and found.is_ready
            and processes.is_alive(found.pid)
            and "postgres" in (processes.command_of(found.pid) or "postgres")
            and speaks_postgres(found.port)
        )

    def postmaster(self) -> Postmaster | None:
        """The contents of `postmaster.pid`, or None when there is none or it is being written."""
        try:
            lines = (self.folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            return Postmaster(
                pid=int(lines[0]),
                port=int(lines[3]),
                is_ready=len(lines) > 7 and lines[7].strip() == "ready",
            )
        except PermissionError as error:
            raise foreign_folder(self.folder) from error
        except (OSError, ValueError, IndexError):
            return None

    def url(self, *, role: str = "postgres", database: str = "postgres") -> str:
        """The address for a role whose password we keep. The server must be running."""
        found = self.postmaster()
        if found is None:
            raise self._failure()
        password = read_secrets(self.home)[role]
        return f"postgresql://{role}:{quote(password, safe='')}@127.0.0.1:{found.port}/{database}"

    # making the data folder

    def _make(self) -> None:
        self._refuse_other_versions()
        self.binaries = programs.readable_copy(self.binaries, self.place)
        if (self.folder / "PG_VERSION").exists():
            return
        say("正在创建数据库…", "Creating the database …")
        for left in self.place.glob(".postgres-*.new-*"):
            shutil.rmtree(left, ignore_errors=True)
        password = secret(self.home, "postgres")
        work = self.place / f".postgres-{self.binaries.major}.new-{secrets.token_hex(4)}"
        work.mkdir(mode=0o700)
        paths.write_private(work / "password", password + "\n")
        user = processes.unprivileged()
        if user:
            os.chown(work / "password", user["user"], user["group"])
            os.chown(work, user["user"], user["group"])
        done = subprocess.run(
            [
                self.binaries.program("initdb"),
                *("-D", str(work / "db"), "-U", "postgres", "--auth=scram-sha-256"),
                *(f"--pwfile={work / 'password'}", "--encoding=UTF8", "--data-checksums"),
                *self._locale(),
                *(["--no-sync"] if self.settings.get("fsync") == "off" else []),
            ],
            env=clean_environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            **user,
        )
        if done.returncode != 0:
            shutil.rmtree(work, ignore_errors=True)
            told = done.stdout.decode("utf-8", "replace").strip()
            raise Refused(f"无法创建数据库:\n{told}", f"The database could not be created:\n{told}")
        (work / "db").rename(self.folder)
        shutil.rmtree(work, ignore_errors=True)

    def _locale(self) -> list[str]:
        # The same byte order of text everywhere, whatever the machine's language.
        if self.binaries.major >= 17:
            return ["--locale-provider=builtin", "--locale=C.UTF-8"]
        return ["--locale=C"]

    def _refuse_other_versions(self) -> None:
        others = [
            item for item in self.place.glob("postgres-[0-9]*") if (item / "PG_VERSION").exists()
        ]
        if others and self.folder not in others and not os.environ.get("MERITBOOK_POSTGRES"):
            name = others[0].name
            raise Refused(
                f"数据在 {name} 中,而现在找到的是 PostgreSQL {self.binaries.version}。请先用原来的版本备份"
                "(manage backup),再用新版本恢复;确实要另建一个空库时,设置 MERITBOOK_POSTGRES=system 或 wheel。",
                f"Your data is in {name}, but the PostgreSQL found is {self.binaries.version}. Back up with the old "
                "version (manage backup) and restore with the new one; to begin an empty database beside it, "
                "set MERITBOOK_POSTGRES=system or wheel.",
            )

    # starting

    def _is_kept(self) -> bool:
        lock = processes.FileLock(self.home / "postgres.keeper")
        try:
            return not lock.try_alone()
        finally:
            lock.release()

    def _start_keeper(self) -> None:
        port = self._port()
        specification = {
            "command": [
                self.binaries.program("postgres"),
                "-D",
                str(self.folder),
                *self._options(port),
            ],
            "folder": str(self.folder),
            "home": str(self.home),
            "log": str(self.log),
            "remove": str(self.home) if self.is_thrown_away else "",
        }
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with (self.log.parent / "keeper.log").open("ab") as output:
            self._keeper = subprocess.Popen(
                [sys.executable, "-m", "launch.keeper", json.dumps(specification)],
                cwd="/",
                env={**os.environ, "PYTHONPATH": str(paths.ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _wait_for_keeper(self, deadline: float) -> None:
        while not self.is_running():
            if (
                self._keeper is None
                or self._keeper.poll() is not None
                or time.monotonic() > deadline
            ):
                raise self._failure()
            time.sleep(0.03)

    def _options(self, port: int) -> list[str]:
        fixed = {
            **self.settings,
            "port": str(port),
            "listen_addresses": "127.0.0.1",
            # A path with spaces or Chinese, or just a long one, cannot hold a socket.
            "unix_socket_directories": "",
        }
        return [part for name, value in fixed.items() for part in ("-c", f"{name}={value}")]

    def _port(self) -> int:
        remembered = paths.Stamps(self.home / "postgres.json")
        last = remembered.value("port")
        if last and is_free(int(last)):
            return int(last)
        port = free_port()
        remembered.set_done("port", str(port))
        return port

    def _failure(self) -> Refused:
        told = "\n".join(self._last_lines())
        return Refused(
            f"PostgreSQL 没有启动,日志在 {self.log.parent}。\n{told}",
            f"PostgreSQL did not start; its log is in {self.log.parent}.\n{told}",
        )

    def _last_lines(self) -> list[str]:
        logs = [self.log, *(self.folder / "log").glob("*.log")]
        for log in sorted(
            (one for one in logs if one.exists()), key=lambda one: one.stat().st_mtime, reverse=True
        ):
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            if lines:
                return lines[-4:]
        return []


def throw_away(binaries: Binaries, *, settings: Mapping[str, str] = CARELESS) -> Server:
    """A server in the temporary folder that is removed with everything in it at its end."""
    import tempfile  # noqa: PLC0415 -- seldom needed

    home = Path(tempfile.mkdtemp(prefix="meritbook-"))
    home.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return Server(home=home, binaries=binaries, settings=settings, is_thrown_away=True)


def read_secrets(home: Path) -> dict[str, str]:
    """All passwords kept in the data folder, by name."""
    try:
        found = json.loads((home / "secrets.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except PermissionError as error:
        raise foreign_folder(home) from error
    return {str(name): str(value) for name, value in found.items()}


def secret(home: Path, name: str) -> str:
    """One password of the data folder (file mode 0600), made on first use."""
    known = read_secrets(home)
    if name not in known:
        known[name] = secrets.token_urlsafe(32)
        paths.write_private(home / "secrets.json", json.dumps(known, indent=1, sort_keys=True))
    return known[name]


def clean_environment() -> dict[str, str]:
    """The environment for the server: no PG* variables, messages in English, UTC."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in {"PATH", "LD_LIBRARY_PATH", "TMPDIR"}
    }
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def speaks_postgres(port: int) -> bool:
    """Ask whether the other side would use TLS: only PostgreSQL answers with one letter."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(SSL_REQUEST)
            return connection.recv(1) in {b"N", b"S", b"E"}
    except OSError:
        return False


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """True when a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A free port on this machine, chosen by chance so that two installations seldom meet."""
    for _ in range(200):
        port = secrets.choice(PORTS)
        if is_free(port):
            return port
    raise Refused("找不到空闲的端口。", "No free port was found.")


def foreign_folder(folder: Path) -> Refused:
    """The refusal for a data folder that another user of this machine made."""
    return Refused(
        f"没有权限读取 {folder}:数据目录是另一个用户创建的。请用同一个用户运行,或用 MERITBOOK_DATA 指定另一个目录。",
        f"No permission to read {folder}: another user made this data folder. "
        "Run as that user, or choose another folder with MERITBOOK_DATA.",
    )


def _place_for_nobody(home: Path) -> Path:
    """Where the server's files go: the data folder, or, when we are root and nobody cannot
    reach it (a checkout below /root), a folder of ours in /var/lib that the data folder names."""
    pointer = home / "postgres-place"
    if pointer.exists():
        return Path(pointer.read_text(encoding="utf-8").strip())
    if os.geteuid() != 0:
        return home
    if not home.stat().st_mode & 0o001:
        home.chmod(home.stat().st_mode | 0o001)  # our own folder: others may pass through, not list
    if processes.can_unprivileged("test", "-x", str(home)):
        return home
    place = Path("/var/lib/meritbook") / secrets.token_hex(6)
    for folder in (place.parent, place):
        paths.make_private_folder(folder)
    if not processes.can_unprivileged("test", "-x", str(place)):
        raise Refused(
            f"PostgreSQL 不能以 root 运行,而用户 nobody 进不了 {home}。请用普通用户运行,或用 MERITBOOK_DATA 指定别处。",
            f"PostgreSQL cannot run as root, and the user nobody cannot reach {home}. "
            "Run as an ordinary user, or choose another folder with MERITBOOK_DATA.",
        )
    pointer.write_text(f"{place}\n", encoding="utf-8")
    say(
        f"用户 nobody 进不了 {home},数据库文件放在 {place}。",
        f"The user nobody cannot reach {home}; the database files are in {place}.",
    )
    return place


STOP_SIGNAL = signal.SIGINT  # PostgreSQL's fast shutdown
