"""DATABASE_URL: a PostgreSQL of the person's own, and who is handed which role."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from launch import binaries, database, postgres, steps
from tests.launch.conftest import environment, run


@pytest.fixture
def address() -> Iterator[str]:
    """A server of somebody's, with a user who may make databases and roles but is no superuser."""
    found = binaries.wheel_binaries() or binaries.system_binaries()
    assert found is not None
    server = postgres.throw_away(found)
    server.ensure()
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute("CREATE ROLE manager LOGIN CREATEDB CREATEROLE BYPASSRLS PASSWORD 'm@n'")
        admin.execute("CREATE DATABASE points OWNER manager")
    port = server.postmaster().port  # type: ignore[union-attr]
    yield f"postgresql://manager:m%40n@127.0.0.1:{port}/points"
    server.release()


def test_a_company_is_made_in_ones_own_postgresql(address: str, home: Path) -> None:
    env = environment(home, DATABASE_URL=address)
    made = run("manage", "create_company", "lilei", "李雷的公司", "--json", home=home, env=env)
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["code"] == "lilei"
    assert not list(home.glob("postgres-*"))
    password = postgres.read_secrets(home)[database.OPS]
    ops = database.with_user(address, user=database.OPS, password=password)
    with psycopg.connect(ops) as connection:
        row = connection.execute("SELECT code FROM org_company").fetchone()
    assert row == ("lilei",)


def test_web_and_worker_get_the_role_of_the_app_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "DATABASE_URL", "postgresql://admin:secret@127.0.0.1:9/points?sslmode=require"
    )
    monkeypatch.setenv("MERITBOOK_DB_OWNER", "left over in the shell")
    roles = (database.OWNER, database.APP, database.OPS)
    (home / "secrets.json").write_text(json.dumps({role: f"{role}/!" for role in roles}))
    found = database.Database(data=home, server=None, name="points", identity="")
    web = steps.django_environment(found, is_trusted=False)
    assert web["MERITBOOK_DB_APP"] == (
        "postgresql://meritbook_app:meritbook_app%2F%21@127.0.0.1:9/points?sslmode=require"
    )
    assert not {"MERITBOOK_DB_OWNER", "MERITBOOK_DB_OPS", "DATABASE_URL"} & web.keys()
    assert "secret@" not in " ".join(web.values())
    # The worker's own role is the same; what pg_dump needs for the daily backup stands beside it.
    worker = steps.django_environment(found, is_trusted=False, backs_up=True)
    assert worker["MERITBOOK_DB_APP"] == web["MERITBOOK_DB_APP"]
    assert "meritbook_ops" in worker["MERITBOOK_DB_OPS"]
    assert "MERITBOOK_DB_OWNER" not in worker
    command = steps.django_environment(found, is_trusted=True)
    assert "meritbook_owner" in command["MERITBOOK_DB_OWNER"]
    assert "meritbook_ops" in command["MERITBOOK_DB_OPS"]
    assert web["MERITBOOK_SECRET_KEY"] == command["MERITBOOK_SECRET_KEY"]
    assert os.environ["DATABASE_URL"]
