"""What a rule's shape asks of one event: the inputs of a form, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

from meritbook.rules.spec import EventFacts, Field, FieldProblem, RuleSpec

Translator = Callable[[str], str]


def fields_of(spec: RuleSpec, *, tr: Translator = str) -> tuple[Field, ...]:
    """The inputs that a form for one event of the rule shows, besides person, time and note."""
    raise NotImplementedError


def validate_event(
    spec: RuleSpec, event: EventFacts, *, tr: Translator = str
) -> list[FieldProblem]:
    """Why the event cannot be taken for the rule; empty when it can."""
    raise NotImplementedError
