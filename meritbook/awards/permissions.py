"""Who may see and set budgets and caps, as plain predicates."""

from meritbook.org.permissions import Insider, may_see_ledger


def may_see_budgets(member: Insider) -> bool:
    """See budgets: who reads the ledger all, a head those of the departments headed and below."""
    return may_see_ledger(member) or bool(member.headed_department_ids)


def may_set_budgets(member: Insider) -> bool:
    """Set and end budgets: it is the company's money."""
    return member.is_owner


def may_ask_worth(member: Insider) -> bool:
    """Say what points are worth; once it was said, a change waits for an owner's approval."""
    return member.is_officer


def may_manage_quotas(member: Insider) -> bool:
    """See and set what managers may give away by hand; nobody sets their own."""
    return member.is_officer


def may_see_caps(member: Insider) -> bool:
    """See all caps and what is used of them."""
    return may_see_ledger(member)


def may_set_caps(member: Insider) -> bool:
    """Add and end caps."""
    return member.is_officer
