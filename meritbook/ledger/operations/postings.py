"""Posting and taking back, one or many. Everything goes through SQL functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import connection, transaction

from meritbook.ledger.operations.calls import BatchRefused, Posted, Result, call, posted
from meritbook.ledger.staging import COLUMNS, Amounts, blocks, bounded, clean, columns, shape

FEW = 5
"""Up to so many gifts to one party are posted one by one."""


class Issue(NamedTuple):
    """One thing to post for one party: a gift from issuance, a loss to adjustment, or both.

    ``key`` is kept for ever and bound to the rest; ``effective_on`` is the day that it counts on
    (it moves to the first open day when that month is closed), ``fact_on`` the day it happened.
    With ``reverses_tx_id`` the amounts take back part of that transaction, on its own day.
    ``caps`` are the ids of the caps that count it; ``is_pending`` gains wait in publicity;
    ``quota`` is (party of the manager who gives, minor units of quota that it costs).
    """

    key: str
    kind: str
    party_id: int
    amounts: Amounts
    effective_on: date
    fact_on: date
    source_kind: str
    source_id: int
    rule_version_id: int | None = None
    department_id: int | None = None
    actor_id: int | None = None
    reverses_tx_id: int | None = None
    caps: tuple[int, ...] = ()
    is_pending: bool = False
    quota: tuple[int, int] | None = None


class Reversal(NamedTuple):
    """One transaction to take back: all that is left of it, or the ``amounts`` named.

    ``amounts`` are signed as the new movement: (("honour", -500),) takes back 500 of an award.
    """

    tx_id: int
    key: str
    fact_on: date
    actor_id: int | None = None
    note: str = ""
    amounts: Amounts | None = None


def post(*, company_id: int, issue: Issue) -> Posted:
    """Post one issue. Raises KeyReused, BelowFloor or PostingRefused, and then posted nothing."""
    return posted(_post(company_id, issue))


def _post(company_id: int, issue: Issue) -> Result:
    if issue.reverses_tx_id is not None:
        part = Reversal(
            tx_id=issue.reverses_tx_id,
            key=issue.key,
            fact_on=issue.fact_on,
            actor_id=issue.actor_id,
            amounts=issue.amounts or None,
        )
        return _reverse(company_id, part)
    codes, amounts = columns(issue.amounts)
    row = call(
        "SELECT status, tx_id, reason FROM ledger_post(%s, %s, %s, %s, %s::text[], %s::bigint[],"
        " %s, %s, %s, %s, %s, %s, %s, %s::bigint[], %s, %s, %s)",
        company_id,
        clean(issue.key),
        issue.kind,
        issue.party_id,
        codes,
        amounts,
        issue.effective_on,
        issue.fact_on,
        issue.source_kind,
        issue.source_id,
        issue.rule_version_id,
        issue.department_id,
        issue.actor_id,
        list(issue.caps) or None,
        issue.is_pending,
        *((issue.quota[0], bounded(issue.quota[1])) if issue.quota else (None, None)),
    )
    return Result._make(row)


def post_bulk(
    *, company_id: int, issues: Sequence[Issue], all_or_nothing: bool = False
) -> list[Result]:
    """Post many issues by a few set-based statements; the results are in the same order.

    A row that cannot be posted is refused alone; with ``all_or_nothing`` it raises BatchRefused and
    nothing is posted. Rows that take from an asset with a floor or with lots are posted after the
    others, and reversals (``reverses_tx_id``) last.
    """
    if not all_or_nothing:
        return _post_bulk(company_id, issues)
    with transaction.atomic():
        results = _post_bulk(company_id, issues)
        if any(result.status in ("refused", "conflict") for result in results):
            raise BatchRefused(results)
        return results


def _post_bulk(company_id: int, issues: Sequence[Issue]) -> list[Result]:
    if not issues:
        return []
    if len(issues) == 1 or _are_few_gifts(issues):
        return [_post(company_id, issue) for issue in issues]
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_open_stage()")
        with cursor.copy(f"COPY pg_temp.ledger_stage ({COLUMNS}) FROM STDIN") as copy:
            for block in blocks(issues):
                copy.write(block)
        cursor.execute("SELECT status, tx_id, reason FROM ledger_post_bulk(%s)", [company_id])
        return list(map(Result._make, cursor.fetchall()))


def reverse(
    *,
    company_id: int,
    tx_id: int,
    key: str,
    fact_on: date,
    actor_id: int | None = None,
    note: str = "",
    amounts: Amounts | None = None,
) -> Posted:
    """Take back what is left of a transaction, or the part named in ``amounts``.

    The new transaction is effective on the day of the original (the first open day when that is
    closed) and uses the same lots. What was spent in the meantime is dealt with by the asset's
    clawback policy: clipped, with the shortfall recorded, or left as debt.
    Raises KeyReused, NothingLeft or PostingRefused.
    """
    one = Reversal(tx_id, key, fact_on, actor_id, note, amounts)
    return posted(_reverse(company_id, one))


def _reverse(company_id: int, one: Reversal) -> Result:
    codes, values = columns(one.amounts) if one.amounts is not None else (None, None)
    row = call(
        "SELECT status, tx_id, reason"
        " FROM ledger_reverse(%s, %s, %s, %s, %s, %s, %s::text[], %s::bigint[])",
        company_id,
        one.tx_id,
        clean(one.key),
        one.fact_on,
        one.actor_id,
        clean(one.note),
        codes,
        values,
    )
    return Result._make(row)


def reverse_bulk(*, company_id: int, reversals: Sequence[Reversal]) -> list[Result]:
    """Take back many transactions in one call; the results are in the same order."""
    if not reversals:
        return []
    if len(reversals) == 1:
        return [_reverse(company_id, reversals[0])]
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_open_stage()")
        with cursor.copy(
            "COPY pg_temp.ledger_stage"
            " (n, key, reverses_tx_id, fact_on, actor_id, note, assets, amounts) FROM STDIN"
        ) as copy:
            for n, one in enumerate(reversals):
                assets, amounts = shape(one.amounts or ())
                copy.write_row(
                    (
                        n,
                        clean(one.key),
                        one.tx_id,
                        one.fact_on,
                        one.actor_id,
                        clean(one.note),
                        assets,
                        amounts,
                    )
                )
        cursor.execute("SELECT status, tx_id, reason FROM ledger_reverse_bulk(%s)", [company_id])
        return list(map(Result._make, cursor.fetchall()))


def _are_few_gifts(issues: Sequence[Issue]) -> bool:
    """Whether single calls do the same as a batch, and sooner than a stage is set up.

    One party and the same assets in each, so that all lock the same accounts and the order of
    locks is kept; no caps, which come before accounts in that order. Nothing that takes, as a batch
    would put that last.
    """
    first = issues[0]
    assets = {code for code, _amount in first.amounts}
    return len(issues) <= FEW and all(
        issue.party_id == first.party_id
        and issue.reverses_tx_id is None
        and not issue.caps
        and {code for code, amount in issue.amounts if amount > 0} == assets
        for issue in issues
    )
