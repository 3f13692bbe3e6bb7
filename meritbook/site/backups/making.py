"""Making a backup: dump, files, manifest, a look at what was written, and only then its name."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.utils.translation import gettext as _

from meritbook.kit.tenancy import company_scope
from meritbook.ledger.verification import verify
from meritbook.site.backups import facts
from meritbook.site.backups.archive import (
    DATABASE,
    FOLDERS,
    FORMAT,
    Manifest,
    Reading,
    Writing,
    opened,
    pieces_of,
)
from meritbook.site.backups.programs import (
    Address,
    Feeding,
    Programs,
    address,
    piped,
    programs,
    start,
    told,
)
from meritbook.site.backups.refusals import BackupRefused, Damaged, of_the_disk

SPARE_BYTES = 64 * 1024 * 1024
"""So much of the disk is left to the database."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that lies on the disk."""

    path: Path
    size: int
    manifest: Manifest


def make_backup(
    *, path: Path, now: datetime, tell: Callable[[str], None] = lambda _step: None
) -> Made:
    """Back up the whole installation into the new file ``path``, while work goes on.

    Raises BackupRefused, NoOperator or NoPrograms; then there is no file.
    """
    ops = address("ops")
    if path.exists():
        raise BackupRefused(_("文件已存在，不会覆盖：%(path)s") % {"path": path})
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        _refuse_full_disk(path.parent)
        writing = Writing(temporary)
        try:
            manifest = _write(writing, ops=ops, now=now, tell=tell)
        finally:
            writing.close()
        tell(_("核对备份的内容"))
        tools = programs(server_version=manifest["server_version"])
        with opened(temporary) as found:
            found.check()
            _refuse_other_counts(found, tools=tools)
        _give_name(temporary, path)
    except OSError as error:
        raise BackupRefused(of_the_disk(error, place=path.parent)) from error
    except psycopg.OperationalError as error:
        raise BackupRefused(_("连不上数据库：%(error)s") % {"error": error}) from error
    except Damaged as damaged:
        raise BackupRefused(damaged.message) from damaged
    finally:
        temporary.unlink(missing_ok=True)
    return Made(path, path.stat().st_size, manifest)


def counted(found: Reading, *, tools: Programs) -> dict[str, int]:
    """Rows of every table that the dump itself holds, whatever anybody says of it."""
    command = [tools.path("pg_restore"), "--data-only", "--file=-"]
    with start(command, stdin=subprocess.PIPE) as process:
        feeding = Feeding(process, found.pieces(DATABASE))
        counts: dict[str, int] = {}
        table = ""
        for line in piped(process.stdout):
            if table:
                if line == b"\\.\n":
                    table = ""
                else:
                    counts[table] += 1
            elif line.startswith(b"COPY public."):
                table = line[len(b"COPY public.") :].split(b" ", 1)[0].decode().strip('"')
                counts[table] = 0
        errors = told(process)
        feeding.finish()
    if process.returncode != 0:
        raise Damaged(errors.splitlines()[-1] if errors else DATABASE)
    return counts


def _write(
    writing: Writing, *, ops: Address, now: datetime, tell: Callable[[str], None]
) -> Manifest:
    with ops.connect() as connection:
        # Counts, balances and the dump see the same moment; postings go on meanwhile.
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        version = connection.info.server_version
        manifest: Manifest = {
            "product": "meritbook",
            "format": FORMAT,
            "made_at": now.isoformat(),
            "server_version": version,
            "migrations": facts.migrations(connection),
            "tables": facts.row_counts(connection),
            "companies": facts.companies(connection),
        }
        tell(_("导出数据库"))
        _dump(
            writing,
            ops=ops,
            tools=programs(server_version=version),
            snapshot=str(snapshot[0] if snapshot else ""),
        )
    # Files are only ever added, and before their row: those of the dump are all there.
    tell(_("收集文件"))
    for name, file in data_files():
        with file.open("rb") as content:
            writing.add(name, pieces_of(content))
    tell(_("核对账目"))
    for company in manifest["companies"]:
        company["verified"] = _is_sound(company["id"])
    writing.finish(manifest)
    return {**manifest, "members": writing.members}


def data_files() -> Iterator[tuple[str, Path]]:
    """The stored files and anchors: their names in the archive, and where they lie."""
    root = Path(settings.DATA)
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            if file.is_file() and not file.is_symlink() and not file.name.endswith(".part"):
                yield file.relative_to(root).as_posix(), file


def _dump(writing: Writing, *, ops: Address, tools: Programs, snapshot: str) -> None:
    command = [
        tools.path("pg_dump"),
        "--format=custom",
        "--no-password",
        f"--snapshot={snapshot}",
        f"--dbname={ops.conninfo}",
    ]
    with start(command, env=ops.environment()) as process:
        writing.add(DATABASE, pieces_of(piped(process.stdout)))
        errors = told(process)
    if process.returncode != 0:
        raise BackupRefused(_("数据库导出失败：%(error)s") % {"error": errors[-300:]})


def _refuse_other_counts(found: Reading, *, tools: Programs) -> None:
    there, wanted = counted(found, tools=tools), found.manifest["tables"]
    wrong = [name for name in wanted if there.get(name, 0) != wanted[name]]
    if wrong:
        raise BackupRefused(
            _("备份不完整：%(tables)s 的行数与数据库不符") % {"tables": "、".join(wrong[:5])}
        )


def _refuse_full_disk(folder: Path) -> None:
    needed = SPARE_BYTES + sum(file.stat().st_size for _name, file in data_files())
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupRefused(
            _("磁盘空间不足：至少需要 %(needed)s MB，剩余 %(free)s MB")
            % {"needed": -(-needed // 2**20), "free": free // 2**20}
        )


def _is_sound(company_id: int) -> bool:
    with company_scope(company_id):
        return verify(company_id=company_id).ok


def _give_name(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)  # unlike a rename it never replaces what came meanwhile
    except FileExistsError:
        raise BackupRefused(_("文件已存在，不会覆盖：%(path)s") % {"path": path}) from None
    except OSError:
        if path.exists():
            raise BackupRefused(_("文件已存在，不会覆盖：%(path)s") % {"path": path}) from None
        temporary.rename(path)  # a file system without links
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def summary(made: Made) -> dict[str, Any]:
    """What the command answers."""
    return {
        "file": str(made.path),
        "size": made.size,
        "made_at": made.manifest["made_at"],
        "rows": sum(made.manifest["tables"].values()),
        "files": len(made.manifest["members"]) - 1,
        "companies": made.manifest["companies"],
    }
