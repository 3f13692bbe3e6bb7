"""The process that owns a PostgreSQL server: starts it again when it dies, ends it when unused.

Run as `python -m launch.keeper SPECIFICATION` (JSON). It outlives the run.py that started
it as long as another one uses the server, and never longer.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from launch import postgres, processes

PAUSE = 0.1
TRIES_BEFORE_FIRST_START = 40
WAITED_BETWEEN_TRIES = 0.5


class Keeper:
    """Owns one server process."""

    def __init__(self, specification: dict[str, object]) -> None:
        self.command = [str(part) for part in specification["command"]]  # type: ignore[attr-defined]
        self.folder = Path(str(specification["folder"]))
        self.log = Path(str(specification["log"]))
        self.remove = str(specification["remove"])
        home = Path(str(specification["home"]))
        self.users = processes.FileLock(home / "postgres.users")
        self.mine = processes.FileLock(home / "postgres.keeper")
        self.child: subprocess.Popen[bytes] | None = None
        self.is_told_to_end = False

    def run(self) -> int:
        """Serve until nobody uses the server any more. 0 = ended as wanted, 1 = it never started."""
        if not self.mine.try_alone():
            return 1  # another keeper is at work
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, self._end)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        tries, was_ready, next_try = 0, False, 0.0
        while not self._is_unused():
            if self.child is not None and self.child.poll() is not None:
                print(f"postgres ended with {self.child.returncode}", flush=True)
                self.child = None
                # A server that ran for a while comes back at once; one that fails waits.
                next_try = time.monotonic() + (
                    0.0 if was_ready and tries <= 1 else WAITED_BETWEEN_TRIES
                )
            if self.child is None and time.monotonic() >= next_try:
                tries += 1
                if tries > TRIES_BEFORE_FIRST_START and not was_ready:
                    return 1
                self._start()
            if tries and self._is_ready():
                was_ready, tries = True, 0
            time.sleep(PAUSE)
        self._stop()
        return 0

    def _start(self) -> None:
        with self.log.open("ab") as output:
            # When even the keeper is killed, the kernel asks the server for a fast shutdown.
            self.child = processes.start(
                self.command,
                env=postgres.clean_environment(),
                cwd="/",
                output=output,
                on_parent_death=postgres.STOP_SIGNAL,
                as_nobody=True,
            )

    def _is_ready(self) -> bool:
        try:
            lines = (self.folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return (
            self.child is not None
            and lines[:1] == [str(self.child.pid)]
            and lines[7:] == ["ready   "]
        )

    def _is_unused(self) -> bool:
        return self.is_told_to_end or self.users.try_alone()

    def _end(self, sign: int, frame: FrameType | None) -> None:
        self.is_told_to_end = True

    def _stop(self) -> None:
        # We still hold `users` alone: whoever comes now waits until the server has ended.
        if self.child is not None:
            processes.stop(self.child, sign=postgres.STOP_SIGNAL, patience=60)
        if self.remove:
            shutil.rmtree(self.remove, ignore_errors=True)


def main() -> int:
    """Read the specification from the command line."""
    return Keeper(json.loads(sys.argv[1])).run()


if __name__ == "__main__":
    sys.exit(main())
