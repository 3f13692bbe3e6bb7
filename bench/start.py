"""P9: the first start, from an empty data folder to a page that answers; dependencies are present.

The limit is what PostgreSQL alone needs: initdb, and a server that is started and stopped.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

from bench.registry import Result, benchmark
from launch import binaries, paths, processes

TURNS = 3
LONGEST = 90.0


@benchmark("start")
def start() -> Result:
    """Seconds from `run.py` to the sign-in page."""
    programs = binaries.choose()
    firsts, seconds, limits = [], [], []
    for _turn in range(TURNS):
        with tempfile.TemporaryDirectory(prefix="meritbook-bench-") as name:
            folder = Path(name)
            folder.chmod(0o755)
            limits.append(_postgres_alone(programs, folder / "alone"))
            firsts.append(_until_the_page(folder / "data"))
            seconds.append(_until_the_page(folder / "data"))
    return Result(
        name="start",
        what="first start: database made, tables migrated, pages served",
        unit="s",
        figure=statistics.median(firsts),
        limit=statistics.median(limits),
        limit_is="initdb, start and stop of PostgreSQL alone",
        floor=15,
        goal=6,
        lower_is_better=True,
        conditions={
            "turns": TURNS,
            "slowest": f"{max(firsts):.1f}",
            "fastest": f"{min(firsts):.1f}",
            "second start": f"{statistics.median(seconds):.1f}",
        },
    )


def _until_the_page(data: Path) -> float:
    port = _free_port()
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MERITBOOK_", "DATABASE_"))}
    env |= {"MERITBOOK_DATA": str(data)}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, str(paths.ROOT / "run.py"), "--port", str(port)],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while time.perf_counter() - began < LONGEST:
            with suppress(OSError):
                address = f"http://127.0.0.1:{port}/login/"
                with urllib.request.urlopen(address, timeout=5) as page:
                    if page.status == 200:
                        return time.perf_counter() - began
            time.sleep(0.05)
        raise SystemExit(f"no page within {LONGEST:.0f} s")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _postgres_alone(programs: binaries.Binaries, folder: Path) -> float:
    folder.mkdir()
    user = processes.unprivileged()
    if user:
        os.chown(folder, user["user"], user["group"])
    common = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/", **user}
    database = folder / "db"
    began = time.perf_counter()
    for arguments in (
        [programs.program("initdb"), "-D", str(database), "-U", "postgres", "--data-checksums"],
        [
            *(programs.program("pg_ctl"), "-D", str(database), "-w", "start"),
            *("-o", f"-p {_free_port()} -c unix_socket_directories=''"),
        ],
        [programs.program("pg_ctl"), "-D", str(database), "-w", "-m", "fast", "stop"],
    ):
        subprocess.run(arguments, check=True, **common)
    return time.perf_counter() - began


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
