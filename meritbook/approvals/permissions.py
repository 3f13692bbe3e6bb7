"""Who may see and decide a case, as plain predicates over a member and what the case says."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from meritbook.org.models import RoleGrant
from meritbook.org.queries.members import Member


@dataclass(frozen=True, slots=True)
class Asked:
    """Who may decide a step: a role (a head's with the department's path), or one membership.

    ``without`` are memberships that passed the step on to somebody else.
    """

    role: str = ""
    path_ids: tuple[int, ...] = ()
    membership_id: int | None = None
    without: frozenset[int] = frozenset()


def is_asked(member: Member, asked: Iterable[Asked]) -> bool:
    """Whether a step names ``member``. An owner is asked where an officer is."""
    return any(_is_one(member, one) for one in asked)


def _is_one(member: Member, one: Asked) -> bool:
    if member.membership.pk in one.without:
        return False
    match one.role:
        case RoleGrant.Role.OWNER:
            return member.is_owner
        case RoleGrant.Role.OFFICER:
            return member.is_officer
        case RoleGrant.Role.HEAD:
            return not member.headed_department_ids.isdisjoint(one.path_ids)
        case _:
            return one.membership_id == member.membership.pk


def is_concerned(
    member: Member, *, opened_by_id: int | None, beneficiary_ids: Collection[int]
) -> bool:
    """Whether ``member`` opened the case or gains by it (``beneficiary_ids`` are employees)."""
    if opened_by_id is not None and member.membership.pk == opened_by_id:
        return True
    return member.employee is not None and member.employee.pk in beneficiary_ids


def may_decide(
    member: Member,
    *,
    asked: Iterable[Asked],
    opened_by_id: int | None,
    beneficiary_ids: Collection[int],
) -> bool:
    """Decide the open step of a case: who is asked, and neither opened it nor gains by it."""
    return is_asked(member, asked) and not is_concerned(
        member, opened_by_id=opened_by_id, beneficiary_ids=beneficiary_ids
    )


def may_withdraw(member: Member, *, opened_by_id: int | None) -> bool:
    """Withdraw a case: who opened it; what a program opened, an officer."""
    if opened_by_id is None:
        return member.is_officer
    return member.membership.pk == opened_by_id


def may_see_all(member: Member) -> bool:
    """See every case of the company."""
    return member.is_officer


def may_delegate_for(member: Member, *, membership_id: int) -> bool:
    """Say who decides in somebody's place: everybody for themselves, an owner for anybody."""
    return member.is_owner or member.membership.pk == membership_id


def may_manage_committees(member: Member) -> bool:
    """Make committees and say who sits in them."""
    return member.is_owner
