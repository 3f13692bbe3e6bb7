"""A checklist over several events: 50 calls and 1 visit of a day are one duty done, or not.

What a window has of the types that its rule's items count is added up and looked at as one event
that says so; where it falls short the trace names the item and what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from meritbook.rules import attributes, checks
from meritbook.rules.scoring import CompiledRule
from meritbook.rules.spec import Contribution, EventFacts

GATHERED = "gathered"
"""The key of what was added up; no event has it, because theirs name a source."""
_ONE = Decimal(1)


class Member(NamedTuple):
    """An event of a window, as it was brought in."""

    type_code: str
    contribution: Contribution
    facts: EventFacts


def gathered(
    rule: CompiledRule, items: Mapping[str, str], members: Sequence[Member]
) -> list[tuple[Contribution, EventFacts]]:
    """What the window's result reads: the events themselves, those that count for items as one.

    ``items`` says for which item a type counts: by its 数量, or once. An event of the rule's own
    code may say items too (电话量: 20) and adds to them. The order of the events does not matter.
    """
    if not items:
        return [(one.contribution, one.facts) for one in members]
    names = set(items.values())
    left: list[tuple[Contribution, EventFacts]] = []
    sums: dict[str, Decimal] = {}
    latest: datetime | None = None
    for one in members:
        given = _given(one, items, names) if one.contribution.counted else {}
        if not given:
            left.append((one.contribution, one.facts))
            continue
        for item, number in given.items():
            sums[item] = sums.get(item, Decimal(0)) + number
        if latest is None or one.contribution.happened_at > latest:
            latest = one.contribution.happened_at
    if latest is None:
        return left
    facts = EventFacts(
        latest,
        attributes={one.item: _text(sums.get(one.item, Decimal(0))) for one in rule.spec.checklist},
    )
    unmet = checks.checklist_check(rule.spec)
    counted = unmet is None or not unmet(facts)
    return [*left, (Contribution(GATHERED, latest, _ONE, counted), facts)]


def _given(one: Member, items: Mapping[str, str], names: set[str]) -> dict[str, Decimal]:
    item = items.get(one.type_code)
    if item is not None:
        quantity = one.facts.quantity
        return {item: _ONE if quantity is None else quantity}
    return {
        name: number
        for name in names
        if (number := attributes.number_of(one.facts.attributes.get(name, ""))) is not None
    }


def _text(number: Decimal) -> str:
    return f"{number.normalize():f}"
