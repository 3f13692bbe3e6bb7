"""What came of backtests: as a reader may see it, by person, department, post and manager."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from meritbook.insight.models import Backtest, BacktestChange, BacktestLine
from meritbook.kit.errors import Refusal
from meritbook.org.models import Department


class UnknownBacktest(Refusal):
    """No such backtest, or none that the reader may see."""

    code = "unknown_backtest"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("没有这次试算"))


@dataclass(slots=True)
class GroupSums:
    """People who belong together, and their sums."""

    name: str
    people: int = 0
    before: int = 0
    after: int = 0
    before_cents: int = 0
    after_cents: int = 0

    @property
    def difference(self) -> int:
        return self.after - self.before


def backtests_for(*, company_id: int, scope: frozenset[int] | None) -> QuerySet[Backtest]:
    """The backtests that a reader sees, the latest first. ``scope`` None: all; else the shared."""
    found = Backtest.objects.filter(company_id=company_id).select_related("created_by")
    if scope is not None:
        found = found.filter(is_shared=True, state=Backtest.State.DONE)
    return found.order_by("-created_at", "-id")


def backtest_of(*, company_id: int, backtest_id: int, scope: frozenset[int] | None) -> Backtest:
    """One of them. Raises UnknownBacktest."""
    found = backtests_for(company_id=company_id, scope=scope).filter(pk=backtest_id).first()
    if found is None:
        raise UnknownBacktest
    return found


def lines_of(backtest: Backtest, *, scope: frozenset[int] | None) -> list[BacktestLine]:
    """A line a person, the largest differences first; a head's own people alone."""
    found = backtest.lines.filter(company_id=backtest.company_id).select_related(
        "employee", "department", "post", "manager"
    )
    if scope is not None:
        found = found.filter(department_id__in=_below(backtest.company_id, scope))
    return sorted(
        found, key=lambda line: (-abs(line.after - line.before), line.after_rank, line.pk)
    )


def changes_of(backtest: Backtest, *, scope: frozenset[int] | None) -> QuerySet[BacktestChange]:
    """The largest entries gained, lost or changed, the largest first."""
    found = backtest.changes.filter(company_id=backtest.company_id).select_related(
        "employee", "rule"
    )
    if scope is not None:
        people = backtest.lines.filter(
            company_id=backtest.company_id,
            department_id__in=_below(backtest.company_id, scope),
        ).values("employee_id")
        found = found.filter(employee_id__in=people)
    return found.order_by("id")


def _below(company_id: int, scope: frozenset[int]) -> list[int]:
    return list(
        Department.objects.filter(
            company_id=company_id, path_ids__overlap=sorted(scope)
        ).values_list("pk", flat=True)
    )


def grouped(lines: Iterable[BacktestLine], name: Callable[[BacktestLine], str]) -> list[GroupSums]:
    """Lines summed by a name, the largest differences first."""
    found: dict[str, GroupSums] = {}
    for line in lines:
        group = found.setdefault(name(line), GroupSums(name(line)))
        group.people += 1
        group.before += line.before
        group.after += line.after
        group.before_cents += line.before_cents
        group.after_cents += line.after_cents
    return sorted(found.values(), key=lambda each: (-abs(each.difference), each.name))


def department_name(line: BacktestLine) -> str:
    return line.department.name if line.department else _("未设部门")


def post_name(line: BacktestLine) -> str:
    return line.post.name if line.post else _("未设岗位")


def manager_name(line: BacktestLine) -> str:
    return line.manager.name if line.manager else _("没有主管")


def totals(lines: Sequence[BacktestLine]) -> dict[str, Any]:
    """What the cards say: of all people, or of those that a head sees."""
    return {
        "people": len(lines),
        "before": sum(line.before for line in lines),
        "after": sum(line.after for line in lines),
        "before_cents": sum(line.before_cents for line in lines),
        "after_cents": sum(line.after_cents for line in lines),
        "winners": sum(line.after > line.before for line in lines),
        "losers": sum(line.after < line.before for line in lines),
        "moved": sum(line.after_rank != line.before_rank for line in lines),
    }
