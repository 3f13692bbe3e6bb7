"""What cannot be read: files without a rule table, pages without headings, lines without points."""

from __future__ import annotations

from collections.abc import Sequence

from meritbook.kit.errors import Refusal
from meritbook.kit.problems import Problem
from meritbook.kit.words import say, told
from meritbook.rules.tables.cells import Line
from meritbook.rules.tables.drafts import Finding
from meritbook.rules.tables.headings import NEEDED, TITLES
from meritbook.rules.tables.lines import SheetLines


class NoRuleTable(Refusal):
    """The file holds no rule table: the message names the headings that are missing, and where."""

    code = "no_rule_table"


def refusal_of(read: Sequence[SheetLines]) -> str:
    """Say in one sentence which headings are missing, and where."""
    lacking = [out for out in read if out.missing]
    if lacking:
        places = ";".join(
            say(
                "「%(sheet)s」第 %(row)s 行的表头缺少%(missing)s",
                sheet=out.name,
                row=out.header_row,
                missing=say("、").join(out.missing),
            )
            for out in lacking
        )
        return say("%(places)s。请补上这些列。", places=places)
    return say(
        "%(sheets)s里没有找到积分标准的表头。表头至少要有这些列：%(needed)s。",
        sheets=say("、").join(f"「{out.name}」" for out in read),
        needed=say("、").join(TITLES[role] for role in NEEDED),
    )


def missing_headings(out: SheetLines) -> Problem:
    """Return the problem of a page whose header is not whole."""
    return Problem(
        sheet=out.name,
        row=out.header_row,
        column=out.missing[0],
        reason=told("表头缺少%(missing)s，这一页没有读", missing="、".join(out.missing)),
        remedy=told("请补上这些列后重新导入"),
    )


def skipped_sheet(out: SheetLines) -> Finding:
    """Return the finding on a page that is something else."""
    return Finding(
        kind="skipped_sheet",
        sheet=out.name,
        row=0,
        text=told("「%(name)s」没有积分标准的表头，没有读", name=out.name),
        mend=told("如是标准，请加上表头"),
    )


def unreadable_line(line: Line) -> Problem:
    """Return the problem of a line without points that can be read."""
    column = TITLES["deduction" if line.deducts else "points"]
    name = line.standard[:60]
    if not line.points:
        return Problem(
            sheet=line.sheet,
            row=line.row,
            column=column,
            reason=told("“%(name)s”缺少%(column)s", name=name, column=column),
            remedy=told("请补上%(column)s后重新导入", column=column),
        )
    return Problem(
        sheet=line.sheet,
        row=line.row,
        column=column,
        reason=told("“%(name)s”的积分“%(points)s”读不懂", name=name, points=line.points[:40]),
        remedy=told("请写成“30 分/天”“-50 分/次”“50 分/千”这样的形式"),
    )
