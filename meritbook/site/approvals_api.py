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
from meritbook.org.api import (
    ERRORS,
    bearer,
    caller_of,
    needs,
    offset_of,
    page_of,
    refuse_unstorable,
)
from meritbook.org.keys import ApiCaller
from meritbook.org.models import AccessToken, Company
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


class StepOut(Schema):
    """A step; ``rule`` is count (so many approvals) or vote."""

    position: int
    rule: str
    needed: int
    state: str
    due_at: datetime | None


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
    steps: list[StepOut]
    decisions: list[DecisionOut]


class CasesOut(Schema):
    items: list[CaseOut]
    next_cursor: str | None


class DecisionIn(Schema):
    """The answer of who made the key, who has to be asked and must not gain by it.

    ``employee_no`` may be left out; another person's is refused.
    """

    model_config = ConfigDict(extra="forbid")

    employee_no: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    approve: bool
    comment: Annotated[str, Field(max_length=COMMENT_MAX)] = ""

    @field_validator("employee_no", "comment")
    @classmethod
    def _storable(cls, value: str | None) -> str | None:
        refuse_unstorable(value or "")
        return value


class NobodysKey(Refusal):
    """Nobody stands behind the key: a program made it, or its maker has left."""

    code = "nobodys_key"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("这个密钥没有在职的创建人，不能用来审批"))


class NotYourName(Refusal):
    """A key decides in the name of who made it, and in nobody else's."""

    code = "not_your_name"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("密钥只能以创建人本人的身份审批，不能替别人审批"))


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
    company_id = caller_of(request).company_id
    found = all_cases(company_id=company_id, state=state or "")[offset : offset + limit + 1]
    return page_of([case_dict(each) for each in found], offset=offset, limit=limit)


@router.get("/{case_id}", response={200: CaseOut, **ERRORS}, summary="One approval")
@needs("approvals:read")
def get_approval(request: HttpRequest, case_id: Annotated[int, Path(ge=1, lt=2**63)]) -> Any:
    """With what was said to it."""
    company_id = caller_of(request).company_id
    return case_dict(one_case(company_id=company_id, case_id=case_id))


@router.post("/{case_id}/decide", response={200: CaseOut, **ERRORS}, summary="Approve or refuse")
@needs("approvals:write")
def post_decision(
    request: HttpRequest, case_id: Annotated[int, Path(ge=1, lt=2**63)], body: DecisionIn
) -> Any:
    """In the name of who made the key, as if that person had clicked; the audit log has both.

    Whoever else is to decide by a program needs a key of their own: what a program says about who
    sits before it would be one secret for every signature of the company.

    A case that is closed answers 409 `case_closed`: sending the same again does nothing more.
    """
    caller = caller_of(request)
    one_case(company_id=caller.company_id, case_id=case_id)
    decider = _maker(caller, employee_no=body.employee_no)
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


def _maker(caller: ApiCaller, *, employee_no: str | None) -> Member:
    """Who made the key. Raises NobodysKey, NotYourName."""
    key = AccessToken.objects.get(company_id=caller.company_id, pk=caller.key_id)
    if key.created_by is None:
        raise NobodysKey
    maker = member(company_id=caller.company_id, membership_id=key.created_by)
    if maker.membership.ended_at is not None:
        raise NobodysKey
    own = maker.employee.employee_no if maker.employee else None
    if employee_no not in (None, own):
        raise NotYourName
    return maker
