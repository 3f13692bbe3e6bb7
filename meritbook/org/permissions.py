"""Who may do what, as plain predicates.

An owner may do everything in the company; a points officer everything but keys and roles; a
head sees and records for the departments headed and those below; finance and auditors read the
ledger, everybody's wallet, budgets and caps, and write nothing; an employee sees their own.
"""

from collections.abc import Iterable
from typing import Protocol

from meritbook.org.models import Employee


class Insider(Protocol):
    """What a predicate needs to know about a member."""

    @property
    def employee(self) -> Employee | None: ...
    @property
    def headed_department_ids(self) -> frozenset[int]: ...
    @property
    def is_owner(self) -> bool: ...
    @property
    def is_officer(self) -> bool: ...
    @property
    def is_reader(self) -> bool: ...
    @property
    def is_head(self) -> bool: ...


def may_manage_people(member: Insider) -> bool:
    """Add, edit, import people and departments; give out first passwords."""
    return member.is_officer


def may_see_people(member: Insider) -> bool:
    """See the list of people: all of it, or for a head the departments headed."""
    return member.is_officer or bool(member.headed_department_ids)


def may_see_employee(member: Insider, *, employee_id: int, path_ids: Iterable[int] = ()) -> bool:
    """See somebody's profile and what they did.

    ``path_ids`` are the departments, with those above them, of the person's current places.
    """
    if member.is_officer:
        return True
    if member.employee is not None and member.employee.pk == employee_id:
        return True
    return not member.headed_department_ids.isdisjoint(path_ids)


def may_see_wallet(member: Insider, *, employee_id: int, path_ids: Iterable[int] = ()) -> bool:
    """See somebody's wallet, statement and receipts: who sees the person, and who reads the books."""
    return may_see_ledger(member) or may_see_employee(
        member, employee_id=employee_id, path_ids=path_ids
    )


def may_manage_rules(member: Insider) -> bool:
    """Import, edit and publish rules."""
    return member.is_officer


def may_record_events(member: Insider) -> bool:
    """Enter or import events for anybody."""
    return member.is_officer


def may_record_for(member: Insider, *, employee_id: int, path_ids: Iterable[int] = ()) -> bool:
    """Enter an event for one person: a head for their people, nobody for themselves."""
    if member.employee is not None and member.employee.pk == employee_id:
        return False
    return member.is_officer or not member.headed_department_ids.isdisjoint(path_ids)


def may_see_events(member: Insider) -> bool:
    """See events: an officer all, a head those of their people."""
    return member.is_officer or bool(member.headed_department_ids)


def may_see_imports(member: Insider) -> bool:
    """See the history of imports and undo them."""
    return member.is_officer


def may_manage_roles(member: Insider) -> bool:
    """Give and take roles."""
    return member.is_owner


def may_manage_keys(member: Insider) -> bool:
    """Make and revoke API keys."""
    return member.is_owner


def scope_of(member: Insider) -> frozenset[int] | None:
    """The departments to which lists are limited (those headed); None without a limit."""
    return None if member.is_officer else member.headed_department_ids


def may_see_ledger(member: Insider) -> bool:
    """Read every transaction of the company, balances, what lapses and what points are worth."""
    return member.is_officer or member.is_reader


def may_reverse(member: Insider) -> bool:
    """Take a transaction back."""
    return member.is_officer


def may_manage_accounts(member: Insider) -> bool:
    """Block, open again and archive somebody's wallets, settle who leaves; never one's own."""
    return member.is_officer


def may_close_months(member: Insider) -> bool:
    """Close a month, and open it again."""
    return member.is_officer


def may_manage_assets(member: Insider) -> bool:
    """Say what points are called, how long they last and who sees them; propose rates."""
    return member.is_officer


def may_name_witnesses(member: Insider) -> bool:
    """Say who is told the ledger's fingerprint: not for those who work in the ledger to choose."""
    return member.is_owner
