"""The board as its page shows it: lines with bars and changes, sums, departments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from django.core.cache import cache
from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from meritbook.kit.points import from_minor
from meritbook.kit.templatetags.kit import points as shown
from meritbook.org.queries.departments import departments
from meritbook.standings.queries import Board, BoardRow

KEPT_SECONDS = 10
"""How long parts stay in the cache. Their key has the board's version, which changes with every
posting; what it does not tell (a name changed) is late by this much at most."""


class Line(NamedTuple):
    """One row of the page part that lists a board; points are Decimals, ``share`` 0 to 100."""

    rank: int
    name: str
    note: str
    points: Decimal
    change: Decimal | None
    moved: int | None
    share: int
    is_me: bool
    address: str


class DepartmentLine(NamedTuple):
    """One department's sum; ``share`` is its average as percent of the best one's."""

    id: int
    name: str
    people: int
    total: Decimal
    average: Decimal
    share: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What the cards above a board say."""

    total: Decimal
    previous_total: Decimal
    people: int
    scorers: int
    top: Decimal
    top_name: str
    departments: tuple[DepartmentLine, ...]

    @property
    def average(self) -> Decimal:
        return _rounded(self.total / self.people) if self.people else Decimal(0)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at a board: the own row is marked, rows lead to wallets that open for the reader.

    ``departments`` are those of which the reader may see the wallets, None stands for all.
    """

    employee_id: int | None
    departments: frozenset[int] | None

    def address(self, row: BoardRow) -> str:
        """Where a row leads, or nothing."""
        if row.employee_id == self.employee_id:
            return "/wallet/"
        if self.departments is None or row.department_id in self.departments:
            return f"/people/{row.employee_no}/wallet/"
        return ""

    @property
    def links_key(self) -> str:
        """Equal for readers for whom all rows but their own lead to the same places."""
        return "all" if self.departments is None else ".".join(map(str, sorted(self.departments)))


def lines(board: Board, rows: Iterable[BoardRow], *, reader: Reader) -> list[Line]:
    """Rows of a board as lines, for one reader."""
    top = board.rows[0].points if board.rows else 0
    has_previous = board.previous is not None
    return [
        Line(
            rank=row.rank,
            name=row.name,
            note=row.department,
            points=from_minor(row.points, board.scale),
            change=from_minor(row.points_change, board.scale) if has_previous else None,
            moved=row.rank_change if has_previous else None,
            share=max(0, row.points * 100 // top) if top > 0 else 0,
            is_me=row.employee_id == reader.employee_id,
            address=reader.address(row),
        )
        for row in rows
    ]


def rows_html(board: Board, rows: Sequence[BoardRow], *, reader: Reader, company_id: int) -> str:
    """A page's rows as HTML; all but the reader's own row are shared by many readers."""
    if not rows:
        return ""
    part = get_template("kit/parts/_board_row.html")
    first = rows[0].employee_id
    key = f"{_key(board, company_id)}:{first}:{len(rows)}:{get_language()}:{reader.links_key}"
    known: list[str] | None = cache.get(key)
    if known is None:
        anybody = replace(reader, employee_id=None)
        known = [part.render({"row": line}) for line in lines(board, rows, reader=anybody)]
        cache.set(key, known, KEPT_SECONDS)
    for position, row in enumerate(rows):
        if row.employee_id == reader.employee_id:
            (own,) = lines(board, [row], reader=reader)
            known[position] = part.render({"row": own})
    return SafeString("".join(known))


def departments_html(
    board: Board, compared: Sequence[Mapping[str, Any]], *, company_id: int
) -> str:
    """The departments' panel as HTML, shared by all readers of a board; empty without any."""
    if not compared:
        return ""
    key = f"{_key(board, company_id)}:departments:{get_language()}"
    known: str | None = cache.get(key)
    if known is None:
        part = get_template("standings/_departments.html")
        known = part.render({"departments": compared})
        cache.set(key, known, KEPT_SECONDS)
    return SafeString(known)


class DepartmentChoice(NamedTuple):
    """One line of the department filter; ``label`` is indented by its depth."""

    id: int
    label: str
    path: str
    active: bool


def department_choices(*, company_id: int) -> list[DepartmentChoice]:
    """The departments from top to bottom, remembered for some seconds."""
    key = f"board-departments:{company_id}"
    known: list[DepartmentChoice] | None = cache.get(key)
    if known is None:
        nodes = departments(company_id=company_id).values()
        known = [
            DepartmentChoice(node.id, "　" * node.depth + node.name, node.path, node.active)
            for node in sorted(nodes, key=lambda node: node.path.split("/"))
        ]
        cache.set(key, known, KEPT_SECONDS)
    return known


def _key(board: Board, company_id: int) -> str:
    return (
        f"board:{company_id}:{board.period.text}:{board.asset}:{board.department_id}"
        f":{board.version}"
    )


def summary(board: Board, *, company_id: int) -> Summary:
    """The sums of a board, remembered for its version."""
    key = _key(board, company_id)
    known: Summary | None = cache.get(key)
    if known is None:
        known = _summary(board)
        cache.set(key, known, KEPT_SECONDS)
    return known


def _summary(board: Board) -> Summary:
    first = board.rows[0] if board.rows and board.rows[0].points > 0 else None
    return Summary(
        total=from_minor(board.points, board.scale),
        previous_total=from_minor(sum(row.previous_points for row in board.rows), board.scale),
        people=board.total,
        scorers=sum(1 for row in board.rows if row.points),
        top=from_minor(first.points, board.scale) if first else Decimal(0),
        top_name=first.name if first else "",
        departments=_departments(board),
    )


def _departments(board: Board) -> tuple[DepartmentLine, ...]:
    """Departments by average, the best first; none when there is nothing to compare."""
    people: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row in board.rows:
        if row.department_id is not None:
            people[row.department_id, row.department].append(row.points)
    if len(people) < 2:
        return ()
    sums = [
        (id_, name, len(points), from_minor(sum(points), board.scale))
        for (id_, name), points in people.items()
    ]
    best = max(total / count for _id, _name, count, total in sums)
    found = [
        DepartmentLine(
            id=id_,
            name=name,
            people=count,
            total=total,
            average=_rounded(total / count),
            share=max(0, int(total / count * 100 / best)) if best > 0 else 0,
        )
        for id_, name, count, total in sums
    ]
    return tuple(sorted(found, key=lambda line: (-line.average, line.name, line.id)))


def gap_note(board: Board, own: BoardRow) -> str:
    """How far the reader is from the next rank above, in words."""
    above = None
    for row in board.rows:
        if row.points <= own.points:
            break
        above = row
    if above is None:
        return _("共 %(people)s 人，你在最前面") % {"people": shown(board.total)}
    return _("距第 %(rank)s 名 %(points)s 分") % {
        "rank": above.rank,
        "points": shown(from_minor(above.points - own.points, board.scale)),
    }


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)
