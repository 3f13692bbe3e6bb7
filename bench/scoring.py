"""P10: rule evaluation alone, with the forty-one rules of the source tables, on one core.

One turn takes every event of a realistic mix from its type to its result: the facts are built
from plain values, the rules are looked up by event type, and each is asked for its score or its
admission. Nothing is stored and nothing is cached between events but what a worker keeps too
(compiled rules, windows by day, dates read before).

The limit is the least that any evaluator in this language has to do for the same events: build
the same facts, look the type up and call one empty function for each rule found.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from bench.registry import Result, benchmark
from meritbook.rules.scoring import CompiledRule, compile_rule, index_rules
from meritbook.rules.spec import EventFacts, PersonFacts, Population, RuleSpec
from tests.rules.scoring.rulebook import RULES

EVENTS = 50_000
TURNS = 7
SEED = 20261112
FIRST_DAY = datetime.fromisoformat("2026-11-01")

Index = dict[str, tuple[CompiledRule, ...]]
Facts = tuple[datetime, bool, Decimal | None, Decimal | None, str, dict[str, str]]
Raw = tuple[str, Facts]

# How often each kind of duty occurs, per person and day: calls and visits far before deliveries.
WEIGHTS = {"S1": 2, "S2": 10, "S3": 12, "S4": 12, "S5": 4, "S6": 1, "S7": 2, "S8": 8, "S9": 1}


@benchmark("scoring")
def scoring() -> Result:
    """Events evaluated in a second."""
    index = index_rules((spec.code, compile_rule(_with_people(spec))) for spec in RULES)
    person = PersonFacts(frozenset({1, 4, 9}), frozenset({2}))
    raw = _events()
    figures, limits = [], []
    for _turn in range(TURNS):
        figures.append(_rate(lambda: _evaluate(raw, index, person), len(raw)))
        limits.append(_rate(lambda: _walk(raw, index, person), len(raw)))
    return Result(
        name="scoring",
        what="rule evaluation alone, facts built, rules found by event type",
        unit="events/s",
        figure=statistics.median(figures),
        limit=statistics.median(limits),
        limit_is="the same events built and looked up, an empty function called per rule",
        floor=50_000,
        goal=200_000,
        conditions={
            "rules": len(RULES),
            "events": EVENTS,
            "turns": TURNS,
            "seed": SEED,
            "slowest": f"{min(figures):,.0f}",
            "fastest": f"{max(figures):,.0f}",
        },
    )


def _with_people(spec: RuleSpec) -> RuleSpec:
    """Every second rule asks for a department, as rules of a real company do."""
    departments = frozenset({4, 5}) if spec.version_id % 2 else frozenset[int]()
    values = {name: getattr(spec, name) for name in RuleSpec.__slots__}
    return RuleSpec(**values | {"population": Population(departments)})


def _evaluate(raw: list[Raw], index: Index, person: PersonFacts) -> int:
    earned = 0
    for event_type, facts in raw:
        event = EventFacts(*facts)
        for rule in index.get(event_type, ()):
            if rule.windowed:
                earned += rule.admit(event, person).counted
            else:
                earned += rule.score(event, person).points
    return earned


def _walk(raw: list[Raw], index: Index, person: PersonFacts) -> int:
    walked = 0
    for event_type, facts in raw:
        event = EventFacts(*facts)
        for _rule in index.get(event_type, ()):
            walked += _nothing(event, person)
    return walked


def _nothing(_event: EventFacts, _person: PersonFacts) -> int:
    return 1


def _rate(work: Callable[[], object], events: int) -> float:
    gc.collect()
    started = time.process_time()
    work()
    return events / (time.process_time() - started)


def _events() -> list[Raw]:
    chance = random.Random(SEED)
    specs = chance.choices(RULES, [WEIGHTS[spec.shape] for spec in RULES], k=EVENTS)
    return [_event(spec, chance) for spec in specs]


def _event(spec: RuleSpec, chance: random.Random) -> Raw:
    happened_at = FIRST_DAY + timedelta(minutes=chance.randrange(30 * 24 * 60))
    day = happened_at.date()
    quantity = amount = None
    attributes: dict[str, str] = {}
    if spec.money:
        amount = Decimal(chance.randrange(100, 9_000_000)) / 100
    elif spec.shape in ("S3", "S4", "S5"):
        quantity = Decimal(chance.randrange(1, 30))
    if spec.shape == "S7":
        due = day + timedelta(days=chance.randrange(-5, 5))
        attributes = {"应交日期": str(due), "交付日期": str(day)}
    elif spec.shape == "S8":
        attributes = {"分钟": str(chance.randrange(1, 60))}
    elif spec.shape == "S9":
        attributes = {"分值": str(-chance.randrange(50, 1000))}
    elif spec.checklist and chance.random() < 0.8:
        attributes = {item.item: str(chance.randrange(0, 80)) for item in spec.checklist}
    elif spec.code == "R04" and chance.random() < 0.5:
        ordered_at = happened_at - timedelta(minutes=chance.randrange(1, 1200))
        attributes = {"下单时间": ordered_at.strftime("%Y-%m-%d %H:%M")}
    return spec.code, (happened_at, True, quantity, amount, "广州宏达贸易", attributes)
