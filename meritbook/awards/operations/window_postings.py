"""From what a window has posted to what it comes to now: the difference, pointing back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from django.db import connection

from meritbook.awards.operations.copytext import json_text
from meritbook.awards.operations.intake import Intake
from meritbook.awards.operations.movement import Posting
from meritbook.awards.operations.posting import difference, kind_of
from meritbook.awards.operations.window_results import Result
from meritbook.ledger.operations import Amounts, Issue
from meritbook.org.queries.roster import RosterPerson
from meritbook.rules.scoring import CompiledRule


class Posted(NamedTuple):
    """An entry of a window as it was posted."""

    entry_id: int
    rule_version_id: int
    points: int
    effective_on: date
    tx_id: int
    reverses_id: int | None
    department_id: int | None
    is_cut: bool


def posted_by(company_id: int, window_ids: Sequence[int]) -> dict[int, list[Posted]]:
    if not window_ids:
        return {}
    found: dict[int, list[Posted]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT window_id, id, rule_version_id, points, effective_on, tx_id, reverses_id,"
            " (facts->>'department')::bigint, facts ? 'cap'"
            " FROM awards_entry WHERE company_id = %s AND window_id = ANY(%s) ORDER BY id",
            [company_id, list(window_ids)],
        )
        for row in cursor.fetchall():
            found.setdefault(row[0], []).append(Posted(*row[1:]))
    return found


def postings_of(
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
    # What caps cut is taken back whole and given anew: only the ledger knows its amounts.
    is_cut = any(one.is_cut for one in before)
    keeps = (
        rule is not None and not is_cut and versions <= {rule.spec.version_id} and old * new >= 0
    )
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
            day = standing[0][0].effective_on if standing else result.effective_on
            postings.append(
                Posting(
                    position,
                    Issue(
                        key,
                        kind_of(new),
                        person.party_id,
                        amounts,
                        day,
                        window.ends_on,
                        "window",
                        window.id,
                        rule.spec.version_id,
                        department,
                        caps=intake.caps.of(
                            rule_code=rule.spec.code,
                            version_id=rule.spec.version_id,
                            party_id=person.party_id,
                            department_id=department,
                            day=day,
                            amounts=amounts,
                        ),
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
        amounts = () if one.is_cut else difference(_legs(rule, rest), _legs(rule, total))
        if amounts or one.is_cut:
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
    items = {"items": dict(result.items)} if result.items else {}
    return items | {
        "revision": revision,
        "points": result.points,
        "before": result.window.points,
        "measure": None if result.measure is None else f"{result.measure.normalize():f}",
        "events": list(result.counted),
        "department": department_id,
    }
