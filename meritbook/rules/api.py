"""Rules over HTTP."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from meritbook.org.api import ERRORS, bearer, caller_of, needs, offset_of, page_of
from meritbook.rules.listings import imagined, sentence_of
from meritbook.rules.queries import latest_versions, population_names, rule_row
from meritbook.rules.queries.schemes import scheme_row, schemes
from meritbook.rules.tables import read_text

LONGEST = 50_000
"""So many signs of text are read at once."""

router = Router(auth=bearer, tags=["rules"])


class RulesOut(Schema):
    """A page of rules, each in its newest version; the fields are those of ``list_rules``."""

    items: list[dict[str, Any]]
    next_cursor: str | None


class SaidIn(Schema):
    """Standards in words, one a line: “周五22点前交周总结加5分,每周一次”."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST)]


class SaidOut(Schema):
    """Drafts as ``read_rules`` gives them, each with the sentence that people would read."""

    drafts: list[dict[str, Any]]
    problems: list[dict[str, Any]]
    findings: list[dict[str, Any]]


@router.post("/drafts", response={200: SaidOut, **ERRORS}, summary="Read standards from words")
@needs("rules:read")
def post_rule_drafts(request: HttpRequest, body: SaidIn) -> dict[str, Any]:
    """Reads only, stores nothing: each draft with its doubts and proposals."""
    reading = read_text(body.text.replace("\x00", ""))
    answer: dict[str, Any] = reading.as_dict()
    for draft in answer["drafts"]:
        draft["sentence"] = sentence_of(imagined(draft, population={}))
    return answer


@router.get("", response={200: RulesOut, **ERRORS}, summary="Rules in their newest version")
@needs("rules:read")
def get_rules(
    request: HttpRequest,
    status: Annotated[str | None, Query(pattern="^(draft|published|retired)$")] = None,
    search: Annotated[str, Query(max_length=100)] = "",
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """In the order of their source."""
    offset = offset_of(cursor)
    company_id = caller_of(request).company_id
    found = latest_versions(
        company_id=company_id,
        status=status,
        search=search.replace("\x00", ""),
    )[offset : offset + limit + 1]
    names = population_names(company_id=company_id)
    return page_of(
        [rule_row(version, names=names) for version in found], offset=offset, limit=limit
    )


schemes_router = Router(auth=bearer, tags=["rules"])


class SchemesOut(Schema):
    """Schemes with their goals; numbers are decimal text, days ISO 8601."""

    items: list[dict[str, Any]]


@schemes_router.get("", response={200: SchemesOut, **ERRORS}, summary="Schemes with their goals")
@needs("rules:read")
def get_schemes(request: HttpRequest) -> dict[str, Any]:
    """What each set of rules is for, and how it may change."""
    company_id = caller_of(request).company_id
    return {"items": [scheme_row(each) for each in schemes(company_id=company_id)]}
