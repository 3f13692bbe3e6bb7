"""What became of the rows of a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from meritbook.kit.problems import Problem

NEW, DUPLICATE, REVISED, CONFLICT, REFUSED = "new", "duplicate", "revised", "conflict", "refused"

Progress = Callable[[int, int], None]
"""Called with rows done and rows in all."""


class RowResult(NamedTuple):
    """What became of one row; ``event_id`` is the row's event, or the one that was there."""

    status: str
    event_id: int | None = None
    problems: tuple[Problem, ...] = ()


def taken_number(*, is_same: bool, withdrawn: bool, revise: bool) -> str:
    """What a row is whose number is taken: the same again, a correction, or a conflict.

    A withdrawn event comes back to life only by a correction, even one that changes nothing.
    """
    if is_same and not (revise and withdrawn):
        return DUPLICATE
    return REVISED if revise else CONFLICT


def keeps_out(results: Iterable[RowResult | None]) -> bool:
    """Whether a row is bad, so that all-or-nothing takes none."""
    return any(one is not None and one.status in (REFUSED, CONFLICT) for one in results)


@dataclass(slots=True)
class Recorded:
    """What became of each row, in the order given."""

    results: list[RowResult]
    rolled_back: bool = False
    """With all_or_nothing: some row was refused or in conflict, and nothing was kept."""

    def count(self, status: str) -> int:
        return sum(1 for one in self.results if one.status == status)

    @property
    def problems(self) -> list[Problem]:
        return [problem for one in self.results for problem in one.problems]

    def as_dict(self) -> dict[str, object]:
        """The JSON of the contract; what was rolled back counts as nothing."""
        kept = not self.rolled_back
        return {
            "new": self.count(NEW) if kept else 0,
            "duplicate": self.count(DUPLICATE) if kept else 0,
            "revised": self.count(REVISED) if kept else 0,
            "conflict": self.count(CONFLICT),
            "refused": self.count(REFUSED),
            "problems": [problem.as_dict() for problem in self.problems],
        }
