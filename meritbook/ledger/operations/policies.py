"""The policy of an asset: how it is called, how long it lives, what one may do with it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Literal, TypedDict

from meritbook.ledger.operations.calls import call
from meritbook.ledger.operations.refusals import refusal
from meritbook.ledger.staging import clean

Expiry = Literal["never", "months", "date", "period_end"]
Span = Literal["day", "month", "quarter", "half_year", "year"]


class Policy(TypedDict, total=False):
    """What may be changed; amounts in minor units. Lots keep the last day that they have.

    ``expiry``: never; ``expiry_count`` months after the points count, rounded up to the end of an
    ``expiry_period``; the next ``expiry_month``/``expiry_day``; or ``expiry_count`` months after
    the end of their ``expiry_period``. ``grace_days`` follow; ``carry_percent`` of what lapses, at
    most ``carry_max`` of a lot, comes back until the next last day. ``clawback``: what a reversal
    does about points that were spent: clip, debt, or hold (refuse until a person decides).
    """

    name: str | None
    unit: str | None
    decimals: int
    wallet_floor: int | None
    clawback: Literal["clip", "debt", "hold"]
    expiry: Expiry
    expiry_count: int
    expiry_period: Span
    expiry_month: int
    expiry_day: int
    grace_days: int
    carry_percent: int
    carry_max: int | None
    refund_grace_days: int
    is_transferable: bool
    is_convertible: bool
    rate_basis: Literal["earning", "redemption"]
    visible_to: Literal["everyone", "self", "managers", "officers"]


def set_policy(
    *, company_id: int, code: str, policy: Policy, changed_at: datetime, actor_id: int | None
) -> bool:
    """Change an asset's policy from now on; False when nothing differs. The change is kept.

    Raises PostingRefused: unknown_asset, bad_policy, honour_is_rank, keeps_no_lots,
    debt_needs_no_floor, no_such_day (30 February; 29 February is the 28th in other years),
    below_floor (somebody has less than the new floor).
    """
    status, reason = call(
        "SELECT status, reason FROM ledger_set_policy(%s, %s, %s::jsonb, %s, %s)",
        company_id,
        code,
        json.dumps(policy),
        changed_at,
        actor_id,
    )
    if status == "refused":
        raise refusal(reason)
    return bool(status == "new")


def add_asset(
    *,
    company_id: int,
    programme_id: int,
    code: str,
    name: str,
    unit: str = "",
    scale: int = 2,
    keeps_lots: bool = True,
    added_at: datetime,
    actor_id: int | None,
) -> int:
    """A new kind of points of the company's own; its id.

    Raises PostingRefused: bad_code, bad_name, bad_scale, code_taken, unknown_programme.
    """
    status, asset_id, reason = call(
        "SELECT status, asset_id, reason"
        " FROM ledger_add_asset(%s, %s, %s, %s, %s, %s::smallint, %s, %s, %s)",
        company_id,
        programme_id,
        clean(code),
        clean(name.strip()),
        clean(unit.strip()),
        scale if 0 <= scale <= 4 else -1,
        keeps_lots,
        added_at,
        actor_id,
    )
    if status == "refused":
        raise refusal(reason)
    return int(asset_id)
