"""The company's scheme simulated: its posts as they are, or as somebody imagines them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from meritbook.insight.queries.health import health
from meritbook.insight.simulating import Assumptions, Simulation, simulate
from meritbook.kit.errors import Refusal
from meritbook.kit.words import say
from meritbook.ledger.worth import Worth, worth
from meritbook.rules.health import ReachRow
from meritbook.rules.health.reach import reach_of

RANKING = "honour"
PEOPLE_MAX = 10_000
"""In all posts together."""


class NothingToSimulate(Refusal):
    """No rules, or nobody to simulate."""

    code = "nothing_to_simulate"


class Imagined(NamedTuple):
    """A post with the people and the monthly pay that were said for it; None: as it is."""

    people: int | None
    pay: int | None
    """Cents."""


def posts_of(*, company_id: int, today: date) -> tuple[list[ReachRow], Decimal]:
    """The posts with their rules, drafts in place of what they change, and the working days of an
    average month. A company without people has one row, which all its rules concern.

    Raises NothingToSimulate.
    """
    found = health(company_id=company_id, today=today)
    if not found.scheme.rules:
        raise NothingToSimulate(say("还没有标准，没有可以模拟的；请先导入或新建标准"))
    rows = found.reach
    if not rows:
        everything = tuple(
            (rule, reach_of(rule.spec, workdays=found.scheme.workdays))
            for rule in found.scheme.rules
        )
        rows = [ReachRow(say("全体员工"), 0, Decimal(0), everything)]
    return rows, found.scheme.workdays


def simulated(
    *,
    company_id: int,
    rows: Sequence[ReachRow],
    imagined: Sequence[Imagined],
    assumptions: Assumptions,
    today: date,
) -> Simulation:
    """A year. Raises NothingToSimulate when nobody works there, or too many."""
    people = [
        row.people if each.people is None else each.people
        for row, each in zip(rows, imagined, strict=True)
    ]
    if not sum(people):
        raise NothingToSimulate(say("一个人也没有，模拟不出结果；请填每个岗位的人数"))
    if sum(people) > PEOPLE_MAX:
        raise NothingToSimulate(say("人数合计不能超过 %(n)s；请减少人数", n=PEOPLE_MAX))
    known: dict[str, Worth] = {}

    def cents_of(assets: Mapping[str, int]) -> int:
        whole = 0
        for asset, amount in assets.items():
            if asset == RANKING:
                continue
            if asset not in known:
                known[asset] = worth(company_id=company_id, asset_code=asset, on=today)
            whole += known[asset].cents_of(amount)
        return whole

    return simulate(
        rows=rows,
        people=people,
        pay=[each.pay for each in imagined],
        assumptions=assumptions,
        cents_of=cents_of,
    )
