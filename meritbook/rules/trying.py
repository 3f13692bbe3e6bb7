"""A rule tried with one event: what it would earn and why, without storing anything.

The event stands alone: caps of a day or month, and what else lies in a window, are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.kit.points import points_text
from meritbook.org.queries.roster import roster
from meritbook.rules.fields import column_of, validate_event
from meritbook.rules.models import RuleVersion
from meritbook.rules.operations.gaps import gap_text
from meritbook.rules.persons import person_facts
from meritbook.rules.queries import version_spec
from meritbook.rules.scoring import CompiledRule, compile_rule
from meritbook.rules.sentences import event_sentence, window_sentence
from meritbook.rules.spec import (
    POSTING,
    Contribution,
    EventFacts,
    FieldProblem,
    PersonFacts,
    SpecIncomplete,
    Step,
)
from meritbook.rules.trace import trace_event, trace_window

EARNS, WAITS, NOTHING = "earns", "waits", "nothing"


class UnknownEmployee(Refusal):
    """Nobody in the company has the 工号."""

    code = "unknown_employee"
    status = 404

    def __init__(self, employee_no: str) -> None:
        super().__init__(_("没有工号“%(number)s”，请检查后再填") % {"number": employee_no})


class RuleIncomplete(Refusal):
    """The rule cannot run yet."""

    code = "incomplete_rule"


@dataclass(frozen=True, slots=True)
class Trial:
    """What one event would earn. ``points`` are minor units; ``waits`` until its window ends."""

    status: str
    points: int
    sentence: str
    steps: tuple[Step, ...]
    problems: tuple[FieldProblem, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The trial as JSON; points are decimal text."""
        return {
            "status": self.status,
            "points": points_text(self.points),
            "sentence": self.sentence,
            "steps": [{"step": step.step, "ok": step.ok, "text": step.text} for step in self.steps],
            "problems": [
                {
                    "column": column_of(one.field, tr=_),
                    "reason": one.reason,
                    "remedy": one.remedy,
                }
                for one in self.problems
            ],
        }


def compiled_version(version: RuleVersion) -> CompiledRule:
    """A version, saved or not, ready to run. Raises RuleIncomplete."""
    try:
        return compile_rule(version_spec(version))
    except SpecIncomplete as missing:
        raise RuleIncomplete(_("这条标准还不完整：%(why)s") % {"why": gap_text(missing)}) from None


def try_rule(
    *, company_id: int, version: RuleVersion, employee_no: str, event: EventFacts
) -> Trial:
    """Try a version with one event of one person. Raises UnknownEmployee, RuleIncomplete."""
    rule = compiled_version(version)
    person = roster(company_id=company_id, employee_nos=[employee_no]).get(employee_no)
    if person is None:
        raise UnknownEmployee(employee_no)
    problems = tuple(validate_event(rule.spec, event, tr=_))
    if problems:
        return Trial(NOTHING, 0, "", (), problems)
    place = person.place_on(event.happened_at.date())
    facts = person_facts(person, place)
    return _of_window(rule, event, facts) if rule.windowed else _of_event(rule, event, facts)


def _of_event(rule: CompiledRule, event: EventFacts, person: PersonFacts) -> Trial:
    points = rule.score(event, person).points
    return Trial(
        EARNS if points else NOTHING,
        points,
        event_sentence(rule, event, person, tr=_),
        _steps(trace_event(rule, event, person, tr=_)),
    )


def _of_window(rule: CompiledRule, event: EventFacts, person: PersonFacts) -> Trial:
    steps = trace_event(rule, event, person, tr=_)
    admission = rule.admit(event, person)
    if not admission.counted:
        return Trial(NOTHING, 0, next(step.text for step in steps if not step.ok), steps)
    own = Contribution("try", event.happened_at, admission.measure, True, event.object.strip())
    window = admission.window
    return Trial(
        WAITS,
        rule.score_window(window, [own]).points,
        window_sentence(rule, window, [own], tr=_),
        _steps((*steps, *trace_window(rule, window, [(own, event)], tr=_))),
    )


def _steps(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Without the posting: which accounts is the ledger's to say."""
    return tuple(step for step in steps if step.step != POSTING)


def event_of(values: Mapping[str, Any]) -> EventFacts:
    """The event from plain values: happened_at, has_time, quantity, amount, object, attributes."""
    return EventFacts(
        values["happened_at"],
        bool(values.get("has_time", True)),
        values.get("quantity"),
        values.get("amount"),
        values.get("object") or "",
        {str(name): str(value) for name, value in (values.get("attributes") or {}).items()},
    )
