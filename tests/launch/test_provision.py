"""The three roles: what each may do, and that another installation's are left alone."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from launch import binaries, paths, postgres

OWNER, APP, OPS = "meritbook_owner", "meritbook_app", "meritbook_ops"


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    found = binaries.wheel_binaries() or binaries.system_binaries()
    assert found is not None
    made = postgres.throw_away(found)
    made.ensure()
    yield made
    made.release()


def _provision(
    server: postgres.Server, secrets: Path, **changes: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "meritbook.kit.provision"],
        env={
            **os.environ,
            "PYTHONPATH": str(paths.ROOT),
            "MERITBOOK_DB_ADMIN": server.url(),
            "MERITBOOK_DB_SECRETS": str(secrets),
            **changes,
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="module")
def secrets(server: postgres.Server) -> Path:
    done = _provision(server, server.home / "secrets.json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["oid"]
    with psycopg.connect(server.url(role=OWNER, database="meritbook")) as owner:
        owner.execute(
            "CREATE TABLE wages (company_id bigint, name text);"
            "ALTER TABLE wages ENABLE ROW LEVEL SECURITY; ALTER TABLE wages FORCE ROW LEVEL SECURITY;"
            "CREATE POLICY tenant ON wages"
            " USING (company_id = current_setting('app.company_id')::bigint)"
            " WITH CHECK (company_id = current_setting('app.company_id')::bigint);"
            "CREATE SEQUENCE numbers;"
        )
    with psycopg.connect(server.url(role=APP, database="meritbook")) as app:
        for company, name in ((1, "李雷"), (2, "陌生人")):
            app.execute("SELECT set_config('app.company_id', %s, true)", [str(company)])
            app.execute("INSERT INTO wages VALUES (%s, %s)", [company, name])
    return server.home / "secrets.json"


def _as(server: postgres.Server, role: str) -> psycopg.Connection:
    return psycopg.connect(server.url(role=role, database="meritbook"), autocommit=True)


def test_the_app_sees_one_company_and_has_rows_only(server: postgres.Server, secrets: Path) -> None:
    with _as(server, APP) as app:
        app.execute("SELECT set_config('app.company_id', '1', false)")
        assert app.execute("SELECT name FROM wages").fetchall() == [("李雷",)]
        assert app.execute("SELECT nextval('numbers')").fetchone() == (1,)
        for forbidden in (
            "TRUNCATE wages",
            "DROP TABLE wages",
            "CREATE TABLE mine (n int)",
            "ALTER TABLE wages NO FORCE ROW LEVEL SECURITY",
            "SET ROLE meritbook_ops",
            "SET ROLE meritbook_owner",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute(forbidden.encode())


def test_without_a_company_the_app_gets_an_error_and_never_rows(
    server: postgres.Server, secrets: Path
) -> None:
    with _as(server, APP) as app, pytest.raises(errors.UndefinedObject):
        app.execute("SELECT name FROM wages")


def test_ops_sees_all_companies_and_changes_nothing(server: postgres.Server, secrets: Path) -> None:
    with _as(server, OPS) as ops:
        assert ops.execute("SELECT count(*) FROM wages").fetchone() == (2,)
        with pytest.raises(errors.InsufficientPrivilege):
            ops.execute("DELETE FROM wages")


def test_the_owner_is_no_superuser_and_can_hand_a_function_to_ops(
    server: postgres.Server, secrets: Path
) -> None:
    with _as(server, OWNER) as owner:
        owner.execute("GRANT CREATE ON SCHEMA public TO meritbook_ops")
        owner.execute(
            "CREATE FUNCTION all_wages() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
            " SET search_path = public AS 'SELECT count(*) FROM wages'"
        )
        owner.execute("ALTER FUNCTION all_wages() OWNER TO meritbook_ops")
        with pytest.raises(errors.InsufficientPrivilege):
            owner.execute("CREATE ROLE someone SUPERUSER")
    with _as(server, APP) as app:
        assert app.execute("SELECT all_wages()").fetchone() == (2,)


def test_again_changes_nothing(server: postgres.Server, secrets: Path) -> None:
    before = secrets.read_text()
    first = _provision(server, secrets)
    assert first.returncode == 0, first.stderr
    assert secrets.read_text() == before
    assert secrets.stat().st_mode & 0o777 == 0o600
    with _as(server, APP):
        pass


def test_roles_of_another_installation_are_left_alone(
    server: postgres.Server, secrets: Path, tmp_path: Path
) -> None:
    done = _provision(server, tmp_path / "secrets.json")
    assert done.returncode == 1
    assert "secrets.json" in done.stderr
    assert not (tmp_path / "secrets.json").exists()
    english = _provision(server, tmp_path / "secrets.json", MERITBOOK_LANG="en")
    assert "another installation" in english.stderr
    with _as(server, APP):
        pass


def test_a_plain_role_manager_is_told_what_a_superuser_has_to_do(
    server: postgres.Server, secrets: Path, tmp_path: Path
) -> None:
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute("CREATE ROLE clerk LOGIN PASSWORD 'clerk'")
    password = postgres.read_secrets(server.home)["postgres"]
    dsn = server.url().replace(f"postgres:{password}", "clerk:clerk")
    done = _provision(server, secrets, MERITBOOK_DB_ADMIN=dsn)
    assert done.returncode == 1
    assert "CREATE ROLE meritbook_owner" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_cannot_be_reached_is_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "meritbook.kit.provision"],
        env={
            **os.environ,
            "PYTHONPATH": str(paths.ROOT),
            "MERITBOOK_DB_ADMIN": "postgresql://postgres@127.0.0.1:9/postgres",
            "MERITBOOK_DB_SECRETS": str(tmp_path / "secrets.json"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "连不上数据库" in done.stderr
    assert "Traceback" not in done.stderr
