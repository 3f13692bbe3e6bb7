"""Settling the wallets of somebody who leaves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, NamedTuple

from meritbook.ledger.operations.accounts import set_state
from meritbook.ledger.operations.spending import Source, forfeit, release, spend
from meritbook.ledger.queries import open_holds
from meritbook.ledger.statements import Account, wallet

Treatment = Literal["keep", "pay", "forfeit"]


class Settled(NamedTuple):
    """What became of one asset: minor units that were there and what was done about them."""

    code: str
    scale: int
    amount: int
    treatment: Treatment
    tx_id: int | None


def settle(
    *,
    company_id: int,
    party_id: int,
    key: str,
    treatments: dict[str, Treatment],
    today: date,
    settled_at: datetime,
    actor_id: int | None,
    reason: str,
) -> list[Settled]:
    """Release what is held, pay out or forfeit what ``treatments`` name by asset code, archive.

    Paid means: leaves the wallet as redeemed, the money is paid outside. What is kept, honour
    always, stays as it is. Again with the same key: the same result. Raises PostingRefused.
    """
    for hold_id in open_holds(company_id=company_id, party_id=party_id):
        release(company_id=company_id, hold_id=hold_id, released_at=settled_at, actor_id=actor_id)
    settled = [
        _settle_one(
            company_id,
            party_id,
            key,
            account,
            treatments.get(account.asset, "keep"),
            today,
            Source("settlement", party_id, actor_id, None, reason),
        )
        for account in wallet(company_id=company_id, party_id=party_id)
        if account.balance
    ]
    set_state(
        company_id=company_id,
        party_id=party_id,
        state="archived",
        reason=reason,
        changed_at=settled_at,
        actor_id=actor_id,
    )
    return settled


def _settle_one(
    company_id: int,
    party_id: int,
    key: str,
    account: Account,
    treatment: Treatment,
    today: date,
    source: Source,
) -> Settled:
    if account.asset == "honour" or account.balance <= 0:
        treatment = "keep"
    tx_id: int | None = None
    if treatment != "keep":
        take = spend if treatment == "pay" else forfeit
        tx_id = take(
            company_id=company_id,
            key=f"{key}/{account.asset}",
            party_id=party_id,
            code=account.asset,
            amount=account.balance,
            today=today,
            source=source,
        ).tx_id
    return Settled(account.asset, account.scale, account.balance, treatment, tx_id)
