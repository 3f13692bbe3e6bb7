"""The file: members in a zip, each with its SHA-256 in the manifest, which comes last."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from meritbook.site.backups.refusals import Damaged

SUFFIX = ".mbk"
FORMAT = 1
DATABASE = "database.dump"
MANIFEST = "manifest.json"
FOLDERS = ("files", "anchors")
"""Folders of the data folder that belong to it: what people handed in, and the anchors."""
_INSIDE = {(folder,) for folder in FOLDERS}
PIECE = 1024 * 1024

Manifest = dict[str, Any]


class Writing:
    """A zip under a temporary name: members go in, sizes and checksums are kept."""

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED, allowZip64=True)
        self.members: dict[str, dict[str, object]] = {}

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write one member as it comes."""
        total, size = hashlib.sha256(), 0
        with self._zip.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
                total.update(piece)
                size += len(piece)
        self.members[name] = {"size": size, "sha256": total.hexdigest()}

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest and wait until the disk has everything."""
        text = json.dumps({**manifest, "members": self.members}, ensure_ascii=False, indent=1)
        self._zip.writestr(MANIFEST, text)
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let the file go; unfinished it is no archive, and need not become one."""
        if self._zip.fp is not None:
            self._zip.fp = None
        self._file.close()


class Reading:
    """A backup that is read. Raises Damaged as soon as something is not what was written."""

    def __init__(self, file: zipfile.ZipFile, manifest: Manifest) -> None:
        self._zip = file
        self.manifest = manifest

    @property
    def names(self) -> list[str]:
        """All members but the manifest."""
        return list(self.manifest["members"])

    def pieces(self, name: str) -> Iterator[bytes]:
        """A member's content; raises Damaged at its end when it is another than was written."""
        known, total, size = self.manifest["members"][name], hashlib.sha256(), 0
        try:
            with self._zip.open(name) as member:
                while piece := member.read(PIECE):
                    total.update(piece)
                    size += len(piece)
                    yield piece
        except (KeyError, zipfile.BadZipFile, EOFError, OSError) as error:
            raise Damaged(name) from error
        if size != known["size"] or total.hexdigest() != known["sha256"]:
            raise Damaged(_("%(name)s 的校验和不符") % {"name": name})

    def check(self, tell: Callable[[str], None] = lambda _name: None) -> None:
        """Read everything once. Raises Damaged."""
        if sorted(self._zip.namelist()) != sorted([*self.names, MANIFEST]):
            raise Damaged(_("文件清单与内容不一致"))
        for name in self.names:
            for _piece in self.pieces(name):
                pass
            tell(name)


@contextmanager
def opened(path: Path) -> Iterator[Reading]:
    """A backup to read. Raises Damaged, OSError."""
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as found:
                manifest = json.loads(found.read(MANIFEST))
                yield Reading(found, _checked(manifest))
        except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
            raise Damaged(path.name) from error


def manifest_of(path: Path) -> Manifest:
    """What a backup says about itself, without reading the rest."""
    with opened(path) as found:
        return found.manifest


def pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    """A stream in pieces."""
    while piece := file.read(PIECE):
        yield piece


def _checked(manifest: Any) -> Manifest:
    if not isinstance(manifest, dict) or manifest.get("product") != "meritbook":
        raise Damaged(_("不是积分簿的备份"))
    if manifest.get("format") != FORMAT:
        raise Damaged(
            _("备份格式 %(format)s 无法读取，请升级后再试") % {"format": manifest.get("format")}
        )
    members = manifest["members"]
    if not isinstance(members, dict):
        raise Damaged(MANIFEST)
    for name in members:
        parts = Path(name).parts
        # What is unpacked stays below the data folder.
        if name != DATABASE and (parts[:1] not in _INSIDE or ".." in parts or "\0" in name):
            raise Damaged(name)
    return manifest
