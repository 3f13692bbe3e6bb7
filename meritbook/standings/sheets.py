"""Boards as workbooks."""

from django.utils.translation import gettext as _

from meritbook.kit.points import from_minor
from meritbook.kit.sheets import OutSheet, write_workbook
from meritbook.ledger.proofs import Head
from meritbook.standings.queries import Board


def board_workbook(board: Board, *, head: Head | None = None) -> bytes:
    """Every row of a board; points are numbers, 工号 text. A second sheet names the ledger's head."""
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
    return write_workbook([sheet, *([_head_sheet(head)] if head else [])])


def _head_sheet(head: Head) -> OutSheet:
    """Whoever keeps the file can later show that the ledger behind it was not changed."""
    return OutSheet(
        name=_("账本指纹"),
        headings=[_("账本指纹"), _("块"), _("完整指纹")],
        rows=[[head.short, head.seq, head.hash]],
        widths=[24, 8, 70],
    )
