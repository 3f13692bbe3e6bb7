"""`run.py drill`: restore a backup into a throw-away server; what it proves is written down."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from launch import database, paths, postgres, steps
from launch.say import Refused, Usage, pick, say, write


def drill(rest: Sequence[str]) -> int:
    """The backup named, else the newest in the data folder. 0 when all of it came back."""
    if len(rest) > 1:
        raise Usage("drill 只接受一个备份文件。", "drill takes one backup file.")
    file = Path(rest[0]).absolute() if rest else newest(paths.data_folder() / "backups")
    if not file.is_file():
        raise Refused(f"没有这个文件:{file}", f"There is no such file: {file}")
    steps.prepare_packages()
    say(f"正在演练恢复 {file.name}…", f"Restoring {file.name} on trial …")
    server = postgres.throw_away(database.chosen_binaries())
    server.ensure()
    try:
        code, told = restored(file, server)
    finally:
        server.release()
    remember(name=file.name, is_good=code == 0, detail=told)
    write(told)
    return code


def restored(file: Path, server: postgres.Server) -> tuple[int, str]:
    """The exit code of `restore` in an installation of its own, and what it says."""
    place = database.throw_away_database(server)
    steps.migrate(place)
    steps.translations()
    done = subprocess.run(
        [str(paths.venv_python()), "-m", "django", "restore", str(file)],
        env=steps.django_environment(place, is_trusted=True),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    told = done.stderr if done.returncode else done.stdout
    return done.returncode, told.strip() or pick("没有说明", "no explanation")


def newest(folder: Path) -> Path:
    """The newest backup that was made by itself."""
    found = sorted(folder.glob("meritbook-*.mbk"))
    if not found:
        raise Refused(f"{folder} 里没有备份。", f"There is no backup in {folder}.")
    return found[-1]


def remember(*, name: str, is_good: bool, detail: str) -> None:
    """A line for the page of backups; the exit code has told the rest."""
    folder = paths.data_folder() / "backups"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    line = {
        "at": datetime.now(UTC).isoformat(),  # noqa: TID251 -- the launcher is a door of its own
        "name": name,
        "ok": is_good,
        "detail": detail[-400:],
    }
    descriptor = os.open(folder / "drills.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as record:
        record.write(json.dumps(line, ensure_ascii=False) + "\n")
