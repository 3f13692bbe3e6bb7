"""A line into a draft: which of the ten shapes it is, and with what parameters.

The shapes are tried from the most telling wording to the plainest; the first that fits is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from meritbook.kit.words import told
from meritbook.rules.tables import counts, duties, occurrences
from meritbook.rules.tables.amounts import squeezed
from meritbook.rules.tables.ceilings import with_limits
from meritbook.rules.tables.drafts import Draft, Finding, number_text
from meritbook.rules.tables.proviso_questions import ask_provisos
from meritbook.rules.tables.readers import Doubts, Reader
from meritbook.rules.tables.timing import with_deadline
from meritbook.rules.tables.worths import cap_in

_NEGATIVE_DEED = re.compile(
    r"(?<!不)(?<!无)(?<!未)(?<!零)(?<!0)(?:迟到|早退|旷工|缺勤|抽烟|吸烟|打架|脱岗|串岗|缺岗|泄密|违规|违纪|漏打卡|忘打卡)"
)
_EXEMPT = re.compile(
    r"\(非([^()]{1,10})\)|\(?([^(),;。]{2,10})除外\)?|\(?除([^(),;。]{2,10}?)(?:以|之)?外"
)
_GOOD_DEED = re.compile(
    r"制止|举报|劝阻|避免|杜绝|没有|无|零|未|不|减少|防止|发现|处理|解决|0次|全勤"
)


_LARGEST = Decimal(10) ** 13
_BOUNDS = {
    "limit_minutes": Decimal(10) ** 7,
    "cap": Decimal(10) ** 9,
    "weight_percent": Decimal(1001),
}
_SHAPES: tuple[Callable[[Reader, Draft, Doubts], Draft | None], ...] = (
    occurrences.multiplier,
    occurrences.judged,
    occurrences.stage,
    occurrences.late,
    occurrences.delivered,
    occurrences.response,
    occurrences.streak,
    counts.tiered,
    counts.ratio,
    counts.reached,
    counts.counted,
    duties.duty,
    occurrences.occurrence,
)


def draft_of(reader: Reader) -> tuple[Draft, list[Finding]]:
    """Return the draft of a line in the first shape that fits, with the findings on the way."""
    doubts = Doubts(reader.line)
    base = _base(reader)
    draft = None
    for shape in _SHAPES:
        draft = shape(reader, base, doubts)
        if draft is not None:
            break
    assert draft is not None  # noqa: S101 -- the last shape takes everything
    draft = _with_sign(reader, draft, doubts)
    draft = with_deadline(reader, draft, doubts)
    draft = _with_trimmings(reader, draft, doubts)
    ask_provisos(reader, draft, doubts)
    draft = _within_bounds(draft, doubts)
    return replace(draft, questions=tuple(doubts.questions)), doubts.findings


def _base(reader: Reader) -> Draft:
    line, worth = reader.line, reader.worth
    cap, cap_per = worth.cap, worth.cap_per
    if cap is None and (stated := cap_in(squeezed(line.standard))):
        cap, cap_per = stated
    return Draft(
        sheet=line.sheet,
        row=line.row,
        indicator=line.indicator.text,
        process=line.process.text,
        result=line.result.text,
        weight_percent=line.weight_percent,
        standard=line.standard,
        points_text=line.points if len(line.points) <= 80 else f"{line.points[:79]}…",
        shape="S1",
        points=worth.low,
        cap=cap,
        cap_per=cap_per,
    )


def _within_bounds(draft: Draft, doubts: Doubts) -> Draft:
    """Leave out numbers that nobody can mean, and say so."""
    changes: dict[str, Any] = {}
    absurd = [
        (name, value)
        for name in ("target", "threshold", "divisor", "limit_minutes", "cap", "weight_percent")
        if (value := getattr(draft, name)) is not None and value >= _BOUNDS.get(name, _LARGEST)
    ]
    for name, value in absurd:
        doubts.remark(
            "number_too_large", told("“%(value)s”过大，没有采用", value=value), told("核对数字")
        )
        changes[name] = Decimal(1) if name == "divisor" else None
    return replace(draft, **changes)


def _with_sign(reader: Reader, draft: Draft, doubts: Doubts) -> Draft:
    """Ask when a misdeed seems to earn points."""
    points = draft.points
    if points is None or points <= 0 or reader.worth.signed:
        return draft
    text = reader.standard
    if not _NEGATIVE_DEED.search(text) or _GOOD_DEED.search(text):
        return draft
    proposed = number_text(-points)
    doubts.ask(
        "points",
        told(
            "“%(standard)s %(points)s”像是漏了负号",
            standard=reader.line.standard,
            points=reader.line.points,
        ),
        told("%(proposed)s 分", proposed=proposed),
    )
    doubts.remark(
        "missing_sign",
        told("“%(standard)s”得正分，像是漏了负号", standard=reader.line.standard),
        told("写成 %(proposed)s", proposed=proposed),
    )
    return replace(draft, shape="S1", points=-points, period=None, unit=draft.unit or "次")


def _with_trimmings(reader: Reader, draft: Draft, doubts: Doubts) -> Draft:
    """Add what the texts say beside the shape: exemptions, evidence, conditions, extras."""
    exclude = tuple(
        dict.fromkeys(
            found[1] or found[2] or found[3]
            for text in (reader.standard, reader.result)
            for found in _EXEMPT.finditer(text)
        )
    )
    if exclude:
        doubts.ask(
            "exclude",
            told("“非%(exclude)s”怎样识别？", exclude=exclude[0]),
            told("事件里标明%(exclude)s的不计", exclude=exclude[0]),
        )
    needs = draft.needs
    if not needs and (
        found := re.search(r"(?:并|且|经|被)(采纳|验收|审核|批准|确认|认可)", reader.standard)
    ):
        needs = found[1]
    evidence = ""
    if (
        found := re.search(
            r"提交([^,;。\d()]{0,6}(?:报表|报告|表|照片|截图|凭证|记录))", reader.standard
        )
    ) or (
        found := re.search(r"录入[^,;。]*?到([A-Za-z]+|[^,;。\d()]{1,6})(?:系统)?", reader.process)
    ):
        evidence = found[1]
    draft = with_limits(reader, draft, doubts)
    if reader.line.shares_points:
        doubts.remark(
            "shared_points",
            told("积分“%(points)s”与上一行合并，每行各按此计分", points=reader.line.points),
            told("拆开合并单元格"),
        )
    return replace(
        draft,
        exclude=exclude,
        needs=needs,
        evidence=evidence,
        bonus=bool(re.search(r"额外|另外?奖|附加", reader.standard)),
    )
