"""Passing a step on to somebody else, and asking one person more."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from meritbook.approvals.models import Approver, Case, Step
from meritbook.approvals.operations.cases import locked, open_step
from meritbook.approvals.operations.refusals import (
    AlreadyClosed,
    AlreadyDecided,
    NotAsked,
    OwnCase,
)
from meritbook.approvals.operations.steps import LIMIT_HOURS, tell_waiting
from meritbook.approvals.permissions import is_asked, is_concerned
from meritbook.approvals.queries import asked_of
from meritbook.kit.errors import Refusal
from meritbook.org.models import Membership
from meritbook.org.operations.audit import actor_of, note
from meritbook.org.queries.members import Member, member

STEPS_MAX = 20


class NotThem(Refusal):
    """The person named cannot be asked for this case."""

    code = "not_them"


def transfer(*, case_id: int, by: Member, to_id: int, reason: str, now: datetime) -> Case:
    """``by``, who is asked, lets the member ``to_id`` decide in their stead for this step.

    Raises NoSuchCase, AlreadyClosed, NotAsked, OwnCase, AlreadyDecided, NotThem.
    """
    case, step = _asked_step(case_id=case_id, by=by)
    if step.rule == Step.Rule.VOTE:
        raise NotThem(_("表决要由委员本人投票，不能转交；外出时可以设置代理人"))
    taker = _other(case, step, by=by, membership_id=to_id)
    Approver.objects.create(
        company_id=case.company_id,
        step=step,
        membership=taker.membership,
        replaces=by.membership,
        added_by=by.membership,
        added_at=now,
        note=reason[:400],
    )
    _note(case, by=by, action="approval.transfer", to=taker, reason=reason, now=now)
    tell_waiting(case, step, now=now)
    return case


def add_reviewer(*, case_id: int, by: Member, to_id: int, reason: str, now: datetime) -> Case:
    """``by``, who is asked, has the member ``to_id`` decide too: a further step at the end.

    Raises NoSuchCase, AlreadyClosed, NotAsked, OwnCase, AlreadyDecided, NotThem.
    """
    case, step = _asked_step(case_id=case_id, by=by)
    taker = _other(case, step, by=by, membership_id=to_id)
    steps = list(case.steps.filter(company_id=case.company_id).order_by("position"))
    if len(steps) >= STEPS_MAX:
        raise NotThem(_("一件审批最多 %(n)s 步") % {"n": STEPS_MAX})
    added = Step.objects.create(
        company_id=case.company_id,
        case=case,
        position=steps[-1].position + 1,
        limit_hours=step.limit_hours or LIMIT_HOURS,
    )
    Approver.objects.create(
        company_id=case.company_id,
        step=added,
        membership=taker.membership,
        added_by=by.membership,
        added_at=now,
        note=reason[:400],
    )
    _note(case, by=by, action="approval.add_reviewer", to=taker, reason=reason, now=now)
    return case


def _asked_step(*, case_id: int, by: Member) -> tuple[Case, Step]:
    case = locked(company_id=by.company.pk, case_id=case_id)
    step = open_step(case)
    if case.state != Case.State.OPEN or step is None:
        raise AlreadyClosed
    if not is_asked(by, asked_of(step)):
        raise NotAsked
    if is_concerned(by, opened_by_id=case.opened_by_id, beneficiary_ids=_people(case)):
        raise OwnCase
    if step.decisions.filter(company_id=case.company_id, decided_by=by.membership).exists():
        raise AlreadyDecided
    return case, step


def _people(case: Case) -> set[int]:
    found = case.beneficiaries.filter(company_id=case.company_id)
    return set(found.values_list("employee_id", flat=True))


def _other(case: Case, step: Step, *, by: Member, membership_id: int) -> Member:
    """Somebody who could decide the case and is not asked for the step yet. Raises NotThem."""
    company_id = case.company_id
    if not Membership.objects.filter(
        company_id=company_id, pk=membership_id, ended_at__isnull=True
    ).exists():
        raise NotThem(_("没有这位可以登录的同事"))
    found = member(company_id=company_id, membership_id=membership_id)
    if found.membership.pk == by.membership.pk or is_asked(found, asked_of(step)):
        raise NotThem(_("%(name)s 已经是这一步的审批人") % {"name": found.name})
    if is_concerned(found, opened_by_id=case.opened_by_id, beneficiary_ids=_people(case)):
        raise NotThem(_("%(name)s 是发起人或受益人，不能审批") % {"name": found.name})
    return found


def _note(case: Case, *, by: Member, action: str, to: Member, reason: str, now: datetime) -> None:
    note(
        company_id=case.company_id,
        actor=actor_of(by),
        now=now,
        action=action,
        object_kind="approval",
        object_id=case.pk,
        after={"title": case.title, "to": to.name},
        reason=reason,
    )
