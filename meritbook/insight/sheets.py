"""Backtests as workbooks."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from meritbook.insight.models import Backtest
from meritbook.insight.queries import backtests as queries
from meritbook.kit.points import from_minor
from meritbook.kit.sheets import OutSheet, write_workbook
from meritbook.kit.sheets.writing import OutValue


def backtest_workbook(found: Backtest, *, scope: frozenset[int] | None) -> bytes:
    """People, departments, posts, managers, for all of the company rules and budgets, and the
    largest changes: xlsx."""
    lines = queries.lines_of(found, scope=scope)
    sheets = [
        OutSheet(
            name=_("人员"),
            headings=[
                _("工号"), _("姓名"), _("部门"), _("岗位"), _("主管"), _("现在积分"), _("试算积分"), _("相差"),
                _("现在名次"), _("试算名次"), _("现在成本（元）"), _("试算成本（元）"),
            ],
            rows=[
                [
                    line.employee.employee_no,
                    line.employee.name,
                    queries.department_name(line),
                    queries.post_name(line),
                    queries.manager_name(line),
                    _points(line.before),
                    _points(line.after),
                    _points(line.after - line.before),
                    line.before_rank,
                    line.after_rank,
                    _points(line.before_cents),
                    _points(line.after_cents),
                ]
                for line in lines
            ],
        ),
        _group_sheet(_("部门"), queries.grouped(lines, queries.department_name)),
        _group_sheet(_("岗位"), queries.grouped(lines, queries.post_name)),
        _group_sheet(_("主管"), queries.grouped(lines, queries.manager_name)),
    ]  # fmt: skip
    if scope is None:
        sheets.append(_rule_sheet(found))
    sheets.append(_change_sheet(found, scope=scope))
    return write_workbook(sheets)


def _points(minor: int) -> Decimal:
    return from_minor(minor)


def _group_sheet(name: str, groups: Sequence[queries.GroupSums]) -> OutSheet:
    return OutSheet(
        name=name,
        headings=[name, _("人数"), _("现在积分"), _("试算积分"), _("相差"), _("现在成本（元）"), _("试算成本（元）")],
        rows=[
            [
                each.name,
                each.people,
                _points(each.before),
                _points(each.after),
                _points(each.difference),
                _points(each.before_cents),
                _points(each.after_cents),
            ]
            for each in groups
        ],
    )  # fmt: skip


def _rule_sheet(found: Backtest) -> OutSheet:
    rows: list[list[OutValue]] = [
        [
            each["code"],
            each["name"],
            _("有改动") if each["is_changed"] else "",
            _points(each["before"]["points"]),
            _points(each["after"]["points"]),
            _points(each["after"]["points"] - each["before"]["points"]),
            each["gained"],
            each["lost"],
            each["changed"],
        ]
        for each in found.summary["rules"]
    ]
    return OutSheet(
        name=_("标准"),
        headings=[
            _("编号"), _("标准"), _("改动"), _("现在积分"), _("试算积分"), _("相差"), _("新得笔数"), _("失去笔数"),
            _("变化笔数"),
        ],
        rows=rows,
    )  # fmt: skip


def _change_sheet(found: Backtest, *, scope: frozenset[int] | None) -> OutSheet:
    return OutSheet(
        name=_("得失明细"),
        headings=[_("工号"), _("姓名"), _("标准"), _("开始"), _("结束"), _("现在积分"), _("试算积分"),
            _("现在的算法"), _("试算的算法"),
        ],
        rows=[
            [
                each.employee.employee_no,
                each.employee.name,
                each.rule.code,
                each.starts_on,
                each.ends_on,
                _points(each.before),
                _points(each.after),
                each.before_text,
                each.after_text,
            ]
            for each in queries.changes_of(found, scope=scope)
        ],
    )  # fmt: skip
