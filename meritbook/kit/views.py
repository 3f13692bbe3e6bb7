"""The style page and the error pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from meritbook.kit.errors import Refusal
from meritbook.kit.retries import RETRY_AFTER
from meritbook.kit.samples import sample_context


def style(request: HttpRequest) -> HttpResponse:
    """Every page part with sample data: long names, zero rows, many rows."""
    return render(request, "kit/style.html", sample_context(page=request.GET.get("page", "2")))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return _error(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return _error(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: also what belongs to somebody else."""
    return _error(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: nothing was saved; the request's id helps to find the cause."""
    return _error(request, 500)


def stopped(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """503: the database broke the request off several times, or is gone; how to go on."""
    response = _error(request, 503, template=f"kit/errors/{refusal.code}.html")
    response["Retry-After"] = RETRY_AFTER
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 because the form's token is missing or old."""
    return _error(request, 403, template="kit/errors/csrf.html")


def _error(request: HttpRequest, status: int, *, template: str = "") -> HttpResponse:
    context = {"request_id": getattr(request, "request_id", "")}
    return render(request, template or f"kit/errors/{status}.html", context, status=status)
