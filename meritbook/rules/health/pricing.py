"""Findings on rules beside each other: prices, weights, overlaps, contradictions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from meritbook.kit.words import say
from meritbook.rules.health.reach import BOUNDED, reach_of
from meritbook.rules.health.scheme import (
    HIGH,
    MEDIUM,
    Change,
    Finding,
    Mend,
    Scheme,
    SchemeRule,
    plain,
    rounded,
    scaled,
)
from meritbook.rules.health.subjects import family_of, named, overlap, subject_of
from meritbook.rules.windows import period_kind

APART = Decimal("0.20")
"""A share of the reachable points so far from the stated weight is told."""
_PRICED = frozenset({"S1", "S3"})
_MEETING = frozenset({"S1", "S2", "S3", "S5", "S9"})


def findings(scheme: Scheme) -> Iterator[Finding]:
    met = list(_meetings(scheme))
    yield from met
    settled = {frozenset(rule.rule_id for rule in found.rules) for found in met}
    yield from _prices(scheme, settled)
    yield from _weights(scheme)


def _meetings(scheme: Scheme) -> Iterator[Finding]:
    """Rules for the same thing and the same people: paid twice, or given and taken at once."""
    groups: dict[str, list[SchemeRule]] = defaultdict(list)
    for rule in scheme.rules:
        subject = subject_of(rule) if rule.spec.shape in _MEETING else ""
        if subject:
            groups[subject].append(rule)
    for rules in groups.values():
        for one, other in combinations(rules, 2):
            if not overlap(scheme, one, other):
                continue
            if one.gives != other.gives:
                yield _contradiction(one, other)
            elif one.spec.shape == other.spec.shape == "S5":
                if one.spec.target != other.spec.target and _same_window(one, other):
                    yield _ladder(one, other)
            elif one.spec.shape == other.spec.shape and one.spec.checklist == other.spec.checklist:
                yield _double(scheme, one, other)


def _same_window(one: SchemeRule, other: SchemeRule) -> bool:
    return period_kind(one.spec) == period_kind(other.spec)


def _contradiction(one: SchemeRule, other: SchemeRule) -> Finding:
    newer = max(one, other, key=lambda rule: rule.rule_id)
    return Finding(
        "contradiction",
        HIGH,
        (one, other),
        say(
            "“%(one)s”和“%(other)s”说的是同一件事，一条加分，一条扣分",
            one=named(one),
            other=named(other),
        ),
        say("同一个人做了这件事，到底加还是扣，两条都说得通，谁也解释不清"),
        Mend(say("停用后设的“%(rule)s”", rule=named(newer)), (), (newer.rule_id,)),
    )


def _double(scheme: Scheme, one: SchemeRule, other: SchemeRule) -> Finding:
    less_used = min(
        (one, other), key=lambda rule: (scheme.use(rule.rule_id).entries, -rule.rule_id)
    )
    return Finding(
        "overlap",
        MEDIUM,
        (one, other),
        say("“%(one)s”和“%(other)s”管的是同一件事、同一批人", one=named(one), other=named(other)),
        say("一件事登记两次就得两份分；只登一次，又总有人问为什么按低的算"),
        Mend(say("保留一条，停用“%(rule)s”", rule=named(less_used)), (), (less_used.rule_id,)),
    )


def _ladder(one: SchemeRule, other: SchemeRule) -> Finding:
    low, high = sorted((one, other), key=lambda rule: rule.spec.target or Decimal(0))
    tiers = [
        {
            "from": plain(rule.spec.target or Decimal(0)),
            "points": plain(rule.spec.points or Decimal(0)),
        }
        for rule in (low, high)
    ]
    return Finding(
        "overlap",
        MEDIUM,
        (one, other),
        say("“%(low)s”和“%(high)s”是同一项的两档，各是一条标准", low=named(low), high=named(high)),
        say("达到高的一档时两条都得分，发出去的比写的多"),
        Mend(
            say("合成一条两档的标准，只取最高一档"),
            (Change(low.rule_id, {"tiers": tiers}),),
            (high.rule_id,),
        ),
    )


def _prices(scheme: Scheme, settled: set[frozenset[int]]) -> Iterator[Finding]:
    """The same thing at other prices for other people."""
    groups: dict[tuple[str, bool], list[tuple[SchemeRule, Decimal]]] = defaultdict(list)
    for rule in scheme.rules:
        spec = rule.spec
        if spec.shape not in _PRICED or not spec.points or spec.points == 0:
            continue
        family = family_of(rule)
        if family:
            groups[family, spec.money].append((rule, spec.points / (spec.divisor or Decimal(1))))
    for (family, _money), priced in groups.items():
        prices = {price for _rule, price in priced}
        signs = {price > 0 for price in prices}
        ids = frozenset(rule.rule_id for rule, _price in priced)
        if len(prices) < 2 or len(signs) > 1 or ids in settled:
            continue
        yield _priced_differently(scheme, family, priced)


def _priced_differently(
    scheme: Scheme, family: str, priced: Sequence[tuple[SchemeRule, Decimal]]
) -> Finding:
    """The price that holds for most people is proposed for all."""
    people: dict[Decimal, int] = defaultdict(int)
    for rule, price in priced:
        people[price] += scheme.people_of(rule) or 1
    common = max(people, key=lambda price: (people[price], -abs(price)))
    changes = tuple(
        Change(rule.rule_id, {"points": plain(common * (rule.spec.divisor or Decimal(1)))})
        for rule, price in priced
        if price != common
    )
    low, high = min(priced, key=lambda pair: pair[1]), max(priced, key=lambda pair: pair[1])
    return Finding(
        "priced_differently",
        MEDIUM,
        tuple(rule for rule, _price in priced),
        say(
            "“%(family)s”定价不同：“%(low)s”和“%(high)s”相差 %(times)s 倍",
            family=family,
            low=named(low[0]),
            high=named(high[0]),
            times=plain((high[1] / low[1]).quantize(Decimal("0.1"))),
        ),
        say("做同样的事，在这个岗位不如在那个岗位值钱，员工一比就知道"),
        Mend(say("都按多数人现在的价计"), changes),
    )


def _weights(scheme: Scheme) -> Iterator[Finding]:
    """Stated weights beside the share of the points that one can reach, by indicator."""
    groups: dict[tuple[str, str], list[SchemeRule]] = defaultdict(list)
    for rule in scheme.rules:
        if rule.spec.weight_percent and rule.spec.shape != "S6":
            groups[rule.sheet, rule.indicator].append(rule)
    for (sheet, indicator), rules in groups.items():
        reaches = [reach_of(rule.spec, workdays=scheme.workdays) for rule in rules]
        if len(rules) < 2 or any(reach.kind != BOUNDED for reach in reaches):
            continue
        total = sum((reach.points for reach in reaches), Decimal(0))
        stated = sum((rule.spec.weight_percent or Decimal(0) for rule in rules), Decimal(0))
        shares = [
            ((rule.spec.weight_percent or Decimal(0)) / stated, reach.points / total)
            for rule, reach in zip(rules, reaches, strict=True)
        ]
        worst = max(range(len(rules)), key=lambda n: abs(shares[n][0] - shares[n][1]))
        weight, share = shares[worst]
        if abs(weight - share) < APART:
            continue
        changes = tuple(
            Change(rule.rule_id, _to_share(rule, wanted * total / reach.points))
            for rule, reach, (wanted, _has) in zip(rules, reaches, shares, strict=True)
        )
        yield Finding(
            "weight_apart",
            MEDIUM,
            tuple(rules),
            say(
                "“%(indicator)s”里，“%(rule)s”的权重是 %(weight)s%%，能拿到的分却占 %(share)s%%",
                indicator=indicator or sheet,
                rule=named(rules[worst]),
                weight=plain((weight * 100).quantize(Decimal(1))),
                share=plain((share * 100).quantize(Decimal(1))),
            ),
            say("写的是一个重点，分给的是另一个重点；员工跟着分走"),
            Mend(say("总分不变，按权重重新分配每条的分值"), changes),
        )


def _to_share(rule: SchemeRule, factor: Decimal) -> dict[str, object]:
    values = scaled(rule.spec, factor)
    if rule.spec.cap is not None:
        values["cap"] = plain(rounded(rule.spec.cap * factor))
    return values
