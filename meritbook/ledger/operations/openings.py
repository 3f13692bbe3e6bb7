"""Balances that people bring from the system before: posted once, on the day of the cut-over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import connection

from meritbook.ledger.operations.calls import Result
from meritbook.ledger.operations.postings import Issue, post_bulk
from meritbook.ledger.staging import bounded, clean


class Opening(NamedTuple):
    """One balance: minor units of an asset, and the last day of its lot where that is known."""

    party_id: int
    code: str
    amount: int
    expires_on: date | None = None

    def key(self, *, on: date, turn: int) -> str:
        """What makes it the same balance again; ``turn`` counts those that were taken back."""
        last = f"/{self.expires_on.isoformat()}" if self.expires_on else ""
        return f"opening/{on.isoformat()}/{self.party_id}/{self.code}{last}#{turn}"


_TAKEN_BACK = """
SELECT t.idem_key FROM ledger_tx t
WHERE t.company_id = %s AND t.idem_key = ANY (%s) AND EXISTS (
    SELECT FROM ledger_tx r WHERE r.company_id = t.company_id AND r.reverses_tx_id = t.tx_id)
"""


def first_day(*, company_id: int) -> date | None:
    """The first day on which something counts that is no opening balance, or None."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(day) FROM ledger_day_total WHERE company_id = %s"
            " AND source_kind <> 'opening'",
            [company_id],
        )
        found: date | None = cursor.fetchone()[0]
        return found


def turns_of(*, company_id: int, openings: Sequence[Opening], on: date) -> list[int]:
    """For each opening how often it was posted and taken back before."""
    turns = [0] * len(openings)
    waiting = list(range(len(openings)))
    while waiting:
        keys = {openings[i].key(on=on, turn=turns[i]): i for i in waiting}
        with connection.cursor() as cursor:
            cursor.execute(_TAKEN_BACK, [company_id, list(keys)])
            gone = {key for (key,) in cursor.fetchall()}
        waiting = [i for key, i in keys.items() if key in gone]
        for i in waiting:
            turns[i] += 1
    return turns


_KNOWN = """
SELECT t.idem_key, CASE WHEN w.account_id = f.credit_id THEN f.amount ELSE -f.amount END
FROM ledger_tx t
JOIN ledger_transfer f ON f.company_id = t.company_id AND f.tx_id = t.tx_id
JOIN ledger_account w ON w.company_id = f.company_id
    AND w.account_id IN (f.debit_id, f.credit_id) AND w.party_id IS NOT NULL
WHERE t.company_id = %s AND t.idem_key = ANY (%s)
"""


def known_amounts(*, company_id: int, keys: Sequence[str]) -> dict[str, int]:
    """What was posted under each of the keys; signed minor units."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [company_id, list(keys)])
        return dict(cursor.fetchall())


def post_openings(
    *,
    company_id: int,
    openings: Sequence[Opening],
    turns: Sequence[int],
    on: date,
    actor_id: int | None,
) -> list[Result]:
    """Post many balances at once; the results are in the same order.

    Each is new, duplicate (the same again), conflict (another amount) or refused, alone.
    """
    results: list[Result | None] = [None] * len(openings)
    # Lots with a last day of their own are none that a batch knows: one statement posts each.
    own = [n for n, one in enumerate(openings) if one.expires_on is not None]
    usual = [n for n, one in enumerate(openings) if one.expires_on is None]
    issues = [_issue(openings[n], turn=turns[n], on=on, actor_id=actor_id) for n in usual]
    for n, result in zip(usual, post_bulk(company_id=company_id, issues=issues), strict=True):
        results[n] = result
    own.sort(key=lambda n: openings[n].party_id)
    dated = [(openings[n], turns[n]) for n in own]
    for n, result in zip(own, _post_dated(company_id, dated, on, actor_id), strict=True):
        results[n] = result
    return [result for result in results if result is not None]


def _issue(opening: Opening, *, turn: int, on: date, actor_id: int | None) -> Issue:
    return Issue(
        key=opening.key(on=on, turn=turn),
        kind="opening",
        party_id=opening.party_id,
        amounts=((opening.code, opening.amount),),
        effective_on=on,
        fact_on=on,
        source_kind="opening",
        source_id=opening.party_id,
        actor_id=actor_id,
    )


_POST_DATED = """
SELECT p.status, p.tx_id, p.reason
FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::date[]) WITH ORDINALITY
    AS o (key, party_id, code, amount, expires_on, n)
CROSS JOIN LATERAL ledger_post(
    %s, o.key, 'opening', o.party_id, ARRAY[o.code], ARRAY[o.amount], %s, %s, 'opening',
    o.party_id, NULL, NULL, %s, p_expires_on => o.expires_on) p
ORDER BY o.n
"""


def _post_dated(
    company_id: int, openings: Sequence[tuple[Opening, int]], on: date, actor_id: int | None
) -> list[Result]:
    if not openings:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _POST_DATED,
            [
                [clean(one.key(on=on, turn=turn)) for one, turn in openings],
                [one.party_id for one, _turn in openings],
                [one.code for one, _turn in openings],
                [bounded(one.amount) for one, _turn in openings],
                [one.expires_on for one, _turn in openings],
                company_id,
                on,
                on,
                actor_id,
            ],
        )
        return list(map(Result._make, cursor.fetchall()))
