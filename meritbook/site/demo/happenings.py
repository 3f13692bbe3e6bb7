"""What one rule of the demo sees happen: small generators of events with believable numbers.

Pure: everything comes from the seeded ``Random`` that is handed in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

CUSTOMERS = (
    "恒通电子", "瑞丰五金", "华润供应链", "明达包装", "宏远纺织", "天宇电器", "金桥食品",
    "东升塑胶", "联创科技", "海川物流", "百盛商超", "同心建材", "安和医药", "富源农资",
    "星辰文具", "嘉禾家居", "永兴机械", "蓝海印务", "锦绣服饰", "新港冷链",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of the demo; ``line`` names the rule line (sheet, row) that it feeds."""

    line: tuple[str, int]
    employee_no: str
    at: datetime
    quantity: Decimal | None = None
    amount: Decimal | None = None
    object: str = ""
    note: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Temper:
    """How somebody works: 0 to 1 each."""

    diligence: float
    skill: float

    @classmethod
    def of(cls, employee_no: str) -> "Temper":
        """Always the same for one person. 李雷 (2102) and 韩梅梅 (4001) are the good examples."""
        if employee_no in {"2102", "4001"}:
            return cls(0.97, 0.95)
        chance = Random(f"temper {employee_no}")  # noqa: S311 -- a story, not a secret
        return cls(0.72 + 0.26 * chance.random(), 0.3 + 0.65 * chance.random())


def clock(chance: Random, day: date, earliest: str, latest: str) -> datetime:
    """A minute of ``day`` between two times of day."""
    start, end = time.fromisoformat(earliest), time.fromisoformat(latest)
    minutes = (end.hour - start.hour) * 60 + end.minute - start.minute
    return datetime.combine(day, start) + timedelta(minutes=chance.randint(0, max(minutes, 0)))


def customer(chance: Random) -> str:
    return chance.choice(CUSTOMERS)


def duty(
    chance: Random,
    temper: Temper,
    line: tuple[str, int],
    employee_no: str,
    day: date,
    *,
    hours: tuple[str, str],
    late: tuple[str, str] | None = None,
    note: str = "",
    attributes: Mapping[str, str] | None = None,
) -> Iterator[Happening]:
    """A duty done, most days in time, some days late, some days not at all."""
    luck = chance.random()
    if luck > temper.diligence + 0.02:
        return
    window = hours
    if late is not None and luck > temper.diligence - 0.05:
        window = late
    yield Happening(
        line,
        employee_no,
        clock(chance, day, *window),
        note=note,
        attributes=dict(attributes or {}),
    )


def sometimes(
    chance: Random,
    probability: float,
    line: tuple[str, int],
    employee_no: str,
    day: date,
    **what: object,
) -> Iterator[Happening]:
    """Something that happens with a probability on a day, in working hours."""
    if chance.random() < probability:
        yield Happening(line, employee_no, clock(chance, day, "09:05", "17:50"), **what)  # type: ignore[arg-type]


def money(chance: Random, low: int, high: int, step: int = 100) -> Decimal:
    """An amount in 元, small ones more often."""
    share = chance.random() ** 2
    return Decimal(low + round((high - low) * share / step) * step)
