"""The request's id, and the company's transaction around every request of a signed-in person."""

import uuid
from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from meritbook.kit.tenancy import company_scope
from meritbook.org.queries import members

Handler = Callable[[HttpRequest], HttpResponse]

# Where somebody who has to change the password may go.
_BEFORE_A_NEW_PASSWORD = ("/password/", "/logout/", "/language/")


def request_id(get_response: Handler) -> Handler:
    """Give each request an id, shown in errors and in the answer's header."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        response = get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response

    return middleware


def tenancy(get_response: Handler) -> Handler:
    """Open the company of the session around the request; roll back when it ends in ≥ 500.

    Sets ``request.member`` (org.queries.members.Member or None), ``request.company`` and
    ``request.places`` (the companies of the log-in). Times are shown in the company's zone.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.member = None  # type: ignore[attr-defined]
        request.company = None  # type: ignore[attr-defined]
        request.places = []  # type: ignore[attr-defined]
        if request.path.startswith("/api/"):
            # A key opens its own company there, whatever session comes along.
            return get_response(request)
        login = request.user
        if not login.is_authenticated:
            return get_response(request)
        found = members.places(login_id=login.pk)
        request.places = found  # type: ignore[attr-defined]
        place = members.chosen(found, company_id=request.session.get("company_id"))
        if place is None:
            return get_response(request)
        if login.must_change_password and request.path not in _BEFORE_A_NEW_PASSWORD:
            return redirect("/password/")
        with company_scope(place.company_id):
            member = members.member(company_id=place.company_id, membership_id=place.membership_id)
            request.member = member  # type: ignore[attr-defined]
            request.company = member.company  # type: ignore[attr-defined]
            with timezone.override(member.company.zone):
                response = get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response

    return middleware
