"""The ledger over HTTP: transactions, balances at a day, what lapses, liability, files."""

import base64
import io
from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router, Schema

from meritbook.awards.callers import caller_sight
from meritbook.awards.queries.wallets import employee_of, statement
from meritbook.kit import clock
from meritbook.kit.points import points_text
from meritbook.ledger.balances import balances_effective, balances_posted, trial_balance
from meritbook.ledger.browsing import POSTED, Tx, TxFilter, transactions
from meritbook.ledger.forecasts import aged, lapses
from meritbook.ledger.journal import write_journal
from meritbook.ledger.names import asset_names
from meritbook.ledger.statements import UnknownAsset, statement_length
from meritbook.ledger.transactions import transaction
from meritbook.ledger.worth import SCALE, worth
from meritbook.org.api import ERRORS, BadCursor, bearer, caller_of, needs
from meritbook.org.models import Company, Employee
from meritbook.rules.models import RuleVersion
from meritbook.site.queries.ledger_words import people_of
from meritbook.site.sheets import XLSX_MAX, TooLong, statement_workbook
from meritbook.site.views.statement_files import XLSX

router = Router(auth=bearer, tags=["ledger"])
employees = Router(auth=bearer, tags=["employees"])

TX_MAX = 2**63 - 1
EmployeeNo = Annotated[str, Path(max_length=40)]
Day = Annotated[date | None, Query()]


class SideOut(Schema):
    """One account: a system account, or one of a person (``employee_no``)."""

    kind: str
    employee_no: str | None


class TransferOut(Schema):
    asset: str
    amount: str
    source: SideOut
    target: SideOut
    reversed: str
    expires_on: date | None


class TransactionOut(Schema):
    """One transaction with its transfers; amounts are points as text."""

    tx_id: str
    posted_at: datetime
    effective_on: date
    fact_on: date
    kind: str
    source: str
    rule_code: str | None
    reverses: str | None
    transfers: list[TransferOut]


class TransactionsOut(Schema):
    items: list[TransactionOut]
    next_cursor: str | None


class LinkedOut(TransactionOut):
    """One transaction and the numbers of those that took it back."""

    reversed_by: list[str]


class BalanceOut(Schema):
    asset: str
    kind: str
    accounts: int
    balance: str


class BalancesOut(Schema):
    """Balances at the end of ``day``; of all accounts by kind, or of one person."""

    day: date
    by: Literal["effective", "posted"]
    items: list[BalanceOut]


class LapseOut(Schema):
    employee_no: str | None
    asset: str
    day: date
    amount: str


class LapsesOut(Schema):
    items: list[LapseOut]


class LiabilityOut(Schema):
    """Unspent points by age in days and what they are worth today in 元."""

    asset: str
    ages: dict[str, str]
    total: str
    money: str


class LiabilitiesOut(Schema):
    day: date
    items: list[LiabilityOut]


@router.get(
    "/transactions", response={200: TransactionsOut, **ERRORS}, summary="Transactions, newest first"
)
@needs("ledger:read")
def get_transactions(
    request: HttpRequest,
    employee_no: Annotated[str | None, Query(max_length=40)] = None,
    asset: Annotated[str, Query(max_length=40)] = "",
    kind: Annotated[str, Query(max_length=20)] = "",
    source: Annotated[str, Query(max_length=40)] = "",
    rule: Annotated[str | None, Query(max_length=60)] = None,
    from_: Annotated[date | None, Query(alias="from")] = None,
    to: Day = None,
    by: Annotated[Literal["effective", "posted"], Query()] = "effective",
    reversals: Annotated[bool, Query()] = False,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, object]:
    """``from`` and ``to`` are days on which transactions count, or with ``by=posted`` on which they
    were posted."""
    company = _company(request)
    wanted = TxFilter(
        party_ids=None
        if employee_no is None
        else [employee_of(company_id=company.pk, employee_no=employee_no).party_id],
        asset=asset,
        kind=kind,
        source_kind=source,
        rule_version_ids=None
        if rule is None
        else list(
            RuleVersion.objects.filter(company_id=company.pk, rule__code=rule).values_list(
                "id", flat=True
            )
        ),
        start=from_,
        end=to,
        by=by,
        zone=company.time_zone,
        only_reversals=reversals,
    )
    found = transactions(
        company_id=company.pk, wanted=wanted, before=_before(cursor), limit=limit + 1
    )
    shown = found[:limit]
    return {
        "items": _told(company, shown),
        "next_cursor": _cursor(shown[-1].tx_id) if len(found) > limit else None,
    }


@router.get("/transactions/{tx_id}", response={200: LinkedOut, **ERRORS}, summary="One transaction")
@needs("ledger:read")
def get_transaction(
    request: HttpRequest, tx_id: Annotated[int, Path(ge=1, le=TX_MAX)]
) -> dict[str, object]:
    company = _company(request)
    whole = transaction(company_id=company.pk, tx_id=tx_id)
    (told,) = _told(company, [whole.tx])
    return told | {"reversed_by": [str(one.tx_id) for one in whole.reversals]}


@router.get("/balances", response={200: BalancesOut, **ERRORS}, summary="Balances at a day")
@needs("ledger:read")
def get_balances(
    request: HttpRequest,
    day: Day = None,
    by: Annotated[Literal["effective", "posted"], Query()] = "effective",
    employee_no: Annotated[str | None, Query(max_length=40)] = None,
) -> dict[str, object]:
    """What counted up to ``day`` (today without), or with ``by=posted`` what was posted until its
    end. System accounts are below zero by what they gave."""
    company = _company(request)
    asked = day or clock.today(time_zone=company.time_zone)
    until = datetime.combine(asked, time.max, tzinfo=ZoneInfo(company.time_zone))
    if employee_no is None:
        items = [
            {
                "asset": one.asset,
                "kind": one.kind,
                "accounts": one.accounts,
                "balance": points_text(one.balance, one.scale),
            }
            for one in trial_balance(
                company_id=company.pk,
                posted_until=until if by == POSTED else None,
                effective_until=None if by == POSTED else asked,
            )
        ]
    else:
        party_id = employee_of(company_id=company.pk, employee_no=employee_no).party_id
        own = (
            balances_posted(
                company_id=company.pk,
                party_id=party_id,
                posted_until=until,
                zone=company.time_zone,
            )
            if by == POSTED
            else balances_effective(company_id=company.pk, party_id=party_id, effective_until=asked)
        )
        items = [
            {
                "asset": one.asset,
                "kind": one.kind,
                "accounts": 1,
                "balance": points_text(one.balance, one.scale),
            }
            for one in own
        ]
    return {"day": asked, "by": by, "items": items}


@router.get("/expiry", response={200: LapsesOut, **ERRORS}, summary="What lapses when")
@needs("ledger:read")
def get_expiry(
    request: HttpRequest,
    until: Day = None,
    employee_no: Annotated[str | None, Query(max_length=40)] = None,
) -> dict[str, object]:
    """Every lot with a last day, the earliest first."""
    company = _company(request)
    party_ids = None
    if employee_no is not None:
        party_ids = [employee_of(company_id=company.pk, employee_no=employee_no).party_id]
    found = lapses(company_id=company.pk, party_ids=party_ids, until=until)
    people = people_of(company_id=company.pk, party_ids={one.party_id for one in found})
    return {
        "items": [
            {
                "employee_no": people[one.party_id].employee_no if one.party_id in people else None,
                "asset": one.asset,
                "day": one.day,
                "amount": points_text(one.amount, one.scale),
            }
            for one in found
        ]
    }


@router.get("/liability", response={200: LiabilitiesOut, **ERRORS}, summary="Unspent points by age")
@needs("ledger:read")
def get_liability(request: HttpRequest) -> dict[str, object]:
    company = _company(request)
    today = clock.today(time_zone=company.time_zone)
    sums: dict[str, list[int]] = {}
    scales: dict[str, int] = {}
    for one in aged(company_id=company.pk, today=today):
        scales[one.asset] = one.scale
        whole = sums.setdefault(one.asset, [0] * len(one.by_age))
        sums[one.asset] = [a + b for a, b in zip(whole, one.by_age, strict=True)]
    return {
        "day": today,
        "items": [
            {
                "asset": asset,
                "ages": {
                    name: points_text(minor, scales[asset])
                    for name, minor in zip(
                        ("0-30", "31-90", "91-180", "181-365", "366-"), by_age, strict=True
                    )
                },
                "total": points_text(sum(by_age), scales[asset]),
                "money": points_text(
                    worth(company_id=company.pk, asset_code=asset, on=today).cents_of(sum(by_age)),
                    SCALE,
                ),
            }
            for asset, by_age in sums.items()
        ],
    }


def _file(content_type: str) -> dict[str, Any]:
    """An answer of bytes, for the description."""
    return {
        "responses": {
            200: {
                "description": "OK",
                "content": {content_type: {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    }


@router.get(
    "/journal",
    response=ERRORS,
    openapi_extra=_file("text/plain; charset=utf-8"),
    summary="The journal for beancount or hledger",
)
@needs("ledger:read")
def get_journal(
    request: HttpRequest,
    format: Annotated[Literal["beancount", "hledger"], Query()] = "beancount",  # noqa: A002 -- the parameter's name
) -> HttpResponse:
    company = _company(request)
    file = io.StringIO()
    write_journal(
        company_id=company.pk,
        form=format,
        file=file,
        title=company.name,
        names=dict(
            Employee.objects.filter(company_id=company.pk).values_list("party_id", "employee_no")
        ),
    )
    return HttpResponse(file.getvalue(), content_type="text/plain; charset=utf-8")


@employees.get(
    "/{employee_no}/statement.xlsx",
    response=ERRORS,
    openapi_extra=_file(XLSX),
    summary="Somebody's movements as a workbook",
)
@needs("wallets:read")
def get_statement_file(
    request: HttpRequest,
    employee_no: EmployeeNo,
    asset: Annotated[str | None, Query(max_length=40)] = None,
    from_: Annotated[date | None, Query(alias="from")] = None,
    to: Day = None,
) -> HttpResponse:
    company = _company(request)
    employee = employee_of(company_id=company.pk, employee_no=employee_no)
    sight = caller_sight(request)
    if asset is not None and asset not in sight:
        raise UnknownAsset(asset)
    asked: dict[str, Any] = {
        "company_id": company.pk,
        "party_id": employee.party_id,
        "asset": asset,
        "assets": list(sight),
        "start": from_,
        "end": to,
    }
    length = statement_length(**asked)
    if length > XLSX_MAX:
        raise TooLong(lines=length, most=XLSX_MAX)
    content = statement_workbook(lines=statement(**asked), names=asset_names(company_id=company.pk))
    return HttpResponse(content, content_type=XLSX)


def _company(request: HttpRequest) -> Company:
    return Company.objects.get(pk=caller_of(request).company_id)


def _told(company: Company, found: list[Tx]) -> list[dict[str, object]]:
    people = people_of(
        company_id=company.pk, party_ids={party for one in found for party in one.party_ids}
    )
    rules = dict(
        RuleVersion.objects.filter(
            company_id=company.pk,
            pk__in={one.rule_version_id for one in found if one.rule_version_id},
        ).values_list("pk", "rule__code")
    )

    def side(kind: str, party_id: int | None) -> dict[str, str | None]:
        person = people.get(party_id or 0)
        return {"kind": kind, "employee_no": person.employee_no if person else None}

    return [
        {
            "tx_id": str(one.tx_id),
            "posted_at": one.posted_at.astimezone(company.zone),
            "effective_on": one.effective_on,
            "fact_on": one.fact_on,
            "kind": one.kind,
            "source": one.source_kind,
            "rule_code": rules.get(one.rule_version_id or 0),
            "reverses": None if one.reverses_tx_id is None else str(one.reverses_tx_id),
            "transfers": [
                {
                    "asset": each.asset,
                    "amount": points_text(each.amount, each.scale),
                    "source": side(each.source.kind, each.source.party_id),
                    "target": side(each.target.kind, each.target.party_id),
                    "reversed": points_text(each.reversed, each.scale),
                    "expires_on": each.expires_on,
                }
                for each in one.transfers
            ],
        }
        for one in found
    ]


def _cursor(tx_id: int) -> str:
    return base64.urlsafe_b64encode(f"t:{tx_id}".encode()).decode()


def _before(cursor: str | None) -> int | None:
    if not cursor:
        return None
    try:
        name, _colon, number = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
        tx_id = int(number)
    except (ValueError, UnicodeError):
        raise BadCursor from None
    if name != "t" or not 1 <= tx_id <= TX_MAX:
        raise BadCursor
    return tx_id
