"""Calling a function of the ledger and reading what it answers."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connection

from meritbook.ledger.operations.refusals import KeyReused, refusal


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
