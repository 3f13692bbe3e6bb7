"""What a rule is about, without its price: how rules for the same thing are known."""

from __future__ import annotations

import re

from meritbook.rules.health.scheme import Scheme, SchemeRule
from meritbook.rules.spec import Population
from meritbook.rules.tables.amounts import squeezed
from meritbook.rules.tables.doubts import SAME_THINGS

_PRICE = re.compile(
    r"[+\-−±]?\d+(?:\.\d+)?(?:[~至到-]\d+(?:\.\d+)?)?"
    r"(?:个?积?分(?!钟)|元|万|千|百|次|个|条|单|张|位|名|家|件|%)?(?:/[次天日周月季年个人单条张位名家件])?"
)
_NOISE = re.compile(
    r"[,，。;；:：、()（）/“”\"'\s<>≥≤=+\-−~]|每(?=[次个条单张位名家件])|(?<=每)[次个条单张位名家件]"
    r"|[加扣奖得给计](?:[积]?分)?$|[积]?分$|每$"
)


def subject_of(rule: SchemeRule) -> str:
    """The rule's own words without numbers, units and signs; empty when nothing is left."""
    text = _PRICE.sub("", squeezed(rule.text))
    before = None
    while text != before:
        before, text = text, _NOISE.sub("", text)
    return text if len(text) >= 2 else ""


def family_of(rule: SchemeRule) -> str:
    """The thing that is priced, by a common name where many wordings mean the same."""
    spec = rule.spec
    if spec.shape == "S3" and spec.points and spec.points > 0:
        text = squeezed(rule.text)
        for name, pattern in SAME_THINGS:
            if pattern.search(text) and spec.money == (name == "销售金额"):
                return name
    return subject_of(rule)


def overlap(scheme: Scheme, one: SchemeRule, other: SchemeRule) -> bool:
    """Whether somebody is concerned by both."""
    if scheme.crowds:
        return any(
            one.concerns(crowd.facts) and other.concerns(crowd.facts) for crowd in scheme.crowds
        )
    return _may_meet(one.spec.population, other.spec.population)


def _may_meet(one: Population, other: Population) -> bool:
    return all(
        not mine or not theirs or not mine.isdisjoint(theirs)
        for mine, theirs in (
            (one.departments, other.departments),
            (one.posts, other.posts),
        )
    )


def named(rule: SchemeRule) -> str:
    """The rule as a finding names it."""
    text = rule.text.strip() or rule.spec.name
    return text if len(text) <= 40 else f"{text[:39]}…"
