"""The values that scoring works on: a rule version, an event, a person, a window, a result.

Everything here is immutable and knows neither database nor clock. Times are naive local times of
the company; points in results are whole minor units (scale 2: 65 points are 6500).

What is read once per rule is a frozen dataclass; what is made once per event is a named tuple,
because that is several times cheaper to make.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

SCALE = 2
"""Decimal places of a result's points."""

PER_EVENT = frozenset({"S1", "S3", "S6", "S7", "S8", "S9", "S10"})
WINDOWED = frozenset({"S2", "S4", "S5"})
EVENT_CAPPED = frozenset({"S1", "S3", "S7"})
"""Shapes whose single event may earn any number of times its points."""
CAP_PER_EVENT = "event"
SHAPES = ("S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10")

# Names of attributes that the shapes read. They are data of the events file, not interface text.
DUE_ON = "应交日期"
DELIVERED_ON = "交付日期"
MINUTES = "分钟"
JUDGED_POINTS = "分值"
ORDERED_AT = "下单时间"

# Step codes, in the order in which a rule is walked through.
POPULATION = "population"
TRIGGER = "trigger"
DEADLINE = "deadline"
THRESHOLD = "threshold"
MEASURE = "measure"
VALUE = "value"
CAP = "cap"
POSTING = "posting"


class SpecIncomplete(ValueError):
    """The rule version lacks something that its shape cannot do without."""

    def __init__(self, field_name: str, message: str) -> None:
        super().__init__(message)
        self.field = field_name
        self.message = message


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One item of a checklist: an attribute and its bound; without a bound it is yes or no."""

    item: str
    op: str = ""
    """One of ``>=``, ``>``, ``<=``, ``<``, ``=``; empty for an item that is met or not met."""
    value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """One step of a rule in tiers: the bound to be reached, and the points it is worth."""

    from_: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True)
class Population:
    """Whom a rule concerns; an empty set does not restrict. Who is excepted is out in any case;
    who is named is in besides those described, and alone where nobody is described."""

    departments: frozenset[int] = frozenset()
    posts: frozenset[int] = frozenset()
    grades: frozenset[int] = frozenset()
    tenure_from: int | None = None
    """Whole months with the company, at least."""
    tenure_to: int | None = None
    """Whole months with the company, fewer than."""
    employees: frozenset[int] = frozenset()
    """People named one by one; then there is a ``reason``."""
    except_departments: frozenset[int] = frozenset()
    except_posts: frozenset[int] = frozenset()
    except_employees: frozenset[int] = frozenset()
    reason: str = ""

    @property
    def describes(self) -> bool:
        """Whether it describes people by where they stand or how long they have been there."""
        return bool(self.departments or self.posts or self.grades or self.has_tenure)

    @property
    def has_tenure(self) -> bool:
        return self.tenure_from is not None or self.tenure_to is not None

    @property
    def excepts(self) -> bool:
        return bool(self.except_departments or self.except_posts or self.except_employees)

    @property
    def is_everyone(self) -> bool:
        return not (self.describes or self.employees or self.excepts)


@dataclass(frozen=True, slots=True)
class Condition:
    """Under what a rule counts, as people wrote it, and what its names meant then."""

    text: str
    attributes: tuple[tuple[str, str], ...] = ()
    """Attributes of the event that it reads, with their kinds (number, text, date, yes_no)."""
    definitions: tuple[tuple[str, str], ...] = ()
    """Names that stand for a calculation."""
    ids: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()
    """Departments, posts and grades that it names, with their ids."""
    facts: tuple[str, ...] = ()
    """Kinds of dated facts of a person that it reads."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Whoever has been there for fewer than ``months`` earns ``times`` as much."""

    months: int
    times: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSpec:
    """One version of a rule, as the evaluator needs it."""

    version_id: int
    rule_id: int
    code: str
    name: str
    number: int
    shape: str
    points: Decimal | None = None
    points_min: Decimal | None = None
    points_max: Decimal | None = None
    unit: str = ""
    divisor: Decimal | None = None
    period: str | None = None
    target: Decimal | None = None
    threshold: Decimal | None = None
    strict: bool = False
    proportional: bool = False
    deadline: Mapping[str, object] | None = None
    limit_minutes: Decimal | None = None
    project_total: Decimal | None = None
    weight_percent: Decimal | None = None
    checklist: tuple[ChecklistItem, ...] = ()
    tiers: tuple[Tier, ...] = ()
    """S5 in tiers, bounds rising: the highest one reached pays, and no other."""
    cap: Decimal | None = None
    """The most that the rule gives or takes (a magnitude), per ``cap_per``."""
    cap_per: str = ""
    """``event``, a kind of period, or empty where the text does not say."""
    multiplier: Decimal | None = None
    """S10: an event earns what the multiplier adds to the points that it names."""
    exclude: tuple[str, ...] = ()
    money: bool = False
    """The measure is the event's 金额, not its 数量."""
    percent_target: bool = False
    """The target is a percentage or a mark: the last value of the window counts."""
    population: Population = Population()
    condition: Condition | None = None
    newcomer: Newcomer | None = None
    distinct: bool = False
    """S4 and S5: one object counts once in a window, with what it counted first."""
    postings: Mapping[str, Decimal] = field(default_factory=dict)
    """Factor per asset; empty: awards to honour and spendable, deductions to honour only."""
    active_from: date = date.min
    active_to: date | None = None
    counts_from: date | None = None
    """First day of the rule itself (not of this version): earlier events do not count."""
    standard: str = ""

    @property
    def is_windowed(self) -> bool:
        return self.shape in WINDOWED

    @property
    def event_cap(self) -> Decimal | None:
        """The most that one event may move; None when the rule limits no event by itself."""
        return self.cap if self.cap_per == CAP_PER_EVENT and self.shape in EVENT_CAPPED else None

    @property
    def gain_cap(self) -> Decimal | None:
        """The most that one person gains by the rule in a day, week, month …, kept by the ledger;
        None when it limits no span of days, or takes points."""
        takes = self.points is not None and self.points < 0
        return None if takes or self.cap_per in ("", CAP_PER_EVENT) else self.cap


class EventFacts(NamedTuple):
    """What happened, as the source said it."""

    happened_at: datetime
    """Naive local time of the company; midnight when only the day is known."""
    has_time: bool = True
    quantity: Decimal | None = None
    amount: Decimal | None = None
    object: str = ""
    attributes: Mapping[str, str] = {}


class PersonFacts(NamedTuple):
    """What held for the person when the event occurred: every assignment, departments with all
    the departments above them."""

    departments: frozenset[int] = frozenset()
    posts: frozenset[int] = frozenset()
    grades: frozenset[int] = frozenset()
    hired_on: date | None = None
    employee_id: int = 0
    facts: tuple[tuple[str, str], ...] = ()
    """Dated facts (学历) by kind, as valid on the day."""


class Window(NamedTuple):
    """A stretch of days that is judged as a whole; both days belong to it."""

    starts_on: date
    ends_on: date
    closes_at: datetime
    """The first instant at which nothing on time can come any more (naive local)."""


class Score(NamedTuple):
    """What one event or one window earns."""

    points: int
    """Minor units, scale 2."""
    effective_on: date
    failed: str | None = None
    """Code of the first step that failed; None when the rule applied."""


class Admission(NamedTuple):
    """How one event enters the window of a windowed rule."""

    window: Window
    counted: bool
    measure: Decimal | None
    failed: str | None = None


class Contribution(NamedTuple):
    """An admitted event, as a window's result needs it."""

    event_key: str
    happened_at: datetime
    measure: Decimal | None
    counted: bool = True
    object: str = ""


class Step(NamedTuple):
    """One step of a trace: its code, whether it held, and a sentence with the numbers."""

    step: str
    ok: bool
    text: str


class FieldProblem(NamedTuple):
    """Why an event cannot be taken for a rule: the column, the reason, what to do."""

    field: str
    reason: str
    remedy: str


class Field(NamedTuple):
    """One input that a form for one event of a rule shows."""

    source: str
    """``quantity``, ``amount`` or ``attribute``."""
    name: str
    """``quantity``, ``amount``, or the attribute's name as in an events file."""
    label: str
    kind: str
    """``number``, ``money``, ``percent``, ``date``, ``datetime``, ``yes_no``, ``points``, ``text``."""
    unit: str = ""
    required: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    hint: str = ""
