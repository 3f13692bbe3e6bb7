"""How a step comes to its end, from the votes that were cast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Verdict = Literal["approved", "refused"]
COUNT, VOTE = "count", "vote"
REMIND_HOURS = 24
"""So long before a step is due whoever is asked is reminded; of a short limit half way."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """What a step asks for and what was said. ``voters`` and ``quorum`` are for votes alone."""

    rule: str
    needed: int
    approvals: int
    refusals: int
    voters: int = 0
    quorum: int = 0
    is_over: bool = False
    """Whether the time for voting has passed."""


def verdict(ballot: Ballot) -> Verdict | None:
    """How the step ends; None while others have to speak.

    A counted step ends with the first refusal or with as many approvals as it needs. A vote ends as
    soon as nobody can change its result any more; when its time is over, more votes for than against
    decide, if enough have voted. A tie changes nothing.
    """
    if ballot.rule == COUNT:
        if ballot.refusals:
            return "refused"
        return "approved" if ballot.approvals >= ballot.needed else None
    cast = ballot.approvals + ballot.refusals
    if ballot.approvals >= ballot.needed and cast >= ballot.quorum:
        return "approved"
    if ballot.refusals > ballot.voters - ballot.needed:
        return "refused"
    if ballot.is_over or cast >= ballot.voters:
        carried = cast >= ballot.quorum and ballot.approvals > ballot.refusals
        return "approved" if carried else "refused"
    return None


def quorum_of(*, voters: int, percent: int) -> int:
    """How many of ``voters`` are ``percent`` of them, rounded up; at least one."""
    return max(1, -(-voters * percent // 100))


def remind_from(*, due_at: datetime, limit_hours: int) -> datetime:
    """From when on a reminder is in place."""
    return due_at - timedelta(hours=min(float(REMIND_HOURS), limit_hours / 2))
