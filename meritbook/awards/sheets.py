"""Events files: read a table into events, load it, and write what was refused back as a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import overload

from django.utils.translation import gettext as _

from meritbook.awards.content import NO_ATTRIBUTES, NewEvent, Row, Unreadable
from meritbook.awards.operations import Recorded, Withdrawn, record, withdraw
from meritbook.awards.operations.results import Progress
from meritbook.kit.problems import Problem
from meritbook.kit.sheets import (
    BadValue,
    CellValue,
    Column,
    Sheet,
    Table,
    Workbook,
    code_of,
    match_headings,
    moment_of,
    number_of,
    read_table,
    read_workbook,
    text_of,
    write_error_report,
    write_template,
)
from meritbook.kit.words import gettext_noop, say

# Headings as files write them: data, not interface text.
EVENT_NO = Column(
    key="event_no",
    title="事件编号",
    required=True,
    aliases=("编号", "事件号", "事件ID", "单号", "流水号", "event no", "event id"),
    kind="code",
    sample="2026110001",
    hint=gettext_noop("来源系统里的唯一编号；同一编号再次导入不会重复记分"),
)
COLUMNS = (
    EVENT_NO,
    Column(
        key="type",
        title="类型",
        required=True,
        aliases=("事件类型", "积分标准", "标准编号", "规则编号", "规则", "type", "event type"),
        sample="签合同",
        hint=gettext_noop("积分标准的编号或名称"),
    ),
    Column(
        key="employee_no",
        title="工号",
        required=True,
        aliases=("员工编号", "员工工号", "人员编号", "employee no", "employee id"),
        kind="code",
        sample="0012",
    ),
    Column(
        key="happened_at",
        title="时间",
        required=True,
        aliases=("发生时间", "事件时间", "日期", "发生日期", "time", "happened at"),
        kind="moment",
        sample="2026-11-12 14:05",
        hint=gettext_noop("公司所在时区的时间；按钟点截止的标准必须写明几点几分"),
        width=20,
    ),
    Column(key="quantity", title="数量", aliases=("次数", "quantity"), kind="number", sample="13"),
    Column(
        key="amount",
        title="金额",
        aliases=("金额(元)", "amount"),
        kind="number",
        sample="5600",
        hint=gettext_noop("以元为单位，可写 1,000 或 1.2万"),
    ),
    Column(key="object", title="对象", aliases=("object",), sample="华南五金"),
    Column(key="note", title="备注", aliases=("说明", "note"), width=28),
)
_REPORT_COLUMNS = frozenset(("原因", "处理办法", "原文件行"))
"""Columns that an error report adds; they mean nothing when the mended report comes back."""

_PLAIN_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?")
_PLAIN_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,4})?")
_PLAIN_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/#-]*")


class Lines(Sequence[Row]):
    """The lines of a sheet as rows, made each time they are asked for: a file has many."""

    def __init__(self, sheet: Sheet, head: Table) -> None:
        self._cells = sheet.rows
        self._first = head.header_row
        self._reader = _Reader(sheet.name, head, sheet.rows[head.header_row - 1])
        self._damaged: dict[int, tuple[Problem, ...]] = {}
        for problem in sheet.problems:
            known = self._damaged.get(problem.row, ())
            self._damaged[problem.row] = (*known, problem)

    def __len__(self) -> int:
        return len(self._cells) - self._first

    @overload
    def __getitem__(self, wanted: int) -> Row: ...
    @overload
    def __getitem__(self, wanted: slice) -> list[Row]: ...
    def __getitem__(self, wanted: int | slice) -> Row | list[Row]:
        if isinstance(wanted, slice):
            return [self._row(index) for index in range(len(self))[wanted]]
        return self._row(range(len(self))[wanted])

    def _row(self, index: int) -> Row:
        number = self._first + index + 1
        if self._damaged and number in self._damaged:
            return Unreadable(self._damaged[number])
        return self._reader.row(number, self._cells[number - 1])


@dataclass(frozen=True)
class EventsFile:
    """A file as read: its lines, of which some may be no events."""

    workbook: Workbook
    lines: Lines

    @cached_property
    def events(self) -> Sequence[NewEvent]:
        """The lines that are events."""
        return [row for row in self.lines if isinstance(row, NewEvent)]

    @cached_property
    def refused(self) -> Sequence[tuple[Problem, ...]]:
        """What is wrong with the lines that cannot be events."""
        return [row.problems for row in self.lines if isinstance(row, Unreadable)]

    @cached_property
    def table(self) -> Table:
        """The lines as they came, for previews and reports; made when somebody asks."""
        return read_table(self.workbook.sheets, columns=COLUMNS)

    @property
    def problems(self) -> list[Problem]:
        return [problem for row in self.refused for problem in row]


@dataclass(frozen=True)
class Loaded:
    """What became of a file."""

    file: EventsFile
    recorded: Recorded

    @property
    def rolled_back(self) -> bool:
        return self.recorded.rolled_back

    @property
    def problems(self) -> list[Problem]:
        """All problems, in the order of the rows."""
        return sorted(self.recorded.problems, key=lambda problem: problem.row)

    def as_dict(self) -> dict[str, object]:
        """The JSON of the command."""
        return {
            **self.recorded.as_dict(),
            "problems": [problem.as_dict() for problem in self.problems],
        }

    def error_report(self) -> bytes:
        """The refused rows as they came, with the reason in front: an xlsx file."""
        return write_error_report(self.file.table, problems=self.problems)


def read_events(content: bytes, *, name: str) -> EventsFile:
    """Read an events file's content. Raises UnreadableFile or MissingColumns."""
    return _read(read_workbook(content, name=name))


def load_events(
    *,
    company_id: int,
    file: EventsFile,
    source: str,
    now: datetime,
    revise: bool = False,
    all_or_nothing: bool = False,
    import_run_id: int | None = None,
    progress: Progress | None = None,
) -> Loaded:
    """Record what a file holds. With ``all_or_nothing`` one bad row keeps the rest out too."""
    recorded = record(
        company_id=company_id,
        events=file.lines,
        source=source,
        now=now,
        revise=revise,
        all_or_nothing=all_or_nothing,
        import_run_id=import_run_id,
        progress=progress,
    )
    return Loaded(file, recorded)


@dataclass(frozen=True)
class WithdrawnRows:
    """What became of the numbers in a file."""

    withdrawn: Withdrawn
    problems: tuple[Problem, ...]

    def as_dict(self) -> dict[str, object]:
        return {
            "withdrawn": len(self.withdrawn.withdrawn),
            "duplicate": len(self.withdrawn.already),
            "refused": len(self.problems),
            "problems": [problem.as_dict() for problem in self.problems],
        }


def withdraw_listed(
    *, company_id: int, content: bytes, name: str, source: str, now: datetime
) -> WithdrawnRows:
    """Withdraw the events whose numbers stand in a file's column 事件编号."""
    table = read_table(read_workbook(content, name=name).sheets, columns=(EVENT_NO,))
    numbers = [(row.number, row.code("event_no")) for row in table.rows]
    done = withdraw(
        company_id=company_id, source=source, event_nos=[no for _row, no in numbers if no], now=now
    )
    unknown = frozenset(done.unknown)
    column = table.columns["event_no"]
    problems = tuple(
        Problem(
            table.sheet,
            number,
            column,
            _("没有编号为“%(no)s”的事件") % {"no": no[:60]} if no else _("没有填写事件编号"),
            _("请核对编号和来源"),
        )
        for number, no in numbers
        if not no or no in unknown
    )
    return WithdrawnRows(done, problems)


def event_template() -> bytes:
    """An empty events file with headings, a sample and notes: xlsx."""
    return write_template(
        name=say("事件"),
        columns=COLUMNS,
        notes=(
            say("其他列会作为附加信息保存，例如 应交日期、交付日期、分钟、分值、下单时间。"),
            say("同一事件编号、内容相同的行不会重复记分。"),
        ),
    )


def _read(workbook: Workbook) -> EventsFile:
    head = read_table(
        [replace(sheet, rows=sheet.rows[:_HEAD_ROWS]) for sheet in workbook.sheets],
        columns=COLUMNS,
    )
    sheet = next(sheet for sheet in workbook.sheets if sheet.name == head.sheet)
    # A merged cell gives its value to every line that it covers.
    return EventsFile(workbook, Lines(_spread(sheet) if sheet.merges else sheet, head))


def _spread(sheet: Sheet) -> Sheet:
    rows = [list(row) for row in sheet.rows]
    for merge in sheet.merges or ():
        value = sheet.value(merge.top, merge.left)
        for row in rows[merge.top - 1 : merge.bottom]:
            for column in range(merge.left - 1, min(merge.right, len(row))):
                row[column] = value
    return replace(sheet, rows=rows)


_HEAD_ROWS = 20
_Cells = Sequence[CellValue]


class _Reader:
    """Lines of one sheet as events. Cells are read by position: a file has many lines."""

    def __init__(self, sheet: str, head: Table, headings: _Cells) -> None:
        self.sheet = sheet
        self.headings = head.columns
        at = match_headings(headings, columns=COLUMNS)
        self.event_no, self.type = at["event_no"], at["type"]
        self.employee_no, self.happened_at = at["employee_no"], at["happened_at"]
        self.quantity, self.amount = at.get("quantity"), at.get("amount")
        self.object, self.note = at.get("object"), at.get("note")
        taken = set(at.values())
        self.extras = [
            (index, title)
            for index, value in enumerate(headings)
            if index not in taken and (title := text_of(value)) and title not in _REPORT_COLUMNS
        ]

    def row(self, row: int, cells: _Cells) -> Row:
        """The line as an event, as unreadable, or as empty."""
        problems: list[Problem] = []
        event_no = cells[self.event_no]
        if event_no == "" and not any(text_of(cell) for cell in cells):
            return None
        at, has_time = self._moment(row, cells[self.happened_at], problems)
        quantity = amount = None
        if self.quantity is not None and (cell := cells[self.quantity]) != "":
            quantity = self._number(row, "quantity", cell, problems)
        if self.amount is not None and (cell := cells[self.amount]) != "":
            amount = self._number(row, "amount", cell, problems)
        if problems or at is None:
            return Unreadable(tuple(problems))
        return NewEvent(
            _code(event_no),
            _text(cells[self.type]),
            _code(cells[self.employee_no]),
            at,
            has_time,
            quantity,
            amount,
            "" if self.object is None else _text(cells[self.object]),
            "" if self.note is None else _text(cells[self.note]),
            self._attributes(cells) if self.extras else NO_ATTRIBUTES,
            self.sheet,
            row,
        )

    def _attributes(self, cells: _Cells) -> dict[str, str]:
        return {
            title: text
            for index, title in self.extras
            if (cell := cells[index]) != "" and (text := _text(cell))
        }

    def _moment(
        self, row: int, value: CellValue, problems: list[Problem]
    ) -> tuple[datetime | None, bool]:
        if type(value) is str:
            if _PLAIN_MOMENT.fullmatch(value):
                try:
                    return datetime.fromisoformat(value), len(value) > 10
                except ValueError:
                    pass  # the slow road says what is wrong with it
            if not value.strip():
                self._problem(
                    row, "happened_at", _("没有填写时间"), _("请写成 2026-11-21 14:05"), problems
                )
                return None, False
        try:
            moment = moment_of(value)
        except BadValue as bad:
            self._problem(row, "happened_at", bad.reason, bad.remedy, problems)
            return None, False
        return moment.at, moment.has_time

    def _number(
        self, row: int, key: str, value: CellValue, problems: list[Problem]
    ) -> Decimal | None:
        if type(value) is str:
            if _PLAIN_NUMBER.fullmatch(value):
                return Decimal(value)
            if not value.strip():
                return None
        try:
            return number_of(value)
        except BadValue as bad:
            self._problem(row, key, bad.reason, bad.remedy, problems)
            return None

    def _problem(
        self, row: int, key: str, reason: str, remedy: str, problems: list[Problem]
    ) -> None:
        problems.append(Problem(self.sheet, row, self.headings[key], reason, remedy))


def _code(value: CellValue) -> str:
    if type(value) is str and _PLAIN_CODE.fullmatch(value):
        return value
    return code_of(value)


def _text(value: CellValue) -> str:
    """A cell as text without control characters that no database takes."""
    if type(value) is str:
        if "\x00" in value:
            value = value.replace("\x00", "")
        first = value[:1]
        # Programs write ="0012" or '0012 so that leading zeros stay.
        return value.strip() if first not in ("=", "'") else text_of(value)
    return text_of(value)
