"""Files into sheets: xlsx and xls by calamine, csv and text by their detected encoding."""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import cast

import python_calamine

from meritbook.kit.problems import Problem
from meritbook.kit.sheets.documents import read_document
from meritbook.kit.sheets.grid import CellValue, Merge, Sheet, Workbook
from meritbook.kit.sheets.guards import (
    OLE_MAGIC,
    ZIP_MAGIC,
    Limits,
    UnreadableFile,
    check_ole,
    check_package,
    check_size,
    is_document,
)
from meritbook.kit.words import say

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")


def read_path(path: Path | str, *, limits: Limits | None = None) -> Workbook:
    """Read a file from disk; refuse (UnreadableFile) when it is missing or unreadable."""
    path = Path(path)
    limits = limits or Limits()
    try:
        with path.open("rb") as file:
            content = file.read(limits.file_bytes + 1)
    except OSError as error:
        raise UnreadableFile(
            say("打不开文件 %(name)s：%(error)s。", name=path.name, error=error.strerror)
        ) from error
    return read_workbook(content, name=path.name, limits=limits)


def read_workbook(
    content: bytes, *, name: str, limits: Limits | None = None, documents: bool = False
) -> Workbook:
    """Read the bytes of an xlsx, xls, csv or text file; with `documents` also of a docx.

    The kind is told by the content, not by the name. Sheets that hold nothing are left out;
    UnreadableFile when nothing is left.
    """
    limits = limits or Limits()
    check_size(content, limits=limits)
    if documents and content.startswith(ZIP_MAGIC) and is_document(content):
        workbook = Workbook(name=name, kind="docx", sheets=read_document(content, limits=limits))
    elif content.startswith((ZIP_MAGIC, OLE_MAGIC)):
        workbook = _read_excel(content, name=name, limits=limits)
    else:
        text, encoding = decode_text(content)
        rows = read_grid_text(text, limits=limits)
        sheet = Sheet(name=Path(name).stem[:80], rows=rows, merges=None)
        workbook = Workbook(name=name, kind="csv", sheets=(sheet,), encoding=encoding)
    sheets = tuple(sheet for sheet in workbook.sheets if sheet.problems or not sheet.is_empty)
    if not sheets:
        raise UnreadableFile(say("文件里没有任何内容。"), code="empty_file")
    return replace(workbook, sheets=sheets)


def decode_text(content: bytes) -> tuple[str, str]:
    """Decode text by its mark, else as utf-8, else as gb18030; return it with the encoding."""
    if content.startswith(_BINARY):
        raise UnreadableFile(say("文件不是表格。请上传 .xlsx、.xls 或 .csv。"), code="not_a_sheet")
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _decoded(content, encoding), encoding
    for encoding in ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return _checked(text), encoding
    raise UnreadableFile(
        say("无法识别文件的编码。请用 Excel 另存为 .xlsx，或另存为 UTF-8 编码的 .csv。"),
        code="unknown_encoding",
    )


def read_grid_text(text: str, *, limits: Limits | None = None) -> list[list[CellValue]]:
    """Split delimited text (comma, tab, semicolon or bar) into rows of equal length."""
    limits = limits or Limits()
    head = text.lstrip()[:400].lower()
    if head.startswith(("<html", "<!doctype html", "<table", "<?xml")):
        raise UnreadableFile(
            say("这是网页格式的文件。请用 Excel 打开后另存为 .xlsx。"), code="not_a_sheet"
        )
    rows: list[list[CellValue]] = []
    width = 0
    # One more than allowed is enough to know: 50 MB of line breaks would fill the memory.
    for record in _records(text, most=limits.rows + 1):
        if len(rows) >= limits.rows:
            raise UnreadableFile(
                say("超过 %(rows)s 行，请拆分后再上传。", rows=limits.rows), code="too_many_cells"
            )
        width = max(width, len(record))
        rows.append(cast("list[CellValue]", record))
    if width > limits.columns or width * len(rows) > limits.cells:
        raise UnreadableFile(
            say("列数过多（%(width)s 列），请整理后再上传。", width=width), code="too_many_cells"
        )
    for row in rows:
        row.extend([""] * (width - len(row)))
    return rows


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return _checked(content.decode(encoding))
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            say("文件编码有误，无法读取。请用 Excel 另存为 .xlsx。"), code="unknown_encoding"
        ) from error


def _checked(text: str) -> str:
    odd = sum(1 for sign in text[:4000] if ord(sign) < 32 and sign not in "\t\r\n\f\v")
    if odd or "\x00" in text:
        raise UnreadableFile(say("文件不是表格。请上传 .xlsx、.xls 或 .csv。"), code="not_a_sheet")
    return text


def _records(text: str, *, most: int) -> list[list[str]]:
    delimiter = _delimiter(text)
    try:
        strict = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return list(islice(strict, most))
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise UnreadableFile(
                say("文件里有引号没有成对，后面的行会被吞掉。请检查引号，或另存为 .xlsx。"),
                code="damaged_file",
            ) from error
    try:
        return list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), most))
    except csv.Error as error:
        raise UnreadableFile(
            say("文件内容无法按表格读取。请另存为 .xlsx。"), code="damaged_file"
        ) from error


def _delimiter(text: str) -> str:
    """Choose the separator that most of the first lines share."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text[:20_000].splitlines()[:30]]
    lines = [line for line in lines if line.strip()]

    def regularity(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines]
        return sum(1 for count in counts if count), sum(counts)

    best = max("\t,;|", key=regularity)
    return best if regularity(best)[0] else ","


def _read_excel(content: bytes, *, name: str, limits: Limits) -> Workbook:
    unsaved: dict[str, tuple[str, ...]] = {}
    kind = "xlsx"
    if content.startswith(OLE_MAGIC):
        kind = "xls"
        check_ole(content)
    else:
        unsaved = check_package(content, limits=limits).unsaved_formulas
    try:
        with python_calamine.load_workbook(io.BytesIO(content)) as book:
            sheets = tuple(
                _sheet(
                    book.get_sheet_by_name(meta.name),
                    unsaved=unsaved.get(meta.name, ()),
                    limits=limits,
                )
                for meta in book.sheets_metadata
                if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
                and meta.visible == python_calamine.SheetVisibleEnum.Visible
            )
            hidden = tuple(
                meta.name
                for meta in book.sheets_metadata
                if meta.visible != python_calamine.SheetVisibleEnum.Visible
            )
    except python_calamine.PasswordError as error:
        raise UnreadableFile(
            say("文件设有打开密码。请在 Excel 中取消密码后再上传。"), code="password_protected"
        ) from error
    except python_calamine.CalamineError as error:
        raise UnreadableFile(
            say("文件已损坏，无法打开。请用 Excel 打开后另存为 .xlsx。"), code="damaged_file"
        ) from error
    return Workbook(name=name, kind=kind, sheets=sheets, hidden=hidden)


def _sheet(
    source: python_calamine.CalamineSheet, *, unsaved: tuple[str, ...], limits: Limits
) -> Sheet:
    if source.total_height > limits.rows or source.total_height * source.total_width > limits.cells:
        raise UnreadableFile(
            say(
                "工作表「%(name)s」超过 %(rows)s 行，请拆分后再上传。",
                name=source.name,
                rows=limits.rows,
            ),
            code="too_many_cells",
        )
    rows = _trimmed(source.to_python(skip_empty_area=False))
    merges = tuple(
        Merge(top=top + 1, left=left + 1, bottom=bottom + 1, right=right + 1)
        for (top, left), (bottom, right) in sorted(source.merged_cell_ranges or [])
    )
    problems = tuple(
        Problem(
            sheet=source.name,
            row=int(re.sub(r"\D", "", cell)),
            column=re.sub(r"\d", "", cell),
            reason=say("单元格 %(cell)s 的公式没有保存计算结果", cell=cell),
            remedy=say("请用 Excel 打开文件、保存后再上传，或把公式改成数值"),
        )
        for cell in unsaved
    )
    return Sheet(name=source.name, rows=rows, merges=merges, problems=problems)


def _trimmed(rows: list[list[CellValue]]) -> list[list[CellValue]]:
    """Drop empty rows at the end and empty columns at the right."""
    while rows and all(value == "" for value in rows[-1]):
        rows.pop()
    width = 0
    for row in rows:
        for index in range(len(row), width, -1):
            if row[index - 1] != "":
                width = index
                break
    return [row[:width] + [""] * (width - len(row)) for row in rows]
