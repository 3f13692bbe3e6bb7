"""What an event would earn, without recording it: the same judgement as recording, nothing written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from meritbook.awards.content import NewEvent
from meritbook.awards.evaluation import Versions, judge
from meritbook.awards.models import Event, Window, WindowEvent
from meritbook.awards.operations.intake import Candidate, Intake
from meritbook.awards.queries.cap_room import tight_caps
from meritbook.awards.queries.caps import cap_book
from meritbook.awards.queries.entries import contributions_of
from meritbook.awards.queries.stored import window_members
from meritbook.kit.problems import Problem
from meritbook.ledger.names import named_assets
from meritbook.org.queries.roster import roster
from meritbook.rules.queries import rulebook
from meritbook.rules.scoring import CompiledRule
from meritbook.rules.sentences import event_sentence, window_sentence
from meritbook.rules.spec import Contribution, Step
from meritbook.rules.spec import Window as Span
from meritbook.rules.trace import trace_event


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of an event. ``points`` are minor units of what is posted at once."""

    status: str
    points: int
    sentence: str
    steps: tuple[Step, ...]
    progress: str = ""
    """How the window would stand with this event, when it waits for one."""
    limits: tuple[str, ...] = ()
    """Caps that have too little room for it now."""

    @property
    def earns(self) -> bool:
        return self.status == Event.Status.POSTED

    @property
    def waits(self) -> bool:
        return self.status == Event.Status.IN_WINDOW


def preview_event(
    *, company_id: int, zone: str, event: NewEvent, now: datetime
) -> Preview | tuple[Problem, ...]:
    """What recording the event would do, or why it would be refused."""
    book = Versions(rulebook(company_id=company_id))
    intake = Intake(
        company_id=company_id,
        zone=ZoneInfo(zone),
        now=now,
        book=book,
        roster=roster(company_id=company_id, employee_nos=[event.employee_no]),
    )
    good, bad = intake.look_at([(0, event)])
    if bad:
        return bad[0].problems
    return _preview(company_id, zone, good[0], book)


def _preview(company_id: int, zone: str, candidate: Candidate, book: Versions) -> Preview:
    outcome, person = candidate.outcome, candidate.place.person
    if outcome.awards:
        award = outcome.awards[0]
        return Preview(
            outcome.status,
            sum(one.score.points for one in outcome.awards),
            event_sentence(award.rule, candidate.facts, person, tr=_),
            trace_event(
                award.rule,
                candidate.facts,
                person,
                tr=_,
                assets=named_assets(company_id=company_id),
            ),
            limits=tuple(_limits(company_id, candidate)),
        )
    brought = next(iter(outcome.brought), None)
    if brought is not None:
        steps = trace_event(brought.rule, candidate.facts, person, tr=_)
        progress = (
            _progress(company_id, zone, candidate, brought.rule, brought.window, book)
            if brought.counted
            else ""
        )
        return Preview(outcome.status, 0, _failed(steps) or steps[-1].text, steps, progress)
    steps = _steps(candidate, book)
    return Preview(outcome.status, 0, _without_points(steps), steps)


def _limits(company_id: int, candidate: Candidate) -> list[str]:
    book = cap_book(company_id=company_id)
    return [
        text
        for award in candidate.outcome.awards
        for text in tight_caps(
            company_id=company_id,
            book=book,
            award=award,
            party_id=candidate.person.party_id,
            place=candidate.place,
        )
    ]


def why_nothing(candidate: Candidate, book: Versions) -> str:
    """Why a row earns nothing, in the words of the first rule that it feeds."""
    if not book.rules_for(candidate.type_code):
        return _("这种事件还没有对应的积分标准")
    return _without_points(_steps(candidate, book))


def _steps(candidate: Candidate, book: Versions) -> tuple[Step, ...]:
    """What the first valid rule finds at each of its steps; none when no version was valid."""
    person = candidate.place.person
    for rule_id in book.rules_for(candidate.type_code):
        judged = judge(book=book, rule_id=rule_id, event=candidate.facts, person=person)
        if judged is not None:
            return trace_event(judged.rule, candidate.facts, person, tr=_)
    return ()


def _without_points(steps: tuple[Step, ...]) -> str:
    return _failed(steps) if steps else _("这条标准在这一天没有生效")


def _failed(steps: tuple[Step, ...]) -> str:
    return next((step.text for step in steps if not step.ok), "")


def _progress(
    company_id: int,
    zone: str,
    candidate: Candidate,
    rule: CompiledRule,
    span: Span,
    book: Versions,
) -> str:
    """The window's sentence with this event in it."""
    window = Window.objects.filter(
        company_id=company_id,
        rule_id=rule.spec.rule_id,
        employee_id=candidate.person.id,
        starts_on=span.starts_on,
        ends_on=span.ends_on,
    ).first()
    others: list[Contribution] = []
    if window is not None:
        members = window_members(company_id=company_id, zone=zone, window_ids=[window.pk])
        counted = dict(
            WindowEvent.objects.filter(company_id=company_id, window=window).values_list(
                "event_id", "counted"
            )
        )
        own_no = f"\x1f{candidate.event.event_no}"
        items = book.book.items_of(rule.spec.rule_id)
        pairs = contributions_of(rule, members.get(window.pk, []), counted, items)
        others = [one for one, _facts in pairs if not one.event_key.endswith(own_no)]
    admission = rule.admit(candidate.facts, candidate.place.person)
    own = Contribution(
        f"\x1f{candidate.event.event_no}",
        candidate.local,
        admission.measure,
        admission.counted,
        candidate.event.object.strip(),
    )
    return window_sentence(rule, span, [*others, own], tr=_)
