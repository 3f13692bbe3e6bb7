"""What values there are, and the names under which a caller offers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from meritbook.kit.words import gettext_noop, say

Value = Decimal | str | date | bool | frozenset[int] | None
Run = Callable[[Any], Any]
"""From the subject that the caller evaluates to a value; None where nothing is known."""


class Kind(Enum):
    """The kind of a value. MEMBERSHIP: the things of a list that somebody belongs to, by id."""

    NUMBER = "number"
    TEXT = "text"
    DAY = "date"
    YES_NO = "yes_no"
    MEMBERSHIP = "membership"


_CALLED = {
    Kind.NUMBER: gettext_noop("数字"),
    Kind.TEXT: gettext_noop("文字"),
    Kind.DAY: gettext_noop("日期"),
    Kind.YES_NO: gettext_noop("是否"),
    Kind.MEMBERSHIP: gettext_noop("名称"),
}


def called(kind: Kind) -> str:
    """The kind in words."""
    return say(_CALLED[kind])


@dataclass(frozen=True, slots=True)
class Name:
    """A name that an expression may use: its kind, and how its value is read off the subject."""

    kind: Kind
    read: Run
    choices: Mapping[str, int] = field(default_factory=dict)
    """For a MEMBERSHIP: what it may be compared with, and the id of each."""


def kind_of(value: object) -> Kind:
    """The kind of a constant."""
    if isinstance(value, bool):
        return Kind.YES_NO
    if isinstance(value, Decimal):
        return Kind.NUMBER
    return Kind.TEXT if isinstance(value, str) else Kind.DAY
