"""Windows: bringing events into them, and bringing their result into the ledger.

A window's result is a function of its events alone. It is posted when the window closes; what
comes later posts the difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from meritbook.awards.evaluation import Brought
from meritbook.awards.operations import storing
from meritbook.awards.operations.copytext import json_text
from meritbook.awards.operations.intake import Intake
from meritbook.awards.operations.posting import Posting, difference, kind_of
from meritbook.awards.queries.stored import window_members
from meritbook.ledger.operations import Amounts, Issue
from meritbook.org.queries.roster import RosterPerson
from meritbook.rules.scoring import CompiledRule
from meritbook.rules.spec import Contribution, Window
from meritbook.rules.values import window_measure


class OpenWindow(NamedTuple):
    """A window's row, locked by the present transaction."""

    id: int
    rule_id: int
    employee_id: int
    starts_on: date
    ends_on: date
    closes_at: datetime
    state: str
    revision: int
    points: int


_COLUMNS = (
    "w.id, w.rule_id, w.employee_id, w.starts_on, w.ends_on, w.closes_at, w.state, w.revision,"
    " w.points"
)
_ORDER = "w.rule_id, w.employee_id, w.starts_on, w.ends_on"

_ADD_WINDOWS = """
INSERT INTO awards_window (
    company_id, rule_id, employee_id, starts_on, ends_on, closes_at, state, revision, points)
SELECT %s, t.rule_id, t.employee_id, t.starts_on, t.ends_on, t.closes_at AT TIME ZONE %s, 'open',
    0, 0
FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[], %s::timestamp[])
    AS t(rule_id, employee_id, starts_on, ends_on, closes_at)
ORDER BY t.rule_id, t.employee_id, t.starts_on, t.ends_on
ON CONFLICT DO NOTHING
"""

_LOCK_WINDOWS = f"""
SELECT {_COLUMNS} FROM awards_window w
WHERE w.company_id = %s AND (
    w.id IN (
        SELECT m.window_id FROM awards_windowevent m
        WHERE m.company_id = %s AND m.event_id = ANY(%s))
    OR (w.rule_id, w.employee_id, w.starts_on, w.ends_on) IN (
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[])))
ORDER BY {_ORDER} FOR UPDATE OF w
"""

_LOCK_KEYS = f"""
SELECT {_COLUMNS} FROM awards_window w
JOIN unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[])
    AS t(rule_id, employee_id, starts_on, ends_on)
  ON w.rule_id = t.rule_id AND w.employee_id = t.employee_id AND w.starts_on = t.starts_on
    AND w.ends_on = t.ends_on
WHERE w.company_id = %s
ORDER BY {_ORDER} FOR UPDATE OF w
"""

_SET_STATUSES = """
WITH touched AS MATERIALIZED (
    SELECT DISTINCT m.event_id AS id FROM awards_windowevent m
    WHERE m.company_id = %(company)s AND m.window_id = ANY(%(windows)s)
), judged AS MATERIALIZED (
    SELECT t.id, CASE
        WHEN EXISTS (
            SELECT FROM awards_entry n
            WHERE n.company_id = %(company)s AND n.event_id = t.id AND n.reverses_id IS NULL
              AND NOT EXISTS (SELECT FROM awards_entry r WHERE r.company_id = %(company)s
                AND r.event_id = t.id AND r.reverses_id = n.id)) THEN 'posted'
        WHEN bool_or(m.counted AND w.state = 'closed' AND w.points <> 0) THEN 'posted'
        WHEN bool_or(m.counted AND w.state = 'open') THEN 'in_window'
        ELSE 'nothing' END AS status
    FROM touched t
    JOIN awards_windowevent m ON m.company_id = %(company)s AND m.event_id = t.id
    JOIN awards_window w ON w.company_id = %(company)s AND w.id = m.window_id
    GROUP BY t.id
)
UPDATE awards_event e SET status = j.status
FROM judged j
WHERE e.company_id = %(company)s AND e.id = j.id AND e.status NOT IN ('withdrawn', j.status)
"""

Key = tuple[int, int, date, date]


def bring(
    *,
    company_id: int,
    zone: str,
    brought: Sequence[tuple[int, int, Brought]],
    forgotten_event_ids: Sequence[int] = (),
) -> list[OpenWindow]:
    """Put (event, employee, brought) into their windows and take forgotten events out of theirs.

    Answers all windows touched, locked in one order that everybody keeps.
    """
    keys: dict[Key, datetime] = {}
    members: list[tuple[Key, int, bool]] = []
    for event_id, employee_id, one in brought:
        window = one.window
        key = (one.rule.spec.rule_id, employee_id, window.starts_on, window.ends_on)
        keys[key] = window.closes_at
        members.append((key, event_id, one.counted))
    if not keys and not forgotten_event_ids:
        return []
    columns = storing.columns(keys, 4)
    with connection.cursor() as cursor:
        if keys:
            cursor.execute(_ADD_WINDOWS, [company_id, zone, *columns, list(keys.values())])
        if forgotten_event_ids:
            forgotten = list(forgotten_event_ids)
            cursor.execute(_LOCK_WINDOWS, [company_id, company_id, forgotten, *columns])
        else:
            cursor.execute(_LOCK_KEYS, [*columns, company_id])
        windows = [OpenWindow(*row) for row in cursor.fetchall()]
        if forgotten_event_ids:
            cursor.execute(
                "DELETE FROM awards_windowevent WHERE company_id = %s AND event_id = ANY(%s)",
                [company_id, list(forgotten_event_ids)],
            )
        ids = {(w.rule_id, w.employee_id, w.starts_on, w.ends_on): w.id for w in windows}
        if members:
            cursor.execute(
                "INSERT INTO awards_windowevent (company_id, window_id, event_id, counted)"
                " SELECT %s, t.window_id, t.event_id, t.counted"
                " FROM unnest(%s::bigint[], %s::bigint[], %s::boolean[])"
                " AS t(window_id, event_id, counted) ON CONFLICT DO NOTHING",
                [
                    company_id,
                    *storing.columns(
                        ((ids[key], event, is_in) for key, event, is_in in members), 3
                    ),
                ],
            )
    return windows


class Result(NamedTuple):
    """What a window comes to now."""

    window: OpenWindow
    rule: CompiledRule | None
    points: int
    measure: Decimal | None
    effective_on: date
    counted: tuple[int, ...]
    uncounted: tuple[int, ...]
    moved: tuple[tuple[int, Brought], ...]
    """Events that the version valid on the window's last day puts into another window."""


def results_of(*, intake: Intake, windows: Sequence[OpenWindow]) -> list[Result]:
    """The result of each window from its events, under the version valid on its last day."""
    members = window_members(
        company_id=intake.company_id, zone=intake.zone.key, window_ids=[w.id for w in windows]
    )
    found: list[Result] = []
    for window in windows:
        rule = intake.book.version_on(window.rule_id, window.ends_on)
        if rule is None or not rule.windowed:
            lost = tuple(event.id for event in members.get(window.id, ()))
            found.append(Result(window, None, 0, None, window.ends_on, (), lost, ()))
            continue
        stretch = Window(window.starts_on, window.ends_on, intake.local_time(window.closes_at))
        contributions: list[Contribution] = []
        counted: list[int] = []
        uncounted: list[int] = []
        moved: list[tuple[int, Brought]] = []
        person = intake.person(window.employee_id)
        for event in members.get(window.id, ()):
            place = intake.place(person, event.fact_on)
            admission = rule.admit(event.facts, place.person)
            if admission.window[:2] != stretch[:2]:
                moved.append((event.id, Brought(rule, admission.window, admission.counted)))
                continue
            (counted if admission.counted else uncounted).append(event.id)
            contributions.append(
                Contribution(
                    f"{event.source}\x1f{event.event_no}",
                    event.happened_at,
                    admission.measure,
                    admission.counted,
                )
            )
        score = rule.score_window(stretch, contributions)
        found.append(
            Result(
                window,
                rule,
                score.points,
                window_measure(rule.spec, contributions),
                score.effective_on,
                tuple(counted),
                tuple(uncounted),
                tuple(moved),
            )
        )
    return found


class Posted(NamedTuple):
    """An entry of a window as it was posted."""

    entry_id: int
    rule_version_id: int
    points: int
    effective_on: date
    tx_id: int
    reverses_id: int | None
    department_id: int | None


def _posted(company_id: int, window_ids: Sequence[int]) -> dict[int, list[Posted]]:
    if not window_ids:
        return {}
    found: dict[int, list[Posted]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT window_id, id, rule_version_id, points, effective_on, tx_id, reverses_id,"
            " (facts->>'department')::bigint"
            " FROM awards_entry WHERE company_id = %s AND window_id = ANY(%s) ORDER BY id",
            [company_id, list(window_ids)],
        )
        for row in cursor.fetchall():
            found.setdefault(row[0], []).append(Posted(*row[1:]))
    return found


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
    before = _posted(company_id, [w.id for w in windows if w.revision])
    postings: list[Posting] = []
    updates: list[tuple[int, int, int, Decimal | None]] = []
    for result in results:
        window = result.window
        own = _postings_of(
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


def refresh_statuses(*, company_id: int, windows: Sequence[OpenWindow]) -> None:
    """Give the events of windows the status that follows from entries and windows.

    Comes after the posting, because an event may also have earned something by itself.
    """
    if not windows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _SET_STATUSES, {"company": company_id, "windows": [one.id for one in windows]}
        )


def _postings_of(
    *, intake: Intake, result: Result, before: list[Posted], person: RosterPerson, position: int
) -> list[Posting]:
    """What leads from what a window has posted to what it comes to now."""
    window, rule = result.window, result.rule
    old = window.points
    if result.points == old:
        return []
    standing = _standing(before)
    new = result.points
    versions = {one.rule_version_id for one, _left in standing}
    keeps = rule is not None and (versions <= {rule.spec.version_id}) and old * new >= 0
    revision = window.revision + 1
    key = (
        f"window:{window.rule_id}:{window.employee_id}:{window.starts_on:%Y%m%d}"
        f":{window.ends_on:%Y%m%d}:{revision}"
    )
    floor = new if keeps else 0
    postings = _taken_back(intake, result, standing, person, position, key, floor)
    base = old if keeps and abs(new) > abs(old) else (new if keeps else 0)
    if rule is not None and new != base:
        amounts = difference(rule.legs(new), rule.legs(base) if base else ())
        if amounts:
            department = standing[0][0].department_id if standing else _department(result, person)
            postings.append(
                Posting(
                    position,
                    Issue(
                        key,
                        kind_of(new),
                        person.party_id,
                        amounts,
                        standing[0][0].effective_on if standing else result.effective_on,
                        window.ends_on,
                        "window",
                        window.id,
                        rule.spec.version_id,
                        department,
                    ),
                    None,
                    window.id,
                    person.id,
                    new - base,
                    None,
                    json_text(_facts(result, revision, department)),
                )
            )
    return postings


def _taken_back(
    intake: Intake,
    result: Result,
    standing: list[tuple[Posted, int]],
    person: RosterPerson,
    position: int,
    key: str,
    floor: int,
) -> list[Posting]:
    """Reversals, the latest entry first, until no more than ``floor`` stands."""
    postings: list[Posting] = []
    total = sum(left for _one, left in standing)
    for one, left in reversed(standing):
        if abs(total) <= abs(floor):
            break
        rule = intake.book.version(one.rule_version_id)
        below = total - left
        rest = below if abs(below) >= abs(floor) else floor
        amounts = difference(_legs(rule, rest), _legs(rule, total))
        if amounts:
            postings.append(
                Posting(
                    position,
                    Issue(
                        f"{key}:{one.tx_id}",
                        "reverse",
                        person.party_id,
                        amounts,
                        one.effective_on,
                        result.window.ends_on,
                        "window",
                        result.window.id,
                        one.rule_version_id,
                        one.department_id,
                        None,
                        one.tx_id,
                    ),
                    None,
                    result.window.id,
                    person.id,
                    rest - total,
                    one.entry_id,
                    json_text(_facts(result, result.window.revision + 1, one.department_id)),
                )
            )
        total = rest
    return postings


def _legs(rule: CompiledRule, points: int) -> Amounts:
    return rule.legs(points) if points else ()


def _standing(before: Iterable[Posted]) -> list[tuple[Posted, int]]:
    """Entries of which something stands, with what is left of each, in order of posting."""
    left: dict[int, int] = {}
    originals: dict[int, Posted] = {}
    for one in before:
        if one.reverses_id is None:
            originals[one.entry_id] = one
            left[one.entry_id] = one.points
        else:
            left[one.reverses_id] += one.points
    return [(originals[entry_id], rest) for entry_id, rest in left.items() if rest]


def _department(result: Result, person: RosterPerson) -> int | None:
    """The main department on the window's last day, else the last one before: whatever order the
    window's events come in, its points belong to one department."""
    on_last_day = person.place_on(result.window.ends_on).main_department_id
    if on_last_day is not None:
        return on_last_day
    earlier = [
        one for one in person.assignments if one.is_main and one.valid_from <= result.window.ends_on
    ]
    return max(earlier, key=lambda one: one.valid_from).department_id if earlier else None


def _facts(result: Result, revision: int, department_id: int | None) -> dict[str, object]:
    return {
        "revision": revision,
        "points": result.points,
        "before": result.window.points,
        "measure": None if result.measure is None else f"{result.measure.normalize():f}",
        "events": list(result.counted),
        "department": department_id,
    }


def claim_due(*, company_id: int, until: datetime, limit: int) -> list[OpenWindow]:
    """Lock up to ``limit`` open windows into which nothing on time can come after ``until``.

    A second claim at the same time waits, and then finds them closed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM awards_window w"
            " WHERE w.company_id = %s AND w.state = 'open' AND w.closes_at <= %s"
            f" ORDER BY {_ORDER} LIMIT %s FOR UPDATE OF w",
            [company_id, until, limit],
        )
        return [OpenWindow(*row) for row in cursor.fetchall()]
