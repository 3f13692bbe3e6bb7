"""Schemes written down by hand, and what a mend makes of them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Any

from meritbook.rules.content import content_of, spec_of
from meritbook.rules.health import Crowd, Mend, RuleUse, Scheme, SchemeRule
from meritbook.rules.spec import PersonFacts

SALES, STORE = 1, 2
SELLER, KEEPER = 11, 12
CROWDS = (
    Crowd("业务员", PersonFacts(frozenset({SALES}), frozenset({SELLER})), 12),
    Crowd("仓管员", PersonFacts(frozenset({STORE}), frozenset({KEEPER})), 3),
)
_ids = count(1)
_META = ("indicator", "sheet", "row", "category")


def rule(shape: str, standard: str, **values: Any) -> SchemeRule:
    """A rule of a scheme; ``posts`` narrows it down, other values are a draft's."""
    number = next(_ids)
    meta = {name: values.pop(name) for name in _META if name in values}
    posts = values.pop("posts", ())
    drafted = {"shape": shape, "standard": standard, **values}
    return _rule(number, drafted, posts, meta)


def _rule(number: int, drafted: dict[str, Any], posts: Any, meta: dict[str, Any]) -> SchemeRule:
    from datetime import date

    found = SchemeRule(
        spec=spec_of(
            content_of(drafted),
            version_id=number,
            rule_id=number,
            code=f"R{number:03d}",
            name=drafted["standard"],
            number=1,
            population={"posts": list(posts)},
            postings={},
            active_from=date(2026, 1, 1),
            active_to=None,
            counts_from=None,
        ),
        indicator=meta.get("indicator", ""),
        sheet=meta.get("sheet", ""),
        row=meta.get("row"),
        category=meta.get("category", ""),
    )
    DRAFTS[number] = (drafted, posts, meta)
    return found


DRAFTS: dict[int, tuple[dict[str, Any], Any, dict[str, Any]]] = {}


def mended(scheme: Scheme, mend: Mend) -> Scheme:
    """The scheme after the mend, its changes written as a draft would hold them."""
    changes = {change.rule_id: dict(change.values) for change in mend.changes}
    rules = []
    for each in scheme.rules:
        if each.rule_id in mend.retires:
            continue
        if each.rule_id in changes:
            drafted, posts, meta = DRAFTS[each.rule_id]
            rules.append(_rule(each.rule_id, drafted | changes[each.rule_id], posts, meta))
        else:
            rules.append(each)
    return replace(scheme, rules=tuple(rules))


def scheme_of(*rules: SchemeRule, months: int = 0, uses: Any = None) -> Scheme:
    return Scheme(rules=rules, crowds=CROWDS, workdays=Decimal(21), months=months, uses=uses or {})


def use(**values: Any) -> RuleUse:
    return RuleUse(**values)
