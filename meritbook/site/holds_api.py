"""Setting somebody's points aside over HTTP: hold, capture, release."""

from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Path, Query, Router, Schema
from pydantic import AwareDatetime

from meritbook.awards.callers import IdempotencyKey, answer_once, caller_sight
from meritbook.awards.operations.replies import Answer
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.points import points_text
from meritbook.ledger.holds import Hold, hold_of, holds
from meritbook.ledger.operations import capture, hold, release
from meritbook.ledger.statements import UnknownAsset
from meritbook.org.api import ERRORS, bearer, needs
from meritbook.org.models import Employee
from meritbook.site.assets_api import minor_of
from meritbook.site.move_requests import (
    Amount,
    EmployeeNo,
    MoveRequest,
    NotedIn,
    SpendIn,
    move_once,
    whose,
)

router = Router(auth=bearer, tags=["employees"])

HoldId = Annotated[int, Path(ge=1, lt=2**63)]
LAPSES_BEFORE = datetime(3000, 1, 1, tzinfo=UTC)
"""Beyond it no page could tell the time in the company's zone."""


class BadLapse(Refusal):
    """A hold would lapse before it begins, or after the days that the ledger knows."""

    code = "bad_lapse"

    def __init__(self) -> None:
        super().__init__(_("自动解冻的时间要在现在之后，最晚到 2999 年底"))


class HoldIn(SpendIn):
    """Set aside until it is captured, released, or ``lapses_at`` (ISO 8601 with a zone)."""

    lapses_at: AwareDatetime | None = None


class CaptureIn(NotedIn):
    """Without ``amount`` all of it; with less the rest is free again."""

    amount: Amount | None = None


class HoldOut(Schema):
    """``state``: open, captured, released, lapsed. ``tx_id`` and ``captured``: the spend."""

    hold_id: int
    asset: str
    amount: str
    state: str
    held_at: str
    lapses_at: str | None
    captured: str
    tx_id: str | None
    note: str


class HoldsOut(Schema):
    items: list[HoldOut]


@router.get("/{employee_no}/holds", response={200: HoldsOut, **ERRORS}, summary="What is set aside")
@needs("wallets:read")
def get_holds(
    request: HttpRequest,
    employee_no: EmployeeNo,
    everything: Annotated[bool, Query(alias="all")] = False,
) -> dict[str, Any]:
    """Those that stand; with ``all`` also the 500 latest that ended."""
    employee, _today = whose(request, employee_no)
    sight = caller_sight(request)
    found = holds(
        company_id=employee.company_id, party_id=employee.party_id, is_open=not everything
    )
    return {"items": [_told(one) for one in found if one.asset in sight]}


@router.post(
    "/{employee_no}/holds",
    response={200: HoldOut, 201: HoldOut, **ERRORS},
    summary="Set somebody's points aside",
)
@needs("wallets:write")
def post_hold(
    request: HttpRequest,
    employee_no: EmployeeNo,
    body: HoldIn,
    idempotency_key: IdempotencyKey = None,
) -> HttpResponse:
    """With the lots they sit in, so that what is there now is there when it is captured."""

    def work(ask: MoveRequest) -> Answer:
        asset = ask.asset(body.asset)
        if body.lapses_at is not None and not clock.now() < body.lapses_at < LAPSES_BEFORE:
            raise BadLapse
        held = hold(
            company_id=ask.employee.company_id,
            key=ask.key,
            party_id=ask.employee.party_id,
            code=asset.code,
            amount=minor_of(body.amount, scale=asset.scale),
            today=ask.today,
            lapses_at=body.lapses_at,
            source=ask.order(body.note),
        )
        return (201 if held.is_new else 200), _told(_hold(ask.employee, held.hold_id))

    return move_once(request, employee_no, idempotency_key, work)


@router.post(
    "/{employee_no}/holds/{hold_id}/capture",
    response={200: HoldOut, **ERRORS},
    summary="Spend what was set aside",
)
@needs("wallets:write")
def post_capture(
    request: HttpRequest,
    employee_no: EmployeeNo,
    hold_id: HoldId,
    body: CaptureIn,
    idempotency_key: IdempotencyKey = None,
) -> HttpResponse:
    """All of it or a part; once."""

    def work(ask: MoveRequest) -> Answer:
        found = _visible(request, ask.employee, hold_id)
        capture(
            company_id=ask.employee.company_id,
            hold_id=hold_id,
            key=ask.key,
            today=ask.today,
            amount=None if body.amount is None else minor_of(body.amount, scale=found.scale),
            note=body.note or found.note,
        )
        return 200, _told(_hold(ask.employee, hold_id))

    return move_once(request, employee_no, idempotency_key, work)


@router.post(
    "/{employee_no}/holds/{hold_id}/release",
    response={200: HoldOut, **ERRORS},
    summary="Let go of what was set aside",
)
@needs("wallets:write")
def post_release(
    request: HttpRequest,
    employee_no: EmployeeNo,
    hold_id: HoldId,
    idempotency_key: IdempotencyKey = None,
) -> HttpResponse:
    """Again: nothing new."""

    def work() -> Answer:
        employee, _today = whose(request, employee_no)
        _visible(request, employee, hold_id)
        release(company_id=employee.company_id, hold_id=hold_id, released_at=clock.now())
        return 200, _told(_hold(employee, hold_id))

    return answer_once(request, idempotency_key, work)


def _visible(request: HttpRequest, employee: Employee, hold_id: int) -> Hold:
    """One of an asset that the key may see. Raises UnknownHold, UnknownAsset."""
    found = _hold(employee, hold_id)
    if found.asset not in caller_sight(request):
        raise UnknownAsset(found.asset)
    return found


def _hold(employee: Employee, hold_id: int) -> Hold:
    return hold_of(company_id=employee.company_id, party_id=employee.party_id, hold_id=hold_id)


def _told(one: Hold) -> dict[str, Any]:
    return {
        "hold_id": one.hold_id,
        "asset": one.asset,
        "amount": points_text(one.amount, one.scale),
        "state": one.state,
        "held_at": one.held_at.isoformat(),
        "lapses_at": one.lapses_at.isoformat() if one.lapses_at else None,
        "captured": points_text(one.posted_amount, one.scale),
        "tx_id": None if one.tx_id is None else str(one.tx_id),
        "note": one.note,
    }
