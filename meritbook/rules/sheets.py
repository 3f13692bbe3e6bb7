"""Reading a rule table from a file, a text, or pasted cells."""

from dataclasses import replace
from pathlib import Path

from meritbook.kit.commands import read_bytes
from meritbook.kit.sheets import decode_text, read_workbook
from meritbook.kit.words import told
from meritbook.rules.tables import Finding, Reading, read_tables, read_text


def read_rule_file(*, name: str, data: bytes) -> Reading:
    """The drafts, problems and findings of a file handed in as ``name``.

    A ``.txt`` file has one standard a line; everything else is a spreadsheet or csv. Raises
    UnreadableFile or MissingColumns (Refusals) when nothing can be read.
    """
    if Path(name).suffix.lower() in {".txt", ".md"}:
        text, _encoding = decode_text(data)
        return read_text(text)
    workbook = read_workbook(data, name=name)
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
    """The same from a path on disk; NoSuchFile when there is none."""
    return read_rule_file(name=path.name, data=read_bytes(path))
