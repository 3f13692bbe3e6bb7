"""P1 and P4: whole postings by sixteen clients, beside the least that a posting could be.

``pgbench`` drives both: ``ledger_post`` with its key, transfers, balances, lot, cap and totals; and
a bare function that inserts one row and adds to one balance. The hot case has all clients in one
company; it is held against the same clients spread over sixteen companies.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import tempfile
from datetime import date
from pathlib import Path
from typing import NamedTuple

import psycopg

from bench.databases import conditions, database
from bench.registry import Result, benchmark
from launch.binaries import choose
from tests import databases

CLIENTS = 16
PEOPLE = 500
SECONDS = 4
TURNS = 3
CAP = 10**12

BARE = """
CREATE TABLE bench_entry (company_id bigint, key text COLLATE "C", party_id bigint, amount bigint,
    posted_at timestamptz, PRIMARY KEY (company_id, key));
CREATE TABLE bench_balance (company_id bigint, party_id bigint, posted bigint,
    PRIMARY KEY (company_id, party_id)) WITH (fillfactor = 70);
CREATE FUNCTION bench_post(p_company_id bigint, p_key text, p_party_id bigint, p_amount bigint)
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO bench_entry VALUES (p_company_id, p_key, p_party_id, p_amount, now());
    UPDATE bench_balance SET posted = posted + p_amount
    WHERE company_id = p_company_id AND party_id = p_party_id;
    RETURN 'new';
END $$;
GRANT ALL ON bench_entry, bench_balance TO meritbook_app;
GRANT EXECUTE ON FUNCTION bench_post(bigint, text, bigint, bigint) TO meritbook_app;
"""


class Company(NamedTuple):
    """Where clients post: the company, its first party and its cap."""

    company_id: int
    first_party: int
    cap_id: int


@benchmark("ledger_clients")
def ledger_clients() -> Result:
    """Postings in a second by sixteen clients."""
    with database() as name:
        company = _found("huasheng")
        _make_bare(name, [company])
        bare, full = [], []
        for _turn in range(TURNS):
            bare.append(_run(name, [_bare(company)]))
            full.append(_run(name, [_full(company)]))
        _assert_sound(company)
    return Result(
        name="ledger_clients",
        what="ledger_post: key, transfers, balances, lot, cap, totals; 16 clients",
        unit="postings/s",
        figure=statistics.median(full),
        limit=statistics.median(bare),
        limit_is="a function that inserts one row and updates one balance",
        floor=0.25,
        goal=0.50,
        judged="ratio",
        conditions=_conditions(),
    )


@benchmark("ledger_hot")
def ledger_hot() -> Result:
    """Postings in a second when all sixteen clients are in one company."""
    with database() as name:
        companies = [_found(f"hot{n}") for n in range(CLIENTS)]
        spread, hot = [], []
        for _turn in range(TURNS):
            spread.append(_run(name, [_full(company) for company in companies]))
            hot.append(_run(name, [_full(companies[0])]))
        _assert_sound(companies[0])
    return Result(
        name="ledger_hot",
        what="ledger_post, 16 clients in one company",
        unit="postings/s",
        figure=statistics.median(hot),
        limit=statistics.median(spread),
        limit_is="the same clients spread over 16 companies",
        floor=0.5,
        goal=0.9,
        judged="ratio",
        conditions=_conditions(),
    )


def _found(code: str) -> Company:
    from meritbook.ledger.operations import open_wallets
    from meritbook.org.models import Party
    from tests.ledger.books import found_book
    from tests.ledger.caps import cap as capped

    book = found_book(code, code)
    with book.scope():
        people = [
            Party.objects.create(company_id=book.company_id, kind="employee").pk
            for _ in range(PEOPLE)
        ]
        open_wallets(company_id=book.company_id, party_ids=people)
        cap = capped(book, CAP, asset_code="spendable", valid_from=date(2026, 1, 1))
    return Company(book.company_id, people[0], cap)


def _make_bare(name: str, companies: list[Company]) -> None:
    with psycopg.connect(databases.url(databases.OWNER, name)) as owner:
        owner.execute(BARE)
        for company in companies:
            owner.execute(
                "INSERT INTO bench_balance SELECT %s, party, 0 FROM generate_series(%s::bigint, %s::bigint) party",
                [company.company_id, company.first_party, company.first_party + PEOPLE - 1],
            )


def _script(company: Company, call: str) -> str:
    return (
        f"\\set party random({company.first_party}, {company.first_party + PEOPLE - 1})\n"
        "\\set key random(1, 1000000000000000)\n"
        "\\set day random(0, 27)\n"
        "BEGIN;\n"
        f"SELECT set_config('app.company_id', '{company.company_id}', true);\n"
        f"SELECT {call};\n"
        "COMMIT;\n"
    )


def _bare(company: Company) -> str:
    return _script(
        company, f"bench_post({company.company_id}, 'bench/' || :key, :party, 500::bigint)"
    )


def _full(company: Company) -> str:
    day = "date '2026-11-01' + :day::integer"
    return _script(
        company,
        f"status FROM ledger_post({company.company_id}, 'bench/' || :key, 'award', :party,"
        f" '{{honour,spendable}}', '{{500,500}}', {day}, {day}, 'event', :key, 7, NULL, NULL,"
        f" '{{{company.cap_id}}}')",
    )


def _run(name: str, scripts: list[str]) -> float:
    """Transactions in a second; a failed one ends the benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = []
        for n, script in enumerate(scripts):
            path = Path(folder) / f"{n}.sql"
            path.write_text(script, encoding="utf-8")
            arguments += ["-f", str(path)]
        done = subprocess.run(
            [
                _pgbench(),
                "-n",
                *("-c", str(CLIENTS), "-j", "2", "-T", str(SECONDS), "-M", "prepared"),
                *arguments,
                databases.url(databases.APP, name),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or rate is None or "failed transactions: 0 " not in done.stdout:
        raise SystemExit(f"pgbench failed: {done.stdout}{done.stderr}")
    return float(rate[1])


def _pgbench() -> str:
    path = Path(choose().program("pgbench"))
    found = str(path) if path.exists() else shutil.which("pgbench")
    if not found:
        raise SystemExit("pgbench is not installed beside the server")
    return found


def _conditions() -> dict[str, object]:
    return conditions() | {"clients": CLIENTS, "people": PEOPLE, "seconds": SECONDS, "turns": TURNS}


def _assert_sound(company: Company) -> None:
    from meritbook.kit.tenancy import company_scope
    from meritbook.ledger.verification import verify

    with company_scope(company.company_id):
        verification = verify(company_id=company.company_id)
    if not verification.ok:
        raise SystemExit(str([check for check in verification.checks if not check.ok]))
