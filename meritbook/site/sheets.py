"""Workbooks and printed statements of the site's own pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from django.utils.translation import gettext as _

from meritbook.awards.queries.wallets import Line
from meritbook.kit.errors import Refusal
from meritbook.kit.pdf import PdfColumn, PdfDocument, write_pdf
from meritbook.kit.points import from_minor
from meritbook.kit.sheets import OutSheet, write_workbook
from meritbook.kit.templatetags.kit import points, signed
from meritbook.ledger.forecasts import AGES
from meritbook.org.models import Employee
from meritbook.site.queries.liabilities import AgedAsset, AgedPerson, Lapsing, PersonLapse

PDF_MAX = 5_000
XLSX_MAX = 100_000


class TooLong(Refusal):
    """The statement has more lines than the format bears."""

    code = "too_long"
    status = 422

    def __init__(self, *, lines: int, most: int) -> None:
        super().__init__(
            _("这份对账单有 %(lines)s 行，超过 %(most)s 行，请缩短日期范围")
            % {"lines": lines, "most": most}
        )


def statement_workbook(*, lines: Sequence[Line], names: dict[str, str]) -> bytes:
    """A statement as a workbook: numbers are numbers, whatever was typed is text."""
    rows: list[list[str | Decimal | date | None]] = [
        [
            one.movement.effective_on,
            one.movement.posted_at,
            names.get(one.movement.asset, one.movement.asset),
            one.sentence,
            one.explained.rule.spec.name if one.explained else "",
            one.event_no or "",
            from_minor(one.movement.points, one.movement.scale),
            from_minor(one.movement.balance_after, one.movement.scale),
            str(one.movement.tx_id),
            str(one.movement.reverses_tx_id) if one.movement.reverses_tx_id else "",
        ]
        for one in lines
    ]
    headings = [
        _("计入日"),
        _("记账时间"),
        _("积分种类"),
        _("说明"),
        _("积分标准"),
        _("事件编号"),
        _("分值"),
        _("余额"),
        _("记账编号"),
        _("冲销的记账"),
    ]
    sheet = OutSheet(
        name=_("积分明细"),
        headings=headings,
        rows=rows,
        widths=[12, 17, 10, 48, 24, 16, 10, 12, 12, 12],
    )
    return write_workbook([sheet])


def statement_pdf(
    *,
    lines: Sequence[Line],
    names: dict[str, str],
    employee: Employee,
    company: str,
    department: str,
    assets: str,
    start: date | None,
    end: date | None,
    balances: Sequence[tuple[str, Decimal]],
    printed_at: str,
) -> bytes:
    """A statement to print: who, which days, every line, what was gained and lost."""
    gained = sum((_points(one) for one in lines if one.movement.points > 0), Decimal())
    lost = sum((_points(one) for one in lines if one.movement.points < 0), Decimal())
    if start or end:
        days = _("%(start)s 至 %(end)s") % {
            "start": start.isoformat() if start else _("最早"),
            "end": end.isoformat() if end else _("今天"),
        }
    else:
        days = _("全部时间")
    facts = [
        (_("姓名"), employee.name),
        (_("工号"), employee.employee_no),
        (_("部门"), department or "—"),
        (_("计入日"), days),
        (_("积分种类"), assets),
        (_("笔数"), str(len(lines))),
        *((_("%(asset)s余额") % {"asset": name}, points(balance)) for name, balance in balances),
    ]
    document = PdfDocument(
        title=_("%(name)s的积分对账单") % {"name": employee.name},
        subtitle=company,
        columns=[
            PdfColumn(_("计入日"), 2.3),
            PdfColumn(_("种类"), 1.7),
            PdfColumn(_("说明"), 8.4),
            PdfColumn(_("分值"), 1.9, "R"),
            PdfColumn(_("余额"), 2.1, "R"),
            PdfColumn(_("记账编号"), 1.9, "R"),
        ],
        rows=[
            [
                one.movement.effective_on.isoformat(),
                names.get(one.movement.asset, one.movement.asset),
                one.sentence,
                signed(_points(one)),
                points(from_minor(one.movement.balance_after, one.movement.scale)),
                str(one.movement.tx_id),
            ]
            for one in lines
        ],
        facts=facts,
        totals=[
            _("合计"),
            "",
            _("增加 %(gained)s，减少 %(lost)s") % {"gained": points(gained), "lost": points(-lost)},
            signed(gained + lost),
            "",
            "",
        ]
        if lines and len({one.movement.asset for one in lines}) == 1
        else (),
        footer=_("%(company)s · 打印于 %(at)s") % {"company": company, "at": printed_at},
        empty=_("这段时间没有积分变动"),
    )
    return write_pdf(document)


def forecast_workbook(*, months: Sequence[Lapsing], people: Sequence[PersonLapse]) -> bytes:
    """What lapses: a sheet by month, a sheet by person."""
    by_month = OutSheet(
        name=_("按月"),
        headings=[_("月份"), _("积分种类"), _("到期积分"), _("折合（元）"), _("人数")],
        rows=[[one.period.text, one.name, one.points, one.money, one.people] for one in months],
        widths=[12, 12, 14, 14, 10],
    )
    by_person = OutSheet(
        name=_("按人"),
        headings=[_("工号"), _("姓名"), _("积分种类"), _("到期日"), _("到期积分")],
        rows=[
            [
                one.person.employee_no if one.person else "",
                one.person.name if one.person else str(one.party_id),
                one.name,
                one.day,
                one.points,
            ]
            for one in people
        ],
        widths=[12, 14, 12, 12, 14],
    )
    return write_workbook([by_month, by_person])


def liability_workbook(
    *, assets: Sequence[AgedAsset], people: Sequence[AgedPerson], today: date
) -> bytes:
    """Unspent points by age: the company's sums and their worth, and a sheet by person."""
    ages = age_names()
    whole: list[list[str | Decimal | int]] = []
    for one in assets:
        whole.append([one.name, _("积分"), *one.points, one.total, one.people])
        whole.append([one.name, _("折合（元）"), *one.money, one.money_total, one.people])
    by_asset = OutSheet(
        name=_("积分负债 %(day)s") % {"day": today.isoformat()},
        headings=[_("积分种类"), _("单位"), *ages, _("合计"), _("人数")],
        rows=whole,
        widths=[12, 12, *([14] * len(ages)), 14, 10],
    )
    by_person = OutSheet(
        name=_("按人"),
        headings=[_("工号"), _("姓名"), _("积分种类"), *ages, _("合计"), _("折合（元）")],
        rows=[
            [
                one.person.employee_no if one.person else "",
                one.person.name if one.person else str(one.party_id),
                one.name,
                *one.points,
                one.total,
                one.money,
            ]
            for one in people
        ],
        widths=[12, 14, 12, *([14] * len(ages)), 14, 14],
    )
    return write_workbook([by_asset, by_person])


def age_names() -> list[str]:
    """The ages in words: 30 天以内, 31–90 天 …"""
    names = [_("%(days)s 天以内") % {"days": AGES[0]}]
    names += [
        _("%(from)s–%(to)s 天") % {"from": before + 1, "to": last}
        for before, last in pairwise(AGES)
    ]
    return [*names, _("超过 %(days)s 天") % {"days": AGES[-1]}]


def _points(line: Line) -> Decimal:
    return from_minor(line.movement.points, line.movement.scale)
