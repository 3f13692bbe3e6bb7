"""Boards, and what people earned in a period, from the ledger's day totals."""

from meritbook.standings.queries.boards import (
    BadPeriod,
    Board,
    BoardRow,
    UnknownAsset,
    UnknownDepartment,
    board,
    department_of,
    period_of,
)
from meritbook.standings.queries.earned import HONOUR, points_of, points_of_all

__all__ = [
    "HONOUR",
    "BadPeriod",
    "Board",
    "BoardRow",
    "UnknownAsset",
    "UnknownDepartment",
    "board",
    "department_of",
    "period_of",
    "points_of",
    "points_of_all",
]
