"""Events files: read a table into events, load it, and write what was refused back as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.utils.translation import gettext as _

from meritbook.awards.content import NewEvent, Unreadable
from meritbook.awards.lines import COLUMNS, EVENT_NO, Lines
from meritbook.awards.operations import Recorded, Withdrawn, record, withdraw
from meritbook.awards.operations.results import Progress
from meritbook.kit.problems import Problem
from meritbook.kit.sheets import (
    Sheet,
    Table,
    Workbook,
    read_table,
    read_workbook,
    write_error_report,
    write_template,
)
from meritbook.kit.words import say

_HEAD_ROWS = 20


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
