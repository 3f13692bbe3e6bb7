"""The most that a rule gives: caps in points, and numbers of times that come to a cap."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from meritbook.kit.words import told
from meritbook.rules.spec import CAP_PER_EVENT, EVENT_CAPPED
from meritbook.rules.tables.drafts import Draft, number_text
from meritbook.rules.tables.provisos import without_provisos
from meritbook.rules.tables.readers import PERIOD_NAMES, Doubts, Reader
from meritbook.rules.tables.worths import Times, times_limit_in


def with_limits(reader: Reader, draft: Draft, doubts: Doubts) -> Draft:
    """Say what caps and numbers of times come to; those that nothing applies are named."""
    if times := times_limit_in(without_provisos(reader.said)):
        draft = _with_times(draft, times, doubts)
    cap = draft.cap
    if cap is None:
        return draft
    if not draft.cap_per:
        doubts.remark(
            "cap_without_period",
            told(
                "“%(standard)s”封顶 %(cap)s 分，没写每次还是每月",
                standard=reader.line.standard,
                cap=number_text(cap),
            ),
            told("写成“每月最高 100 分”"),
        )
    elif not _is_kept(draft):
        doubts.remark(
            "cap_not_applied",
            told(
                "“%(standard)s”每%(per)s最多 %(cap)s 分只作记录，计分时还不限制",
                standard=reader.line.standard,
                per=PERIOD_NAMES.get(draft.cap_per, "次"),
                cap=number_text(cap),
            ),
            told("核对得分时留意，或改成完成目标得满分"),
        )
    return draft


def _with_times(draft: Draft, times: Times, doubts: Doubts) -> Draft:
    """Three times a day at 2 points each are at most 6 points a day."""
    worth = draft.points or Decimal(0)
    same = times.unit == draft.unit or (draft.shape == "S1" and times.unit in {"次", "回"})
    if (
        draft.shape in {"S1", "S3"}
        and same
        and times.per
        and worth > 0
        and draft.cap is None
        and draft.divisor in {None, Decimal(1)}
    ):
        cap = worth * times.number
        doubts.remark(
            "times_as_cap",
            told(
                "“%(times)s”按每%(per)s最多 %(cap)s 分计",
                times=times.text,
                per=PERIOD_NAMES[times.per],
                cap=number_text(cap),
            ),
            told("次数以外还有别的限制时，请另写明"),
        )
        return replace(draft, cap=cap, cap_per=times.per)
    if draft.shape == "S2" and times.per == draft.period and times.number == 1:
        return draft  # once a week is what a weekly duty is
    doubts.remark(
        "times_not_applied",
        told("“%(times)s”只作记录，计分时还不限制次数", times=times.text),
        told("核对得分时留意"),
    )
    return draft


def _is_kept(draft: Draft) -> bool:
    """Say whether scoring (one event) or the ledger (a span of days) keeps the draft's cap."""
    if draft.cap_per == CAP_PER_EVENT:
        return draft.shape in EVENT_CAPPED
    most = draft.points if draft.points is not None else draft.points_max
    return most is None or most > 0
