"""Budgets over HTTP."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from meritbook.awards.queries.budgets import standings_of
from meritbook.kit import clock
from meritbook.kit.periods import Period
from meritbook.org.api import ERRORS, bearer, caller_of, needs, refuse_unstorable
from meritbook.org.models import Company

router = Router(auth=bearer, tags=["budgets"])


class BudgetOut(Schema):
    """A budget in one of its spans. ``department`` null: the company. Money in 元. ``forecast``:
    where it leads at the pace of the working days so far. ``state``: fine, ahead or reached."""

    department: str | None
    asset: str
    period: str
    unit: str
    policy: str
    points: str | None
    money: str
    used: str
    used_money: str
    remaining: str | None
    remaining_money: str
    forecast: str | None
    forecast_money: str | None
    state: str


class BudgetsOut(Schema):
    period: str
    items: list[BudgetOut]


@router.get("", response={200: BudgetsOut, **ERRORS}, summary="Budgets and what is used of them")
@needs("budgets:read")
def get_budgets(
    request: HttpRequest, period: Annotated[str, Query(max_length=20)]
) -> dict[str, Any]:
    """``period``: 2026-11, 2026-Q4 or 2026; also the budgets of longer spans around it."""
    refuse_unstorable(period)
    company_id = caller_of(request).company_id
    found = Period.parse(period)
    zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
    standings = standings_of(company_id=company_id, period=found, today=clock.today(time_zone=zone))
    return {"period": found.text, "items": [each.as_dict() for each in standings]}
