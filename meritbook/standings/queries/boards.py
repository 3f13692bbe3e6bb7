"""Boards, from the ledger's day totals."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.kit.periods import ALL, Period, PeriodUnknown
from meritbook.kit.points import points_text
from meritbook.org.queries.departments import departments
from meritbook.standings.queries.earned import HONOUR, listed
from meritbook.standings.ranks import in_order, ranks


class BadPeriod(Refusal):
    """The text names no period."""

    code = "bad_period"

    def __init__(self, text: str) -> None:
        super().__init__(
            _(
                "“%(text)s”不是一个周期，请写成 2026-11-21、2026-W47、2026-11、2026-Q4、2026-H2、"
                "2026 或 all"
            )
            % {"text": text[:40]}
        )


class UnknownAsset(Refusal):
    """The company has no such asset."""

    code = "unknown_asset"
    status = 404

    def __init__(self, code: str) -> None:
        super().__init__(_("没有积分种类“%(code)s”") % {"code": code[:40]})


class UnknownDepartment(Refusal):
    """The company has no such department, or several of the name."""

    code = "unknown_department"
    status = 404


class BoardRow(NamedTuple):
    """One person's line. ``points`` are minor units of the board's asset.

    ``previous_rank`` is None for somebody who was not on the board of the period before;
    ``rank_change`` is above zero for somebody who climbed.
    """

    rank: int
    employee_id: int
    party_id: int
    employee_no: str
    name: str
    department_id: int | None
    department: str
    points: int
    points_text: str
    previous_rank: int | None
    previous_points: int

    @property
    def rank_change(self) -> int | None:
        return None if self.previous_rank is None else self.previous_rank - self.rank

    @property
    def points_change(self) -> int:
        return self.points - self.previous_points


@dataclass(frozen=True)
class Board:
    """Everybody's place in one period, best first; every row is here, pages are slices of it."""

    period: Period
    previous: Period | None
    asset: str
    scale: int
    department_id: int | None
    rows: Sequence[BoardRow]
    version: str
    """Changes whenever the board could look different; fit for a cache key."""

    @property
    def total(self) -> int:
        """How many people are on it."""
        return len(self.rows)

    @property
    def points(self) -> int:
        """All points on it, minor units."""
        return sum(row.points for row in self.rows)

    def page(self, *, offset: int = 0, limit: int | None = None) -> Sequence[BoardRow]:
        """The rows from ``offset`` on, at most ``limit``."""
        return self.rows[offset : None if limit is None else offset + limit]

    def own(self, employee_id: int | None) -> BoardRow | None:
        """The row of one person, or None."""
        return next((row for row in self.rows if row.employee_id == employee_id), None)

    def as_list(self, *, limit: int | None = None) -> list[dict[str, object]]:
        """The JSON of the contract."""
        return [
            {
                "rank": row.rank,
                "employee_no": row.employee_no,
                "name": row.name,
                "department": row.department,
                "points": row.points_text,
            }
            for row in self.page(limit=limit)
        ]


def period_of(text: str) -> Period:
    """The period that a text names. Raises BadPeriod."""
    try:
        return Period.parse(text)
    except PeriodUnknown:
        raise BadPeriod(text) from None


def department_of(*, company_id: int, name: str) -> int:
    """A department by its name or path (销售部/华南组). Raises UnknownDepartment."""
    wanted = "/".join(part.strip() for part in name.replace("\\", "/").split("/") if part.strip())
    nodes = departments(company_id=company_id).values()
    found = [node for node in nodes if node.path == wanted] or [
        node for node in nodes if node.path.endswith(f"/{wanted}") or node.name == wanted
    ]
    if not found:
        raise UnknownDepartment(_("没有名为“%(name)s”的部门") % {"name": name[:80]})
    if len(found) > 1:
        raise UnknownDepartment(
            _("有 %(n)d 个部门叫“%(name)s”，请写出完整路径") % {"n": len(found), "name": name[:80]}
        )
    return found[0].id


def board(
    *,
    company_id: int,
    period: Period,
    asset: str = HONOUR,
    department_id: int | None = None,
) -> Board:
    """The board of a period; with ``department_id`` what was earned in it and below it.

    Everyone employed in the period is listed, zeros too, and whoever has points in it. Raises
    UnknownAsset or UnknownDepartment. Boards are remembered until the ledger or the people change.
    """
    scale, version = _version(company_id, asset)
    # Company ids repeat in other databases (tests, a restored copy).
    database = str(connection.settings_dict["NAME"])
    key = (database, company_id, period, asset, department_id)
    known = _remembered(key, version)
    if known is not None:
        return known
    if department_id is not None and department_id not in departments(company_id=company_id):
        raise UnknownDepartment(_("没有这个部门"))
    made = _make(company_id, period, asset, scale, department_id, version)
    _remember(key, made)
    return made


def _make(
    company_id: int,
    period: Period,
    asset: str,
    scale: int,
    department_id: int | None,
    version: str,
) -> Board:
    previous = None if period.kind == ALL else period.previous()
    people = listed(
        company_id=company_id,
        period=period,
        previous=previous,
        asset=asset,
        department_id=department_id,
    )
    before = ranks((one.party_id, one.employee_no, one.old_points) for one in people if one.was_on)
    by_party = {one.party_id: one for one in people}
    texts = {points: points_text(points, scale) for points in {one.points for one in people}}
    rows = []
    for party_id, rank, points in in_order(
        (one.party_id, one.employee_no, one.points) for one in people if one.is_on
    ):
        one, old = by_party[party_id], before.get(party_id)
        rows.append(
            BoardRow(
                rank,
                one.employee_id,
                party_id,
                one.employee_no,
                one.name,
                one.department_id,
                one.department,
                points,
                texts[points],
                None if old is None else old.rank,
                0 if old is None else old.points,
            )
        )
    return Board(period, previous, asset, scale, department_id, tuple(rows), version)


# What was made is kept for a while, by process. The version is asked for every time: each posting
# raises the version of the balances that it moved, in its own transaction.
_KEPT_MAX = 64
_KEPT_SECONDS = 10.0
"""For what the ledger cannot tell: a person renamed, moved or hired."""

_Key = tuple[str, int, Period, str, int | None]
_kept: OrderedDict[_Key, tuple[float, Board]] = OrderedDict()
_lock = threading.Lock()

_VERSION = """
SELECT s.scale, coalesce(sum(b.version), 0)::bigint, count(b.account_id)
FROM ledger_asset s
LEFT JOIN ledger_account a ON a.company_id = s.company_id AND a.asset_id = s.asset_id
    AND a.kind = 'wallet'
LEFT JOIN ledger_balance b ON b.company_id = a.company_id AND b.account_id = a.account_id
WHERE s.company_id = %s AND s.code = %s
GROUP BY s.scale
"""


# Asking for the version reads every balance of the asset. A company with many is asked for it a few
# times a second at most, so its boards may be that much late.
_MANY_WALLETS = 300
_ASKED_EVERY = 0.4
_versions: dict[tuple[str, int, str], tuple[float, int, str]] = {}


def _version(company_id: int, asset: str) -> tuple[int, str]:
    key = (str(connection.settings_dict["NAME"]), company_id, asset)
    known = _versions.get(key)
    if known is not None and monotonic() - known[0] < _ASKED_EVERY:
        return known[1:]
    with connection.cursor() as cursor:
        cursor.execute(_VERSION, [company_id, asset])
        row = cursor.fetchone()
    if row is None:
        raise UnknownAsset(asset)
    scale, version, wallets = row
    if wallets > _MANY_WALLETS:
        _versions[key] = (monotonic(), scale, f"{version}.{wallets}")
    return scale, f"{version}.{wallets}"


def _remembered(key: _Key, version: str) -> Board | None:
    with _lock:
        found = _kept.get(key)
        if found is None or found[1].version != version or monotonic() - found[0] > _KEPT_SECONDS:
            return None
        _kept.move_to_end(key)
        return found[1]


def _remember(key: _Key, made: Board) -> None:
    with _lock:
        _kept[key] = (monotonic(), made)
        _kept.move_to_end(key)
        while len(_kept) > _KEPT_MAX:
            _kept.popitem(last=False)
