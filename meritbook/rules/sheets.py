"""Reading a rule table from a file, a text, or pasted cells."""

import sys
from dataclasses import replace
from pathlib import Path

from meritbook.kit.commands import read_bytes
from meritbook.kit.sheets import UnreadableFile, decode_text, read_workbook
from meritbook.kit.words import say, told
from meritbook.rules.tables import Finding, Reading, read_tables, read_text

_PICTURES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")


def read_rule_file(*, name: str, data: bytes) -> Reading:
    """The drafts, problems and findings of a file handed in as ``name``.

    A ``.txt`` file has one standard a line; everything else is a spreadsheet, csv or a Word document.
    Raises UnreadableFile or NoRuleTable (Refusals) when nothing can be read.
    """
    if Path(name).suffix.lower() in {".txt", ".md"}:
        text, _encoding = decode_text(data)
        return read_text(text)
    if data.startswith(_PICTURES):
        raise UnreadableFile(
            say("这是 PDF 或图片，读不出文字。请提供 Excel 或 Word 表格，或把文字粘贴进来。"),
            code="no_text",
        )
    workbook = read_workbook(data, name=name, documents=True)
    reading = read_tables(workbook.sheets)
    hidden = tuple(
        Finding(
            "hidden_sheet",
            name,
            0,
            told("「%(name)s」是隐藏的工作表，没有读", name=name),
            told("要读就取消隐藏"),
        )
        for name in workbook.hidden
    )
    return replace(reading, findings=(*reading.findings, *hidden))


def read_rule_path(path: Path) -> Reading:
    """The same from a path on disk (NoSuchFile when there is none), or from standard input for "-".

    What is piped in is text, one standard a line, unless it is a workbook or a document.
    """
    if str(path) != "-":
        return read_rule_file(name=path.name, data=read_bytes(path))
    data = sys.stdin.buffer.read()
    packed = data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) or data.startswith(_PICTURES)
    return read_rule_file(name="-" if packed else "-.txt", data=data)
