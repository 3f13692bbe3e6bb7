"""The API: events in, explanations, boards, wallets out; keys, scopes, errors, repetition."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from meritbook.awards.sheets import load_events, read_events
from meritbook.kit.tenancy import company_scope
from meritbook.org.keys import SCOPES
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.keys import create_key
from tests.awards.worlds import NOW, World, found_world
from tests.tenancy.matrix import API

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def world(db: None) -> World:
    """李雷 (001) and 韩梅梅 (002) in 销售部, and a rule 签合同 of 10 points."""
    world = found_world("acme", "示例公司")
    sales = world.department("销售部")
    world.hire("001", "李雷", sales)
    world.hire("002", "韩梅梅", sales)
    world.rule("S1", "签合同", points="10")
    return world


class Caller:
    """A program with a key."""

    def __init__(self, world: World, *scopes: str) -> None:
        with company_scope(world.company_id):
            made = create_key(
                company_id=world.company_id,
                name="CRM",
                scopes=scopes or SCOPES,
                now=NOW,
                actor=SYSTEM,
            )
        self.headers = {"Authorization": f"Bearer {made.token}"}
        self.client = Client(raise_request_exception=False)

    def get(self, address: str, **query: str) -> Any:
        return self.client.get(f"/api/v1{address}", query, headers=self.headers)

    def post(self, address: str, body: Any = None, key: str | None = None) -> Any:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(
            f"/api/v1{address}", body, content_type="application/json", headers=headers
        )


@pytest.fixture
def crm(world: World) -> Caller:
    return Caller(world)


def one(event_no: str = "C-1", **more: Any) -> dict[str, Any]:
    return {
        "event_no": event_no,
        "type": "签合同",
        "employee_no": "001",
        "happened_at": "2026-11-12 10:00",
    } | more


def test_an_event_is_recorded_explained_and_on_the_board(world: World, crm: Caller) -> None:
    answer = crm.post("/events", one(quantity="2"))

    assert (answer.status_code, answer.json()["result"]) == (201, "new")
    assert answer.json()["status"] == "posted"
    assert crm.post("/events", one(quantity=2)).json()["result"] == "duplicate"
    told = crm.get("/events/C-1").json()
    assert [entry["points"] for entry in told["entries"]] == ["20", "20"]
    board = crm.get("/boards", period="2026-11").json()
    assert [(row["name"], row["points"]) for row in board["items"]] == [
        ("李雷", "20"),
        ("韩梅梅", "0"),
    ]
    accounts = crm.get("/employees/001/wallet").json()["accounts"]
    assert accounts[0] | {"expiring": []} == {
        "asset": "honour",
        "name": "荣誉分",
        "unit": "分",
        "balance": "20",
        "held": "0",
        "available": "20",
        "expiring": [],
    }


def test_a_batch_has_a_result_for_each(crm: Caller) -> None:
    crm.post("/events", one("C-1"))

    answer = crm.post(
        "/events",
        {
            "events": [
                one("C-1", quantity="3"),
                one("C-2", happened_at="2026-11-12T02:00:00Z"),
                one("C-3", employee_no="999"),
                one("C-4", amount="约五千"),
                one("C-1", quantity="3", revise=True),
            ]
        },
    )

    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [each["result"] for each in results] == [
        "conflict",
        "new",
        "refused",
        "refused",
        "revised",
    ]
    assert results[2]["problems"][0]["row"] == 3
    assert results[3]["problems"][0]["column"] == "金额"


def test_a_conflict_and_a_refusal_are_errors_of_one_shape(crm: Caller) -> None:
    crm.post("/events", one())

    conflict = crm.post("/events", one(quantity="3"))
    refused = crm.post("/events", one("C-2", happened_at="2027-01-01 10:00"))
    unknown = crm.get("/events/C-9")
    invalid = crm.post("/events", {"event_no": "C-3"})

    for answer, status, code in (
        (conflict, 409, "event_conflict"),
        (refused, 422, "event_refused"),
        (unknown, 404, "unknown_event"),
        (invalid, 422, "invalid_request"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert set(answer.json()) == {"code", "message", "request_id"}
        assert answer.json()["request_id"] == answer["X-Request-Id"]


def test_odd_times_and_long_attributes_are_refused_not_failed(crm: Caller) -> None:
    for odd in (
        {"happened_at": "2026-11-12T10:00:00+99:00"},
        {"happened_at": "0001-01-01T00:00:00+14:00"},
        {"happened_at": "9999-12-31T23:59:59-12:00"},
        {"attributes": {"说明": "长" * 1_001}},
        {"attributes": {"长" * 201: "说明"}},
    ):
        assert crm.post("/events", one("C-7", **odd)).status_code == 422
    assert crm.get("/boards", period="0001-01-01").status_code == 422


def test_full_width_digits_name_the_same_person(crm: Caller) -> None:
    assert crm.post("/events", one("C-8", employee_no="００１")).status_code == 201


def test_a_withdrawal_reverses(world: World, crm: Caller) -> None:
    crm.post("/events", one())

    assert crm.post("/events/C-1/withdraw").json()["result"] == "withdrawn"
    assert crm.post("/events/C-1/withdraw").json()["result"] == "duplicate"
    assert crm.post("/events/C-9/withdraw").status_code == 404
    assert world.balances() == {}
    assert crm.get("/events/C-1").json()["status"] == "withdrawn"


def test_a_repeated_key_gets_the_first_answer(world: World, crm: Caller) -> None:
    first = crm.post("/events", one(), key="k1")
    again = crm.post("/events", one(), key="k1")
    other = crm.post("/events", one("C-2"), key="k1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert world.balances() == {"001": 1000}


def test_a_refused_request_keeps_no_key(world: World, crm: Caller) -> None:
    assert crm.post("/events", one(employee_no="003"), key="k1").status_code == 422
    world.hire("003", "林涛", world.department("仓库"))

    assert crm.post("/events", one(employee_no="003"), key="k1").status_code == 201


def test_keys_and_scopes(world: World) -> None:
    reader = Caller(world, "boards:read")
    nobody = Client()

    assert reader.get("/boards", period="2026-11").status_code == 200
    refused = reader.post("/events", one())
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    unknown = nobody.get("/api/v1/boards?period=2026-11")
    assert (unknown.status_code, unknown.json()["code"]) == (401, "unauthorized")
    assert world.balances() == {}


def test_a_strangers_key_finds_nothing_of_ours(world: World, crm: Caller) -> None:
    crm.post("/events", one())
    stranger = Caller(found_world("other", "别家公司"))

    assert stranger.get("/events/C-1").status_code == 404
    assert stranger.post("/events/C-1/withdraw").status_code == 404
    assert stranger.get("/employees/001/wallet").status_code == 404
    assert stranger.get("/boards", period="2026-11").json()["items"] == []
    assert stranger.get("/rules").json()["items"] == []
    assert world.balances() == {"001": 1000}


def test_statements_and_rules_come_in_pages(crm: Caller) -> None:
    crm.post("/events", {"events": [one("C-1"), one("C-2"), one("C-3")]})

    first = crm.get("/employees/001/statement", asset="honour", limit="2").json()
    second = crm.get(
        "/employees/001/statement", asset="honour", limit="2", cursor=first["next_cursor"]
    ).json()

    assert [line["balance_after"] for line in first["items"] + second["items"]] == [
        "10",
        "20",
        "30",
    ]
    assert second["next_cursor"] is None
    assert crm.get("/employees/001/statement", cursor="x").json()["code"] == "bad_cursor"
    assert [rule["standard"] for rule in crm.get("/rules").json()["items"]] == ["签合同"]


def test_other_addresses_and_methods_answer_in_the_same_shape(crm: Caller) -> None:
    missing = crm.get("/nothing")
    method = crm.client.delete("/api/v1/boards", headers=crm.headers)

    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    assert (method.status_code, method.json()["code"]) == (405, "method_not_allowed")


def test_health_needs_no_key(db: None) -> None:
    for address in ("/health", "/api/v1/health"):
        answer = Client().get(address)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_the_description_names_every_endpoint(db: None) -> None:
    described = Client().get("/api/v1/openapi.json").json()["paths"]
    operations = {
        answer["operationId"] for methods in described.values() for answer in methods.values()
    }

    assert {path for path in described if path in CONTRACT} == CONTRACT
    assert operations - {"get_health"} == set(API)


CONTRACT = {
    "/api/v1/events",
    "/api/v1/events/{event_no}",
    "/api/v1/events/{event_no}/withdraw",
    "/api/v1/employees/{employee_no}/wallet",
    "/api/v1/employees/{employee_no}/statement",
    "/api/v1/boards",
    "/api/v1/rules",
    "/api/v1/health",
}


def test_a_number_is_the_same_from_every_door(world: World, crm: Caller) -> None:
    """Full-width or with blanks, sent by a program or read from a file, found and withdrawn."""
    assert crm.post("/events", one("Ａ１－０１")).json()["result"] == "new"
    again = crm.post("/events", one("A1-01"))
    assert again.json()["result"] == "duplicate"
    assert crm.post("/events", one(" A1 - 01 ")).json()["result"] == "duplicate"
    sheet = "事件编号,类型,工号,时间\nＡ1-01,签合同,001,2026-11-12 10:00\n"
    loaded = load_events(
        company_id=world.company_id,
        file=read_events(sheet.encode(), name="e.csv"),
        source="default",
        now=NOW,
    )
    assert loaded.as_dict()["duplicate"] == 1
    assert world.balances() == {"001": 1000}
    assert crm.get("/events/Ａ１-０１").json()["event_no"] == "A1-01"
    withdrawn = crm.post("/events/Ａ１-０１/withdraw").json()
    assert (withdrawn["result"], world.balances()) == ("withdrawn", {})
    assert crm.post("/events/A1-01/withdraw").json()["result"] == "duplicate"
