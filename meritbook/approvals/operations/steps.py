"""The steps of a case: written at its opening, opened one after the other, closed by their votes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from meritbook.approvals.chain import Ballot, quorum_of, verdict
from meritbook.approvals.models import Approver, Case, Step
from meritbook.approvals.operations.refusals import NobodyAsked
from meritbook.notices.operations import tell
from meritbook.org.models import Membership, RoleGrant


@dataclass(frozen=True, slots=True)
class Ask:
    """Whom to ask: owners, officers, heads of a department and those above it, or one member."""

    role: str = ""
    department_id: int | None = None
    membership_id: int | None = None


OWNERS = Ask(role=RoleGrant.Role.OWNER)
OFFICERS = Ask(role=RoleGrant.Role.OFFICER)
LIMIT_HOURS = 72
"""So long a step may take before more people are asked, unless its opener says otherwise."""


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a chain.

    ``needed`` approvals of those asked: 1 is either-or. ``everyone`` needs one of each person
    named. ``is_vote`` lets the people named vote: more than half of them carry it at once, and
    when ``limit_hours`` are over the majority of the votes cast, if ``quorum_percent`` voted.
    """

    asks: tuple[Ask, ...]
    needed: int = 1
    everyone: bool = False
    is_vote: bool = False
    quorum_percent: int = 50
    limit_hours: int | None = LIMIT_HOURS


def write_chain(
    case: Case, links: Sequence[Link], *, beneficiary_ids: Sequence[int], now: datetime
) -> Step:
    """Write the steps of a new case; the first opens. Who may not decide is not counted as voter.

    Raises NobodyAsked when a step has nobody who could answer by name.
    """
    concerned = set(
        Membership.objects.filter(
            company_id=case.company_id, employee_id__in=list(beneficiary_ids)
        ).values_list("pk", flat=True)
    )
    if case.opened_by_id is not None:
        concerned.add(case.opened_by_id)
    first: Step | None = None
    for position, link in enumerate(links, start=1):
        step, asks = _new_step(case, link, position=position, concerned=concerned)
        if first is None:
            step.state, step.opened_at = Step.State.OPEN, now
            step.due_at = _due(step, now=now)
        step.save()
        first = first or step
        Approver.objects.bulk_create(
            Approver(
                company_id=case.company_id,
                step=step,
                role=each.role,
                department_id=each.department_id,
                membership_id=each.membership_id,
            )
            for each in asks
        )
    if first is None:
        raise NobodyAsked
    return first


def _new_step(
    case: Case, link: Link, *, position: int, concerned: set[int]
) -> tuple[Step, Sequence[Ask]]:
    step = Step(
        company_id=case.company_id,
        case=case,
        position=position,
        needed=link.needed,
        limit_hours=link.limit_hours,
    )
    if not (link.is_vote or link.everyone):
        return step, link.asks
    asks = [each for each in link.asks if each.membership_id not in concerned]
    if not asks or any(each.membership_id is None for each in asks):
        raise NobodyAsked
    if link.everyone:
        step.needed = len(asks)
        return step, asks
    step.rule, step.voters = Step.Rule.VOTE, len(asks)
    step.needed = len(asks) // 2 + 1
    step.quorum = quorum_of(voters=len(asks), percent=link.quorum_percent)
    step.limit_hours = link.limit_hours or LIMIT_HOURS
    return step, asks


def _due(step: Step, *, now: datetime) -> datetime | None:
    return None if step.limit_hours is None else now + timedelta(hours=step.limit_hours)


def advance(case: Case, step: Step, *, now: datetime) -> None:
    """Close the step when its votes say how; open the next one, or close the case."""
    votes = list(
        step.decisions.filter(company_id=case.company_id).values_list("approves", flat=True)
    )
    ends = verdict(
        Ballot(
            rule=step.rule,
            needed=step.needed,
            approvals=sum(votes),
            refusals=len(votes) - sum(votes),
            voters=step.voters or 0,
            quorum=step.quorum or 0,
            is_over=step.due_at is not None and step.due_at <= now,
        )
    )
    if ends is None:
        return
    if ends == "refused":
        _close_step(step, Step.State.REFUSED, now=now)
        close(case, Case.State.REFUSED, now=now)
        return
    _close_step(step, Step.State.APPROVED, now=now)
    following = (
        case.steps.filter(company_id=case.company_id, state=Step.State.WAITING)
        .order_by("position")
        .first()
    )
    if following is None:
        close(case, Case.State.APPROVED, now=now)
        return
    following.state, following.opened_at = Step.State.OPEN, now
    following.due_at = _due(following, now=now)
    following.save(update_fields=["state", "opened_at", "due_at"])
    tell_waiting(case, following, now=now)


def tell_waiting(case: Case, step: Step, *, now: datetime) -> None:
    """Tell that a step waits for somebody."""
    tell(
        company_id=case.company_id,
        topic="approval.waiting",
        payload={"case_id": case.pk, "step_id": step.pk},
        happened_at=now,
    )


def _close_step(step: Step, state: str, *, now: datetime) -> None:
    step.state, step.closed_at = state, now
    step.save(update_fields=["state", "closed_at"])


def close(case: Case, state: str, *, now: datetime) -> None:
    """End a case; what still waits is not needed any more."""
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
