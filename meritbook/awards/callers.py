"""What a program that calls the API may see, and its requests answered once per key."""

import hashlib
from collections.abc import Callable
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Header
from ninja.responses import Response

from meritbook.awards.operations.replies import Answer, once
from meritbook.kit import clock
from meritbook.ledger.names import Named, named_assets
from meritbook.ledger.visibility import OFFICERS
from meritbook.org.api import caller_of

IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]


def caller_sight(request: HttpRequest) -> dict[str, Named]:
    """The assets that a key may see: what is for officers alone needs the whole book's scope."""
    caller = caller_of(request)
    return {
        code: one
        for code, one in named_assets(company_id=caller.company_id).items()
        if one.visible_to != OFFICERS or caller.may("ledger:read")
    }


def answer_once(request: HttpRequest, key: str | None, work: Callable[[], Answer]) -> HttpResponse:
    """Do ``work`` once per key of the caller; without a key each time."""
    if key is None:
        status, answer = work()
        return Response(answer, status=status)
    content = b"\n".join(
        (str(request.method).encode(), request.get_full_path().encode(), request.body)
    )
    caller = caller_of(request)
    (status, answer), replayed = once(
        company_id=caller.company_id,
        token_id=caller.key_id,
        key=key,
        payload_hash=hashlib.sha256(content).digest(),
        now=clock.now(),
        work=work,
    )
    response = Response(answer, status=status)
    if replayed:
        response["Idempotency-Replayed"] = "true"
    return response
