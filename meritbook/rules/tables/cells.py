"""Cells and lines: what a table writes, before anybody reads it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell and the row where it really stands (merged or filled from above)."""

    text: str = ""
    anchor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One rule as the table writes it."""

    sheet: str
    row: int
    indicator: Cell = Cell()
    process: Cell = Cell()
    result: Cell = Cell()
    weight: Cell = Cell()
    weight_percent: Decimal | None = None
    standard: str = ""
    points: str = ""
    unit: str = ""
    deducts: bool = False
    shares_points: bool = False
    """The points cell is merged with the line above."""
    clause: str = ""
    """The part of a points cell that this line is about, when the cell names several prices."""
    spoken: bool = False
    """Standard and points were one sentence of a text."""
