"""Lines that hold for people of whom something is registered: 学历为本科 becomes a condition."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields

from meritbook.rules.tables import Draft

_REGISTERED = re.compile(r"(学历|职务|技能)为([^:：]+)[:：]")
_TENURE = re.compile(r"工龄满一年起")


@dataclass(frozen=True, slots=True)
class PersonalDraft(Draft):
    """A draft with a condition on what is registered of the person."""

    condition: str = ""
    fact: str = ""
    """The kind of registered fact that it reads; empty: none."""

    def as_dict(self) -> dict[str, object]:
        """Return the draft with its condition as a version stores it."""
        condition: dict[str, object] = {"text": self.condition}
        if self.fact:
            condition["facts"] = [self.fact]
        return {**Draft.as_dict(self), "condition": condition}


def personal(drafts: Iterable[Draft]) -> tuple[Draft, ...]:
    """Return the drafts, those about registered facts with their condition and without the question
    whom they are for."""
    return tuple(_personal(draft) for draft in drafts)


def _personal(draft: Draft) -> Draft:
    found = _REGISTERED.match(draft.standard)
    if found is not None:
        fact, value = found[1], found[2].strip()
        return _with(draft, f"{fact} = “{value}”", fact)
    if _TENURE.match(draft.standard):
        return _with(draft, "入职月数 >= 12", "")
    return draft


def _with(draft: Draft, condition: str, fact: str) -> Draft:
    said = {field.name: getattr(draft, field.name) for field in fields(Draft)}
    said["questions"] = tuple(one for one in draft.questions if one.field != "population")
    return PersonalDraft(**said, condition=condition, fact=fact)
