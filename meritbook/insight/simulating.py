"""What a scheme would give in a year before any history exists: people, how far targets are reached,
working days in; points, cost and a board out.

Everybody of a post stands somewhere between weak and strong (equal steps of a bell curve), so the
same assumptions always give the same board. Targets, tiers and units are scored by the compiled
rule itself. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from statistics import NormalDist
from typing import NamedTuple

from meritbook.kit.points import to_minor
from meritbook.rules.health import ReachRow, SchemeRule
from meritbook.rules.health.reach import times_a_month
from meritbook.rules.scoring import CompiledRule, compile_rule, legs
from meritbook.rules.spec import (
    CAP_PER_EVENT,
    SCALE,
    Contribution,
    EventFacts,
    PersonFacts,
    Population,
    RuleSpec,
    SpecIncomplete,
    Window,
)
from meritbook.rules.windows import period_kind

MONTHS = 12
_WINDOW = Window(date(2026, 1, 1), date(2026, 1, 31), datetime.fromisoformat("2026-02-01"))
_AT = datetime.fromisoformat("2026-01-15T10:00")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """How a month goes for somebody in the middle."""

    attainment: Decimal = Decimal("0.8")
    """The share of a target that is reached, and of the duties that are done in time."""
    spread: Decimal = Decimal("0.15")
    """How far people are apart: one standard deviation."""
    occasions: Decimal = Decimal(2)
    """How often a month there is something to reward by a rule without a target."""
    slips: Decimal = Decimal("0.5")
    """How often a month a rule that takes points is broken."""
    workdays: Decimal = Decimal(21)


class PostRow(NamedTuple):
    """One post in the simulation; ``pay`` is the monthly pay in cents, None where nobody said it."""

    post: str
    people: int
    points: int
    """Mean points a person and month, minor units."""
    cents: int
    """What they cost."""
    weak: int
    strong: int
    """Points a month of the weakest and the strongest."""
    pay: int | None

    @property
    def year_points(self) -> int:
        return self.points * self.people * MONTHS

    @property
    def year_cents(self) -> int:
        return self.cents * self.people * MONTHS

    @property
    def share_of_pay(self) -> Decimal | None:
        """The cost in percent of the pay."""
        return None if not self.pay else Decimal(self.cents) * 100 / self.pay


class BoardRow(NamedTuple):
    """Somebody on the simulated board of the year; ``number`` counts within the post."""

    post: str
    number: int
    points: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """A simulated year. Points minor units, money cents."""

    posts: tuple[PostRow, ...]
    board: tuple[BoardRow, ...]
    skipped: tuple[SchemeRule, ...]
    """Rules that lack something and could not be simulated."""

    @property
    def people(self) -> int:
        return sum(row.people for row in self.posts)

    @property
    def year_points(self) -> int:
        return sum(row.year_points for row in self.posts)

    @property
    def year_cents(self) -> int:
        return sum(row.year_cents for row in self.posts)


def simulate(
    *,
    rows: Sequence[ReachRow],
    people: Sequence[int],
    pay: Sequence[int | None],
    assumptions: Assumptions,
    cents_of: Callable[[Mapping[str, int]], int],
) -> Simulation:
    """A year of the posts in ``rows`` (``health.reach_table``), with so many ``people`` each.

    ``cents_of`` prices minor units by asset.
    """
    posts: list[PostRow] = []
    board: list[BoardRow] = []
    skipped: dict[int, SchemeRule] = {}
    for row, count, own_pay in zip(rows, people, pay, strict=True):
        rules = []
        for rule, _reach in row.rules:
            compiled = _compiled(rule.spec)
            if compiled is None:
                skipped[rule.rule_id] = rule
            else:
                rules.append(compiled)
        months = [_month(rules, level, assumptions) for level in _levels(count, assumptions)]
        points = [month.points for month in months]
        cents = [cents_of(month.assets) for month in months]
        posts.append(
            PostRow(
                row.post,
                count,
                round(sum(points) / count) if count else 0,
                round(sum(cents) / count) if count else 0,
                min(points, default=0),
                max(points, default=0),
                own_pay,
            )
        )
        board += [BoardRow(row.post, n, each * MONTHS) for n, each in enumerate(points, start=1)]
    board.sort(key=lambda each: (-each.points, each.post, each.number))
    return Simulation(tuple(posts), tuple(board), tuple(skipped.values()))


def _levels(count: int, assumptions: Assumptions) -> list[Decimal]:
    """How far each of ``count`` people reaches targets, the strongest first."""
    if not count:
        return []
    if not assumptions.spread:
        return [assumptions.attainment] * count
    curve = NormalDist(float(assumptions.attainment), float(assumptions.spread))
    found = [Decimal(str(round(curve.inv_cdf((n + 0.5) / count), 4))) for n in range(count)]
    return [min(max(each, ZERO), Decimal(2)) for each in reversed(found)]


@dataclass(slots=True)
class _Month:
    points: int
    assets: dict[str, int]


def _month(rules: Sequence[CompiledRule], level: Decimal, assumptions: Assumptions) -> _Month:
    assets: dict[str, int] = defaultdict(int)
    whole = 0
    for rule in rules:
        points = _expected(rule, level, assumptions)
        if not points:
            continue
        whole += points
        for asset, amount in legs(rule.spec, points):
            assets[asset] += amount
    return _Month(whole, assets)


def _expected(rule: CompiledRule, level: Decimal, assumptions: Assumptions) -> int:
    """What the rule gives or takes in a month at that level, minor units."""
    spec = rule.spec
    if spec.is_windowed:
        times = times_a_month(period_kind(spec), workdays=assumptions.workdays)
        return round(_window_points(rule, level) * times)
    if spec.shape == "S9":
        low, high = spec.points_min or ZERO, spec.points_max or ZERO
        middle = (low + high) / 2
        return to_minor(middle * _times(middle > 0, level, assumptions), SCALE)
    if spec.shape in ("S6", "S10") and spec.points is None:
        return 0  # a project's stage, or a part of points that another rule gives
    worth = spec.points or ZERO
    if worth < 0:
        return to_minor(worth * _times(False, level, assumptions), SCALE)
    return _capped(spec, _gains(rule, level, assumptions), assumptions)


def _times(gives: bool, level: Decimal, assumptions: Assumptions) -> Decimal:
    """How often a month: the strong are rewarded more often, and break fewer rules."""
    if gives:
        return assumptions.occasions * level
    return assumptions.slips * max(Decimal(2) - 2 * level, ZERO)


def _window_points(rule: CompiledRule, level: Decimal) -> Decimal:
    spec = rule.spec
    if spec.shape == "S2":
        done = rule.score_window(_WINDOW, [Contribution("s", _AT, Decimal(1))])
        return done.points * min(level, Decimal(1))
    target = spec.target or Decimal(1)
    score = rule.score_window(_WINDOW, [Contribution("s", _AT, target * level)])
    return Decimal(score.points)


def _gains(rule: CompiledRule, level: Decimal, assumptions: Assumptions) -> int:
    spec = rule.spec
    divisor = spec.divisor or Decimal(1)
    if spec.target is not None and spec.shape in ("S1", "S3"):
        counts_pieces = spec.money and spec.target < divisor
        target = spec.target * divisor if counts_pieces else spec.target
        times = (
            times_a_month(spec.period, workdays=assumptions.workdays) if spec.period else Decimal(1)
        )
        return round(_scored(rule, target * level) * times)
    times = _times(True, level, assumptions)
    if spec.shape in ("S1", "S3"):
        return round(_scored(rule, max(divisor, spec.threshold or ZERO)) * times)
    return to_minor((spec.points or ZERO) * times, SCALE)


def _scored(rule: CompiledRule, measure: Decimal) -> Decimal:
    facts = EventFacts(_AT, True, measure, measure, "", {})
    return Decimal(rule.score(facts, PersonFacts()).points)


def _capped(spec: RuleSpec, points: int, assumptions: Assumptions) -> int:
    if spec.cap is None or spec.cap_per in ("", CAP_PER_EVENT):
        return points
    times = times_a_month(spec.cap_per, workdays=assumptions.workdays)
    return min(points, to_minor(abs(spec.cap) * times, SCALE))


def _compiled(spec: RuleSpec) -> CompiledRule | None:
    """The rule for somebody whom it concerns and who is on time; None when it lacks something."""
    try:
        return compile_rule(
            replace(
                spec,
                population=Population(),
                condition=None,
                deadline=None,
                exclude=(),
                checklist=(),
                counts_from=None,
            )
        )
    except SpecIncomplete:
        return None
