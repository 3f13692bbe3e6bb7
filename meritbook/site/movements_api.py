"""Moving somebody's points over HTTP: convert, spend, hand on."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field, field_validator

from meritbook.awards.callers import IdempotencyKey
from meritbook.awards.operations.replies import Answer
from meritbook.awards.queries.wallets import employee_of
from meritbook.kit import clock
from meritbook.kit.points import points_text
from meritbook.ledger.operations import Posted, spend
from meritbook.org.api import ERRORS, bearer, needs, refuse_unstorable
from meritbook.site.assets_api import minor_of
from meritbook.site.move_requests import (
    Amount,
    Code,
    EmployeeNo,
    MoveRequest,
    NotedIn,
    SpendIn,
    move_once,
)
from meritbook.site.movements import convert_own, hand_on

router = Router(auth=bearer, tags=["employees"])


class ConvertIn(NotedIn):
    """``amount`` of one asset, in points."""

    from_asset: Code
    to_asset: Code
    amount: Amount


class TransferIn(SpendIn):
    """``to`` is a colleague's employee number."""

    to: Annotated[str, Field(min_length=1, max_length=40)]

    @field_validator("to")
    @classmethod
    def _nameable(cls, value: str) -> str:
        refuse_unstorable(value)
        return value


class MovedOut(Schema):
    """The transaction; ``result`` is duplicate when it was there before."""

    tx_id: str
    result: str


class ConvertedOut(MovedOut):
    """``got`` is what came of it, in points of the target."""

    got: str


MOVED: Any = {200: MovedOut, 201: MovedOut, **ERRORS}


@router.post(
    "/{employee_no}/convert",
    response={200: ConvertedOut, 201: ConvertedOut, **ERRORS},
    summary="Turn somebody's points into others",
)
@needs("wallets:write")
def post_conversion(
    request: HttpRequest,
    employee_no: EmployeeNo,
    body: ConvertIn,
    idempotency_key: IdempotencyKey = None,
) -> HttpResponse:
    """At the rate that holds today, rounded down."""

    def work(ask: MoveRequest) -> Answer:
        source, target = ask.asset(body.from_asset), ask.asset(body.to_asset)
        posted, gained = convert_own(
            employee=ask.employee,
            from_code=source.code,
            to_code=target.code,
            amount=minor_of(body.amount, scale=source.scale),
            key=ask.key,
            today=ask.today,
            actor_id=None,
            note=body.note,
        )
        return _moved(posted, got=points_text(gained, target.scale))

    return move_once(request, employee_no, idempotency_key, work)


@router.post("/{employee_no}/spend", response=MOVED, summary="Redeem somebody's points")
@needs("wallets:write")
def post_spend(
    request: HttpRequest,
    employee_no: EmployeeNo,
    body: SpendIn,
    idempotency_key: IdempotencyKey = None,
) -> HttpResponse:
    """What lapses first goes first; never what is held, has lapsed or is not there."""

    def work(ask: MoveRequest) -> Answer:
        asset = ask.asset(body.asset)
        return _moved(
            spend(
                company_id=ask.employee.company_id,
                key=ask.key,
                party_id=ask.employee.party_id,
                code=asset.code,
                amount=minor_of(body.amount, scale=asset.scale),
                today=ask.today,
                source=ask.order(body.note),
            )
        )

    return move_once(request, employee_no, idempotency_key, work)


@router.post(
    "/{employee_no}/transfer", response=MOVED, summary="Hand somebody's points to a colleague"
)
@needs("wallets:write")
def post_transfer(
    request: HttpRequest,
    employee_no: EmployeeNo,
    body: TransferIn,
    idempotency_key: IdempotencyKey = None,
) -> HttpResponse:
    """Only where the asset's policy allows it; honour never. The last day goes with the points."""

    def work(ask: MoveRequest) -> Answer:
        asset = ask.asset(body.asset)
        return _moved(
            hand_on(
                giver=ask.employee,
                receiver=employee_of(company_id=ask.employee.company_id, employee_no=body.to),
                code=asset.code,
                amount=minor_of(body.amount, scale=asset.scale),
                key=ask.key,
                today=ask.today,
                now=clock.now(),
                actor_id=None,
                note=body.note,
            )
        )

    return move_once(request, employee_no, idempotency_key, work)


def _moved(posted: Posted, **more: str) -> Answer:
    answer = {"tx_id": str(posted.tx_id), "result": "new" if posted.is_new else "duplicate"}
    return (201 if posted.is_new else 200), answer | more
