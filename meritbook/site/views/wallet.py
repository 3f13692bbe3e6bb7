"""Wallets: balances and the statement, every line with its why."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from meritbook.awards.queries.wallets import statement
from meritbook.ledger.statements import statement_length
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.models import Employee
from meritbook.org.operations.people import employee as employee_of
from meritbook.org.permissions import may_see_wallet
from meritbook.org.queries.people import current_path_ids
from meritbook.site.queries.entry_rows import line_row
from meritbook.site.queries.liabilities import lapses_of_people
from meritbook.site.queries.sight import assets_in_sight, boards_in_sight, receipts_in_sight
from meritbook.site.queries.wallets import account_cards

PER_PAGE = 50
LAPSES_SHOWN = 6
FIRST_ASSET = "honour"


@for_members()
def my_wallet(request: MemberRequest) -> HttpResponse:
    """The reader's own wallet; a log-in without an employee has none."""
    if request.member.employee is None:
        raise PermissionDenied
    return _page(request, request.member.employee)


@for_members()
def wallet_of(request: MemberRequest, employee_no: str) -> HttpResponse:
    """Somebody's wallet, for those who may see it; for others not found."""
    employee = employee_of(company_id=request.company.pk, employee_no=employee_no)
    require_sight(request, employee)
    return _page(request, employee)


def require_sight(request: MemberRequest, employee: Employee) -> None:
    """Raise Http404 unless the reader may see this person's wallet."""
    path_ids = current_path_ids(
        company_id=request.company.pk, employee_id=employee.pk, today=today_of(request)
    )
    if not may_see_wallet(request.member, employee_id=employee.pk, path_ids=path_ids):
        raise Http404


def _page(request: MemberRequest, employee: Employee) -> HttpResponse:
    company = request.company
    mine = employee == request.member.employee
    sight = assets_in_sight(request.member, of=employee)
    accounts = account_cards(
        employee=employee,
        day=today_of(request),
        sight=sight,
        ranked=FIRST_ASSET in boards_in_sight(request.member, named=sight),
    )
    known = [card.asset for card in accounts]
    if not known:
        raise Http404
    asset = request.GET.get("asset", FIRST_ASSET)
    asset = asset if asset in known else known[0]
    start, end = _day(request.GET.get("from")), _day(request.GET.get("to"))
    wanted: dict[str, Any] = {
        "company_id": company.pk,
        "party_id": employee.party_id,
        "asset": asset,
        "start": start,
        "end": end,
    }
    pages = Paginator(range(statement_length(**wanted)), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    lines = statement(
        **wanted, newest_first=True, offset=(page.number - 1) * PER_PAGE, limit=PER_PAGE
    )
    receipts = receipts_in_sight(
        request.member, of=employee, tx_ids={line.movement.tx_id for line in lines}
    )
    context = {
        "employee": employee,
        "mine": mine,
        "accounts": accounts,
        "may_convert": mine and any(one.is_convertible for one in sight.values()),
        "may_transfer": mine and any(one.is_transferable for one in sight.values()),
        "asset": asset,
        "asset_tabs": [
            {
                "label": card.name,
                "address": _address(asset=card.asset, start=start, end=end),
                "current": card.asset == asset,
            }
            for card in accounts
        ],
        "start": start,
        "end": end,
        "filtered": bool(start or end),
        "reset": _address(asset=asset),
        "rows": [line_row(line, has_receipt=line.movement.tx_id in receipts) for line in lines],
        "page": page,
        "files": _files(
            "" if employee == request.member.employee else employee.employee_no,
            _query(asset=asset, start=start, end=end),
        ),
        "lapsing": [
            one
            for one in lapses_of_people(company_id=company.pk, party_ids=[employee.party_id])[1]
            if one.asset in sight
        ][:LAPSES_SHOWN],
    }
    return render(request, "site/wallet.html", context)


def _files(employee_no: str, query: str) -> list[dict[str, str]]:
    """The statement that the page shows, and the whole one, to take away."""
    return [
        {
            "label": label,
            "icon": icon,
            "address": reverse("statement-file-of", args=[employee_no, form]) + shown
            if employee_no
            else reverse("statement-file", args=[form]) + shown,
        }
        for label, icon, form, shown in (
            (_("当前列表 Excel"), "file-spreadsheet", "xlsx", f"?{query}"),
            (_("当前列表 PDF"), "file-text", "pdf", f"?{query}"),
            (_("全部种类 Excel"), "file-spreadsheet", "xlsx", ""),
            (_("全部种类 PDF"), "file-text", "pdf", ""),
        )
    ]


def _address(*, asset: str, start: date | None = None, end: date | None = None) -> str:
    return f"?{_query(asset=asset, start=start, end=end)}#statement"


def _query(*, asset: str, start: date | None, end: date | None) -> str:
    query = {"asset": asset, "from": start or "", "to": end or ""}
    return urlencode({name: value for name, value in query.items() if value})


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
