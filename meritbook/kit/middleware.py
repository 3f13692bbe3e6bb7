"""What no page has to think of: addresses and cookies with characters that no database takes."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]


def plain_addresses(get_response: Handler) -> Handler:
    """Answer 400 to NUL in a path or query, where PostgreSQL would make it a 500.

    Forms refuse it by themselves and the API tells it in its own shape. A cookie with NUL is
    nobody's: it is dropped.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        for name in [name for name, text in request.COOKIES.items() if "\x00" in name + text]:
            del request.COOKIES[name]
        if not request.path.startswith("/api/"):
            query = request.META.get("QUERY_STRING", "")
            if "\x00" in request.path or "%00" in query or "\x00" in query:
                raise BadRequest("NUL in the address")
        return get_response(request)

    return middleware
