"""Which type a rule is probably about, from its words: a proposal, never done silently."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from meritbook.rules.event_types.books import KnownType
from meritbook.rules.event_types.catalogue import BY_CODE


class Suggestion(NamedTuple):
    """That a type may feed a rule; ``word`` is what says so."""

    rule_id: int
    type_code: str
    item: str
    word: str


class Described(NamedTuple):
    """A rule as suggestions read it: what it says, the nearest words first."""

    rule_id: int
    texts: tuple[str, ...]
    items: tuple[str, ...]


def suggestions(rules: Iterable[Described], types: Iterable[KnownType]) -> list[Suggestion]:
    """At most one type for each rule, one for each item of a checklist; what is mapped already is
    left out."""
    active = [one for one in types if one.is_active]
    fed = {rule_id for one in active for rule_id, item in one.feeds if not item}
    fed_items = {(rule_id, item) for one in active for rule_id, item in one.feeds if item}
    found: list[Suggestion] = []
    for rule in rules:
        own: list[Suggestion] = []
        for item in rule.items:
            match = _match(item, active)
            if match is not None and (rule.rule_id, item) not in fed_items:
                own.append(Suggestion(rule.rule_id, match[0], item, match[1]))
        taken = any(rule_id == rule.rule_id for rule_id, _item in fed_items)
        if not own and not taken and rule.rule_id not in fed:
            match = next((one for text in rule.texts if (one := _match(text, active))), None)
            if match is not None:
                own.append(Suggestion(rule.rule_id, match[0], "", match[1]))
        found += own
    return found


def _match(text: str, types: Iterable[KnownType]) -> tuple[str, str] | None:
    """The type with the longest word in the text, and that word; of equals the earlier word."""
    best: tuple[int, int, str, str] | None = None
    for one in types:
        canonical = BY_CODE.get(one.code)
        for word in (one.name, *(canonical.words if canonical else ())):
            at = text.find(word) if word else -1
            if at >= 0 and (best is None or (len(word), -at) > best[:2]):
                best = (len(word), -at, one.code, word)
    return None if best is None else (best[2], best[3])
