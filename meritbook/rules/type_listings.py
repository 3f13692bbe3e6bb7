"""Types of events as pages, the API and the command show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from meritbook.kit.retelling import retold
from meritbook.rules.event_types.books import KnownType, TypeBook
from meritbook.rules.event_types.suggestions import Described, suggestions
from meritbook.rules.models import RuleVersion
from meritbook.rules.operations.event_types import checklist_items
from meritbook.rules.queries import latest_versions
from meritbook.rules.type_queries import types_of


@dataclass(frozen=True, slots=True)
class FedRule:
    """A rule beside a type: fed by it, or proposed."""

    code: str
    name: str
    item: str
    type_code: str = ""
    type_name: str = ""
    word: str = ""

    @property
    def value(self) -> str:
        """As forms send it."""
        return "\x1f".join((self.type_code, self.code, self.item))


@dataclass(frozen=True, slots=True)
class TypeLine:
    """One type in a list."""

    known: KnownType
    rules: Sequence[FedRule]

    @property
    def name(self) -> str:
        return retold(self.known.name) if self.known.is_canonical else self.known.name

    def as_dict(self) -> dict[str, Any]:
        """The JSON of the API and the command."""
        return {
            "code": self.known.code,
            "name": self.known.name,
            "category": self.known.category,
            "attributes": [one._asdict() for one in self.known.attributes],
            "active": self.known.is_active,
            "own": not self.known.is_canonical,
            "rules": [{"code": one.code, "item": one.item} for one in self.rules],
        }


@dataclass(frozen=True, slots=True)
class TypeList:
    """All types by category, and which rules they could feed."""

    groups: Sequence[tuple[str, Sequence[TypeLine]]]
    proposed: Sequence[FedRule]
    unfed: int
    """Rules in force that only events with their own code reach."""

    @property
    def lines(self) -> list[TypeLine]:
        return [line for _category, lines in self.groups for line in lines]


def type_list(*, company_id: int) -> TypeList:
    """The types of a company; two queries."""
    book = types_of(company_id=company_id)
    versions = live_versions(company_id=company_id)
    by_id = {version.rule_id: version for version in versions}
    groups: dict[str, list[TypeLine]] = {}
    for known in book.every:
        rules = [
            FedRule(by_id[rule_id].rule.code, by_id[rule_id].rule.name, item)
            for rule_id, item in known.feeds
            if rule_id in by_id
        ]
        groups.setdefault(known.category, []).append(TypeLine(known, rules))
    fed = {rule_id for known in book.every for rule_id in known.rule_ids}
    return TypeList(
        groups=list(groups.items()),
        # A draft of a rule that nobody has published yet may never be one.
        proposed=_proposed(
            book,
            [
                version
                for version in versions
                if version.status == RuleVersion.Status.PUBLISHED or version.number > 1
            ],
        ),
        unfed=sum(version.rule_id not in fed for version in versions),
    )


def live_versions(*, company_id: int) -> list[RuleVersion]:
    """The newest version of each rule that is not retired, in the order of the source."""
    return list(latest_versions(company_id=company_id).exclude(status=RuleVersion.Status.RETIRED))


def _proposed(book: TypeBook, versions: Iterable[RuleVersion]) -> list[FedRule]:
    by_id = {version.rule_id: version for version in versions}
    found = suggestions(
        [
            Described(
                version.rule_id,
                (version.rule.name, version.standard, version.indicator),
                tuple(sorted(checklist_items(version.extra))),
            )
            for version in by_id.values()
        ],
        book.every,
    )
    return [
        FedRule(
            by_id[one.rule_id].rule.code,
            by_id[one.rule_id].rule.name,
            one.item,
            one.type_code,
            book.by_code[one.type_code].name,
            one.word,
        )
        for one in found
    ]
