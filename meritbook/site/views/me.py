"""The member's own page and the choice of company."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from meritbook.org.doors import MemberRequest, for_members


@for_members()
def me(request: MemberRequest) -> HttpResponse:
    """Who I am here, with everything that the menu of a desktop holds."""
    return render(request, "site/me.html")


@for_members()
@require_http_methods(["GET", "POST"])
def companies(request: MemberRequest) -> HttpResponse:
    """Choose the company to work in; a POST of another person's company is not found."""
    mine = request.places
    if request.method == "POST":
        chosen = request.POST.get("company", "")
        if chosen not in {str(place.company_id) for place in mine}:
            raise Http404
        # Another company is another session: nothing that was kept for the old one goes along.
        request.session.cycle_key()
        request.session["company_id"] = int(chosen)
        return redirect("/")
    return render(request, "site/companies.html")
