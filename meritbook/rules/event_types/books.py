"""Which rules an event's type feeds, as the rulebook asks it: by code or by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from meritbook.rules.event_types.catalogue import TYPES, TypeAttribute


class KnownType(NamedTuple):
    """A type of a company: canonical, renamed, or its own."""

    code: str
    name: str
    category: str
    attributes: tuple[TypeAttribute, ...]
    is_canonical: bool
    is_active: bool
    feeds: tuple[tuple[int, str], ...]
    """(rule id, item of its checklist or nothing), in the order of the rules."""

    @property
    def rule_ids(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(rule_id for rule_id, _item in self.feeds))


@dataclass(frozen=True, slots=True)
class TypeBook:
    """All types of a company."""

    by_code: Mapping[str, KnownType] = field(default_factory=dict)
    by_name: Mapping[str, KnownType] = field(default_factory=dict)
    items: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    """By rule: which item of its checklist a type counts for, by the type's code."""

    def find(self, text: str) -> KnownType | None:
        """The active type with this code or name."""
        found = self.by_code.get(text) or self.by_name.get(text)
        return found if found is not None and found.is_active else None

    @property
    def every(self) -> tuple[KnownType, ...]:
        """All types, the canonical ones first."""
        return tuple(self.by_code.values())


NO_TYPES = TypeBook()


class OwnType(NamedTuple):
    """What a company says of a type: a row of the store."""

    code: str
    name: str
    category: str
    attributes: tuple[TypeAttribute, ...]
    is_active: bool
    feeds: tuple[tuple[int, str], ...]


def type_book(own: Iterable[OwnType]) -> TypeBook:
    """The canonical types and those of the company; what the company says goes first."""
    said = {one.code: one for one in own}
    known: dict[str, KnownType] = {}
    for canonical in TYPES:
        row = said.pop(canonical.code, None)
        known[canonical.code] = KnownType(
            canonical.code,
            row.name if row else canonical.name,
            row.category if row else canonical.category,
            row.attributes if row else canonical.attributes,
            True,
            row.is_active if row else True,
            row.feeds if row else (),
        )
    for row in said.values():
        known[row.code] = KnownType(*row[:4], False, row.is_active, row.feeds)
    items: dict[int, dict[str, str]] = {}
    for one in known.values():
        for rule_id, item in one.feeds:
            if item:
                items.setdefault(rule_id, {})[one.code] = item
    return TypeBook(known, {one.name: one for one in known.values()}, items)
