"""Caps on their page, over HTTP and at the terminal."""

from __future__ import annotations

import io
import json
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from meritbook.awards.content import NewEvent
from meritbook.awards.operations import record
from meritbook.awards.operations.caps import set_cap
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.caps import Cap, find_caps
from meritbook.org.keys import SCOPES
from meritbook.org.models import AuditEntry, Department
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.keys import create_key
from meritbook.rules.operations.by_hand import save_rule
from meritbook.rules.operations.publishing import publish
from tests.awards.test_pages import filled
from tests.awards.worlds import World
from tests.people import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_the_day() -> Any:
    with time_machine.travel(NOW, tick=True):
        yield


def a_rule(cast: Cast, points: str = "80", **values: Any) -> str:
    with company_scope(cast.company.pk):
        version = save_rule(
            company_id=cast.company.pk,
            values={"shape": "S1", "standard": "拜访客户", "points": points, **values},
            population={},
            postings={},
            reason="",
            actor_id=None,
            now=NOW,
            rule=None,
        )
        publish(
            company_id=cast.company.pk,
            version_ids=[version.pk],
            active_from=date(2026, 1, 1),
            actor_id=None,
            now=NOW,
        )
        return str(version.rule.code)


def a_cap(cast: Cast, points: int, **changes: Any) -> int:
    whole: dict[str, Any] = {
        "company_id": cast.company.pk,
        "name": "每人每月",
        "asset_code": "honour",
        "amount": points * 100,
        "scope": "person",
        "period": "month",
        "policy": "clip",
        "valid_from": TODAY,
        "today": TODAY,
        "actor": SYSTEM,
        "now": NOW,
    }
    with company_scope(cast.company.pk):
        return set_cap(**(whole | changes))


def visits(cast: Cast, code: str, *employee_nos: str) -> None:
    record(
        company_id=cast.company.pk,
        events=[
            NewEvent(
                event_no=f"v{n}",
                type=code,
                employee_no=number,
                happened_at=datetime(2026, 11, 21, 9),
            )
            for n, number in enumerate(employee_nos)
        ],
        source="crm",
        now=NOW,
    )


def caps_of(cast: Cast) -> list[Cap]:
    with company_scope(cast.company.pk):
        return find_caps(company_id=cast.company.pk)


FORM = {
    "name": "每人每月",
    "asset": "honour",
    "period": "month",
    "amount": "300",
    "scope": "person",
    "policy": "clip",
    "begins": "now",
}


def test_without_caps_the_page_leads_to_the_form(home: Cast) -> None:
    page = home.client("officer").get("/ledger/caps/")
    assert page.context["cards"] == []
    assert "这一天没有上限" in page.content.decode()
    assert "/ledger/caps/new/" in page.content.decode()


def test_what_is_used_and_left_is_shown(home: Cast) -> None:
    code = a_rule(home)
    a_cap(home, 100)
    a_cap(home, 1000, name="全公司", scope="company", period="day")
    visits(home, code, "0001", "0001", "0003")

    company, person = home.client("officer").get("/ledger/caps/").context["cards"]

    assert (company["used"], company["left"], company["amount"]) == ("180", "820", "1,000")
    assert (person["state"], person["tone"]) == ("已满", "bad")
    assert [(one["name"], one["used"], one["left"]) for one in person["people"]] == [
        ("李雷", "100", "0"),
        ("王强", "80", "20"),
    ]
    tomorrow = home.client("owner").get("/ledger/caps/?day=2026-11-22").context["cards"]
    assert [(one["used"], len(one["people"])) for one in tomorrow] == [("0", 0), ("100", 2)]


def test_an_officer_adds_and_ends_a_cap(home: Cast) -> None:
    officer = home.client("officer")
    code = a_rule(home)

    assert officer.post("/ledger/caps/new/", FORM | {"rule": code})["Location"] == "/ledger/caps/"
    (cap,) = caps_of(home)
    assert (cap.amount, cap.subject, cap.valid_from) == (30000, code, TODAY)

    again = officer.post("/ledger/caps/new/", FORM | {"rule": code})
    assert "同样范围的上限" in again.content.decode()
    later = officer.post("/ledger/caps/new/", FORM | {"begins": "next", "name": "下月起"})
    assert later["Location"] == "/ledger/caps/"
    assert [line["name"] for line in officer.get("/ledger/caps/").context["coming"]] == ["下月起"]

    assert officer.post(f"/ledger/caps/{cap.cap_id}/end/").status_code == 302
    assert [one["name"] for one in officer.get("/ledger/caps/").context["cards"]] == []
    with company_scope(home.company.pk):
        deeds = AuditEntry.objects.filter(company_id=home.company.pk, object_kind="cap")
        assert [one.action for one in deeds.order_by("id")] == ["cap.add", "cap.add", "cap.end"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount": "0"}, "0.0001"),
        ({"amount": "-5"}, "0.0001"),
        ({"amount": "abc"}, "数字"),
        ({"name": " "}, "这个字段"),
        ({"scope": "team"}, "team"),
        ({"scope": "company", "employee_no": "0001"}, "单独给一个人"),
        ({"employee_no": "0001"}, "写明理由"),
        ({"employee_no": "7777", "reason": "试用期"}, "7777"),
        ({"rule": "nothing"}, "nothing"),
    ],
)
def test_what_the_form_refuses(home: Cast, changes: dict[str, str], said: str) -> None:
    page = home.client("officer").post("/ledger/caps/new/", FORM | changes)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert caps_of(home) == []


def test_a_department_and_one_person(home: Cast, away: Cast) -> None:
    officer = home.client("officer")
    with company_scope(home.company.pk):
        sales = Department.objects.get(company_id=home.company.pk, name="销售部").pk
    with company_scope(away.company.pk):
        theirs = Department.objects.filter(company_id=away.company.pk).first()
    assert theirs is not None

    officer.post("/ledger/caps/new/", FORM | {"scope": "department", "department": str(sales)})
    officer.post("/ledger/caps/new/", FORM | {"employee_no": "0001", "reason": "试用期"})
    refused = officer.post(
        "/ledger/caps/new/", FORM | {"scope": "department", "department": str(theirs.pk)}
    )

    assert refused.status_code == 422
    cards = officer.get("/ledger/caps/").context["cards"]
    assert [one["who"] for one in cards] == ["销售部 合计", "李雷"]


def test_a_rules_cap_is_shown_before_and_after_it_counts(home: Cast) -> None:
    officer = home.client("officer")
    code = a_rule(home, cap="100", cap_per="month")

    page = officer.get("/ledger/caps/")
    assert [one["text"] for one in page.context["stated"]] == ["每人每月最多 100 分"]
    visits(home, code, "0001", "0001")
    page = officer.get("/ledger/caps/")
    assert page.context["stated"] == []
    (card,) = page.context["cards"]
    assert (card["source"], card["may_end"], card["used"]) == ("来自积分标准", False, "100")

    told = officer.post(f"/ledger/caps/{card['id']}/end/", follow=True)
    assert "请修改标准" in told.content.decode()
    assert caps_of(home)[0].valid_to is None


def test_the_form_of_an_event_says_what_a_cap_leaves(home: Cast) -> None:
    code = a_rule(home)
    a_cap(home, 100)
    address = f"/events/new/preview/?employee=0001&rule={code}"
    form = filled(happened_on="2026-11-21", field_0="1")

    officer = home.client("officer")
    assert "还剩" not in officer.post(address, form).content.decode()
    visits(home, code, "0001")
    preview = officer.post(address, form).content.decode()
    assert "2026年11月上限 100，还剩 20（每人每月）" in preview


def test_employees_and_strangers_see_no_caps(home: Cast, away: Cast) -> None:
    cap_id = a_cap(home, 100)
    assert home.client("employee").get("/ledger/caps/").status_code == 403
    assert home.client("head").post(f"/ledger/caps/{cap_id}/end/").status_code == 403
    assert away.client("owner").post(f"/ledger/caps/{cap_id}/end/").status_code == 404
    assert caps_of(home)[0].valid_to is None
    assert "每人每月" not in away.client("owner").get("/ledger/caps/").content.decode()


@pytest.mark.parametrize("day", ["x", "0001-01-01", "9999-12-31"])
def test_an_odd_day_leads_to_today(home: Cast, day: str) -> None:
    assert home.client("officer").get(f"/ledger/caps/?day={day}")["Location"] == "/ledger/caps/"


@pytest.fixture
def api(home: Cast) -> Any:
    with company_scope(home.company.pk):
        key = create_key(
            company_id=home.company.pk, name="CRM", scopes=list(SCOPES), now=NOW, actor=SYSTEM
        )

    def call(method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        answer = Client().generic(
            method,
            f"/api/v1{path}",
            data=json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {key.token}"},
        )
        return answer.status_code, json.loads(answer.content)

    return call


def test_caps_over_http(home: Cast, api: Any) -> None:
    code = a_rule(home)
    new = {"name": "每人每月", "amount": "100.5", "scope": "person", "period": "month"}

    status, made = api("POST", "/caps", new)
    assert (status, set(made)) == (200, {"cap_id"})
    visits(home, code, "0001", "0001")
    status, told = api("GET", "/caps")
    assert (status, told["day"]) == (200, "2026-11-21")
    (one,) = told["items"]
    assert (one["amount"], one["used"], one["left"], one["span"]) == (
        "100.5", "100.5", "0", "2026-11",
    )  # fmt: skip
    assert one["takers"] == [{"employee_no": "0001", "name": "李雷", "used": "100.5", "left": "0"}]
    assert api("POST", f"/caps/{made['cap_id']}/end", {})[1]["valid_to"] == "2026-11-21"
    assert api("GET", "/caps")[1]["items"] == []


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"amount": "0"}, 422, "invalid_request"),
        ({"amount": "-1"}, 422, "invalid_request"),
        ({"amount": "1e30"}, 422, "invalid_request"),
        ({"asset": "gold"}, 422, "unknown_asset"),
        ({"scope": "team"}, 422, "bad_scope"),
        ({"period": "decade"}, 422, "bad_period"),
        ({"policy": "drop"}, 422, "bad_policy"),
        ({"department_id": 1, "scope": "company"}, 422, "bad_scope"),
        ({"department_id": 10**12}, 422, "unknown_department"),
        ({"employee_no": "7777", "reason": "x"}, 404, "unknown_employee"),
        ({"employee_no": "0001"}, 422, "no_reason"),
        ({"rule_code": "none"}, 404, "unknown_rule"),
        ({"valid_from": "2026-11-20"}, 422, "day_passed"),
        ({"valid_from": "3000-01-01"}, 422, "bad_day"),
        ({"name": "x\x00"}, 422, "invalid_request"),
        ({"colour": "red"}, 422, "invalid_request"),
    ],
)
def test_what_the_api_refuses(
    home: Cast, api: Any, changes: dict[str, Any], status: int, code: str
) -> None:
    new = {"name": "x", "amount": "100", "scope": "person", "period": "month"}
    got, told = api("POST", "/caps", new | changes)
    assert (got, told["code"]) == (status, code)
    assert caps_of(home) == []


def test_deductions_have_no_cap(home: Cast, api: Any) -> None:
    """It would limit nothing: refused in words. A rule that gives as well may have one."""
    world = World(home.company.pk, home.company.code)
    late = world.rule("S1", "迟到", points="-5").rule.code
    judged = world.rule("S9", "现场检查", points_min="-10", points_max="20").rule.code
    page = home.client("officer").post("/ledger/caps/new/", FORM | {"rule": late})
    assert page.status_code == 422
    assert "扣分不设上限" in page.content.decode()
    new = {"name": "x", "amount": "100", "scope": "person", "period": "month"}
    got, told = api("POST", "/caps", new | {"rule_code": late})
    assert (got, told["code"]) == (422, "cap_on_deductions")
    assert caps_of(home) == []
    assert api("POST", "/caps", new | {"rule_code": judged})[0] == 200


def test_the_api_ends_only_what_is_there(home: Cast, away: Cast, api: Any) -> None:
    theirs, ours = a_cap(away, 5), a_cap(home, 5)
    assert api("POST", f"/caps/{theirs}/end", {})[0] == 404
    assert api("POST", "/caps/9/end", {"day": "2026-11-20"})[1]["code"] == "day_passed"
    assert api("POST", f"/caps/{ours}/end", {"day": "2026-11-25"})[0] == 200
    assert api("POST", f"/caps/{ours}/end", {"day": "2026-11-26"})[1]["code"] == "cap_ended"
    assert (
        api("POST", "/caps", {"name": "x", "amount": "1", "scope": "person", "period": "month"})[1][
            "code"
        ]
        == "cap_exists"
    )


def test_caps_at_the_terminal(home: Cast) -> None:
    code = a_rule(home)
    a_cap(home, 100)
    visits(home, code, "0001")

    out = io.StringIO()
    call_command("caps", "--company", "hongyuan", "--json", stdout=out)
    (one,) = json.loads(out.getvalue())
    assert (one["name"], one["used"], one["left"]) == ("每人每月", "80", "20")
    out = io.StringIO()
    call_command("caps", "--company", "hongyuan", "--day", "2026-12-01", stdout=out)
    assert "最多 100，已用 0，剩余 100" in out.getvalue()
