"""Opening a case, deciding it, withdrawing it. What follows from the outcome is the caller's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from meritbook.approvals.models import Beneficiary, Case, Decision, Step
from meritbook.approvals.operations.refusals import (
    COMMENT_MAX,
    AlreadyClosed,
    AlreadyDecided,
    CaseKeyReused,
    CommentTooLong,
    NobodyAsked,
    NotAsked,
    NotYours,
    OwnCase,
    ReasonMissing,
)
from meritbook.approvals.operations.steps import (
    Ask,
    Link,
    advance,
    close,
    tell_waiting,
    write_chain,
)
from meritbook.approvals.permissions import is_asked, is_concerned, may_withdraw
from meritbook.approvals.queries import NoSuchCase, asked_of, delegators_of
from meritbook.org.operations.audit import SYSTEM, Actor, actor_of, note
from meritbook.org.queries.members import Member


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
    ask: Sequence[Ask] = (),
    chain: Sequence[Link] = (),
    payload: Mapping[str, Any],
    subject_kind: str,
    subject_id: str | int = "",
    amount: str = "",
    beneficiary_ids: Sequence[int] = (),
    actor: Actor = SYSTEM,
    now: datetime,
) -> Opened:
    """Open a case: ``chain`` step by step, or one step that any of ``ask`` decides.

    Again with the key: the same case. ``payload`` is JSON and holds all that the caller needs to
    act later; ``beneficiary_ids`` are employees. Joins the caller's transaction.
    Raises NobodyAsked, CaseKeyReused.
    """
    links = list(chain) or [Link(asks=tuple(ask))]
    if not all(link.asks for link in links):
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
    step = write_chain(case, links, beneficiary_ids=beneficiary_ids, now=now)
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="approval.open",
        object_kind="approval",
        object_id=case.pk,
        after={"kind": kind, "title": case.title, "amount": case.amount},
    )
    tell_waiting(case, step, now=now)
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
    case = locked(company_id=decider.company.pk, case_id=case_id)
    company_id = decider.company.pk
    step = open_step(case)
    if case.state != Case.State.OPEN or step is None:
        raise AlreadyClosed
    people = set(
        case.beneficiaries.filter(company_id=company_id).values_list("employee_id", flat=True)
    )
    on_behalf_of = _voice(case, step, decider=decider, people=people, now=now)
    if not approves and not comment:
        raise ReasonMissing
    Decision.objects.create(
        company_id=company_id,
        case=case,
        step=step,
        decided_by=decider.membership,
        on_behalf_of_id=on_behalf_of.membership.pk if on_behalf_of else None,
        decided_name=_signature(decider, on_behalf_of),
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
        after={
            "title": case.title,
            **({"via": via} if via else {}),
            **({"for": on_behalf_of.name} if on_behalf_of else {}),
        },
        reason=comment,
    )
    advance(case, step, now=now)
    return _outcome(case, decided_by_id=decider.membership.pk, now=now)


def settle_vote(*, company_id: int, case_id: int, now: datetime) -> Outcome:
    """End a vote whose time is over, as its votes say. Raises NoSuchCase, AlreadyClosed."""
    case = locked(company_id=company_id, case_id=case_id)
    step = open_step(case)
    if case.state != Case.State.OPEN or step is None:
        raise AlreadyClosed
    advance(case, step, now=now)
    return _outcome(case, decided_by_id=None, now=now)


def withdraw(*, case_id: int, withdrawer: Member, now: datetime) -> Outcome:
    """Take a case back before it is decided. Raises NoSuchCase, AlreadyClosed, NotYours."""
    company_id = withdrawer.company.pk
    case = locked(company_id=company_id, case_id=case_id)
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
    close(case, Case.State.WITHDRAWN, now=now)
    return _outcome(case, decided_by_id=withdrawer.membership.pk, now=now)


def call_off(*, company_id: int, case_id: int, why: str, now: datetime) -> bool:
    """Close a case as withdrawn, because what it asks for is gone; False when it is closed.

    The caller has dealt with what the case was about: there is no outcome to act on.
    """
    case = locked(company_id=company_id, case_id=case_id)
    if case.state != Case.State.OPEN:
        return False
    note(
        company_id=company_id,
        actor=SYSTEM,
        now=now,
        action="approval.withdraw",
        object_kind="approval",
        object_id=case.pk,
        after={"title": case.title},
        reason=why,
    )
    close(case, Case.State.WITHDRAWN, now=now)
    return True


def locked(*, company_id: int, case_id: int) -> Case:
    """The case, which nobody else changes until the transaction ends. Raises NoSuchCase."""
    case = Case.objects.select_for_update().filter(company_id=company_id, pk=case_id).first()
    if case is None:
        raise NoSuchCase
    return case


def open_step(case: Case) -> Step | None:
    """The step of a case that waits for an answer."""
    return (
        case.steps.filter(company_id=case.company_id, state=Step.State.OPEN)
        .prefetch_related("approvers__department")
        .order_by("position")
        .first()
    )


def _voice(
    case: Case, step: Step, *, decider: Member, people: Collection[int], now: datetime
) -> Member | None:
    """For whom ``decider`` speaks: None for themselves, else somebody whose delegate they are.

    Raises NotAsked, OwnCase, AlreadyDecided.
    """
    asked = asked_of(step)
    day = now.astimezone(decider.company.zone).date()

    def concerned(who: Member) -> bool:
        return is_concerned(who, opened_by_id=case.opened_by_id, beneficiary_ids=people)

    voices: list[Member | None]
    voices = [None] if is_asked(decider, asked) else []
    voices += [each for each in delegators_of(decider, day=day) if is_asked(each, asked)]
    if not voices:
        raise NotAsked
    if concerned(decider):
        raise OwnCase
    said = list(step.decisions.filter(company_id=case.company_id))
    if any(each.decided_by_id == decider.membership.pk for each in said):
        raise AlreadyDecided
    heard = {each.on_behalf_of_id or each.decided_by_id for each in said}
    for voice in voices:
        speaker = voice or decider
        if speaker.membership.pk not in heard and not concerned(speaker):
            return voice
    raise AlreadyDecided if heard else OwnCase


def _signature(decider: Member, on_behalf_of: Member | None) -> str:
    if on_behalf_of is None:
        return decider.name
    both = {"name": decider.name, "other": on_behalf_of.name}
    return str(_("%(name)s（代 %(other)s）") % both)[:80]


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
