"""Starting processes that end with us, looking at others, and locks between several run.py."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1


def ends_with_parent(sign: int) -> Callable[[], None]:
    """A preexec function: the kernel sends `sign` to the child when we die, even by SIGKILL.

    Linux only; elsewhere it does nothing. The C library is looked up before the fork, since
    the child may do little. If we died between fork and this call, the child leaves at once.
    """
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def arm() -> None:
        prctl(PR_SET_PDEATHSIG, sign, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return arm


def unprivileged() -> dict[str, Any]:
    """Popen arguments for a program that refuses to run as root: nobody when root, else nothing."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def can_unprivileged(*arguments: str) -> bool:
    """Try a small command as the user that PostgreSQL will run as."""
    try:
        done = subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            check=False,
            timeout=30,
            **unprivileged(),
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def start(
    arguments: Sequence[str | os.PathLike[str]],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | str | None = None,
    output: IO[Any] | int | None = None,
    on_parent_death: int = signal.SIGTERM,
    as_nobody: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, so that Ctrl-C reaches us alone and we tell it."""
    return subprocess.Popen(
        arguments,
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
        preexec_fn=ends_with_parent(on_parent_death),  # noqa: PLW1509 -- one thread only, prctl alone
        **(unprivileged() if as_nobody else {}),
    )


def stop(
    child: subprocess.Popen[bytes], *, sign: int = signal.SIGTERM, patience: float = 10.0
) -> None:
    """Ask a child to end, wait, then end it and everything in its session."""
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=patience)
    kill_group(child.pid)
    child.wait()


def kill_group(leader: int) -> None:
    """End whatever is left in the session that `leader` opened (granian's workers, say)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """True for a running process; a zombie that waits to be reaped is not one."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return not Path("/proc/self").exists()
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def command_of(pid: int) -> str:
    """The command line of a process, or an empty string."""
    try:
        return (
            Path(f"/proc/{pid}/cmdline")
            .read_bytes()
            .replace(b"\0", b" ")
            .decode("utf-8", "replace")
        )
    except OSError:
        pass
    try:
        return subprocess.run(
            ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout.strip()
    except OSError:
        return ""


class FileLock:
    """A lock on a file, shared or alone; the kernel lets it go when we die."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Python opens files close-on-exec: children do not carry the lock on.
        self._file = path.open("a+b")

    def share(self) -> None:
        """Wait until nobody holds it alone, then hold it with others."""
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def alone(self) -> None:
        """Wait until nobody else holds it."""
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def try_alone(self) -> bool:
        """Hold it alone if nobody else holds it now."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def release(self) -> None:
        """Let go."""
        self._file.close()

    @contextlib.contextmanager
    def held_alone(self) -> Iterator[None]:
        """For a block: alone, then released."""
        self.alone()
        try:
            yield
        finally:
            self.release()


def wait_until(condition: Callable[[], bool], *, seconds: float, pause: float = 0.05) -> bool:
    """Look again and again; True as soon as the condition holds, False after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(pause)
    return True
