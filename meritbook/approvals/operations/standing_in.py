"""Who decides for somebody who is away, and from when to when."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from meritbook.approvals.models import Delegation
from meritbook.approvals.permissions import may_delegate_for
from meritbook.kit.errors import Refusal
from meritbook.org.models import Membership
from meritbook.org.operations.audit import actor_of, note
from meritbook.org.queries.members import Member

LONGEST_DAYS = 366


class BadDelegation(Refusal):
    """These people or these days cannot be."""

    code = "bad_delegation"


class NoSuchDelegation(Refusal):
    """There is none with the id, or it is somebody else's."""

    code = "unknown_delegation"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("没有这条代理设置"))


def delegate(
    *,
    by: Member,
    delegator_id: int,
    delegate_id: int,
    starts_on: date,
    ends_on: date,
    reason: str = "",
    today: date,
    now: datetime,
) -> Delegation:
    """Let ``delegate_id`` decide for ``delegator_id`` (memberships) on the days, both included.

    What the delegate opened or gains by stays out of their reach all the same.
    Raises BadDelegation.
    """
    company_id = by.company.pk
    if not may_delegate_for(by, membership_id=delegator_id):
        raise BadDelegation(_("只能为自己设置代理人"))
    if delegator_id == delegate_id:
        raise BadDelegation(_("代理人不能是本人"))
    if ends_on < starts_on:
        raise BadDelegation(_("结束日期不能早于开始日期"))
    if ends_on < today:
        raise BadDelegation(_("结束日期已经过去了"))
    if (ends_on - starts_on).days >= LONGEST_DAYS:
        raise BadDelegation(_("一次代理最长一年"))
    # Locked in the order of their ids: two at once see each other's delegation.
    people = {
        each.pk: each
        for each in Membership.objects.select_for_update()
        .filter(company_id=company_id, pk__in=[delegator_id, delegate_id], ended_at__isnull=True)
        .order_by("pk")
    }
    if len(people) < 2:
        raise BadDelegation(_("没有这位可以登录的同事"))
    if (
        _live(company_id, delegator_id)
        .filter(starts_on__lte=ends_on, ends_on__gte=starts_on)
        .exists()
    ):
        raise BadDelegation(_("这段时间已经有代理人了，请先撤销原来的设置"))
    made = Delegation.objects.create(
        company_id=company_id,
        delegator_id=delegator_id,
        delegate_id=delegate_id,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason[:200],
        created_by=by.membership,
        created_at=now,
    )
    note(
        company_id=company_id,
        actor=actor_of(by),
        now=now,
        action="approval.delegate",
        object_kind="delegation",
        object_id=made.pk,
        after={
            "from": people[delegator_id].name,
            "to": people[delegate_id].name,
            "starts_on": starts_on,
            "ends_on": ends_on,
        },
        reason=reason,
    )
    return made


def revoke(*, by: Member, delegation_id: int, now: datetime) -> Delegation:
    """End a delegation now. Raises NoSuchDelegation."""
    found = (
        Delegation.objects.select_for_update()
        .filter(company_id=by.company.pk, pk=delegation_id, revoked_at__isnull=True)
        .first()
    )
    if found is None or not may_delegate_for(by, membership_id=found.delegator_id):
        raise NoSuchDelegation
    found.revoked_at = now
    found.save(update_fields=["revoked_at"])
    note(
        company_id=by.company.pk,
        actor=actor_of(by),
        now=now,
        action="approval.undelegate",
        object_kind="delegation",
        object_id=found.pk,
    )
    return found


def _live(company_id: int, delegator_id: int):  # type: ignore[no-untyped-def]  # a query set
    return Delegation.objects.filter(
        company_id=company_id, delegator_id=delegator_id, revoked_at__isnull=True
    )
