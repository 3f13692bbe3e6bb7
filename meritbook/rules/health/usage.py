"""Findings from history: what nearly everybody does anyway, fixed points that drown the rest, rules
that nobody ever uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from meritbook.kit.words import say
from meritbook.rules.health.reach import BOUNDED, reach_of
from meritbook.rules.health.scheme import (
    LOW,
    MEDIUM,
    Change,
    Finding,
    Mend,
    Scheme,
    SchemeRule,
    plain,
    scaled,
)
from meritbook.rules.health.subjects import named

NEARLY_ALL = Decimal("0.9")
ENOUGH_WINDOWS = 20
"""So many chances must lie behind a rate."""
WORTH_TELLING, WORTH_KEEPING = Decimal("0.03"), Decimal("0.02")
"""The share of all gains from which a routine is told, and to which a mend brings it."""
DROWNING, AFLOAT = Decimal(1) / 3, Decimal("0.25")
"""The share of fixed points from which behaviour drowns, and to which a mend brings it."""
IDLE_DAYS = 60
_FIXED = re.compile(
    r"学历|职务分|职务津贴|工龄|司龄|职称|岗位分|基础分|基本分|底分|起点分|固定分|固定积分|技能等级|证书"
)


def findings(scheme: Scheme) -> Iterator[Finding]:
    yield from _fixed(scheme)
    if scheme.months:
        gains = _gains(scheme)
        for rule in scheme.rules:
            yield from _routine(scheme, rule, gains)
            yield from _unused(scheme, rule)


def earned_now(scheme: Scheme, rule: SchemeRule) -> Decimal:
    """What the rule would have given at the price that it has in the scheme."""
    use = scheme.use(rule.rule_id)
    if use.price and rule.spec.points and use.price != rule.spec.points:
        return use.gained * rule.spec.points / use.price
    return Decimal(use.gained)


def _gains(scheme: Scheme) -> Decimal:
    return sum((earned_now(scheme, rule) for rule in scheme.rules), Decimal(0))


def _routine(scheme: Scheme, rule: SchemeRule, gains: Decimal) -> Iterator[Finding]:
    use = scheme.use(rule.rule_id)
    if not rule.spec.is_windowed or use.possible < ENOUGH_WINDOWS or not rule.gives:
        return
    rate = min(Decimal(use.full) / use.possible, Decimal(1))
    earned = earned_now(scheme, rule)
    share = earned / gains if gains else Decimal(0)
    if rate < NEARLY_ALL or share < WORTH_TELLING:
        return
    # Its own points are part of the whole that they are held against.
    factor = WORTH_KEEPING / (1 - WORTH_KEEPING) * (gains - earned) / earned
    values = scaled(rule.spec, factor if factor > 0 else WORTH_KEEPING)
    yield Finding(
        "routine_paid",
        MEDIUM,
        (rule,),
        say(
            "“%(rule)s”每 10 次有 %(rate)s 次拿满分，过去 %(months)s 个月占全部加分的 %(share)s%%",
            rule=named(rule),
            rate=plain((rate * 10).quantize(Decimal("0.1"))),
            months=scheme.months,
            share=plain((share * 100).quantize(Decimal("0.1"))),
        ),
        say("人人都做得到的事拿走了分，留给多做一步的人就少了"),
        Mend(
            say("把分值降到 %(points)s，省下的分给更难的事", points=_shown(values)),
            (Change(rule.rule_id, values),),
        ),
    )


def _unused(scheme: Scheme, rule: SchemeRule) -> Iterator[Finding]:
    use = scheme.use(rule.rule_id)
    if use.events or use.entries or use.days_in_force < IDLE_DAYS:
        return
    yield Finding(
        "never_used",
        LOW,
        (rule,),
        say(
            "“%(rule)s”生效 %(days)s 天，过去 %(months)s 个月一次也没有用过",
            rule=named(rule),
            days=use.days_in_force,
            months=scheme.months,
        ),
        say("没人用的标准让真正要紧的更难找；要么没人知道，要么登记太麻烦"),
        Mend(say("停用这一条"), (), (rule.rule_id,)),
    )


def _fixed(scheme: Scheme) -> Iterator[Finding]:
    """Points for what somebody is, beside points for what somebody does."""
    fixed = [rule for rule in scheme.rules if rule.gives and is_fixed(rule)]
    if not fixed:
        return
    weights = {rule.rule_id: _weight(scheme, rule) for rule in scheme.rules if rule.gives}
    total = sum(weights.values(), Decimal(0))
    own = sum((weights[rule.rule_id] for rule in fixed), Decimal(0))
    if not total or own / total <= DROWNING:
        return
    rest = total - own
    factor = AFLOAT / (1 - AFLOAT) * rest / own if rest else AFLOAT
    changes = tuple(Change(rule.rule_id, scaled(rule.spec, factor)) for rule in fixed)
    if not rest:
        return  # nothing but fixed points: there is no behaviour to drown yet
    yield Finding(
        "fixed_drowns",
        MEDIUM,
        tuple(fixed),
        say(
            "固定分（%(rules)s）占全部加分的 %(share)s%%",
            rules="、".join(named(rule) for rule in fixed[:3]),
            share=plain((own / total * 100).quantize(Decimal(1))),
        ),
        say("名次在入职那天就定了，做多做少看不出来；固定分以不超过三分之一为宜"),
        Mend(say("把固定分降到全部加分的 %(share)s%%", share=plain(AFLOAT * 100)), changes),
    )


def _weight(scheme: Scheme, rule: SchemeRule) -> Decimal:
    """What a rule gave in the history, else what can be reached by all whom it concerns."""
    if scheme.months and any(use.gained for use in scheme.uses.values()):
        return earned_now(scheme, rule)
    reach = reach_of(rule.spec, workdays=scheme.workdays)
    people = scheme.people_of(rule) if scheme.crowds else 1
    return reach.points * people if reach.kind == BOUNDED else Decimal(0)


def is_fixed(rule: SchemeRule) -> bool:
    """Whether the rule pays for what somebody is and not for what somebody does."""
    texts = f"{rule.category}{rule.indicator}{rule.text}"
    return rule.category == "固定" or _FIXED.search(texts) is not None


def _shown(values: dict[str, object]) -> str:
    return str(values.get("points") or values.get("points_max") or "")
