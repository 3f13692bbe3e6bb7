"""Receipts: what shows an entry's owner that it is in the chain, to be checked without us."""

from pathlib import Path

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from meritbook.awards.queries.entries import explain_entries
from meritbook.ledger import receipt as verifier
from meritbook.ledger.queries import movement
from meritbook.ledger.receipts import Receipt, receipt
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.models import Employee
from meritbook.org.permissions import may_see_employee, may_see_ledger
from meritbook.org.queries.people import current_path_ids
from meritbook.site.queries.proof_words import PLACES
from meritbook.site.queries.sight import assets_in_sight


@for_members()
def receipt_page(request: MemberRequest, tx_id: int) -> HttpResponse:
    """A receipt with a check that runs in the reader's browser."""
    found = _receipt(request, tx_id)
    context = {
        "receipt": found,
        "said": _sentence(request, tx_id),
        "place": str(PLACES.get(found.anchor.place, "")) if found.anchor else "",
        "first": found.links[0] if found.links else None,
        "last": found.links[-1] if found.links else None,
        "back": _back(request, tx_id),
    }
    return render(request, "site/proof/receipt.html", context)


@for_members()
def receipt_file(request: MemberRequest, tx_id: int) -> HttpResponse:
    """The receipt as JSON, for the page's check and for any other."""
    response = JsonResponse(
        _receipt(request, tx_id).as_dict(),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )
    if not request.GET.get("inline"):
        response["Content-Disposition"] = f'attachment; filename="receipt-{tx_id}.json"'
    return response


@for_members()
def receipt_verifier(request: MemberRequest) -> HttpResponse:
    """The program that checks a receipt with nothing but Python."""
    text = Path(verifier.__file__).read_text(encoding="utf-8")
    response = HttpResponse(text, content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="receipt.py"'
    return response


def _sentence(request: MemberRequest, tx_id: int) -> str:
    """What the points were for; empty when nothing was earned by it."""
    company = request.company
    found = explain_entries(company_id=company.pk, zone=company.time_zone, tx_ids=[tx_id])
    return found[tx_id].sentence if tx_id in found else ""


def _receipt(request: MemberRequest, tx_id: int) -> Receipt:
    company_id = request.company.pk
    found = None
    if _may_see(request, tx_id):
        found = receipt(company_id=company_id, tx_id=tx_id)
    if found is None:
        raise Http404(_("没有这笔记账"))
    return found


def _may_see(request: MemberRequest, tx_id: int) -> bool:
    """Whether the reader may see one of the people whose points moved, and every asset that did.

    The text of a receipt cannot leave a line out: it would be another text.
    """
    company_id = request.company.pk
    if may_see_ledger(request.member):
        return True
    legs = movement(company_id=company_id, tx_id=tx_id)
    moved = {leg.asset_code for leg in legs}
    today = today_of(request)
    return any(
        may_see_employee(
            request.member,
            employee_id=employee.pk,
            path_ids=current_path_ids(company_id=company_id, employee_id=employee.pk, today=today),
        )
        and moved <= assets_in_sight(request.member, of=employee).keys()
        for employee in Employee.objects.filter(
            company_id=company_id, party_id__in={leg.party_id for leg in legs}
        )
    )


def _back(request: MemberRequest, tx_id: int) -> str:
    """One's own wallet, or the transaction in the ledger."""
    mine = request.member.employee
    legs = movement(company_id=request.company.pk, tx_id=tx_id)
    if mine is not None and mine.party_id in {leg.party_id for leg in legs}:
        return "/wallet/"
    return f"/ledger/{tx_id}/" if may_see_ledger(request.member) else "/"
