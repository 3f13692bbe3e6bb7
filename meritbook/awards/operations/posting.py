"""What events and windows earn, into the ledger and into entries, by one call for a batch.

Caps may leave less than was asked for: the entry has what was given, and keeps what the caps said.

One call, because the ledger locks all wallets of a call in one order; two calls in one transaction
could lock against each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from meritbook.awards.content import Place
from meritbook.awards.operations import storing
from meritbook.awards.operations.cut_postings import follow_cuts, restated
from meritbook.awards.operations.movement import Posting
from meritbook.awards.operations.storing import NewEntry
from meritbook.ledger.operations import Amounts, Issue, post_bulk, reason_text


class Outstanding(NamedTuple):
    """An entry of an event that has not been taken back."""

    entry_id: int
    event_no: str
    event_id: int
    rule_id: int
    rule_version_id: int
    employee_id: int
    party_id: int
    points: int
    effective_on: date
    tx_id: int
    department_id: int | None
    asked: int | None
    """What was asked for, where caps left less (or gave the rest later); None: all was given."""
    is_paid: bool
    """Whether a manager's quota was taken for it; it comes back with the whole transaction."""


class PostingsRefused(Exception):
    """The ledger refused some postings of a batch: (row of the batch, reason)."""

    def __init__(self, refused: Sequence[tuple[int, str]]) -> None:
        super().__init__("; ".join(sorted({reason for _index, reason in refused})))
        self.refused = tuple(refused)


def kind_of(points: int) -> str:
    """The ledger's kind of a movement of ``points``."""
    return "award" if points > 0 else "deduct"


def negated(amounts: Amounts) -> Amounts:
    """The movement the other way round."""
    return tuple((asset, -amount) for asset, amount in amounts)


def difference(new: Amounts, old: Amounts) -> Amounts:
    """What leads from one movement to another, asset by asset, zeros left out."""
    left = dict(new)
    for asset, amount in old:
        left[asset] = left.get(asset, 0) - amount
    return tuple((asset, amount) for asset, amount in left.items() if amount)


def post_all(*, company_id: int, postings: Sequence[Posting], now: datetime) -> None:
    """Post a batch and write its entries. Raises PostingsRefused: then the caller rolls back."""
    if not postings:
        return
    # Staged before: from the posting on, others wait for the wallets.
    storing.stage_entries(
        entries=(
            NewEntry(
                one.issue.rule_version_id or 0,
                one.event_id,
                one.window_id,
                one.employee_id,
                one.points,
                one.issue.effective_on,
                one.reverses_id,
                one.facts,
            )
            for one in postings
        )
    )
    results = post_bulk(company_id=company_id, issues=[one.issue for one in postings])
    refused = [
        (one.position, reason_text(result.reason or "refused"))
        for one, result in zip(postings, results, strict=True)
        if result.status not in ("new", "capped")
    ]
    if refused:
        raise PostingsRefused(refused)
    cut = restated(company_id=company_id, postings=postings, results=results)
    storing.insert_entries(
        company_id=company_id, now=now, tx_ids=[result.tx_id or 0 for result in results]
    )
    if cut:
        follow_cuts(company_id=company_id, postings=postings, cut=cut, now=now)


def place_facts(place: Place) -> dict[str, object]:
    """A place as an entry keeps it: what a rule may have read of the person, and no more."""
    person = place.person
    kept: dict[str, object] = {
        "departments": sorted(person.departments),
        "posts": sorted(person.posts),
        "department": place.department_id,
    }
    if person.hired_on is not None:
        kept["hired_on"] = person.hired_on.isoformat()
    if person.grades:
        kept["grades"] = sorted(person.grades)
    if person.facts:
        kept["facts"] = list(person.facts)
    return kept


_OUTSTANDING = """
SELECT n.id, e.event_no, e.id, v.rule_id, n.rule_version_id, n.employee_id, p.party_id, n.points,
       n.effective_on, n.tx_id, (n.facts->>'department')::bigint,
       (n.facts->'cap'->>'asked')::bigint, n.facts ? 'quota'
FROM awards_event e
JOIN awards_entry n ON n.company_id = e.company_id AND n.event_id = e.id
JOIN rules_ruleversion v ON v.company_id = n.company_id AND v.id = n.rule_version_id
JOIN org_employee p ON p.company_id = n.company_id AND p.id = n.employee_id
WHERE e.company_id = %s AND e.id = ANY(%s) AND n.reverses_id IS NULL
  AND NOT EXISTS (
    SELECT FROM awards_entry r WHERE r.company_id = n.company_id AND r.event_id = n.event_id
      AND r.reverses_id = n.id)
ORDER BY n.id
"""


def outstanding_of_events(*, company_id: int, event_ids: Iterable[int]) -> list[Outstanding]:
    """The entries of events that have not been taken back."""
    ids = list(event_ids)
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_OUTSTANDING, [company_id, ids])
        return [Outstanding(*row) for row in cursor.fetchall()]


def taking_back(
    entry: Outstanding, *, position: int, cause: str, amounts: Amounts, fact_on: date
) -> Posting:
    """The posting that reverses an event's entry whole; ``amounts`` are what it had posted, empty
    where only the ledger knows, because caps cut it."""
    return Posting(
        position,
        Issue(
            f"{cause}:{entry.tx_id}",
            "reverse",
            entry.party_id,
            () if entry.is_paid else negated(amounts),
            entry.effective_on,
            fact_on,
            "event",
            entry.event_id,
            entry.rule_version_id,
            entry.department_id,
            None,
            entry.tx_id,
        ),
        entry.event_id,
        None,
        entry.employee_id,
        -entry.points,
        entry.entry_id,
        "{}",
    )
