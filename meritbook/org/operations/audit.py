"""The audit log: who did what to which object. Append-only by a trigger and by grants."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from meritbook.org.models import AuditEntry
from meritbook.org.queries.members import Member


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a membership, or a command or job by its name."""

    membership_id: int | None
    name: str


SYSTEM = Actor(membership_id=None, name="系统")


def actor_of(member: Member) -> Actor:
    """The actor that a signed-in member is."""
    return Actor(membership_id=member.membership.pk, name=member.name)


def note(
    *,
    company_id: int,
    actor: Actor,
    now: datetime,
    action: str,
    object_kind: str,
    object_id: str | int = "",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> AuditEntry:
    """Write one line, in the caller's transaction. Dates become ISO text."""
    return AuditEntry.objects.create(
        company_id=company_id,
        happened_at=now,
        actor_id=actor.membership_id,
        actor_name=actor.name,
        action=action,
        object_kind=object_kind,
        object_id=str(object_id),
        before=_plain(before),
        after=_plain(after),
        reason=reason[:400],
    )


def _plain(values: Mapping[str, object] | None) -> dict[str, object] | None:
    if values is None:
        return None
    return {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in values.items()
    }
