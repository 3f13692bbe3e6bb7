"""Days gone by, scored again under the rules as they are now: differences are posted, nothing else.

For rules whose versions were published after the events: recording judged by what was valid then.
An entry that comes to the same stays as it is. Another one is taken back and posted anew; both name
their versions, in a key that the same re-run finds again. Closed months stay: the ledger moves what
falls into them to the next day that is open.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from meritbook.awards.content import StoredEvent
from meritbook.awards.evaluation import Award, Brought, Versions, evaluate
from meritbook.awards.operations import storing, window_rows, windows
from meritbook.awards.operations.copytext import json_text
from meritbook.awards.operations.intake import Intake
from meritbook.awards.operations.movement import Posting
from meritbook.awards.operations.posting import (
    Outstanding,
    kind_of,
    outstanding_of_events,
    place_facts,
    post_all,
    taking_back,
)
from meritbook.awards.operations.rule_caps import keep_rule_caps
from meritbook.awards.operations.window_rows import OpenWindow
from meritbook.awards.queries.stored import events_by_id
from meritbook.kit.retries import retried
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import Issue
from meritbook.org.models import Company
from meritbook.org.queries.roster import RosterPerson, roster
from meritbook.rules.queries import rulebook

PEOPLE_AT_A_TIME = 50
LINES_KEPT = 200


class Line(NamedTuple):
    """One entry that a re-run posted: whose, for what, under which version."""

    employee_id: int
    rule_id: int
    version_id: int
    from_version_id: int | None
    to_version_id: int | None
    effective_on: date
    points: int
    is_reversal: bool
    was_moved: bool
    """The month of its day is closed: it counts on another day."""


@dataclass(slots=True)
class Rescored:
    """What a re-run posted, or would post. Points are minor units."""

    events: int = 0
    lines: list[Line] = field(default_factory=list)
    """The first 200."""
    entries: int = 0
    points: int = 0
    people: set[int] = field(default_factory=set)
    moved: int = 0

    def add(self, lines: Iterable[Line]) -> None:
        for line in lines:
            self.entries += 1
            self.points += line.points
            self.people.add(line.employee_id)
            self.moved += line.was_moved
            if len(self.lines) < LINES_KEPT:
                self.lines.append(line)


def rescore(
    *,
    company_id: int,
    rule_ids: Sequence[int],
    start: date,
    end: date,
    run_id: int,
    now: datetime,
    is_rehearsal: bool = False,
) -> Rescored:
    """Score the events and windows of the days again under the rules named; a transaction for
    every fifty people. A rehearsal posts too, and takes it back. Again: nothing new."""
    with company_scope(company_id):
        zone = ZoneInfo(Company.objects.values_list("time_zone", flat=True).get(id=company_id))
        people = sorted(roster(company_id=company_id).values(), key=lambda one: one.id)
    found = Rescored()
    for first in range(0, len(people), PEOPLE_AT_A_TIME):
        some = people[first : first + PEOPLE_AT_A_TIME]
        work = partial(
            _some, company_id, zone, some, frozenset(rule_ids), start, end, run_id, now,
            is_rehearsal,
        )  # fmt: skip
        count, lines = retried(work)
        found.events += count
        found.add(lines)
    return found


def _some(
    company_id: int,
    zone: ZoneInfo,
    people: Sequence[RosterPerson],
    rule_ids: frozenset[int],
    start: date,
    end: date,
    run_id: int,
    now: datetime,
    is_rehearsal: bool,
) -> tuple[int, list[Line]]:
    with company_scope(company_id), transaction.atomic():
        book = rulebook(company_id=company_id)
        intake = Intake(
            company_id=company_id,
            zone=zone,
            now=now,
            book=Versions(book),
            roster=roster(company_id=company_id),
            caps=keep_rule_caps(company_id=company_id, book=book, now=now),
        )
        again = _Again(intake, rule_ids, start, end, run_id)
        answer = again.people([one.id for one in people])
        if is_rehearsal:
            transaction.set_rollback(True)
    return answer


@dataclass(slots=True)
class _Again:
    """A re-run for some people, inside one transaction."""

    intake: Intake
    rule_ids: frozenset[int]
    start: date
    end: date
    run_id: int

    def people(self, employee_ids: Sequence[int]) -> tuple[int, list[Line]]:
        events = self._events(employee_ids)
        postings, brought, lost = self._outcomes(events)
        touched = self._windows(employee_ids, brought)
        from_versions = _versions_of([one.id for one in touched])
        for posting in windows.settle(intake=self.intake, windows=touched):
            window = next((one for one in touched if one.id == posting.window_id), None)
            postings.append(self._cited(posting, window, from_versions))
        post_all(company_id=self.intake.company_id, postings=postings, now=self.intake.now)
        self._statuses(postings, lost, touched)
        return len(events), self._lines(postings)

    def _events(self, employee_ids: Sequence[int]) -> list[StoredEvent]:
        names = [
            name
            for rule_id in self.rule_ids
            if (timeline := self.intake.book.book.rules.get(rule_id))
            for name in (timeline.code, timeline.name)
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM awards_event WHERE company_id = %s AND employee_id = ANY(%s)"
                " AND fact_on BETWEEN %s AND %s AND is_current AND status <> 'withdrawn'"
                " AND (rule_id = ANY(%s) OR type_code = ANY(%s)) ORDER BY id FOR UPDATE",
                [
                    self.intake.company_id, list(employee_ids), self.start, self.end,
                    list(self.rule_ids), names,
                ],
            )  # fmt: skip
            ids = [row[0] for row in cursor.fetchall()]
        found = events_by_id(
            company_id=self.intake.company_id, zone=self.intake.zone.key, event_ids=ids
        )
        return list(found.values())

    def _outcomes(
        self, events: Sequence[StoredEvent]
    ) -> tuple[list[Posting], list[tuple[int, int, Brought]], list[int]]:
        """Postings for what events earn by themselves, what goes into windows, who lost all."""
        standing = {
            (one.event_id, one.rule_id): one
            for one in outstanding_of_events(
                company_id=self.intake.company_id, event_ids=[event.id for event in events]
            )
            if one.rule_id in self.rule_ids
        }
        postings: list[Posting] = []
        brought: list[tuple[int, int, Brought]] = []
        lost: list[int] = []
        for event in events:
            person = self.intake.roster[event.employee_no]
            outcome = evaluate(
                book=self.intake.book,
                rule_ids=[
                    rule_id
                    for rule_id in self.intake.book.rules_for(event.type_code)
                    if rule_id in self.rule_ids
                ],
                event=event.facts,
                person=self.intake.place(person, event.fact_on).person,
            )
            brought += [(event.id, person.id, one) for one in outcome.brought]
            awards = {award.rule.spec.rule_id: award for award in outcome.awards}
            for rule_id in self.rule_ids:
                old, new = standing.get((event.id, rule_id)), awards.get(rule_id)
                if _is_same(old, new):
                    continue
                if new is None:
                    lost.append(event.id)
                postings += self._replaced(event, person, rule_id, old, new)
        return postings, brought, lost

    def _replaced(
        self,
        event: StoredEvent,
        person: RosterPerson,
        rule_id: int,
        old: Outstanding | None,
        new: Award | None,
    ) -> list[Posting]:
        """The old entry taken back, the new one posted; each cites both versions."""
        cited = {
            "rerun": {
                "run": self.run_id,
                "from": None if old is None else old.rule_version_id,
                "to": None if new is None else new.rule.spec.version_id,
            }
        }
        postings = []
        if old is not None and old.points:
            rule = self.intake.book.version(old.rule_version_id)
            back = taking_back(
                old,
                position=-1,
                cause=f"rerun:undo:{event.id}",
                amounts=rule.legs(old.points) if old.asked is None else (),
                fact_on=event.fact_on,
            )
            postings.append(back._replace(facts=json_text(cited)))
        if new is not None:
            spec, score = new.rule.spec, new.score
            place = self.intake.place(person, event.fact_on)
            postings.append(
                Posting(
                    -1,
                    Issue(
                        f"rerun:{event.id}:{rule_id}:{spec.version_id}:{old.tx_id if old else 0}",
                        kind_of(score.points),
                        person.party_id,
                        new.amounts,
                        score.effective_on,
                        event.fact_on,
                        "event",
                        event.id,
                        spec.version_id,
                        place.department_id,
                        caps=self.intake.caps.of(
                            rule_code=spec.code,
                            version_id=spec.version_id,
                            party_id=person.party_id,
                            department_id=place.department_id,
                            day=score.effective_on,
                            amounts=new.amounts,
                        ),
                    ),
                    event.id,
                    None,
                    person.id,
                    score.points,
                    None,
                    json_text(place_facts(place) | cited),
                )
            )
        return postings

    def _windows(
        self, employee_ids: Sequence[int], brought: Sequence[tuple[int, int, Brought]]
    ) -> list[OpenWindow]:
        """The windows of the days that are over, with what belongs into them now; locked."""
        company_id = self.intake.company_id
        window_rows.bring(company_id=company_id, zone=self.intake.zone.key, brought=brought)
        today = self.intake.local_time(self.intake.now).date()
        over = datetime.combine(today, time(), tzinfo=self.intake.zone)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT w.id, w.rule_id, w.employee_id, w.starts_on, w.ends_on, w.closes_at,"
                " w.state, w.revision, w.points FROM awards_window w WHERE w.company_id = %s"
                " AND w.rule_id = ANY(%s) AND w.employee_id = ANY(%s)"
                " AND w.ends_on BETWEEN %s AND %s AND (w.state = 'closed' OR w.closes_at <= %s)"
                " ORDER BY w.rule_id, w.employee_id, w.starts_on, w.ends_on FOR UPDATE OF w",
                [
                    company_id, list(self.rule_ids), list(employee_ids), self.start, self.end,
                    over,
                ],
            )  # fmt: skip
            return [OpenWindow(*row) for row in cursor.fetchall()]

    def _cited(
        self, posting: Posting, window: OpenWindow | None, from_versions: dict[int, int]
    ) -> Posting:
        governing = (
            None if window is None else self.intake.book.version_on(window.rule_id, window.ends_on)
        )
        cited = {
            "run": self.run_id,
            "from": from_versions.get(posting.window_id or 0),
            "to": None if governing is None else governing.spec.version_id,
        }
        return posting._replace(facts=json_text(json.loads(posting.facts) | {"rerun": cited}))

    def _statuses(
        self, postings: Sequence[Posting], lost: Sequence[int], touched: Sequence[OpenWindow]
    ) -> None:
        company_id = self.intake.company_id
        earning = {one.event_id for one in postings if one.event_id and one.reverses_id is None}
        storing.set_statuses(company_id=company_id, event_ids=sorted(earning), status="posted")
        still = {
            one.event_id for one in outstanding_of_events(company_id=company_id, event_ids=lost)
        }
        storing.set_statuses(
            company_id=company_id, event_ids=sorted(set(lost) - still), status="nothing"
        )
        window_rows.refresh_statuses(company_id=company_id, windows=touched)

    def _lines(self, postings: Sequence[Posting]) -> list[Line]:
        """The entries as they were written: caps may have left less, closed months moved them."""
        if not postings:
            return []
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT n.employee_id, v.rule_id, n.rule_version_id,"
                " (n.facts->'rerun'->>'from')::bigint, (n.facts->'rerun'->>'to')::bigint,"
                " n.effective_on, n.points, n.reverses_id IS NOT NULL,"
                " t.effective_on <> n.effective_on"
                " FROM awards_entry n"
                " JOIN rules_ruleversion v ON v.company_id = n.company_id"
                "  AND v.id = n.rule_version_id"
                " JOIN ledger_tx t ON t.company_id = n.company_id AND t.tx_id = n.tx_id"
                " WHERE n.company_id = %s AND n.created_at = %s"
                " AND (n.event_id = ANY(%s) OR n.window_id = ANY(%s)) AND n.facts ? 'rerun'"
                " AND (n.facts->'rerun'->>'run')::bigint = %s ORDER BY n.id",
                [
                    self.intake.company_id,
                    self.intake.now,
                    sorted({one.event_id for one in postings if one.event_id}),
                    sorted({one.window_id for one in postings if one.window_id}),
                    self.run_id,
                ],
            )
            return [Line(*row) for row in cursor.fetchall()]


def _is_same(old: Outstanding | None, new: Award | None) -> bool:
    """Whether nothing is to be posted: the same points on the same day, under whatever version."""
    if old is None or new is None:
        return (old is None or not old.points) and new is None
    asked = old.points if old.asked is None else old.asked
    return asked == new.score.points and old.effective_on == new.score.effective_on


def _versions_of(window_ids: Sequence[int]) -> dict[int, int]:
    """The version under which each window was posted last."""
    if not window_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (window_id) window_id, rule_version_id FROM awards_entry"
            " WHERE company_id = current_setting('app.company_id')::bigint"
            " AND window_id = ANY(%s) AND reverses_id IS NULL ORDER BY window_id, id DESC",
            [list(window_ids)],
        )
        return dict(cursor.fetchall())
