"""Grids into lines: headings found, merged cells spread, blanks filled, nothing dropped unseen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from meritbook.kit.problems import Problem
from meritbook.kit.sheets import CellValue, Sheet, text_of
from meritbook.kit.words import told
from meritbook.rules.tables.amounts import squeezed
from meritbook.rules.tables.asides import is_aside, is_title, section_of
from meritbook.rules.tables.cells import Cell, Line
from meritbook.rules.tables.drafts import Finding
from meritbook.rules.tables.headers import Header, header_at, served, spread_of
from meritbook.rules.tables.headings import NEEDED, TITLES
from meritbook.rules.tables.panels import headless, panels_in, told_columns
from meritbook.rules.tables.worths import is_blank

_SEARCH_ROWS = 200
_LONG = 40
"""A text above a table is its title up to this length, else it may be a rule by itself."""


@dataclass
class SheetLines:
    """What one sheet gave. `has_header` False: no rule table; `missing`: headings it lacks."""

    name: str
    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    has_header: bool = False
    header_row: int = 0
    missing: tuple[str, ...] = ()
    merged: bool = False
    columns: str = ""
    """How columns were told apart where the sheet has no header."""


def lines_of(sheet: Sheet) -> list[SheetLines]:
    """Read one sheet into lines, for each of the tables that stand side by side on it."""
    spread = spread_of(sheet)
    panels = panels_in(spread, name=sheet.name)
    read = [_panel(sheet, panel.cut(spread)) for panel in panels]
    read[0].problems[:0] = sheet.problems
    if len(read) == 1 and not read[0].has_header and (found := headless(spread)) is not None:
        return [_panel(sheet, spread, assumed=found)]
    return read


def _panel(sheet: Sheet, spread: list[list[Cell]], *, assumed: Header | None = None) -> SheetLines:
    """Read tables below each other, each with its own headings, or one without any."""
    out = SheetLines(name=sheet.name)
    out.merged = any(merge.bottom > merge.top for merge in sheet.merges or ())
    header = assumed
    if assumed is not None:
        out.has_header, out.columns = True, told_columns(assumed)
    above: dict[str, Cell] = {}
    preface: list[tuple[int, list[str]]] = []
    number = 1
    while number <= len(spread):
        row = spread[number - 1]
        if (header is None and number <= _SEARCH_ROWS) or header is not None:
            found = header_at(spread, number, within_table=header is not None, name=sheet.name)
            if found is not None:
                missing = tuple(TITLES[r] for r in NEEDED if r not in served(found.roles))
                out.has_header = True
                if missing and out.lines:
                    header = None
                    _half_header(out, found, missing)
                elif missing:
                    out.missing, out.header_row = missing, found.first
                else:
                    header, above = found, {}
                    out.header_row = out.header_row or found.first
                    _note_extras(out, spread, found)
                number = found.last + 1
                continue
        texts = list(dict.fromkeys(cell.text for cell in row if cell.text))
        if texts and header is None:
            preface.append((number, texts))
        elif texts and header is not None:
            above = _take(out, header, row, number=number, above=above, sheet=sheet)
        number += 1
    for at, texts in preface if out.lines else ():
        if len(texts) > 1 or len(texts[0]) > _LONG or (out.lines and at > out.header_row):
            _remark(out, at, " ".join(texts))
        else:
            out.titles.extend(texts)
    return out


def _half_header(out: SheetLines, header: Header, missing: tuple[str, ...]) -> None:
    """A second table on the sheet that is no rule table: its rows are named, not read."""
    out.problems.append(
        Problem(
            sheet=out.name,
            row=header.first,
            column=missing[0],
            reason=told("表头缺少%(missing)s，下面的行没有读", missing="、".join(missing)),
            remedy=told("请补上这些列后重新导入"),
        )
    )


def _note_extras(out: SheetLines, spread: list[list[Cell]], header: Header) -> None:
    """Name columns that no rule needs, so that nothing disappears without a word."""
    idle = {"序号", "编号", "No", "NO", "no", "#"}
    titles = []
    for index, cell in enumerate(spread[header.last - 1]):
        held = any(index < len(row) and row[index].text for row in spread[header.last :])
        if cell.text and index not in header.roles and cell.text not in idle and held:
            titles.append(cell.text)
    if titles:
        out.findings.append(
            Finding(
                kind="unused_column",
                sheet=out.name,
                row=header.first,
                text=told("这些列没有用到：%(text)s", text="、".join(dict.fromkeys(titles))),
                mend=told("如影响计分，请写进衡量标准"),
            )
        )


def _take(
    out: SheetLines,
    header: Header,
    row: Sequence[Cell],
    *,
    number: int,
    above: dict[str, Cell],
    sheet: Sheet,
) -> dict[str, Cell]:
    """Turn one row below a header into lines, a remark or a problem; return it for the next row."""
    cells = {role: row[index] for index, role in header.roles.items() if index < len(row)}
    if section := section_of(row):
        if "indicator" in cells:
            _remark(out, number, section)
        return {"indicator": Cell(section, number)}
    if is_aside(row):
        texts = list(dict.fromkeys(cell.text for cell in row if cell.text))
        out.titles.extend(texts if is_title(row) else ())
        _remark(out, number, " ".join(texts))
        return above
    filled = _filled(cells, above=above, merged=out.merged)
    standard, points = filled.get("standard", Cell()), filled.get("points", Cell())
    deduction = filled.get("deduction", Cell())
    own = [cells.get(role, Cell()) for role in ("standard", "points", "deduction")]
    if not any(cell.text and cell.anchor == number for cell in own):
        fresh = [c for c in cells.values() if c.text and c.anchor == number]
        if fresh and standard.text and points.text:
            _remark(out, number, fresh[0].text)
        elif fresh:
            _lost(out, number, text=fresh[0].text, columns=("standard", "points"))
        elif idle := [cell.text for cell in row if cell.text and cell.anchor == number]:
            _remark(out, number, " ".join(dict.fromkeys(idle)))
        return filled
    worths = [
        (cell, deducts)
        for cell, deducts in ((points, False), (deduction, True))
        if not is_blank(cell.text)
    ]
    if not standard.text:
        _lost(out, number, text=points.text or deduction.text, columns=("standard",))
        return filled
    if not worths:
        # The standard may say its price itself; who reads the points decides.
        worths = [(Cell("", number), False)]
    weight = filled.get("weight", Cell())
    for cell, deducts in worths:
        out.lines.append(
            Line(
                sheet=out.name,
                row=number,
                indicator=filled.get("indicator", Cell()),
                process=filled.get("process", Cell()),
                result=filled.get("result", Cell()),
                weight=weight,
                weight_percent=_percent(sheet, header, weight),
                standard=standard.text,
                points=cell.text,
                unit=filled.get("unit", Cell()).text or header.unit,
                deducts=deducts or header.deducts,
                shares_points=cell.anchor != number,
            )
        )
    return filled


def _remark(out: SheetLines, number: int, text: str) -> None:
    out.findings.append(
        Finding(
            kind="not_a_rule",
            sheet=out.name,
            row=number,
            text=told("这一行不是标准，没有计入：“%(text)s”", text=text[:60]),
            mend=told("如是标准，请补上衡量标准和积分"),
        )
    )


def _lost(out: SheetLines, number: int, *, text: str, columns: tuple[str, ...]) -> None:
    names = "和".join(TITLES[column] for column in columns)
    out.problems.append(
        Problem(
            sheet=out.name,
            row=number,
            column=TITLES[columns[0]],
            reason=told("“%(text)s”缺少%(names)s", text=text[:60], names=names),
            remedy=told("请补上%(names)s后重新导入", names=names),
        )
    )


def _filled(cells: dict[str, Cell], *, above: dict[str, Cell], merged: bool) -> dict[str, Cell]:
    """Give blanks on the left the value above: what a merged cell becomes in csv or when pasted.

    Where the sheet has merged cells of its own a blank is a blank, except under an indicator.
    """
    filled = dict(cells)
    before = above.get("indicator", Cell())
    here = cells.get("indicator", Cell())
    same_group = not here.text or here.text == before.text
    if not here.text and before.text:
        filled["indicator"] = before
    if merged:
        return filled
    for role in ("process", "result", "weight"):
        if cells.get(role, Cell()).text or role not in cells or role not in above:
            continue
        if role == "weight" and cells.get("process", Cell()).text and "process" in cells:
            continue
        if same_group or (role == "result" and not re.search(r"\d", squeezed(above[role].text))):
            filled[role] = above[role]
    for role in ("standard", "points"):
        filled.setdefault(role, Cell())
    return filled


def _percent(sheet: Sheet, header: Header, cell: Cell) -> Decimal | None:
    """Return a weight in percent: "40%", 0.4 and 40 are all 40."""
    if not cell.text:
        return None
    raw: CellValue = cell.text
    for index, role in header.roles.items():
        if role == "weight" and cell.anchor:
            raw = sheet.value(cell.anchor, index + 1)
    text = squeezed(text_of(raw))
    found = re.search(r"(\d+(?:\.\d+)?)(%?)", text)
    if found is None:
        return None
    value = Decimal(found[1])
    if not found[2] and value <= 1:
        value *= 100
    return value
