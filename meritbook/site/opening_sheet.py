"""A file of opening balances: its columns, its template, what its cells mean.

One line a person: a column for each kind of points, or the columns 资产 and 数量 with a line each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from meritbook.kit.points import to_minor
from meritbook.kit.problems import Problem
from meritbook.kit.sheets import (
    BadValue,
    Column,
    Row,
    Table,
    date_of,
    heading_key,
    number_of,
    read_table,
    read_workbook,
    text_of,
    write_template,
)
from meritbook.kit.words import say
from meritbook.ledger.models import Asset
from meritbook.ledger.names import Named, named_assets
from meritbook.ledger.operations.openings import Opening
from meritbook.org.models import Employee

LARGEST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class Line:
    """One balance of the file and where it stands."""

    row: int
    column: str
    employee_no: str
    name: str
    asset: str
    opening: Opening


@dataclass(slots=True)
class OpeningFile:
    """A file as read: its balances, and what is wrong with the others."""

    table: Table
    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def columns(assets: Mapping[str, Named]) -> tuple[Column, ...]:
    """The columns of the template; other kinds of points are found by their names too."""
    return (
        Column(key="employee_no", title=say("工号"), required=True, kind="code", sample="0012"),
        Column(key="name", title=say("姓名"), sample=say("李雷")),
        Column(key="asset", title=say("资产"), aliases=(say("积分种类"),)),
        Column(key="amount", title=say("数量"), aliases=(say("余额"), say("分值")), kind="number"),
        Column(
            key="expires_on",
            title=say("到期日"),
            aliases=(say("有效期至"),),
            kind="date",
            hint=say("可以不填，按积分的有效期规定"),
        ),
        Column(key="note", title=say("备注")),
        *(
            Column(key=f"asset:{code}", title=one.name, aliases=(code,), kind="number")
            for code, one in assets.items()
            if code != "quota"
        ),
    )


def opening_template(*, company_id: int) -> bytes:
    """An empty file to fill in: xlsx."""
    asked = [one for one in columns(named_assets(company_id=company_id)) if one.key != "asset"]
    return write_template(
        name=say("期初余额"),
        columns=[one for one in asked if one.key != "amount"],
        notes=(say("每人一行，每种积分一列；也可以用“资产”和“数量”两列，一行一种积分。"),),
    )


def read_opening(content: bytes, *, name: str, company_id: int, on: date) -> OpeningFile:
    """Read a file's balances. Raises UnreadableFile or MissingColumns."""
    assets = named_assets(company_id=company_id)
    spoken = _in_every_language(company_id)
    lots = dict(Asset.objects.filter(company_id=company_id).values_list("code", "keeps_lots"))
    table = read_table(read_workbook(content, name=name).sheets, columns=_asked(spoken))
    found = OpeningFile(table, problems=list(table.problems))
    people = {
        one.employee_no: one
        for one in Employee.objects.filter(
            company_id=company_id,
            employee_no__in={row.code("employee_no") for row in table.rows},
        )
    }
    by_name = {
        heading_key(word): assets[code]
        for said in spoken
        for code, one in said.items()
        for word in (one.name, code)
    }
    seen: dict[str, int] = {}
    for row in table.rows:
        _Reader(found, row, people, assets, by_name, lots, on, seen).read()
    return found


def _in_every_language(company_id: int) -> list[dict[str, Named]]:
    """The assets as the reader's language names them, then as the others do."""
    spoken = [named_assets(company_id=company_id)]
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            spoken.append(named_assets(company_id=company_id))
    return spoken


def _asked(spoken: Sequence[Mapping[str, Named]]) -> tuple[Column, ...]:
    """The columns with their headings in every language: a file is read by whoever opens it, and
    by a job that has no reader.
    """
    headings: dict[str, list[str]] = {}
    for (language, _name), assets in zip(settings.LANGUAGES, spoken[1:], strict=True):
        with translation.override(language):
            for column in columns(assets):
                headings.setdefault(column.key, []).extend((column.title, *column.aliases))
    return tuple(
        replace(column, aliases=(*column.aliases, *headings[column.key]))
        for column in columns(spoken[0])
    )


@dataclass(slots=True)
class _Reader:
    """Reads one row into balances and problems."""

    file: OpeningFile
    row: Row
    people: Mapping[str, Employee]
    assets: Mapping[str, Named]
    by_name: Mapping[str, Named]
    lots: Mapping[str, bool]
    on: date
    seen: dict[str, int]

    def read(self) -> None:
        number = self.row.code("employee_no")
        person = self.people.get(number)
        if person is None:
            self._blame(
                "employee_no",
                _("没有工号为“%(no)s”的员工") % {"no": number[:60]}
                if number
                else _("没有填写工号"),
                _("请核对工号（前面的 0 也要写），或先导入该员工"),
            )
            return
        try:
            expires_on = self._day()
        except BadValue as error:
            self._blame("expires_on", str(error), _("请写成 2027-12-31 这样的日期"))
            return
        if expires_on is not None and expires_on < self.on:
            self._blame(
                "expires_on",
                _("到期日 %(day)s 早于期初日") % {"day": expires_on.isoformat()},
                _("已过期的不用导入"),
            )
            return
        cells = self._cells()
        for key, named in cells:
            self._balance(person, key, named, expires_on)
        if not cells:
            self._blame("amount", _("这一行没有数量"), _("请填写数量，或删除这一行"))

    def _cells(self) -> list[tuple[str, Named | None]]:
        """The keys of the cells with a number, and the asset that each means."""
        found: list[tuple[str, Named | None]] = [
            (key, self.assets[key.partition(":")[2]])
            for key in self.file.table.columns
            if key.startswith("asset:") and self.row.text(key).strip()
        ]
        if self.row.text("amount").strip():
            text = self.row.text("asset")
            found.append(("amount", self.by_name.get(heading_key(text)) if text else None))
        return found

    def _day(self) -> date | None:
        if not self.row.text("expires_on").strip():
            return None
        return date_of(self.row.value("expires_on"))

    def _balance(
        self, person: Employee, key: str, named: Named | None, expires_on: date | None
    ) -> None:
        if named is None or named.code == "quota":
            self._blame(
                "asset",
                _("没有积分种类“%(name)s”") % {"name": self.row.text("asset")[:40]},
                _("可以填：%(names)s")
                % {
                    "names": "、".join(
                        one.name for one in self.assets.values() if one.code != "quota"
                    )
                },
            )
            return
        try:
            amount = number_of(self.row.value(key))
        except BadValue as error:
            self._blame(key, str(error), _("请填写数字"))
            return
        if amount == 0:
            return  # nobody has nothing to bring
        if not amount.is_finite() or abs(amount) > LARGEST or amount != round(amount, named.scale):
            self._blame(
                key,
                _("数量“%(text)s”不可用") % {"text": text_of(self.row.value(key))[:40]},
                _("请填写数字，最多 %(n)s 位小数") % {"n": named.scale},
            )
            return
        if expires_on is not None and not self.lots.get(named.code):
            if key == "amount":
                self._blame(
                    "expires_on",
                    _("%(asset)s没有有效期") % {"asset": named.name},
                    _("请留空到期日"),
                )
                return
            expires_on = None  # the row's day is for its other columns
        opening = Opening(person.party_id, named.code, to_minor(amount, named.scale), expires_on)
        first = self.seen.setdefault(opening.key(on=self.on, turn=0), self.row.number)
        if first != self.row.number:
            self._blame(
                key,
                _("和第 %(row)s 行重复：同一人、同一种积分、同一到期日") % {"row": first},
                _("请合并成一行"),
            )
            return
        self.file.lines.append(
            Line(
                self.row.number,
                self.file.table.columns.get(key, ""),
                person.employee_no,
                person.name,
                named.name,
                opening,
            )
        )

    def _blame(self, key: str, reason: str, remedy: str) -> None:
        table = self.file.table
        self.file.problems.append(
            Problem(table.sheet, self.row.number, table.columns.get(key, ""), reason, remedy)
        )
