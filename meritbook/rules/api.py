"""Rules over HTTP."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from meritbook.org.api import ERRORS, bearer, needs, offset_of, page_of
from meritbook.rules.queries import latest_versions, population_names, rule_row

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
    company_id = request.auth.company_id  # type: ignore[attr-defined]  # set by the key
    found = latest_versions(
        company_id=company_id,
        status=status,
        search=search.replace("\x00", ""),
    )[offset : offset + limit + 1]
    names = population_names(company_id=company_id)
    return page_of(
        [rule_row(version, names=names) for version in found], offset=offset, limit=limit
    )
