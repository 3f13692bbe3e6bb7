"""Budgets over HTTP: what is used of them, setting and ending them."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema
from pydantic import ConfigDict, Field, field_validator

from meritbook.awards.models import Budget
from meritbook.awards.operations.budgets import end_budget, set_budget
from meritbook.awards.queries.budgets import standings_of
from meritbook.kit import clock
from meritbook.kit.periods import Period
from meritbook.kit.points import to_minor
from meritbook.ledger.names import named_assets
from meritbook.org.api import ERRORS, bearer, caller_of, needs, refuse_unstorable
from meritbook.org.models import Company
from meritbook.org.operations.audit import Actor

router = Router(auth=bearer, tags=["budgets"])


class BudgetOut(Schema):
    """A budget in one of its spans. ``department`` null: the company. Money in 元. ``forecast``:
    where it leads at the pace of the working days so far. ``state``: fine, ahead or reached."""

    id: int
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


class BudgetIn(Schema):
    """``amount`` in points of the asset, or in 元 with ``unit`` money; ``span`` month, quarter or
    year; ``policy`` warn or queue (what goes beyond waits for an owner); ``starts_on`` today
    (default) or later. Without ``department_id`` for the whole company."""

    model_config = ConfigDict(extra="forbid")

    department_id: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    asset: Annotated[str, Field(max_length=40)] = "spendable"
    span: Annotated[str, Field(max_length=20)] = "month"
    unit: Annotated[str, Field(max_length=20)] = "points"
    amount: Annotated[Decimal, Field(gt=0, max_digits=15, decimal_places=4)]
    policy: Annotated[str, Field(max_length=20)] = "warn"
    starts_on: date | None = None

    @field_validator("asset", "span", "unit", "policy")
    @classmethod
    def _storable(cls, value: str) -> str:
        refuse_unstorable(value)
        return value


class BudgetMade(Schema):
    id: int
    starts_on: date


class BudgetEnd(Schema):
    """The first day that the budget does not hold; today when it is left out."""

    model_config = ConfigDict(extra="forbid")

    day: date | None = None


class BudgetEnded(Schema):
    id: int
    ends_on: date


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
    standings = standings_of(company_id=company_id, period=found, today=_today(company_id))
    return {"period": found.text, "items": [each.as_dict() for each in standings]}


@router.post("", response={200: BudgetMade, **ERRORS}, summary="Set a budget")
@needs("budgets:write")
def post_budget(request: HttpRequest, body: BudgetIn) -> dict[str, Any]:
    """What held for the same department, asset and span until then ends."""
    caller = caller_of(request)
    named = named_assets(company_id=caller.company_id)
    today = _today(caller.company_id)
    scale = named[body.asset].scale if body.asset in named else 0
    budget = set_budget(
        company_id=caller.company_id,
        department_id=body.department_id,
        asset_code=body.asset,
        span=body.span,
        unit=body.unit,
        amount=to_minor(body.amount, 2 if body.unit == Budget.Unit.MONEY else scale),
        policy=body.policy,
        starts_on=body.starts_on or today,
        today=today,
        actor=Actor(membership_id=None, name=f"api key {caller.key_id}"),
        now=clock.now(),
    )
    return {"id": budget.pk, "starts_on": budget.starts_on}


@router.post("/{int:budget_id}/end", response={200: BudgetEnded, **ERRORS}, summary="End a budget")
@needs("budgets:write")
def post_budget_end(
    request: HttpRequest, budget_id: Annotated[int, Path(ge=1, le=2**63 - 1)], body: BudgetEnd
) -> dict[str, Any]:
    """It holds no longer from ``day`` on."""
    caller = caller_of(request)
    today = _today(caller.company_id)
    day = max(body.day or today, today)
    end_budget(
        company_id=caller.company_id,
        budget_id=budget_id,
        day=day,
        actor=Actor(membership_id=None, name=f"api key {caller.key_id}"),
        now=clock.now(),
    )
    return {"id": budget_id, "ends_on": day}


def _today(company_id: int) -> date:
    zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
    return clock.today(time_zone=zone)
