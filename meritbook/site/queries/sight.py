"""Which of somebody's assets a reader may see, by the policies of the assets."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from meritbook.ledger.names import Named, named_assets
from meritbook.ledger.queries import moved_assets
from meritbook.ledger.visibility import may_see_balance, may_see_board
from meritbook.org.models import Employee
from meritbook.org.permissions import may_see_ledger
from meritbook.org.queries.members import Member


def assets_in_sight(
    member: Member, *, of: Employee, named: Mapping[str, Named] | None = None
) -> dict[str, Named]:
    """The assets of ``of`` that ``member``, to whom the wallet is open, may see; by code.

    ``named`` are the company's, where they are known already.
    """
    if named is None:
        named = named_assets(company_id=member.company.pk)
    return {
        code: one
        for code, one in named.items()
        if may_see_balance(
            one.visible_to, is_self=of == member.employee, is_officer=may_see_ledger(member)
        )
    }


def receipts_in_sight(
    member: Member,
    *,
    of: Employee,
    tx_ids: Collection[int],
    named: Mapping[str, Named] | None = None,
) -> frozenset[int]:
    """Of these transactions of ``of`` those whose receipts ``member`` may read.

    The text of a receipt cannot leave a line out: every asset that moved has to be in sight.
    """
    company_id = member.company.pk
    if may_see_ledger(member):
        return frozenset(tx_ids)
    if named is None:
        named = named_assets(company_id=company_id)
    sight = assets_in_sight(member, of=of, named=named).keys()
    if sight == named.keys():
        return frozenset(tx_ids)
    moved = moved_assets(company_id=company_id, tx_ids=tx_ids)
    return frozenset(tx_id for tx_id, codes in moved.items() if codes <= sight)


def boards_in_sight(member: Member, *, named: Mapping[str, Named]) -> dict[str, Named]:
    """The assets whose boards ``member`` may see."""
    return {
        code: one
        for code, one in named.items()
        if may_see_board(one.visible_to, is_head=member.is_head, is_officer=may_see_ledger(member))
    }
