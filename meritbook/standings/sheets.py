"""Boards as workbooks."""

from django.utils.translation import gettext as _

from meritbook.kit.points import from_minor
from meritbook.kit.sheets import OutSheet, write_workbook
from meritbook.standings.queries import Board


def board_workbook(board: Board) -> bytes:
    """Every row of a board; points are numbers, 工号 text."""
    headings = [_("名次"), _("工号"), _("姓名"), _("部门"), _("积分"), _("上期积分"), _("名次变化")]
    rows = [
        [
            row.rank,
            row.employee_no,
            row.name,
            row.department,
            from_minor(row.points, board.scale),
            from_minor(row.previous_points, board.scale) if board.previous else None,
            row.rank_change,
        ]
        for row in board.rows
    ]
    sheet = OutSheet(
        name=f"{_('排行榜')} {board.period.text}",
        headings=headings,
        rows=rows,
        widths=[8, 12, 14, 24, 12, 12, 10],
    )
    return write_workbook([sheet])
