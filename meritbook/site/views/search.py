"""The search field of the top bar."""

from django.http import HttpResponse
from django.shortcuts import render

from meritbook.org.doors import MemberRequest, for_members, today_of
from meritbook.org.permissions import may_manage_people, may_manage_rules, may_see_people
from meritbook.site.queries.search import found

PEOPLE_MAX = 30


@for_members()
def search(request: MemberRequest) -> HttpResponse:
    """People and rules that match; an empty field asks for a word."""
    text = request.GET.get("q", "").strip()[:60]
    context = {
        "text": text,
        "found": found(
            company_id=request.company.pk,
            text=text,
            day=today_of(request),
            with_drafts=may_manage_rules(request.member),
            people_max=PEOPLE_MAX,
            by_phone=may_manage_people(request.member),
        ),
        "opens_people": may_see_people(request.member),
    }
    return render(request, "site/search.html", context)
