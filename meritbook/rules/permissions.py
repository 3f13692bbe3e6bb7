"""Who may do what with schemes, as plain predicates."""

from meritbook.org.queries.members import Member


def may_govern(member: Member) -> bool:
    """Say how a scheme's rules may change, and lock them: not for who publishes them to choose."""
    return member.is_owner
