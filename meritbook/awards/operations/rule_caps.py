"""Caps that rules state: “每月最多 50 分” becomes a cap of the ledger, one for each version.

They are made when they are first needed, because publishing a rule knows nothing of the ledger:
before events are recorded, and by a job after publication so that the list of caps shows them.
"""

from __future__ import annotations

from datetime import date, datetime

from meritbook.awards.caps import CapBook
from meritbook.awards.queries.caps import book_of
from meritbook.kit.points import to_minor
from meritbook.ledger.caps import Cap, find_caps
from meritbook.ledger.operations.caps import CapEnded, CapExists, add_cap, end_cap
from meritbook.org.operations.audit import SYSTEM
from meritbook.rules.queries import Rulebook, RuleTimeline
from meritbook.rules.scoring import CompiledRule
from meritbook.rules.spec import SCALE

EARLIEST = date(1990, 1, 1)


def keep_rule_caps(*, company_id: int, book: Rulebook, now: datetime) -> CapBook:
    """The company's caps; those that published versions state and that are missing are made.

    A version that takes another's place goes on counting what that one gave in the same month (or
    whatever the cap counts). Two sessions at once make each cap once. Joins the caller's
    transaction.
    """
    caps = find_caps(company_id=company_id)
    known = {cap.rule_version_id: cap for cap in caps if cap.rule_version_id is not None}
    changed = False
    for timeline in book.rules.values():
        if any(_is_stale(version, known) for version in timeline.versions):
            _keep(company_id=company_id, timeline=timeline, known=known, now=now)
            changed = True
    if changed:
        caps = find_caps(company_id=company_id)
    return book_of(company_id=company_id, caps=caps)


def stated_cap(version: CompiledRule) -> tuple[str, int] | None:
    """(asset, minor units) of the cap that a version states on what it gives; None without one."""
    if version.spec.gain_cap is None:
        return None
    legs = dict(version.legs(to_minor(abs(version.spec.gain_cap), SCALE)))
    gains = {asset: amount for asset, amount in legs.items() if amount > 0}
    if not gains:
        return None
    asset = "honour" if "honour" in gains else min(gains)
    return asset, gains[asset]


def _is_stale(version: CompiledRule, known: dict[int, Cap]) -> bool:
    if stated_cap(version) is None:
        return False
    cap = known.get(version.spec.version_id)
    ends = version.spec.active_to
    return cap is None or (
        ends is not None and (cap.valid_to is None or cap.valid_to > max(ends, cap.valid_from))
    )


def _keep(*, company_id: int, timeline: RuleTimeline, known: dict[int, Cap], now: datetime) -> None:
    before: int | None = None
    for version in timeline.versions:
        stated = stated_cap(version)
        if stated is None:
            before = None
            continue
        spec = version.spec
        cap = known.get(spec.version_id)
        if cap is None:
            start = max(spec.active_from, EARLIEST)
            before = _add(
                company_id=company_id,
                version=version,
                stated=stated,
                start=start,
                replaces=before,
                now=now,
            )
        else:
            start, before = cap.valid_from, cap.cap_id
        if before is not None and spec.active_to is not None:
            _end(company_id=company_id, cap_id=before, day=max(spec.active_to, start), now=now)


def _add(
    *,
    company_id: int,
    version: CompiledRule,
    stated: tuple[str, int],
    start: date,
    replaces: int | None,
    now: datetime,
) -> int | None:
    spec = version.spec
    try:
        return add_cap(
            company_id=company_id,
            name=spec.name[:60],
            asset_code=stated[0],
            amount=stated[1],
            scope="person",
            period=spec.cap_per,
            policy="clip",
            subject=spec.code[:60],
            valid_from=start,
            replaces_cap_id=replaces,
            rule_version_id=spec.version_id,
            actor=SYSTEM,
            now=now,
        )
    except CapExists:
        return None  # another session was first


def _end(*, company_id: int, cap_id: int, day: date, now: datetime) -> None:
    try:
        end_cap(company_id=company_id, cap_id=cap_id, day=day, actor=SYSTEM, now=now)
    except CapEnded:
        return
