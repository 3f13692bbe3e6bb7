"""One person's events scored again, under the rules as they were and under those that are tried.

The verdicts are those of recording: ``awards.evaluation.judge`` for each event, the compiled rule's
``score_window`` for each window. Pure but for what it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from meritbook.awards.caps import CapBook
from meritbook.awards.content import Place
from meritbook.awards.evaluation import Versions, judge
from meritbook.insight.capping import Amounts, PersonCaps
from meritbook.kit.periods import Period
from meritbook.org.queries.roster import RosterPerson
from meritbook.rules.event_types.gathering import Member, gathered
from meritbook.rules.scoring import CompiledRule
from meritbook.rules.spec import Contribution, EventFacts, Window


class PastEvent(NamedTuple):
    """A stored event as a replay reads it."""

    id: int
    key: str
    type_code: str
    fact_on: date
    facts: EventFacts


class Earning(NamedTuple):
    """What an event or a window earns. ``basis`` is the event's day or the window's last one."""

    rule: CompiledRule
    event: PastEvent | None
    window: Window | None
    at: datetime
    basis: date
    effective_on: date
    department_id: int | None
    points: int
    amounts: Amounts

    @property
    def key(self) -> tuple[object, ...]:
        """The same thing under other rules has the same key."""
        rule_id = self.rule.spec.rule_id
        if self.event is not None:
            return (rule_id, self.event.id)
        assert self.window is not None  # noqa: S101 -- an event or a window
        return (rule_id, self.window.starts_on, self.window.ends_on)


Members = list[tuple[Contribution, EventFacts]]


@dataclass(slots=True)
class Replayed:
    """One person under both sets of rules. ``*_windows`` hold what the windows were made of."""

    before: list[Earning]
    after: list[Earning]
    before_windows: dict[tuple[object, ...], Members] = field(default_factory=dict)
    after_windows: dict[tuple[object, ...], Members] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rulings:
    """The two rulebooks with their caps; ``changed`` are the rules in which they differ."""

    before: Versions
    after: Versions
    changed: frozenset[int]
    before_caps: CapBook
    after_caps: CapBook


class Replay:
    """Goes through people, one at a time."""

    def __init__(
        self,
        *,
        rulings: Rulings,
        span: Period,
        closed_by: datetime,
        place: Callable[[RosterPerson, date], Place],
    ) -> None:
        """``closed_by``: windows that close later (naive local time) have no result yet."""
        self.rulings = rulings
        self.span = span
        self.closed_by = closed_by
        self.place = place
        self._shared: dict[str, tuple[int, ...]] = {}
        self._own: dict[tuple[str, bool], tuple[int, ...]] = {}

    def person(self, person: RosterPerson, events: Sequence[PastEvent]) -> Replayed:
        """What the person's events earn, in order of time, caps applied."""
        rulings = self.rulings
        shared: list[Earning] = []
        self._score(rulings.before, self._shared_rules, person, events, shared)
        before, after = list(shared), list(shared)
        found = Replayed(before, after)
        if rulings.changed:
            found.before_windows = self._score(
                rulings.before, lambda code: self._own_rules(code, False), person, events, before
            )
            found.after_windows = self._score(
                rulings.after, lambda code: self._own_rules(code, True), person, events, after
            )
        found.before = _capped(before, rulings.before_caps, person.party_id)
        found.after = _capped(after, rulings.after_caps, person.party_id)
        return found

    def _shared_rules(self, code: str) -> tuple[int, ...]:
        known = self._shared.get(code)
        if known is None:
            known = self._shared[code] = tuple(
                rule_id
                for rule_id in self.rulings.before.rules_for(code)
                if rule_id not in self.rulings.changed
            )
        return known

    def _own_rules(self, code: str, is_after: bool) -> tuple[int, ...]:
        known = self._own.get((code, is_after))
        if known is None:
            book = self.rulings.after if is_after else self.rulings.before
            known = self._own[code, is_after] = tuple(
                rule_id for rule_id in book.rules_for(code) if rule_id in self.rulings.changed
            )
        return known

    def _score(
        self,
        book: Versions,
        rules_for: Callable[[str], tuple[int, ...]],
        person: RosterPerson,
        events: Iterable[PastEvent],
        earned: list[Earning],
    ) -> dict[tuple[object, ...], Members]:
        start, end = self.span.start, self.span.end
        windows: dict[tuple[int, Window], tuple[CompiledRule, list[Member]]] = {}
        for event in events:
            for rule_id in rules_for(event.type_code):
                place = self.place(person, event.fact_on)
                judged = judge(book=book, rule_id=rule_id, event=event.facts, person=place.person)
                if judged is None:
                    continue
                if judged.admission is not None:
                    admission = judged.admission
                    members = windows.setdefault((rule_id, admission.window), (judged.rule, []))[1]
                    members.append(
                        Member(
                            event.type_code,
                            Contribution(
                                event.key,
                                event.facts.happened_at,
                                admission.measure,
                                admission.counted,
                                event.facts.object.strip(),
                            ),
                            event.facts,
                        )
                    )
                    continue
                score = judged.score
                if score is None or not score.points or not start <= event.fact_on <= end:
                    continue
                amounts = judged.rule.legs(score.points)
                if amounts:
                    earned.append(
                        Earning(
                            judged.rule,
                            event,
                            None,
                            event.facts.happened_at,
                            event.fact_on,
                            score.effective_on,
                            place.department_id,
                            score.points,
                            amounts,
                        )
                    )
        return self._close(book, person, windows, earned)

    def _close(
        self,
        book: Versions,
        person: RosterPerson,
        windows: dict[tuple[int, Window], tuple[CompiledRule, list[Member]]],
        earned: list[Earning],
    ) -> dict[tuple[object, ...], Members]:
        kept: dict[tuple[object, ...], Members] = {}
        for (rule_id, window), (rule, brought) in windows.items():
            if window.closes_at > self.closed_by or not self.span.holds(window.ends_on):
                continue
            members = gathered(rule, book.book.items_of(rule_id), brought)
            kept[rule_id, window.starts_on, window.ends_on] = members
            score = rule.score_window(window, [one for one, _facts in members])
            amounts = rule.legs(score.points) if score.points else ()
            if amounts:
                earned.append(
                    Earning(
                        rule,
                        None,
                        window,
                        window.closes_at,
                        window.ends_on,
                        score.effective_on,
                        self.place(person, window.ends_on).department_id,
                        score.points,
                        amounts,
                    )
                )
        return kept


def _capped(earned: list[Earning], book: CapBook, party_id: int) -> list[Earning]:
    if not book.caps:
        return earned
    caps = PersonCaps(book)
    found = []
    for one in sorted(earned, key=lambda each: each.at):
        spec = one.rule.spec
        points, amounts = caps.allow(
            rule_code=spec.code,
            version_id=spec.version_id,
            party_id=party_id,
            department_id=one.department_id,
            day=one.effective_on,
            points=one.points,
            amounts=one.amounts,
        )
        found.append(one._replace(points=points, amounts=amounts))
    return found
