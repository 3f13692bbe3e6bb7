"""Why somebody has no points for what they did, over HTTP."""

from datetime import date
from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema

from meritbook.awards.queries.missing import why_missing
from meritbook.awards.queries.wallets import UnknownEmployee
from meritbook.org.api import ERRORS, bearer, caller_of, needs
from meritbook.org.models import Company
from meritbook.org.queries.roster import roster

router = Router(auth=bearer, tags=["employees"])


class FindingOut(Schema):
    """One standard. ``state``: earned, waiting, pending, failed, or absent (no such event)."""

    state: str
    rule_code: str
    rule_name: str
    failed_step: str
    text: str
    event_no: str
    source: str


class MissingOut(Schema):
    """``text`` says it when there is nothing to list."""

    employee_no: str
    day: date
    text: str
    findings: list[FindingOut]


@router.get(
    "/{employee_no}/why-not",
    response={200: MissingOut, **ERRORS},
    summary="Why somebody has no points for what they did",
)
@needs("events:read")
def get_why_not(
    request: HttpRequest,
    employee_no: Annotated[str, Path(max_length=40)],
    on: date,
    q: Annotated[str, Query(max_length=80)] = "",
    rule: Annotated[str, Query(max_length=120)] = "",
) -> dict[str, object]:
    """``q``: words, pinyin or initials of what was done; ``rule``: a standard's code. With neither
    all that is recorded of the day."""
    company_id = caller_of(request).company_id
    person = roster(company_id=company_id, employee_nos=[employee_no]).get(employee_no)
    if person is None:
        raise UnknownEmployee(employee_no)
    return why_missing(
        company_id=company_id,
        zone=Company.objects.values_list("time_zone", flat=True).get(pk=company_id),
        person=person,
        day=on,
        typed=q,
        rule_code=rule,
    ).as_dict()
