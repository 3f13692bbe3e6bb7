"""Sheets as grids of values, numbered as the spreadsheet shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from meritbook.kit.problems import Problem

CellValue = str | int | float | bool | datetime | date | time | timedelta
"""What a cell holds; an empty cell is ""."""


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range; rows and columns count from 1, both ends belong to it."""

    top: int
    left: int
    bottom: int
    right: int

    def covers(self, row: int, column: int) -> bool:
        """Say whether the cell lies in the range."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right


@dataclass(frozen=True)
class Sheet:
    """One sheet: `rows[0][0]` is cell A1. Rows have equal length, empty cells are "".

    `merges` is None where the file cannot say (csv, pasted text). `problems` are cells that
    could not be read as they stand, such as a formula without a stored result.
    """

    name: str
    rows: Sequence[Sequence[CellValue]]
    merges: tuple[Merge, ...] | None = None
    problems: tuple[Problem, ...] = ()
    is_text: bool = False
    """Lines of a text document, one a row, not a grid."""
    headings: frozenset[int] = frozenset()
    """Of a text: the rows that the document marks as headings."""

    @property
    def width(self) -> int:
        """Return the number of columns."""
        return max((len(row) for row in self.rows), default=0)

    def value(self, row: int, column: int) -> CellValue:
        """Return the value of a cell; both numbers count from 1, outside the grid it is ""."""
        if 1 <= row <= len(self.rows) and 1 <= column <= len(self.rows[row - 1]):
            return self.rows[row - 1][column - 1]
        return ""

    @property
    def is_empty(self) -> bool:
        """Say whether no cell holds anything."""
        return not any(text_of(value) for row in self.rows for value in row)


@dataclass(frozen=True)
class Workbook:
    """The sheets of one file. `encoding` is the one chosen for a text file, else "".

    `hidden` names the hidden sheets, which are not read.
    """

    name: str
    kind: str
    sheets: tuple[Sheet, ...]
    encoding: str = ""
    hidden: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return the problems of all sheets, in their order."""
        return tuple(problem for sheet in self.sheets for problem in sheet.problems)


def text_of(value: CellValue | None) -> str:
    """Return a value as a person reads it: 1001.0 → "1001", dates as ISO, "" for nothing."""
    match value:
        case None:
            return ""
        case str():
            return _unquoted(value.strip())
        case bool():
            return "是" if value else "否"
        case float():
            return _number_text(value)
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds" if value.second else "minutes")
        case time():
            return value.isoformat(timespec="seconds" if value.second else "minutes")
        case date():
            return value.isoformat()
        case timedelta():
            minutes, seconds = divmod(int(value.total_seconds()), 60)
            tail = f":{seconds:02d}" if seconds else ""
            return f"{minutes // 60:02d}:{minutes % 60:02d}{tail}"
        case _:
            return str(value)


def _number_text(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return (
        format(float(f"{value:.15g}"), "f").rstrip("0").rstrip(".")
        if (1e-6 < abs(value) < 1e15)
        else repr(value)
    )


def _unquoted(text: str) -> str:
    # Programs write ="0012" or '0012 so that Excel keeps the leading zeros.
    if len(text) >= 3 and text.startswith('="') and text.endswith('"'):
        return text[2:-1]
    if len(text) > 1 and text[0] == "'" and text[1].isdigit():
        return text[1:]
    return text
