"""“I did X and got no points”: the first step that failed under each standard that could be meant.

Also where there is no event at all: then the person's own place and the standard's validity are
looked at first, and what is missing is the record. Nothing is said about anybody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from meritbook.awards.content import StoredEvent
from meritbook.awards.evaluation import Versions
from meritbook.awards.queries.explanation import Explanation, Standing, explain_event
from meritbook.awards.queries.stored import events_by_id
from meritbook.kit.lookup import best
from meritbook.kit.points import points_text
from meritbook.org.queries.roster import RosterPerson
from meritbook.rules.persons import person_facts
from meritbook.rules.queries import Rulebook, RuleTimeline, rulebook
from meritbook.rules.spec import CAP, POPULATION, TRIGGER, EventFacts, PersonFacts, Step
from meritbook.rules.texts import day_text, window_text
from meritbook.rules.trace import trace_event

EARNED, WAITING, PENDING, FAILED, ABSENT = "earned", "waiting", "pending", "failed", "absent"
RULES_AT_MOST = 8
NEARBY = timedelta(days=7)
_NOON = time(12)
_EVENTS_AT_MOST = 60


class Finding(NamedTuple):
    """What is to say about one standard, by one event of the day or by the lack of one."""

    state: str
    """``earned``, ``waiting``, ``pending``, ``failed``, or ``absent``: no such event."""
    rule_code: str
    rule_name: str
    failed_step: str
    """The code of the step; empty for what earned or waits."""
    text: str
    event_id: int | None = None
    event_no: str = ""
    source: str = ""
    tx_id: int | None = None

    def as_dict(self) -> dict[str, object]:
        """The JSON of the API and the command."""
        return {
            "state": self.state,
            "rule_code": self.rule_code,
            "rule_name": self.rule_name,
            "failed_step": self.failed_step,
            "text": self.text,
            "event_no": self.event_no,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class Missing:
    """What became of somebody's day under the standards that were asked about."""

    employee_no: str
    day: date
    typed: str
    findings: Sequence[Finding]
    is_known: bool
    """False: no standard has anything to do with what was typed."""

    @property
    def text(self) -> str:
        """The one sentence where there is nothing to list; else empty."""
        if not self.is_known:
            return _("没有找到与“%(typed)s”有关的积分标准，这件事可能还不计分") % {
                "typed": self.typed
            }
        if not self.findings:
            return _("%(day)s 没有任何记录，可能还没有录入或申请") % {"day": day_text(self.day, _)}
        return ""

    def as_dict(self) -> dict[str, object]:
        """The JSON of the API and the command."""
        return {
            "employee_no": self.employee_no,
            "day": self.day.isoformat(),
            "text": self.text,
            "findings": [one.as_dict() for one in self.findings],
        }


def why_missing(
    *,
    company_id: int,
    zone: str,
    person: RosterPerson,
    day: date,
    typed: str = "",
    rule_code: str = "",
    is_self: bool = False,
) -> Missing:
    """Why somebody has no points for what they did on ``day``.

    ``typed`` are words, pinyin or initials; ``rule_code`` names the standard itself; with neither
    of them all that is recorded of the day is told. ``is_self``: the reader is meant.
    """
    book = rulebook(company_id=company_id)
    timelines = _meant(book, typed=typed, rule_code=rule_code, day=day, person=person)
    asked = bool(typed.strip() or rule_code)
    events = _events(company_id, zone, person.id, day - NEARBY, day + NEARBY)
    own = [one for one in events if one.fact_on == day]
    explained = [explain_event(company_id=company_id, zone=zone, event=one) for one in own]
    findings: list[Finding] = []
    if asked:
        for timeline in timelines:
            told = [
                finding
                for one in explained
                if timeline.rule_id in book.rules_for(one.event.type_code)
                for finding in _of_event(one, timeline)
            ]
            findings += told or [_absent(book, timeline, person, day, events, is_self=is_self)]
    else:
        for one in explained:
            for rule_id in book.rules_for(one.event.type_code):
                findings += _of_event(one, book.rules[rule_id])
    return Missing(person.employee_no, day, typed.strip(), findings, not asked or bool(timelines))


def _meant(
    book: Rulebook, *, typed: str, rule_code: str, day: date, person: RosterPerson
) -> list[RuleTimeline]:
    """The standards that may be meant, those that concern the person before others."""
    if rule_code:
        rule_id = book.by_code.get(rule_code)
        return [] if rule_id is None else [book.rules[rule_id]]
    if not typed.strip():
        return []
    facts = _facts(person, day)
    timelines = sorted(
        book.rules.values(), key=lambda one: _outside(book, one.rule_id, facts, day) is not None
    )
    kinds: dict[int, str] = {}
    for known in book.types.every:
        for rule_id in known.rule_ids:
            kinds[rule_id] = f"{kinds.get(rule_id, '')} {known.name}"

    def said(one: RuleTimeline) -> str:
        """What a standard is found by: its words, and the kinds of events that feed it."""
        return f"{one.code} {one.name} {one.latest.spec.standard}{kinds.get(one.rule_id, '')}"

    return best(timelines, typed=typed, text=said, at_most=RULES_AT_MOST)


def _facts(person: RosterPerson, day: date) -> PersonFacts:
    position = person.place_on(day)
    return person_facts(person, position)


def _events(
    company_id: int, zone: str, employee_id: int, start: date, end: date
) -> list[StoredEvent]:
    """The person's current events of some days, in order of time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM awards_event WHERE company_id = %s AND employee_id = %s"
            " AND fact_on BETWEEN %s AND %s AND is_current ORDER BY happened_at DESC LIMIT %s",
            [company_id, employee_id, start, end, _EVENTS_AT_MOST * 4],
        )
        ids = [row[0] for row in cursor.fetchall()]
    return list(events_by_id(company_id=company_id, zone=zone, event_ids=ids).values())


def _of_event(one: Explanation, timeline: RuleTimeline) -> list[Finding]:
    """What an event did under a standard."""
    event = one.event

    def finding(state: str, text: str, step: str = "", tx_id: int | None = None) -> Finding:
        return Finding(
            state,
            timeline.code,
            timeline.name,
            step,
            text,
            event.id,
            event.event_no,
            event.source,
            tx_id,
        )

    if event.status == "withdrawn":
        return [finding(FAILED, _("记录过，后来撤回了，得到的积分已经冲回"), TRIGGER)]
    found = [
        finding(
            EARNED,
            _earned(standing),
            tx_id=standing.explained.row.tx_id,
        )
        for standing in one.standing
        if standing.explained.rule.spec.rule_id == timeline.rule_id
    ]
    found += [
        finding(
            WAITING,
            _("已计入%(window)s，结束后统一结算") % {"window": window_text(own.window, _)},
        )
        for own in one.windows
        if own.rule_id == timeline.rule_id and own.counted and own.state == "open"
    ]
    waits = event.status == "pending"
    found += [
        finding(PENDING if waits else FAILED, near.text, near.failed_step)
        for near in one.near
        if near.rule_code == timeline.code
    ]
    return found


def _earned(standing: Standing) -> str:
    """What an entry gave and, where a cap cut it, what the cap said."""
    text = _("已记 %(points)s 分：%(sentence)s") % {
        "points": points_text(standing.points),
        "sentence": standing.explained.sentence,
    }
    cap = next((step.text for step in standing.explained.steps if step.step == CAP), "")
    return _("%(text)s（%(cap)s）") % {"text": text, "cap": cap} if cap else text


def _absent(
    book: Rulebook,
    timeline: RuleTimeline,
    person: RosterPerson,
    day: date,
    events: Sequence[StoredEvent],
    *,
    is_self: bool,
) -> Finding:
    """What is wrong before anybody asks for the record, or that the record is missing."""
    failed = _outside(book, timeline.rule_id, _facts(person, day), day)
    if not person.employed_on(day):
        failed = Step(POPULATION, False, _("%(day)s 不在职") % {"day": day_text(day, _)})
    if failed is not None:
        return Finding(FAILED, timeline.code, timeline.name, failed.step, failed.text)
    shown = {"day": day_text(day, _), "name": person.name}
    text = (
        _("没有找到你在%(day)s的这件事的记录，可能还没有录入或申请")
        if is_self
        else _("没有找到%(name)s在%(day)s的这件事的记录，可能还没有录入或申请")
    ) % shown
    near = [
        one
        for one in events
        if one.status != "withdrawn" and timeline.rule_id in book.rules_for(one.type_code)
    ]
    if near:
        closest = min(near, key=lambda one: abs((one.fact_on - day).days))
        text = _("%(text)s；%(day)s有一条同类的记录（%(no)s），请核对日期") % {
            "text": text,
            "day": day_text(closest.fact_on, _),
            "no": closest.event_no,
        }
        return Finding(
            ABSENT,
            timeline.code,
            timeline.name,
            TRIGGER,
            text,
            closest.id,
            closest.event_no,
            closest.source,
        )
    return Finding(ABSENT, timeline.code, timeline.name, TRIGGER, text)


def _outside(book: Rulebook, rule_id: int, facts: PersonFacts, day: date) -> Step | None:
    """Why no event of the day could have earned: the standard was not valid, or is for others."""
    rule = Versions(book).valid_version(rule_id, day)
    if rule is None or (rule.spec.active_to is not None and rule.spec.active_to <= day):
        start = book.rules[rule_id].versions[0].spec.active_from
        if day < start:
            text = _("%(day)s 时该标准尚未生效（%(start)s 起生效）") % {
                "day": day.isoformat(),
                "start": start.isoformat(),
            }
        else:
            text = _("%(day)s 时该标准已失效") % {"day": day.isoformat()}
        return Step(TRIGGER, False, text)
    steps = trace_event(rule, EventFacts(datetime.combine(day, _NOON)), facts, tr=_)
    first = steps[0]
    return first if first.step == POPULATION and not first.ok else None
