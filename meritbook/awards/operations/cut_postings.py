"""What caps left of postings: entries have what was given and keep what the caps said.

What waits for approval (``queue``) opens a case; see ``queued``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from meritbook.awards.caps import allowed_points
from meritbook.awards.operations import storing
from meritbook.awards.operations.copytext import json_text
from meritbook.awards.operations.movement import Posting
from meritbook.awards.operations.queued import Queued, open_cases
from meritbook.ledger.caps import Cut, cuts_of, gained_by
from meritbook.ledger.operations import Amounts, Result


class CutPosting(NamedTuple):
    """A posting that caps cut: its place in the batch, what it gained, and what each cap said."""

    n: int
    tx_id: int
    points: int
    gained: dict[str, int]
    cuts: Sequence[Cut]
    is_queued: bool


def restated(
    *, company_id: int, postings: Sequence[Posting], results: Sequence[Result]
) -> list[CutPosting]:
    """Bring the staged entries of cut postings to what they gained; two queries when there are any."""
    ids = {n: one.tx_id or 0 for n, one in enumerate(results) if one.status == "capped"}
    if not ids:
        return []
    cuts = cuts_of(company_id=company_id, tx_ids=ids.values())
    gained = gained_by(company_id=company_id, tx_ids=ids.values())
    found = []
    for n, tx_id in ids.items():
        got = gained.get(tx_id, {})
        asked = {asset: amount for asset, amount in postings[n].issue.amounts if amount > 0}
        points = allowed_points(postings[n].points, asked, got)
        is_queued = results[n].reason == "cap_queued"
        found.append(CutPosting(n, tx_id, points, got, cuts[tx_id], is_queued))
    storing.restate_entries(
        rows=[
            (
                one.n + 1,
                one.points,
                json_text(json.loads(postings[one.n].facts) | _cap_facts(postings, one)),
            )
            for one in found
        ]
    )
    return found


def _cap_facts(postings: Sequence[Posting], one: CutPosting) -> dict[str, object]:
    """What an entry keeps: the points asked for, and each cap that had too little room."""
    return {
        "cap": {
            "asked": postings[one.n].points,
            "queued": one.is_queued,
            "cuts": [
                {
                    "cap_id": cut.cap_id,
                    "name": cut.name,
                    "scope": cut.scope,
                    "subject": cut.subject,
                    "period": cut.period,
                    "start": cut.period_start.isoformat(),
                    "policy": cut.policy,
                    "asset": cut.asset_code,
                    "scale": cut.scale,
                    "amount": cut.amount,
                    "asked": cut.asked,
                    "room": cut.room,
                    "allowed": cut.allowed,
                }
                for cut in one.cuts
            ],
        }
    }


def follow_cuts(
    *, company_id: int, postings: Sequence[Posting], cut: Sequence[CutPosting], now: datetime
) -> None:
    """Events of which nothing was given get the status that says so; what is queued opens cases."""
    gone = {one.n for one in cut if not one.points}
    earning = {
        one.event_id for n, one in enumerate(postings) if n not in gone and one.reverses_id is None
    }
    for status, is_queued in (("nothing", False), ("pending", True)):
        storing.set_statuses(
            company_id=company_id,
            event_ids=sorted(
                {
                    event_id
                    for one in cut
                    if not one.points
                    and one.is_queued == is_queued
                    and (event_id := postings[one.n].event_id) is not None
                    and event_id not in earning
                }
            ),
            status=status,
        )
    open_cases(
        company_id=company_id,
        queued=[
            _queued(postings[one.n], one)
            for one in cut
            if one.is_queued and postings[one.n].points > 0
        ],
        now=now,
    )


def _queued(posting: Posting, one: CutPosting) -> Queued:
    """The rest of a posting that a cap holds back until somebody agrees."""
    asked = dict(posting.issue.amounts)
    cut = min(
        (each for each in one.cuts if each.policy == "queue"),
        key=lambda each: (Fraction(each.room, asked[each.asset_code]), each.cap_id),
    )
    whole = asked[cut.asset_code]
    rest: Amounts = tuple(
        (asset, amount * cut.asked // whole - one.gained.get(asset, 0))
        for asset, amount in posting.issue.amounts
        if amount > 0
    )
    return Queued(
        tx_id=one.tx_id,
        employee_id=posting.employee_id,
        points=posting.points * cut.asked // whole - one.points,
        amounts=tuple((asset, amount) for asset, amount in rest if amount > 0),
        cap=cut,
    )
