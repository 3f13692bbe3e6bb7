"""P11: a backtest of one changed rule over stored events, as the job runs it.

The events are put into the store by SQL: a backtest reads events and people, and nothing of the
ledger but its sums. In the suite of benchmarks 50 people × 3 months; the figure for 6 months × 500
people is that time, taken linearly by events. ``MERITBOOK_LONG=1`` runs the whole 4M events.
"""

from __future__ import annotations

import os
import resource
import time
from datetime import date, timedelta

from bench.company import NOW, company
from bench.databases import conditions
from bench.registry import Result, benchmark

WHOLE = 4_000_000
SMALL = 200_000
FLOOR, GOAL = 300.0, 60.0
MEMORY_MB = 1024


@benchmark("backtest")
def backtest() -> Result:
    """Seconds for 6 months × 500 people."""
    is_long = os.environ.get("MERITBOOK_LONG") == "1"
    events, people = (WHOLE, 500) if is_long else (SMALL, 50)
    with company(people=people, since=date(2026, 1, 1)) as made:
        from django.db import connection

        from meritbook.insight.models import Backtest
        from meritbook.insight.operations.backtests import ask, run
        from meritbook.kit.periods import ALL, Period
        from meritbook.kit.tenancy import company_scope
        from meritbook.org.operations.audit import SYSTEM

        span = Period(ALL, date(2026, 6, 1), date(2026, 11, 29))
        started = time.perf_counter()
        with company_scope(made.id), connection.cursor() as cursor:
            cursor.execute(
                _EVENTS,
                {
                    "company": made.id,
                    "codes": list(made.rule_codes),
                    "count": events,
                    "people": people,
                    "start": span.start,
                    "minutes": span.days * 24 * 60,
                },
            )
        with company_scope(made.id), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM awards_event WHERE company_id = %s", [made.id])
            assert cursor.fetchone() == (events,)
        stored = time.perf_counter() - started
        with company_scope(made.id):
            version_id = _draft(made.id, made.rule_codes[4])
            asked = ask(
                company_id=made.id,
                name="bench",
                span=span,
                version_ids=[version_id],
                actor=SYSTEM,
                now=NOW,
            )
        before = time.perf_counter()
        cpu = time.process_time()
        run(company_id=made.id, backtest_id=asked.pk, now=NOW)
        seconds = time.perf_counter() - before
        cpu = time.process_time() - cpu
        with company_scope(made.id):
            done = Backtest.objects.get(company_id=made.id, pk=asked.pk)
        assert done.state == "done", done.error
        assert done.summary["events"] == events
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert peak < MEMORY_MB, f"{peak:.0f} MB"
    return Result(
        name="backtest",
        what="one changed rule tried over 6 months × 500 people (4M events)",
        unit="s",
        figure=seconds * WHOLE / events,
        limit=FLOOR,
        limit_is="the promise; " + ("measured whole" if is_long else "taken linearly by events"),
        floor=FLOOR,
        goal=GOAL,
        lower_is_better=True,
        conditions=conditions()
        | {
            "events": events,
            "people": people,
            "seconds": round(seconds, 1),
            "events/s": round(events / seconds),
            "CPU µs per event": round(cpu / events * 1e6, 1),
            "peak MB": round(peak),
            "entries after": done.summary["after"]["entries"],
            "storing the events, s": round(stored, 1),
        },
    )


def _draft(company_id: int, code: str) -> int:
    """50 points a thousand become 30, at most 3,000 a month."""
    from meritbook.rules.operations.by_hand import save_rule
    from meritbook.rules.queries import rule

    return save_rule(
        company_id=company_id,
        values={
            "shape": "S3",
            "standard": "增加单量",
            "points": "30",
            "divisor": "1000",
            "unit": "元",
            "cap": "3000",
            "cap_per": "month",
        },
        population={},
        postings={},
        reason="",
        actor_id=None,
        now=NOW + timedelta(minutes=1),
        rule=rule(company_id=company_id, code=code),
    ).pk


# As raw events are: one in twelve is of a kind that earns.
_EVENTS = """
INSERT INTO awards_event (company_id, source, event_no, revision, is_current, type_code,
    employee_id, happened_at, has_time, fact_on, quantity, amount, object, note, attributes,
    content_hash, status, received_at)
SELECT %(company)s, 'bench', 'E' || n, 1, true,
    CASE WHEN n %% 12 = 0 THEN (%(codes)s::text[])[1 + (n / 12) %% 8] ELSE 'phone.call' END,
    p.ids[1 + n %% %(people)s],
    (%(start)s::date + make_interval(mins => (n::bigint * %(minutes)s / %(count)s)::int))
        AT TIME ZONE 'Asia/Shanghai',
    true, (%(start)s::date + make_interval(mins => (n::bigint * %(minutes)s / %(count)s)::int))::date,
    1 + n %% 5, 1000 + n %% 89000, 'C' || n %% 500, '', '{}', '\\x00', 'nothing', now()
FROM generate_series(0, %(count)s - 1) n,
    (SELECT array_agg(id ORDER BY id) AS ids FROM org_employee WHERE company_id = %(company)s) p
"""
