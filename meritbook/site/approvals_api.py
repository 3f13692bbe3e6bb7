"""Approvals over HTTP: what there is, one, and the answer of somebody who is asked."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Path, Query, Router, Schema
from pydantic import ConfigDict, Field, field_validator

from meritbook.approvals.operations import COMMENT_MAX, decide
from meritbook.approvals.queries import all_cases, one_case
from meritbook.kit import clock
from meritbook.kit.errors import Refusal
from meritbook.org.api import ERRORS, bearer, needs, offset_of, page_of, refuse_unstorable
from meritbook.org.models import Company, Membership
from meritbook.org.operations.audit import actor_of
from meritbook.org.queries.members import Member, member
from meritbook.site.approvals import act
from meritbook.site.queries.approvals import case_dict

router = Router(auth=bearer, tags=["approvals"])


class DecisionOut(Schema):
    by: str
    approve: bool
    comment: str
    at: datetime


class CaseOut(Schema):
    """A case; ``beneficiaries`` are employee numbers."""

    id: int
    kind: str
    title: str
    amount: str
    subject_kind: str
    subject_id: str
    state: str
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    beneficiaries: list[str]
    decisions: list[DecisionOut]


class CasesOut(Schema):
    items: list[CaseOut]
    next_cursor: str | None


class DecisionIn(Schema):
    """The answer of the employee, who has to be asked and must not gain by it."""

    model_config = ConfigDict(extra="forbid")

    employee_no: Annotated[str, Field(min_length=1, max_length=40)]
    approve: bool
    comment: Annotated[str, Field(max_length=COMMENT_MAX)] = ""

    @field_validator("employee_no", "comment")
    @classmethod
    def _storable(cls, value: str) -> str:
        refuse_unstorable(value)
        return value


class NoSuchMember(Refusal):
    """Nobody with the number can sign in, so nobody can have been asked."""

    code = "unknown_employee"
    status = 404

    def __init__(self, employee_no: str) -> None:
        super().__init__(_("没有工号为“%(no)s”、可以登录的员工") % {"no": employee_no})


@router.get("", response={200: CasesOut, **ERRORS}, summary="Approvals, the latest first")
@needs("approvals:read")
def get_approvals(
    request: HttpRequest,
    state: Annotated[str | None, Query(pattern="^(open|approved|refused|withdrawn)$")] = None,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """Those of the company; with ``state`` those in it."""
    offset = offset_of(cursor)
    company_id = request.auth.company_id  # type: ignore[attr-defined]  # set by the key
    found = all_cases(company_id=company_id, state=state or "")[offset : offset + limit + 1]
    return page_of([case_dict(each) for each in found], offset=offset, limit=limit)


@router.get("/{case_id}", response={200: CaseOut, **ERRORS}, summary="One approval")
@needs("approvals:read")
def get_approval(request: HttpRequest, case_id: Annotated[int, Path(ge=1, lt=2**63)]) -> Any:
    """With what was said to it."""
    company_id = request.auth.company_id  # type: ignore[attr-defined]  # set by the key
    return case_dict(one_case(company_id=company_id, case_id=case_id))


@router.post("/{case_id}/decide", response={200: CaseOut, **ERRORS}, summary="Approve or refuse")
@needs("approvals:write")
def post_decision(
    request: HttpRequest, case_id: Annotated[int, Path(ge=1, lt=2**63)], body: DecisionIn
) -> Any:
    """In the name of an employee whom the calling program has identified; the audit log has both.

    A case that is closed answers 409 `case_closed`: sending the same again does nothing more.
    """
    caller = request.auth  # type: ignore[attr-defined]  # set by the key
    one_case(company_id=caller.company_id, case_id=case_id)
    decider = _member(company_id=caller.company_id, employee_no=body.employee_no)
    now = clock.now()
    outcome = decide(
        case_id=case_id,
        decider=decider,
        approves=body.approve,
        comment=body.comment,
        via=f"api key {caller.key_id}",
        now=now,
    )
    zone = Company.objects.values_list("time_zone", flat=True).get(pk=caller.company_id)
    act(
        outcome,
        company_id=caller.company_id,
        actor=actor_of(decider),
        today=clock.today(time_zone=zone),
        now=now,
    )
    return case_dict(one_case(company_id=caller.company_id, case_id=case_id))


def _member(*, company_id: int, employee_no: str) -> Member:
    found = Membership.objects.filter(
        company_id=company_id, employee__employee_no=employee_no, ended_at__isnull=True
    ).first()
    if found is None:
        raise NoSuchMember(employee_no)
    return member(company_id=company_id, membership_id=found.pk)
