"""Findings on what a rule leaves open: no cap, no floor, a target without a period."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from meritbook.kit import periods
from meritbook.kit.words import say
from meritbook.rules.health.reach import target_points, times_a_month
from meritbook.rules.health.scheme import (
    LOW,
    MEDIUM,
    Change,
    Finding,
    Mend,
    Scheme,
    SchemeRule,
    plain,
    rounded,
)
from meritbook.rules.health.subjects import named
from meritbook.rules.tables.amounts import squeezed
from meritbook.rules.tables.provisos import is_uncapped

ROOM_OVER_TARGET = 2
"""A proposed cap lets so many times the target earn."""
ROOM_OVER_BEST = Decimal("1.5")
UNITS_A_MONTH = 30
DAYS_LATE_MAX = 10


def findings(scheme: Scheme) -> Iterator[Finding]:
    for rule in scheme.rules:
        yield from _uncapped(scheme, rule)
        yield from _bottomless(rule)
        yield from _unframed_target(rule)


def _uncapped(scheme: Scheme, rule: SchemeRule) -> Iterator[Finding]:
    spec = rule.spec
    if spec.shape != "S3" or not spec.points or spec.points <= 0 or spec.cap is not None:
        return
    if is_uncapped(squeezed(rule.text)):
        return  # somebody wrote 上不封顶: that is a decision
    cap = rounded(_room(scheme, rule))
    why = say("一个人靠这一条就能拉开所有人，预算也没有上限")
    best = scheme.use(rule.rule_id).best_month
    if best:
        why = say(
            "%(why)s；过去 %(months)s 个月，一个人一个月最多得过 %(best)s 分",
            why=why,
            months=scheme.months,
            best=plain(Decimal(best) / 100),
        )
    yield Finding(
        "no_cap",
        MEDIUM,
        (rule,),
        say("“%(rule)s”按量计分，没有封顶", rule=named(rule)),
        why,
        Mend(
            say("每人每月最多 %(cap)s 分", cap=plain(cap)),
            (Change(rule.rule_id, {"cap": plain(cap), "cap_per": periods.MONTH}),),
        ),
    )


def _room(scheme: Scheme, rule: SchemeRule) -> Decimal:
    """A cap that nobody who works hard meets: above the target, and above what was earned."""
    spec = rule.spec
    target = target_points(spec)
    if target is not None:
        asked = target * times_a_month(spec.period or periods.MONTH, workdays=scheme.workdays)
    else:
        asked = (spec.points or Decimal(0)) * UNITS_A_MONTH / ROOM_OVER_TARGET
    best = Decimal(scheme.use(rule.rule_id).best_month) / 100
    return max(asked * ROOM_OVER_TARGET, best * ROOM_OVER_BEST)


def _bottomless(rule: SchemeRule) -> Iterator[Finding]:
    spec = rule.spec
    if spec.shape != "S7" or not spec.points or spec.points >= 0 or spec.cap is not None:
        return
    most = plain(abs(spec.points) * DAYS_LATE_MAX)
    yield Finding(
        "no_floor",
        MEDIUM,
        (rule,),
        say("“%(rule)s”按天扣分，没有扣到多少为止", rule=named(rule)),
        say("一件拖久了的事能把人扣到没有翻身的机会，之后就没人在乎了"),
        Mend(
            say("每次最多扣 %(most)s 分", most=most),
            (Change(rule.rule_id, {"cap": most, "cap_per": "event"}),),
        ),
    )


def _unframed_target(rule: SchemeRule) -> Iterator[Finding]:
    spec = rule.spec
    if spec.target is None or spec.period or spec.deadline is not None:
        return
    if spec.shape not in ("S1", "S3", "S4", "S5"):
        return
    yield Finding(
        "target_without_period",
        MEDIUM if spec.is_windowed else LOW,
        (rule,),
        say(
            "“%(rule)s”有目标 %(target)s，没说多长时间内完成",
            rule=named(rule),
            target=plain(spec.target),
        ),
        say("一周完成和一年完成是两回事；没写清，员工和主管会各算各的"),
        Mend(say("按月计"), (Change(rule.rule_id, {"period": periods.MONTH}),)),
    )
