"""Reading caps: which there are, what is taken of them, what they cut off a transaction.

    caps = find_caps(company_id=…, on=today)
    taken = caps_taken(company_id=…, caps=caps, day=today)     # {cap_id: [Taken(scope_id, …)]}

Amounts are minor units of the cap's asset.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from django.db import connection

from meritbook.kit.periods import Period


class Cap(NamedTuple):
    """How much may be gained in each span of days (``period``), by whom, for what.

    ``valid_to`` is the day after its last. ``rule_version_id``: the version of a rule that states
    it; None when a person set it.
    """

    cap_id: int
    name: str
    asset_code: str
    scale: int
    amount: int
    scope: str
    department_id: int | None
    party_id: int | None
    subject: str | None
    period: str
    policy: str
    valid_from: date
    valid_to: date | None
    reason: str
    rule_version_id: int | None

    def counts_on(self, day: date) -> bool:
        """Whether gains of that day count."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def span(self, day: date) -> Period:
        """The span of days around ``day`` in which gains are counted together."""
        return span_of(self.period, day)


def span_of(period: str, day: date) -> Period:
    """The span of days around ``day`` that a cap's ``period`` (life too) means."""
    return Period.containing("all" if period == "life" else period, day)


class Taken(NamedTuple):
    """What is used of one allowance: a party's, a department's, or the company's (0)."""

    scope_id: int
    used: int
    amount: int

    @property
    def left(self) -> int:
        return self.amount - self.used


class Cut(NamedTuple):
    """What a cap cut off a transaction: asked of it, its room then, gained in the end."""

    tx_id: int
    cap_id: int
    name: str
    asset_code: str
    scale: int
    scope: str
    subject: str | None
    period: str
    policy: str
    period_start: date
    amount: int
    asked: int
    room: int
    allowed: int

    @property
    def used_before(self) -> int:
        return self.amount - self.room


_CAPS = """
SELECT c.cap_id, c.name, a.code, a.scale, c.amount, c.scope, c.department_id, c.party_id, c.subject,
    c.period, c.policy, c.valid_from, c.valid_to, c.reason, c.rule_version_id
FROM ledger_cap c
JOIN ledger_asset a ON a.company_id = c.company_id AND a.asset_id = c.asset_id
WHERE c.company_id = %(company)s AND c.valid_from IS DISTINCT FROM c.valid_to
    AND (%(from)s::date IS NULL OR c.valid_to IS NULL OR c.valid_to > %(from)s::date)
ORDER BY c.cap_id
"""


def find_caps(*, company_id: int, ending_after: date | None = None) -> list[Cap]:
    """All caps that ever counted, or those that still count on ``ending_after`` or later."""
    with connection.cursor() as cursor:
        cursor.execute(_CAPS, {"company": company_id, "from": ending_after})
        return [Cap._make(row) for row in cursor.fetchall()]


_TAKEN = """
SELECT b.cap_id, b.scope_id, sum(b.used)::bigint, sum(b.allotted - b.used)::bigint
FROM unnest(%(caps)s::bigint[], %(starts)s::date[]) AS s (cap_id, period_start)
JOIN ledger_cap_bucket b ON b.company_id = %(company)s AND b.cap_id = s.cap_id
    AND b.period_start = s.period_start
GROUP BY b.cap_id, b.scope_id
ORDER BY b.cap_id, sum(b.allotted - b.used), b.scope_id
"""

_LIFE = date(1970, 1, 1)


def caps_taken(*, company_id: int, caps: Sequence[Cap], day: date) -> dict[int, list[Taken]]:
    """What is used of each cap in the span around ``day``, the least left first.

    Who has gained nothing under a cap is not listed. What a cap before it counted is used too.
    """
    amounts = {cap.cap_id: cap.amount for cap in caps}
    starts = [_LIFE if cap.period == "life" else cap.span(day).start for cap in caps]
    found: dict[int, list[Taken]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, {"company": company_id, "caps": list(amounts), "starts": starts})
        for cap_id, scope_id, _used, free in cursor.fetchall():
            amount = amounts[cap_id]
            found.setdefault(cap_id, []).append(Taken(scope_id, amount - free, amount))
    return found


_CUTS = """
SELECT k.tx_id, k.cap_id, c.name, a.code, a.scale, c.scope, c.subject, c.period, c.policy,
    k.period_start, c.amount, k.asked, k.room, k.allowed
FROM ledger_cap_cut k
JOIN ledger_cap c ON c.company_id = k.company_id AND c.cap_id = k.cap_id
JOIN ledger_asset a ON a.company_id = c.company_id AND a.asset_id = c.asset_id
WHERE k.company_id = %(company)s AND k.tx_id = ANY (%(transactions)s::bigint[])
ORDER BY k.tx_id, k.cap_id
"""


def cuts_of(*, company_id: int, tx_ids: Iterable[int]) -> dict[int, list[Cut]]:
    """What caps cut off transactions; those that none cut are left out."""
    found: dict[int, list[Cut]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_CUTS, {"company": company_id, "transactions": list(tx_ids)})
        for row in cursor.fetchall():
            cut = Cut._make(row)
            found.setdefault(cut.tx_id, []).append(cut)
    return found


_GAINED = """
SELECT f.tx_id, a.code, f.amount
FROM ledger_transfer f
JOIN ledger_asset a ON a.company_id = f.company_id AND a.asset_id = f.asset_id
JOIN ledger_account c ON c.company_id = f.company_id AND c.account_id = f.credit_id
WHERE f.company_id = %(company)s AND f.tx_id = ANY (%(transactions)s::bigint[])
    AND c.party_id IS NOT NULL
ORDER BY f.tx_id, f.seq
"""


def gained_by(*, company_id: int, tx_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """What parties received in transactions, by asset; one without movement is left out."""
    found: dict[int, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_GAINED, {"company": company_id, "transactions": list(tx_ids)})
        for tx_id, code, amount in cursor.fetchall():
            found.setdefault(tx_id, {})[code] = amount
    return found
