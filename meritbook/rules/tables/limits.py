"""What words about time come to: a deadline, the doubts about it, the place where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from meritbook.kit.words import told
from meritbook.rules.tables.clocks import END_OF_DAY, moment_of, no_time
from meritbook.rules.tables.drafts import Question

Deadline = dict[str, str | int]

DAY = frozenset({"day"})
WEEK = frozenset({"week"})
YEAR = frozenset({"year"})
LONG = frozenset({"month", "quarter", "half_year", "year"})
ANY = DAY | WEEK | LONG
OF_WEEK = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class DeadlineReading:
    """A deadline with the words that say it and the doubts about it.

    `deadline` is None where no kind can express the words; `doubt` says why. With both, the deadline
    holds for a duty, but not for something that happens on any day. `periods` are those whose duty
    it can bound. `explicit` says that the words set a limit (前, 截止) and do not
    merely name a day. `place` is where they stand in the squeezed text.
    """

    deadline: Deadline | None
    text: str
    questions: tuple[Question, ...] = ()
    remark: str = ""
    periods: frozenset[str] = ANY
    explicit: bool = True
    doubt: str = ""
    place: tuple[int, int] = (0, 0)

    @property
    def is_date(self) -> bool:
        """Say whether it is a day of one month."""
        return self.deadline is not None and self.deadline["kind"] == "date"

    @property
    def time(self) -> str:
        """Return the time of day at which it ends."""
        return str((self.deadline or {}).get("time", END_OF_DAY))


def fits(found: DeadlineReading, period: str | None) -> bool:
    """Say whether a deadline can belong to a duty of that period."""
    return found.deadline is not None and period in found.periods


def limit_of(
    found: re.Match[str], deadline: Deadline | None, periods: frozenset[str]
) -> DeadlineReading:
    """Return the reading of a match, with the time of day that it names."""
    groups = found.groupdict()
    reading = DeadlineReading(
        deadline=deadline,
        text=found[0],
        periods=periods,
        explicit=bool(groups.get("before") or groups.get("limit")),
        place=found.span(),
    )
    if deadline is None or not groups.get("time"):
        return reading
    moment = moment_of(found)
    return replace(
        reading,
        deadline={**deadline, "time": moment.at},
        questions=moment.questions,
        remark=moment.remark,
    )


def unclear(found: re.Match[str], doubt: str) -> DeadlineReading:
    """Return the reading of words that no kind of deadline can express."""
    return replace(limit_of(found, None, frozenset()), doubt=doubt)


def asked(reading: DeadlineReading, text: str, proposal: str) -> DeadlineReading:
    """Return the reading with one more question, before those about its time of day."""
    question = Question(field="deadline", text=text, proposal=proposal)
    return replace(reading, questions=(question, *reading.questions))


def weekday_name(deadline: Deadline) -> str:
    """Return the day of a weekday deadline as people say it: 周五; "" for any other."""
    number = deadline.get("weekday")
    return f"周{OF_WEEK[int(number) - 1]}" if number else ""


def until_midnight(reading: DeadlineReading) -> DeadlineReading:
    """Let a weekday without a time last until its midnight, with a question."""
    deadline = reading.deadline
    if deadline is None or "time" in deadline:
        return reading
    proposal = told(
        "%(weekday)s %(time)s 前算按时", weekday=weekday_name(deadline), time=END_OF_DAY
    )
    return replace(
        reading,
        deadline={**deadline, "time": END_OF_DAY},
        questions=(*reading.questions, no_time(reading.text, proposal)),
    )
