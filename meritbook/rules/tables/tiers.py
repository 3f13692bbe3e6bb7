"""Tiers in the wording of rules: 达到 10 万 500 分,20 万 1200 分; 10万/20万 with 500/1200."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from meritbook.rules.tables.amounts import AMOUNT, amount_of
from meritbook.rules.tables.units import COUNTERS, MONEY_CONTEXT

_STEP = re.compile(
    rf"(?<![每第\d.])(?P<over>超过|突破|大于|>(?!=))?(?:达到?|满|≥|>=|完成)?"
    rf"(?P<bound>{AMOUNT})(?P<unit>%|元|块|分(?=以上|及以上)|{COUNTERS})?(?:\(含\))?(?:及?以上)?"
    rf"[,::]?(?:则|可)?(?:得|奖励?|加|获得?|计)?(?P<points>{AMOUNT})(?:积分|分)(?!钟)"
)
_SERIES = rf"{AMOUNT}(?:元|%|分|{COUNTERS})?"


@dataclass(frozen=True, slots=True)
class Tiers:
    """Steps of (bound, points) by rising bound, and what the bounds count."""

    steps: tuple[tuple[Decimal, Decimal], ...]
    unit: str | None
    strict: bool = False


def tiers_of(standard: str, *, points: str) -> Tiers | None:
    """Return the tiers of a squeezed standard (with its points cell), None when it has none."""
    return _spelled(standard) or _parallel(standard, points)


def _spelled(text: str) -> Tiers | None:
    found = list(_STEP.finditer(text))
    if len(found) < 2:
        return None
    pairs = [(amount_of(step["bound"]), amount_of(step["points"])) for step in found]
    unit = next((step["unit"] for step in found if step["unit"]), None)
    return _tiers(pairs, unit=unit, text=text, strict=any(step["over"] for step in found))


def _parallel(standard: str, points: str) -> Tiers | None:
    """Read 10万/20万/50万 in the standard beside 500/1200/3000 in the points."""
    given = re.fullmatch(rf"({AMOUNT}(?:积?分)?(?:[/、,;]{AMOUNT}(?:积?分)?)+)", points)
    if given is None:
        return None
    worths = [amount_of(number) for number in re.findall(AMOUNT, points)]
    for found in re.finditer(rf"{_SERIES}(?:[/、,;]{_SERIES})+", standard):
        bounds = re.findall(rf"({AMOUNT})(元|%|{COUNTERS})?", found[0])
        if len(bounds) == len(worths):
            unit = next((unit for _number, unit in bounds if unit), None)
            pairs = [
                (amount_of(number), worth)
                for (number, _unit), worth in zip(bounds, worths, strict=True)
            ]
            return _tiers(pairs, unit=unit, text=standard, strict=False)
    return None


def _tiers(
    pairs: list[tuple[Decimal, Decimal]], *, unit: str | None, text: str, strict: bool
) -> Tiers | None:
    steps = tuple(sorted(pairs))
    rising = all(low[0] < high[0] and low[1] < high[1] for low, high in pairwise(steps))
    if not rising:
        return None
    if unit in {"块", "元"} or (unit is None and MONEY_CONTEXT.search(text)):
        unit = "元"
    return Tiers(steps=steps, unit=unit, strict=strict)
