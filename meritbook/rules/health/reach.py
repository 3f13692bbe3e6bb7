"""How many points one can reach in a month: by rule, and by post."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from meritbook.kit import periods
from meritbook.rules.health.scheme import Crowd, Scheme, SchemeRule
from meritbook.rules.spec import CAP_PER_EVENT, RuleSpec
from meritbook.rules.windows import period_kind

BOUNDED, OPEN, ONCE, LOSS = "bounded", "open", "once", "loss"
"""So much and no more in a month; no end to it; once for a project; it only takes."""

_A_MONTH: dict[str, Decimal] = {
    periods.WEEK: Decimal(52) / 12,
    periods.MONTH: Decimal(1),
    periods.QUARTER: Decimal(1) / 3,
    periods.HALF_YEAR: Decimal(1) / 6,
    periods.YEAR: Decimal(1) / 12,
}


class Reach(NamedTuple):
    """What one person can get from a rule in a month; ``points`` is 0 unless it is BOUNDED."""

    kind: str
    points: Decimal


class ReachRow(NamedTuple):
    """One post: what can be reached, with the rules behind it."""

    post: str
    people: int
    points: Decimal
    """The sum of what is bounded."""
    rules: tuple[tuple[SchemeRule, Reach], ...]

    @property
    def open_rules(self) -> int:
        """How many rules of it give without an end."""
        return sum(reach.kind == OPEN for _rule, reach in self.rules)


def times_a_month(kind: str, *, workdays: Decimal) -> Decimal:
    """How often a period comes in a month; the days are working days."""
    if kind == periods.DAY:
        return workdays
    return _A_MONTH.get(kind, Decimal(1) / 12)


def reach_of(spec: RuleSpec, *, workdays: Decimal) -> Reach:
    """What one person can get from the rule in an average month."""
    worth = _worth(spec)
    if worth <= 0:
        return Reach(LOSS, Decimal(0))
    if spec.is_windowed:
        return Reach(BOUNDED, worth * times_a_month(period_kind(spec), workdays=workdays))
    if spec.cap is not None and spec.cap_per not in ("", CAP_PER_EVENT):
        return Reach(BOUNDED, abs(spec.cap) * times_a_month(spec.cap_per, workdays=workdays))
    if spec.shape == "S6":
        return Reach(ONCE, Decimal(0))
    target = target_points(spec)
    if target is not None and spec.period:
        return Reach(BOUNDED, target * times_a_month(spec.period, workdays=workdays))
    return Reach(OPEN, Decimal(0))


def target_points(spec: RuleSpec) -> Decimal | None:
    """What reaching the target of a rule per unit earns; None without a target."""
    if spec.target is None or spec.shape not in ("S1", "S3") or spec.points is None:
        return None
    divisor = spec.divisor or Decimal(1)
    pieces = spec.target if spec.money and spec.target < divisor else spec.target // divisor
    return spec.points * pieces


def _worth(spec: RuleSpec) -> Decimal:
    if spec.shape == "S9":
        return max(spec.points_min or Decimal(0), spec.points_max or Decimal(0))
    if spec.tiers:
        return max(tier.points for tier in spec.tiers)
    if spec.shape == "S6":
        return spec.points if spec.points is not None else Decimal(1)
    if spec.multiplier is not None:
        return Decimal(1)
    return spec.points or Decimal(0)


def reach_table(scheme: Scheme) -> list[ReachRow]:
    """Posts by what they can reach, the most first. People of a post whom other rules concern,
    because of their departments, have a row of their own."""
    reaches = [(rule, reach_of(rule.spec, workdays=scheme.workdays)) for rule in scheme.rules]
    groups: dict[tuple[str, tuple[int, ...]], list[Crowd]] = {}
    for crowd in scheme.crowds:
        own = tuple(rule.rule_id for rule, _reach in reaches if rule.concerns(crowd.facts))
        groups.setdefault((crowd.post, own), []).append(crowd)
    rows = []
    for (post, own), crowds in groups.items():
        wanted = set(own)
        mine = tuple(pair for pair in reaches if pair[0].rule_id in wanted)
        rows.append(ReachRow(post, _people(crowds), _sum(mine), mine))
    return sorted(rows, key=lambda row: (-row.points, row.post, -row.people))


def _people(crowds: Sequence[Crowd]) -> int:
    return sum(crowd.people for crowd in crowds)


def _sum(mine: Sequence[tuple[SchemeRule, Reach]]) -> Decimal:
    return sum((reach.points for _rule, reach in mine), Decimal(0))
