"""The people file: its columns, and its rows as values with problems per cell."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from meritbook.kit.problems import Problem
from meritbook.kit.sheets import (
    BadValue,
    CellValue,
    Column,
    Row,
    Table,
    Workbook,
    date_of,
    phone_of,
    plain,
    read_table,
    text_of,
    write_template,
)
from meritbook.kit.words import gettext_noop, say
from meritbook.org.people_file import STATE_OF, PersonRow

T = TypeVar("T")

COLUMNS: Sequence[Column] = (
    Column(
        key="employee_no",
        title="工号",
        required=True,
        kind="code",
        sample="0012",
        hint=gettext_noop("公司内唯一，按文本保存，前面的 0 有意义"),
        aliases=(
            "员工号",
            "员工编号",
            "员工工号",
            "人员编号",
            "职工号",
            "编号",
            "employee no",
            "id",
        ),
    ),
    Column(
        key="name",
        title="姓名",
        required=True,
        sample="李雷",
        aliases=("名字", "员工姓名", "员工", "人员姓名", "name"),
    ),
    Column(
        key="department",
        title="部门",
        required=True,
        sample="销售部/华南组",
        hint=gettext_noop("可以写路径，用 / 分开；没有的部门会自动建立"),
        aliases=("所属部门", "部门路径", "部门名称", "所在部门", "主部门", "组织", "department"),
        width=24,
    ),
    Column(
        key="post",
        title="岗位",
        sample="业务员",
        aliases=("职务", "职位", "岗位名称", "岗位/职务", "post", "position"),
    ),
    Column(key="grade", title="职级", sample="P5", aliases=("级别", "职等", "等级", "grade")),
    Column(
        key="hired_on",
        title="入职日期",
        kind="date",
        sample="2024-03-01",
        aliases=("入职时间", "入职日", "到岗日期", "入司日期", "入司时间", "hire date", "hired on"),
    ),
    Column(
        key="phone",
        title="手机号",
        kind="code",
        sample="13800138000",
        hint=gettext_noop("11 位手机号，可用来登录"),
        aliases=("手机", "手机号码", "电话", "联系电话", "移动电话", "联系方式", "phone", "mobile"),
    ),
    Column(
        key="manager_no",
        title="直属上级工号",
        kind="code",
        sample="0003",
        hint=gettext_noop("上级可以排在后面的行"),
        aliases=(
            "上级工号",
            "直接上级工号",
            "主管工号",
            "直属主管工号",
            "汇报对象工号",
            "manager no",
        ),
    ),
    Column(
        key="state",
        title="状态",
        choices=("在职", "试用", "离职"),
        sample="在职",
        aliases=("员工状态", "在职状态", "人员状态", "用工状态", "status", "state"),
    ),
    Column(
        key="left_on",
        title="离职日期",
        kind="date",
        hint=gettext_noop("状态为离职时的最后工作日；不填则为导入当天"),
        aliases=("离职时间", "最后工作日", "离职日", "left on"),
    ),
    Column(
        key="effective_on",
        title="生效日期",
        kind="date",
        hint=gettext_noop("部门、岗位、职级变动从哪一天起算；不填则从导入当天起"),
        aliases=("调动日期", "变动日期", "异动日期", "effective on"),
    ),
)
_TITLES = {column.key: column.title for column in COLUMNS}
_LENGTHS = {"employee_no": 40, "name": 60, "post": 80, "grade": 40}


@dataclass(frozen=True)
class PeopleFile:
    """A people file read: the good rows, and what is wrong with the others."""

    sheet: str
    table: Table
    rows: tuple[PersonRow, ...]
    refused: tuple[str, ...]
    problems: tuple[Problem, ...]
    encoding: str


def read_people(book: Workbook) -> PeopleFile:
    """Read the first sheet that has the needed columns. Raises MissingColumns."""
    table = read_table(book.sheets, columns=COLUMNS)
    broken: dict[int, list[Problem]] = {}
    for problem in _cells(book, table):
        broken.setdefault(problem.row, []).append(problem)
    rows: list[PersonRow] = []
    refused: list[str] = []
    problems: list[Problem] = list(broken.get(0, ()))
    first_rows: dict[str, int] = {}
    for line in table.rows:
        reader = _Reader(sheet=table.sheet, table=table, line=line)
        person = reader.person()
        # A cell that could not be read as it stands speaks before what was made of it.
        cells = {problem.column for problem in broken.get(line.number, ())}
        found = [*broken.get(line.number, ())]
        found += [each for each in reader.problems if each.column not in cells]
        number = line.code("employee_no")
        if number and not found and number in first_rows:
            found.append(
                reader.problem(
                    "employee_no",
                    say(
                        "工号“%(number)s”在第 %(row)s 行已经出现",
                        number=number,
                        row=first_rows[number],
                    ),
                    say("每个工号只留一行"),
                )
            )
        if found or person is None:
            problems += found
            if number:
                refused.append(number)
        else:
            first_rows[number] = line.number
            rows.append(person)
    return PeopleFile(
        sheet=table.sheet,
        table=table,
        rows=tuple(rows),
        refused=tuple(refused),
        problems=tuple(problems),
        encoding=book.encoding,
    )


def _cells(book: Workbook, table: Table) -> list[Problem]:
    """The table's problems with headings for column letters; those of other columns fall away."""
    sheet = next(each for each in book.sheets if each.name == table.sheet)
    headings = [text_of(value) for value in sheet.rows[table.header_row - 1]]
    titles = set(table.columns.values())
    named = {_letters(index): title for index, title in enumerate(headings) if title in titles}
    found = [
        replace(problem, column=named.get(problem.column, problem.column))
        for problem in table.problems
    ]
    return [problem for problem in found if not problem.column or problem.column in titles]


def _letters(index: int) -> str:
    """A column's letters: 0 → A, 25 → Z, 26 → AA."""
    text = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def title_of(table: Table, key: str) -> str:
    """The heading of a column as the file writes it."""
    return table.columns.get(key, _TITLES[key])


def people_template() -> bytes:
    """The xlsx to fill in."""
    return write_template(
        name=say("人员"),
        columns=COLUMNS,
        notes=(
            say("带 * 的列必须填写，其他列可以留空；留空的单元格不改动已有的资料。"),
            say("再次导入同一份文件不会重复建立人员；内容有变化的行会更新。"),
        ),
    )


class _Reader:
    """Reads the cells of one line and collects what is wrong with them."""

    def __init__(self, *, sheet: str, table: Table, line: Row) -> None:
        self.sheet = sheet
        self.table = table
        self.line = line
        self.problems: list[Problem] = []

    def person(self) -> PersonRow | None:
        employee_no = self._code("employee_no")
        name = self._text("name")
        department = self._department()
        if not employee_no and "employee_no" not in self._named():
            self._note("employee_no", say("工号没有填写"), say("请填写工号"))
        if not name and "name" not in self._named():
            self._note("name", say("姓名没有填写"), say("请填写姓名"))
        person = PersonRow(
            row=self.line.number,
            employee_no=employee_no or "",
            name=name or "",
            department=department,
            post=self._text("post"),
            grade=self._text("grade"),
            hired_on=self._read("hired_on", date_of),
            left_on=self._read("left_on", date_of),
            effective_on=self._read("effective_on", date_of),
            phone=self._read("phone", phone_of) or None,
            manager_no=self._code("manager_no"),
            state=self._state(),
        )
        self._check_dates(person)
        if person.manager_no and person.manager_no == person.employee_no:
            self._note("manager_no", say("直属上级写成了自己"), say("请填写上级的工号，或留空"))
        return None if self.problems else person

    def problem(self, key: str, reason: str, remedy: str) -> Problem:
        return Problem(
            sheet=self.sheet,
            row=self.line.number,
            column=title_of(self.table, key),
            reason=reason,
            remedy=remedy,
        )

    def _note(self, key: str, reason: str, remedy: str) -> None:
        self.problems.append(self.problem(key, reason, remedy))

    def _named(self) -> set[str]:
        titles = {title_of(self.table, key): key for key in _TITLES}
        return {titles[problem.column] for problem in self.problems if problem.column in titles}

    def _text(self, key: str) -> str | None:
        text = " ".join(self.line.text(key).split())
        if len(text) > _LENGTHS[key]:
            self._note(
                key,
                say("%(column)s超过 %(n)s 个字", column=_TITLES[key], n=_LENGTHS[key]),
                say("请写得短一些"),
            )
            return None
        return text or None

    def _code(self, key: str) -> str | None:
        value = self.line.value(key)
        text = self.line.code(key)
        if isinstance(value, float) and not value.is_integer():
            self._note(key, say("“%(text)s”不是工号", text=text), say("请把该列设为文本后重新填写"))
            return None
        if re.search(r"[/?#\\%]", text):
            self._note(
                key,
                say("“%(text)s”含有不能用在工号里的符号", text=text),
                say("请只用字母、数字、横线和点"),
            )
            return None
        if len(text) > _LENGTHS["employee_no"]:
            self._note(key, say("工号超过 40 个字"), say("请检查工号"))
            return None
        return text or None

    def _read(self, key: str, read: Callable[[CellValue], T]) -> T | None:
        value = self.line.value(key)
        if value == "" or (isinstance(value, str) and not value.strip()):
            return None
        try:
            return read(value)
        except BadValue as error:
            self._note(key, error.reason, error.remedy)
            return None

    def _department(self) -> tuple[str, ...]:
        text = self.line.text("department")
        parts = tuple(
            " ".join(part.split()) for part in re.split(r"[/／\\>＞]|->", text) if part.strip()
        )
        if not parts:
            self._note(
                "department", say("部门没有填写"), say("请填写部门，下级部门写成“销售部/华南组”")
            )
        elif any(len(part) > 80 for part in parts):
            self._note("department", say("部门名称超过 80 个字"), say("请检查部门的写法"))
        elif len(parts) > 12:
            self._note("department", say("部门超过 12 级"), say("请检查部门的写法"))
        return parts

    def _state(self) -> str | None:
        text = self.line.text("state")
        if not text:
            return None
        state = STATE_OF.get(plain(text).lower())
        if state is None:
            self._note(
                "state", say("状态“%(text)s”不认识", text=text), say("请填写 在职、试用 或 离职")
            )
        return state

    def _check_dates(self, person: PersonRow) -> None:
        for key, day in (("hired_on", person.hired_on), ("left_on", person.left_on)):
            if day is not None and not date(1950, 1, 1) <= day <= date(2100, 1, 1):
                self._note(key, say("日期 %(day)s 不合理", day=day.isoformat()), say("请检查年份"))
        if person.hired_on and person.left_on and person.left_on < person.hired_on:
            self._note("left_on", say("离职日期早于入职日期"), say("请检查两个日期"))
