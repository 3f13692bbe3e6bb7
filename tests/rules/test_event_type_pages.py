"""Pages, API and commands of types of events."""

import json
from collections.abc import Iterator
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from meritbook.awards.models import Event
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import AuditEntry
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.keys import create_key
from meritbook.rules.models import EventType, Feed
from tests.awards.worlds import World, event
from tests.people import NOW, Cast


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def world(home: Cast) -> World:
    return World(home.company.pk, home.company.code)


def test_proposals_are_taken_by_ticks(home: Cast, world: World) -> None:
    late = world.rule("S1", "迟到", points="-5").rule.code
    world.rule("S1", "为同事庆祝生日", points="2")
    client = home.client("officer")
    page = client.get("/rules/types/").content.decode()
    assert "建议的对应（1 条）" in page

    answer = client.post(
        "/rules/types/proposals/", {"take": [f"attendance.late\x1f{late}\x1f", "no\x1fsuch\x1f"]}
    )

    assert answer["Location"] == "/rules/types/"
    with company_scope(home.company.pk):
        feed = Feed.objects.select_related("rule").get(company_id=home.company.pk)
        assert feed.rule.code == late
        assert AuditEntry.objects.filter(action="event_type.set").count() == 1
    world.record(event("1", "attendance.late", "0001"))
    assert world.balances() == {"0001": -500}
    assert "建议的对应" not in client.get("/rules/types/").content.decode()


def test_a_type_is_added_renamed_and_switched_off(home: Cast, world: World) -> None:
    code = world.rule("S1", "浇花", points="1").rule.code
    client = home.client("owner")

    made = client.post(
        "/rules/types/new/",
        {
            "code": "plant.watered",
            "name": "给植物浇水",
            "category": "后勤",
            "attributes": "盆数 数字\n哪一层",
            "is_active": "on",
            "targets": [f"{code}\x1f"],
        },
    )
    assert made["Location"] == "/rules/types/"
    with company_scope(home.company.pk):
        row = EventType.objects.get(company_id=home.company.pk)
    assert row.attributes == [
        {"name": "盆数", "kind": "number"},
        {"name": "哪一层", "kind": "text"},
    ]
    page = client.get("/rules/types/plant.watered/").content.decode()
    assert "盆数 数字" in page
    assert "checked" in page

    client.post("/rules/types/plant.watered/", {"name": "浇水", "attributes": "", "category": ""})
    with company_scope(home.company.pk):
        row.refresh_from_db()
        assert (row.name, row.is_active) == ("浇水", False)
        assert not Feed.objects.filter(company_id=home.company.pk).exists()


def test_what_is_wrong_stands_at_its_field(home: Cast, world: World) -> None:
    client = home.client("officer")

    bad = client.post("/rules/types/new/", {"code": "Bad Code", "name": "签合同"})

    assert bad.status_code == 422
    assert "编号用小写英文和点" in bad.content.decode()
    assert client.get("/rules/types/no.such/").status_code == 404
    assert home.client("employee").get("/rules/types/").status_code == 403
    assert home.client("head").post("/rules/types/proposals/").status_code == 403


def test_an_event_of_a_type_is_listed_by_name_filtered_and_corrected(
    home: Cast, world: World
) -> None:
    visit = world.rule("S1", "拜访", points="2").rule.code
    every = world.rule("S4", "每月拜访 4 次", points="40", period="month", target="4", unit="次")
    call_command(
        "set_event_type", "customer.visited", "--company", home.company.code,
        "--rule", visit, "--rule", every.rule.code, "--json", stdout=StringIO(),
    )  # fmt: skip
    world.record(event("1", "拜访客户", "0001", "2026-11-20 10:00", 地点="广州"))
    client = home.client("officer")

    page = client.get(f"/events/?rule={every.rule.code}").content.decode()
    assert "拜访客户" in page
    with company_scope(home.company.pk):
        found = Event.objects.get(company_id=home.company.pk)
    assert (found.type_code, found.rule_id) == ("customer.visited", None)
    shown = client.get(f"/events/{found.pk}/").content.decode()
    assert "周期还没结束" in shown
    assert "+2" in shown
    form = client.get(f"/events/{found.pk}/correct/").content.decode()
    assert "地点" in form

    preview = client.post(
        "/events/new/preview/?employee=0001&rule=customer.visited&no=1",
        {"happened_on": "2026-11-20", "happened_time": "10:00", "field_0": "3"},
    )
    assert preview.status_code == 200
    fields = client.get(f"/events/{found.pk}/correct/").context["form"].asked
    at = {field.name: f"field_{number}" for number, field in enumerate(fields)}
    answer = client.post(
        f"/events/{found.pk}/correct/",
        {
            "happened_on": "2026-11-20",
            "happened_time": "10:00",
            at["quantity"]: "3",
            at["地点"]: "深圳",
        },
    )
    assert answer.status_code == 302
    with company_scope(home.company.pk):
        current = Event.objects.get(company_id=home.company.pk, is_current=True)
    assert (current.quantity, current.attributes) == (3, {"地点": "深圳"})
    assert world.balances() == {"0001": 600}


def test_an_event_of_an_unmapped_type_says_why_it_earned_nothing(home: Cast, world: World) -> None:
    world.record(event("1", "payment.received", "0001", "2026-11-20 10:00", amount="100"))
    with company_scope(home.company.pk):
        found = Event.objects.get(company_id=home.company.pk)

    page = home.client("employee").get(f"/events/{found.pk}/").content.decode()

    assert "这种事件还没有对应的积分标准" in page


def test_the_api_and_the_command_list_types(home: Cast, world: World) -> None:
    late = world.rule("S1", "迟到", points="-5").rule.code
    out = StringIO()
    call_command(
        "set_event_type", "attendance.late", "--company", home.company.code,
        "--name", "上班迟到", "--rule", late, "--json", stdout=out,
    )  # fmt: skip
    assert json.loads(out.getvalue()) == {
        "code": "attendance.late",
        "name": "上班迟到",
        "active": True,
        "rules": 1,
    }
    with company_scope(home.company.pk):
        key = create_key(
            company_id=home.company.pk, name="CRM", scopes=["rules:read"], now=NOW, actor=SYSTEM
        )
    items = (
        home.client("employee")
        .get("/api/v1/event-types", headers={"Authorization": f"Bearer {key.token}"})
        .json()["items"]
    )
    found = {one["code"]: one for one in items}
    assert found["attendance.late"]["name"] == "上班迟到"
    assert found["attendance.late"]["rules"] == [{"code": late, "item": ""}]
    assert found["attendance.late"]["attributes"] == [{"name": "分钟", "kind": "number"}]
    out = StringIO()
    call_command("event_types", "--company", home.company.code, "--json", stdout=out)
    assert json.loads(out.getvalue()) == items
