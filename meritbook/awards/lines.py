"""The lines of an events file as rows: headings, cells, what cannot be read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import overload

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from meritbook.awards.content import NO_ATTRIBUTES, NewEvent, Row, Unreadable
from meritbook.kit.problems import Problem
from meritbook.kit.sheets import (
    BadValue,
    CellValue,
    Column,
    Sheet,
    Table,
    code_of,
    match_headings,
    moment_of,
    number_of,
    text_of,
)

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
        hint=gettext_noop("事件类型的名称或编号；写积分标准的编号，就只计入那一条"),
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
