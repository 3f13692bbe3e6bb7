"""Kinds of points and rates over HTTP: read them, add one, change a policy."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Path, Query, Router, Schema
from pydantic import ConfigDict, Field, field_validator

from meritbook.awards.callers import IdempotencyKey, answer_once, caller_sight
from meritbook.awards.operations.replies import Answer
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.points import points_text, to_minor
from meritbook.ledger.asset_codes import proposed_code
from meritbook.ledger.assets import AssetPolicy, asset_policies, asset_policy
from meritbook.ledger.names import asset_names
from meritbook.ledger.operations.asset_changes import change_policy, make_asset
from meritbook.ledger.operations.policies import Policy
from meritbook.ledger.policy_words import expiry_sentence
from meritbook.ledger.rates import rates
from meritbook.ledger.statements import UnknownAsset
from meritbook.org.api import ERRORS, bearer, caller_of, needs, refuse_unstorable
from meritbook.org.models import Company
from meritbook.org.operations.audit import Actor

assets = Router(auth=bearer, tags=["assets"])
rate_table = Router(auth=bearer, tags=["assets"])

Code = Annotated[str, Path(max_length=40)]
Points = Annotated[str, Field(max_length=40)] | Decimal | None
AMOUNTS = ("wallet_floor", "carry_max")


class TooManyDecimals(Refusal):
    """The amount is finer than the asset."""

    code = "too_many_decimals"

    def __init__(self, scale: int) -> None:
        super().__init__(_("最多 %(n)s 位小数") % {"n": scale})


class BadAmount(Refusal):
    """The text is no number."""

    code = "bad_amount"

    def __init__(self) -> None:
        super().__init__(_("数量应为数字，例如 10 或 0.5"))


def minor_of(amount: str | Decimal, *, scale: int) -> int:
    """Points in minor units. Raises BadAmount (no number, or out of bounds) or TooManyDecimals."""
    try:
        value = Decimal(str(amount).strip())
    except ArithmeticError:
        raise BadAmount from None
    # What is too much must not become 0, which is a floor like any other.
    if not value.is_finite() or abs(value) > Decimal(10) ** 15:
        raise BadAmount
    if value != value.quantize(Decimal(1).scaleb(-scale)):
        raise TooManyDecimals(scale)
    return to_minor(value, scale)


class AssetOut(Schema):
    """A kind of points. ``expiry_text`` says in a sentence how long they last; ``lasts_until`` is
    the last day of what is given out today."""

    code: str
    name: str
    unit: str
    scale: int
    decimals: int
    keeps_lots: bool
    is_own: bool
    wallet_floor: str | None
    clawback: str
    expiry: str
    expiry_count: int
    expiry_period: str
    expiry_month: int
    expiry_day: int
    grace_days: int
    carry_percent: int
    carry_max: str | None
    refund_grace_days: int
    is_transferable: bool
    is_convertible: bool
    rate_basis: str
    visible_to: str
    expiry_text: str
    lasts_until: date | None


class AssetsOut(Schema):
    items: list[AssetOut]


class PolicyIn(Schema):
    """What is to change; what is left out stays. Null ``name`` or ``unit``: the usual one. Null
    ``wallet_floor``: a balance may fall below zero."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    unit: Annotated[str, Field(min_length=1, max_length=10)] | None = None
    decimals: Annotated[int, Field(ge=0, le=4)] | None = None
    wallet_floor: Points = None
    clawback: Literal["clip", "debt", "hold"] | None = None
    expiry: Literal["never", "months", "date", "period_end"] | None = None
    expiry_count: Annotated[int, Field(ge=0, le=120)] | None = None
    expiry_period: Literal["day", "month", "quarter", "half_year", "year"] | None = None
    expiry_month: Annotated[int, Field(ge=1, le=12)] | None = None
    expiry_day: Annotated[int, Field(ge=1, le=31)] | None = None
    grace_days: Annotated[int, Field(ge=0, le=366)] | None = None
    carry_percent: Annotated[int, Field(ge=0, le=100)] | None = None
    carry_max: Points = None
    refund_grace_days: Annotated[int, Field(ge=0, le=366)] | None = None
    is_transferable: bool | None = None
    is_convertible: bool | None = None
    rate_basis: Literal["earning", "redemption"] | None = None
    visible_to: Literal["everyone", "self", "managers", "officers"] | None = None
    reason: Annotated[str, Field(max_length=200)] = ""

    @field_validator("name", "unit", "reason")
    @classmethod
    def _storable(cls, value: str | None) -> str | None:
        refuse_unstorable(value or "")
        return value

    def changes(self, *, scale: int) -> Policy:
        """Columns of the policy, amounts in minor units."""
        nullable = {"name", "unit", *AMOUNTS}
        said: dict[str, Any] = {
            name: value
            for name, value in self.model_dump(
                exclude={"reason", "code"}, exclude_unset=True
            ).items()
            if value is not None or name in nullable
        }
        for name in AMOUNTS:
            if said.get(name) is not None:
                said[name] = minor_of(said[name], scale=scale)
        return said  # type: ignore[return-value]


class AssetIn(Schema):
    """A kind of points of the company's own. Without a code it gets its name's pinyin; code, scale
    and lots stay for ever. Its policy is changed with PATCH."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=40)]
    code: Annotated[str, Field(max_length=40)] = ""
    unit: Annotated[str, Field(max_length=10)] = ""
    scale: Annotated[int, Field(ge=0, le=4)] = 2
    keeps_lots: bool = True

    @field_validator("name", "code", "unit")
    @classmethod
    def _storable(cls, value: str) -> str:
        refuse_unstorable(value)
        return value


class RateOut(Schema):
    """From a day on, ``given`` of one asset becomes ``got`` of another."""

    from_asset: str
    to_asset: str
    given: str
    got: str
    valid_from: date
    announced_at: datetime
    note: str


class RatesOut(Schema):
    items: list[RateOut]


@assets.get("", response={200: AssetsOut, **ERRORS}, summary="Kinds of points with their policies")
@needs("assets:read")
def get_assets(request: HttpRequest) -> dict[str, Any]:
    """In the order in which they were made."""
    company = _company(request)
    sight = caller_sight(request)
    today = clock.today(time_zone=company.time_zone)
    return {
        "items": [
            _told(one, today=today)
            for one in asset_policies(company_id=company.pk)
            if one.code in sight
        ]
    }


@assets.post("", response={201: AssetOut, **ERRORS}, summary="Add a kind of points")
@needs("assets:write")
def post_asset(
    request: HttpRequest, body: AssetIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """It appears in wallets, statements, boards, rules and exports at once."""

    def work() -> Answer:
        company = _company(request)
        made = make_asset(
            company_id=company.pk,
            code=body.code or proposed_code(body.name, taken=asset_names(company_id=company.pk)),
            name=body.name,
            unit=body.unit,
            scale=body.scale,
            keeps_lots=body.keeps_lots,
            actor=api_actor(request),
            now=clock.now(),
        )
        return 201, _told(made, today=clock.today(time_zone=company.time_zone))

    return answer_once(request, idempotency_key, work)


@assets.patch("/{code}", response={200: AssetOut, **ERRORS}, summary="Change a policy")
@needs("assets:write")
def patch_asset(request: HttpRequest, code: Code, body: PolicyIn) -> dict[str, Any]:
    """From now on. What was given out keeps its last day. The same again changes nothing."""
    company = _company(request)
    if code not in caller_sight(request):
        raise UnknownAsset(code)
    policy = asset_policy(company_id=company.pk, code=code)
    change_policy(
        company_id=company.pk,
        code=code,
        policy=body.changes(scale=policy.scale),
        actor=api_actor(request),
        now=clock.now(),
        reason=body.reason,
    )
    return _told(
        asset_policy(company_id=company.pk, code=code),
        today=clock.today(time_zone=company.time_zone),
    )


@rate_table.get("", response={200: RatesOut, **ERRORS}, summary="Rates between kinds of points")
@needs("assets:read")
def get_rates(
    request: HttpRequest,
    from_asset: Annotated[str | None, Query(max_length=40)] = None,
    to_asset: Annotated[str | None, Query(max_length=40)] = None,
) -> dict[str, Any]:
    """All of them by pair, the latest first: past, present, and those announced."""
    sight = caller_sight(request)
    return {
        "items": [
            {
                "from_asset": one.from_code,
                "to_asset": one.to_code,
                "given": points_text(one.denominator, one.from_scale),
                "got": points_text(one.numerator, one.to_scale),
                "valid_from": one.valid_from,
                "announced_at": one.announced_at,
                "note": one.note,
            }
            for one in rates(company_id=_company(request).pk)
            if {one.from_code, one.to_code} <= sight.keys()
            and from_asset in (None, one.from_code)
            and to_asset in (None, one.to_code)
        ]
    }


def api_actor(request: HttpRequest) -> Actor:
    """The program that calls, as the audit log names it."""
    key_id = caller_of(request).key_id
    return Actor(membership_id=None, name=f"api key {key_id}")


def _company(request: HttpRequest) -> Company:
    return Company.objects.get(pk=caller_of(request).company_id)


def _told(policy: AssetPolicy, *, today: date) -> dict[str, Any]:
    def amount(value: int | None) -> str | None:
        return None if value is None else points_text(value, policy.scale)

    kept = (
        "code scale decimals keeps_lots is_own clawback expiry expiry_count expiry_period"
        " expiry_month expiry_day grace_days carry_percent refund_grace_days is_transferable"
        " is_convertible rate_basis visible_to name unit"
    )
    until = policy.last_day(on=today)
    return {name: getattr(policy, name) for name in kept.split()} | {
        "wallet_floor": amount(policy.wallet_floor),
        "carry_max": amount(policy.carry_max),
        "expiry_text": expiry_sentence(policy),
        "lasts_until": until.isoformat() if until else None,
    }
