"""CRM 对接的一周: a program posts what happens, and every other door tells the same.

The owner gives the CRM a key. It posts 李雷's contracts one at a time and in a batch, tries again when
the line breaks, corrects, withdraws; the administrator at a terminal and 李雷 in his browser read the
same balance after each call. A stranger's key finds nothing; a revoked one opens nothing.
"""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from meritbook.org.keys import SCOPES
from tests.stories.conftest import Desk, on, row

pytestmark = pytest.mark.django_db


@dataclass
class Program:
    """The CRM with its key."""

    token: str

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        client = Client(headers={"Authorization": f"Bearer {self.token}", **headers})
        address = f"/api/v1{path}"
        answer = (
            client.get(address)
            if method == "get"
            else client.post(address, body or {}, content_type="application/json")
        )
        return answer.status_code, answer.json()


def key_of(owner: Client, *scopes: str) -> Program:
    """A key that the owner has just made on the page: it is shown this once."""
    form = {"name": "CRM", "scopes": list(scopes or SCOPES)}
    page = owner.post("/settings/api-keys/", form).content.decode()
    found = re.search(r"mb_[\w-]{20,}", page)
    assert found
    assert found[0] not in owner.get("/settings/api-keys/").content.decode()
    return Program(found[0])


def contract(number: str, who: str = "0012", **more: str) -> dict[str, str]:
    return {
        "event_no": number,
        "type": "签合同",
        "employee_no": who,
        "happened_at": "2026-11-10 10:00",
        **more,
    }


def test_a_week_of_a_crm(desk: Desk) -> None:
    desk.code = "hongda"
    other = Desk(desk.folder, code="tashan")
    with on("2026-11-02"):
        desk.found(name="宏达贸易")
        desk.publish("standards-000.txt", start="2026-11-01")
        made = other.run("create_company", "tashan", "他山", "--owner-name", "陌生人")
        stranger = key_of(other.activated(made["owner"]["path"]))

    with on("2026-11-12"):
        owner = desk.owner("0013")
        crm = key_of(owner)
        lilei = desk.invited(owner, "0012")

        def everywhere(points: str) -> None:
            """The same balance at each door."""
            assert desk.balance("0012") == points
            status, wallet = crm.ask("get", "/employees/0012/wallet")
            honour = {each["asset"]: each["balance"] for each in wallet["accounts"]}["honour"]
            assert (status, honour) == (200, points)
            _status, board = crm.ask("get", "/boards?period=2026-11")
            told = {line["employee_no"]: line["points"] for line in board["items"]}
            assert told["0012"] == points
            assert points in lilei.get("/wallet/").content.decode()
            lines = crm.ask("get", "/employees/0012/statement?asset=honour")[1]["items"]
            assert sum(int(line["points"]) for line in lines) == int(points)

        # One contract; the line breaks, the same key is asked again, then the same event.
        status, first = crm.ask("post", "/events", contract("C-1"), **{"Idempotency-Key": "k-1"})
        assert (status, first["result"], first["status"]) == (201, "new", "posted")
        again = crm.ask("post", "/events", contract("C-1"), **{"Idempotency-Key": "k-1"})
        assert again == (status, first)
        assert crm.ask("post", "/events", contract("C-1"))[1]["result"] == "duplicate"
        everywhere("10")

        # The key for something else is refused; a batch tells of each, the good ones count.
        status, refusal = crm.ask("post", "/events", contract("C-9"), **{"Idempotency-Key": "k-1"})
        assert status in (409, 422)
        assert {"code", "message", "request_id"} <= refusal.keys()
        everywhere("10")
        batch = [contract("C-2"), contract("C-3", quantity="2"), contract("C-4", who="9999")]
        _status, answer = crm.ask("post", "/events", {"events": batch})
        assert [one["result"] for one in answer["results"]] == ["new", "new", "refused"]
        everywhere("40")

        # Another content needs to be a revision.
        status, _refusal = crm.ask("post", "/events", contract("C-3", quantity="5"))
        assert status == 409
        everywhere("40")
        crm.ask("post", "/events", contract("C-3", quantity="5") | {"revise": True})
        everywhere("70")
        crm.ask("post", "/events/C-2/withdraw")
        everywhere("60")
        assert crm.ask("get", "/events/C-2")[1]["status"] == "withdrawn"
        assert crm.ask("get", "/events/C-3")[1]["entries"] == desk.explained("C-3")["entries"]

        # The administrator's file with the same number is another source's event.
        desk.events([row("C-1", "迟到", "2026-11-11 09:10")], "--source", "attendance")
        everywhere("55")
        status, event = crm.ask("get", "/events/C-1?source=attendance")
        assert (status, event["entries"][0]["points"]) == (200, "-5")

        # A stranger's key, a key for reading alone, a revoked key, none.
        for path in ("/events/C-1", "/employees/0012/wallet", "/employees/0012/statement"):
            assert stranger.ask("get", path)[0] == 404
        reading = key_of(owner, *(scope for scope in SCOPES if scope.endswith("read")))
        assert reading.ask("get", "/events/C-1")[0] == 200
        assert reading.ask("post", "/events", contract("C-5"))[0] == 403
        keys = re.findall(r"/settings/api-keys/(\d+)/revoke/", owner.get("/settings/api-keys/").content.decode())  # fmt: skip
        for key in keys:
            owner.post(f"/settings/api-keys/{key}/revoke/")
        for program in (crm, reading, Program("mb_guessed")):
            status, refusal = program.ask("post", "/events", contract("C-6"))
            assert (status, set(refusal)) == (401, {"code", "message", "request_id"})
        assert stranger.ask("get", "/rules")[0] == 200
        assert desk.balance("0012") == "55"
        assert desk.run("verify")["ok"]
