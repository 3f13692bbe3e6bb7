"""Delegations and committees as their pages show them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from meritbook.approvals.models import Committee, Delegation, Seat
from meritbook.approvals.permissions import may_delegate_for
from meritbook.org.queries.members import Member

SHOWN = 200


def delegation_rows(reader: Member, *, today: date) -> list[dict[str, Any]]:
    """Who stands in for whom: an owner sees all, others where they are named; latest first."""
    found = Delegation.objects.filter(company_id=reader.company.pk)
    if not reader.is_owner:
        me = reader.membership.pk
        found = found.filter(Q(delegator_id=me) | Q(delegate_id=me))
    rows = []
    for each in found.select_related("delegator", "delegate").order_by("-starts_on", "-pk")[:SHOWN]:
        is_live = each.revoked_at is None and each.ends_on >= today
        if each.revoked_at is not None:
            state, tone = _("已撤销"), "calm"
        elif each.ends_on < today:
            state, tone = _("已结束"), "calm"
        else:
            state, tone = (
                (_("生效中"), "good") if each.starts_on <= today else (_("待生效"), "wait")
            )
        rows.append(
            {
                "id": each.pk,
                "delegator": each.delegator.name,
                "delegate": each.delegate.name,
                "starts_on": each.starts_on,
                "ends_on": each.ends_on,
                "reason": each.reason,
                "state": state,
                "tone": tone,
                "may_revoke": is_live and may_delegate_for(reader, membership_id=each.delegator_id),
            }
        )
    return rows


def committee_rows(*, company_id: int) -> list[dict[str, Any]]:
    """The committees that are asked, with the names of their members."""
    found = Committee.objects.filter(company_id=company_id, closed_at__isnull=True)
    names: dict[int, list[str]] = {}
    seats = Seat.objects.filter(company_id=company_id, left_at__isnull=True)
    for committee_id, name in seats.order_by("membership__name", "pk").values_list(
        "committee_id", "membership__name"
    ):
        names.setdefault(committee_id, []).append(name)
    return [
        {
            "id": each.pk,
            "name": each.name,
            "quorum_percent": each.quorum_percent,
            "members": names.get(each.pk, []),
        }
        for each in found.order_by("name", "pk")
    ]


def members_in(committee: Committee) -> list[int]:
    """The memberships that sit in a committee."""
    seats = Seat.objects.filter(
        company_id=committee.company_id, committee=committee, left_at__isnull=True
    )
    return list(seats.values_list("membership_id", flat=True))
