"""Sheets and texts into drafts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from meritbook.kit.problems import Problem
from meritbook.kit.sheets import Sheet, read_grid_text, text_of
from meritbook.kit.words import say, told
from meritbook.rules.tables.amounts import AMOUNT, amount_of, squeezed
from meritbook.rules.tables.cells import Cell, Line
from meritbook.rules.tables.doubts import findings_on, unlawful
from meritbook.rules.tables.drafts import Draft, Finding, Question, Reading
from meritbook.rules.tables.headings import role_of
from meritbook.rules.tables.lines import SheetLines, lines_of
from meritbook.rules.tables.phrases import (
    TextLines,
    lines_of_text,
    passed_over,
    priced_clauses,
    prices_in,
)
from meritbook.rules.tables.readers import is_stage, reader_of
from meritbook.rules.tables.refusals import (
    NoRuleTable,
    missing_headings,
    refusal_of,
    skipped_sheet,
    unreadable_line,
)
from meritbook.rules.tables.shapes import draft_of
from meritbook.rules.tables.tiers import tiers_of
from meritbook.rules.tables.worths import Worth, worth_of

_TOTAL = re.compile(rf"(?:项目|总)[^\d]{{0,8}}?(?:可?加|总分|共|得|为|:)?({AMOUNT})(?:积分|分)")


def read_tables(sheets: Sequence[Sheet]) -> Reading:
    """Read rule tables and the standards written between them.

    NoRuleTable when there is neither a table with 衡量标准 and 积分 nor a line with a price.
    """
    read = [_page(sheet) for sheet in sheets]
    tables = [out for page in read for out in page if isinstance(out, SheetLines)]
    if not any(out.has_header and not out.missing for out in tables):
        spoken = _one_column(sheets)
        if spoken is None:
            raise NoRuleTable(refusal_of(tables))
        return spoken
    drafts: list[Draft] = []
    problems: list[Problem] = []
    findings: list[Finding] = []
    lines: list[Line] = []
    heading, place, pending = Cell(), "", False
    for out in (each for page in read for each in page):
        problems.extend(out.problems)
        findings.extend(out.findings)
        if isinstance(out, TextLines):
            heading, place, pending = out.heading, out.sheet, out.is_pending
            lines.extend(line for line, _worth in out.lines)
            made = _drafts_of(out.lines, titles=())
        else:
            if out.missing:
                problems.append(missing_headings(out))
            elif not out.has_header:
                findings.append(skipped_sheet(out))
            own = [
                line if line.indicator.text else replace(line, indicator=heading)
                for line in out.lines
            ]
            lines.extend(own)
            made = _asked_about_columns(_drafts(own, titles=out.titles), out)
            if pending and all(line.indicator.text for line in out.lines):
                findings.append(passed_over(heading, sheet=place))
            heading, pending = Cell(), False
        drafts.extend(made.drafts)
        problems.extend(made.problems)
        findings.extend(made.findings)
    if pending:
        findings.append(passed_over(heading, sheet=place))
    findings.extend(findings_on(drafts, lines))
    return _ordered(drafts, problems, findings, [sheet.name for sheet in sheets])


def _page(sheet: Sheet) -> Sequence[SheetLines | TextLines]:
    if not sheet.is_text:
        return lines_of(sheet)
    text = "\n".join(" ".join(text_of(row[0]).split()) if row else "" for row in sheet.rows)
    return [lines_of_text(text, sheet=sheet.name, prose=True, headings=sheet.headings)]


def _asked_about_columns(made: Reading, out: SheetLines) -> Reading:
    """Ask once whether the columns of a table without a header are what they seem."""
    if not out.columns or not made.drafts:
        return made
    question = Question(
        field="columns",
        text=told("「%(sheet)s」没有表头，各列是什么？", sheet=out.name),
        proposal=out.columns,
    )
    first = replace(made.drafts[0], questions=(question, *made.drafts[0].questions))
    return replace(made, drafts=(first, *made.drafts[1:]))


def read_text(text: str, *, name: str = "") -> Reading:
    """Read plain text, one standard a line; a table pasted with its headings is read as a table.

    Headings such as “1、行为:” become the indicator of the lines below; `row` is the line number.
    """
    if _is_pasted_table(text):
        return read_tables([Sheet(name=name, rows=read_grid_text(text), merges=None)])
    if _is_pasted_grid(text):
        grid = Sheet(name=name, rows=read_grid_text(text), merges=None)
        if any(out.has_header and not out.missing for out in lines_of(grid)):
            return read_tables([grid])
    return _read_lines(text, name=name)


def _read_lines(text: str, *, name: str, sheet: Sheet | None = None) -> Reading:
    found = lines_of_text(
        text,
        sheet=name,
        prose=sheet is not None and sheet.is_text,
        headings=sheet.headings if sheet is not None else frozenset(),
    )
    made = _drafts_of(found.lines, titles=())
    if not made.drafts and not made.problems and not found.problems:
        raise NoRuleTable(say("文件里没有一行写着积分的标准。请一行写一条，如“迟到-5分”。"))
    findings = [
        *found.findings,
        *made.findings,
        *findings_on(made.drafts, [line for line, _worth in found.lines]),
    ]
    return _ordered(list(made.drafts), [*found.problems, *made.problems], findings, [name])


def _one_column(sheets: Sequence[Sheet]) -> Reading | None:
    """Read sheets that hold sentences in one column; None when they hold anything else."""
    parts: list[Reading] = []
    for sheet in sheets:
        rows = [[text for value in row if (text := text_of(value))] for row in sheet.rows]
        if any(len(set(row)) > 1 for row in rows):
            return None
        text = "\n".join(" ".join(row[0].split()) if row else "" for row in rows)
        try:
            parts.append(_read_lines(text, name=sheet.name, sheet=sheet))
        except NoRuleTable:
            continue
    if not any(part.drafts for part in parts):
        return None
    return Reading(
        drafts=tuple(draft for part in parts for draft in part.drafts),
        problems=tuple(problem for part in parts for problem in part.problems),
        findings=tuple(finding for part in parts for finding in part.findings),
    )


def _drafts(lines: Sequence[Line], *, titles: Sequence[str]) -> Reading:
    """Read the points of each line; a line whose points cannot be read is a problem."""
    worths: list[tuple[Line, Worth]] = []
    problems: list[Problem] = []
    findings: list[Finding] = []
    for line in lines:
        priced = _priced(line)
        worths.extend(priced)
        if not priced:
            said = f"{line.standard};{line.points}"
            findings.extend(unlawful(said, sheet=line.sheet, row=line.row))
            problems.append(unreadable_line(line))
        elif not line.points:
            findings.append(
                Finding(
                    kind="points_in_standard",
                    sheet=line.sheet,
                    row=line.row,
                    text=told(
                        "积分栏是空的，按标准里写的读：“%(standard)s”", standard=line.standard[:60]
                    ),
                    mend=told("把分值写进积分栏"),
                )
            )
        elif len(priced) == 1:
            findings.extend(_contradiction(*priced[0]))
    made = _drafts_of(worths, titles=titles)
    return Reading(made.drafts, tuple(problems), (*findings, *made.findings))


def _priced(line: Line) -> list[tuple[Line, Worth]]:
    """Return the line with its worth; several where its cell names several prices; [] for none."""
    if line.points:
        worth = worth_of(line.points, unit_text=line.unit, deducts=line.deducts)
        if worth is not None and not worth.is_range:
            return [(line, worth)]
        if tiers := tiers_of(squeezed(line.standard), points=squeezed(line.points)):
            best = tiers.steps[-1][1]
            return [(line, Worth(low=best, high=best))]
        if worth is not None:
            return [(line, worth)]
    clauses = priced_clauses(line.points or line.standard)
    if not line.points:
        return (
            [(replace(line, points=points), worth) for _deed, points, worth in clauses[:1]]
            if (len(clauses) == 1)
            else [
                (replace(line, points=points, standard=deed), worth)
                for deed, points, worth in clauses
            ]
        )
    if len(clauses) < 2:
        return []
    return [(replace(line, points=points, clause=deed), worth) for deed, points, worth in clauses]


def _contradiction(line: Line, worth: Worth) -> list[Finding]:
    """Name a standard that says another price than its points cell."""
    said = prices_in(line.standard)
    if len(said) != 1 or worth.is_range or said[0].is_range:
        return []
    if abs(said[0].low) == abs(worth.low):
        return []
    return [
        Finding(
            kind="contradiction",
            sheet=line.sheet,
            row=line.row,
            text=told(
                "标准“%(standard)s”与积分“%(points)s”不一致，按积分栏读",
                standard=line.standard[:60],
                points=line.points,
            ),
            mend=told("改成一致"),
        )
    ]


def _drafts_of(lines: Sequence[tuple[Line, Worth]], *, titles: Sequence[str]) -> Reading:
    drafts: list[Draft] = []
    findings: list[Finding] = []
    totals = _project_totals(lines, titles=titles)
    processes: dict[tuple[str, str], list[Line]] = {}
    parts: Counter[tuple[str, int]] = Counter()
    for line, _worth in lines:
        if line.process.text:
            key = (line.indicator.text, line.process.text)
            processes.setdefault(key, []).append(line)
    for line, worth in lines:
        siblings = processes.get((line.indicator.text, line.process.text), [])
        reader = reader_of(
            line,
            worth,
            siblings=siblings,
            project_total=totals.get((line.sheet, line.indicator.text)),
        )
        draft, doubts = draft_of(reader)
        part = parts[line.sheet, line.row]
        parts[line.sheet, line.row] += 1
        drafts.append(replace(draft, part=part))
        findings.extend(replace(doubt, part=part) for doubt in doubts)
    return Reading(tuple(drafts), (), tuple(findings))


def _project_totals(
    lines: Sequence[tuple[Line, Worth]], *, titles: Sequence[str]
) -> dict[tuple[str, str], Decimal]:
    """Return the total of each indicator that is a project: points are its weights' shares."""
    groups: dict[tuple[str, str], list[tuple[Line, Worth]]] = {}
    for line, worth in lines:
        groups.setdefault((line.sheet, line.indicator.text), []).append((line, worth))
    named = next(
        (amount_of(found[1]) for title in titles if (found := _TOTAL.search(squeezed(title)))), None
    )
    totals: dict[tuple[str, str], Decimal] = {}
    for key, group in groups.items():
        if any(
            worth.unit or worth.period or worth.is_range or worth.low <= 0 for _line, worth in group
        ):
            continue
        weights = [line.weight_percent for line, _worth in group]
        if len(group) < 2 or not all(weights) or not is_stage([line for line, _worth in group]):
            continue
        shares = {
            worth.low * 100 / line.weight_percent for line, worth in group if line.weight_percent
        }
        if len(shares) == 1 and (named is None or named in shares):
            totals[key] = shares.pop()
    return totals


def _ordered(
    drafts: list[Draft], problems: list[Problem], findings: list[Finding], names: Sequence[str]
) -> Reading:
    place = {name: index for index, name in enumerate(names)}
    once = {_said(each): each for each in reversed(findings)}
    findings = [each for each in findings if once.get(_said(each)) is each]
    return Reading(
        drafts=tuple(drafts),
        problems=tuple(sorted(problems, key=lambda p: (place.get(p.sheet, 0), p.row))),
        findings=tuple(sorted(findings, key=lambda f: (place.get(f.sheet, 0), f.row))),
    )


def _said(finding: Finding) -> tuple[str, str, int, str]:
    """Return what two findings of one row have in common when they say the same."""
    return finding.kind, finding.sheet, finding.row, finding.text


def _is_pasted_table(text: str) -> bool:
    for line in text.splitlines()[:10]:
        cells = [cell.strip() for cell in re.split(r"[\t|,\uff0c]", line) if cell.strip()]
        roles = {role for cell in cells if (role := role_of(cell))}
        if len(cells) >= 2 and len(roles) >= 2:
            return True
    return False


def _is_pasted_grid(text: str) -> bool:
    """Say whether most lines are cells with tabs between them, as a spreadsheet copies them."""
    lines = [line for line in text.splitlines() if line.strip()]
    return len(lines) > 1 and sum("\t" in line.strip() for line in lines) * 10 >= len(lines) * 8
