"""Insight over HTTP."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from meritbook.insight.answers import health_answer
from meritbook.insight.operations.mending import apply_mend
from meritbook.insight.queries.health import MONTHS, health
from meritbook.kit import clock
from meritbook.org.api import ERRORS, bearer, caller_of, needs, refuse_unstorable
from meritbook.org.models import Company
from meritbook.org.operations.audit import Actor

router = Router(auth=bearer, tags=["insight"])


class FindingOut(Schema):
    """``key`` names the finding as long as it stands; ``mend`` is what POST …/mends does."""

    key: str
    code: str
    severity: str
    title: str
    rules: list[str]
    what: str
    why: str
    mend: str


class ReachOut(Schema):
    """Points that one person of a post can reach in a month; ``uncapped_rules`` come on top."""

    post: str
    people: int
    points: str
    uncapped_rules: int


class RulesHealthOut(Schema):
    rules: int
    months: int
    findings: list[FindingOut]
    reach: list[ReachOut]


class MendIn(Schema):
    key: str


class MendedOut(Schema):
    """Codes of the rules that have a draft now, and of those that ended today."""

    drafts: list[str]
    retired: list[str]


def today_for(company_id: int) -> Any:
    """The company's calendar day."""
    zone = Company.objects.values_list("time_zone", flat=True).get(pk=company_id)
    return clock.today(time_zone=zone)


@router.get(
    "/health", response={200: RulesHealthOut, **ERRORS}, summary="Health check of the rules"
)
@needs("insight:read")
def get_rules_health(
    request: HttpRequest,
    drafts: bool = True,
    months: Annotated[int, Query(ge=1, le=24)] = MONTHS,
) -> dict[str, Any]:
    """``drafts`` false: the published rules alone. ``months`` of history are looked at."""
    company_id = caller_of(request).company_id
    return health_answer(
        health(
            company_id=company_id,
            today=today_for(company_id),
            with_drafts=drafts,
            months=months,
        )
    )


@router.post("/mends", response={200: MendedOut, **ERRORS}, summary="Apply a finding's mend")
@needs("insight:write")
def post_mend(request: HttpRequest, body: MendIn) -> dict[str, Any]:
    """Writes drafts or ends rules; publishes nothing. 409 when the finding does not stand."""
    refuse_unstorable(body.key)
    caller = caller_of(request)
    done = apply_mend(
        company_id=caller.company_id,
        key=body.key,
        today=today_for(caller.company_id),
        actor=Actor(None, f"key {caller.key_id}"),
        now=clock.now(),
    )
    return {"drafts": [each.rule.code for each in done.drafts], "retired": list(done.retired)}
