"""The three database roles and the database, made by an administrator's connection.

psycopg only: it runs before Django can. Idempotent. ``python -m meritbook.kit.provision`` reads the
administrator's address from MERITBOOK_DB_ADMIN, keeps the passwords in the file named by
MERITBOOK_DB_SECRETS (mode 0600, missing ones are made) and tells about the database as JSON.

The owner migrates and owns every object. The app has no more than rows: no TRUNCATE, no
BYPASSRLS. Ops sees all companies: for the few cross-company look-ups, backup and verify.
"""

import json
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import errors, sql

OWNER, APP, OPS = "meritbook_owner", "meritbook_app", "meritbook_ops"
ROLES = (OWNER, APP, OPS)
OLDEST_VERSION = 15
# Two installations that start at once on one server wait for each other.
LOCK = 7_301_944_120
# What the owner's later objects allow. No TRUNCATE: it would pass by row-level security.
LATER = "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
GRANTS = (
    "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
    "GRANT USAGE, SELECT ON SEQUENCES TO {app}",
    "GRANT EXECUTE ON FUNCTIONS TO {app}, {ops}",
    "GRANT SELECT ON TABLES TO {ops}",
    "GRANT SELECT ON SEQUENCES TO {ops}",
)


class Impossible(Exception):
    """The administrator's connection may not do what is needed; a sentence for people."""


class ForeignRoles(Impossible):
    """The roles exist with passwords that we do not know: another installation uses them."""


def make_roles(connection: psycopg.Connection, *, passwords: Mapping[str, str]) -> None:
    """Create the roles or renew their passwords. ``passwords`` maps each role to its own."""
    for role in ROLES:
        _make_role(connection, role=role, password=passwords[role])
    # The owner hands the few cross-company look-ups over to ops (see org's migration).
    connection.execute(_sql("GRANT {ops} TO {owner}"))


def make_database(admin_dsn: str, *, database: str) -> None:
    """Create ``database`` when missing, owned by the owner, with the grants of all later tables."""
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        found = connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", [database]
        ).fetchone()
        if not found:
            connection.execute(
                _sql(
                    "CREATE DATABASE {database} OWNER {owner} ENCODING 'UTF8' TEMPLATE template0",
                    database,
                )
            )
        elif found[0] != OWNER:
            connection.execute(_sql("ALTER DATABASE {database} OWNER TO {owner}", database))
    with psycopg.connect(admin_dsn, dbname=database, autocommit=True) as connection:
        for statement in (
            "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
            "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}, {ops}",
            "ALTER SCHEMA public OWNER TO {owner}",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            "GRANT USAGE ON SCHEMA public TO {app}, {ops}",
            *(f"{LATER} {grant}" for grant in GRANTS),
        ):
            connection.execute(_sql(statement, database))


def provision(admin_dsn: str, *, database: str, passwords: Mapping[str, str]) -> None:
    """Roles and database, ready for ``migrate`` as the owner."""
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        make_roles(connection, passwords=passwords)
        make_database(admin_dsn, database=database)


def refuse_foreign_roles(admin_dsn: str, *, database: str, known: Mapping[str, str]) -> None:
    """Raise ForeignRoles when roles of ours exist whose password in ``known`` is missing or wrong.

    Renewing it would lock out the installation that they belong to.
    """
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        found = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(ROLES)]
        ).fetchall()
    for (role,) in found:
        try:
            if role not in known:
                raise ForeignRoles(role)
            psycopg.connect(admin_dsn, user=role, password=known[role], dbname=database).close()
        except psycopg.OperationalError as error:
            # A database that is yet to be made is no objection; a refused password is.
            if "password" in str(error) or "authentication" in str(error):
                raise ForeignRoles(role) from error


def identity(admin_dsn: str, *, database: str) -> dict[str, object]:
    """Which database this is (server, oid, version): steps done once are remembered for it."""
    with psycopg.connect(admin_dsn, dbname=database, autocommit=True) as connection:
        row = connection.execute(
            "SELECT oid::bigint FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        server: object = None
        try:
            found = connection.execute(
                "SELECT system_identifier::text FROM pg_control_system()"
            ).fetchone()
            server = found[0] if found else None
        except errors.InsufficientPrivilege:
            pass  # some hosts hide it; the launcher then does every step again
        return {
            "server": server,
            "oid": row[0] if row else None,
            "version": connection.info.server_version,
        }


def _make_role(connection: psycopg.Connection, *, role: str, password: str) -> None:
    attribute = "BYPASSRLS" if role == OPS else "NOBYPASSRLS"
    known = connection.execute(
        "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s", [role]
    ).fetchone()
    wanted = (False, role == OPS)
    if known is None:
        command = f"CREATE ROLE {{}} LOGIN NOCREATEDB NOCREATEROLE {attribute} PASSWORD {{}}"
    elif known == wanted:
        command = "ALTER ROLE {} LOGIN PASSWORD {}"
    else:
        command = f"ALTER ROLE {{}} LOGIN NOSUPERUSER {attribute} PASSWORD {{}}"
    try:
        connection.execute(sql.SQL(command).format(sql.Identifier(role), sql.Literal(password)))
        if not _is_superuser(connection):
            # One who may make roles must be a member to give a database or a grant to them.
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(role)))
    except errors.InsufficientPrivilege as error:
        raise Impossible(
            _pick(
                "DATABASE_URL 的用户不能创建或使用数据库角色。请由超级用户执行一次:"
                f"CREATE ROLE {role} LOGIN {attribute}; GRANT {role} TO 该用户 WITH ADMIN OPTION;"
                " 或在首次启动时使用超级用户的地址。",
                "The user of DATABASE_URL may not make or use the database roles. Let a superuser run"
                f" once: CREATE ROLE {role} LOGIN {attribute}; GRANT {role} TO that_user WITH ADMIN"
                " OPTION; or use a superuser's address for the first start.",
            )
        ) from error


def _is_superuser(connection: psycopg.Connection) -> bool:
    row = connection.execute(
        "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    return bool(row and row[0])


def _sql(statement: str, database: str = "") -> sql.Composed:
    return sql.SQL(statement).format(
        database=sql.Identifier(database or "postgres"),
        owner=sql.Identifier(OWNER),
        app=sql.Identifier(APP),
        ops=sql.Identifier(OPS),
    )


def _pick(chinese: str, english: str) -> str:
    return english if os.environ.get("MERITBOOK_LANG", "").startswith("en") else chinese


def _read(secrets_file: Path) -> dict[str, str]:
    try:
        return dict(json.loads(secrets_file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}


def _with_passwords(secrets_file: Path, known: Mapping[str, str]) -> dict[str, str]:
    """The kept secrets with a password for every role; written back before they are used."""
    kept = dict(known)
    for role in ROLES:
        kept.setdefault(role, secrets.token_urlsafe(32))
    if kept != known:
        temporary = secrets_file.with_name(f".{secrets_file.name}.{os.getpid()}")
        secrets_file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(kept, file, indent=1, sort_keys=True)
        temporary.replace(secrets_file)
    return kept


def main() -> int:
    """Provision from the environment; one sentence on standard error when that is refused."""
    admin_dsn = os.environ["MERITBOOK_DB_ADMIN"]
    database = os.environ.get("MERITBOOK_DB_NAME", "meritbook")
    secrets_file = Path(os.environ["MERITBOOK_DB_SECRETS"])
    try:
        known = _read(secrets_file)
        if os.environ.get("MERITBOOK_DB_TAKE_OVER") != "1":
            refuse_foreign_roles(admin_dsn, database=database, known=known)
        provision(admin_dsn, database=database, passwords=_with_passwords(secrets_file, known))
        told = identity(admin_dsn, database=database)
    except ForeignRoles as error:
        return _refuse(
            f"这台 PostgreSQL 上已有角色 {error},属于另一套安装。请把那套安装数据目录里的 secrets.json"
            " 复制过来;确定要改掉它的密码时,设置 MERITBOOK_DB_TAKE_OVER=1。",
            f"This PostgreSQL already has the role {error} of another installation. Copy secrets.json"
            " from that installation's data folder; to change its password, set"
            " MERITBOOK_DB_TAKE_OVER=1.",
        )
    except Impossible as error:
        return _refuse(str(error), str(error))
    except psycopg.OperationalError as error:
        return _refuse(f"连不上数据库:{error}", f"The database cannot be reached: {error}")
    except psycopg.Error as error:
        return _refuse(f"数据库无法准备:{error}", f"The database cannot be prepared: {error}")
    if int(str(told["version"])) < OLDEST_VERSION * 10_000:
        return _refuse(
            f"需要 PostgreSQL {OLDEST_VERSION} 或更高版本。",
            f"PostgreSQL {OLDEST_VERSION} or newer is needed.",
        )
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


def _refuse(chinese: str, english: str) -> int:
    sys.stderr.write(_pick(chinese, english).strip() + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
