"""Settling windows: bringing them to their present result in the ledger.

A window's result is posted when it closes; what comes later posts the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection

from meritbook.awards.operations import storing
from meritbook.awards.operations.intake import Intake
from meritbook.awards.operations.movement import Posting
from meritbook.awards.operations.window_postings import posted_by, postings_of
from meritbook.awards.operations.window_results import Result, results_of
from meritbook.awards.operations.window_rows import OpenWindow, bring


def settle(
    *, intake: Intake, windows: Sequence[OpenWindow], position_of: dict[int, int] | None = None
) -> list[Posting]:
    """Bring windows to their present result: postings for what is not yet posted, rows updated.

    ``position_of`` names the row of the batch that caused a window to be settled again.
    """
    if not windows:
        return []
    company_id = intake.company_id
    results = results_of(intake=intake, windows=windows)
    before = posted_by(company_id, [w.id for w in windows if w.revision])
    postings: list[Posting] = []
    updates: list[tuple[int, int, int, Decimal | None]] = []
    for result in results:
        window = result.window
        own = postings_of(
            intake=intake,
            result=result,
            before=before.get(window.id, []),
            person=intake.person(window.employee_id),
            position=(position_of or {}).get(window.id, -1),
        )
        postings += own
        updates.append((window.id, window.revision + bool(own), result.points, result.measure))
    _update_rows(company_id, updates, results, intake.now)
    return postings + _move(intake, results)


def _move(intake: Intake, results: Sequence[Result]) -> list[Posting]:
    """A version that took over before the close counts in other windows: events follow it."""
    moved = [
        (event_id, result.window.employee_id, one)
        for result in results
        for event_id, one in result.moved
    ]
    if not moved:
        return []
    left = [(result.window.id, event_id) for result in results for event_id, _one in result.moved]
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM awards_windowevent m USING unnest(%s::bigint[], %s::bigint[])"
            " AS t(window_id, event_id)"
            " WHERE m.company_id = %s AND m.window_id = t.window_id AND m.event_id = t.event_id",
            [*storing.columns(left, 2), intake.company_id],
        )
    touched = bring(company_id=intake.company_id, zone=intake.zone.key, brought=moved)
    return settle(intake=intake, windows=[w for w in touched if w.state == "closed"])


def _update_rows(
    company_id: int,
    updates: Sequence[tuple[int, int, int, Decimal | None]],
    results: Sequence[Result],
    now: datetime,
) -> None:
    flags = [
        (result.window.id, event_id, flag)
        for result in results
        for flag, ids in ((True, result.counted), (False, result.uncounted))
        for event_id in ids
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE awards_window w SET state = 'closed', revision = t.revision,"
            " points = t.points, measure = t.measure, closed_at = coalesce(w.closed_at, %s)"
            " FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::numeric[])"
            " AS t(id, revision, points, measure)"
            " WHERE w.company_id = %s AND w.id = t.id",
            [now, *storing.columns(updates, 4), company_id],
        )
        cursor.execute(
            "UPDATE awards_windowevent m SET counted = t.counted"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::boolean[])"
            " AS t(window_id, event_id, counted)"
            " WHERE m.company_id = %s AND m.window_id = t.window_id"
            " AND m.event_id = t.event_id AND m.counted <> t.counted",
            [*storing.columns(flags, 3), company_id],
        )
