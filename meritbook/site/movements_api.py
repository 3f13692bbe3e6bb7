"""Moving somebody's points over HTTP: convert, spend, hand on, set aside, capture, release."""

from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Path, Query, Router, Schema
from pydantic import AwareDatetime, ConfigDict, Field, field_validator

from meritbook.awards.api import IdempotencyKey, answer_once, caller_sight
from meritbook.awards.operations.replies import KEY_MAX, Answer
from meritbook.awards.queries.wallets import employee_of
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.points import points_text
from meritbook.ledger.holds import Hold, hold_of, holds
from meritbook.ledger.names import Named
from meritbook.ledger.operations import Posted, Source, capture, hold, release, spend
from meritbook.ledger.statements import UnknownAsset
from meritbook.org.api import ERRORS, bearer, needs, refuse_unstorable
from meritbook.org.models import Company, Employee
from meritbook.site.assets_api import minor_of
from meritbook.site.movements import convert_own, hand_on

router = Router(auth=bearer, tags=["employees"])

EmployeeNo = Annotated[str, Path(max_length=40)]
HoldId = Annotated[int, Path(ge=1, lt=2**63)]
Amount = Annotated[str, Field(min_length=1, max_length=40)] | Decimal
Code = Annotated[str, Field(min_length=1, max_length=40)]
Note = Annotated[str, Field(max_length=200)]
ORDER = "order"
LAPSES_BEFORE = datetime(3000, 1, 1, tzinfo=UTC)
"""Beyond it no page could tell the time in the company's zone."""


class KeyMissing(Refusal):
    """What moves points must not happen twice: the request needs a key."""

    code = "idempotency_key_missing"
    status = 400

    def __init__(self) -> None:
        super().__init__(_("请求头里要有 Idempotency-Key，重发时不会重复记账"))


class BadLapse(Refusal):
    """A hold would lapse before it begins, or after the days that the ledger knows."""

    code = "bad_lapse"

    def __init__(self) -> None:
        super().__init__(_("自动解冻的时间要在现在之后，最晚到 2999 年底"))


class _In(Schema):
    model_config = ConfigDict(extra="forbid")

    note: Note = ""

    @field_validator("note")
    @classmethod
    def _storable(cls, value: str) -> str:
        refuse_unstorable(value)
        return value


class ConvertIn(_In):
    """``amount`` of one asset, in points."""

    from_asset: Code
    to_asset: Code
    amount: Amount


class SpendIn(_In):
    """``amount`` of an asset, in points. ``note`` says what for."""

    asset: Code
    amount: Amount


class TransferIn(SpendIn):
    """``to`` is a colleague's employee number."""

    to: Annotated[str, Field(min_length=1, max_length=40)]

    @field_validator("to")
    @classmethod
    def _nameable(cls, value: str) -> str:
        refuse_unstorable(value)
        return value


class HoldIn(SpendIn):
    """Set aside until it is captured, released, or ``lapses_at`` (ISO 8601 with a zone)."""

    lapses_at: AwareDatetime | None = None


class CaptureIn(_In):
    """Without ``amount`` all of it; with less the rest is free again."""

    amount: Amount | None = None


class MovedOut(Schema):
    """The transaction; ``result`` is duplicate when it was there before."""

    tx_id: str
    result: str


class ConvertedOut(MovedOut):
    """``got`` is what came of it, in points of the target."""

    got: str


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

    def work() -> Answer:
        employee, today = _whose(request, employee_no)
        source, target = _asset(request, body.from_asset), _asset(request, body.to_asset)
        posted, gained = convert_own(
            employee=employee,
            from_code=source.code,
            to_code=target.code,
            amount=minor_of(body.amount, scale=source.scale),
            key=_key(request, idempotency_key),
            today=today,
            actor_id=None,
            note=body.note,
        )
        return _moved(posted, got=points_text(gained, target.scale))

    return answer_once(request, _needed(idempotency_key), work)


@router.post(
    "/{employee_no}/spend",
    response={200: MovedOut, 201: MovedOut, **ERRORS},
    summary="Redeem somebody's points",
)
@needs("wallets:write")
def post_spend(
    request: HttpRequest,
    employee_no: EmployeeNo,
    body: SpendIn,
    idempotency_key: IdempotencyKey = None,
) -> HttpResponse:
    """What lapses first goes first; never what is held, has lapsed or is not there."""

    def work() -> Answer:
        employee, today = _whose(request, employee_no)
        asset = _asset(request, body.asset)
        return _moved(
            spend(
                company_id=employee.company_id,
                key=_key(request, idempotency_key),
                party_id=employee.party_id,
                code=asset.code,
                amount=minor_of(body.amount, scale=asset.scale),
                today=today,
                source=Source(ORDER, employee.pk, note=body.note),
            )
        )

    return answer_once(request, _needed(idempotency_key), work)


@router.post(
    "/{employee_no}/transfer",
    response={200: MovedOut, 201: MovedOut, **ERRORS},
    summary="Hand somebody's points to a colleague",
)
@needs("wallets:write")
def post_transfer(
    request: HttpRequest,
    employee_no: EmployeeNo,
    body: TransferIn,
    idempotency_key: IdempotencyKey = None,
) -> HttpResponse:
    """Only where the asset's policy allows it; honour never. The last day goes with the points."""

    def work() -> Answer:
        employee, today = _whose(request, employee_no)
        asset = _asset(request, body.asset)
        return _moved(
            hand_on(
                giver=employee,
                receiver=employee_of(company_id=employee.company_id, employee_no=body.to),
                code=asset.code,
                amount=minor_of(body.amount, scale=asset.scale),
                key=_key(request, idempotency_key),
                today=today,
                now=clock.now(),
                actor_id=None,
                note=body.note,
            )
        )

    return answer_once(request, _needed(idempotency_key), work)


@router.get("/{employee_no}/holds", response={200: HoldsOut, **ERRORS}, summary="What is set aside")
@needs("wallets:read")
def get_holds(
    request: HttpRequest,
    employee_no: EmployeeNo,
    everything: Annotated[bool, Query(alias="all")] = False,
) -> dict[str, Any]:
    """Those that stand; with ``all`` also the 500 latest that ended."""
    employee, _today = _whose(request, employee_no)
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

    def work() -> Answer:
        employee, today = _whose(request, employee_no)
        asset = _asset(request, body.asset)
        if body.lapses_at is not None and not clock.now() < body.lapses_at < LAPSES_BEFORE:
            raise BadLapse
        held = hold(
            company_id=employee.company_id,
            key=_key(request, idempotency_key),
            party_id=employee.party_id,
            code=asset.code,
            amount=minor_of(body.amount, scale=asset.scale),
            today=today,
            lapses_at=body.lapses_at,
            source=Source(ORDER, employee.pk, note=body.note),
        )
        return (201 if held.is_new else 200), _told(_hold(employee, held.hold_id))

    return answer_once(request, _needed(idempotency_key), work)


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

    def work() -> Answer:
        employee, today = _whose(request, employee_no)
        found = _hold(employee, hold_id)
        if found.asset not in caller_sight(request):
            raise UnknownAsset(found.asset)
        capture(
            company_id=employee.company_id,
            hold_id=hold_id,
            key=_key(request, idempotency_key),
            today=today,
            amount=None if body.amount is None else minor_of(body.amount, scale=found.scale),
            note=body.note or found.note,
        )
        return 200, _told(_hold(employee, hold_id))

    return answer_once(request, _needed(idempotency_key), work)


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
        employee, _today = _whose(request, employee_no)
        if (asset := _hold(employee, hold_id).asset) not in caller_sight(request):
            raise UnknownAsset(asset)
        release(company_id=employee.company_id, hold_id=hold_id, released_at=clock.now())
        return 200, _told(_hold(employee, hold_id))

    return answer_once(request, idempotency_key, work)


def _whose(request: HttpRequest, employee_no: str) -> tuple[Employee, date]:
    """The employee and the day where the company is. Raises UnknownEmployee."""
    company_id = request.auth.company_id  # type: ignore[attr-defined]  # set by the key
    employee = employee_of(company_id=company_id, employee_no=employee_no)
    zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
    return employee, clock.today(time_zone=zone)


def _asset(request: HttpRequest, code: str) -> Named:
    """An asset that the key may see. Raises UnknownAsset."""
    found = caller_sight(request).get(code)
    if found is None:
        raise UnknownAsset(code)
    return found


def _hold(employee: Employee, hold_id: int) -> Hold:
    return hold_of(company_id=employee.company_id, party_id=employee.party_id, hold_id=hold_id)


def _needed(key: str | None) -> str:
    if key is None:
        raise KeyMissing
    return key


def _key(request: HttpRequest, key: str | None) -> str:
    """The ledger's key: it stays for ever, longer than the answer does."""
    key_id = request.auth.key_id  # type: ignore[attr-defined]  # set by the key
    whole = f"api/{key_id}/{key}"
    if len(whole) <= KEY_MAX:
        return whole
    # The longest that a program may send, with ours in front, is more than the ledger keeps.
    return f"api/{key_id}/sha256/{sha256(whole.encode()).hexdigest()}"


def _moved(posted: Posted, **more: str) -> Answer:
    answer = {"tx_id": str(posted.tx_id), "result": "new" if posted.is_new else "duplicate"}
    return (201 if posted.is_new else 200), answer | more


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
