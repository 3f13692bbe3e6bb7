"""Recomputing what the ledger promises, from the rows themselves.

Each check looks for rows that break a promise; none is the proof. It reads as the application
does, inside the company's scope, so a row of another company is a missing parent here. What a
check compares it reads in one statement, thus in one snapshot, while postings go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

from meritbook.ledger.checks import anchors, chain, folds, guards, lots, rows

MESSAGES_SHOWN = 3
"""How many broken rows a check names."""


@dataclass(frozen=True, slots=True)
class Check:
    """One promise; ``detail`` counts the rows that break it and names the first."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The state of a company's ledger."""

    ok: bool
    transactions: int
    checks: tuple[Check, ...]


Runner = Callable[..., Iterator[tuple[str, str]]]

STEPS: tuple[tuple[tuple[str, ...], Runner], ...] = (
    *((names, rows.runner(query)) for names, query in (folds.STEP, *lots.STEPS, *rows.STEPS)),
    (rows.KEYS, rows.repeated_keys),
    (guards.STEP[0], rows.runner(guards.STEP[1])),
    (chain.WAITING, chain.misplaced),
    (chain.BLOCKS, chain.broken_blocks),
    (anchors.NAMES, anchors.broken_anchors),
)
"""The names of the checks that run together, and what yields (name, broken row) of them."""

CHECKS = tuple(name for names, _run in STEPS for name in names)

SEALS = (chain.WAITING, chain.BLOCKS)


def verify(*, company_id: int, seals: bool = True) -> Verification:
    """Recompute every invariant of one company's ledger. Reads only.

    Without ``seals`` blocks are not looked at.
    """
    checks = [
        check
        for step in range(len(STEPS))
        if seals or STEPS[step][0] not in SEALS
        for check in run_step(company_id=company_id, step=step)
    ]
    return Verification(
        all(check.ok for check in checks), transactions(company_id=company_id), tuple(checks)
    )


def run_step(*, company_id: int, step: int) -> list[Check]:
    """The checks of one of the ``STEPS``, for who shows how far it is."""
    names, run = STEPS[step]
    with connection.cursor() as cursor, _tuned(cursor):
        return _judged(names, run(cursor, company_id=company_id))


def transactions(*, company_id: int) -> int:
    """How many transactions the company has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_tx WHERE company_id = %s", [company_id])
        return int(cursor.fetchone()[0])


def _judged(names: tuple[str, ...], broken: Iterator[tuple[str, str]]) -> list[Check]:
    counts = dict.fromkeys(names, 0)
    told: dict[str, list[str]] = {name: [] for name in names}
    for name, detail in broken:
        counts[name] += 1
        if len(told[name]) < MESSAGES_SHOWN:
            told[name].append(detail)
    return [
        Check(name, count == 0, f"{count}: {'; '.join(told[name])}" if count else "")
        for name, count in counts.items()
    ]


# Every row is read once, so the plans that suit are those for whole tables, whatever the statistics
# of a table that has just been filled say.
_SETTINGS = {
    "jit": "off",
    "enable_nestloop": "off",
    "work_mem": "128MB",
    "max_parallel_workers_per_gather": "2",
}


@contextmanager
def _tuned(cursor: Any) -> Iterator[None]:
    """Settings for the time of the block; those of the transaction come back after it."""
    before = {}
    for name, value in _SETTINGS.items():
        cursor.execute("SELECT current_setting(%s), set_config(%s, %s, true)", [name, name, value])
        before[name] = cursor.fetchone()[0]
    yield
    for name, value in before.items():
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
