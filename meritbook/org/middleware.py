"""The request's id, and the company's transaction around every request of a signed-in person."""

import uuid
from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from meritbook.kit.tenancy import company_scope
from meritbook.org.queries import members

Handler = Callable[[HttpRequest], HttpResponse]


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

    Sets ``request.member`` (org.queries.members.Member or None) and ``request.company``.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.member = None  # type: ignore[attr-defined]
        request.company = None  # type: ignore[attr-defined]
        if not request.user.is_authenticated:
            return get_response(request)
        place = members.place_of(
            login_id=request.user.pk, company_id=request.session.get("company_id")
        )
        if place is None:
            return get_response(request)
        with company_scope(place.company_id):
            request.member = members.member(  # type: ignore[attr-defined]
                company_id=place.company_id, membership_id=place.membership_id
            )
            request.company = request.member.company  # type: ignore[attr-defined]
            response = get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response

    return middleware
