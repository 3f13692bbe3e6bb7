"""Tiers in the wording of rules: 达到 10 万 500 分,20 万 1200 分; 10万/20万 with 500/1200.

A text is read as tiers only when nothing of it is left over: the same thing in every step, one unit,
bounds and points that rise together. Everything else stays with the other shapes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from meritbook.rules.tables.amounts import AMOUNT, amount_of
from meritbook.rules.tables.units import COUNTERS, MONEY_CONTEXT

_UNIT = rf"%|元|块(?!钱)|块钱|分(?=以上|及以上|至|到|~|-|:)|{COUNTERS}"
_SUM = r"业绩|销售额|营业额|回款|利润|金额"
_NOUN = r"(?!月|季|周|星期|小时|工作日|[内前后])[^\d,;:。、()%分得奖加扣获计给以及每]{1,4}"
_STEP = re.compile(
    r"(?<![每第\d.])(?P<over>超过|突破|大于|高于|>(?!=))?(?:完成|达成|实现)?(?:达到?|满|≥|>=|不低于|不少于|至少)?"
    rf"(?:(?P<low>{AMOUNT})(?:{_UNIT})?(?:至|到|~|-{{1,2}}))?"
    rf"(?P<bound>{AMOUNT})(?!(?<=\d)\d)(?:(?P<unit>{_UNIT})(?:{_NOUN})?|{_SUM})?(?:\(含\))?(?:及?以上)?(?:的)?"
    r"[,:]?(?:则|可)?(?:(?P<word>得|奖励?|加|获得?|计|给)|(?P<minus>扣除?))?"
    rf"(?<!\d)(?P<points>{AMOUNT})(?P<point>个?积?分)?(?![钟\d.])"
)
_NOTHING = re.compile(
    rf"(?<![\d.])(?:(?:不足|不满|低于|未达到?|小于|<){AMOUNT}(?!\d)(?:{_UNIT})?"
    rf"|{AMOUNT}(?!\d)(?:{_UNIT})?(?:及?以下|以内))"
    r"[,:]?(?:不得分|不计分|不加分|无积分|得?0分)[,;。]?"
)
_PRICED = re.compile(r"\d(?:个?积分|分(?!钟))|[得奖加扣获给]\d|每\d")
_SERIES = rf"{AMOUNT}(?:元|%|分|{COUNTERS})?"
_BETWEEN = re.compile(r"[,;:。、()\s]|和|及|则|完成|达成|实现|达到?")
_LARGEST, _MOST = Decimal(10) ** 13, Decimal(10) ** 9
_MAGNITUDE = re.compile(r"[百千万亿wWkK]+$")


@dataclass(frozen=True, slots=True)
class Tiers:
    """Steps of (bound, points) by rising bound, and what the bounds count."""

    steps: tuple[tuple[Decimal, Decimal], ...]
    unit: str | None
    strict: bool = False
    is_large: bool = False
    """The bounds are written in thousands and more, without a unit."""
    ends_at: Decimal | None = None
    """The last step is a span: what comes beyond it is not said."""


def tiers_of(standard: str, *, points: str) -> Tiers | None:
    """Return the tiers of a squeezed standard (with its points cell), None when it has none."""
    return (
        _spelled(standard, head="")
        or _parallel(standard, points)
        or (_spelled(points, head=standard) if points else None)
    )


def _spelled(text: str, *, head: str) -> Tiers | None:
    text = _NOTHING.sub("", text)
    found = [
        step for step in _STEP.finditer(text) if step["point"] or step["word"] or step["minus"]
    ]
    if len(found) < 2 or not _is_whole(text, found, head=head):
        return None
    units = {step["unit"] for step in found if step["unit"]}
    bare = [step for step in found if not step["unit"]]
    is_large = any(_MAGNITUDE.search(step["bound"]) for step in bare)
    overs = {bool(step["over"]) for step in found}
    signs = {bool(step["minus"]) for step in found}
    if len(units) > 1 or len(overs) > 1 or len(signs) > 1 or "分钟" in units:
        return None
    if is_large and units - {"元", "块", "块钱"}:
        return None
    spans = sorted((_low(step), amount_of(step["bound"]), _points(step)) for step in found)
    for (_from, high, _worth), (above, _high, _worth2) in pairwise(spans):
        if any(step["low"] for step in found) and not 0 <= above - high <= 1:
            return None
    last = max(found, key=_low)
    return _tiers(
        [(low, worth) for low, _high, worth in spans if worth],
        unit=next(iter(units), None),
        text=f"{head};{text}",
        strict=overs == {True},
        is_large=is_large,
        ends_at=amount_of(last["bound"]) if last["low"] else None,
    )


def _is_whole(text: str, found: list[re.Match[str]], *, head: str) -> bool:
    """Say whether the steps speak of one thing, and no other price stands beside them."""
    first = found[0]
    begin = text[: first.start()]
    rest = begin + ";" + text[found[-1].end() :]
    if _PRICED.search(rest):
        return False
    about = f"{head}{begin}"
    gaps = (text[one.end() : two.start()] for one, two in pairwise(found))
    return all((kept := _BETWEEN.sub("", gap)) == "" or kept in about for gap in gaps)


def _low(step: re.Match[str]) -> Decimal:
    """Return where a step begins: 10-20万 begins at 10 万."""
    low = step["low"]
    if low is None:
        return amount_of(step["bound"])
    magnitude = _MAGNITUDE.search(step["bound"])
    return amount_of(low if _MAGNITUDE.search(low) or not magnitude else low + magnitude[0])


def _points(step: re.Match[str]) -> Decimal:
    return amount_of(step["points"]) * (-1 if step["minus"] else 1)


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
            is_large = unit is None and any(_MAGNITUDE.search(number) for number, _unit in bounds)
            return _tiers(pairs, unit=unit, text=standard, strict=False, is_large=is_large)
    return None


def _tiers(
    pairs: list[tuple[Decimal, Decimal]],
    *,
    unit: str | None,
    text: str,
    strict: bool,
    is_large: bool,
    ends_at: Decimal | None = None,
) -> Tiers | None:
    steps = tuple(sorted(pairs))
    rising = len(steps) > 1 and all(
        low[0] < high[0] and abs(low[1]) < abs(high[1]) for low, high in pairwise(steps)
    )
    if not rising or steps[-1][0] >= _LARGEST or abs(steps[-1][1]) >= _MOST:
        return None
    if unit in {"块", "块钱", "元"} or (unit is None and MONEY_CONTEXT.search(text)):
        unit = "元"
    return Tiers(
        steps=steps,
        unit=unit,
        strict=strict,
        is_large=is_large and unit is None,
        ends_at=ends_at,
    )
