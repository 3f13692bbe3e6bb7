"""Somebody's wallet and statement over HTTP."""

from datetime import date
from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema

from meritbook.awards.callers import caller_sight
from meritbook.awards.queries.wallets import employee_of, statement, wallet_dict
from meritbook.ledger.statements import UnknownAsset, wallet
from meritbook.org.api import ERRORS, bearer, caller_of, needs, offset_of, page_of

router = Router(auth=bearer, tags=["employees"])

EmployeeNo = Annotated[str, Path(max_length=40)]


class ExpiringOut(Schema):
    date: date
    amount: str


class AccountOut(Schema):
    """One asset; ``name`` is what the company calls it."""

    asset: str
    name: str
    unit: str
    balance: str
    held: str
    available: str
    expiring: list[ExpiringOut]


class WalletOut(Schema):
    employee_no: str
    accounts: list[AccountOut]


class LineOut(Schema):
    tx_id: str
    posted_at: str
    effective_on: date
    asset: str
    points: str
    balance_after: str
    rule_code: str | None
    event_no: str | None
    sentence: str
    reverses: str | None


class StatementOut(Schema):
    """A page of movements in order of posting."""

    items: list[LineOut]
    next_cursor: str | None


@router.get(
    "/{employee_no}/wallet", response={200: WalletOut, **ERRORS}, summary="Somebody's wallet"
)
@needs("wallets:read")
def get_wallet(request: HttpRequest, employee_no: EmployeeNo) -> dict[str, object]:
    """Balances by asset, and what expires when."""
    company_id = caller_of(request).company_id
    employee = employee_of(company_id=company_id, employee_no=employee_no)
    sight = caller_sight(request)
    return wallet_dict(
        employee_no=employee.employee_no,
        accounts=[
            one
            for one in wallet(company_id=company_id, party_id=employee.party_id)
            if one.asset in sight
        ],
        named=sight,
    )


@router.get(
    "/{employee_no}/statement",
    response={200: StatementOut, **ERRORS},
    summary="Somebody's movements",
)
@needs("wallets:read")
def get_statement(
    request: HttpRequest,
    employee_no: EmployeeNo,
    asset: Annotated[str | None, Query(max_length=40)] = None,
    from_: Annotated[date | None, Query(alias="from")] = None,
    to: Annotated[date | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, object]:
    """In order of posting; days are those on which a movement counts."""
    company_id = caller_of(request).company_id
    employee = employee_of(company_id=company_id, employee_no=employee_no)
    offset = offset_of(cursor)
    sight = caller_sight(request)
    if asset is not None and asset not in sight:
        raise UnknownAsset(asset)
    lines = statement(
        company_id=company_id,
        party_id=employee.party_id,
        asset=asset,
        assets=list(sight),
        start=from_,
        end=to,
        offset=offset,
        limit=limit + 1,
    )
    return page_of([line.as_dict() for line in lines], offset=offset, limit=limit)
