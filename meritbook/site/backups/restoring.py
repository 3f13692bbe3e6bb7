"""Restoring into an empty installation: all of it in one transaction, or nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from meritbook.kit.provision import APP, OPS, OWNER
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.verification import verify
from meritbook.site.backups import facts
from meritbook.site.backups.archive import DATABASE, FOLDERS, Manifest, Reading, opened
from meritbook.site.backups.making import data_files
from meritbook.site.backups.programs import Address, Feeding, address, piped, programs, start, told
from meritbook.site.backups.refusals import RestoreRefused, of_the_disk

LOCK_SECONDS = 15
# Functions that look across companies belong to ops, which may own things only while it may
# create them; that right ends with the restore.
_BEFORE = f"""
BEGIN;
SET lock_timeout = '{LOCK_SECONDS}s';
DROP SCHEMA IF EXISTS public CASCADE;
CREATE SCHEMA public;
GRANT CREATE ON SCHEMA public TO {OPS};
"""
_GRANTS = f"""
REVOKE CREATE ON SCHEMA public FROM PUBLIC, {OPS};
GRANT USAGE ON SCHEMA public TO {APP}, {OPS};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO {APP};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public
    GRANT EXECUTE ON FUNCTIONS TO {APP}, {OPS};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public GRANT SELECT ON TABLES TO {OPS};
ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public GRANT SELECT ON SEQUENCES TO {OPS};
"""


def restore_backup(*, path: Path, tell: Callable[[str], None] = lambda _step: None) -> Manifest:
    """Put the backup into this installation, which must be empty, and prove that it is all there.

    Raises RestoreRefused (nothing changed), Damaged, NoOperator or NoPrograms.
    """
    ops, owner = address("ops"), address("owner")
    try:
        with opened(path) as found:
            _refuse_newer(found.manifest)
            _refuse_filled(ops)
            tell(_("核对备份文件"))
            found.check()
            with ops.connect() as connection:
                here = connection.info.server_version
            if found.manifest["server_version"] // 10_000 > here // 10_000:
                raise RestoreRefused(
                    _("备份来自 PostgreSQL %(there)s，这里是更旧的 %(here)s")
                    % {"there": found.manifest["server_version"] // 10_000, "here": here // 10_000}
                )
            tell(_("恢复数据库"))
            # Files first: a row without its file would be a loss, a file without its row is none.
            _unpack(found)
            try:
                _load(found, owner=owner, ops=ops)
            except BaseException:
                _remove_files()
                raise
            manifest = found.manifest
    except OSError as error:
        raise RestoreRefused(of_the_disk(error, place=path)) from error
    except psycopg.OperationalError as error:
        raise RestoreRefused(_("连不上数据库：%(error)s") % {"error": error}) from error
    tell(_("核对账目"))
    return _proved(manifest, ops=ops)


def _refuse_filled(ops: Address) -> None:
    with ops.connect() as connection:
        if facts.has_data(connection):
            raise RestoreRefused(
                _("这里已经有公司，不能覆盖。请在新的数据目录（MERITBOOK_DATA）或空数据库里恢复。")
            )
    present = next(data_files(), None)
    if present is not None:
        raise RestoreRefused(
            _("数据目录里已经有文件（%(name)s），请先移走 files 和 anchors 两个目录。")
            % {"name": present[0]}
        )


def _refuse_newer(manifest: Manifest) -> None:
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    unknown = [name for name in manifest["migrations"] if name not in known]
    if unknown:
        raise RestoreRefused(
            _("备份来自更新的版本（%(name)s），请先升级程序再恢复。") % {"name": unknown[0]}
        )


def _unpack(found: Reading) -> None:
    root = Path(settings.DATA)
    try:
        for name in found.names:
            if name == DATABASE:
                continue
            place = root / name
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                for piece in found.pieces(name):
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
    except BaseException:
        _remove_files()
        raise


def _remove_files() -> None:
    """Both folders were empty before."""
    for folder in FOLDERS:
        shutil.rmtree(Path(settings.DATA) / folder, ignore_errors=True)


def _load(found: Reading, *, owner: Address, ops: Address) -> None:
    with ops.connect() as connection:
        tools = programs(server_version=connection.info.server_version)
    connections["default"].close()
    sql = start(
        [
            tools.path("psql"),
            *("--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1"),
            *(f"--dbname={owner.conninfo}", "--file=-"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=owner.environment(),
    )
    script_of_sql = piped(sql.stdin)
    try:
        script_of_sql.write(_BEFORE.encode())
        script_of_sql.flush()
        # Its output goes straight to psql; what we read is the archive, checked once more.
        script = start(
            [tools.path("pg_restore"), "--file=-"], stdin=subprocess.PIPE, stdout=script_of_sql
        )
        feeding = Feeding(script, found.pieces(DATABASE))
        feeding.finish()
        trouble = told(script)
        if script.wait() != 0:
            raise RestoreRefused(_("读不出备份里的数据库：%(error)s") % {"error": trouble[-300:]})
        script_of_sql.write(_after(found.manifest["tables"]).encode())
        script_of_sql.close()
    except BaseException as error:
        # Without COMMIT everything is rolled back.
        if isinstance(error, BrokenPipeError):
            raise _failed(sql) from error
        sql.kill()
        sql.wait()
        raise
    if sql.wait() != 0:
        raise _failed(sql)


def _failed(sql: subprocess.Popen[bytes]) -> RestoreRefused:
    errors = told(sql)
    sql.wait()
    if "lock timeout" in errors:
        return RestoreRefused(_("数据库正在被使用，请先停止积分簿再恢复。"))
    lines = [line for line in errors.splitlines() if "ERROR" in line] or errors.splitlines()
    return RestoreRefused(
        _("数据库恢复失败，已全部撤回：%(error)s") % {"error": lines[0] if lines else ""}
    )


def _after(counts: Mapping[str, int]) -> str:
    """Grants, and the last word before COMMIT: ops counts the rows of every table."""
    checks = "".join(
        f"IF (SELECT count(*) FROM public.{_quoted(name)}) <> {int(n)} THEN"
        f" RAISE EXCEPTION 'rows of {_quoted(name)} are not {int(n)}'; END IF;\n"
        for name, n in counts.items()
    )
    return (
        "\nRESET search_path;\nSET check_function_bodies = on;\n"
        f"{_GRANTS}\nSET LOCAL ROLE {OPS};\nSET LOCAL row_security = off;\n"
        f"DO $counts$ BEGIN\n{checks} END $counts$;\nRESET ROLE;\nCOMMIT;\nANALYZE;\n"
    )


def _quoted(name: str) -> str:
    if not name.replace("_", "").isalnum() or not name.isascii():
        raise RestoreRefused(_("备份里的表名不可用：%(name)s") % {"name": name})
    return name


def _proved(manifest: Manifest, *, ops: Address) -> Manifest:
    """The facts again, as they are here now; they must be those of the manifest."""
    with ops.connect() as connection:
        there = facts.companies(connection)
    wanted = [
        {name: value for name, value in company.items() if name != "verified"}
        for company in manifest["companies"]
    ]
    if there != wanted:
        raise RestoreRefused(_("已恢复，但试算平衡或链头与备份时不同，请不要使用这份数据。"))
    # A backup of an older version gets the tables of this one.
    call_command("migrate", database="owner", interactive=False, verbosity=0, skip_checks=True)
    for company in there:
        with company_scope(company["id"]):
            company["verified"] = verify(company_id=company["id"]).ok
    return {**manifest, "companies": there}


def summary(manifest: Manifest) -> dict[str, Any]:
    """What the command answers."""
    return {
        "made_at": manifest["made_at"],
        "rows": sum(manifest["tables"].values()),
        "files": len(manifest["members"]) - 1,
        "companies": manifest["companies"],
    }
