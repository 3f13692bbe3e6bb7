"""Where a table begins: its grid with merged cells spread, its header on one or two levels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from meritbook.kit.sheets import Sheet, text_of
from meritbook.rules.tables.amounts import squeezed
from meritbook.rules.tables.cells import Cell
from meritbook.rules.tables.headings import assign_roles, is_heading

_DEDUCTS = re.compile(r"扣|处罚|违规|违纪|负向|减分")
_AWARDS = re.compile(r"加|奖|正向|增")


@dataclass(frozen=True, slots=True)
class Header:
    """The rows of a header (counted from 1, both belong to it) and the role of each column."""

    first: int
    last: int
    roles: dict[int, str]
    unit: str = ""
    """The unit that the heading of the points names: 分值(分/天)."""
    deducts: bool = False
    """The headings or the sheet's name speak of deductions alone."""


def spread_of(sheet: Sheet) -> list[list[Cell]]:
    """Return the grid with the value of a merged range in each of its cells."""
    grid = [
        [Cell(text_of(value), number) if text_of(value) else Cell() for value in row]
        for number, row in enumerate(sheet.rows, start=1)
    ]
    for merge in sheet.merges or ():
        text = text_of(sheet.value(merge.top, merge.left))
        source = Cell(text, merge.top) if text else Cell()
        for number in range(merge.top, min(merge.bottom, len(grid)) + 1):
            for column in range(merge.left, min(merge.right, len(grid[number - 1])) + 1):
                grid[number - 1][column - 1] = source
    return grid


def served(roles: dict[int, str]) -> set[str]:
    """Return the roles that columns serve; a column of deductions has points, too."""
    found = set(roles.values())
    return found | {"points"} if "deduction" in found else found


def header_at(
    spread: Sequence[Sequence[Cell]], number: int, *, within_table: bool, name: str
) -> Header | None:
    """Return the header that begins at the row, with a second level below when there is one."""
    top = spread[number - 1]
    named = [cell.text for cell in top if cell.text]
    known = [text for text in named if is_heading(text)]
    if len(set(known)) < 2 or (within_table and len(known) < len(named)):
        return None
    levels = [[cell.text] if cell.text else [] for cell in top]
    last = number
    if number < len(spread):
        below = [cell if cell.anchor == number + 1 else Cell() for cell in spread[number]]
        own = [cell.text for cell in below if cell.text]
        if own and all(is_heading(text) for text in own):
            last = number + 1
            for index, cell in enumerate(below):
                if cell.text and cell.text not in levels[index]:
                    levels[index].append(cell.text)
    roles = assign_roles(levels)
    if len(roles) < 2:
        return None
    said = squeezed(
        ";".join(
            title
            for index, role in roles.items()
            if role in {"points", "standard"}
            for title in levels[index]
        )
    )
    unit = re.search(r"\((?:积?分)?/([^()/]{1,6})\)", said)
    return Header(
        first=number,
        last=last,
        roles=roles,
        unit=unit[1] if unit else "",
        deducts=any(_DEDUCTS.search(text) and not _AWARDS.search(text) for text in (said, name)),
    )
