"""What waits for somebody, what somebody asked for, what was decided; one case whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Exists, Model, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from meritbook.approvals.models import Approver, Beneficiary, Case, Decision, Delegation, Step
from meritbook.approvals.permissions import (
    Asked,
    is_asked,
    is_concerned,
    may_decide,
    may_see_all,
    may_withdraw,
)
from meritbook.kit.errors import Refusal
from meritbook.kit.once import once
from meritbook.org.models import Employee, Membership, RoleGrant
from meritbook.org.queries.members import Member, member


class NoSuchCase(Refusal):
    """The company has no such case, or it is none of the asker's business."""

    code = "unknown_case"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("没有这件审批"))


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case with all that belongs to it, and what the one who looks may do."""

    case: Case
    steps: tuple[Step, ...]
    step: Step | None
    """The step that waits for an answer; None when the case is closed."""
    asked: tuple[Asked, ...]
    asked_at: Mapping[int, tuple[Asked, ...]]
    """Who is asked, by the step's id."""
    beneficiaries: tuple[Employee, ...]
    decisions: tuple[Decision, ...]
    is_concerned: bool
    has_decided: bool
    may_decide: bool
    speaks_for: Member | None
    """In whose place the reader would decide; None: for themselves."""
    may_withdraw: bool


def waiting_ids(asker: Member, *, on: date) -> list[int]:
    """The ids of the cases that wait for ``asker``, or for somebody whose delegate they are on the
    day; oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_VOICES} SELECT c.id {_WAITING} ORDER BY c.opened_at, c.id", _names(asker, on)
        )
        return [row[0] for row in cursor.fetchall()]


@once
def waiting_count(asker: Member, *, on: date) -> int:
    """How many cases wait for ``asker`` on a day; one query, asked by every page."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_VOICES} SELECT count(*) {_WAITING}", _names(asker, on))
        return int(cursor.fetchone()[0])


def waiting(asker: Member, *, on: date) -> QuerySet[Case]:
    """The cases that wait for ``asker`` on a day, oldest first."""
    return _cases(asker).filter(pk__in=waiting_ids(asker, on=on)).order_by("opened_at", "pk")


def opened_by(asker: Member) -> QuerySet[Case]:
    """The cases that ``asker`` opened, latest first."""
    return _cases(asker).filter(opened_by=asker.membership).order_by("-opened_at", "-pk")


def open_cases(asker: Member) -> QuerySet[Case]:
    """All cases that wait and ``asker`` may see, oldest first."""
    return _visible(asker).filter(state=Case.State.OPEN).order_by("opened_at", "pk")


def closed_cases(asker: Member) -> QuerySet[Case]:
    """What was decided or withdrawn and ``asker`` may see, latest first."""
    return _visible(asker).exclude(state=Case.State.OPEN).order_by("-closed_at", "-pk")


def all_cases(*, company_id: int, state: str = "") -> QuerySet[Case]:
    """Every case of the company with decisions and beneficiaries, latest first; with ``state``
    those in it."""
    found = _whole(company_id=company_id).order_by("-opened_at", "-pk")
    return found.filter(state=state) if state else found


def one_case(*, company_id: int, case_id: int) -> Case:
    """One case of the company with decisions and beneficiaries. Raises NoSuchCase."""
    found = _whole(company_id=company_id).filter(pk=case_id).first()
    if found is None:
        raise NoSuchCase
    return found


def case(asker: Member, *, case_id: int, on: date) -> CaseView:
    """One case as ``asker`` sees it on a day. Raises NoSuchCase when it is none of theirs."""
    found = one_case(company_id=asker.company.pk, case_id=case_id)
    steps = list(found.steps.all())
    asked = {step.pk: asked_of(step) for step in steps}
    beneficiaries = tuple(each.employee for each in found.beneficiaries.all())
    decisions = tuple(found.decisions.all())
    people = {each.pk for each in beneficiaries}
    concerned = is_concerned(asker, opened_by_id=found.opened_by_id, beneficiary_ids=people)
    mine = [each for each in decisions if each.decided_by_id == asker.membership.pk]
    voices = [asker, *delegators_of(asker, day=on)]
    is_visible = (
        may_see_all(asker)
        or found.opened_by_id == asker.membership.pk
        or bool(mine)
        or any(is_asked(voice, each) for voice in voices for each in asked.values())
    )
    if not is_visible:
        raise NoSuchCase
    is_open = found.state == Case.State.OPEN
    step = next((each for each in steps if each.state == Step.State.OPEN), None)
    step = step if is_open else None
    has_decided = step is not None and any(each.step_id == step.pk for each in mine)
    speaking = [
        voice
        for voice in voices
        if step is not None
        and is_asked(voice, asked[step.pk])
        and not is_concerned(voice, opened_by_id=found.opened_by_id, beneficiary_ids=people)
        and not any(
            each.step_id == step.pk
            and (each.on_behalf_of_id or each.decided_by_id) == voice.membership.pk
            for each in decisions
        )
    ]
    may_decide = bool(speaking) and not (has_decided or concerned)
    return CaseView(
        case=found,
        steps=tuple(steps),
        step=step,
        asked=asked[step.pk] if step else (),
        asked_at={step.pk: asked[step.pk] for step in steps},
        beneficiaries=beneficiaries,
        decisions=decisions,
        is_concerned=concerned,
        has_decided=has_decided,
        may_decide=may_decide,
        speaks_for=speaking[0] if may_decide and speaking[0] is not asker else None,
        may_withdraw=is_open and may_withdraw(asker, opened_by_id=found.opened_by_id),
    )


def asked_of(step: Step) -> tuple[Asked, ...]:
    """Who may decide ``step``; who passed it on is left out until it comes back."""
    approvers = sorted(step.approvers.all(), key=lambda each: each.pk)
    gone: set[int] = set()
    for each in approvers:
        if each.membership_id is not None:
            gone.discard(each.membership_id)
        if each.replaces_id is not None:
            gone.add(each.replaces_id)
    return tuple(
        Asked(
            role=each.role,
            path_ids=tuple(each.department.path_ids) if each.department else (),
            membership_id=each.membership_id,
            without=frozenset(gone),
        )
        for each in approvers
    )


def delegators_of(delegate: Member, *, day: date) -> list[Member]:
    """Whom ``delegate`` stands in for on ``day``."""
    company_id = delegate.company.pk
    found = Delegation.objects.filter(
        company_id=company_id,
        delegate_id=delegate.membership.pk,
        starts_on__lte=day,
        ends_on__gte=day,
        revoked_at__isnull=True,
        delegator__ended_at__isnull=True,
    )
    return [
        member(company_id=company_id, membership_id=each)
        for each in sorted(set(found.values_list("delegator_id", flat=True)))
    ]


def deciders(
    *,
    company_id: int,
    asked: Sequence[Asked],
    opened_by_id: int | None,
    beneficiary_ids: Sequence[int],
) -> list[Member]:
    """The people who could decide now, by name; empty when a case is stuck."""
    roles = {each.role for each in asked if each.role}
    if RoleGrant.Role.OFFICER in roles:
        roles.add(RoleGrant.Role.OWNER)
    granted = RoleGrant.objects.filter(company_id=company_id, role__in=roles)
    candidates = Membership.objects.filter(company_id=company_id, ended_at__isnull=True).filter(
        Q(pk__in=granted.values("membership_id"))
        | Q(pk__in=[each.membership_id for each in asked if each.membership_id])
    )
    people = [
        member(company_id=company_id, membership_id=each)
        for each in candidates.order_by("name", "pk").values_list("pk", flat=True)
    ]
    return [
        each
        for each in people
        if may_decide(each, asked=asked, opened_by_id=opened_by_id, beneficiary_ids=beneficiary_ids)
    ]


def _whole(*, company_id: int) -> QuerySet[Case]:
    """Cases with all that belongs to them."""

    def own(model: type[Model]) -> QuerySet[Any]:
        return model._default_manager.filter(company_id=company_id)

    return Case.objects.filter(company_id=company_id).prefetch_related(
        Prefetch("steps", own(Step).order_by("position")),
        Prefetch(
            "steps__approvers",
            own(Approver).select_related("department", "membership", "added_by").order_by("pk"),
        ),
        Prefetch("beneficiaries", own(Beneficiary).select_related("employee").order_by("pk")),
        Prefetch("decisions", own(Decision).order_by("decided_at", "pk")),
    )


def _cases(asker: Member) -> QuerySet[Case]:
    return Case.objects.filter(company_id=asker.company.pk)


def _visible(asker: Member) -> QuerySet[Case]:
    found = _cases(asker)
    if may_see_all(asker):
        return found
    company_id, me = asker.company.pk, asker.membership.pk
    decided = Decision.objects.filter(
        company_id=company_id, case_id=OuterRef("pk"), decided_by_id=me
    )
    named = Approver.objects.filter(company_id=company_id, step__case_id=OuterRef("pk")).filter(
        Q(membership_id=me)
        | Q(
            role=RoleGrant.Role.HEAD,
            department__path_ids__overlap=sorted(asker.headed_department_ids),
        )
    )
    return found.filter(Q(opened_by_id=me) | Exists(decided) | Exists(named))


def _names(asker: Member, on: date) -> dict[str, Any]:
    return {
        "company": asker.company.pk,
        "me": asker.membership.pk,
        "employee": asker.employee.pk if asker.employee else None,
        "day": on,
    }


# Whose voices one has: one's own, and those of whom one stands in for.
_VOICES = """
WITH voice AS (
    SELECT m.id, m.employee_id,
        ARRAY(SELECT g.role::text FROM org_rolegrant g
            WHERE g.company_id = m.company_id AND g.membership_id = m.id) AS roles,
        ARRAY(SELECT g.department_id FROM org_rolegrant g
            WHERE g.company_id = m.company_id AND g.membership_id = m.id
                AND g.role = 'head' AND g.department_id IS NOT NULL) AS headed
    FROM org_membership m
    WHERE m.company_id = %(company)s AND m.ended_at IS NULL AND (m.id = %(me)s OR m.id IN (
        SELECT d.delegator_id FROM approvals_delegation d
        WHERE d.company_id = %(company)s AND d.delegate_id = %(me)s AND d.revoked_at IS NULL
            AND %(day)s BETWEEN d.starts_on AND d.ends_on))
)
"""
# The same as permissions.may_decide, over all open cases at once.
_WAITING = """
FROM approvals_case c
JOIN approvals_step s ON s.company_id = c.company_id AND s.case_id = c.id AND s.state = 'open'
WHERE c.company_id = %(company)s AND c.state = 'open'
    AND c.opened_by_id IS DISTINCT FROM %(me)s
    AND NOT EXISTS (
        SELECT FROM approvals_beneficiary b
        WHERE b.company_id = c.company_id AND b.case_id = c.id
            AND b.employee_id = %(employee)s::bigint)
    AND NOT EXISTS (
        SELECT FROM approvals_decision x
        WHERE x.company_id = s.company_id AND x.step_id = s.id AND x.decided_by_id = %(me)s)
    AND EXISTS (
        SELECT FROM voice v
        WHERE c.opened_by_id IS DISTINCT FROM v.id
            AND NOT EXISTS (
                SELECT FROM approvals_beneficiary b
                WHERE b.company_id = c.company_id AND b.case_id = c.id
                    AND b.employee_id = v.employee_id)
            AND NOT EXISTS (
                SELECT FROM approvals_decision x
                WHERE x.company_id = s.company_id AND x.step_id = s.id
                    AND coalesce(x.on_behalf_of_id, x.decided_by_id) = v.id)
            AND EXISTS (
                SELECT FROM approvals_approver a
                LEFT JOIN org_department d ON d.company_id = a.company_id AND d.id = a.department_id
                WHERE a.company_id = s.company_id AND a.step_id = s.id
                    AND (a.membership_id = v.id OR a.role <> 'head' AND a.role = ANY (v.roles)
                        OR a.role = 'officer' AND 'owner' = ANY (v.roles)
                        OR a.role = 'head' AND d.path_ids && v.headed))
            AND NOT EXISTS (
                SELECT FROM approvals_approver r
                WHERE r.company_id = s.company_id AND r.step_id = s.id AND r.replaces_id = v.id
                    AND NOT EXISTS (
                        SELECT FROM approvals_approver l
                        WHERE l.company_id = r.company_id AND l.step_id = r.step_id
                            AND l.membership_id = v.id AND l.id > r.id)))
"""
