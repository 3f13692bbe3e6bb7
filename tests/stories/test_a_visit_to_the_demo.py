"""演示公司: somebody who tries the demo signs in as each persona and traces a figure by hand.

The board's first salesman is opened line by line: what the lines say adds up to what the board says, and
every line has its why. Started again, nothing is doubled; a company of one's own beside it sees nothing of it.
"""

from collections import Counter
from typing import Any

import pytest
from django.test import Client

from meritbook.awards.models import Event
from meritbook.kit.commands import company_id_of
from meritbook.kit.tenancy import company_scope
from tests.stories.conftest import Desk, on

pytestmark = pytest.mark.django_db

# What each persona finds behind the menu; everybody has a board, and most a wallet.
OPENS = {
    "老板": ("/people/", "/rules/", "/events/", "/settings/api-keys/"),
    "积分专员": ("/people/", "/rules/import/", "/events/import/", "/imports/"),
    "部门主管": ("/people/", "/events/new/"),
    "客服主管": ("/people/", "/events/new/"),
    "销售": ("/wallet/", "/rules/", "/events/"),
    "仓库员工": ("/wallet/", "/rules/"),
    "财务": ("/wallet/",),
    "IT 集成": ("/settings/api-keys/",),
}


def counted() -> int:
    company_id = company_id_of("demo")
    with company_scope(company_id):
        return Event.objects.filter(company_id=company_id).count()


def signed_in(account: str, password: str) -> Client:
    client = Client()
    form = {"identity": account, "company": "", "password": password}
    assert client.post("/login/", form)["Location"] == "/"
    return client


def test_a_visit(desk: Desk) -> None:
    demo = Desk(desk.folder, code="demo")
    with on("2026-11-22"):
        answer = loaded(desk)
        personas = {each["title"]: each for each in answer["personas"]}
        assert personas.keys() == OPENS.keys()
        for title, pages in OPENS.items():
            client = signed_in(personas[title]["account"], personas[title]["password"])
            for page in ("/", "/boards/", *pages):
                assert client.get(page).status_code == 200, (title, page)

        # The first of the board, traced: every line has a sentence, and the lines are the figure.
        rows = demo.run("board", "--period", "2026-11")
        assert len(rows) > 50
        first = rows[0]
        assert float(first["points"]) > 0
        lines = demo.run(
            "statement", first["employee_no"], "--asset", "honour",
            "--from", "2026-11-01", "--to", "2026-11-30",
        )  # fmt: skip
        assert sum(float(line["points"]) for line in lines) == float(first["points"])
        assert all(line["sentence"] for line in lines)
        told = demo.run(
            "explain", lines[0]["event_no"], "--source", source_of(lines[0]["event_no"])
        )
        assert told["entries"]
        assert all(step["text"] for entry in told["entries"] for step in entry["steps"])
        # Some earned nothing, some were withdrawn, some still wait: a company as it is.
        assert statuses().keys() >= {"posted", "in_window", "nothing", "withdrawn"}

        # Started again: the same people, events and points.
        before, events = demo.run("board", "--period", "all"), counted()
        assert loaded(desk) == answer
        assert (demo.run("board", "--period", "all"), counted()) == (before, events)
        assert demo.run("verify")["ok"]
        # The company beside it has its own people alone.
        assert [name for _rank, name, _points in desk.board("2026-11")] == [
            "李雷", "韩梅梅", "何思思", "林涛"
        ]  # fmt: skip


def loaded(desk: Desk) -> Any:
    return desk.run("load_demo")


def statuses() -> Counter[str]:
    company_id = company_id_of("demo")
    with company_scope(company_id):
        return Counter(
            Event.objects.filter(company_id=company_id, is_current=True).values_list(
                "status", flat=True
            )
        )


def source_of(event_no: str) -> str:
    company_id = company_id_of("demo")
    with company_scope(company_id):
        return str(Event.objects.filter(company_id=company_id, event_no=event_no)[0].source)
