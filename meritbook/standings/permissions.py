"""Who may do what with boards. Everybody of the company may look at them."""

from meritbook.org.queries.members import Member


def may_export_boards(member: Member) -> bool:
    """Take a board away as a file: points officers and heads of departments."""
    return member.is_officer or member.is_head
