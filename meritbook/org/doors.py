"""The door of a page: who may come in, and what a refusal looks like there."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.org.models import Company
from meritbook.org.queries.members import Member, Place

Arguments = ParamSpec("Arguments")


class MemberRequest(HttpRequest):
    """A request of somebody who is signed in to a company."""

    member: Member
    company: Company
    places: list[Place]
    htmx: HtmxDetails


View = Callable[Concatenate[MemberRequest, Arguments], HttpResponse]
Door = Callable[Concatenate[HttpRequest, Arguments], HttpResponse]


def for_members(
    allowed: Callable[[Member], bool] = lambda _member: True,
) -> Callable[[View[Arguments]], Door[Arguments]]:
    """Let members in for whom ``allowed`` holds; others see 403, strangers the sign-in page.

    A refusal of status 404 becomes the page that says so; other refusals are the view's to show.
    """

    def decorate(view: View[Arguments]) -> Door[Arguments]:
        @wraps(view)
        def door(
            request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            inside = cast(MemberRequest, request)
            if inside.member is None or not allowed(inside.member):
                raise PermissionDenied
            try:
                return view(inside, *args, **kwargs)
            except Refusal as refusal:
                if refusal.status == 404:
                    raise Http404(refusal.message) from refusal
                raise

        return door

    return decorate


def today_of(request: MemberRequest) -> date:
    """The calendar day that it is now in the member's company."""
    return clock.today(time_zone=request.company.time_zone)
