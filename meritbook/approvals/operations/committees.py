"""Committees: made, filled, closed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _

from meritbook.approvals.models import Committee, Seat
from meritbook.approvals.operations.steps import LIMIT_HOURS, Ask, Link
from meritbook.kit.errors import Refusal
from meritbook.org.models import Membership
from meritbook.org.operations.audit import Actor, note

NAME_LENGTH = 80


class BadCommittee(Refusal):
    """A committee needs a name of its own and people."""

    code = "bad_committee"


class NoSuchCommittee(Refusal):
    """There is no committee with the id."""

    code = "unknown_committee"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("没有这个委员会"))


def committee_of(*, company_id: int, committee_id: int) -> Committee:
    """A committee that is not closed. Raises NoSuchCommittee."""
    found = Committee.objects.filter(
        company_id=company_id, pk=committee_id, closed_at__isnull=True
    ).first()
    if found is None:
        raise NoSuchCommittee
    return found


def save_committee(
    *,
    company_id: int,
    name: str,
    quorum_percent: int,
    member_ids: Collection[int],
    actor: Actor,
    now: datetime,
    committee_id: int | None = None,
) -> Committee:
    """Make a committee of the memberships, or change one; votes that run keep their members.

    Raises BadCommittee, NoSuchCommittee.
    """
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH:
        raise BadCommittee(_("请填写委员会的名称，不超过 %(n)s 个字") % {"n": NAME_LENGTH})
    if not 1 <= quorum_percent <= 100:
        raise BadCommittee(_("法定人数要在 1 到 100 之间"))
    wanted = set(
        Membership.objects.filter(
            company_id=company_id, pk__in=list(member_ids), ended_at__isnull=True
        ).values_list("pk", flat=True)
    )
    if len(wanted) < 2 or len(wanted) != len(set(member_ids)):
        raise BadCommittee(_("请选择至少两位可以登录的委员"))
    same = Committee.objects.filter(company_id=company_id, name=name, closed_at__isnull=True)
    if same.exclude(pk=committee_id or 0).exists():
        raise BadCommittee(_("已经有叫“%(name)s”的委员会") % {"name": name})
    if committee_id is None:
        found = Committee.objects.create(
            company_id=company_id, name=name, quorum_percent=quorum_percent, created_at=now
        )
    else:
        found = committee_of(company_id=company_id, committee_id=committee_id)
        found.name, found.quorum_percent = name, quorum_percent
        found.save(update_fields=["name", "quorum_percent"])
    seats = {
        each.membership_id: each
        for each in Seat.objects.filter(
            company_id=company_id, committee=found, left_at__isnull=True
        )
    }
    for membership_id in seats.keys() - wanted:
        seats[membership_id].left_at = now
        seats[membership_id].save(update_fields=["left_at"])
    Seat.objects.bulk_create(
        Seat(company_id=company_id, committee=found, membership_id=each, taken_at=now)
        for each in sorted(wanted - seats.keys())
    )
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="committee.save",
        object_kind="committee",
        object_id=found.pk,
        after={"name": name, "quorum_percent": quorum_percent, "members": sorted(wanted)},
    )
    return found


def close_committee(
    *, company_id: int, committee_id: int, actor: Actor, now: datetime
) -> Committee:
    """Nobody is asked through it any more; votes that run go on. Raises NoSuchCommittee."""
    found = committee_of(company_id=company_id, committee_id=committee_id)
    found.closed_at = now
    found.save(update_fields=["closed_at"])
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="committee.close",
        object_kind="committee",
        object_id=found.pk,
        before={"name": found.name},
    )
    return found


def vote_of(committee: Committee, *, limit_hours: int = LIMIT_HOURS) -> Link:
    """A step in which the members of the committee vote."""
    members = (
        Seat.objects.filter(
            company_id=committee.company_id,
            committee=committee,
            left_at__isnull=True,
            membership__ended_at__isnull=True,
        )
        .order_by("membership_id")
        .values_list("membership_id", flat=True)
    )
    return Link(
        asks=tuple(Ask(membership_id=each) for each in members),
        is_vote=True,
        quorum_percent=committee.quorum_percent,
        limit_hours=limit_hours,
    )
