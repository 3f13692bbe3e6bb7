"""Caps over HTTP: what is used and left, adding and ending them."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema
from pydantic import ConfigDict, Field, field_validator

from meritbook.awards.operations.caps import set_cap, stop_cap
from meritbook.awards.queries.cap_list import cap_lines
from meritbook.kit import clock
from meritbook.kit.points import to_minor
from meritbook.ledger.names import named_assets
from meritbook.ledger.operations.caps import CapRefused
from meritbook.org.api import ERRORS, bearer, caller_of, needs, refuse_unstorable
from meritbook.org.models import Company
from meritbook.org.operations.audit import Actor

router = Router(auth=bearer, tags=["caps"])
API = Actor(membership_id=None, name="API")
CapId = Annotated[int, Path(ge=1, le=2**63 - 1)]


class TakerOut(Schema):
    """A person (or a department, or the company: no 工号) with what is used and left, in points."""

    employee_no: str | None
    name: str
    used: str
    left: str


class CapOut(Schema):
    """A cap in its ``span`` around a day; amounts in points. ``used`` and ``left`` are those of the
    allowance with the least left; ``takers`` the 20 with the least, ``more`` counts others.
    ``source``: person, rule (ends with its version) or budget. ``valid_to``: the day after its last."""

    cap_id: int
    name: str
    source: str
    asset: str
    amount: str
    scope: str
    department: str | None
    employee_no: str | None
    rule_code: str | None
    period: str
    span: str
    policy: str
    valid_from: str
    valid_to: str | None
    used: str
    left: str
    takers: list[TakerOut]
    more: int


class CapsOut(Schema):
    day: str
    items: list[CapOut]


class CapIn(Schema):
    """``amount`` in points; ``scope`` person, department or company; ``period`` day, week, month,
    quarter, half_year, year or life; ``policy`` clip, refuse or queue; ``valid_from`` today (default) or later. One
    person's cap (``employee_no``) needs a ``reason``."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=60)]
    asset: Annotated[str, Field(max_length=40)] = "honour"
    amount: Annotated[Decimal, Field(gt=0, max_digits=15, decimal_places=4)]
    scope: Annotated[str, Field(max_length=20)]
    period: Annotated[str, Field(max_length=20)]
    policy: Annotated[str, Field(max_length=20)] = "clip"
    department_id: int | None = None
    employee_no: Annotated[str, Field(max_length=40)] = ""
    rule_code: Annotated[str, Field(max_length=60)] = ""
    valid_from: date | None = None
    reason: Annotated[str, Field(max_length=200)] = ""

    @field_validator(
        "name", "asset", "scope", "period", "policy", "employee_no", "rule_code", "reason"
    )
    @classmethod
    def _storable(cls, value: str) -> str:
        refuse_unstorable(value)
        return value


class CapMade(Schema):
    cap_id: int


class CapEnd(Schema):
    """The first day that the cap does not count; today when it is left out."""

    model_config = ConfigDict(extra="forbid")

    day: date | None = None


class CapEndedOut(Schema):
    cap_id: int
    valid_to: str


@router.get("", response={200: CapsOut, **ERRORS}, summary="Caps, what is used and left")
@needs("caps:read")
def get_caps(request: HttpRequest, day: Annotated[date | None, Query()] = None) -> dict[str, Any]:
    """The caps that count on ``day`` (today when left out), each in its span around it."""
    company_id = caller_of(request).company_id
    day = day or _today(company_id)
    if not date(1970, 1, 2) <= day < date(2999, 12, 31):
        raise CapRefused("bad_day")
    lines = cap_lines(company_id=company_id, day=day)
    return {"day": day.isoformat(), "items": [line.as_dict() for line in lines]}


@router.post("", response={200: CapMade, **ERRORS}, summary="Add a cap")
@needs("caps:write")
def post_cap(request: HttpRequest, body: CapIn) -> dict[str, int]:
    """It counts what is posted from now on. The same gains have one cap at a time."""
    company_id = caller_of(request).company_id
    named = named_assets(company_id=company_id)
    if body.asset not in named:
        raise CapRefused("unknown_asset")
    today = _today(company_id)
    cap_id = set_cap(
        company_id=company_id,
        name=body.name,
        asset_code=body.asset,
        amount=to_minor(body.amount, named[body.asset].scale),
        scope=body.scope,
        period=body.period,
        policy=body.policy,
        valid_from=body.valid_from or today,
        today=today,
        department_id=body.department_id,
        employee_no=body.employee_no,
        rule_code=body.rule_code,
        reason=body.reason,
        actor=API,
        now=clock.now(),
    )
    return {"cap_id": cap_id}


@router.post("/{int:cap_id}/end", response={200: CapEndedOut, **ERRORS}, summary="End a cap")
@needs("caps:write")
def post_cap_end(request: HttpRequest, cap_id: CapId, body: CapEnd) -> dict[str, Any]:
    """It counts nothing on ``day`` or later. A cap of a rule or a budget ends with that."""
    company_id = caller_of(request).company_id
    today = _today(company_id)
    day = body.day or today
    stop_cap(company_id=company_id, cap_id=cap_id, day=day, today=today, actor=API, now=clock.now())
    return {"cap_id": cap_id, "valid_to": day.isoformat()}


def _today(company_id: int) -> date:
    zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
    return clock.today(time_zone=zone)
