"""The functions that an expression may call, by name; there is no other way to call anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from meritbook.kit.expressions.errors import TOO_LARGE, Unworkable
from meritbook.kit.expressions.kinds import Kind

LARGEST = Decimal(10) ** 18
"""No value may be larger; beyond it nobody could say what was meant."""
_EXPONENT = 18
_FINEST = 10


@dataclass(frozen=True, slots=True)
class Function:
    """What it takes and gives. ``rest``: further arguments are like the last one."""

    takes: tuple[Kind, ...]
    gives: Kind
    call: Callable[..., Any]
    rest: bool = False


def bounded(number: Decimal) -> Decimal:
    """The number, when it is one that may be; raises Unworkable."""
    if not number.is_finite() or (number and number.adjusted() > _EXPONENT):
        raise Unworkable(TOO_LARGE)
    return number


def _rounded(number: Decimal, places: Decimal) -> Decimal:
    shown = int(min(max(places, Decimal(0)), Decimal(_FINEST)))
    return number.quantize(Decimal(1).scaleb(-shown), ROUND_HALF_UP)


_NUMBER, _TEXT, _DAY = Kind.NUMBER, Kind.TEXT, Kind.DAY
_EVERY = (
    (("最小", "min"), Function((_NUMBER,), _NUMBER, min, rest=True)),
    (("最大", "max"), Function((_NUMBER,), _NUMBER, max, rest=True)),
    (("绝对值", "abs"), Function((_NUMBER,), _NUMBER, abs)),
    (
        ("取整", "floor"),
        Function((_NUMBER,), _NUMBER, lambda number: number.to_integral_value(ROUND_FLOOR)),
    ),
    (("四舍五入", "round"), Function((_NUMBER, _NUMBER), _NUMBER, _rounded)),
    (
        ("相差天数", "days"),
        Function((_DAY, _DAY), _NUMBER, lambda last, first: Decimal((last - first).days)),
    ),
    (("年份", "year"), Function((_DAY,), _NUMBER, lambda day: Decimal(day.year))),
    (("月份", "month"), Function((_DAY,), _NUMBER, lambda day: Decimal(day.month))),
    (("几号", "day"), Function((_DAY,), _NUMBER, lambda day: Decimal(day.day))),
    (("星期几", "weekday"), Function((_DAY,), _NUMBER, lambda day: Decimal(day.isoweekday()))),
    (("字数", "length"), Function((_TEXT,), _NUMBER, lambda text: Decimal(len(text)))),
    (
        ("开头是", "starts"),
        Function((_TEXT, _TEXT), Kind.YES_NO, lambda text, head: text.startswith(head)),
    ),
    (
        ("结尾是", "ends"),
        Function((_TEXT, _TEXT), Kind.YES_NO, lambda text, tail: text.endswith(tail)),
    ),
)
FUNCTIONS: dict[str, Function] = {name: one for names, one in _EVERY for name in names}

EMPTY = frozenset({"未填", "empty"})
"""Whether a value is not known; takes a value of any kind."""
CHOOSE = frozenset({"如果", "if"})
"""A condition, the value where it holds, and the value where it does not."""
EVERY_NAME = (*FUNCTIONS, *EMPTY, *CHOOSE)
