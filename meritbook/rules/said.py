"""One sentence said by a manager, read into a rule that nobody has saved yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal
from meritbook.rules.listings import Names, RuleLine, imagined, rule_line
from meritbook.rules.models import RuleVersion
from meritbook.rules.populations import People
from meritbook.rules.tables import Draft, Finding, Question, read_text

LONGEST = 200


class NotOneRule(Refusal):
    """The sentence says nothing that earns points, or several rules at once."""

    code = "not_one_rule"

    def __init__(self, message: str, *, count: int) -> None:
        super().__init__(message)
        self.count = count


@dataclass(frozen=True, slots=True)
class SaidRule:
    """The sentence, how it was read, and what is left to a person."""

    text: str
    draft: Draft
    version: RuleVersion
    line: RuleLine
    questions: Sequence[Question]
    findings: Sequence[Finding]


def said_rule(*, company_id: int, text: str, day: date, names: Names) -> SaidRule:
    """Read one sentence with the grammar of rule tables; a department that it names is its people.

    Raises NoRuleTable for a text without a price, NotOneRule for none or several rules.
    """
    text = " ".join(text.split())[:LONGEST]
    reading = read_text(text)
    if len(reading.drafts) != 1:
        raise NotOneRule(_several(len(reading.drafts)), count=len(reading.drafts))
    (draft,) = reading.drafts
    meant = People(company_id=company_id).meant_by(draft.standard, draft.points_text)
    version = imagined(draft.as_dict(), population=meant.population if meant else {})
    return SaidRule(
        text=text,
        draft=draft,
        version=version,
        line=rule_line(version, day=day, names=names),
        questions=[
            question
            for question in draft.questions
            if meant is None or question.field != "population"
        ],
        findings=reading.findings,
    )


def _several(count: int) -> str:
    if count:
        return _("这句话里有 %(n)d 条标准，请一次只说一条，或者分行导入。") % {"n": count}
    return _("没有读出分值。请写上积分，例如“周五22点前交周总结加5分”。")
