"""Time limits: reminding whoever is asked, and asking the owners when the time is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from meritbook.approvals.chain import remind_from
from meritbook.approvals.models import Approver, Case, Step
from meritbook.approvals.operations.cases import locked
from meritbook.notices.operations import tell
from meritbook.org.models import RoleGrant
from meritbook.org.operations.audit import SYSTEM, note

_LONGEST_REMINDER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a round did, as ids of cases. Votes that are over are for the caller to settle."""

    reminded: tuple[int, ...]
    escalated: tuple[int, ...]
    votes_over: tuple[int, ...]


def keep_limits(*, company_id: int, now: datetime) -> Kept:
    """Remind of steps that are due soon, ask owners too where one is late; each once."""
    reminded, escalated, votes = [], [], []
    for step in _due_steps(company_id=company_id, now=now):
        case = locked(company_id=company_id, case_id=step.case_id)
        # Somebody may have answered while the lock was waited for.
        step.refresh_from_db()
        if case.state != Case.State.OPEN or step.state != Step.State.OPEN or step.due_at is None:
            continue
        if step.due_at <= now and step.rule == Step.Rule.VOTE:
            votes.append(case.pk)
        elif step.due_at <= now and step.escalated_at is None:
            _escalate(case, step, now=now)
            escalated.append(case.pk)
        elif step.reminded_at is None and step.due_at > now and _is_near(step, now=now):
            step.reminded_at = now
            step.save(update_fields=["reminded_at"])
            _tell(case, step, topic="approval.reminder", now=now)
            reminded.append(case.pk)
    return Kept(tuple(reminded), tuple(escalated), tuple(votes))


def _due_steps(*, company_id: int, now: datetime) -> list[Step]:
    return list(
        Step.objects.filter(
            company_id=company_id,
            state=Step.State.OPEN,
            due_at__lte=now + _LONGEST_REMINDER,
        ).order_by("due_at", "pk")
    )


def _is_near(step: Step, *, now: datetime) -> bool:
    assert step.due_at is not None  # noqa: S101 -- asked by whoever calls
    return remind_from(due_at=step.due_at, limit_hours=step.limit_hours or 1) <= now


def _escalate(case: Case, step: Step, *, now: datetime) -> None:
    """Ask the owners beside those who let the time pass."""
    step.escalated_at = now
    step.save(update_fields=["escalated_at"])
    approvers = step.approvers.filter(company_id=case.company_id)
    if not approvers.filter(role=RoleGrant.Role.OWNER).exists():
        Approver.objects.create(
            company_id=case.company_id, step=step, role=RoleGrant.Role.OWNER, added_at=now
        )
    note(
        company_id=case.company_id,
        actor=SYSTEM,
        now=now,
        action="approval.escalate",
        object_kind="approval",
        object_id=case.pk,
        after={"title": case.title},
    )
    _tell(case, step, topic="approval.overdue", now=now)


def _tell(case: Case, step: Step, *, topic: str, now: datetime) -> None:
    tell(
        company_id=case.company_id,
        topic=topic,
        payload={"case_id": case.pk, "step_id": step.pk},
        happened_at=now,
    )
