"""Problems: what is wrong with one cell of a table, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing in an imported file that a person has to look at.

    `row` is the row as the spreadsheet shows it (the first one is 1; 0 means the whole
    sheet), `column` the heading of the column, or "" for the whole row. `reason` and
    `remedy` are short sentences in Chinese.
    """

    sheet: str
    row: int
    column: str
    reason: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str | int]:
        """Return the problem as JSON: sheet, row, column, reason, remedy."""
        return {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "reason": self.reason,
            "remedy": self.remedy,
        }


def problem_rows(problems: Iterable[Problem]) -> dict[tuple[str, int], list[Problem]]:
    """Group problems by (sheet, row), in the order given."""
    grouped: dict[tuple[str, int], list[Problem]] = {}
    for problem in problems:
        grouped.setdefault((problem.sheet, problem.row), []).append(problem)
    return grouped
