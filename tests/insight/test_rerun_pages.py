"""韩梅梅 finds that 迟到 should have cost 10 since the tenth: she looks, says why, and it is posted."""

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from meritbook.insight.models import Rerun
from meritbook.insight.operations import reruns
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import AuditEntry
from tests.awards.worlds import NOW, World, event
from tests.people import Cast


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world(home: Cast) -> World:
    made = World(home.company.pk, home.company.code)
    old = made.rule("S1", "迟到", points="-5")
    made.record(event("B", old.rule.code, "0001", "2026-11-12 09:10"))
    made.rule("S1", "迟到", points="-10", rule=old.rule, active_from=date(2026, 11, 10))
    return made


def code(world: World) -> str:
    return str(world.select("SELECT code FROM rules_rule WHERE company_id = %s", [world.company_id])[0][0])  # fmt: skip


def test_looked_at_then_posted_once(home: Cast, world: World) -> None:
    client = home.client("officer")
    assert "没有重算过" in client.get("/insight/reruns/").content.decode()
    asked = {"rule": code(world), "starts_on": "2026-11-01", "ends_on": "2026-11-20"}
    page = client.get("/insight/reruns/new/", asked).content.decode()
    assert "李雷" in page
    assert "1 → 2" in page
    assert world.balances() == {"0001": -5_00}
    page = client.post("/insight/reruns/new/", asked).content.decode()
    assert "请写明为什么要重算" in page
    answer = client.post("/insight/reruns/new/", asked | {"reason": "文件写的是 10 日起"})
    assert answer["Location"] == "/insight/reruns/"
    with company_scope(world.company_id):
        made = Rerun.objects.get(company_id=world.company_id)
        assert AuditEntry.objects.get(action="rule.rerun").reason == "文件写的是 10 日起"
    reruns.run(company_id=world.company_id, rerun_id=made.pk, now=NOW)
    reruns.run(company_id=world.company_id, rerun_id=made.pk, now=NOW)
    assert world.balances() == {"0001": -10_00}
    page = client.get("/insight/reruns/").content.decode()
    assert "文件写的是 10 日起" in page
    assert "-5" in page
    assert "没有差额" in client.get("/insight/reruns/new/", asked).content.decode()
    (tx,) = world.select(
        "SELECT max(tx_id) FROM awards_entry WHERE company_id = %s AND reverses_id IS NOT NULL",
        [world.company_id],
    )
    assert "重算，冲回" in client.get(f"/entries/{tx[0]}/why/").content.decode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ends_on": "2026-10-01"}, "结束日期不能早于开始日期"),
        ({"ends_on": "2026-11-21"}, "请把结束日期改到今天以前"),
    ],
)
def test_days_and_rules_that_cannot_be(
    home: Cast, world: World, changed: dict[str, str], said: str
) -> None:
    asked = {"rule": code(world), "starts_on": "2026-11-01", "ends_on": "2026-11-20"} | changed
    client = home.client("officer")
    page = client.get("/insight/reruns/new/", asked)
    assert page.status_code == 200
    assert said in page.content.decode()
    sent = client.post("/insight/reruns/new/", asked | {"reason": "补算"})
    assert sent.status_code == 422
    assert said in sent.content.decode()
    assert client.get("/insight/reruns/new/", asked | {"rule": "R-none"}).status_code == 404


def test_only_those_who_manage_rules(home: Cast) -> None:
    for role in ("head", "employee"):
        assert home.client(role).get("/insight/reruns/").status_code == 403


def test_the_command_looks_first(world: World) -> None:
    def run(*more: str) -> dict[str, Any]:
        out = StringIO()
        call_command(
            "rerun", "--company", world.code, "--rule", code(world), "--from", "2026-11-01",
            "--to", "2026-11-20", "--json", *more, stdout=out,
        )  # fmt: skip
        return dict(json.loads(out.getvalue()))

    looked = run()
    assert (looked["state"], looked["entries"], looked["points"]) == ("preview", 2, "-5")
    assert world.balances() == {"0001": -5_00}
    done = run("--post", "--reason", "补算")
    assert (done["state"], done["entries"]) == ("done", 2)
    assert world.balances() == {"0001": -10_00}
