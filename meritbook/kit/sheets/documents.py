"""Word documents into sheets: paragraphs as lines of text, tables as grids, in the document's order."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn

from meritbook.kit.sheets.grid import CellValue, Merge, Sheet
from meritbook.kit.sheets.guards import Limits, UnreadableFile, check_document
from meritbook.kit.words import say, told

_P, _TBL, _TR, _TC, _T = (qn(f"w:{name}") for name in ("p", "tbl", "tr", "tc", "t"))
_VAL = qn("w:val")
_BREAKS = {qn("w:br"), qn("w:cr")}
_BLANKS = {qn("w:tab"), qn("w:ptab")}
_HYPHEN = qn("w:noBreakHyphen")
_BOX = qn("w:txbxContent")
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_GONE = {_FALLBACK, qn("w:del"), qn("w:moveFrom"), qn("w:sectPr")}
_PICTURES = {qn("w:drawing"), qn("w:pict"), qn("w:object")}
_DEEPEST = 20
_TEXT = "正文"


@dataclass
class _Reader:
    """What is collected on the way through a document."""

    limits: Limits
    headings: frozenset[str]
    """Ids of the styles of headings."""
    sheets: list[Sheet] = field(default_factory=list)
    lines: list[tuple[int, str, bool]] = field(default_factory=list)
    """(number of the paragraph, its text, whether it is a heading) since the last table."""
    paragraphs: int = 0
    tables: int = 0
    pictures: bool = False
    cells: int = 0


def read_document(content: bytes, *, limits: Limits) -> tuple[Sheet, ...]:
    """Read the bytes of a .docx: 正文 for lines of text (a row is a paragraph), 表 1, 表 2 for tables.

    A table inside a cell is a table of its own (表 1-1) after the one around it. What is marked as
    deleted is left out. UnreadableFile for anything that is no document or holds no text.
    """
    check_document(content, limits=limits)
    try:
        document = docx.Document(io.BytesIO(content))
        body = document.element.body
        reader = _Reader(limits=limits, headings=_heading_styles(document))
        _blocks(reader, body, depth=0)
    except UnreadableFile:
        raise
    except (
        OpcError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        SyntaxError,
        OSError,
    ) as error:
        raise UnreadableFile(
            say("文件已损坏，无法打开。请用 Word 打开后另存为 .docx。"), code="damaged_file"
        ) from error
    _end_lines(reader)
    if not any(not sheet.is_empty for sheet in reader.sheets) and reader.pictures:
        raise UnreadableFile(
            say("文档里只有图片，读不出文字。请提供能选中文字的文档，或把文字粘贴进来。"),
            code="no_text",
        )
    return tuple(reader.sheets)


def _heading_styles(document: Any) -> frozenset[str]:
    found = set()
    for style in document.styles.element.iter(qn("w:style")):
        name = style.find(qn("w:name"))
        named = (name.get(_VAL) or "").lower() if name is not None else ""
        if named.startswith(("heading", "标题", "title", "subtitle")):
            found.add(style.get(qn("w:styleId")) or "")
    return frozenset(found)


def _blocks(reader: _Reader, parent: Any, *, depth: int) -> None:
    for node in parent:
        if node.tag == _P:
            _paragraph(reader, node, depth=depth)
        elif node.tag == _TBL:
            _end_lines(reader)
            reader.tables += 1
            _table(reader, node, name=f"表 {reader.tables}", depth=depth)
        elif node.tag not in _GONE and isinstance(node.tag, str):
            _blocks(reader, node, depth=depth)  # content controls and insertions hold blocks


def _paragraph(reader: _Reader, node: Any, *, depth: int) -> None:
    reader.paragraphs += 1
    if reader.paragraphs > reader.limits.rows:
        raise _too_large(reader.limits)
    boxes: list[Any] = []
    text = _text(reader, node, boxes)
    style = node.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    is_heading = style is not None and style.get(_VAL) in reader.headings
    reader.lines.append((reader.paragraphs, text, is_heading))
    for box in boxes if depth < _DEEPEST else ():
        _blocks(reader, box, depth=depth + 1)


def _text(reader: _Reader, node: Any, boxes: list[Any]) -> str:
    """Return the text of a paragraph; text boxes on it are put aside."""
    parts: list[str] = []

    def walk(parent: Any) -> None:
        for each in parent:
            if each.tag == _T:
                parts.append(each.text or "")
            elif each.tag in _BREAKS:
                parts.append("\n")
            elif each.tag in _BLANKS:
                parts.append(" ")
            elif each.tag == _HYPHEN:
                parts.append("-")
            elif each.tag == _BOX:
                boxes.append(each)
            elif each.tag not in _GONE and each.tag != _TBL and isinstance(each.tag, str):
                reader.pictures = reader.pictures or each.tag in _PICTURES
                walk(each)

    walk(node)
    return "".join(parts).strip()


def _end_lines(reader: _Reader) -> None:
    """Make a sheet of the paragraphs so far; their rows are their numbers in the document."""
    if any(text for _number, text, _heading in reader.lines):
        last = reader.lines[-1][0]
        rows: list[list[CellValue]] = [[""] for _row in range(last)]
        for number, text, _heading in reader.lines:
            rows[number - 1] = [text]
        reader.sheets.append(
            Sheet(
                name=told(_TEXT),
                rows=rows,
                is_text=True,
                headings=frozenset(n for n, text, heading in reader.lines if heading and text),
            )
        )
    reader.lines = []


def _table(reader: _Reader, node: Any, *, name: str, depth: int) -> None:
    rows: list[list[CellValue]] = []
    merges: list[Merge] = []
    open_merges: dict[int, tuple[int, int]] = {}
    nested: list[Any] = []
    for line in _within(node, _TR):
        row: list[CellValue] = [""] * _count(line, "w:trPr/w:gridBefore", reader.limits, least=0)
        here: dict[int, tuple[int, int]] = {}
        for cell in _within(line, _TC):
            span = _count(cell, "w:tcPr/w:gridSpan", reader.limits, least=1)
            column = len(row)
            state = _merge_state(cell)
            text = _cell_text(reader, cell, nested)
            if state == "continue" and column in open_merges:
                here[column] = open_merges[column]
            elif state is not None or span > 1:
                here[column] = (len(rows), span)
            row.append("" if state == "continue" and column in open_merges else text)
            row.extend([""] * (span - 1))
        for column, (top, span) in open_merges.items():
            if here.get(column) != (top, span):
                _close(merges, column, top, len(rows) - 1, span)
        open_merges = here
        rows.append(row)
        reader.cells += len(row)
        if (
            len(rows) > reader.limits.rows
            or len(row) > reader.limits.columns
            or reader.cells > reader.limits.cells
        ):
            raise _too_large(reader.limits)
    for column, (top, span) in open_merges.items():
        _close(merges, column, top, len(rows) - 1, span)
    width = max((len(row) for row in rows), default=0)
    # Short rows are filled up: one wide row in each of many tables makes many cells out of nothing.
    reader.cells += width * len(rows) - sum(len(row) for row in rows)
    if reader.cells > reader.limits.cells:
        raise _too_large(reader.limits)
    for row in rows:
        row.extend([""] * (width - len(row)))
    reader.sheets.append(Sheet(name=name, rows=rows, merges=tuple(merges)))
    for number, inner in enumerate(nested, start=1):
        if depth < _DEEPEST:
            _table(reader, inner, name=f"{name}-{number}", depth=depth + 1)


def _close(merges: list[Merge], column: int, top: int, bottom: int, span: int) -> None:
    if bottom > top or span > 1:
        merges.append(Merge(top + 1, column + 1, bottom + 1, column + span))


def _cell_text(reader: _Reader, cell: Any, nested: list[Any]) -> str:
    """Return the paragraphs of a cell; tables inside it are put aside."""
    texts: list[str] = []
    boxes: list[Any] = []

    def walk(parent: Any) -> None:
        for node in parent:
            if node.tag == _P:
                texts.append(_text(reader, node, boxes))
            elif node.tag == _TBL:
                nested.append(node)
            elif node.tag not in _GONE and isinstance(node.tag, str):
                walk(node)

    walk(cell)
    while boxes:
        walk(boxes.pop(0))
    return "\n".join(text for text in texts if text)


def _within(parent: Any, tag: str) -> Iterator[Any]:
    """Yield rows of a table or cells of a row, also those inside content controls."""
    for node in parent:
        if node.tag == tag:
            if tag != _TR or node.find(f"{qn('w:trPr')}/{qn('w:del')}") is None:
                yield node
        elif node.tag not in _GONE and node.tag not in {_TBL, _P} and isinstance(node.tag, str):
            yield from _within(node, tag)


def _count(node: Any, path: str, limits: Limits, *, least: int) -> int:
    """Return a number of grid columns; absurd ones are refused."""
    found = _found(node, path.split("/"))
    value = (found.get(_VAL) or "") if found is not None else ""
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else least
    if number > limits.columns:
        raise _too_large(limits)
    return max(number, least)


def _merge_state(cell: Any) -> str | None:
    """Return "restart" or "continue" for a cell of a vertical merge, else None."""
    found = _found(cell, ["w:tcPr", "w:vMerge"])
    return None if found is None else (found.get(_VAL) or "continue")


def _found(node: Any, names: Sequence[str]) -> Any:
    return node.find("/".join(qn(name) for name in names))


def _too_large(limits: Limits) -> UnreadableFile:
    return UnreadableFile(
        say(
            "文档过大（上限 %(rows)s 行、%(columns)s 列），请拆分后再上传。",
            rows=limits.rows,
            columns=limits.columns,
        ),
        code="too_many_cells",
    )
