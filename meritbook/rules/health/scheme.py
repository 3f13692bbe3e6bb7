"""What the health check looks at, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from meritbook.rules.checks import concerns
from meritbook.rules.spec import PersonFacts, RuleSpec

HIGH, MEDIUM, LOW = "high", "medium", "low"
SEVERITIES = (HIGH, MEDIUM, LOW)

# A year's average where the company's calendar is not asked: 248 working days.
WORKDAYS = Decimal(248) / 12


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeRule:
    """One rule as the scheme has it now: the version that is looked at, and where it stands."""

    spec: RuleSpec
    indicator: str = ""
    sheet: str = ""
    row: int | None = None
    category: str = ""
    points_text: str = ""
    is_draft: bool = False
    on: date = date.max
    """The day on which the scheme is looked at: tenure counts up to it."""

    @property
    def rule_id(self) -> int:
        return self.spec.rule_id

    @property
    def code(self) -> str:
        return self.spec.code

    @property
    def text(self) -> str:
        return self.spec.standard or self.spec.name

    @property
    def gives(self) -> bool:
        """Whether the rule can only give points."""
        spec = self.spec
        if spec.shape == "S9":
            return min(spec.points_min or 0, spec.points_max or 0) >= 0
        return spec.points is None or spec.points > 0

    def concerns(self, person: PersonFacts) -> bool:
        """Whether the rule's population takes the person in."""
        return concerns(self.spec.population, person, self.on)


class Crowd(NamedTuple):
    """People who are alike for the rules: a post in its departments, and how many they are."""

    post: str
    facts: PersonFacts
    people: int


class RuleUse(NamedTuple):
    """What a rule did in the months that are looked at. Points are minor units."""

    gained: int = 0
    lost: int = 0
    entries: int = 0
    events: int = 0
    full: int = 0
    """Windows that earned full points."""
    possible: int = 0
    """Windows in which the people concerned could have earned them."""
    price: Decimal | None = None
    """The points of the version that earned them."""
    best_month: int = 0
    """The most that one person gained in a month."""
    days_in_force: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """Everything that the check sees: rules, people, and (``months`` above 0) what happened."""

    rules: tuple[SchemeRule, ...]
    crowds: tuple[Crowd, ...] = ()
    workdays: Decimal = WORKDAYS
    """Working days in an average month."""
    months: int = 0
    """So many months of history stand in ``uses``; 0: none is known."""
    uses: Mapping[int, RuleUse] = field(default_factory=dict)

    def use(self, rule_id: int) -> RuleUse:
        return self.uses.get(rule_id, NO_USE)

    def people_of(self, rule: SchemeRule) -> int:
        """How many people the rule concerns."""
        return sum(crowd.people for crowd in self.crowds if rule.concerns(crowd.facts))


NO_USE = RuleUse()


class Change(NamedTuple):
    """What a mend writes into a draft of one rule, by the names that a draft's content has."""

    rule_id: int
    values: Mapping[str, object]


class Mend(NamedTuple):
    """A way out that one click takes: drafts with changes, and rules to end."""

    label: str
    changes: tuple[Change, ...] = ()
    retires: tuple[int, ...] = ()


class Finding(NamedTuple):
    """One thing that is wrong: what, where, why it matters, and how to mend it."""

    code: str
    severity: str
    rules: tuple[SchemeRule, ...]
    what: str
    why: str
    mend: Mend

    @property
    def key(self) -> str:
        """Names the finding as long as it stands."""
        return ":".join((self.code, *sorted(rule.code for rule in self.rules)))


def scaled(spec: RuleSpec, factor: Decimal) -> dict[str, object]:
    """The values of a draft whose points are ``factor`` times as many, in whole points when they
    stay above one."""
    values: dict[str, object] = {}
    if spec.tiers:
        values["tiers"] = [
            {"from": plain(tier.from_), "points": plain(rounded(tier.points * factor))}
            for tier in spec.tiers
        ]
    for name in ("points", "points_min", "points_max"):
        number: Decimal | None = getattr(spec, name)
        if number is not None:
            values[name] = plain(rounded(number * factor))
    if spec.points is None and spec.project_total is not None:
        values["project_total"] = plain(rounded(spec.project_total * factor))
    return values


def rounded(number: Decimal) -> Decimal:
    """Whole points, or hundredths of small ones; never none at all."""
    unit = Decimal(1) if abs(number) >= 2 else Decimal("0.01")
    found = number.quantize(unit, rounding=ROUND_HALF_UP)
    if found == 0:
        return unit if number > 0 else -unit
    return found


def plain(number: Decimal) -> str:
    """A number as a draft holds it: 1.50 is 1.5, 1E+2 is 100."""
    return f"{number.normalize():f}"
