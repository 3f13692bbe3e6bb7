"""Sums of a backtest: by person, rule and month, and the largest changes. Pure."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import NamedTuple

from meritbook.insight.replaying import Earning, Members, PastEvent, Replayed
from meritbook.rules.spec import Window

KEPT = 400
"""So many of the largest changes are kept with their traces."""


@dataclass(slots=True)
class Side:
    """One side of the comparison. Points and assets in minor units."""

    points: int = 0
    entries: int = 0
    assets: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, one: Earning) -> None:
        self.points += one.points
        self.entries += 1
        for asset, amount in one.amounts:
            self.assets[asset] += amount


@dataclass(slots=True)
class Both:
    """Before and after."""

    before: Side = field(default_factory=Side)
    after: Side = field(default_factory=Side)


@dataclass(slots=True)
class RuleSums:
    """One rule: both sides, and how its entries changed."""

    both: Both = field(default_factory=Both)
    gained: int = 0
    lost: int = 0
    changed: int = 0


class Changed(NamedTuple):
    """An entry that differs; ``event`` or ``window`` is what it is for."""

    employee_id: int
    rule_id: int
    event: PastEvent | None
    window: Window | None
    before: Earning | None
    after: Earning | None
    before_members: Members
    after_members: Members

    @property
    def difference(self) -> int:
        return points_of(self.after) - points_of(self.before)


def points_of(earning: Earning | None) -> int:
    return 0 if earning is None else earning.points


class Issued(NamedTuple):
    """What a budget counts: gains of an asset in a month, by department."""

    month: date
    department_id: int | None
    asset: str


@dataclass(slots=True)
class Tally:
    """Everything that is known of a backtest after all people."""

    people: dict[int, Both] = field(default_factory=dict)
    rules: dict[int, RuleSums] = field(default_factory=lambda: defaultdict(RuleSums))
    months: dict[date, Both] = field(default_factory=lambda: defaultdict(Both))
    issued: dict[Issued, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    events: int = 0
    _largest: list[tuple[int, int, Changed]] = field(default_factory=list)
    _order: Iterable[int] = field(default_factory=count)

    def add(
        self, employee_id: int, found: Replayed, *, changed: frozenset[int], events: int
    ) -> None:
        """Take one person in."""
        self.events += events
        own = self.people[employee_id] = Both()
        for is_after, earned in enumerate((found.before, found.after)):
            for one in earned:
                month = one.basis.replace(day=1)
                rule = self.rules[one.rule.spec.rule_id].both
                of_month = self.months[month]
                for both in (own, rule, of_month):
                    (both.after if is_after else both.before).add(one)
                for asset, amount in one.amounts:
                    if amount > 0:
                        self.issued[Issued(month, one.department_id, asset)][is_after] += amount
        if changed:
            self._compare(employee_id, found, changed)

    def _compare(self, employee_id: int, found: Replayed, changed: frozenset[int]) -> None:
        before = _by_key(found.before, changed)
        after = _by_key(found.after, changed)
        for key in before.keys() | after.keys():
            old, new = before.get(key), after.get(key)
            if points_of(old) == points_of(new):
                continue
            one = new if new is not None else old
            assert one is not None  # noqa: S101 -- the key is of one of them
            rule = self.rules[one.rule.spec.rule_id]
            if not points_of(old):
                rule.gained += 1
            elif not points_of(new):
                rule.lost += 1
            else:
                rule.changed += 1
            self._keep(
                Changed(
                    employee_id,
                    one.rule.spec.rule_id,
                    one.event,
                    one.window,
                    old,
                    new,
                    found.before_windows.get(key, []),
                    found.after_windows.get(key, []),
                )
            )

    def _keep(self, one: Changed) -> None:
        row = (abs(one.difference), -next(self._order), one)  # type: ignore[call-overload]
        if len(self._largest) < KEPT:
            heapq.heappush(self._largest, row)
        elif row[:2] > self._largest[0][:2]:
            heapq.heapreplace(self._largest, row)

    @property
    def largest(self) -> list[Changed]:
        """The largest changes, the largest first."""
        return [row[2] for row in sorted(self._largest, key=lambda row: (-row[0], -row[1]))]


def _by_key(
    earned: Iterable[Earning], changed: frozenset[int]
) -> Mapping[tuple[object, ...], Earning]:
    return {one.key: one for one in earned if one.rule.spec.rule_id in changed}
