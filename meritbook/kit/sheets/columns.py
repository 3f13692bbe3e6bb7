"""Tables read by their headings: any order, other names, extra columns kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from meritbook.kit.errors import Refusal
from meritbook.kit.problems import Problem
from meritbook.kit.sheets.grid import CellValue, Sheet, text_of
from meritbook.kit.sheets.values import code_of
from meritbook.kit.sheets.wording import plain
from meritbook.kit.words import say

_HEADER_WITHIN = 15
"""A heading row is looked for in this many first rows."""


class MissingColumns(Refusal):
    """No sheet has all the columns that are needed; the message names them and the place."""

    code = "missing_columns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table that people fill in.

    `title` is what a template writes; `aliases` are other headings that mean the same.
    `kind` is "text", "code" (identifiers: never a number), "date", "moment" or "number".
    """

    key: str
    title: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    kind: str = "text"
    choices: tuple[str, ...] = ()
    sample: str = ""
    hint: str = ""
    width: int = 16


@dataclass(frozen=True, slots=True)
class Row:
    """One line: raw values by column key, and texts of columns that nobody asked for."""

    number: int
    values: Mapping[str, CellValue]
    extras: Mapping[str, str]

    def text(self, key: str) -> str:
        """Return the value as a person reads it, "" where there is none."""
        return text_of(self.values.get(key, ""))

    def code(self, key: str) -> str:
        """Return the value as an identifier (1001.0 → "1001")."""
        return code_of(self.values.get(key, ""))

    def value(self, key: str) -> CellValue:
        """Return the raw value, "" where there is none."""
        return self.values.get(key, "")


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet read by its headings. `columns` maps keys to headings as the file writes them."""

    sheet: str
    header_row: int
    columns: Mapping[str, str]
    extras: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = field(default=())


def heading_key(text: str) -> str:
    """A heading without marks: "＊工號(必填)" → "工号", "权重(%)" → "权重"."""
    return _heading_key(text[:100])


@lru_cache(maxsize=4096)
def _heading_key(text: str) -> str:
    key = plain(text).lower()
    key = re.sub(r"[(\[【][^)\]】]*[)\]】]", "", key)
    return re.sub(r"[\s*_:：/\\.,;、\"'\-]+", "", key) or plain(text).lower()


def match_headings(headings: Sequence[CellValue], *, columns: Sequence[Column]) -> dict[str, int]:
    """Return the position (from 0) of each column that the headings name.

    The title itself beats an alias; of two equal headings the left one counts.
    """
    keys = [heading_key(text_of(value)) for value in headings]
    found: dict[str, int] = {}
    taken: set[int] = set()
    for rank in (0, 1):
        for column in columns:
            if column.key in found:
                continue
            names = (column.title, column.key) if rank == 0 else column.aliases
            wanted = {heading_key(name) for name in names}
            for index, key in enumerate(keys):
                if index not in taken and key in wanted:
                    found[column.key] = index
                    taken.add(index)
                    break
    return found


def read_table(sheets: Sequence[Sheet], *, columns: Sequence[Column]) -> Table:
    """Read the first sheet that has all required columns; MissingColumns when none has.

    Empty lines are passed over, merged cells give their value to every line they cover.
    """
    nearest: tuple[int, str, int, list[str]] | None = None
    for sheet in sheets:
        for number, row in enumerate(sheet.rows[:_HEADER_WITHIN], start=1):
            found = match_headings(row, columns=columns)
            missing = [c.title for c in columns if c.required and c.key not in found]
            if not missing:
                return _table(sheet, header_row=number, found=found, columns=columns)
            if found and (nearest is None or len(found) > nearest[0]):
                nearest = (len(found), sheet.name, number, missing)
    needed = "、".join(column.title for column in columns if column.required)
    if nearest is None:
        raise MissingColumns(say("没有找到表头。第一行应有这些列：%(needed)s。", needed=needed))
    _count, name, number, missing = nearest
    raise MissingColumns(
        say(
            "「%(name)s」第 %(number)s 行的表头缺少必填列：%(missing)s。",
            name=name,
            number=number,
            missing="、".join(missing),
        )
    )


def _table(
    sheet: Sheet, *, header_row: int, found: dict[str, int], columns: Sequence[Column]
) -> Table:
    headings = [text_of(value) for value in sheet.rows[header_row - 1]]
    positions = set(found.values())
    extras = {
        index: title for index, title in enumerate(headings) if title and index not in positions
    }
    spread = _spread_values(sheet)
    rows = []
    for number, cells in enumerate(sheet.rows[header_row:], start=header_row + 1):
        if number in spread:
            cells = [spread[number].get(index, value) for index, value in enumerate(cells)]
        if all(value == "" or (isinstance(value, str) and not value.strip()) for value in cells):
            continue
        rows.append(
            Row(
                number=number,
                values={key: cells[index] for key, index in found.items()},
                extras={
                    title: text
                    for index, title in extras.items()
                    if (text := text_of(cells[index]))
                },
            )
        )
    notes = [
        note
        for column in columns
        if column.kind == "code" and column.key in found
        for note in _lost_zeros(sheet.name, rows, column, headings[found[column.key]])
    ]
    return Table(
        sheet=sheet.name,
        header_row=header_row,
        columns={key: headings[index] for key, index in found.items()},
        extras=tuple(extras.values()),
        rows=tuple(rows),
        problems=(*sheet.problems, *notes),
    )


def _spread_values(sheet: Sheet) -> dict[int, dict[int, CellValue]]:
    spread: dict[int, dict[int, CellValue]] = {}
    for merge in sheet.merges or ():
        value = sheet.value(merge.top, merge.left)
        for row in range(merge.top, min(merge.bottom, len(sheet.rows)) + 1):
            cells = spread.setdefault(row, {})
            for column in range(merge.left, min(merge.right, sheet.width) + 1):
                cells[column - 1] = value
    return spread


def _lost_zeros(sheet: str, rows: Sequence[Row], column: Column, title: str) -> list[Problem]:
    """Note identifiers that the spreadsheet keeps as numbers beside others with leading zeros."""
    texts = [row for row in rows if isinstance(row.value(column.key), str) and row.code(column.key)]
    lengths = {len(row.code(column.key)) for row in texts if row.code(column.key)[0] == "0"}
    if len(lengths) != 1:
        return []
    (length,) = lengths
    return [
        Problem(
            sheet=sheet,
            row=row.number,
            column=title,
            reason=say("“%(text)s”是数字格式，可能丢了前面的 0", text=row.code(column.key)),
            remedy=say("请把该列设为文本，写成“%(text)s”", text=row.code(column.key).zfill(length)),
        )
        for row in rows
        if isinstance(row.value(column.key), int | float) and len(row.code(column.key)) < length
    ]
