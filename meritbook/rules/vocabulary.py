"""What a company's conditions may speak of, and the condition as a version stores it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from meritbook.kit.expressions import ExpressionWrong, Kind, compile_expression
from meritbook.kit.expressions.kinds import kind_of
from meritbook.kit.expressions.rows import Row, constant_of
from meritbook.kit.words import say
from meritbook.org.models import Department, Fact, Grade, Post
from meritbook.rules.conditions import DEPARTMENT, GRADE, KINDS, POST, names_for, own_names
from meritbook.rules.models import RuleVersion

MOST_ATTRIBUTES = 20


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names that conditions may use: departments, posts and grades with ids; kinds of dated facts
    of people; attributes of events that other conditions read, with their kinds."""

    ids: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    facts: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)

    def kinds(self, asked: Mapping[str, str]) -> dict[str, Kind]:
        """The kind of every name that may be used, those of ``asked`` among them."""
        every = names_for(asked={**self.attributes, **asked}, ids=self.ids, facts=self.facts)
        return {name: one.kind for name, one in every.items()}


def vocabulary(*, company_id: int) -> Vocabulary:
    """The vocabulary of a company; five queries."""
    departments = list(Department.objects.filter(company_id=company_id, active=True))
    names = {each.pk: each.name for each in departments}
    often = Counter(names.values())
    ids = {
        DEPARTMENT: {
            each.name
            if often[each.name] == 1
            else "/".join(names.get(step, "") for step in each.path_ids): each.pk
            for each in departments
        },
        POST: dict(Post.objects.filter(company_id=company_id).values_list("name", "id")),
        GRADE: dict(Grade.objects.filter(company_id=company_id).values_list("name", "id")),
    }
    facts = Fact.objects.filter(company_id=company_id).values_list("kind", flat=True)
    own = set(own_names())
    return Vocabulary(
        ids=ids,
        facts=tuple(each for each in facts.distinct().order_by("kind") if each not in own),
        attributes=_attributes(company_id),
    )


def _attributes(company_id: int) -> dict[str, str]:
    known: dict[str, str] = {}
    for condition in RuleVersion.objects.filter(
        company_id=company_id, extra__has_key="condition"
    ).values_list("extra__condition", flat=True):
        known |= condition.get("attributes") or {}
    return known


def stored_condition(
    *,
    text: str,
    asked: Mapping[str, str],
    definitions: Mapping[str, str],
    words: Vocabulary,
) -> dict[str, Any] | None:
    """The condition as ``RuleVersion.extra`` keeps it; None for an empty text.

    ``asked`` are attributes of the event, by name with their kinds. Raises ExpressionWrong.
    """
    text = text.strip()
    if not text:
        return None
    _check_attributes(asked, words)
    every = {**words.attributes, **asked}
    compiled = compile_expression(
        text,
        names=names_for(asked=every, ids=words.ids, facts=words.facts),
        definitions=definitions,
    )
    used = set(compiled.names)
    stored: dict[str, Any] = {"text": text}
    parts: dict[str, Any] = {
        "attributes": {name: kind for name, kind in every.items() if name in used},
        "definitions": dict(definitions),
        "ids": {name: dict(choices) for name, choices in compiled.chosen.items()},
        "facts": [name for name in words.facts if name in used],
    }
    return stored | {name: part for name, part in parts.items() if part}


def _check_attributes(asked: Mapping[str, str], words: Vocabulary) -> None:
    taken = {*own_names(), *words.facts}
    for name, kind in asked.items():
        if name in taken:
            raise ExpressionWrong(
                say("“%(name)s”已经有别的意思", name=name), position=1, remedy=say("请换一个名称")
            )
        if kind not in KINDS:
            raise ExpressionWrong(
                say("“%(name)s”的类型“%(kind)s”看不懂", name=name, kind=kind),
                position=1,
                remedy=say("可以写：数字、文字、日期、是否"),
            )
    if len(asked) > MOST_ATTRIBUTES:
        raise ExpressionWrong(
            say("事件属性超过 %(n)d 个", n=MOST_ATTRIBUTES),
            position=1,
            remedy=say("请拆成几条标准"),
        )


def asked_by_rows(rows: Iterable[Row], *, words: Vocabulary) -> dict[str, str]:
    """Attributes that rows name and nobody knows yet, with the kind that their values show."""
    known = words.kinds({})
    return {
        row.name.strip(): _kind_of(row.value)
        for row in rows
        if row.name.strip() and row.name.strip() not in known
    }


def _kind_of(value: str) -> str:
    first = re.split(r"[、,，;；]", value)[0].strip()
    return kind_of(constant_of(first)).value
