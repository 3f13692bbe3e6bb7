"""The request's id, and the company's transaction around every request of a signed-in person."""

import uuid
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial

from django.db import DatabaseError, InterfaceError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from meritbook.kit.once import reading
from meritbook.kit.retries import retried, stop_of
from meritbook.kit.tenancy import company_scope
from meritbook.kit.views import stopped
from meritbook.org.queries import members
from meritbook.org.rewinding import Rewind

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


class _Stopped(HttpResponse):
    """Stands for the answer of a view that the database stopped; nobody gets it."""

    error: Exception


class Tenancy:
    """Open the company of the session around the request; roll back when it ends in ≥ 500.

    Sets ``request.member`` (org.queries.members.Member or None), ``request.company`` and
    ``request.places`` (the companies of the log-in). Times are shown in the company's zone.

    A view whose transaction the database broke off (a deadlock's victim) runs again with the
    request as it was, a few times; then the answer is 503. So it is, at once, when the database
    is gone.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):
            # A key opens its own company there, whatever session comes along.
            _enter_nowhere(request)
            return self.get_response(request)
        rewind = Rewind(request)
        try:
            return retried(
                partial(self._answer, request),
                # Without a company's transaction a view commits as it goes.
                restore=lambda: rewind() and request.company is not None,  # type: ignore[attr-defined]
            )
        except (DatabaseError, InterfaceError) as error:
            refusal = stop_of(error)
            if refusal is None:
                raise
            rewind()
            _enter_nowhere(request)
            return stopped(request, refusal)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Keep Django from turning what can be tried again into a 500."""
        if request.path.startswith("/api/") or stop_of(exception) is None:
            return None
        response = _Stopped()
        response.error = exception
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        _enter_nowhere(request)
        login = request.user
        if not login.is_authenticated:
            return self._seen(request)
        found = members.places(login_id=login.pk)
        request.places = found  # type: ignore[attr-defined]
        place = members.chosen(found, company_id=request.session.get("company_id"))
        if place is None:
            return self._seen(request)
        if login.must_change_password and request.path not in _BEFORE_A_NEW_PASSWORD:
            return redirect("/password/")
        # What writes asks anew: an answer from before would be an old one.
        remembering = reading() if request.method in ("GET", "HEAD") else nullcontext()
        with company_scope(place.company_id), remembering:
            member = members.member(company_id=place.company_id, membership_id=place.membership_id)
            request.member = member  # type: ignore[attr-defined]
            request.company = member.company  # type: ignore[attr-defined]
            with timezone.override(member.company.zone):
                response = self._seen(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response

    def _seen(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, _Stopped):
            raise response.error
        return response


def _enter_nowhere(request: HttpRequest) -> None:
    request.member = None  # type: ignore[attr-defined]
    request.company = None  # type: ignore[attr-defined]
    request.places = []  # type: ignore[attr-defined]
