"""The search field of the top bar."""

from django.http import HttpResponse
from django.shortcuts import render

from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.site.queries.search import found

PEOPLE_MAX = 30


@for_members()
def search(request: MemberRequest) -> HttpResponse:
    """People and rules that match; an empty field asks for a word."""
    text = request.GET.get("q", "").strip()[:60]
    context = {
        "text": text,
        "found": found(
            member=request.member, text=text, day=today_of(request), people_max=PEOPLE_MAX
        ),
    }
    return render(request, "site/search.html", context)
