"""Conditions of rules: one compiled expression over many events, on one core.

The limit is the same condition written in Python by hand over the same subjects.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bench.registry import Result, benchmark
from meritbook.kit.expressions import Kind, Name, compile_expression

TEXT = "岗位 = “客服” 且 延迟天数 > 3 且 金额 ÷ 数量 >= 100"
SUBJECTS = 50_000
TURNS = 7
SEED = 20261112

Subject = tuple[frozenset[int], Decimal, Decimal, Decimal]


@benchmark("expressions")
def expressions() -> Result:
    """Conditions evaluated in a second."""
    compiled = compile_expression(
        TEXT,
        names={
            "岗位": Name(Kind.MEMBERSHIP, lambda subject: subject[0], {"客服": 2}),
            "延迟天数": Name(Kind.NUMBER, lambda subject: subject[1]),
            "金额": Name(Kind.NUMBER, lambda subject: subject[2]),
            "数量": Name(Kind.NUMBER, lambda subject: subject[3]),
        },
    )
    subjects = _subjects()
    figures = [_rate(compiled.holds, subjects) for _turn in range(TURNS)]
    limits = [_rate(_by_hand, subjects) for _turn in range(TURNS)]
    return Result(
        name="expressions",
        what="a compiled condition of three comparisons and a division",
        unit="evaluations/s",
        figure=statistics.median(figures),
        limit=statistics.median(limits),
        limit_is="the same condition as a Python function",
        floor=300_000,
        goal=1_000_000,
        conditions={"subjects": SUBJECTS, "turns": TURNS, "seed": SEED},
    )


def _by_hand(subject: Subject) -> bool:
    posts, days, amount, quantity = subject
    return 2 in posts and days > 3 and amount / quantity >= 100


def _subjects() -> list[Subject]:
    chance = random.Random(SEED)
    return [
        (
            frozenset({chance.randrange(1, 4)}),
            Decimal(chance.randrange(8)),
            Decimal(chance.randrange(100, 9_000_000)) / 100,
            Decimal(chance.randrange(1, 30)),
        )
        for _each in range(SUBJECTS)
    ]


def _rate(holds: Callable[[Any], bool], subjects: list[Subject]) -> float:
    gc.collect()
    started = time.process_time()
    for subject in subjects:
        holds(subject)
    return len(subjects) / (time.process_time() - started)
