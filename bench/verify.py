"""P12, verify: all invariants of one company recomputed from its rows; and sealing, timed apart.

The limit is one pass over the same transfers beside their transactions that only adds amounts up:
what nobody who reads every row can go below.
"""

from __future__ import annotations

import statistics
import time

from django.db import connection

from bench.databases import conditions, database
from bench.ledger import _book, _issues, _post_bulk
from bench.registry import Result, benchmark

TRANSACTIONS = 300_000
BATCH = 100_000
TURNS = 3
_PASS = """
SELECT count(*), sum(f.amount) FROM ledger_transfer f
JOIN ledger_tx t ON t.company_id = f.company_id AND t.tx_id = f.tx_id
WHERE f.company_id = %s
"""


@benchmark("verify")
def verify_speed() -> Result:
    """Transactions verified in a second, without seals; the seals' figures stand beside it."""
    with database():
        from meritbook.ledger.operations.sealing import BLOCK, seal_block
        from meritbook.ledger.verification import verify

        book, people = _book()
        for turn in range(TRANSACTIONS // BATCH):
            _post_bulk(book, _issues(book, people, f"bulk/{turn}", BATCH))
        figures, limits = [], []
        with book.scope():
            for _turn in range(TURNS):
                start = time.perf_counter()
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT set_config('jit', 'off', true),"
                        " set_config('work_mem', '128MB', true),"
                        " set_config('enable_nestloop', 'off', true)"
                    )
                    cursor.execute(_PASS, [book.company_id])
                limits.append(TRANSACTIONS / (time.perf_counter() - start))
                start = time.perf_counter()
                verification = verify(company_id=book.company_id, seals=False)
                figures.append(TRANSACTIONS / (time.perf_counter() - start))
                if not verification.ok or verification.transactions != TRANSACTIONS:
                    raise SystemExit(f"the ledger does not verify: {verification.checks}")
        start = time.perf_counter()
        while True:
            with book.scope():
                if seal_block(company_id=book.company_id, limit=BLOCK) is None:
                    break
        sealing = TRANSACTIONS / (time.perf_counter() - start)
        start = time.perf_counter()
        with book.scope():
            verification = verify(company_id=book.company_id)
        whole = TRANSACTIONS / (time.perf_counter() - start)
        if not verification.ok:
            raise SystemExit(f"the seals do not verify: {verification.checks}")
    return Result(
        name="verify",
        what="all invariants recomputed, without seals",
        unit="transactions/s",
        figure=statistics.median(figures),
        limit=statistics.median(limits),
        limit_is="one pass over the same rows that only adds up",
        floor=300_000,
        goal=500_000,
        conditions=conditions()
        | {
            "transactions": TRANSACTIONS,
            "turns": TURNS,
            "best": f"{max(figures):,.0f}",
            "sealed a second": f"{sealing:,.0f}",
            "verified with seals a second": f"{whole:,.0f}",
        },
    )
