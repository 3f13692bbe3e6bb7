"""The handbook, to read and to print."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.site import handbook as books
from meritbook.site.views.statement_files import PDF, attachment

SEARCH_MAX = 80


@require_safe
@for_members()
def handbook(request: MemberRequest) -> HttpResponse:
    """What counts today, in plain words; ``mine`` leaves out what is for others."""
    book, is_mine = _book(request)
    search = request.GET.get("q", "").strip()[:SEARCH_MAX]
    context = {
        "book": books.searched(book, search),
        "search": search,
        "mine": is_mine,
        "has_employee": request.member.employee is not None,
        "back_address": "/rules/",
    }
    return render(request, "site/handbook.html", context)


@require_safe
@for_members()
def handbook_file(request: MemberRequest) -> HttpResponse:
    """The same to print."""
    book, _is_mine = _book(request)
    name = _("员工积分手册-%(day)s.pdf") % {"day": book.day}
    return attachment(books.handbook_pdf(book), name=name, content_type=PDF)


def _book(request: MemberRequest) -> tuple[books.Handbook, bool]:
    is_mine = request.GET.get("mine") == "1" and request.member.employee is not None
    book = books.handbook(
        company=request.company,
        day=today_of(request),
        employee=request.member.employee if is_mine else None,
    )
    return book, is_mine
