"""Which caps count for an event, and what is left of its points: without a database."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from meritbook.awards.caps import CapBook, allowed_points
from meritbook.ledger.caps import Cap
from tests.awards.capped import DAY, START


def made(cap_id: int, **changes: Any) -> Cap:
    whole: dict[str, Any] = {
        "cap_id": cap_id, "name": "x", "asset_code": "honour", "scale": 2, "amount": 100,
        "scope": "company", "department_id": None, "party_id": None, "subject": None,
        "period": "month", "policy": "clip", "valid_from": START, "valid_to": None, "reason": "",
        "rule_version_id": None,
    }  # fmt: skip
    return Cap(**(whole | changes))


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        pytest.param({}, True, id="everything"),
        pytest.param({"asset_code": "coin"}, False, id="another asset"),
        pytest.param({"subject": "a"}, True, id="this rule"),
        pytest.param({"subject": "b"}, False, id="another rule"),
        pytest.param({"subject": "a", "rule_version_id": 7}, True, id="this version's own"),
        pytest.param({"subject": "a", "rule_version_id": 8}, False, id="another version's"),
        pytest.param({"valid_from": date(2026, 12, 1)}, False, id="later"),
        pytest.param({"valid_to": DAY}, False, id="ended that day"),
        pytest.param({"scope": "person", "party_id": 5}, True, id="this person"),
        pytest.param({"scope": "person", "party_id": 6}, False, id="another person"),
        pytest.param({"scope": "department", "department_id": 1}, True, id="department above"),
        pytest.param({"scope": "department", "department_id": 3}, False, id="another department"),
    ],
)
def test_which_caps_count(changes: dict[str, Any], counts: bool) -> None:
    book = CapBook([made(9, **changes)], {1: (1,), 2: (1, 2), 3: (3,)})

    found = book.of(
        rule_code="a",
        version_id=7,
        party_id=5,
        department_id=2,
        day=DAY,
        amounts=(("honour", 500), ("spendable", 500)),
    )

    assert found == ((9,) if counts else ())


def test_losses_are_counted_by_no_cap() -> None:
    book = CapBook([made(9)], {})
    assert book.of(
        rule_code="a", version_id=7, party_id=5, department_id=None, day=DAY,
        amounts=(("honour", -500),),
    ) == ()  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "gained", "points"),
    [
        ({"honour": 100}, {"honour": 30}, 30),
        ({"honour": 50, "coin": 10}, {"honour": 15, "coin": 3}, 30),
        ({"honour": 100}, {}, 0),
    ],
)
def test_points_of_a_cut_posting(
    asked: dict[str, int], gained: dict[str, int], points: int
) -> None:
    assert allowed_points(100, asked, gained) == points
