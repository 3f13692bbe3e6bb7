"""Wallet and statement."""

from datetime import date

import pytest

from meritbook.awards.queries.wallets import UnknownEmployee, employee_of, statement, wallet_dict
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.names import named_assets
from meritbook.ledger.statements import UnknownAsset, wallet
from tests.awards.worlds import World, event

pytestmark = pytest.mark.django_db


def test_a_wallet_shows_what_is_there(world: World) -> None:
    code = world.rule("S1", "签合同", points="10").rule.code
    world.record(event("1", code))
    with company_scope(world.company_id):
        person = employee_of(company_id=world.company_id, employee_no="001")
        accounts = wallet(company_id=world.company_id, party_id=person.party_id)
        named = named_assets(company_id=world.company_id)

    shown = wallet_dict(employee_no="001", accounts=accounts, named=named)

    assert [(one["name"], one["unit"]) for one in shown["accounts"]] == [
        ("荣誉分", "分"),
        ("可用分", "分"),
        ("现金币", "枚"),
    ]
    assert [
        {k: v for k, v in one.items() if k not in ("name", "unit")} for one in shown["accounts"]
    ] == [
        {"asset": "honour", "balance": "10", "held": "0", "available": "10", "expiring": []},
        {"asset": "spendable", "balance": "10", "held": "0", "available": "10", "expiring": []},
        {"asset": "coin", "balance": "0", "held": "0", "available": "0", "expiring": []},
    ]


def test_a_statement_tells_each_movement_with_its_reason(world: World) -> None:
    contract = world.rule("S1", "签合同", points="10").rule.code
    late = world.rule("S1", "迟到", points="-5").rule.code
    world.record(event("1", contract, at="2026-11-10 10:00"))
    world.record(event("2", late, at="2026-11-11 10:00"))
    world.record(event("1", contract, at="2026-11-10 10:00", quantity="2"), revise=True)
    with company_scope(world.company_id):
        party_id = employee_of(company_id=world.company_id, employee_no="001").party_id
        lines = statement(company_id=world.company_id, party_id=party_id, asset="honour")
        one_day = statement(
            company_id=world.company_id,
            party_id=party_id,
            start=date(2026, 11, 11),
            end=date(2026, 11, 11),
        )

    shown = [line.as_dict() for line in lines]
    assert [(one["points"], one["balance_after"]) for one in shown] == [
        ("10", "10"),
        ("-5", "5"),
        ("20", "25"),
        ("-10", "15"),
    ]
    assert [one["event_no"] for one in shown] == ["1", "2", "1", "1"]
    assert shown[3]["reverses"] == shown[0]["tx_id"]
    assert "更正" in str(shown[3]["sentence"])
    assert [line.as_dict()["points"] for line in one_day] == ["-5"]


def test_unknown_people_and_assets_are_refused(world: World) -> None:
    with company_scope(world.company_id):
        with pytest.raises(UnknownEmployee):
            employee_of(company_id=world.company_id, employee_no="999")
        party_id = employee_of(company_id=world.company_id, employee_no="001").party_id
        with pytest.raises(UnknownAsset):
            statement(company_id=world.company_id, party_id=party_id, asset="gold")
