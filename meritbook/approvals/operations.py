"""Opening a case, deciding it, withdrawing it. What follows from the outcome is the caller's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from meritbook.approvals.models import Approver, Beneficiary, Case, Decision, Step
from meritbook.approvals.permissions import is_asked, is_concerned, may_withdraw
from meritbook.approvals.queries import NoSuchCase, asked_of
from meritbook.kit.errors import Refusal
from meritbook.notices.operations import tell
from meritbook.org.models import RoleGrant
from meritbook.org.operations.audit import SYSTEM, Actor, actor_of, note
from meritbook.org.queries.members import Member

COMMENT_MAX = 400


class CaseKeyReused(Refusal):
    """The key belongs to a case that asks for something else."""

    code = "case_key_reused"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("这个键已用于另一件内容不同的审批"))


class NobodyAsked(Refusal):
    """A case needs somebody who may decide it."""

    code = "nobody_asked"

    def __init__(self) -> None:
        super().__init__(_("请指定审批人"))


class AlreadyClosed(Refusal):
    """Somebody decided or withdrew the case before."""

    code = "case_closed"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("这件审批已经有结果了"))


class OwnCase(Refusal):
    """Who opened a case or gains by it does not decide it."""

    code = "own_case"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("发起人和受益人不能审批自己的事项，请由其他人审批"))


class NotAsked(Refusal):
    """The case waits for others."""

    code = "not_asked"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("这件审批没有请您处理"))


class AlreadyDecided(Refusal):
    """One person decides a step once."""

    code = "already_decided"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("您已经审批过这一步"))


class ReasonMissing(Refusal):
    """A refusal says why."""

    code = "reason_missing"

    def __init__(self) -> None:
        super().__init__(_("拒绝时请写明理由"))


class CommentTooLong(Refusal):
    """The comment does not fit."""

    code = "comment_too_long"

    def __init__(self) -> None:
        super().__init__(_("意见不能超过 %(n)s 个字") % {"n": COMMENT_MAX})


class NotYours(Refusal):
    """Only who opened a case withdraws it."""

    code = "not_yours"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("只有发起人可以撤回这件审批"))


@dataclass(frozen=True, slots=True)
class Ask:
    """Whom to ask: owners, officers, heads of a department and those above it, or one member."""

    role: str = ""
    department_id: int | None = None
    membership_id: int | None = None


OWNERS = Ask(role=RoleGrant.Role.OWNER)
OFFICERS = Ask(role=RoleGrant.Role.OFFICER)


@dataclass(frozen=True, slots=True)
class Opened:
    """The case that has the key; ``is_new`` is False when it was there before."""

    case: Case
    is_new: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out: the caller looks at ``kind`` and ``state`` and acts on ``payload``."""

    case_id: int
    kind: str
    subject_kind: str
    subject_id: str
    payload: Mapping[str, Any]
    state: str
    """open while other decisions are needed; approved, refused, withdrawn."""
    opened_by_id: int | None
    decided_by_id: int | None
    at: datetime

    @property
    def is_approved(self) -> bool:
        return self.state == Case.State.APPROVED


def open_case(
    *,
    company_id: int,
    key: str,
    kind: str,
    title: str,
    ask: Sequence[Ask],
    payload: Mapping[str, Any],
    subject_kind: str,
    subject_id: str | int = "",
    amount: str = "",
    beneficiary_ids: Sequence[int] = (),
    actor: Actor = SYSTEM,
    now: datetime,
) -> Opened:
    """Open a case of one step, which any of those asked decides. Again with the key: the same case.

    ``payload`` is JSON and holds all that the caller needs to act later; ``beneficiary_ids`` are
    employees. Joins the caller's transaction. Raises NobodyAsked, CaseKeyReused.
    """
    if not ask:
        raise NobodyAsked
    case, is_new = Case.objects.get_or_create(
        company_id=company_id,
        key=key,
        defaults={
            "kind": kind,
            "title": title[:200],
            "amount": amount[:80],
            "subject_kind": subject_kind,
            "subject_id": str(subject_id),
            "payload": dict(payload),
            "opened_by_id": actor.membership_id,
            "opened_name": actor.name[:80],
            "opened_at": now,
        },
    )
    if not is_new:
        if (case.kind, case.payload) != (kind, dict(payload)):
            raise CaseKeyReused
        return Opened(case, is_new=False)
    Beneficiary.objects.bulk_create(
        Beneficiary(company_id=company_id, case=case, employee_id=each)
        for each in sorted(set(beneficiary_ids))
    )
    step = Step.objects.create(
        company_id=company_id, case=case, position=1, state=Step.State.OPEN, opened_at=now
    )
    Approver.objects.bulk_create(
        Approver(
            company_id=company_id,
            step=step,
            role=each.role,
            department_id=each.department_id,
            membership_id=each.membership_id,
        )
        for each in ask
    )
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="approval.open",
        object_kind="approval",
        object_id=case.pk,
        after={"kind": kind, "title": case.title, "amount": case.amount},
    )
    tell(
        company_id=company_id,
        topic="approval.waiting",
        payload={"case_id": case.pk, "step_id": step.pk},
        happened_at=now,
    )
    return Opened(case, is_new=True)


def decide(
    *,
    case_id: int,
    decider: Member,
    approves: bool,
    comment: str = "",
    via: str = "",
    now: datetime,
) -> Outcome:
    """Approve or refuse the step that waits; the outcome is for the caller to act on.

    Runs in the caller's transaction, so that the deed and the decision are written together.
    ``via`` names the program that passed the decision on. Two at the same instant: the second
    gets AlreadyClosed. Raises NoSuchCase, AlreadyClosed, OwnCase, NotAsked, AlreadyDecided,
    ReasonMissing, CommentTooLong.
    """
    comment = comment.replace("\x00", "").strip()
    if len(comment) > COMMENT_MAX:
        raise CommentTooLong
    case = _locked(company_id=decider.company.pk, case_id=case_id)
    company_id = decider.company.pk
    step = (
        case.steps.filter(company_id=company_id, state=Step.State.OPEN)
        .prefetch_related("approvers__department")
        .order_by("position")
        .first()
    )
    if case.state != Case.State.OPEN or step is None:
        raise AlreadyClosed
    people = set(
        case.beneficiaries.filter(company_id=company_id).values_list("employee_id", flat=True)
    )
    if not is_asked(decider, asked_of(step)):
        raise NotAsked
    if is_concerned(decider, opened_by_id=case.opened_by_id, beneficiary_ids=people):
        raise OwnCase
    if step.decisions.filter(company_id=company_id, decided_by=decider.membership).exists():
        raise AlreadyDecided
    if not approves and not comment:
        raise ReasonMissing
    Decision.objects.create(
        company_id=company_id,
        case=case,
        step=step,
        decided_by=decider.membership,
        decided_name=decider.name,
        approves=approves,
        comment=comment,
        decided_at=now,
    )
    note(
        company_id=company_id,
        actor=actor_of(decider),
        now=now,
        action="approval.approve" if approves else "approval.refuse",
        object_kind="approval",
        object_id=case.pk,
        after={"title": case.title, "via": via} if via else {"title": case.title},
        reason=comment,
    )
    _advance(case, step, approves=approves, now=now)
    return _outcome(case, decided_by_id=decider.membership.pk, now=now)


def withdraw(*, case_id: int, withdrawer: Member, now: datetime) -> Outcome:
    """Take a case back before it is decided. Raises NoSuchCase, AlreadyClosed, NotYours."""
    company_id = withdrawer.company.pk
    case = _locked(company_id=company_id, case_id=case_id)
    if not may_withdraw(withdrawer, opened_by_id=case.opened_by_id):
        raise NotYours
    if case.state != Case.State.OPEN:
        raise AlreadyClosed
    note(
        company_id=company_id,
        actor=actor_of(withdrawer),
        now=now,
        action="approval.withdraw",
        object_kind="approval",
        object_id=case.pk,
        after={"title": case.title},
    )
    _close(case, Case.State.WITHDRAWN, now=now)
    return _outcome(case, decided_by_id=withdrawer.membership.pk, now=now)


def _locked(*, company_id: int, case_id: int) -> Case:
    case = Case.objects.select_for_update().filter(company_id=company_id, pk=case_id).first()
    if case is None:
        raise NoSuchCase
    return case


def _advance(case: Case, step: Step, *, approves: bool, now: datetime) -> None:
    """Close the step when it has what it needs; open the next one, or close the case."""
    if not approves:
        _close_step(step, Step.State.REFUSED, now=now)
        _close(case, Case.State.REFUSED, now=now)
        return
    given = step.decisions.filter(company_id=case.company_id, approves=True).count()
    if given < step.needed:
        return
    _close_step(step, Step.State.APPROVED, now=now)
    following = (
        case.steps.filter(company_id=case.company_id, state=Step.State.WAITING)
        .order_by("position")
        .first()
    )
    if following is None:
        _close(case, Case.State.APPROVED, now=now)
        return
    following.state, following.opened_at = Step.State.OPEN, now
    following.save(update_fields=["state", "opened_at"])
    tell(
        company_id=case.company_id,
        topic="approval.waiting",
        payload={"case_id": case.pk, "step_id": following.pk},
        happened_at=now,
    )


def _close_step(step: Step, state: str, *, now: datetime) -> None:
    step.state, step.closed_at = state, now
    step.save(update_fields=["state", "closed_at"])


def _close(case: Case, state: str, *, now: datetime) -> None:
    for step in case.steps.filter(
        company_id=case.company_id, state__in=[Step.State.OPEN, Step.State.WAITING]
    ):
        _close_step(step, Step.State.SKIPPED, now=now)
    case.state, case.closed_at = state, now
    case.save(update_fields=["state", "closed_at"])
    tell(
        company_id=case.company_id,
        topic="approval.closed",
        payload={"case_id": case.pk, "state": state},
        happened_at=now,
    )


def _outcome(case: Case, *, decided_by_id: int | None, now: datetime) -> Outcome:
    return Outcome(
        case_id=case.pk,
        kind=case.kind,
        subject_kind=case.subject_kind,
        subject_id=case.subject_id,
        payload=case.payload,
        state=case.state,
        opened_by_id=case.opened_by_id,
        decided_by_id=decided_by_id,
        at=now,
    )
