"""Calling a function of the ledger and reading what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from meritbook.ledger.operations.refusals import (
    KeyReused,
    PostingRefused,
    reason_text,
    refusal,
)


class Posted(NamedTuple):
    """The transaction that has the key; ``is_new`` is False when it was there before."""

    tx_id: int
    is_new: bool


class Result(NamedTuple):
    """What became of one row of a batch: status new, duplicate, conflict, capped or refused.

    Capped is posted, with less than was asked for; ``reason`` is cap_clipped or cap_queued.
    """

    status: str
    tx_id: int | None
    reason: str | None


class BatchRefused(PostingRefused):
    """A batch that was to be posted as a whole has rows that cannot be; nothing was posted.

    ``results`` says it for every row, in the batch's order: those without a reason would have been
    posted.
    """

    status = 409

    def __init__(self, results: Sequence[Result]) -> None:
        bad = [n for n, one in enumerate(results) if one.status in ("refused", "conflict")]
        super().__init__("batch_refused")
        self.results = list(results)
        self.message = _("第 %(row)s 行不能记账：%(why)s。整批都没有记入") % {
            "row": bad[0] + 1,
            "why": reason_text(results[bad[0]].reason or "refused"),
        }


def posted(result: Result) -> Posted:
    """The transaction of a result, or its error."""
    if result.status == "conflict":
        raise KeyReused
    if result.status == "refused" or result.tx_id is None:
        raise refusal(result.reason)
    return Posted(result.tx_id, result.status in ("new", "capped"))


def call(statement: str, *parameters: Any) -> tuple[Any, ...]:
    """The one row that a function answers."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row: tuple[Any, ...] = cursor.fetchone()
        return row
