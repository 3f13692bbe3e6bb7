"""Workbooks out: text is always text, so nothing that a person typed can run as a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from meritbook.kit.problems import Problem, problem_rows
from meritbook.kit.sheets.columns import Column, Table
from meritbook.kit.sheets.grid import text_of
from meritbook.kit.words import say

OutValue = str | int | float | Decimal | date | datetime | None
_FONT = "Microsoft YaHei"
_TEMPLATE_ROWS = 2_000
"""How far a template's drop-downs and text format reach."""


@dataclass(frozen=True, slots=True)
class OutSheet:
    """One sheet to write: headings, rows below, widths in characters."""

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[OutValue]]
    widths: Sequence[int] = ()


def write_workbook(sheets: Sequence[OutSheet]) -> bytes:
    """Write sheets with a frozen, filtered heading row; numbers stay numbers, text stays text."""
    buffer, book = _new_book()
    formats = _Formats(book)
    for number, out in enumerate(sheets, start=1):
        page = book.add_worksheet(_sheet_name(out.name, number))
        for column, heading in enumerate(out.headings):
            page.write_string(0, column, heading, formats.heading)
            page.set_column(column, column, _width(out, column))
        for index, row in enumerate(out.rows, start=1):
            for column, value in enumerate(row):
                _write(page, index, column, value, formats)
        page.freeze_panes(1, 0)
        if out.headings and out.rows:
            page.autofilter(0, 0, len(out.rows), len(out.headings) - 1)
    book.close()
    return buffer.getvalue()


def write_template(*, name: str, columns: Sequence[Column], notes: Sequence[str] = ()) -> bytes:
    """Write a table to fill in: required headings marked, drop-downs, one sample row, notes.

    The sample row stands on the sheet of notes, so that nobody imports it by mistake.
    """
    buffer, book = _new_book()
    formats = _Formats(book)
    page = book.add_worksheet(_sheet_name(name, 1))
    page.freeze_panes(1, 0)
    for index, column in enumerate(columns):
        title = f"*{column.title}" if column.required else column.title
        page.write_string(0, index, title, formats.required if column.required else formats.heading)
        page.set_column(index, index, column.width, formats.text)
        if column.hint:
            page.write_comment(0, index, say(column.hint))
        if column.choices and sum(map(len, column.choices)) + len(column.choices) <= 255:
            page.data_validation(
                1,
                index,
                _TEMPLATE_ROWS,
                index,
                {
                    "validate": "list",
                    "source": list(column.choices),
                    "error_type": "warning",
                    "error_title": column.title,
                    "error_message": say("请从下拉列表中选择。"),
                },
            )
    _guide(book, columns=columns, notes=notes, formats=formats)
    book.close()
    return buffer.getvalue()


def write_error_report(table: Table, *, problems: Sequence[Problem]) -> bytes:
    """Write the lines that were refused, as they came, with the reason in front.

    The report can be mended and uploaded again: 原因 and 行 are read as columns of no meaning.
    """
    headings = ["原因", "处理办法", "原文件行", *table.columns.values(), *table.extras]
    by_row = problem_rows(problems)
    wanted = {row: found for (sheet, row), found in by_row.items() if sheet == table.sheet}
    rows: list[list[OutValue]] = []
    for line in table.rows:
        if line.number not in wanted:
            continue
        found = wanted.pop(line.number)
        rows.append(
            [
                ";".join(_reason(problem) for problem in found),
                ";".join(dict.fromkeys(p.remedy for p in found if p.remedy)),
                line.number,
                *(line.text(key) for key in table.columns),
                *(line.extras.get(title, "") for title in table.extras),
            ]
        )
    for number, found in wanted.items():
        reasons = ";".join(_reason(problem) for problem in found)
        remedies = ";".join(dict.fromkeys(p.remedy for p in found if p.remedy))
        rows.append([reasons, remedies, number or None])
    widths = [40, 40, 10, *([16] * (len(headings) - 3))]
    return write_workbook([OutSheet(name=table.sheet, headings=headings, rows=rows, widths=widths)])


class _Formats:
    def __init__(self, book: Any) -> None:
        base: Mapping[str, object] = {"font_name": _FONT, "font_size": 10, "valign": "vcenter"}
        head = {**base, "bold": True, "bg_color": "#F1F5F9", "bottom": 1}
        self.heading = book.add_format(head)
        self.required = book.add_format({**head, "font_color": "#DC2626"})
        self.text = book.add_format({**base, "num_format": "@"})
        self.wrapped = book.add_format({**base, "text_wrap": True})
        self.number = book.add_format(base)
        self.day = book.add_format({**base, "num_format": "yyyy-mm-dd"})
        self.moment = book.add_format({**base, "num_format": "yyyy-mm-dd hh:mm"})


def _new_book() -> tuple[io.BytesIO, Any]:
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
    }
    return buffer, xlsxwriter.Workbook(buffer, options)


def _write(page: Any, row: int, column: int, value: OutValue, formats: _Formats) -> None:
    match value:
        case None | "":
            return
        case str():
            page.write_string(row, column, value[:32_767], formats.text)
        case bool():
            page.write_string(row, column, text_of(value), formats.text)
        case Decimal():
            # A spreadsheet number has 15 digits; more would be rounded without a word.
            if len(value.as_tuple().digits) > 15:
                page.write_string(row, column, format(value, "f"), formats.text)
            else:
                page.write_number(row, column, float(value), formats.number)
        case int() | float():
            page.write_number(row, column, value, formats.number)
        case datetime():
            page.write_datetime(row, column, value, formats.moment)
        case date():
            page.write_datetime(row, column, value, formats.day)


def _guide(
    book: Any, *, columns: Sequence[Column], notes: Sequence[str], formats: _Formats
) -> None:
    page = book.add_worksheet(say("填写说明"))
    headings = ((say("列"), 16), (say("必填"), 8), (say("示例"), 22), (say("说明"), 60))
    for index, (title, width) in enumerate(headings):
        page.write_string(0, index, title, formats.heading)
        page.set_column(index, index, width)
    for row, column in enumerate(columns, start=1):
        page.write_string(row, 0, column.title, formats.text)
        page.write_string(row, 1, say("必填") if column.required else say("选填"), formats.text)
        page.write_string(row, 2, column.sample, formats.text)
        page.write_string(row, 3, say(column.hint) if column.hint else "", formats.wrapped)
    for row, note in enumerate(notes, start=len(columns) + 2):
        page.write_string(row, 0, note)


def _width(out: OutSheet, column: int) -> int:
    if column < len(out.widths):
        return out.widths[column]
    texts = [
        out.headings[column],
        *(str(row[column]) for row in out.rows[:50] if column < len(row)),
    ]
    longest = max(sum(2 if ord(sign) > 255 else 1 for sign in text) for text in texts)
    return min(max(longest + 2, 8), 60)


def _sheet_name(name: str, number: int) -> str:
    cleaned = re.sub(r"[\[\]:*?/\\]", " ", name).strip().strip("'")[:31]
    return cleaned or f"Sheet{number}"


def _reason(problem: Problem) -> str:
    return f"{problem.column}:{problem.reason}" if problem.column else problem.reason
