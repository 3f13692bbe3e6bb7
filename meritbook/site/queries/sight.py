"""Which of somebody's assets a reader may see, by the policies of the assets."""

from __future__ import annotations

from collections.abc import Mapping

from meritbook.ledger.names import Named, named_assets
from meritbook.ledger.visibility import may_see_balance, may_see_board
from meritbook.org.models import Employee
from meritbook.org.queries.members import Member


def assets_in_sight(member: Member, *, of: Employee) -> dict[str, Named]:
    """The assets of ``of`` that ``member``, to whom the wallet is open, may see; by code."""
    return {
        code: one
        for code, one in named_assets(company_id=member.company.pk).items()
        if may_see_balance(
            one.visible_to, is_self=of == member.employee, is_officer=member.is_officer
        )
    }


def boards_in_sight(member: Member, *, named: Mapping[str, Named]) -> dict[str, Named]:
    """The assets whose boards ``member`` may see."""
    return {
        code: one
        for code, one in named.items()
        if may_see_board(one.visible_to, is_head=member.is_head, is_officer=member.is_officer)
    }
