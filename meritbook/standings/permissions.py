"""Who may do what with boards. Everybody may look at those of assets that everybody may see."""

from meritbook.ledger.visibility import may_see_board
from meritbook.org.queries.members import Member


def may_export_boards(member: Member) -> bool:
    """Take a board away as a file: points officers and heads of departments."""
    return member.is_officer or member.is_head


def may_see_board_of(member: Member, visible_to: str) -> bool:
    """Look at the board of an asset with this circle (``ledger.visibility``)."""
    return may_see_board(visible_to, is_head=member.is_head, is_officer=member.is_officer)
