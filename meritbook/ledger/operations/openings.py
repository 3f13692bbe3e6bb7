"""Balances that people bring from the system before: posted once, on the day of the cut-over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import connection

from meritbook.ledger.operations.calls import Result, call
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


def post_opening(
    *, company_id: int, opening: Opening, on: date, turn: int, actor_id: int | None
) -> Result:
    """Post one balance: new, duplicate (the same again), conflict (another amount) or refused."""
    row = call(
        "SELECT status, tx_id, reason FROM ledger_post(%s, %s, 'opening', %s, ARRAY[%s]::text[],"
        " ARRAY[%s]::bigint[], %s, %s, 'opening', %s, NULL, NULL, %s, p_expires_on => %s)",
        company_id,
        clean(opening.key(on=on, turn=turn)),
        opening.party_id,
        opening.code,
        bounded(opening.amount),
        on,
        on,
        opening.party_id,
        actor_id,
        opening.expires_on,
    )
    return Result._make(row)
