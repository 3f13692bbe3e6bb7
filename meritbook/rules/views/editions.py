"""Editions: the text to read and sign, who has signed it and who has not."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.operations.audit import actor_of
from meritbook.org.permissions import may_manage_rules
from meritbook.rules.operations import editions as operations
from meritbook.rules.queries.revisions import edition_of, signed
from meritbook.rules.queries.schemes import scheme as scheme_of

PER_PAGE = 100


@require_safe
@for_members()
def edition(request: MemberRequest, edition_id: int) -> HttpResponse:
    """The text of an edition; the reader's own signature; for officers who has signed."""
    found = edition_of(company_id=request.company.pk, edition_id=edition_id)
    people = signed(found)
    employee = request.member.employee
    own = next(
        (each for each in people.signatures if employee and each.employee_id == employee.pk), None
    )
    manages = may_manage_rules(request.member)
    context: dict[str, Any] = {
        "edition": found,
        "scheme": found.scheme,
        "own": own,
        "may_sign": own is None and employee is not None,
        "count": len(people.signatures),
        "missing_count": len(people.missing),
        "manages": manages,
        "back_address": f"/schemes/{found.scheme.code}/",
    }
    if manages:
        tab = "signed" if request.GET.get("tab") == "signed" else "missing"
        rows = people.signatures if tab == "signed" else people.missing
        context |= {
            "tab": tab,
            "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
            "tabs": [
                {
                    "label": label,
                    "address": f"?tab={name}",
                    "current": tab == name,
                    "count": count,
                }
                for name, label, count in (
                    ("missing", _("未签"), len(people.missing)),
                    ("signed", _("已签"), len(people.signatures)),
                )
            ],
        }
    return render(request, "rules/edition.html", context)


@require_safe
@for_members()
def edition_text(request: MemberRequest, edition_id: int) -> HttpResponse:
    """The text by itself, byte for byte what the hash is of."""
    found = edition_of(company_id=request.company.pk, edition_id=edition_id)
    return HttpResponse(
        found.text.encode("utf-8"),
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": content_disposition_header(
                as_attachment=True, filename=f"{found.scheme.name}-{found.number}.txt"
            )
            or "attachment"
        },
    )


@require_POST
@for_members()
def edition_sign(request: MemberRequest, edition_id: int) -> HttpResponse:
    """The reader has read the text that the form names by its hash."""
    found = edition_of(company_id=request.company.pk, edition_id=edition_id)
    try:
        with transaction.atomic():
            operations.sign(
                edition=found,
                member=request.member,
                sha256=request.POST.get("sha256", ""),
                now=clock.now(),
            )
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("已签收"))
    return redirect("edition", found.pk)


@require_POST
@for_members(may_manage_rules)
def scheme_give_out(request: MemberRequest, code: str) -> HttpResponse:
    """Give out the scheme as it counts today, to be read and signed."""
    scheme = scheme_of(company_id=request.company.pk, code=code)
    with transaction.atomic():
        made = operations.give_out(
            scheme=scheme,
            day=today_of(request),
            actor=actor_of(request.member),
            now=clock.now(),
        )
    messages.success(request, _("第 %(n)s 版文本已发出") % {"n": made.number})
    return redirect("edition", made.pk)
