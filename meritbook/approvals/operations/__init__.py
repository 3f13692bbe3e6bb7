"""Writing approvals: cases and their answers, who stands in for whom, committees, time limits."""

from meritbook.approvals.operations.cases import (
    Opened,
    Outcome,
    call_off,
    decide,
    open_case,
    settle_vote,
    withdraw,
)
from meritbook.approvals.operations.refusals import (
    COMMENT_MAX,
    AlreadyClosed,
    AlreadyDecided,
    CaseKeyReused,
    CommentTooLong,
    NobodyAsked,
    NotAsked,
    NotYours,
    OwnCase,
    ReasonMissing,
)
from meritbook.approvals.operations.steps import OFFICERS, OWNERS, Ask, Link

__all__ = [
    "COMMENT_MAX",
    "OFFICERS",
    "OWNERS",
    "AlreadyClosed",
    "AlreadyDecided",
    "Ask",
    "CaseKeyReused",
    "CommentTooLong",
    "Link",
    "NobodyAsked",
    "NotAsked",
    "NotYours",
    "Opened",
    "Outcome",
    "OwnCase",
    "ReasonMissing",
    "call_off",
    "decide",
    "open_case",
    "settle_vote",
    "withdraw",
]
