"""Caps of one person, kept while events are gone through again: as the ledger keeps them.

Caps that people share (a department's, the company's) are left out: who comes first takes the room,
and no scoring of one person knows that. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from meritbook.awards.caps import CapBook, allowed_points
from meritbook.ledger.caps import Cap

Amounts = Sequence[tuple[str, int]]


class PersonCaps:
    """What one person has used of each cap; earnings are asked in order of time."""

    def __init__(self, book: CapBook) -> None:
        self._book = book
        self._caps = {cap.cap_id: cap for cap in book.caps}
        self._used: dict[tuple[object, ...], int] = {}

    def allow(
        self,
        *,
        rule_code: str,
        version_id: int,
        party_id: int,
        department_id: int | None,
        day: date,
        points: int,
        amounts: Amounts,
    ) -> tuple[int, Amounts]:
        """What caps leave of ``points`` and their ``amounts``; it is used from then on."""
        ids = self._book.of(
            rule_code=rule_code,
            version_id=version_id,
            party_id=party_id,
            department_id=department_id,
            day=day,
            amounts=amounts,
        )
        if not ids:
            return points, amounts
        asked = dict(amounts)
        counting = [(self._caps[abs(cap_id)], cap_id < 0) for cap_id in ids]
        left = amounts
        for policy in ("clip", "queue"):
            left = self._cut(policy, counting, asked, left, day)
        for cap, _voids in counting:
            if cap.policy == "refuse" and self._room(cap, day) < dict(left)[cap.asset_code]:
                left = [(asset, min(amount, 0)) for asset, amount in left]
        gained = dict(left)
        for cap, _voids in counting:
            key = self._key(cap, day)
            self._used[key] = self._used.get(key, 0) + gained.get(cap.asset_code, 0)
        if gained == asked:
            return points, amounts
        return (
            allowed_points(points, {a: n for a, n in asked.items() if n > 0}, gained),
            tuple((asset, amount) for asset, amount in left if amount),
        )

    def _cut(
        self,
        policy: str,
        counting: Sequence[tuple[Cap, bool]],
        asked: dict[str, int],
        left: Amounts,
        day: date,
    ) -> Amounts:
        """All gains in the proportion of the tightest cap of the policy, rounded down."""
        tight = [
            (Fraction(self._room(cap, day), asked[cap.asset_code]), cap.cap_id, cap)
            for cap, _voids in counting
            if cap.policy == policy and self._room(cap, day) < dict(left)[cap.asset_code]
        ]
        if not tight:
            return left
        _share, _id, cap = min(tight)
        room, whole = self._room(cap, day), asked[cap.asset_code]
        return [
            (asset, amount * room // whole if amount > 0 else amount)
            for asset, amount in asked.items()
        ]

    def _room(self, cap: Cap, day: date) -> int:
        return max(cap.amount - self._used.get(self._key(cap, day), 0), 0)

    @staticmethod
    def _key(cap: Cap, day: date) -> tuple[object, ...]:
        # A version that takes another's place goes on counting what that one gave.
        own = ("rule", cap.subject) if cap.rule_version_id is not None else ("cap", cap.cap_id)
        return (*own, cap.asset_code, cap.period, cap.span(day).start)
