"""The API: routers of the contexts under ``/api/v1``, one shape for every error, health."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, URLResolver, path, re_path
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import Operation

from meritbook.awards.api import router as events
from meritbook.awards.budgets_api import router as budgets
from meritbook.awards.caps_api import router as caps
from meritbook.awards.missing_api import router as missing
from meritbook.awards.quotas_api import router as quotas
from meritbook.awards.wallets_api import router as wallets
from meritbook.insight.api import router as insight
from meritbook.kit.errors import Refusal
from meritbook.kit.retries import RETRY_AFTER, stop_of
from meritbook.org.api import ErrorBody
from meritbook.rules.api import router as rules
from meritbook.rules.api import schemes_router as schemes
from meritbook.rules.drafts_api import router as rule_drafts
from meritbook.rules.types_api import router as event_types
from meritbook.site.approvals_api import router as approvals
from meritbook.site.assets_api import assets as asset_policies
from meritbook.site.assets_api import rate_table
from meritbook.site.holds_api import router as holds
from meritbook.site.ledger_api import employees as statement_files
from meritbook.site.ledger_api import router as ledger
from meritbook.site.movements_api import router as movements
from meritbook.standings.api import router as boards

log = logging.getLogger(__name__)


class Api(NinjaAPI):
    """Operations keep their names wherever their code stands."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


api = Api(
    title="积分簿 Meritbook API",
    version="1",
    description=(
        "Bearer key with scopes. Points and amounts are strings. Send an `Idempotency-Key` with a"
        " POST: the same request again gets the first answer and does nothing."
    ),
    docs_url="/docs" if settings.DEBUG else None,
    openapi_url="/openapi.json",
    urls_namespace="api",
)
api.add_router("/events", events)
api.add_router("/employees", wallets)
api.add_router("/employees", missing)
api.add_router("/employees", statement_files)
api.add_router("/employees", movements)
api.add_router("/employees", holds)
api.add_router("/assets", asset_policies)
api.add_router("/rates", rate_table)
api.add_router("/ledger", ledger)
api.add_router("/boards", boards)
api.add_router("/insight", insight)
api.add_router("/rules", rules)
api.add_router("/rules", rule_drafts)
api.add_router("/schemes", schemes)
api.add_router("/event-types", event_types)
api.add_router("/approvals", approvals)
api.add_router("/budgets", budgets)
api.add_router("/caps", caps)
api.add_router("/quotas", quotas)


class HealthOut(Schema):
    status: str


@api.get(
    "/health",
    response={200: HealthOut, 503: ErrorBody},
    auth=None,
    tags=["health"],
    summary="Whether web and database answer",
)
def get_health(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, else 503."""
    return health(request)


def health(request: HttpRequest) -> HttpResponse:
    """The same outside of the API, for a supervisor."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return _error(request, 503, "unavailable", _("数据库暂时连不上，请稍后再试"))
    return JsonResponse({"status": "ok"})


def _error(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    return JsonResponse(
        {"code": code, "message": message, "request_id": getattr(request, "request_id", "")},
        status=status,
        json_dumps_params={"ensure_ascii": False},
    )


@api.exception_handler(Refusal)
def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return _error(request, refusal.status, refusal.code, refusal.message)


@api.exception_handler(DatabaseError)
def _stopped(request: HttpRequest, error: DatabaseError) -> HttpResponse:
    refusal = stop_of(error)
    if refusal is None:
        return _failed(request, error)
    response = _refused(request, refusal)
    response["Retry-After"] = RETRY_AFTER
    return response


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, invalid: ValidationError) -> HttpResponse:
    told = [
        ".".join(str(part) for part in each["loc"][1:]) + ": " + str(each["msg"])
        for each in invalid.errors[:5]
    ]
    return _error(request, 422, "invalid_request", _("请求不合格式：") + "; ".join(told))


@api.exception_handler(AuthenticationError)
def _unauthenticated(request: HttpRequest, _error_: AuthenticationError) -> HttpResponse:
    response = _error(request, 401, "unauthorized", _("缺少有效的 API 密钥"))
    response["WWW-Authenticate"] = 'Bearer realm="meritbook"'
    return response


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return _error(request, error.status_code, "bad_request", str(error))


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, _error_: Http404) -> HttpResponse:
    return _error(request, 404, "not_found", _("没有这个地址"))


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, _error_: RequestDataTooBig) -> HttpResponse:
    return _error(request, 413, "too_large", _("请求内容太大，请分批发送"))


@api.exception_handler(Exception)
def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    log.exception("request %s failed", getattr(request, "request_id", ""), exc_info=error)
    return _error(request, 500, "server_error", _("服务器出错了，请把请求编号告诉管理员"))


def _unknown(request: HttpRequest, **_arguments: str) -> HttpResponse:
    return _error(request, 404, "not_found", _("没有这个地址"))


def _shaped(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Gives the framework's own refusal of a method the shape of all errors."""

    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            allowed = response.headers.get("Allow", "")
            response = _error(request, 405, "method_not_allowed", _("这个地址不支持该方法"))
            response["Allow"] = allowed
        return response

    run.csrf_exempt = True  # type: ignore[attr-defined]  # keys, not cookies, open the API
    return run


def _patterns(found: Iterable[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    patterns = list(found)
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = _shaped(pattern.callback)
    return patterns


_found, _app, _namespace = api.urls
urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health, name="health"),
    path("api/v1/", (_patterns(_found), _app, _namespace)),
    re_path(r"^api/", _unknown),
]
