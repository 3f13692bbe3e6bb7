"""Statements to take away: a workbook or a printed page, one's own or somebody's in sight."""

from collections.abc import Sequence
from datetime import date
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse

from meritbook.awards.queries.wallets import Line, statement
from meritbook.kit import clock
from meritbook.kit.points import from_minor
from meritbook.kit.templatetags.kit import moment
from meritbook.ledger.statements import statement_length, wallet
from meritbook.org.doors import MemberRequest, for_members
from meritbook.org.models import Employee
from meritbook.org.operations.audit import actor_of, note
from meritbook.org.operations.people import employee as employee_of
from meritbook.org.queries.departments import departments
from meritbook.org.queries.people import history
from meritbook.site.queries.sight import assets_in_sight
from meritbook.site.sheets import (
    PDF_MAX,
    XLSX_MAX,
    TooLong,
    statement_pdf,
    statement_workbook,
)
from meritbook.site.views.wallet import require_sight

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"
TYPES = {"xlsx": XLSX, "pdf": PDF}


def attachment(content: bytes, *, name: str, content_type: str) -> HttpResponse:
    """A file to save under a name in any script."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return response


@for_members()
def my_statement(request: MemberRequest, form: str) -> HttpResponse:
    """The reader's own statement."""
    if request.member.employee is None:
        raise PermissionDenied
    return _file(request, request.member.employee, form)


@for_members()
def statement_of(request: MemberRequest, employee_no: str, form: str) -> HttpResponse:
    """Somebody's statement, for those who may see the wallet; that it was taken is kept."""
    employee = employee_of(company_id=request.company.pk, employee_no=employee_no)
    require_sight(request, employee)
    if form in TYPES and employee != request.member.employee:
        note(
            company_id=request.company.pk,
            actor=actor_of(request.member),
            now=clock.now(),
            action="statement.export",
            object_kind="employee",
            object_id=employee.pk,
            after={"format": form},
        )
    return _file(request, employee, form)


def _file(request: MemberRequest, employee: Employee, form: str) -> HttpResponse:
    if form not in TYPES:
        raise Http404
    company = request.company
    names = {code: one.name for code, one in assets_in_sight(request.member, of=employee).items()}
    asset = request.GET.get("asset") or ""
    asset = asset if asset in names else ""
    start, end = _day(request.GET.get("from")), _day(request.GET.get("to"))
    length = statement_length(
        company_id=company.pk,
        party_id=employee.party_id,
        asset=asset or None,
        assets=list(names),
        start=start,
        end=end,
    )
    most = PDF_MAX if form == "pdf" else XLSX_MAX
    if length > most:
        return HttpResponse(
            TooLong(lines=length, most=most).message,
            status=422,
            content_type="text/plain; charset=utf-8",
        )
    lines = statement(
        company_id=company.pk,
        party_id=employee.party_id,
        asset=asset or None,
        assets=list(names),
        start=start,
        end=end,
    )
    if form == "pdf":
        content = statement_pdf(
            lines=lines,
            names=names,
            employee=employee,
            company=company.name,
            department=_department(company.pk, employee),
            assets=names[asset] if asset else "、".join(names[a] for a in _moved(lines)) or "—",
            start=start,
            end=end,
            balances=[
                (names.get(one.asset, one.asset), from_minor(one.balance, one.scale))
                for one in wallet(company_id=company.pk, party_id=employee.party_id)
                if one.asset in names and asset in ("", one.asset)
            ],
            printed_at=moment(clock.now()),
        )
    else:
        content = statement_workbook(lines=lines, names=names)
    title = f"{employee.name}-{employee.employee_no}-{names.get(asset, '')}".rstrip("-")
    return attachment(content, name=f"{title}.{form}", content_type=TYPES[form])


def _moved(lines: Sequence[Line]) -> list[str]:
    return list(dict.fromkeys(one.movement.asset for one in lines))


def _department(company_id: int, employee: Employee) -> str:
    places = [one for one in history(company_id=company_id, employee=employee) if one.is_main]
    if not places:
        return ""
    node = departments(company_id=company_id).get(places[0].department_id)
    return node.path if node else ""


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
