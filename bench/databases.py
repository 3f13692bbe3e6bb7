"""A database of its own for a benchmark, with Django connected to it as the application."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from bench.company import set_up_django
from tests import databases

FSYNCS = 40


@contextmanager
def database() -> Iterator[str]:
    """The name of a migrated copy; Django's default connection uses it without a pool."""
    with databases.copy("bench") as name:
        set_up_django(name)
        yield name


def conditions() -> dict[str, object]:
    """What the figures of a database depend on: the server, and how fast the disk syncs."""
    with psycopg.connect(databases.admin_dsn()) as admin:
        version, fsync, buffers = (
            admin.execute(f"SHOW {name}").fetchone()[0]  # type: ignore[index]
            for name in ("server_version", "fsync", "shared_buffers")
        )
    return {
        "postgres": str(version).split()[0],
        "fsync": fsync,
        "shared_buffers": buffers,
        "fdatasync/s": round(_fdatasyncs()),
    }


def _fdatasyncs() -> float:
    with tempfile.TemporaryFile() as file:
        start = time.perf_counter()
        for _ in range(FSYNCS):
            file.write(b"x" * 512)
            file.flush()
            os.fdatasync(file.fileno())
        return FSYNCS / (time.perf_counter() - start)
