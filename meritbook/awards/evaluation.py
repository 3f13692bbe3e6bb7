"""From an event to what it earns or where it waits: which version judges it, and the outcome.

Pure but for the rulebook and the places that it is given; the same event under the same rules
always has the same outcome.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from meritbook.rules.queries import Rulebook
from meritbook.rules.scoring import CompiledRule
from meritbook.rules.spec import Admission, EventFacts, PersonFacts, Score, Window

_A_DAY = timedelta(days=1)


class Award(NamedTuple):
    """Points that one event earns by itself, and what they post."""

    rule: CompiledRule
    score: Score
    amounts: tuple[tuple[str, int], ...]


class Brought(NamedTuple):
    """An event in the window of a windowed rule; ``counted`` False: late, outside, too little."""

    rule: CompiledRule
    window: Window
    counted: bool


class Outcome(NamedTuple):
    """All that one event does."""

    awards: tuple[Award, ...]
    brought: tuple[Brought, ...]

    @property
    def status(self) -> str:
        """The event's status while its windows are open."""
        if self.awards:
            return "posted"
        return "in_window" if any(one.counted for one in self.brought) else "nothing"


class Versions:
    """The rulebook's versions by day, remembered: many events share a rule and a day."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        # Judging asks for them, also in threads that are in no company's scope.
        self.types = book.types
        self._on: dict[tuple[int, date], CompiledRule | None] = {}

    def rules_for(self, event_type: str) -> tuple[int, ...]:
        """The ids of the rules that an event of this type feeds."""
        return self.book.rules_for(event_type)

    def version_on(self, rule_id: int, day: date) -> CompiledRule | None:
        """The version of a rule that is valid on ``day``, or None."""
        key = (rule_id, day)
        if key not in self._on:
            self._on[key] = self.book.version_on(rule_id, day)
        return self._on[key]

    def valid_version(self, rule_id: int, day: date) -> CompiledRule | None:
        """The version that looks at an event of ``day``: the one of that day, else of the day
        before (a duty due on the first day of the next period outlives its rule by that day)."""
        return self.version_on(rule_id, day) or self.version_on(rule_id, day - _A_DAY)

    def version(self, version_id: int) -> CompiledRule:
        """A published version by its id; none is ever deleted."""
        rule = self.book.version(version_id)
        assert rule is not None  # noqa: S101 -- an entry names a published version
        return rule


class Judged(NamedTuple):
    """One rule's verdict on one event: a score of its own, or the way into a window."""

    rule: CompiledRule
    score: Score | None
    admission: Admission | None


def judge(*, book: Versions, rule_id: int, event: EventFacts, person: PersonFacts) -> Judged | None:
    """The verdict of one rule; None when no version of it was valid.

    A windowed rule judges by the version that is valid on the window's last day.
    """
    day = event.happened_at.date()
    rule = book.valid_version(rule_id, day)
    if rule is None:
        return None
    if not rule.windowed:
        return Judged(rule, rule.score(event, person), None) if _covers(rule, day) else None
    admission = rule.admit(event, person)
    governing = book.version_on(rule_id, admission.window.ends_on)
    if governing is None:
        return None
    if not governing.windowed:
        return Judged(governing, governing.score(event, person), None)
    if governing is not rule:
        admission = governing.admit(event, person)
    return Judged(governing, None, admission)


def _covers(rule: CompiledRule, day: date) -> bool:
    until = rule.spec.active_to
    return until is None or day < until


def evaluate(
    *, book: Versions, rule_ids: Iterable[int], event: EventFacts, person: PersonFacts
) -> Outcome:
    """What an event does under the rules that its type feeds."""
    awards: list[Award] = []
    brought: list[Brought] = []
    for rule_id in rule_ids:
        judged = judge(book=book, rule_id=rule_id, event=event, person=person)
        if judged is None:
            continue
        if judged.admission is not None:
            brought.append(Brought(judged.rule, judged.admission.window, judged.admission.counted))
        elif judged.score is not None and judged.score.points:
            amounts = judged.rule.legs(judged.score.points)
            if amounts:
                awards.append(Award(judged.rule, judged.score, amounts))
    return Outcome(tuple(awards), tuple(brought))
