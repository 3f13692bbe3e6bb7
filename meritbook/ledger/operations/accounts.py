"""Assets and the accounts that hold them."""

from __future__ import annotations

from collections.abc import Sequence

from meritbook.ledger.operations.calls import call


def create_assets(*, company_id: int, programme_id: int) -> None:
    """Create the default assets of a programme and their system accounts. Again: nothing new."""
    call("SELECT ledger_create_assets(%s, %s)", company_id, programme_id)


def open_wallets(*, company_id: int, party_ids: Sequence[int]) -> None:
    """Give each party wallets for honour, spendable and coin. Again: nothing new."""
    call("SELECT ledger_open_wallets(%s, %s::bigint[])", company_id, list(party_ids))
