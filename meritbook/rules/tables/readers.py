"""A line made ready for reading, and the doubts that come up on the way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from meritbook.rules.tables.amounts import squeezed
from meritbook.rules.tables.cells import Line
from meritbook.rules.tables.drafts import Finding, Question
from meritbook.rules.tables.provisos import without_provisos
from meritbook.rules.tables.worths import Worth, without_limits

PERIOD_NAMES = {
    "day": "天",
    "week": "周",
    "month": "月",
    "quarter": "季度",
    "half_year": "半年",
    "year": "年",
}
_STAGE = re.compile(r"方案|项目|阶段|验收|里程碑|上线|立项|落地|试点|^\d{1,2}月,")
PLAN_MONTH = re.compile(
    r"(?<![\d年])(?P<month>1[0-2]|[1-9])月(?=[,,]|完成|内|份|底|达|实现|前|开始)"
)


@dataclass(frozen=True, slots=True)
class Reader:
    """A line with its squeezed texts, what its points cell says and its neighbours' cells."""

    line: Line
    worth: Worth
    standard: str
    indicator: str
    process: str
    result: str
    siblings: tuple[str, ...] = ()
    """Squeezed result cells of the same process, in order."""
    project_total: Decimal | None = None

    @property
    def context(self) -> str:
        """Return all texts but the standard."""
        return f"{self.indicator};{self.process};{self.result}"

    @property
    def said(self) -> str:
        """Return the standard with its clause and its points cell."""
        texts = (self.line.standard, self.line.clause, self.line.points)
        return ";".join(dict.fromkeys(squeezed(text) for text in texts if text))

    @property
    def unsigned_deduction(self) -> bool:
        """Say whether the points have no sign but the standard speaks of a deduction."""
        return not self.worth.signed and bool(re.search(r"扣|罚|减", self.standard))

    @property
    def negative(self) -> bool:
        """Say whether the line takes points away."""
        return self.worth.high < 0 or self.worth.low < 0


@dataclass
class Doubts:
    """Questions and findings that come up while a line is read."""

    line: Line
    questions: list[Question] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def ask(self, name: str, text: str, proposal: str) -> None:
        """Add a question once."""
        question = Question(field=name, text=text, proposal=proposal)
        if question not in self.questions:
            self.questions.append(question)

    def remark(self, kind: str, text: str, mend: str = "") -> None:
        """Add a finding."""
        self.findings.append(
            Finding(kind=kind, sheet=self.line.sheet, row=self.line.row, text=text, mend=mend)
        )


def reader_of(
    line: Line, worth: Worth, *, siblings: Sequence[Line], project_total: Decimal | None
) -> Reader:
    """Prepare a line for reading."""
    return Reader(
        line=line,
        worth=worth,
        standard=without_limits(
            without_provisos(
                squeezed(f"{line.standard};{line.clause}" if line.clause else line.standard)
            )
        ),
        indicator=squeezed(line.indicator.text),
        process=squeezed(line.process.text),
        result=squeezed(line.result.text),
        siblings=tuple(dict.fromkeys(squeezed(other.result.text) for other in siblings)),
        project_total=project_total,
    )


def is_stage(lines: Sequence[Line]) -> bool:
    """Say whether the lines of one indicator speak of a project in stages."""
    texts = (squeezed(t) for x in lines for t in (x.process.text, x.result.text, x.standard))
    return any(_STAGE.search(text) for text in texts)
