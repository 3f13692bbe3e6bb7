"""The company's assets with their policies, and how these came about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from django.db import connection

from meritbook.ledger.lasting import Expiry, Lasting, Span, last_day
from meritbook.ledger.names import usual_name, usual_unit
from meritbook.ledger.statements import UnknownAsset


@dataclass(frozen=True, slots=True)
class AssetPolicy:
    """One asset with its policy. ``wallet_floor`` and ``carry_max`` are minor units."""

    code: str
    scale: int
    keeps_lots: bool
    is_own: bool
    own_name: str
    own_unit: str
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

    @property
    def name(self) -> str:
        return self.own_name or usual_name(self.code)

    @property
    def unit(self) -> str:
        return self.own_unit or usual_unit(self.code)

    @property
    def is_rank(self) -> bool:
        """Honour decides ranks: it is never spent, handed on, converted or cleared."""
        return self.code == "honour"

    @property
    def lasting(self) -> Lasting:
        return Lasting(
            expiry=self.expiry,
            count=self.expiry_count,
            span=self.expiry_period,
            month=self.expiry_month,
            day=self.expiry_day,
            grace_days=self.grace_days,
        )

    def last_day(self, *, on: date) -> date | None:
        """The last day of what counts ``on``; None: it does not lapse."""
        return last_day(self.lasting, on=on)


class PolicyChange(NamedTuple):
    """One change of an asset's policy: the columns that differ, before and after.

    The first change of an own asset is its making: ``before`` is empty.
    """

    number: int
    changed_at: datetime
    actor_id: int | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


_COLUMNS = (
    "code, scale, keeps_lots, is_own, coalesce(name, ''), coalesce(unit, ''), decimals,"
    " wallet_floor, clawback, expiry, expiry_count, expiry_period, expiry_month, expiry_day,"
    " grace_days, carry_percent, carry_max, refund_grace_days, is_transferable, is_convertible,"
    " rate_basis, visible_to"
)


def asset_policies(*, company_id: int) -> list[AssetPolicy]:
    """All assets in the order in which they were made."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM ledger_asset WHERE company_id = %s ORDER BY asset_id",
            [company_id],
        )
        return [AssetPolicy(*row) for row in cursor.fetchall()]


def asset_policy(*, company_id: int, code: str) -> AssetPolicy:
    """One asset. Raises UnknownAsset."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM ledger_asset WHERE company_id = %s AND code = %s",
            [company_id, code.replace("\x00", "")],
        )
        row = cursor.fetchone()
    if row is None:
        raise UnknownAsset(code)
    return AssetPolicy(*row)


def policy_changes(*, company_id: int, code: str) -> list[PolicyChange]:
    """An asset's changes, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.number, c.changed_at, c.actor_id, c.before::text, c.after::text"
            " FROM ledger_policy_change c JOIN ledger_asset a"
            " ON a.company_id = c.company_id AND a.asset_id = c.asset_id"
            " WHERE c.company_id = %s AND a.code = %s ORDER BY c.number DESC",
            [company_id, code],
        )
        found = cursor.fetchall()
    return [_change(*row) for row in found]


def _change(
    number: int, changed_at: datetime, actor_id: int | None, before: str, after: str
) -> PolicyChange:
    old, new = json.loads(before), json.loads(after)
    differ = [name for name in new if old.get(name) != new[name]]
    return PolicyChange(
        number,
        changed_at,
        actor_id,
        {name: old[name] for name in differ if name in old},
        {name: new[name] for name in differ},
    )
