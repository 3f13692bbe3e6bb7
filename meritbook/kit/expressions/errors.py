"""What is wrong with an expression: where, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from meritbook.kit.errors import Refusal
from meritbook.kit.words import gettext_noop, say

DIVIDED_BY_ZERO = gettext_noop("除数是 0，无法计算")
TOO_LARGE = gettext_noop("数字过大，无法计算")


class ExpressionWrong(Refusal):
    """A text that is no expression, or one that nobody could evaluate.

    ``position`` counts signs from 1; ``part`` names the definition in which it stands, if any.
    """

    code = "bad_expression"

    def __init__(self, reason: str, *, position: int, remedy: str, part: str = "") -> None:
        self.reason, self.position, self.remedy, self.part = reason, position, remedy, part
        where = (
            say("“%(part)s”第 %(n)d 个字", part=part, n=position)
            if part
            else say("第 %(n)d 个字", n=position)
        )
        super().__init__(
            say("%(where)s：%(reason)s。%(remedy)s", where=where, reason=reason, remedy=remedy)
        )

    def inside(self, part: str) -> ExpressionWrong:
        """The same, said of the definition ``part``."""
        return ExpressionWrong(
            self.reason, position=self.position, remedy=self.remedy, part=self.part or part
        )


class Unworkable(ArithmeticError):
    """An evaluation that has no result; ``message`` is a sentence to be translated."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is most like ``name``; empty when none is."""
    every = list(known)
    found = get_close_matches(name, every, n=1, cutoff=0.5)
    if found:
        return found[0]
    return next((one for one in every if one and (one in name or name in one)), "")
