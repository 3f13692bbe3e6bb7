"""Boards over HTTP."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema

from meritbook.ledger.names import named_assets
from meritbook.ledger.visibility import EVERYONE
from meritbook.org.api import ERRORS, bearer, caller_of, cursor_at, needs, offset_of
from meritbook.standings.queries import HONOUR, UnknownAsset, board, department_of, period_of

WHOLE_BOOK = "ledger:read"
router = Router(auth=bearer, tags=["boards"])


class RowOut(Schema):
    rank: int
    employee_no: str
    name: str
    department: str
    points: str


class BoardOut(Schema):
    """A page of a board; ``total`` people are on it."""

    period: str
    asset: str
    total: int
    items: list[RowOut]
    next_cursor: str | None


@router.get("", response={200: BoardOut, **ERRORS}, summary="The board of a period")
@needs("boards:read")
def get_board(
    request: HttpRequest,
    period: Annotated[str, Query(max_length=20)],
    asset: Annotated[str, Query(max_length=40)] = HONOUR,
    department: Annotated[str | None, Query(max_length=400)] = None,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, object]:
    """Assets that are not for everyone need the scope ledger:read as well.

    ``period``: 2026-11-21, 2026-W47, 2026-11, 2026-Q4, 2026-H2, 2026 or all. ``department``: a
    name or a path such as 销售部/华南组, those below it included."""
    caller = caller_of(request)
    company_id = caller.company_id
    named = named_assets(company_id=company_id).get(asset)
    if named is not None and named.visible_to != EVERYONE and not caller.may(WHOLE_BOOK):
        raise UnknownAsset(asset)
    found = board(
        company_id=company_id,
        period=period_of(period),
        asset=asset,
        department_id=department_of(company_id=company_id, name=department) if department else None,
    )
    offset = offset_of(cursor)
    return {
        "period": found.period.text,
        "asset": asset,
        "total": found.total,
        "items": found.as_list()[offset : offset + limit],
        "next_cursor": cursor_at(offset + limit) if offset + limit < found.total else None,
    }
