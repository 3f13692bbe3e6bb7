"""Two months at 华晟贸易: who does what on which day, as happenings in order of time.

Pure and seeded: the same days give the same story. Rows are those of the source's rule tables.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from meritbook.site.demo.happenings import (
    Happening,
    Temper,
    clock,
    customer,
    duty,
    money,
    sometimes,
)

PROJECT, SUPPLY, SALES, SERVICE = "积分负责人规则设置", "采购仓库供应商", "销售", "客服"
STANDARDS, CHANNEL = "通用标准", "销售业绩"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody of the demo and the part that they play."""

    employee_no: str
    part: str
    hired_on: date


@dataclass(frozen=True, slots=True)
class Day:
    """A working day and its place in week and month."""

    date: date
    ends_week: bool
    ends_month: bool
    starts_month: bool


def working_days(start: date, end: date, *, is_workday: Callable[[date], bool]) -> Sequence[Day]:
    """The working days from ``start`` to ``end``, both included."""
    # Weeks and months are looked at whole, so that the last days of the story end neither.
    around = [start + timedelta(days=n) for n in range((end - start).days + 40)]
    working = [day for day in around if is_workday(day)]
    last_of_week = {day.isocalendar()[:2]: day for day in working if day.weekday() <= 4}
    last_of_month = {(day.year, day.month): day for day in working}
    first_of_month = {(day.year, day.month): day for day in reversed(working)}
    return [
        Day(
            date=day,
            ends_week=last_of_week.get(day.isocalendar()[:2]) == day,
            ends_month=last_of_month[day.year, day.month] == day,
            starts_month=first_of_month[day.year, day.month] == day,
        )
        for day in working
        if day <= end
    ]


def story(*, actors: Iterable[Actor], days: Sequence[Day], seed: int = 20260921) -> list[Happening]:
    """Everything that happens to ``actors`` on ``days``, in order of time."""
    told: list[Happening] = []
    for actor in actors:
        temper = Temper.of(actor.employee_no)
        for day in days:
            if day.date < actor.hired_on:
                continue
            chance = Random(f"{seed} {actor.employee_no} {day.date}")  # noqa: S311 -- a story
            told.extend(_everybody(chance, temper, actor, day))
            told.extend(PARTS.get(actor.part, _nothing)(chance, temper, actor, day))
    told.sort(key=lambda each: (each.at, each.employee_no, each.line))
    return told


def _nothing(chance: Random, temper: Temper, actor: Actor, day: Day) -> Iterator[Happening]:
    return iter(())


def _everybody(chance: Random, temper: Temper, actor: Actor, day: Day) -> Iterator[Happening]:
    """Attendance and conduct; hardly anything for those who are punctual."""
    no, on = actor.employee_no, day.date
    careless = 1 - temper.diligence
    if chance.random() < careless * 0.22:
        minutes = chance.randint(2, 35)
        yield Happening(
            (STANDARDS, 2), no, clock(chance, on, "09:01", "09:40"), note=f"打卡晚 {minutes} 分钟"
        )
    if chance.random() < careless * 0.03:
        yield Happening((STANDARDS, 3), no, clock(chance, on, "16:40", "17:25"))
    if chance.random() < careless * 0.012:
        yield Happening((STANDARDS, 5), no, clock(chance, on, "10:00", "17:00"), note="二楼楼梯间")


def _reports(
    chance: Random, temper: Temper, no: str, day: Day, *, daily: tuple[str, int], weekly: tuple[str, int],
    monthly: tuple[str, int], weekly_late: tuple[str, str] | None,
) -> Iterator[Happening]:  # fmt: skip
    yield from duty(
        chance, temper, daily, no, day.date, hours=("17:40", "21:58"), late=("22:01", "23:20")
    )
    if day.ends_week:
        yield from duty(
            chance, temper, weekly, no, day.date, hours=("16:30", "21:50"), late=weekly_late
        )
    if day.ends_month:
        yield from duty(chance, temper, monthly, no, day.date, hours=("15:00", "21:00"))


def _salesperson(chance: Random, temper: Temper, actor: Actor, day: Day) -> Iterator[Happening]:
    no, on = actor.employee_no, day.date
    yield from _reports(
        chance, temper, no, day, daily=(SALES, 15), weekly=(SALES, 13), monthly=(SALES, 14),
        weekly_late=("22:01", "23:30"),
    )  # fmt: skip
    if chance.random() < 0.78:
        visits = chance.randint(1, 3) + round(4 * temper.skill * chance.random())
        yield Happening(
            (SALES, 2), no, clock(chance, on, "09:30", "17:30"), quantity=Decimal(visits)
        )
    yield from sometimes(
        chance, 0.30, (SALES, 3), no, on,
        amount=money(chance, 600, 6_000 + round(14_000 * temper.skill)), object=customer(chance),
    )  # fmt: skip
    yield from sometimes(
        chance,
        0.03 * temper.skill,
        (SALES, 4),
        no,
        on,
        quantity=Decimal(1),
        object=customer(chance),
    )
    yield from sometimes(
        chance, 0.0025 * (1.2 - temper.skill), (SALES, 5), no, on,
        quantity=Decimal(1), object=customer(chance), note="客户转向同行",
    )  # fmt: skip
    calls = round(38 + 26 * temper.diligence * chance.random() + 6 * temper.skill)
    visited = 1 if chance.random() < temper.diligence else 0
    yield Happening(
        (SALES, 8), no, clock(chance, on, "17:00", "18:30"),
        attributes={"电话量": str(calls), "拜访": str(visited)},
    )  # fmt: skip
    yield from duty(
        chance, temper, (SALES, 6), no, on, hours=("12:00", "20:30"),
        attributes={"微信增加朋友": str(chance.randint(0, 4)), "朋友圈": "1"},
    )  # fmt: skip
    if day.ends_week:
        yield from duty(
            chance, temper, (SALES, 7), no, on, hours=("10:00", "18:00"), attributes={"群发": "1"}
        )
    yield from sometimes(chance, 0.35, (SALES, 9), no, on, quantity=Decimal(chance.randint(1, 3)))
    yield from sometimes(
        chance, 0.28, (SALES, 10), no, on,
        amount=money(chance, 6_000, 40_000 + round(80_000 * temper.skill), 500),
        object=customer(chance),
    )  # fmt: skip
    if day.ends_month:
        yield from duty(chance, temper, (SALES, 11), no, on, hours=("10:00", "17:00"))
        rate = 100 if chance.random() < temper.skill else chance.randint(86, 99)
        yield Happening(
            (SALES, 12), no, clock(chance, on, "16:00", "18:00"), quantity=Decimal(rate)
        )


def _channel(chance: Random, temper: Temper, actor: Actor, day: Day) -> Iterator[Happening]:
    """The general sales team: standards of 000 and the two rules of 002."""
    no, on = actor.employee_no, day.date
    yield from _reports(
        chance, temper, no, day, daily=(STANDARDS, 8), weekly=(STANDARDS, 9),
        monthly=(STANDARDS, 10), weekly_late=None,
    )  # fmt: skip
    where = customer(chance)
    if chance.random() < 0.12 + 0.14 * temper.skill:
        yield Happening((STANDARDS, 14), no, clock(chance, on, "10:00", "17:30"), object=where)
        yield Happening(
            (CHANNEL, 2), no, clock(chance, on, "10:00", "17:30"), quantity=Decimal(1), object=where
        )
        if chance.random() < 0.7:
            yield Happening(
                (STANDARDS, 15),
                no,
                clock(chance, on, "17:31", "18:30"),
                object=where,
                amount=money(chance, 2_000, 20_000, 500),
            )
    if day.ends_month:
        rate = round(78 + 40 * temper.skill + 12 * chance.random())
        yield Happening(
            (CHANNEL, 3), no, clock(chance, on, "17:00", "18:00"), quantity=Decimal(rate)
        )
    yield from sometimes(chance, 0.07, (STANDARDS, 16), no, on, object=customer(chance))
    yield from sometimes(
        chance, 0.05 * temper.skill, (STANDARDS, 17), no, on, object=customer(chance)
    )
    yield from sometimes(chance, 0.02, (STANDARDS, 12), no, on, note="渠道政策落地汇报")


def _office(chance: Random, temper: Temper, actor: Actor, day: Day) -> Iterator[Happening]:
    yield from _reports(
        chance, temper, actor.employee_no, day, daily=(STANDARDS, 8), weekly=(STANDARDS, 9),
        monthly=(STANDARDS, 10), weekly_late=None,
    )  # fmt: skip


def _buyer(chance: Random, temper: Temper, actor: Actor, day: Day) -> Iterator[Happening]:
    no, on = actor.employee_no, day.date
    ordered = clock(chance, on, "09:10", "16:25")
    done = ordered + timedelta(minutes=chance.randint(20, 150))
    if chance.random() < temper.diligence:
        yield Happening((SUPPLY, 2), no, done, attributes={"下单时间": f"{ordered:%Y-%m-%d %H:%M}"})
    yield from sometimes(
        chance, 0.03 * (1.3 - temper.diligence), (SUPPLY, 3), no, on, object=customer(chance)
    )
    yield from sometimes(chance, 0.008, (SUPPLY, 4), no, on, note="配件毛边,退回供应商")
    if day.ends_week:
        met = {
            item: "是" if chance.random() < temper.diligence + 0.04 else "否"
            for item in ("质量", "费用", "交期")
        }
        yield Happening((SUPPLY, 5), no, clock(chance, on, "16:00", "17:30"), attributes=met)


def _storekeeper(chance: Random, temper: Temper, actor: Actor, day: Day) -> Iterator[Happening]:
    no, on = actor.employee_no, day.date
    yield from duty(chance, temper, (SUPPLY, 6), no, on, hours=("16:00", "18:00"))
    yield from sometimes(
        chance, 0.012, (SUPPLY, 7), no, on, object=customer(chance), note="规格发错,客户退回"
    )
    if day.ends_week:
        yield from duty(chance, temper, (SUPPLY, 8), no, on, hours=("15:00", "17:30"))
    yield from sometimes(chance, 0.01, (SUPPLY, 9), no, on)
    if day.ends_month:
        yield from duty(chance, temper, (SUPPLY, 10), no, on, hours=("13:00", "18:30"))
    if day.starts_month and day.date.day == 1:
        yield from duty(chance, temper, (SUPPLY, 11), no, on, hours=("09:00", "12:00"))
    yield from sometimes(chance, 0.008, (SUPPLY, 12), no, on, note="台账与实物相差 2 件")


def _sourcer(chance: Random, temper: Temper, actor: Actor, day: Day) -> Iterator[Happening]:
    no, on = actor.employee_no, day.date
    if day.ends_month:
        yield from duty(chance, temper, (SUPPLY, 13), no, on, hours=("14:00", "17:00"))
    yield from sometimes(
        chance, 0.09, (SUPPLY, 14), no, on, quantity=Decimal(1), object=f"{customer(chance)}(供方)"
    )


def _service(chance: Random, temper: Temper, actor: Actor, day: Day) -> Iterator[Happening]:
    no, on = actor.employee_no, day.date
    yield from duty(chance, temper, (SERVICE, 3), no, on, hours=("17:30", "18:30"))
    if chance.random() < 0.5 * (1.15 - temper.diligence):
        yield Happening(
            (SERVICE, 4), no, clock(chance, on, "10:00", "17:00"), object=customer(chance),
            attributes={"分钟": str(chance.randint(12, 58))},
        )  # fmt: skip
    yield from sometimes(
        chance, 0.06, (SERVICE, 5), no, on, quantity=Decimal(1), object=customer(chance)
    )
    yield from sometimes(
        chance, 0.05 * temper.skill, (SERVICE, 6), no, on, quantity=Decimal(1),
        note=chance.choice(("包装加防潮袋", "提前一天核对货期", "常见问题做成图文", "退换流程合并")),
    )  # fmt: skip
    if chance.random() < 0.07:
        due = on - timedelta(days=chance.choice((0, 0, 0, 0, 1, 2, 4)))
        attributes = {"应交日期": due.isoformat(), "交付日期": on.isoformat()}
        where = f"{customer(chance)}-{on:%m%d}"
        for row in (7, 8):
            yield Happening(
                (SERVICE, row), no, clock(chance, on, "11:00", "17:00"), object=where,
                attributes=attributes,
            )  # fmt: skip
    if chance.random() < 0.8:
        calls = chance.randint(1, 3) + round(4 * temper.skill * chance.random())
        yield Happening(
            (SERVICE, 9), no, clock(chance, on, "09:30", "17:00"), quantity=Decimal(calls)
        )
    yield from sometimes(
        chance, 0.025 * temper.skill, (SERVICE, 10), no, on,
        amount=money(chance, 5_000, 36_000, 1_000), object=customer(chance),
    )  # fmt: skip
    yield from sometimes(
        chance, 0.30, (SERVICE, 11), no, on, quantity=Decimal(chance.randint(1, 3))
    )
    yield from sometimes(
        chance, 0.05, (SERVICE, 12), no, on, quantity=Decimal(1), object=customer(chance)
    )
    if chance.random() < 0.012 * (1.3 - temper.skill):
        severity = chance.choice(("-50", "-50", "-100", "-150", "-300"))
        yield Happening(
            (SERVICE, 13), no, clock(chance, on, "10:00", "17:00"), object=customer(chance),
            attributes={"分值": severity}, note="客户投诉回复语气",
        )  # fmt: skip


def _lead_of_project(chance: Random, temper: Temper, actor: Actor, day: Day) -> Iterator[Happening]:
    """The points officer introduces the scheme; the plan is accepted in the first days."""
    yield from _office(chance, temper, actor, day)


Part = Callable[[Random, Temper, Actor, Day], Iterator[Happening]]
PARTS: Mapping[str, Part] = {
    "sales": _salesperson,
    "channel": _channel,
    "office": _office,
    "buyer": _buyer,
    "storekeeper": _storekeeper,
    "sourcer": _sourcer,
    "service": _service,
    "project": _lead_of_project,
}


def project_stages(*, employee_no: str, days: Sequence[Day]) -> list[Happening]:
    """The plan of the points project accepted on the third working day, its use on the thirtieth."""
    stages = ((3, 2), (4, 29))
    return [
        Happening(
            (PROJECT, row),
            employee_no,
            datetime.combine(days[position].date, datetime.min.time()).replace(hour=15),
            note="总经理办公会验收",
        )
        for row, position in stages
        if position < len(days)
    ]
