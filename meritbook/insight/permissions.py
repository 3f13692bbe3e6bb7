"""Who may check, try out and run again, as plain predicates."""

from meritbook.org.permissions import Insider


def may_check_rules(member: Insider) -> bool:
    """See the health check, apply its mends, try rules out, simulate."""
    return member.is_officer


def may_see_backtests(member: Insider) -> bool:
    """See backtests: an officer all, a head those that are shared, and there their own people."""
    return member.is_officer or bool(member.headed_department_ids)


def may_run_again(member: Insider) -> bool:
    """Post differences for days gone by."""
    return member.is_officer
