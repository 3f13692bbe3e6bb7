"""What is checked before a file is opened: a bomb is refused by its directory alone."""

from __future__ import annotations

import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from meritbook.kit.errors import Refusal
from meritbook.kit.words import say

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = b"PK\x03\x04"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CELL = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_FORMULA_WITHOUT_VALUE = re.compile(
    rb'<c\b[^>]*?\br="([A-Z]{1,3}\d{1,7})"[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)'
    rb"\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
_SHEET = re.compile(r"<(?:\w+:)?sheet\b([^>]*)>")
_RELATION = re.compile(r"<Relationship\b([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    KeyError,
    NotImplementedError,  # zipfile's word for a version or a compression that it does not know
)
"""What opening a broken package raises."""


class UnreadableFile(Refusal):
    """The file is not a table that can be read; the message says why and what to do."""

    code = "unreadable_file"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may hold. Sizes in bytes; the ratio counts only above `ratio_floor`."""

    file_bytes: int = 50 * 1024 * 1024
    unpacked_bytes: int = 100 * 1024 * 1024
    ratio: int = 100
    ratio_floor: int = 10 * 1024 * 1024
    rows: int = 200_000
    columns: int = 1_000
    cells: int = 5_000_000


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """What the guard learned: cells (as "B3") with a formula but no stored result, by sheet."""

    unsaved_formulas: dict[str, tuple[str, ...]]


def check_size(content: bytes, *, limits: Limits) -> None:
    """Refuse an empty or an oversized file."""
    if not content.strip(b"\x00\t\r\n ") or content in {b"\xef\xbb\xbf", b"\xff\xfe"}:
        raise UnreadableFile(say("文件是空的，没有可以读取的内容。"), code="empty_file")
    if len(content) > limits.file_bytes:
        size = limits.file_bytes // (1024 * 1024)
        raise UnreadableFile(
            say("文件超过 %(size)s MB，请拆分后再上传。", size=size), code="file_too_large"
        )


def check_ole(content: bytes) -> None:
    """Refuse an OLE file that is an encrypted workbook or no workbook at all."""
    if _ENCRYPTED in content:
        raise UnreadableFile(
            say("文件设有打开密码。请在 Excel 中取消密码后再上传。"), code="password_protected"
        )
    if "WordDocument".encode("utf-16-le") in content:
        raise UnreadableFile(
            say("这是旧版 Word 文档（.doc）。请用 Word 另存为 .docx 后再上传。"), code="not_a_sheet"
        )
    names = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
    if not any(name in content for name in names):
        raise UnreadableFile(
            say("文件不是 Excel 表格。请另存为 .xlsx 后再上传。"), code="not_a_sheet"
        )


def check_package(content: bytes, *, limits: Limits) -> PackageFacts:
    """Refuse a zip that is no workbook, a bomb, or too large a grid.

    The directory is judged before anything is unpacked. Then every part is unpacked once with its
    declared size as the bound, because a directory can lie and later readers would trust it.
    """
    unsaved: dict[str, tuple[str, ...]] = {}
    with _opened(content, limits=limits) as package:
        names = set(package.namelist())
        if "xl/workbook.xml" not in names:
            _refuse_other_package(names)
        parts = _sheet_parts(package)
        for info in package.infolist():
            data = _unpack(package, info)
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", info.filename):
                name = parts.get(info.filename, "")
                _check_extent(data, sheet=name, limits=limits)
                if b"<f" in data and (cells := _FORMULA_WITHOUT_VALUE.findall(data)):
                    unsaved[name] = tuple(cell.decode() for cell in cells)
    return PackageFacts(unsaved_formulas=unsaved)


def is_document(content: bytes) -> bool:
    """Say whether a zip is a Word document; a zip that cannot be read is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return "word/document.xml" in package.namelist()
    except _DAMAGED:
        return False


def check_document(content: bytes, *, limits: Limits) -> None:
    """Refuse a Word document that is a bomb, as `check_package` does with workbooks."""
    with _opened(content, limits=limits) as package:
        for info in package.infolist():
            _unpack(package, info)


@contextmanager
def _opened(content: bytes, *, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """Open a package whose directory is harmless; what goes wrong inside it is a refusal."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_directory(package, packed=len(content), limits=limits)
            yield package
    except UnreadableFile:
        raise
    except _DAMAGED as error:
        raise UnreadableFile(
            say("文件已损坏，无法打开。请用 Excel 或 Word 打开后另存为新文件。"),
            code="damaged_file",
        ) from error
    except RuntimeError as error:  # zipfile's word for an encrypted member
        raise UnreadableFile(
            say("文件设有密码。请取消密码后再上传。"), code="password_protected"
        ) from error


def _check_directory(package: zipfile.ZipFile, *, packed: int, limits: Limits) -> None:
    infos = package.infolist()
    unpacked = sum(info.file_size for info in infos)
    bomb = unpacked > limits.unpacked_bytes or len(infos) > 10_000
    if not bomb and unpacked > limits.ratio_floor:
        bomb = unpacked > limits.ratio * max(packed, 1)
    if bomb:
        size = limits.unpacked_bytes // (1024 * 1024)
        raise UnreadableFile(
            say(
                "文件解压后过大（上限 %(size)s MB），为安全起见没有打开。请拆分或清理空白区域后再上传。",
                size=size,
            ),
            code="zip_bomb",
        )


def _unpack(package: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with package.open(info) as part:
        data = part.read(info.file_size + 1)
    if len(data) > info.file_size:
        raise zipfile.BadZipFile("declared size too small")
    return data


def _refuse_other_package(names: set[str]) -> None:
    if "xl/workbook.bin" in names or "content.xml" in names:
        raise UnreadableFile(
            say("暂不支持 .xlsb 和 .ods 表格。请另存为 .xlsx 后再上传。"), code="not_a_sheet"
        )
    raise UnreadableFile(
        say("文件不是 Excel 表格。请上传 .xlsx、.xls 或 .csv。"), code="not_a_sheet"
    )


def _check_extent(data: bytes, *, sheet: str, limits: Limits) -> None:
    # The reader allocates the whole rectangle, so one stray cell at XFD1048576 would take 500 GB.
    columns = 0
    last_row = 0
    for letters, row in set(_CELL.findall(data)) if len(data) < 4_000_000 else _CELL.findall(data):
        columns = max(columns, _column_number(letters))
        last_row = max(last_row, int(row))
    if last_row > limits.rows or columns > limits.columns or last_row * columns > limits.cells:
        where = say("工作表「%(sheet)s」", sheet=sheet) if sheet else say("工作表")
        raise UnreadableFile(
            say(
                "%(where)s范围过大（%(rows)s 行 × %(columns)s 列，上限 %(most_rows)s 行、"
                "%(most_columns)s 列）。请删除多余的行列后再上传。",
                where=where,
                rows=last_row,
                columns=columns,
                most_rows=limits.rows,
                most_columns=limits.columns,
            ),
            code="too_many_cells",
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
    """Map each sheet's part to its name."""
    workbook = _unpack(package, package.getinfo("xl/workbook.xml")).decode("utf-8", "replace")
    try:
        listed = _unpack(package, package.getinfo("xl/_rels/workbook.xml.rels"))
    except KeyError:
        return {}
    targets = {}
    for found in _RELATION.findall(listed.decode("utf-8", "replace")):
        attributes = dict(_ATTRIBUTE.findall(found))
        target = attributes.get("Target", "").lstrip("/")
        targets[attributes.get("Id", "")] = target if target.startswith("xl/") else f"xl/{target}"
    names = {}
    for found in _SHEET.findall(workbook):
        attributes = dict(_ATTRIBUTE.findall(found))
        relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
        names[targets.get(relation, "")] = html.unescape(attributes.get("name", ""))
    return names
