"""Tables side by side on one sheet, and tables without a header: which columns belong together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from meritbook.kit.sheets import heading_key
from meritbook.kit.words import told
from meritbook.rules.tables.amounts import squeezed
from meritbook.rules.tables.asides import is_title
from meritbook.rules.tables.cells import Cell
from meritbook.rules.tables.headers import Header, header_at, served
from meritbook.rules.tables.headings import NEEDED, is_heading, role_of
from meritbook.rules.tables.worths import is_blank, worth_of

Grid = Sequence[Sequence[Cell]]
_SEARCH_ROWS = 200
_PRICES = {"points", "deduction"}
_PRICED = re.compile(r"\d(?:个?积?分|points?)|^[+-]\d|^[扣加奖]\d|倍")
_FEWEST = 2
_NUMBERING = re.compile(r"[(]?\d{1,4}[).、]?|[一二三四五六七八九十]{1,3}[、.]?")


@dataclass(frozen=True, slots=True)
class Panel:
    """The columns (from 0) of one of the tables that stand side by side; None for all of them."""

    columns: frozenset[int] | None = None

    def cut(self, spread: Grid) -> list[list[Cell]]:
        """Return the grid with everything else left blank: places stay as they are."""
        if self.columns is None:
            return [list(row) for row in spread]
        return [
            [cell if index in self.columns else Cell() for index, cell in enumerate(row)]
            for row in spread
        ]


def panels_in(spread: Grid, *, name: str) -> list[Panel]:
    """Return the tables of a grid from left to right; one panel of all columns where there is one."""
    blocks = _blocks(spread, name=name)
    panels = [part for block in blocks for part in _repeated(spread, block)]
    return [Panel(frozenset(part)) for part in panels] if len(panels) > 1 else [Panel()]


def _blocks(spread: Grid, *, name: str) -> list[list[int]]:
    """Split at empty columns where each side has a header of its own."""
    width = max((len(row) for row in spread), default=0)
    used: set[int] = set()
    for row in spread:
        if not is_title(row):
            used.update(index for index, cell in enumerate(row) if cell.text)
    runs: list[list[int]] = []
    for index in range(width):
        if index not in used:
            continue
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    if len(runs) < 2:
        return [list(range(width))]
    blocks: list[list[int]] = []
    whole = False
    for run in runs:
        complete = _has_header(spread, run, name=name)
        if not blocks or (complete and whole):
            blocks.append(list(run))
            whole = complete
        else:
            blocks[-1].extend(run)
            whole = whole or complete
    return blocks if len(blocks) > 1 else [list(range(width))]


def _has_header(spread: Grid, run: Sequence[int], *, name: str) -> bool:
    part = Panel(frozenset(run)).cut(spread[:_SEARCH_ROWS])
    for number in range(1, len(part) + 1):
        found = header_at(part, number, within_table=False, name=name)
        if found is not None and set(NEEDED) <= served(found.roles):
            return True
    return False


def _repeated(spread: Grid, block: list[int]) -> list[list[int]]:
    """Split where a header begins again on the same row: 标准, 分值, 标准, 分值."""
    for number, row in enumerate(spread[:_SEARCH_ROWS], start=1):
        named = [index for index in block if index < len(row) and is_heading(row[index].text)]
        if len(named) < 4:
            continue
        parts = _parts([(index, row[index].text) for index in named], block)
        if len(parts) < 2 or not all(_holds_prices(spread, number, part) for part in parts):
            continue
        return [columns for columns, _prices in parts]
    return [block]


def _parts(
    headings: Sequence[tuple[int, str]], block: Sequence[int]
) -> list[tuple[list[int], list[int]]]:
    """Return (columns, columns of prices) of each repetition; one alone where nothing repeats."""
    roles = [_role(text, headings) for _index, text in headings]
    starts = [0]
    seen_standard = seen_price = False
    for at, role in enumerate(roles):
        if role == "standard" and seen_standard and seen_price:
            # What stands between the last price and this standard belongs to it.
            begin = max(i for i in range(at) if roles[i] in _PRICES | {"unit"}) + 1
            starts.append(begin)
            seen_price = False
        seen_standard = seen_standard or role == "standard"
        seen_price = seen_price or role in _PRICES
    if len(starts) < 2 or not seen_price:
        return []
    edges = [headings[at][0] for at in starts[1:]]
    bounds = [block[0], *edges, block[-1] + 1]
    shared = [
        headings[at][0]
        for at in range(starts[1])
        if roles[at] in {"indicator", "process"} and roles.index("standard") > at
    ]
    parts: list[tuple[list[int], list[int]]] = []
    for place, (low, high) in enumerate(pairwise(bounds)):
        columns = [index for index in block if low <= index < high]
        own = [
            role for (index, _text), role in zip(headings, roles, strict=True) if index in columns
        ]
        if place and not {"indicator", "process"} & set(own):
            columns = shared + columns
        prices = [
            index
            for (index, _text), role in zip(headings, roles, strict=True)
            if role in _PRICES and low <= index < high
        ]
        parts.append((columns, prices))
    return parts


def _role(text: str, headings: Sequence[tuple[int, str]]) -> str | None:
    role = role_of(text)
    if role is None and sum(heading_key(text) == heading_key(other) for _i, other in headings) > 1:
        return None if heading_key(text) in {"序号", "编号", "备注"} else "standard"
    return role


def _holds_prices(spread: Grid, header: int, part: tuple[list[int], list[int]]) -> bool:
    """Say whether anything stands in the columns of prices: 得分 is often left to be filled in."""
    _columns, prices = part
    return any(
        not is_blank(row[index].text)
        for row in spread[header : header + _SEARCH_ROWS]
        for index in prices
        if index < len(row)
    )


def headless(spread: Grid) -> Header | None:
    """Return the columns of a table without a header: prices beside what they are for, else None.

    Bare numbers alone are no prices: half of them must have a sign or 分.
    """
    rows = [row for row in spread if len({cell.text for cell in row if cell.text}) > 1]
    width = max((len(row) for row in rows), default=0)
    if len(rows) < _FEWEST:
        return None
    columns = [
        [row[index].text if index < len(row) else "" for row in rows] for index in range(width)
    ]
    points = max(range(width), key=lambda index: (_prices(columns[index]), index))
    texts = [text for text in columns[points] if text]
    if len(texts) * 10 < len(rows) * 7 or _prices(columns[points]) * 10 < len(texts) * 7:
        return None
    if sum(bool(_PRICED.search(squeezed(text))) for text in texts) * 2 < len(texts):
        return None
    left = [index for index in range(points) if _is_wording(columns[index])]
    if not left:
        return None
    roles = {left[-1]: "standard", points: "points"}
    if len(left) > 1:
        roles[left[0]] = "indicator"
    return Header(first=0, last=0, roles=roles)


def told_columns(header: Header) -> str:
    """Say which columns a table without a header was read by."""
    place = {role: index + 1 for index, role in header.roles.items()}
    if "indicator" in place:
        return told(
            "第 %(indicator)s 列是关键指标，第 %(standard)s 列是衡量标准，第 %(points)s 列是积分",
            **place,
        )
    return told("第 %(standard)s 列是衡量标准，第 %(points)s 列是积分", **place)


def _prices(texts: Sequence[str]) -> int:
    return sum(1 for text in texts if text and len(text) < 60 and worth_of(text) is not None)


def _is_wording(texts: Sequence[str]) -> bool:
    """Say whether a column holds words, not numbers."""
    held = [text for text in texts if text]
    words = [
        t
        for t in held
        if re.search(r"[\u4e00-\u9fff]", t) and not _NUMBERING.fullmatch(squeezed(t))
    ]
    return bool(held) and len(words) * 10 >= len(held) * 8
