"""Entries as sentences: why a transaction of the ledger was posted.

The sentence and its steps are recomputed from what scoring read: the event or the window's events,
the rule version, and what the entry keeps of the person and the window.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from meritbook.awards.content import StoredEvent
from meritbook.awards.queries.cap_steps import with_cap
from meritbook.awards.queries.stored import events_by_id
from meritbook.kit.errors import Refusal
from meritbook.kit.points import points_text
from meritbook.ledger.names import Named, named_assets
from meritbook.ledger.visibility import OFFICERS
from meritbook.rules.event_types.gathering import Member, gathered
from meritbook.rules.queries import Rulebook, rulebook
from meritbook.rules.scoring import CompiledRule
from meritbook.rules.sentences import event_sentence, window_sentence
from meritbook.rules.spec import Contribution, PersonFacts, Step, Window
from meritbook.rules.trace import trace_event, trace_window


class UnknownEntry(Refusal):
    """No entry of the company has the transaction."""

    code = "unknown_entry"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("没有这笔记账，或它不是由事件产生的"))


class EntryRow(NamedTuple):
    """One entry with what explains it."""

    id: int
    tx_id: int
    rule_version_id: int
    event_id: int | None
    window_id: int | None
    employee_id: int
    points: int
    effective_on: date
    reverses_id: int | None
    reverses_tx_id: int | None
    facts: Mapping[str, Any]
    window: Window | None
    created_at: datetime


@dataclass(frozen=True)
class Explained:
    """Why an entry was posted. ``points`` are minor units of the rule's own points (scale 2)."""

    row: EntryRow
    rule: CompiledRule
    event: StoredEvent | None
    events: Sequence[StoredEvent]
    """The events of a window's entry, those that counted."""
    sentence: str
    steps: Sequence[Step]

    @property
    def event_no(self) -> str | None:
        return None if self.event is None else self.event.event_no


_ROWS = """
SELECT n.id, n.tx_id, n.rule_version_id, n.event_id, n.window_id, n.employee_id, n.points,
       n.effective_on, n.reverses_id, o.tx_id, n.facts::text, w.starts_on, w.ends_on,
       w.closes_at AT TIME ZONE %s, n.created_at
FROM awards_entry n
LEFT JOIN awards_entry o ON o.company_id = n.company_id AND o.id = n.reverses_id
LEFT JOIN awards_window w ON w.company_id = n.company_id AND w.id = n.window_id
WHERE n.company_id = %s AND
"""


def rows_where(
    *, company_id: int, zone: str, condition: str, values: Sequence[Any]
) -> list[EntryRow]:
    """Entries that meet an SQL condition on ``n``, in order of posting."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_ROWS} {condition} ORDER BY n.id", [zone, company_id, *values])
        return [_row(found) for found in cursor.fetchall()]


def _row(found: Sequence[Any]) -> EntryRow:
    window = None if found[11] is None else Window(found[11], found[12], found[13])
    return EntryRow._make((*found[:10], json.loads(found[10]), window, found[14]))


def explain_entry(*, company_id: int, zone: str, tx_id: int) -> Explained:
    """Why one transaction was posted. Raises UnknownEntry."""
    found = explain_entries(company_id=company_id, zone=zone, tx_ids=[tx_id])
    if not found:
        raise UnknownEntry
    return found[tx_id]


def explain_entries(
    *, company_id: int, zone: str, tx_ids: Iterable[int], book: Rulebook | None = None
) -> dict[int, Explained]:
    """Why transactions were posted, by transaction; those without an entry are left out."""
    # An entry's id is its transaction's, and has the index.
    rows = rows_where(
        company_id=company_id, zone=zone, condition="n.id = ANY(%s)", values=[list(tx_ids)]
    )
    return {
        one.row.tx_id: one
        for one in explain_rows(company_id=company_id, zone=zone, rows=rows, book=book)
    }


def explain_rows(
    *, company_id: int, zone: str, rows: Sequence[EntryRow], book: Rulebook | None = None
) -> list[Explained]:
    """Sentences and steps of entries; a handful of queries whatever their number."""
    if not rows:
        return []
    rules = book or rulebook(company_id=company_id)
    originals = {row.id: row for row in rows}
    missing = [
        row.reverses_id for row in rows if row.reverses_id and row.reverses_id not in originals
    ]
    if missing:
        originals |= {
            row.id: row
            for row in rows_where(
                company_id=company_id, zone=zone, condition="n.id = ANY(%s)", values=[missing]
            )
        }
    wanted = {row.event_id for row in originals.values() if row.event_id is not None}
    for row in originals.values():
        wanted.update(row.facts.get("events", ()))
    events = events_by_id(company_id=company_id, zone=zone, event_ids=wanted) if wanted else {}
    # What is for officers alone is in nobody's explanation.
    named = {
        code: one
        for code, one in named_assets(company_id=company_id).items()
        if one.visible_to != OFFICERS
    }
    found = []
    for row in rows:
        rule = rules.version(row.rule_version_id)
        if rule is None:
            continue
        found.append(_explained(row, rule, originals, events, named))
    return found


def _explained(
    row: EntryRow,
    rule: CompiledRule,
    originals: Mapping[int, EntryRow],
    events: Mapping[int, StoredEvent],
    named: Mapping[str, Named],
) -> Explained:
    if row.window is not None:
        return _of_window(row, row.window, rule, events, named)
    event = events[row.event_id] if row.event_id is not None else None
    assert event is not None  # noqa: S101 -- a constraint: an entry has an event or a window
    source = originals.get(row.reverses_id, row) if row.reverses_id else row
    person = person_of(source.facts, employee_id=source.employee_id)
    sentence = event_sentence(rule, event.facts, person, tr=_)
    steps: Sequence[Step] = trace_event(rule, event.facts, person, tr=_, assets=named)
    if row.reverses_id is not None:
        why = (
            pgettext("why", "重算")
            if "rerun" in row.facts
            else pgettext("why", "撤回")
            if event.status == "withdrawn" and event.is_current
            else pgettext("why", "更正")
        )
        sentence = _("%(why)s，冲回：%(sentence)s") % {"why": why, "sentence": sentence}
    else:
        sentence, steps = with_cap(
            rule=rule,
            facts=row.facts,
            points=row.points,
            effective_on=row.effective_on,
            sentence=sentence,
            steps=steps,
            assets=named,
        )
    return Explained(row, rule, event, (event,), sentence, steps)


def person_of(facts: Mapping[str, Any], *, employee_id: int) -> PersonFacts:
    """The person's facts as an entry keeps them."""
    hired_on = facts.get("hired_on")
    return PersonFacts(
        frozenset(facts.get("departments", ())),
        frozenset(facts.get("posts", ())),
        frozenset(facts.get("grades", ())),
        date.fromisoformat(hired_on) if hired_on else None,
        employee_id,
        tuple((kind, value) for kind, value in facts.get("facts", ())),
    )


def _of_window(
    row: EntryRow,
    window: Window,
    rule: CompiledRule,
    events: Mapping[int, StoredEvent],
    named: Mapping[str, Named],
) -> Explained:
    own = [events[event_id] for event_id in row.facts.get("events", ()) if event_id in events]
    pairs = contributions_of(rule, own, items=row.facts.get("items", _NO_ITEMS))
    sentence = window_sentence(rule, window, [one for one, _event in pairs], tr=_)
    total, before = int(row.facts["points"]), int(row.facts["before"])
    if before:
        sentence = _("%(sentence)s（此前已记 %(before)s 分，本次 %(change)s 分）") % {
            "sentence": sentence,
            "before": points_text(before),
            "change": points_text(total - before),
        }
    steps: Sequence[Step] = trace_window(rule, window, pairs, tr=_, assets=named)
    if row.reverses_id is None:
        sentence, steps = with_cap(
            rule=rule,
            facts=row.facts,
            points=row.points,
            effective_on=row.effective_on,
            sentence=sentence,
            steps=steps,
            assets=named,
        )
    return Explained(row, rule, None, own, sentence, steps)


_NO_ITEMS: Mapping[str, str] = {}


def contributions_of(
    rule: CompiledRule,
    events: Iterable[StoredEvent],
    counted: Mapping[int, bool] | None = None,
    items: Mapping[str, str] = _NO_ITEMS,
) -> list[tuple[Contribution, Any]]:
    """Events of a window as its result reads them; all count unless ``counted`` says otherwise.

    ``items``: for which item of the rule's checklist events of a type count.
    """
    members = []
    for event in events:
        admission = rule.admit(event.facts, PersonFacts())
        is_in = True if counted is None else counted.get(event.id, False)
        contribution = Contribution(
            f"{event.source}\x1f{event.event_no}",
            event.happened_at,
            admission.measure,
            is_in,
            event.object.strip(),
        )
        members.append(Member(event.type_code, contribution, event.facts))
    return gathered(rule, items, members)
