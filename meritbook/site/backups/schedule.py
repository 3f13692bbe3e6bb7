"""The backups that are made by themselves: when, where, how many stay, and what came of them.

They lie in the folder ``backups`` of the data folder, with a line in ``runs.jsonl`` for each try and
one in ``drills.jsonl`` for each drill: a table would be inside the backup that it speaks of.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.site.backups.archive import SUFFIX, manifest_of
from meritbook.site.backups.making import make_backup

FOLDER = "backups"
RUNS, DRILLS = "runs.jsonl", "drills.jsonl"
NIGHT = time(2, 0)
"""From this hour of the day (in the installation's zone) a new backup is due."""
NAME = re.compile(r"meritbook-\d{8}-\d{6}\.mbk")
REPEATED_AFTER = timedelta(minutes=1)
LINES_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Run:
    """One try. ``error`` is empty when it succeeded; ``is_there``: the file still lies there."""

    begun_at: datetime
    finished_at: datetime
    name: str
    size: int
    error: str
    is_there: bool


@dataclass(frozen=True, slots=True)
class Drill:
    """A backup that was restored into a throw-away server and compared."""

    at: datetime
    name: str
    is_good: bool
    detail: str


def folder() -> Path:
    """Where scheduled backups lie; only the service may look into it."""
    place = Path(settings.DATA) / FOLDER
    if not place.is_dir():
        place.mkdir(parents=True, mode=0o700)
    return place


def is_due(*, now: datetime) -> bool:
    """Whether no backup has succeeded since the last night began.

    Asked every hour, so that a computer that is off at night gets its backup in the morning. What
    claims to come from the future (the clock was put back) does not count.
    """
    here = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    night = here.replace(hour=NIGHT.hour, minute=NIGHT.minute, second=0, microsecond=0)
    if night > here:
        night -= timedelta(days=1)
    return not any(not run.error and night <= run.begun_at <= now for run in runs())


def run_backup(*, now: datetime) -> Run | None:
    """Make one into the folder, drop the oldest, write down what came of it.

    None when one has just been made: whoever pressed twice gets one.
    """
    last = next((run for run in runs() if not run.error), None)
    if last and last.is_there and timedelta(0) <= now - last.finished_at < REPEATED_AFTER:
        return None
    local = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    path = folder() / f"meritbook-{local:%Y%m%d-%H%M%S}{SUFFIX}"
    size, error = 0, ""
    try:
        size = make_backup(path=path, now=now).size
        remove_old(keep=settings.BACKUPS_KEPT)
    except Refusal as refusal:
        error = str(refusal.message)
    finished = clock.now()
    _write_line(
        RUNS,
        {
            "begun_at": now.isoformat(),
            "finished_at": finished.isoformat(),
            "name": path.name,
            "size": size,
            "error": error,
        },
    )
    return Run(now, finished, path.name, size, error, not error)


def remove_old(*, keep: int) -> list[str]:
    """Remove all but the ``keep`` newest of those that were made by themselves."""
    made = sorted(file for file in folder().iterdir() if NAME.fullmatch(file.name))
    gone = made[: -max(keep, 1)]
    for file in gone:
        file.unlink(missing_ok=True)
    return [file.name for file in gone]


def runs() -> list[Run]:
    """The tries, the latest first."""
    there = {file.name for file in folder().iterdir()}
    return [
        Run(
            begun_at=datetime.fromisoformat(line["begun_at"]),
            finished_at=datetime.fromisoformat(line["finished_at"]),
            name=line["name"],
            size=int(line["size"]),
            error=line["error"],
            is_there=line["name"] in there,
        )
        for line in _lines(RUNS)
    ]


def last_drill() -> Drill | None:
    """What came of the last drill, or None before the first."""
    for line in _lines(DRILLS):
        return Drill(
            at=datetime.fromisoformat(line["at"]),
            name=line["name"],
            is_good=bool(line["ok"]),
            detail=line["detail"],
        )
    return None


def newest() -> Path | None:
    """The newest backup that lies here."""
    made = sorted(file for file in folder().iterdir() if NAME.fullmatch(file.name))
    return made[-1] if made else None


def file_of(*, name: str, company_id: int) -> Path | None:
    """A backup that ``company_id`` may have: one that holds this company and no other."""
    path = folder() / name
    if not NAME.fullmatch(name) or not path.is_file():
        return None
    try:
        held = [company["id"] for company in manifest_of(path)["companies"]]
    except (Refusal, OSError):
        return None
    return path if held == [company_id] else None


def _lines(name: str) -> Iterator[dict[str, Any]]:
    try:
        text = (folder() / name).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    for line in reversed(text.splitlines()[-LINES_SHOWN:]):
        try:
            found = json.loads(line)
        except ValueError:
            continue  # a crash cut it off
        if isinstance(found, dict):
            yield found


def _write_line(name: str, values: dict[str, Any]) -> None:
    descriptor = os.open(folder() / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps(values, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
