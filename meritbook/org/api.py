"""What every endpoint of the API shares: the bearer key, the company's transaction, errors, pages."""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema
from ninja.security import HttpBearer

from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.kit.retries import retried
from meritbook.kit.tenancy import company_scope
from meritbook.org.keys import ApiCaller, authenticate

P = ParamSpec("P")
R = TypeVar("R")


class ErrorBody(Schema):
    """Every error, with the true status."""

    code: str
    message: str
    request_id: str


ERRORS: dict[int, Any] = dict.fromkeys(
    (400, 401, 403, 404, 409, 413, 415, 422, 500, 503), ErrorBody
)
"""The answers that any endpoint may give besides its own."""


class MissingScope(Refusal):
    """The key may not do this."""

    code = "missing_scope"
    status = 403

    def __init__(self, scope: str) -> None:
        super().__init__(_("这个密钥没有“%(scope)s”权限") % {"scope": scope})


class BadCursor(Refusal):
    """The cursor is none of ours."""

    code = "bad_cursor"

    def __init__(self) -> None:
        super().__init__(_("游标无效，请从第一页重新读取"))


class Bearer(HttpBearer):
    """``Authorization: Bearer mb_…``."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiCaller | None:
        return authenticate(token, clock.now())


bearer = Bearer()


def caller_of(request: object) -> ApiCaller:
    """Whose key a request came with; for endpoints behind ``bearer``."""
    caller = getattr(request, "auth", None)
    assert isinstance(caller, ApiCaller)  # noqa: S101 -- the routers demand a key
    return caller


def needs(scope: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let an endpoint run for keys with ``scope``, in a transaction of the key's company.

    Anything raised takes back what was written. A deadlock's victim runs again.
    """

    def decorate(endpoint: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(endpoint)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            caller = caller_of(args[0])
            _refuse_unstorable_address(args[0])
            if not caller.may(scope):
                raise MissingScope(scope)

            def scoped() -> R:
                with company_scope(caller.company_id):
                    return endpoint(*args, **kwargs)

            return retried(scoped)

        return run

    return decorate


class UnstorableText(Refusal, ValueError):
    """A text holds a character that no database takes."""

    code = "invalid_request"

    def __init__(self) -> None:
        super().__init__(_("请求含有不可用的控制字符"))


def refuse_unstorable(text: str) -> None:
    """Raise UnstorableText for NUL and for halves of characters that stand alone."""
    if "\x00" in text or (
        not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text)
    ):
        raise UnstorableText


def _refuse_unstorable_address(request: object) -> None:
    assert isinstance(request, HttpRequest)  # noqa: S101 -- an endpoint's first argument
    refuse_unstorable(request.path)
    for values in request.GET.lists():
        for text in (values[0], *values[1]):
            refuse_unstorable(text)


def offset_of(cursor: str | None) -> int:
    """Where the page named by a cursor begins. Raises BadCursor."""
    if not cursor:
        return 0
    try:
        name, _colon, number = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
        offset = int(number)
    except (ValueError, UnicodeError):
        raise BadCursor from None
    if name != "o" or not 0 <= offset <= 10**9:
        raise BadCursor
    return offset


def page_of(items: Sequence[Any], *, offset: int, limit: int) -> dict[str, Any]:
    """A page's JSON from one item more than ``limit``: items, and the next cursor or null."""
    more = len(items) > limit
    return {
        "items": list(items[:limit]),
        "next_cursor": cursor_at(offset + limit) if more else None,
    }


def cursor_at(offset: int) -> str:
    """The cursor of the page that begins at ``offset``."""
    return base64.urlsafe_b64encode(f"o:{offset}".encode()).decode()
