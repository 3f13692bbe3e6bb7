"""Rules over HTTP."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema

from meritbook.org.api import ERRORS, bearer, caller_of, needs, offset_of, page_of
from meritbook.rules.queries import latest_versions, population_names, rule_row
from meritbook.rules.queries.revisions import (
    newest_edition,
    revision_row,
    revisions,
    signatures_row,
)
from meritbook.rules.queries.schemes import scheme, scheme_row, schemes

router = Router(auth=bearer, tags=["rules"])


class RulesOut(Schema):
    """A page of rules, each in its newest version; the fields are those of ``list_rules``."""

    items: list[dict[str, Any]]
    next_cursor: str | None


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


SchemeCode = Annotated[str, Path(max_length=40)]


@schemes_router.get(
    "/{code}/revisions", response={200: SchemesOut, **ERRORS}, summary="Revisions of a scheme"
)
@needs("rules:read")
def get_revisions(request: HttpRequest, code: SchemeCode) -> dict[str, Any]:
    """How the scheme changed, the latest first; with the hash of what was submitted."""
    company_id = caller_of(request).company_id
    found = scheme(company_id=company_id, code=code.replace("\x00", ""))
    return {
        "items": [revision_row(each) for each in revisions(company_id=company_id, scheme=found)]
    }


class SignaturesOut(Schema):
    """The newest text of a scheme and who has read it; people by 工号."""

    edition: int | None
    sha256: str | None
    valid_on: str | None
    signed: list[dict[str, Any]]
    missing: list[str]


@schemes_router.get(
    "/{code}/signatures",
    response={200: SignaturesOut, **ERRORS},
    summary="Who has signed the newest text of a scheme",
)
@needs("rules:read")
def get_signatures(request: HttpRequest, code: SchemeCode) -> dict[str, Any]:
    """For reminding those who have not; empty before a text was given out."""
    company_id = caller_of(request).company_id
    found = scheme(company_id=company_id, code=code.replace("\x00", ""))
    return signatures_row(newest_edition(company_id=company_id, scheme=found))
