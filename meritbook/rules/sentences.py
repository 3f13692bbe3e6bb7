"""Rules and results as Chinese sentences that anyone can check by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meritbook.rules.scoring import CompiledRule
from meritbook.rules.spec import Contribution, EventFacts, PersonFacts, RuleSpec, Window

Translator = Callable[[str], str]


def rule_sentence(spec: RuleSpec, *, tr: Translator = str) -> str:
    """The rule as one sentence: “每天 22 点前按要求完成日汇报,得 5 分”."""
    raise NotImplementedError


def event_sentence(
    rule: CompiledRule, event: EventFacts, person: PersonFacts, *, tr: Translator = str
) -> str:
    """What one event earned: “11月12日 增加单量 5,600 元:5 × 50 = 250 分”."""
    raise NotImplementedError


def window_sentence(
    rule: CompiledRule,
    window: Window,
    contributions: Sequence[Contribution],
    *,
    tr: Translator = str,
) -> str:
    """What a window earned: “11月9日至15日 回访 13 个(目标 20 个/周):100 × 13/20 = 65 分”."""
    raise NotImplementedError
