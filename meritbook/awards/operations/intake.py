"""Judging rows before anything is written: who, which rule, when, and the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from meritbook.awards.content import QUANTITY_MAX, NewEvent, Place, content_hash
from meritbook.awards.evaluation import NO_OUTCOME, Outcome, evaluate, valid_version
from meritbook.kit.problems import Problem
from meritbook.org.queries.roster import RosterPerson, roster
from meritbook.rules.fields import column_of, validate_event
from meritbook.rules.queries import Rulebook
from meritbook.rules.spec import EventFacts, PersonFacts

LATEST = timedelta(minutes=5)
"""How far a source's clock may be ahead of ours."""

EVENT_NO_MAX, TEXT_MAX, NOTE_MAX, ATTRIBUTES_MAX = 120, 200, 1000, 60
_FINEST = Decimal("0.0001")


class Candidate(NamedTuple):
    """A row that may be stored: checked, fingerprinted, and scored under the present rules."""

    position: int
    event: NewEvent
    type_code: str
    rule_id: int | None
    person: RosterPerson
    local: datetime
    facts: EventFacts
    place: Place
    hash: bytes
    outcome: Outcome


class Refused(NamedTuple):
    """A row that cannot be stored, and why."""

    position: int
    problems: tuple[Problem, ...]


class _Add(Protocol):
    """The shape of the function that notes a problem."""

    def __call__(self, column: str, reason: str, remedy: str) -> None: ...


@dataclass(slots=True)
class Intake:
    """Everything that judging rows needs, read once for many rows."""

    company_id: int
    zone: ZoneInfo
    now: datetime
    book: Rulebook
    roster: Mapping[str, RosterPerson]
    _people: dict[int, RosterPerson] = field(default_factory=dict)
    _places: dict[tuple[int, date], Place] = field(default_factory=dict)
    _types: dict[str, tuple[str, int | None, tuple[int, ...]]] = field(default_factory=dict)
    _latest: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._latest = self.local_time(self.now) + LATEST

    def local_time(self, moment: datetime) -> datetime:
        """A moment as naive local time of the company; naive ones are local already."""
        return (
            moment if moment.tzinfo is None else moment.astimezone(self.zone).replace(tzinfo=None)
        )

    def person(self, employee_id: int) -> RosterPerson:
        """A person by id; everybody is read when the few at hand do not suffice (a correction may
        take points from somebody else)."""
        if employee_id not in self._people:
            self._people.update((one.id, one) for one in self.roster.values())
        if employee_id not in self._people:
            everybody = roster(company_id=self.company_id)
            self._people.update((one.id, one) for one in everybody.values())
        return self._people[employee_id]

    def place(self, person: RosterPerson, day: date) -> Place:
        """Where the person stood on the day."""
        key = (person.id, day)
        known = self._places.get(key)
        if known is None:
            position = person.place_on(day)
            known = self._places[key] = Place(
                PersonFacts(position.department_ids, position.post_ids),
                position.main_department_id,
            )
        return known

    def look_at(
        self, events: Iterable[tuple[int, NewEvent]]
    ) -> tuple[list[Candidate], list[Refused]]:
        """Rows that can be stored, and rows that cannot."""
        good: list[Candidate] = []
        bad: list[Refused] = []
        for index, event in events:
            found = self._candidate(index, event)
            if isinstance(found, Candidate):
                good.append(found)
            else:
                bad.append(Refused(index, tuple(found)))
        return good, bad

    def _candidate(self, index: int, event: NewEvent) -> Candidate | list[Problem]:
        type_code, rule_id, rule_ids = self._type(event.type)
        person = self.roster.get(event.employee_no)
        local = self.local_time(event.happened_at)
        facts = EventFacts(
            local, event.has_time, event.quantity, event.amount, event.object, event.attributes
        )
        problems = self._problems(event, person, rule_ids, facts)
        if problems or person is None:
            return problems
        day = local.date()
        place = self.place(person, day)
        outcome = (
            evaluate(book=self.book, rule_ids=rule_ids, event=facts, person=place.person)
            if rule_ids
            else NO_OUTCOME
        )
        return Candidate(
            index,
            event,
            type_code,
            rule_id,
            person,
            local,
            facts,
            place,
            content_hash(event, type_code=type_code, happened_at=local),
            outcome,
        )

    def _type(self, name: str) -> tuple[str, int | None, tuple[int, ...]]:
        """(canonical type, the rule when the type is a rule's own, all rules that it feeds)."""
        known = self._types.get(name)
        if known is None:
            rule_ids = self.book.rules_for(name)
            known = (name, None, rule_ids)
            if len(rule_ids) == 1:
                known = (self.book.rules[rule_ids[0]].code, rule_ids[0], rule_ids)
            self._types[name] = known
        return known

    def _problems(
        self,
        event: NewEvent,
        person: RosterPerson | None,
        rule_ids: tuple[int, ...],
        facts: EventFacts,
    ) -> list[Problem]:
        found: list[Problem] = []

        def problem(column: str, reason: str, remedy: str) -> None:
            found.append(Problem(event.sheet, event.row, column, reason, remedy))

        if not event.event_no:
            problem(_("事件编号"), _("没有填写事件编号"), _("请填写来源系统里的唯一编号"))
        elif len(event.event_no) > EVENT_NO_MAX or not event.event_no.isprintable():
            problem(
                _("事件编号"),
                _("事件编号过长，或含有不可见的字符"),
                _("请使用不超过 %(n)s 个字符的编号") % {"n": EVENT_NO_MAX},
            )
        if not event.type:
            problem(_("类型"), _("没有填写类型"), _("请填写积分标准的编号或名称"))
        elif not rule_ids:
            problem(
                _("类型"),
                _("没有类型“%(type)s”") % {"type": event.type[:60]},
                _("请填写已发布的积分标准的编号或名称，或先发布该标准"),
            )
        if not event.employee_no:
            problem(_("工号"), _("没有填写工号"), _("请填写员工的工号"))
        elif person is None:
            problem(
                _("工号"),
                _("没有工号为“%(no)s”的员工") % {"no": event.employee_no[:60]},
                _("请核对工号（前面的 0 也要写），或先导入该员工"),
            )
        day = facts.happened_at.date()
        if facts.happened_at > self._latest:
            problem(
                _("时间"),
                _("时间 %(time)s 在将来") % {"time": _moment(facts.happened_at)},
                _("请填写已经发生的时间"),
            )
        elif day.year < 1990:
            problem(
                _("时间"),
                _("时间 %(time)s 太早") % {"time": _moment(facts.happened_at)},
                _("请核对年份"),
            )
        elif person is not None:
            self._employment(person, day, problem_add=problem)
        self._sizes(event, problem_add=problem)
        if not found:
            for rule_id in rule_ids:
                rule = valid_version(book=self.book, rule_id=rule_id, day=day)
                if rule is not None:
                    for one in validate_event(rule.spec, facts, tr=_):
                        problem(column_of(one.field, tr=_), one.reason, one.remedy)
        return found

    @staticmethod
    def _employment(person: RosterPerson, day: date, *, problem_add: _Add) -> None:
        if person.hired_on is not None and day < person.hired_on:
            problem_add(
                _("时间"),
                _("%(name)s 于 %(day)s 入职，事件发生在入职之前")
                % {"name": person.name, "day": person.hired_on.isoformat()},
                _("请核对时间或工号"),
            )
        elif person.left_on is not None and day > person.left_on:
            problem_add(
                _("时间"),
                _("%(name)s 已于 %(day)s 离职，事件发生在离职之后")
                % {"name": person.name, "day": person.left_on.isoformat()},
                _("请核对时间或工号"),
            )

    @staticmethod
    def _sizes(event: NewEvent, *, problem_add: _Add) -> None:
        for column, number in ((_("数量"), event.quantity), (_("金额"), event.amount)):
            if number is None:
                continue
            if not number.is_finite() or abs(number) >= QUANTITY_MAX:
                problem_add(column, _("数字太大"), _("请核对数字"))
            elif number != number.quantize(_FINEST):
                problem_add(column, _("小数超过 4 位"), _("请保留最多 4 位小数"))
        if any("\x00" in text for text in _texts(event)):
            problem_add("", _("含有不可见的控制字符"), _("请删去看不见的字符后重试"))
        if len(event.object) > TEXT_MAX:
            problem_add(
                _("对象"),
                _("超过 %(n)s 个字") % {"n": TEXT_MAX},
                _("请缩短内容"),
            )
        if len(event.note) > NOTE_MAX:
            problem_add(
                _("备注"),
                _("超过 %(n)s 个字") % {"n": NOTE_MAX},
                _("请缩短内容"),
            )
        if len(event.attributes) > ATTRIBUTES_MAX:
            problem_add(
                "",
                _("附加列超过 %(n)s 个") % {"n": ATTRIBUTES_MAX},
                _("请删去用不到的列"),
            )


def _texts(event: NewEvent) -> tuple[str, ...]:
    own = (event.object, event.note)
    return (*own, *event.attributes, *event.attributes.values()) if event.attributes else own


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
