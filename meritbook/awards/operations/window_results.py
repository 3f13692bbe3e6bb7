"""What windows come to: a function of their events, under the version of their last day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from meritbook.awards.evaluation import Brought
from meritbook.awards.operations.intake import Intake
from meritbook.awards.operations.window_rows import OpenWindow
from meritbook.awards.queries.stored import window_members
from meritbook.rules.event_types.gathering import Member, gathered
from meritbook.rules.scoring import CompiledRule
from meritbook.rules.spec import Contribution, Window
from meritbook.rules.values import window_measure


class Result(NamedTuple):
    """What a window comes to now."""

    window: OpenWindow
    rule: CompiledRule | None
    points: int
    measure: Decimal | None
    effective_on: date
    counted: tuple[int, ...]
    uncounted: tuple[int, ...]
    moved: tuple[tuple[int, Brought], ...]
    """Events that the version valid on the window's last day puts into another window."""
    items: Mapping[str, str] = {}
    """For which item of the checklist a type counted."""


def results_of(*, intake: Intake, windows: Sequence[OpenWindow]) -> list[Result]:
    """The result of each window from its events, under the version valid on its last day."""
    members = window_members(
        company_id=intake.company_id, zone=intake.zone.key, window_ids=[w.id for w in windows]
    )
    found: list[Result] = []
    for window in windows:
        rule = intake.book.version_on(window.rule_id, window.ends_on)
        if rule is None or not rule.windowed:
            lost = tuple(event.id for event in members.get(window.id, ()))
            found.append(Result(window, None, 0, None, window.ends_on, (), lost, ()))
            continue
        stretch = Window(window.starts_on, window.ends_on, intake.local_time(window.closes_at))
        members_: list[Member] = []
        counted: list[int] = []
        uncounted: list[int] = []
        moved: list[tuple[int, Brought]] = []
        person = intake.person(window.employee_id)
        for event in members.get(window.id, ()):
            place = intake.place(person, event.fact_on)
            admission = rule.admit(event.facts, place.person)
            if admission.window[:2] != stretch[:2]:
                moved.append((event.id, Brought(rule, admission.window, admission.counted)))
                continue
            (counted if admission.counted else uncounted).append(event.id)
            contribution = Contribution(
                f"{event.source}\x1f{event.event_no}",
                event.happened_at,
                admission.measure,
                admission.counted,
                event.object.strip(),
            )
            members_.append(Member(event.type_code, contribution, event.facts))
        items = intake.book.book.items_of(window.rule_id)
        contributions = [one for one, _facts in gathered(rule, items, members_)]
        score = rule.score_window(stretch, contributions)
        found.append(
            Result(
                window,
                rule,
                score.points,
                window_measure(rule.spec, contributions),
                score.effective_on,
                tuple(counted),
                tuple(uncounted),
                tuple(moved),
                items,
            )
        )
    return found
