"""What reading a rule table yields."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from meritbook.kit.problems import Problem

MARK = "分"
"""The unit of tiers over the marks of a test or a survey."""

CheckItem = dict[str, str | None]
"""{"item", "op", "value"}: an attribute with its bound; op "" and value None mean yes or no."""


@dataclass(frozen=True, slots=True)
class Question:
    """A doubt for a person: the field, the text in doubt, and the reading that is proposed.

    The draft already carries the proposed value.
    """

    field: str
    text: str
    proposal: str

    def as_dict(self) -> dict[str, str]:
        """Return the question as JSON."""
        return {"field": self.field, "text": self.text, "proposal": self.proposal}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a rule table that a person should know, with a way to mend it."""

    kind: str
    sheet: str
    row: int
    text: str
    mend: str = ""
    part: int = 0
    """Which of the drafts of its row it is about, where one row became several."""

    def as_dict(self) -> dict[str, str | int]:
        """Return the finding as JSON."""
        return {
            "kind": self.kind,
            "sheet": self.sheet,
            "row": self.row,
            "text": self.text,
            "mend": self.mend,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One line of a rule table in one of the shapes S1 to S10.

    Texts are verbatim. Money counts in 元 with a divisor; a percentage has unit "%". `points` is
    what one unit, one occurrence or one period earns; a range has `points_min` and `points_max`
    instead.
    """

    sheet: str
    row: int
    standard: str
    shape: str
    points_text: str = ""
    indicator: str = ""
    process: str = ""
    result: str = ""
    weight_percent: Decimal | None = None
    points: Decimal | None = None
    points_min: Decimal | None = None
    points_max: Decimal | None = None
    unit: str | None = None
    divisor: Decimal | None = None
    period: str | None = None
    target: Decimal | None = None
    threshold: Decimal | None = None
    strict: bool = False
    proportional: bool = False
    deadline: dict[str, str | int] | None = None
    limit_minutes: Decimal | None = None
    project_total: Decimal | None = None
    questions: tuple[Question, ...] = ()
    checklist: tuple[CheckItem, ...] = ()
    exclude: tuple[str, ...] = ()
    needs: str = ""
    evidence: str = ""
    month: int | None = None
    bonus: bool = False
    cap: Decimal | None = None
    cap_per: str = ""
    """What the cap is for: "event", a kind of period, or "" where the text does not say."""
    tiers: tuple[tuple[Decimal, Decimal], ...] = ()
    """S5 in tiers: (bound, points) by rising bound; the highest one reached pays."""
    multiplier: Decimal | None = None
    part: int = 0
    """Its place among the drafts of its row."""

    @property
    def money(self) -> bool:
        """Say whether the measure is an amount of money."""
        return self.unit == "元"

    @property
    def percent_target(self) -> bool:
        """Say whether the target is a percentage, or tiers count marks: the last value counts."""
        return self.target is not None and (
            self.unit == "%" or (self.unit == MARK and bool(self.tiers))
        )

    @property
    def on_time(self) -> bool:
        """Say whether this is the half of a delivery rule that pays for being on time."""
        return self.shape == "S7" and (self.points or Decimal(0)) > 0

    def as_dict(self) -> dict[str, object]:
        """Return the draft as JSON: numbers as strings, what is not there as null."""
        limit = self.limit_minutes
        return {
            "sheet": self.sheet,
            "row": self.row,
            "indicator": self.indicator,
            "process": self.process,
            "result": self.result,
            "weight_percent": number_text(self.weight_percent),
            "standard": self.standard,
            "points_text": self.points_text,
            "shape": self.shape,
            "points": number_text(self.points),
            "points_min": number_text(self.points_min),
            "points_max": number_text(self.points_max),
            "unit": self.unit,
            "divisor": number_text(self.divisor),
            "period": self.period,
            "target": number_text(self.target),
            "threshold": number_text(self.threshold),
            "strict": self.strict,
            "proportional": self.proportional,
            "deadline": dict(self.deadline) if self.deadline else None,
            "limit_minutes": int(limit)
            if limit is not None and limit % 1 == 0
            else (number_text(limit)),
            "project_total": number_text(self.project_total),
            "questions": [question.as_dict() for question in self.questions],
            "checklist": [dict(item) for item in self.checklist],
            "exclude": list(self.exclude),
            "needs": self.needs,
            "evidence": self.evidence,
            "month": self.month,
            "bonus": self.bonus,
            "on_time": self.on_time,
            "money": self.money,
            "percent_target": self.percent_target,
            "cap": number_text(self.cap),
            "cap_per": self.cap_per,
            "tiers": [
                {"from": number_text(bound), "points": number_text(points)}
                for bound, points in self.tiers
            ],
            "multiplier": number_text(self.multiplier),
        }


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read: drafts in source order, lines that could not be read, and remarks."""

    drafts: tuple[Draft, ...] = ()
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = field(default=())

    def as_dict(self) -> dict[str, list[dict[str, object]]]:
        """Return the reading as JSON: drafts, problems, findings."""
        return {
            "drafts": [draft.as_dict() for draft in self.drafts],
            "problems": [dict(problem.as_dict()) for problem in self.problems],
            "findings": [dict(finding.as_dict()) for finding in self.findings],
        }


def number_text(value: Decimal | None) -> str | None:
    """Write a number without an exponent or idle zeros: 1E+3 → "1000", 0.20 → "0.2"."""
    if value is None:
        return None
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
