"""Budgets with what is used of them: from the ledger's totals of the days, in points and money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet

from meritbook.awards.budgets import forecast, pace_of, state_of
from meritbook.awards.models import Budget
from meritbook.kit.periods import Period
from meritbook.kit.points import points_text
from meritbook.ledger.queries import assets
from meritbook.ledger.worth import Worth, worths
from meritbook.org.models import Department
from meritbook.org.queries.calendar import calendar

SPANS = (Budget.Span.MONTH, Budget.Span.QUARTER, Budget.Span.YEAR)


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget in one of its spans. Points in minor units, money in cents; None: not weighed."""

    budget: Budget
    period: Period
    department: str
    scale: int
    points: int | None
    cents: int
    used: int
    used_cents: int
    expected: int | None
    expected_cents: int | None
    state: str

    @property
    def left(self) -> int | None:
        return None if self.points is None else self.points - self.used

    @property
    def left_cents(self) -> int:
        return self.cents - self.used_cents

    def as_dict(self) -> dict[str, Any]:
        """For the command and the API: points and money as text, money in 元."""

        def points(minor: int | None) -> str | None:
            return None if minor is None else points_text(minor, self.scale)

        def money(cents: int | None) -> str | None:
            return None if cents is None else points_text(cents)

        budget = self.budget
        return {
            "id": budget.pk,
            "department": self.department or None,
            "asset": budget.asset_code,
            "period": self.period.text,
            "unit": budget.unit,
            "policy": budget.policy,
            "points": points(self.points),
            "money": money(self.cents),
            "used": points(self.used),
            "used_money": money(self.used_cents),
            "remaining": points(self.left),
            "remaining_money": money(self.left_cents),
            "forecast": points(self.expected),
            "forecast_money": money(self.expected_cents),
            "state": self.state,
        }


def standings_of(
    *,
    company_id: int,
    period: Period,
    today: date,
    department_ids: Iterable[int] | None = None,
) -> list[Standing]:
    """The budgets of the spans around ``period``: its own, and longer ones that it is a part of.

    ``department_ids`` limits it to budgets of these departments and those below; None: all.
    """
    paths = dict(Department.objects.filter(company_id=company_id).values_list("pk", "path_ids"))
    names = dict(Department.objects.filter(company_id=company_id).values_list("pk", "name"))
    limit = None if department_ids is None else set(department_ids)
    scales = {each.code: each.scale for each in assets(company_id=company_id)}
    work = calendar(company_id=company_id)
    found: list[Standing] = []
    issued: dict[tuple[str, Period], list[tuple[date, int | None, int]]] = {}
    for span in SPANS:
        whole = Period.containing(span, period.start)
        if not whole.holds(period.end):
            continue  # a part of what was asked for
        pace = pace_of(whole, today=today, is_workday=work.is_workday)
        for budget in holding(company_id=company_id, period=whole, today=today):
            if limit is not None and limit.isdisjoint(paths.get(budget.department_id or 0, ())):
                continue
            key = budget.asset_code, whole
            if key not in issued:
                issued[key] = issued_by_day(
                    company_id=company_id, asset_code=budget.asset_code, period=whole
                )
            days = _days(issued[key], department_id=budget.department_id, paths=paths)
            on = _day_in(whole, today)
            priced = worths(company_id=company_id, asset_code=budget.asset_code, days=[*days, on])
            points, cents = amounts_of(budget, worth=priced[on])
            used = sum(days.values())
            used_cents = _money(days, priced)
            expected, expected_cents = forecast(used, pace), forecast(used_cents, pace)
            by_points = points is not None and budget.unit == Budget.Unit.POINTS
            found.append(
                Standing(
                    budget=budget,
                    period=whole,
                    department=names.get(budget.department_id or 0, ""),
                    scale=scales[budget.asset_code],
                    points=points,
                    cents=cents,
                    used=used,
                    used_cents=used_cents,
                    expected=expected,
                    expected_cents=expected_cents,
                    state=state_of(
                        amount=(points or 0) if by_points else cents,
                        used=used if by_points else used_cents,
                        expected=expected if by_points else expected_cents,
                    ),
                )
            )
    return found


def amounts_of(budget: Budget, *, worth: Worth) -> tuple[int | None, int]:
    """A budget in points (None: the money buys any number) and in cents."""
    if budget.unit == Budget.Unit.POINTS:
        return budget.amount, worth.cents_of(budget.amount)
    return worth.minor_of(budget.amount), budget.amount


def holding(*, company_id: int, period: Period, today: date) -> QuerySet[Budget]:
    """The budgets that hold for a span: as of today, or of its last day when it is over."""
    on = _day_in(period, today)
    return (
        Budget.objects.filter(company_id=company_id, span=period.kind, starts_on__lte=on)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on))
        .order_by(F("department_id").asc(nulls_first=True), "asset_code", "pk")
    )


def planned(*, company_id: int, today: date) -> QuerySet[Budget]:
    """The budgets that are to begin later."""
    return (
        Budget.objects.filter(company_id=company_id, starts_on__gt=today)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gt=today))
        .exclude(ends_on=F("starts_on"))
        .select_related("department")
        .order_by("starts_on", "pk")
    )


def _day_in(period: Period, today: date) -> date:
    return min(max(today, period.start), period.end)


def _money(days: Mapping[date, int], priced: Mapping[date, Worth]) -> int:
    """What was issued in cents, each part at the worth of its day; rounded once for each worth."""
    parts: dict[Worth, int] = defaultdict(int)
    for day, minor in days.items():
        parts[priced[day]] += minor
    return sum(at.cents_of(minor) for at, minor in parts.items())


def _days(
    issued: Iterable[tuple[date, int | None, int]],
    *,
    department_id: int | None,
    paths: Mapping[int, list[int]],
) -> dict[date, int]:
    days: dict[date, int] = defaultdict(int)
    for day, department, minor in issued:
        if department_id is None or department_id in paths.get(department or 0, ()):
            days[day] += minor
    return days


def issued_by_day(
    *, company_id: int, asset_code: str, period: Period
) -> list[tuple[date, int | None, int]]:
    """What was issued less what of it was taken back: (day, department, minor units).

    By the day that it counts on. Opening balances are brought along, not issued.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.day, d.department_id, sum(d.earned)::bigint FROM ledger_day_total d"
            " JOIN ledger_account w ON w.company_id = d.company_id AND w.account_id = d.account_id"
            " JOIN ledger_asset a ON a.company_id = w.company_id AND a.asset_id = w.asset_id"
            " WHERE d.company_id = %s AND d.day BETWEEN %s AND %s AND w.kind = 'wallet'"
            " AND a.code = %s AND d.source_kind <> 'opening'"
            " GROUP BY d.day, d.department_id HAVING sum(d.earned) <> 0 ORDER BY d.day",
            [company_id, period.start, period.end, asset_code],
        )
        return [(day, department, int(minor)) for day, department, minor in cursor.fetchall()]
