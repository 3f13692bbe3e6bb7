"""Web and worker: started, started again when they die, ended with us."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

from launch import paths, processes
from launch.database import Database
from launch.say import Refused, say

PAUSE = 0.2
DATABASE_LOOK_EVERY = 0.5
LONGEST_WAIT = 20.0
CALM_AFTER = 60.0


def web_command(*, host: str, port: int, workers: int = 2) -> list[str]:
    """granian with the WSGI application."""
    threads = min(8, 2 * (os.cpu_count() or 1) + 1)  # granian warns about more
    return [
        *(str(paths.venv_python()), "-m", "granian", "--interface", "wsgi"),
        *("--host", host, "--port", str(port), "--workers", str(workers)),
        *("--respawn-failed-workers", "--no-ws", "--http", "1", "--log-level", "warning"),
        *("--blocking-threads", str(threads), "--backpressure", "64"),
        *("--workers-kill-timeout", "5"),
        "meritbook.site.wsgi:application",
    ]


def worker_command() -> list[str]:
    """The worker that carries out jobs."""
    return [str(paths.venv_python()), "-m", "django", "worker"]


@dataclass
class Child:
    """One process that should always run."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    on_parent_death: int = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    next_start: float = 0.0
    wait: float = 0.5
    deaths: int = 0

    def start(self) -> None:
        """Start it, as the leader of a session of its own."""
        self.process = processes.start(
            self.command,
            env=self.env,
            cwd=paths.ROOT,
            output=sys.stderr.fileno(),
            on_parent_death=self.on_parent_death,
        )
        self.started_at = time.monotonic()

    def look(self) -> None:
        """Notice its death; start it when its time has come. Waits grow while it keeps dying."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.next_start:
                self.start()
            return
        if self.process.poll() is None:
            return
        say(
            f"{self.name} 意外退出({self.process.returncode}),正在重新启动。",
            f"{self.name} ended unexpectedly ({self.process.returncode}) and is started again.",
        )
        # A killed leader leaves its workers behind; they would keep the port.
        processes.kill_group(self.process.pid)
        self.process = None
        self.deaths += 1
        if now - self.started_at > CALM_AFTER:
            self.wait = 0.5
        self.next_start = now + self.wait
        self.wait = min(self.wait * 2, LONGEST_WAIT)

    def stop(self) -> None:
        """End it and all that belongs to it."""
        if self.process is not None:
            processes.stop(self.process)
            self.process = None


@dataclass
class Supervisor:
    """Keeps children running until somebody says stop."""

    database: Database
    children: list[Child] = field(default_factory=list)
    is_stopping: bool = False
    next_database_look: float = 0.0

    def catch_signals(self) -> None:
        """Ctrl-C, `kill` and a closed terminal end everything in order."""
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, self._told_to_stop)

    def _told_to_stop(self, sign: int, frame: FrameType | None) -> None:
        self.is_stopping = True

    def run(self) -> None:
        """Look after the children and the database until a signal comes."""
        while not self.is_stopping:
            self.look()
            time.sleep(PAUSE)

    def look(self) -> None:
        """One round."""
        for child in self.children:
            child.look()
        now = time.monotonic()
        if now < self.next_database_look:
            return
        self.next_database_look = now + DATABASE_LOOK_EVERY
        # The keeper starts a killed server again; only a killed keeper is our matter.
        if not self.database.is_running():
            with contextlib.suppress(Refused):
                self.database.ensure_running()

    def stop(self) -> None:
        """End all children; the web first, so that nobody is served by half of us."""
        for child in self.children:
            child.stop()

    def wait_for_web(self, address: str, *, seconds: float = 60.0) -> bool:
        """Wait until the pages answer; False when told to stop. Refuses when they never do."""
        end = time.monotonic() + seconds
        while not self.is_stopping:
            self.look()
            if answers(f"{address}/health"):
                return True
            if time.monotonic() > end or any(child.deaths > 2 for child in self.children):
                raise Refused(
                    "网页服务没有启动,原因见上面的输出。",
                    "The web server did not start; the reason is in the output above.",
                )
            time.sleep(0.1)
        return False


def answers(url: str) -> bool:
    """True when the address answers at all; 503 still means that it is starting."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code != 503
    except (OSError, ValueError):
        return False
