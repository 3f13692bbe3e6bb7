"""Events files: read a table into events, load it, and write what was refused back as a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from meritbook.awards.content import NewEvent
from meritbook.awards.operations import Recorded, Withdrawn, record, withdraw
from meritbook.awards.operations.recording import Progress
from meritbook.kit.problems import Problem
from meritbook.kit.sheets import (
    BadValue,
    CellValue,
    Column,
    Row,
    Table,
    Workbook,
    code_of,
    moment_of,
    number_of,
    read_table,
    read_workbook,
    text_of,
    write_error_report,
    write_template,
)

# Headings as files write them: data, not interface text.
EVENT_NO = Column(
    key="event_no",
    title="事件编号",
    required=True,
    aliases=("编号", "事件号", "事件ID", "单号", "流水号", "event no", "event id"),
    kind="code",
    sample="2026110001",
    hint="来源系统里的唯一编号；同一编号再次导入不会重复记分",
)
COLUMNS = (
    EVENT_NO,
    Column(
        key="type",
        title="类型",
        required=True,
        aliases=("事件类型", "积分标准", "标准编号", "规则编号", "规则", "type", "event type"),
        sample="签合同",
        hint="积分标准的编号或名称",
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
        hint="公司所在时区的时间；按钟点截止的标准必须写明几点几分",
        width=20,
    ),
    Column(key="quantity", title="数量", aliases=("次数", "quantity"), kind="number", sample="13"),
    Column(
        key="amount",
        title="金额",
        aliases=("金额(元)", "amount"),
        kind="number",
        sample="5600",
        hint="以元为单位，可写 1,000 或 1.2万",
    ),
    Column(key="object", title="对象", aliases=("object",), sample="华南五金"),
    Column(key="note", title="备注", aliases=("说明", "note"), width=28),
)
_REPORT_COLUMNS = frozenset(("原因", "处理办法", "原文件行"))
"""Columns that an error report adds; they mean nothing when the mended report comes back."""

_PLAIN_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?")
_PLAIN_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,4})?")
_PLAIN_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/#-]*")


@dataclass(frozen=True)
class EventsFile:
    """A file as read: the table, the events in it, and the rows that cannot be events."""

    table: Table
    events: Sequence[NewEvent]
    refused: Sequence[tuple[Problem, ...]]

    @property
    def problems(self) -> list[Problem]:
        return [problem for row in self.refused for problem in row]


@dataclass(frozen=True)
class Loaded:
    """What became of a file; ``recorded`` is about the rows that could be read."""

    file: EventsFile
    recorded: Recorded

    @property
    def rolled_back(self) -> bool:
        return self.recorded.rolled_back

    @property
    def problems(self) -> list[Problem]:
        """All problems, in the order of the rows."""
        return sorted(
            [*self.file.problems, *self.recorded.problems], key=lambda problem: problem.row
        )

    def as_dict(self) -> dict[str, object]:
        """The JSON of the command."""
        counts = self.recorded.as_dict()
        return {
            **counts,
            "refused": self.recorded.count("refused") + len(self.file.refused),
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
        events=file.events,
        source=source,
        now=now,
        revise=revise,
        all_or_nothing=all_or_nothing,
        refused_already=len(file.refused),
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
        name="事件",
        columns=COLUMNS,
        notes=(
            "其他列会作为附加信息保存，例如 应交日期、交付日期、分钟、分值、下单时间。",
            "同一事件编号、内容相同的行不会重复记分。",
        ),
    )


def _read(workbook: Workbook) -> EventsFile:
    table = read_table(workbook.sheets, columns=COLUMNS)
    damaged: dict[int, list[Problem]] = {}
    for sheet in workbook.sheets:
        if sheet.name == table.sheet:
            for problem in sheet.problems:
                damaged.setdefault(problem.row, []).append(problem)
    reader = _Reader(table)
    events: list[NewEvent] = []
    refused: list[tuple[Problem, ...]] = []
    for row in table.rows:
        found = damaged.get(row.number) or reader.event(row)
        if isinstance(found, NewEvent):
            events.append(found)
        else:
            refused.append(tuple(found))
    return EventsFile(table, events, refused)


class _Reader:
    """Rows of one table as events."""

    def __init__(self, table: Table) -> None:
        self.sheet = table.sheet
        self.headings = table.columns
        self.has_extras = any(title not in _REPORT_COLUMNS for title in table.extras)

    def event(self, row: Row) -> NewEvent | list[Problem]:
        values = row.values
        problems: list[Problem] = []
        at, has_time = self._moment(row, values["happened_at"], problems)
        quantity = self._number(row, "quantity", values.get("quantity", ""), problems)
        amount = self._number(row, "amount", values.get("amount", ""), problems)
        if problems or at is None:
            return problems
        attributes = {}
        if self.has_extras and row.extras:
            attributes = {
                name: _clean(value)
                for name, value in row.extras.items()
                if name not in _REPORT_COLUMNS
            }
        return NewEvent(
            _code(values["event_no"]),
            _clean(text_of(values["type"])),
            _code(values["employee_no"]),
            at,
            has_time,
            quantity,
            amount,
            _clean(text_of(values.get("object", ""))),
            _clean(text_of(values.get("note", ""))),
            attributes,
            self.sheet,
            row.number,
        )

    def _moment(
        self, row: Row, value: CellValue, problems: list[Problem]
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
        self, row: Row, key: str, value: CellValue, problems: list[Problem]
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
        self, row: Row, key: str, reason: str, remedy: str, problems: list[Problem]
    ) -> None:
        problems.append(Problem(self.sheet, row.number, self.headings[key], reason, remedy))


def _code(value: CellValue) -> str:
    if type(value) is str and _PLAIN_CODE.fullmatch(value):
        return value
    return code_of(value)


def _clean(text: str) -> str:
    return text.replace("\x00", "") if "\x00" in text else text
