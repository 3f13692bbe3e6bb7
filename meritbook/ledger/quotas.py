"""What is granted, used and left of managers' quotas in a month. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import connection


class QuotaUse(NamedTuple):
    """A manager's quota of a month; ``lapsed`` is what was left when the month ended."""

    granted: int
    used: int
    lapsed: int

    @property
    def left(self) -> int:
        return self.granted - self.used - self.lapsed


_USE = """
SELECT w.party_id, sum(l.granted - l.revoked)::bigint, sum(l.used)::bigint, sum(l.expired)::bigint
FROM ledger_asset a
JOIN ledger_account w ON w.company_id = a.company_id AND w.asset_id = a.asset_id
    AND w.kind = 'wallet' AND w.party_id = ANY (%(parties)s)
JOIN ledger_lot l ON l.company_id = w.company_id AND l.account_id = w.account_id
WHERE a.company_id = %(company)s AND a.code = 'quota' AND l.expires_on BETWEEN %(start)s AND %(end)s
GROUP BY w.party_id
"""
_GRANTED = "SELECT idem_key FROM ledger_tx WHERE company_id = %s AND idem_key = ANY (%s)"


def quota_use(
    *, company_id: int, party_ids: Sequence[int], start: date, end: date
) -> dict[int, QuotaUse]:
    """By party, of the quotas that lapse on a day from ``start`` to ``end``; others are missing."""
    with connection.cursor() as cursor:
        cursor.execute(
            _USE, {"company": company_id, "parties": list(party_ids), "start": start, "end": end}
        )
        return {party: QuotaUse(*sums) for party, *sums in cursor.fetchall()}


def quota_key(*, party_id: int, month: date) -> str:
    """The key of the grant of a month (its first day)."""
    return f"quota/{party_id}/{month:%Y-%m}"


def granted_parties(*, company_id: int, party_ids: Sequence[int], month: date) -> set[int]:
    """Which of the parties have been granted their quota of the month."""
    keys = {quota_key(party_id=party_id, month=month): party_id for party_id in party_ids}
    with connection.cursor() as cursor:
        cursor.execute(_GRANTED, [company_id, list(keys)])
        return {keys[key] for (key,) in cursor.fetchall()}
