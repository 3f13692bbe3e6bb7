"""P3: a million events scored, capped and posted with all totals, without the file and the entries.

Every event is evaluated by the published rules of its type; what it earns is posted by
``post_bulk`` in transactions of ten thousand, a third of it under a cap per person and month, which
stands so that it cuts about one posting in ten (the rules of the table give by the thousand). The
limit is a raw COPY of as many transfer rows into a table with the same columns and indexes. Beside
them, in the same run: the same postings by a plain Django ORM (rows locked, added to and saved one
by one), on fewer events.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bench.databases import conditions, database
from bench.ledger import copy_transfers
from bench.orm import post_by_orm
from bench.registry import Result, benchmark
from meritbook.rules.scoring import compile_rule, index_rules
from meritbook.rules.spec import EventFacts, PersonFacts
from tests.rules.scoring.rulebook import RULES

if TYPE_CHECKING:
    from meritbook.ledger.operations import Issue
    from tests.ledger.books import Book

EVENTS = 1_000_000
BATCH = 10_000
PEOPLE = 1_000
ORM_EVENTS = 2_000
CAP = 9_000_000_00
SEED = 20261122
FIRST_DAY = datetime.fromisoformat("2026-11-01")
PER_EVENT = [spec for spec in RULES if spec.shape in ("S1", "S3", "S8")]


@benchmark("million")
def million() -> Result:
    """Transfers in a second, scoring and caps included."""
    with database() as name:
        book, people, cap_id = _book()
        spent = 0.0
        transfers = capped = 0
        limits = []
        for n, batch in enumerate(_batches(people, cap_id)):
            started = time.perf_counter()
            with book.scope():
                issues = [issue for issue in batch if issue is not None]
                statuses = _post(book, issues)
            spent += time.perf_counter() - started
            capped += statuses.count("capped")
            transfers += sum(len(issue.amounts) for issue in issues)
            if n % 20 == 0:
                limits.append(copy_transfers(name, issues, repeat=5))
        orm = post_by_orm(name, book, issues[:ORM_EVENTS])
        with book.scope():
            book.assert_sound()
    return Result(
        name="million",
        what="a million events scored, capped, posted with balances, lots, totals",
        unit="transfers/s",
        figure=transfers / spent,
        limit=statistics.median(limits),
        limit_is="raw COPY of as many transfer rows, same indexes",
        floor=0.25,
        goal=0.50,
        judged="ratio",
        conditions=conditions()
        | {
            "events": EVENTS,
            "events/s": round(EVENTS / spent),
            "transfers": transfers,
            "capped": capped,
            "people": PEOPLE,
            "plain ORM, transfers/s": round(orm),
        },
    )


def _book() -> tuple[Book, list[int], int]:
    from meritbook.ledger.operations import open_wallets
    from meritbook.org.models import Party
    from tests.ledger.books import found_book
    from tests.ledger.caps import cap as capped

    book = found_book()
    with book.scope():
        people = [
            Party.objects.create(company_id=book.company_id, kind="employee").pk
            for _ in range(PEOPLE)
        ]
        open_wallets(company_id=book.company_id, party_ids=people)
        cap_id = capped(book, CAP, asset_code="spendable", valid_from=date(2026, 1, 1))
    return book, people, cap_id


def _batches(people: list[int], cap_id: int) -> Iterator[Iterator[Issue | None]]:
    """Events in order of time, scored while they are drawn: the clock runs meanwhile."""
    index = index_rules((spec.code, compile_rule(spec)) for spec in PER_EVENT)
    chance = random.Random(SEED)
    for start in range(0, EVENTS, BATCH):
        raw = []
        for n in range(start, start + BATCH):
            spec = chance.choice(PER_EVENT)
            at = FIRST_DAY + timedelta(minutes=n * 30 * 24 * 60 // EVENTS)
            raw.append(
                (
                    n,
                    spec.code,
                    at,
                    Decimal(chance.randrange(1, 9)),
                    Decimal(chance.randrange(100, 90_000)),
                    {"分钟": str(chance.randrange(1, 60))} if spec.shape == "S8" else {},
                )
            )
        yield _scored(raw, index, people, cap_id)


def _scored(raw, index, people: list[int], cap_id: int) -> Iterator[Issue | None]:  # type: ignore[no-untyped-def]
    from meritbook.ledger.operations import Issue

    person = PersonFacts(frozenset({1, 4, 9}), frozenset({2}))
    for n, code, at, quantity, amount, attributes in raw:
        facts = EventFacts(at, True, quantity, amount, "", attributes)
        day = at.date()
        for rule in index.get(code, ()):
            points = int(rule.score(facts, person).points * 100)
            if not points:
                yield None
                continue
            yield Issue(
                f"million/{n}",
                "award" if points > 0 else "deduct",
                people[n % PEOPLE],
                (("honour", points), ("spendable", points))
                if points > 0
                else (("honour", points),),
                day,
                day,
                "event",
                n,
                7,
                caps=(cap_id,) if n % 3 == 0 else (),
            )


def _post(book: Book, issues: list[Issue]) -> list[str]:
    from meritbook.ledger.operations import post_bulk

    statuses = [result.status for result in post_bulk(company_id=book.company_id, issues=issues)]
    if not {"new", "capped"}.issuperset(statuses):
        raise SystemExit(f"a posting of the benchmark was refused: {set(statuses)}")
    return statuses
