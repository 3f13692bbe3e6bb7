"""P12: the heavy work at the end of a year: a million lots expire, the ledger is verified, sealed.

The lots are made as set-based rows that the ledger itself would accept (each with its transaction,
transfer and balance), so that everything can be verified afterwards: two million transactions.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import psycopg

from bench.databases import conditions, database
from bench.registry import Result, benchmark
from tests import databases

WALLETS = 10_000
LOTS = 100
TODAY = date(2027, 1, 1)

# One grant of 5.00 for each lot; the last day of lot n is n days before the year's end.
FILL = """
INSERT INTO org_party (company_id, kind)
SELECT %(company)s, 'employee' FROM generate_series(1, %(wallets)s::int);
"""
GRANTS = """
CREATE TEMPORARY TABLE grants ON COMMIT DROP AS
SELECT nextval('ledger_tx_id_seq') AS tx_id, w.account_id, w.asset_id, i.account_id AS issuance_id,
    n, date '2026-12-31' - n AS expires_on
FROM ledger_account w
JOIN ledger_asset a ON a.asset_id = w.asset_id AND a.code = 'spendable'
JOIN ledger_account i ON i.asset_id = w.asset_id AND i.kind = 'issuance'
CROSS JOIN generate_series(1, %(lots)s::int) n
WHERE w.kind = 'wallet';
INSERT INTO ledger_tx (company_id, tx_id, posted_at, source_id, effective_on, fact_on, kind,
    source_kind, idem_key, idem_hash)
SELECT %(company)s, tx_id, now(), n, '2026-06-30', '2026-06-30', 'award', 'event',
    'fill/' || tx_id, sha256(convert_to('fill', 'UTF8')) FROM grants;
INSERT INTO ledger_transfer (company_id, tx_id, asset_id, debit_id, credit_id, amount, posted_at,
    effective_on, expires_on, seq)
SELECT %(company)s, tx_id, asset_id, issuance_id, account_id, 500, now(), '2026-06-30', expires_on,
    1 FROM grants;
INSERT INTO ledger_lot (company_id, account_id, expires_on, granted)
SELECT %(company)s, account_id, expires_on, 500 FROM grants;
UPDATE ledger_balance b SET posted = b.posted + g.amount, version = 1
FROM (SELECT account_id, 500 * count(*) AS amount FROM grants GROUP BY account_id) g
WHERE g.account_id = b.account_id;
INSERT INTO ledger_day_total (company_id, day, account_id, earned, n, source_kind)
SELECT %(company)s, '2026-06-30', account_id, 500 * count(*), count(*), 'event'
FROM grants GROUP BY account_id;
"""


@benchmark("year_end")
def year_end() -> Result:
    """Lots expired in a second; how fast the whole is verified and sealed stands beside it."""
    with database() as name:
        from meritbook.ledger.operations import expire
        from meritbook.ledger.operations.sealing import seal_block
        from meritbook.ledger.verification import verify
        from tests.ledger.books import found_book

        book = found_book()
        _fill(name, book.company_id)
        with book.scope():
            filled = book.rows("SELECT count(*) FROM ledger_lot")[0][0]
        started = time.perf_counter()
        lots = 0
        while True:
            with book.scope():
                done = expire(company_id=book.company_id, today=TODAY)
            lots += done.lots
            if not done.lots:
                break
        expiring = time.perf_counter() - started
        started = time.perf_counter()
        with book.scope():
            verification = verify(company_id=book.company_id)
        verifying = time.perf_counter() - started
        started = time.perf_counter()
        sealed = 0
        while True:
            with book.scope():
                block = seal_block(company_id=book.company_id)
            if block is None:
                break
            sealed += block.n
        sealing = time.perf_counter() - started
        limit = _copy(name)
    if not verification.ok or lots != filled:
        raise SystemExit(str([check for check in verification.checks if not check.ok]))
    return Result(
        name="year_end",
        what="a million lots expire: transactions, transfers, lots, balances, totals",
        unit="lots/s",
        figure=lots / expiring,
        limit=limit,
        limit_is="raw COPY of as many transfer rows, same indexes",
        floor=1_000_000 / 300,
        goal=1_000_000 / 60,
        conditions=conditions()
        | {
            "lots": lots,
            "seconds": round(expiring),
            "verified, transactions/s": round(verification.transactions / verifying),
            "sealed, transactions/s": round(sealed / sealing),
            "sealed": sealed,
        },
    )


@benchmark("month_close")
def month_close() -> Result:
    """Months closed in a second in a company of a thousand with a hundred thousand events."""
    from bench.ledger import _book, _issues

    with database():
        from meritbook.ledger.operations import close_month, post_bulk
        from tests.ledger.books import FOUNDED_AT

        book, people = _book()
        for n in range(4):
            with book.scope():
                post_bulk(company_id=book.company_id, issues=_issues(book, people, f"m{n}", 25_000))
        started = time.perf_counter()
        with book.scope():
            close_month(
                company_id=book.company_id,
                month=date(2026, 9, 1),
                closed_by=1,
                closed_at=FOUNDED_AT,
            )
        closing = time.perf_counter() - started
        with book.scope():
            started = time.perf_counter()
            sound = book.rows("SELECT count(*) FROM ledger_transfer")
            limit = time.perf_counter() - started
    return Result(
        name="month_close",
        what="closing a month (its windows' results are posted before)",
        unit="s",
        figure=closing,
        limit=limit,
        limit_is=f"counting the {sound[0][0]:,} transfers once",
        floor=300,
        goal=30,
        lower_is_better=True,
        conditions=conditions(),
    )


def _fill(name: str, company_id: int) -> None:
    from meritbook.kit.tenancy import company_scope
    from meritbook.ledger.operations import open_wallets
    from meritbook.org.models import Party

    with psycopg.connect(databases.url(databases.OWNER, name)) as owner:
        owner.execute("SELECT set_config('app.company_id', %s, false)", [str(company_id)])
        owner.execute(FILL, {"company": company_id, "wallets": WALLETS})
    with company_scope(company_id):
        parties = list(Party.objects.filter(company_id=company_id).values_list("pk", flat=True))
        open_wallets(company_id=company_id, party_ids=parties)
    with psycopg.connect(databases.url(databases.OWNER, name)) as owner:
        owner.execute("SELECT set_config('app.company_id', %s, false)", [str(company_id)])
        for statement in GRANTS.split(";\n"):
            if statement.strip():
                owner.execute(statement, {"company": company_id, "lots": LOTS})
        owner.commit()
        owner.autocommit = True
        owner.execute("ANALYZE")


def _copy(name: str) -> float:
    """Bare transfer rows in a second."""
    at = datetime(2027, 1, 1, tzinfo=UTC).isoformat()
    lines = [
        f"1\t{number}\t1\t{number % 1000 + 10}\t3\t500\t{at}\t\\N\t2027-01-01\t\\N\t1\n"
        for number in range(200_000)
    ]
    blocks = ["".join(lines[at : at + 4096]) for at in range(0, len(lines), 4096)]
    with psycopg.connect(databases.url(databases.OWNER, name)) as owner:
        owner.execute("CREATE TABLE bench_transfer (LIKE ledger_transfer INCLUDING INDEXES)")
        owner.commit()
        started = time.perf_counter()
        with owner.cursor().copy("COPY bench_transfer FROM STDIN") as copy:
            for block in blocks:
                copy.write(block)
        owner.commit()
        return len(lines) / (time.perf_counter() - started)
