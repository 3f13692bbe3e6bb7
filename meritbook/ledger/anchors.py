"""The file in which a company's blocks are told outside the database, one line a block's head.

Append-only by its use: lines are added and synced to the disk, none is ever rewritten. A copy of it
elsewhere (a mail, a print, a backup that the administrator of the database cannot reach) is worth
more than the file itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

FOLDER = "anchors"
TAIL = 4096
"""Bytes in which the last line surely is."""


class Anchor(NamedTuple):
    """A line: after block ``seq`` the chain's head was ``hash`` (hex)."""

    seq: int
    hash: str
    n: int
    at: str


def anchor_file(*, company_id: int) -> Path:
    """Where the company's anchors are; named by its number, as codes may change."""
    return Path(settings.DATA) / FOLDER / f"{company_id}.jsonl"


def append_anchor(*, company_id: int, seq: int, head: str, n: int, at: datetime) -> None:
    """Add a line (``head`` in hex) and wait until the disk has it. Raises OSError."""
    path = anchor_file(company_id=company_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    line = Anchor(seq, head, n, at.astimezone(UTC).isoformat())
    with path.open("a", encoding="ascii") as file:
        # A line that a crash cut off is left as it is and closed.
        if file.tell() and not _ends_in_newline(path):
            file.write("\n")
        file.write(json.dumps(line._asdict()) + "\n")
        file.flush()
        os.fsync(file.fileno())


def anchors(*, company_id: int) -> Iterator[Anchor]:
    """The lines of the file, from the first; a line that a crash cut off is skipped."""
    try:
        text = anchor_file(company_id=company_id).read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return
    yield from filter(None, map(_anchor, text.splitlines()))


def last_anchor(*, company_id: int) -> Anchor | None:
    """The last whole line."""
    try:
        with anchor_file(company_id=company_id).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
            text = file.read().decode("ascii", errors="replace")
    except FileNotFoundError:
        return None
    return next((line for line in map(_anchor, reversed(text.splitlines())) if line), None)


def _anchor(line: str) -> Anchor | None:
    try:
        known = json.loads(line)
        return Anchor(int(known["seq"]), str(known["hash"]), int(known["n"]), str(known["at"]))
    except (ValueError, KeyError, TypeError):
        return None


def _ends_in_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
