"""`run.py manage`: a management command in the same environment, the database included."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from launch import paths, steps


def manage(arguments: Sequence[str]) -> int:
    """Run it where the person stands (files are named from there); its exit code is ours."""
    steps.prepare_packages()
    database = steps.prepare_database()
    try:
        steps.translations()
        return run_through(
            [str(paths.venv_python()), "-m", "django", *arguments],
            env=steps.django_environment(database, is_trusted=True),
        )
    finally:
        database.release()


def run_through(command: Sequence[str], *, env: dict[str, str], cwd: Path | None = None) -> int:
    """Run a program with our input and output. Ctrl-C and `kill` are its to answer, then we end."""
    child: subprocess.Popen[bytes] | None = None
    told = False

    def pass_on(sign: int, frame: object) -> None:
        nonlocal told
        told = True
        # The terminal sends Ctrl-C to both of us already.
        if child is not None and sign != signal.SIGINT:
            child.send_signal(sign)

    before = {
        sign: signal.signal(sign, pass_on)
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        child = subprocess.Popen(command, env=env, cwd=cwd)
        while True:
            with contextlib.suppress(InterruptedError):
                code = child.wait()
                break
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
    return code if code >= 0 else 128 - code
