"""What may be wrong with a row, in words: only asked for rows that are not sound."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from meritbook.awards.content import QUANTITY_MAX, NewEvent
from meritbook.kit.problems import Problem
from meritbook.org.queries.roster import RosterPerson

EVENT_NO_MAX, TEXT_MAX, NOTE_MAX, ATTRIBUTES_MAX = 120, 200, 1000, 60
FINEST = Decimal("0.0001")
EARLIEST = datetime(1990, 1, 1)  # noqa: DTZ001 -- local time of the company


def is_sound(event: NewEvent, *, person: RosterPerson, local: datetime, latest: datetime) -> bool:
    """Whether ``faults_of`` would find nothing in a row whose type and person are known.

    This runs for every row of a file, so it makes no text.
    """
    day = local.date()
    event_no = event.event_no
    if not event_no or len(event_no) > EVENT_NO_MAX or not event_no.isprintable():
        return False
    if not EARLIEST <= local <= latest or not person.employed_on(day):
        return False
    for number in (event.quantity, event.amount):
        if number is not None and not _is_storable(number):
            return False
    if len(event.object) > TEXT_MAX or len(event.note) > NOTE_MAX:
        return False
    if "\x00" in event.object or "\x00" in event.note:
        return False
    attributes = event.attributes
    return not attributes or (
        len(attributes) <= ATTRIBUTES_MAX
        and not any(
            "\x00" in text or len(text) > NOTE_MAX for pair in attributes.items() for text in pair
        )
    )


def _is_storable(number: Decimal) -> bool:
    return (
        number.is_finite()
        and -QUANTITY_MAX < number < QUANTITY_MAX
        and number == number.quantize(FINEST)
    )


def faults_of(
    event: NewEvent,
    *,
    person: RosterPerson | None,
    type_is_known: bool,
    local: datetime,
    latest: datetime,
) -> list[Problem]:
    """All that is wrong with a row by itself; what its rule asks for comes after."""
    found = _Faults(event)
    found.number()
    found.type(is_known=type_is_known)
    found.person(person)
    found.time(person, local, latest)
    found.sizes()
    return found.problems


class _Faults:
    """Collects the problems of one row."""

    def __init__(self, event: NewEvent) -> None:
        self.event = event
        self.problems: list[Problem] = []

    def add(self, column: str, reason: str, remedy: str) -> None:
        self.problems.append(Problem(self.event.sheet, self.event.row, column, reason, remedy))

    def number(self) -> None:
        event_no = self.event.event_no
        if not event_no:
            self.add(_("事件编号"), _("没有填写事件编号"), _("请填写来源系统里的唯一编号"))
        elif len(event_no) > EVENT_NO_MAX or not event_no.isprintable():
            self.add(
                _("事件编号"),
                _("事件编号过长，或含有不可见的字符"),
                _("请使用不超过 %(n)s 个字符的编号") % {"n": EVENT_NO_MAX},
            )

    def type(self, *, is_known: bool) -> None:
        if not self.event.type:
            self.add(
                _("类型"), _("没有填写类型"), _("请填写事件类型的名称或编号，或积分标准的编号")
            )
        elif not is_known:
            self.add(
                _("类型"),
                _("没有类型“%(type)s”") % {"type": self.event.type[:60]},
                _("请填写事件类型的名称或编号，或已发布的积分标准的编号；没有发布的先发布该标准"),
            )

    def person(self, person: RosterPerson | None) -> None:
        if not self.event.employee_no:
            self.add(_("工号"), _("没有填写工号"), _("请填写员工的工号"))
        elif person is None:
            self.add(
                _("工号"),
                _("没有工号为“%(no)s”的员工") % {"no": self.event.employee_no[:60]},
                _("请核对工号（前面的 0 也要写），或先导入该员工"),
            )

    def time(self, person: RosterPerson | None, local: datetime, latest: datetime) -> None:
        shown = {"time": f"{local:%Y-%m-%d %H:%M}"}
        if local > latest:
            self.add(_("时间"), _("时间 %(time)s 在将来") % shown, _("请填写已经发生的时间"))
        elif local < EARLIEST:
            self.add(_("时间"), _("时间 %(time)s 太早") % shown, _("请核对年份"))
        elif person is not None:
            self.employment(person, local.date())

    def employment(self, person: RosterPerson, day: date) -> None:
        if person.hired_on is not None and day < person.hired_on:
            reason = _("%(name)s 于 %(day)s 入职，事件发生在入职之前") % {
                "name": person.name,
                "day": person.hired_on.isoformat(),
            }
        elif person.left_on is not None and day > person.left_on:
            reason = _("%(name)s 已于 %(day)s 离职，事件发生在离职之后") % {
                "name": person.name,
                "day": person.left_on.isoformat(),
            }
        else:
            return
        self.add(_("时间"), reason, _("请核对时间或工号"))

    def sizes(self) -> None:
        event = self.event
        for column, number in ((_("数量"), event.quantity), (_("金额"), event.amount)):
            if number is None or _is_storable(number):
                continue
            if not number.is_finite() or abs(number) >= QUANTITY_MAX:
                self.add(column, _("数字太大"), _("请核对数字"))
            else:
                self.add(column, _("小数超过 4 位"), _("请保留最多 4 位小数"))
        for column, text, most in (
            (_("对象"), event.object, TEXT_MAX),
            (_("备注"), event.note, NOTE_MAX),
        ):
            if len(text) > most:
                self.add(column, _("超过 %(n)s 个字") % {"n": most}, _("请缩短内容"))
        attributes = event.attributes
        if len(attributes) > ATTRIBUTES_MAX:
            self.add("", _("附加列超过 %(n)s 个") % {"n": ATTRIBUTES_MAX}, _("请删去用不到的列"))
        for name, text in attributes.items():
            if len(name) > NOTE_MAX or len(text) > NOTE_MAX:
                self.add(name[:TEXT_MAX], _("超过 %(n)s 个字") % {"n": NOTE_MAX}, _("请缩短内容"))
        texts = (event.object, event.note, *attributes, *attributes.values())
        if any("\x00" in text for text in texts):
            self.add("", _("含有不可见的控制字符"), _("请删去看不见的字符后重试"))


def conflict_of(event: NewEvent, *, row: int = 0) -> Problem:
    """The number belongs to other content: in the store, or in the file's ``row``."""
    shown = {"no": event.event_no, "row": row}
    return Problem(
        event.sheet,
        event.row,
        _("事件编号"),
        _("编号“%(no)s”和第 %(row)s 行相同，内容却不同") % shown
        if row
        else _("编号“%(no)s”已有另一条内容不同的事件") % shown,
        _("确要更正时请选择按更正处理，否则请换一个编号"),
    )
