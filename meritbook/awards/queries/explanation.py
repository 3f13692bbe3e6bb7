"""One event explained: what it earned and why, and by how little it missed the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from meritbook.awards.content import StoredEvent
from meritbook.awards.evaluation import Versions, judge
from meritbook.awards.queries.cap_steps import cap_step
from meritbook.awards.queries.entries import (
    EntryRow,
    Explained,
    contributions_of,
    explain_rows,
    rows_where,
)
from meritbook.awards.queries.stored import current_event, window_members
from meritbook.kit.points import points_text
from meritbook.ledger.statements import asset_scales
from meritbook.org.models import Company
from meritbook.org.queries.roster import RosterPerson, roster
from meritbook.rules.persons import person_facts
from meritbook.rules.queries import Rulebook, rulebook
from meritbook.rules.scoring import CompiledRule
from meritbook.rules.spec import TRIGGER, Step, Window
from meritbook.rules.trace import trace_event, trace_window


class Near(NamedTuple):
    """A rule that the event concerned and that gave nothing for it."""

    rule_code: str
    rule_name: str
    failed_step: str
    text: str


class Standing(NamedTuple):
    """What stands of an event or its window under one rule: net points and the explanation."""

    explained: Explained
    points: int
    amounts: tuple[tuple[str, int], ...]
    """Minor units by asset."""
    scales: Mapping[str, int]


class EventWindow(NamedTuple):
    """A window that the event was brought into."""

    id: int
    rule_id: int
    state: str
    points: int
    counted: bool
    window: Window


@dataclass(frozen=True)
class Explanation:
    """An event with all that it earned and missed."""

    event: StoredEvent
    person: RosterPerson
    standing: Sequence[Standing]
    near: Sequence[Near]
    windows: Sequence[EventWindow]

    def as_dict(self) -> dict[str, object]:
        """The JSON of the contract."""
        return {
            "event_no": self.event.event_no,
            "source": self.event.source,
            "status": self.event.status,
            "employee_no": self.event.employee_no,
            "type": self.event.type_code,
            "happened_at": self.event.happened_at.isoformat(timespec="minutes"),
            "revision": self.event.revision,
            "entries": [
                {
                    "rule_code": one.explained.rule.spec.code,
                    "version": one.explained.rule.spec.number,
                    "asset": asset,
                    "points": points_text(amount, one.scales.get(asset, 2)),
                    "effective_on": one.explained.row.effective_on.isoformat(),
                    "sentence": one.explained.sentence,
                    "steps": [
                        {"step": step.step, "ok": step.ok, "text": step.text}
                        for step in one.explained.steps
                    ],
                }
                for one in self.standing
                for asset, amount in one.amounts
            ],
            "near": [
                {"rule_code": one.rule_code, "failed_step": one.failed_step, "text": one.text}
                for one in self.near
            ],
        }


def explain(*, company_id: int, event_no: str, source: str) -> Explanation:
    """Explain the current revision of an event. Raises UnknownEvent."""
    zone = Company.objects.values_list("time_zone", flat=True).get(id=company_id)
    event = current_event(company_id=company_id, zone=zone, source=source, event_no=event_no)
    return explain_event(company_id=company_id, zone=zone, event=event)


def explain_event(*, company_id: int, zone: str, event: StoredEvent) -> Explanation:
    """Explain a stored event."""
    book = rulebook(company_id=company_id)
    person = roster(company_id=company_id, employee_nos=[event.employee_no])[event.employee_no]
    found = _windows(company_id, zone, event.id)
    rows = _rows(company_id, zone, event, found)
    standing = _standing(company_id, zone, rows, book)
    near = (
        ()
        if event.status == "withdrawn"
        else _near(company_id, zone, event, person, found, standing, book, _left_out(rows, book))
    )
    return Explanation(event, person, standing, near, found)


def _windows(company_id: int, zone: str, event_id: int) -> list[EventWindow]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.id, w.rule_id, w.state, w.points, m.counted, w.starts_on, w.ends_on,"
            " w.closes_at AT TIME ZONE %s"
            " FROM awards_windowevent m"
            " JOIN awards_window w ON w.company_id = m.company_id AND w.id = m.window_id"
            " WHERE m.company_id = %s AND m.event_id = %s ORDER BY w.id",
            [zone, company_id, event_id],
        )
        return [EventWindow._make((*row[:5], Window._make(row[5:]))) for row in cursor.fetchall()]


def _rows(
    company_id: int, zone: str, event: StoredEvent, found: Sequence[EventWindow]
) -> list[EntryRow]:
    """The entries of the event and of the windows in which it counts."""
    return rows_where(
        company_id=company_id,
        zone=zone,
        condition="(n.event_id = %s OR n.window_id = ANY(%s))",
        values=[event.id, [one.id for one in found if one.counted]],
    )


def _standing(
    company_id: int,
    zone: str,
    rows: Sequence[EntryRow],
    book: Rulebook,
) -> list[Standing]:
    net: dict[int, int] = {}
    totals: dict[int, int] = {}
    latest: dict[int, EntryRow] = {}
    for row in rows:
        root = row.reverses_id or row.id
        net[root] = net.get(root, 0) + row.points
        if row.window_id is not None:
            totals[row.window_id] = totals.get(row.window_id, 0) + row.points
            # The latest entry tells the present result, a reversal too; what caps said, more.
            before = latest.get(row.window_id)
            if before is None or "cap" in row.facts or "cap" not in before.facts:
                latest[row.window_id] = row
    own = [row for row in rows if row.window_id is None and net.get(row.id)]
    kept = [row for window_id, row in latest.items() if totals[window_id]]
    scales = asset_scales(company_id=company_id)
    standing = []
    for one in explain_rows(company_id=company_id, zone=zone, rows=[*own, *kept], book=book):
        window_id = one.row.window_id
        points = one.row.points if window_id is None else totals[window_id]
        standing.append(Standing(one, points, one.rule.legs(points), scales))
    return standing


def _left_out(rows: Sequence[EntryRow], book: Rulebook) -> dict[int, Step]:
    """By rule, what caps said where they left nothing."""
    found: dict[int, Step] = {}
    for row in rows:
        rule = book.version(row.rule_version_id)
        step = cap_step(row.facts, row.points) if row.points == 0 else None
        if rule is not None and step is not None:
            found[rule.spec.rule_id] = step
    return found


def _near(
    company_id: int,
    zone: str,
    event: StoredEvent,
    person: RosterPerson,
    found: Sequence[EventWindow],
    standing: Sequence[Standing],
    book: Rulebook,
    left_out: Mapping[int, Step],
) -> list[Near]:
    paid = {one.explained.rule.spec.rule_id for one in standing}
    waiting = {one.rule_id for one in found if one.counted and one.state == "open"}
    near = []
    for rule_id in book.rules_for(event.type_code):
        if rule_id in paid or rule_id in waiting:
            continue
        own = next((one for one in found if one.rule_id == rule_id and one.counted), None)
        failed = left_out.get(rule_id) or (
            _failed_window(company_id, zone, own, book)
            if own is not None
            else _failed_event(event, person, rule_id, book)
        )
        if failed is not None:
            timeline = book.rules[rule_id]
            near.append(Near(timeline.code, timeline.name, failed.step, failed.text))
    return near


def _failed_event(
    event: StoredEvent, person: RosterPerson, rule_id: int, book: Rulebook
) -> Step | None:
    position = person.place_on(event.fact_on)
    facts = person_facts(person, position)
    versions = Versions(book)
    judged = judge(book=versions, rule_id=rule_id, event=event.facts, person=facts)
    if judged is None:
        looked = versions.valid_version(rule_id, event.fact_on)
        return Step(TRIGGER, False, _not_valid(book, rule_id, looked, event))
    return _first_failed(trace_event(judged.rule, event.facts, facts, tr=_))


def _not_valid(
    book: Rulebook, rule_id: int, looked: CompiledRule | None, event: StoredEvent
) -> str:
    timeline = book.rules[rule_id]
    start = timeline.versions[0].spec.active_from
    day = event.fact_on.isoformat()
    if looked is None and event.fact_on < start:
        return _("%(day)s 时该标准尚未生效（%(start)s 起生效）") % {
            "day": day,
            "start": start.isoformat(),
        }
    return _("%(day)s 所在的周期结束时该标准已失效") % {"day": day}


def _failed_window(company_id: int, zone: str, own: EventWindow, book: Rulebook) -> Step | None:
    rule = book.version_on(own.rule_id, own.window.ends_on)
    if rule is None or not rule.windowed:
        return Step(TRIGGER, False, _("周期结束时该标准已失效"))
    members = window_members(company_id=company_id, zone=zone, window_ids=[own.id])[own.id]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_id, counted FROM awards_windowevent"
            " WHERE company_id = %s AND window_id = %s",
            [company_id, own.id],
        )
        counted = dict(cursor.fetchall())
    pairs = contributions_of(rule, members, counted, book.items_of(own.rule_id))
    return _first_failed(trace_window(rule, own.window, pairs, tr=_))


def _first_failed(steps: Sequence[Step]) -> Step | None:
    return next((step for step in steps if not step.ok), None)
