"""Caps of a world, and a look at what they did to its events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from meritbook.awards.queries.explanation import Explanation, explain
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations.caps import add_cap
from meritbook.ledger.verification import verify
from meritbook.org.operations.audit import SYSTEM
from tests.awards.worlds import NOW, World

START = date(2026, 1, 1)
DAY = date(2026, 11, 12)


def cap(world: World, points: int, **changes: Any) -> int:
    """A monthly cap per person on honour that clips, in whole points."""
    whole: dict[str, Any] = {
        "company_id": world.company_id,
        "name": "每月上限",
        "asset_code": "honour",
        "amount": points * 100,
        "scope": "person",
        "period": "month",
        "policy": "clip",
        "valid_from": START,
        "actor": SYSTEM,
        "now": NOW,
    }
    with company_scope(world.company_id):
        return add_cap(**(whole | changes))


def told(world: World, event_no: str) -> Explanation:
    with company_scope(world.company_id):
        return explain(company_id=world.company_id, event_no=event_no, source="crm")


def entries(world: World) -> list[tuple[Any, ...]]:
    """Points of entries in order, with what was asked where caps cut."""
    return world.select(
        "SELECT points, (facts->'cap'->>'asked')::bigint FROM awards_entry"
        " WHERE company_id = %s ORDER BY id",
        [world.company_id],
    )


def used(world: World, cap_id: int) -> int:
    return int(
        world.select(
            "SELECT coalesce(sum(used), 0)::bigint FROM ledger_cap_bucket"
            " WHERE company_id = %s AND cap_id = %s",
            [world.company_id, cap_id],
        )[0][0]
    )


@contextmanager
def sound(world: World) -> Iterator[None]:
    """The books agree afterwards."""
    yield
    with company_scope(world.company_id):
        broken = [one for one in verify(company_id=world.company_id).checks if not one.ok]
    assert broken == []
