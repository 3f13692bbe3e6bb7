"""Assets and the accounts that hold them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from meritbook.ledger.operations.calls import call
from meritbook.ledger.operations.refusals import refusal
from meritbook.ledger.staging import clean


def create_assets(*, company_id: int, programme_id: int) -> None:
    """Create the default assets of a programme and their system accounts. Again: nothing new."""
    call("SELECT ledger_create_assets(%s, %s)", company_id, programme_id)


def open_wallets(*, company_id: int, party_ids: Sequence[int]) -> None:
    """Give each party wallets for honour, spendable and coin. Again: nothing new."""
    call("SELECT ledger_open_wallets(%s, %s::bigint[])", company_id, list(party_ids))


def set_state(
    *,
    company_id: int,
    party_id: int,
    state: Literal["open", "blocked", "archived"],
    reason: str,
    changed_at: datetime,
    actor_id: int | None,
    code: str | None = None,
) -> int:
    """Block, archive or open again a party's wallets, or the one of ``code``; how many changed.

    Blocked: the party gives nothing away, but still earns and is corrected. Archived: earns
    nothing more either; reversals still reach it. Raises PostingRefused: reason_needed, has_holds,
    unknown_party, unknown_asset.
    """
    status, changed, refused = call(
        "SELECT status, changed, reason FROM ledger_set_state(%s, %s, %s, %s, %s, %s, %s)",
        company_id,
        party_id,
        code,
        state,
        clean(reason.strip()),
        changed_at,
        actor_id,
    )
    if status == "refused":
        raise refusal(refused)
    return int(changed)
