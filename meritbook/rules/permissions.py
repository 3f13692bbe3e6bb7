"""Who may do what with rules."""

from meritbook.org.queries.members import Member


def may_manage_rules(member: Member) -> bool:
    """Write, load, publish and retire rules: the points officers and the owners."""
    return member.is_officer
