"""A migrated template database, made once for a state of the migrations, and copies of it."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

from meritbook.kit.provision import APP, OPS, OWNER, make_database, make_roles

ROOT = Path(__file__).resolve().parent.parent
PASSWORDS = {OWNER: "owner-of-tests", APP: "app-of-tests", OPS: "ops-of-tests"}


def admin_dsn() -> str:
    """The administrator's address of the throw-away server that ``run.py test`` started."""
    dsn = os.environ.get("MERITBOOK_TEST_ADMIN_DSN")
    if not dsn:
        raise SystemExit("MERITBOOK_TEST_ADMIN_DSN is not set: run the tests by `run.py test`")
    return dsn


def url(role: str, database: str) -> str:
    """The address of ``database`` for one of the three roles."""
    parts = urlsplit(admin_dsn())
    return f"postgresql://{role}:{quote(PASSWORDS[role])}@{parts.hostname}:{parts.port}/{database}"


def _fingerprint() -> str:
    digest = hashlib.sha256()
    files = [
        *ROOT.glob("meritbook/*/migrations/*.py"),
        *ROOT.glob("meritbook/*/sql/**/*.sql"),
        ROOT / "meritbook/kit/tables.py",
        ROOT / "meritbook/kit/provision.py",
    ]
    for path in sorted(files):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def template() -> str:
    """The name of the migrated template; makes it when there is none for these migrations."""
    name = f"mb_template_{_fingerprint()}"
    with psycopg.connect(admin_dsn(), autocommit=True) as connection:
        # Parallel test processes: one migrates, the others wait for it.
        connection.execute("SELECT pg_advisory_lock(718281828)")
        ready = connection.execute(
            "SELECT datistemplate FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
        if ready and ready[0]:
            return name
        if ready:
            connection.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            )
        make_roles(connection, passwords=PASSWORDS)
        make_database(admin_dsn(), database=name)
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "meritbook.site.settings",
            "MERITBOOK_DB_APP": url(APP, name),
            "MERITBOOK_DB_OWNER": url(OWNER, name),
            "MERITBOOK_DB_POOL": "0",
            "MERITBOOK_SECRET_KEY": "tests",
            "PYTHONPATH": str(ROOT),
        }
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "django",
                "migrate",
                "--database",
                "owner",
                "-v",
                "0",
                "--skip-checks",
            ],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise SystemExit(f"migrate failed:\n{done.stdout}\n{done.stderr}")
        connection.execute(
            sql.SQL("ALTER DATABASE {} IS_TEMPLATE true").format(sql.Identifier(name))
        )
    return name


def drop(name: str) -> None:
    """Drop a copy, whoever is still connected."""
    with psycopg.connect(admin_dsn(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


@contextmanager
def empty(label: str) -> Iterator[str]:
    """A database without any table, with the roles' grants, for the time of the block; its name."""
    name = f"mb_{label}_{os.getpid()}_{time.monotonic_ns() % 10**9}"
    with psycopg.connect(admin_dsn(), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(718281828)")
        make_roles(connection, passwords=PASSWORDS)
        make_database(admin_dsn(), database=name)
    try:
        yield name
    finally:
        drop(name)


@contextmanager
def copy(label: str) -> Iterator[str]:
    """A copy of the template for the time of the block; its name."""
    name = f"mb_{label}_{os.getpid()}_{time.monotonic_ns() % 10**9}"
    source = template()
    with psycopg.connect(admin_dsn(), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(718281828)")
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                sql.Identifier(name), sql.Identifier(source), sql.Identifier(OWNER)
            )
        )
        # Grants on a database are not copied with its template.
        connection.execute(
            sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}, {}").format(
                sql.Identifier(name), sql.Identifier(APP), sql.Identifier(OPS)
            )
        )
    try:
        yield name
    finally:
        drop(name)
