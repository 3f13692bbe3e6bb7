"""What a source says in one event, and the fingerprint by which the same is known again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import NamedTuple

from meritbook.kit.problems import Problem
from meritbook.kit.sheets import code_of
from meritbook.rules.spec import EventFacts, PersonFacts

_PLAIN_NO = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/#-]*")
NO_ATTRIBUTES: Mapping[str, str] = {}
QUANTITY_MAX = Decimal(10) ** 13
"""A quantity or an amount stays below this; four decimal places are kept."""


class NewEvent(NamedTuple):
    """One event as a source hands it in.

    ``type`` is a rule's code or an event type's name. ``happened_at`` is the company's local time
    when it is naive; midnight with ``has_time`` False when only the day is known. ``sheet`` and
    ``row`` say where it stood in a file, for problems.
    """

    event_no: str
    type: str
    employee_no: str
    happened_at: datetime
    has_time: bool = True
    quantity: Decimal | None = None
    amount: Decimal | None = None
    object: str = ""
    note: str = ""
    attributes: Mapping[str, str] = NO_ATTRIBUTES
    sheet: str = ""
    row: int = 0


class Unreadable(NamedTuple):
    """A row of a source that is no event: what is wrong with it."""

    problems: tuple[Problem, ...]


Row = NewEvent | Unreadable | None
"""What a source hands in; None is an empty line."""


class StoredEvent(NamedTuple):
    """One revision of an event as it lies in the store; ``happened_at`` is naive local time."""

    id: int
    source: str
    event_no: str
    revision: int
    is_current: bool
    type_code: str
    employee_no: str
    happened_at: datetime
    has_time: bool
    fact_on: date
    quantity: Decimal | None
    amount: Decimal | None
    object: str
    note: str
    attributes: Mapping[str, str]
    status: str

    @property
    def facts(self) -> EventFacts:
        """What a rule reads of it."""
        return EventFacts(
            self.happened_at,
            self.has_time,
            self.quantity,
            self.amount,
            self.object,
            self.attributes,
        )


class Place(NamedTuple):
    """Where somebody stood on a day: for a rule's population, and the department that a posting
    names."""

    person: PersonFacts
    department_id: int | None


def event_no_of(text: str) -> str:
    """An event's number as it is stored, whichever door it came by: half-width, without blanks."""
    return text if _PLAIN_NO.fullmatch(text) else code_of(text)


def content_hash(event: NewEvent, *, type_code: str, happened_at: datetime) -> bytes:
    """16 bytes that are equal for equal content. ``happened_at`` is naive local time.

    Numbers count by value (5600 and 5600.00 are the same), attributes in any order. The place in a
    file does not belong to the content.
    """
    parts = [
        type_code,
        event.employee_no,
        happened_at.isoformat(),
        "t" if event.has_time else "d",
        _number_text(event.quantity),
        _number_text(event.amount),
        event.object,
        event.note,
    ]
    if event.attributes:
        for name in sorted(event.attributes):
            parts += (name, event.attributes[name])
    return blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=16).digest()


def _number_text(number: Decimal | None) -> str:
    return "" if number is None else f"{number.normalize():f}"
