"""One movement with the entry that goes with it."""

from __future__ import annotations

from typing import NamedTuple

from meritbook.ledger.operations import Issue


class Posting(NamedTuple):
    """One movement and the entry that goes with it; ``position`` is the row of the batch that caused
    it, -1 when no single row did."""

    position: int
    issue: Issue
    event_id: int | None
    window_id: int | None
    employee_id: int
    points: int
    reverses_id: int | None
    facts: str
