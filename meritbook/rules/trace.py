"""The steps of a score in order, each with what was compared: why, and why not.

A trace is recomputed from the values that scoring read; its first failed step is the one that
the score names. Texts go through a translator, so that a page can ask for another language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meritbook.rules.scoring import CompiledRule
from meritbook.rules.spec import Contribution, EventFacts, PersonFacts, Step, Window

Translator = Callable[[str], str]


def trace_event(
    rule: CompiledRule,
    event: EventFacts,
    person: PersonFacts,
    *,
    tr: Translator = str,
) -> tuple[Step, ...]:
    """The steps of one event: of its points, or of its way into a window."""
    raise NotImplementedError


def trace_window(
    rule: CompiledRule,
    window: Window,
    events: Sequence[tuple[Contribution, EventFacts]],
    *,
    tr: Translator = str,
) -> tuple[Step, ...]:
    """The steps of one window's result from the events that were brought into it."""
    raise NotImplementedError
