"""The page of budgets, its forms, the command, the API."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from meritbook.approvals.models import Case
from meritbook.awards.models import Budget
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.worth import worth
from meritbook.org.models import AuditEntry, Department
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.keys import create_key
from tests.people import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
FORM = {
    "department": "",
    "asset": "spendable",
    "span": "month",
    "amount": "1000",
    "unit": "points",
    "policy": "warn",
    "begins": "now",
}


@pytest.fixture(autouse=True)
def _at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW)


def page_of(client: Client, address: str = "/ledger/budget/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def sent(client: Client, address: str, data: dict[str, str]) -> str:
    return client.post(address, data, follow=True).content.decode()


def test_an_owner_sets_a_budget_and_sees_it(home: Cast) -> None:
    owner = home.client("owner")
    assert "这段时间没有预算" in page_of(owner)
    shown = sent(owner, "/ledger/budget/new/", FORM)
    assert "预算已设定" in shown
    assert "1,000 分" in shown
    assert "10.00 元" in shown
    assert "正常" in shown
    # An officer sees it and cannot set it; a head sees nothing of the company's.
    officer = home.client("officer")
    assert "1,000 分" in page_of(officer)
    assert "/ledger/budget/new/" not in page_of(officer)
    assert "1,000 分" not in page_of(home.client("head"))
    with company_scope(home.company.pk):
        made = Budget.objects.get(company_id=home.company.pk)
    assert "预算已结束" in sent(owner, f"/ledger/budget/{made.pk}/end/", {})
    assert owner.post(f"/ledger/budget/{made.pk}/end/").status_code == 404
    assert "这段时间没有预算" in page_of(owner)


def test_a_head_sees_the_budget_of_the_own_department(home: Cast) -> None:
    with company_scope(home.company.pk):
        south = Department.objects.get(company_id=home.company.pk, name="华南组").pk
        depot = Department.objects.get(company_id=home.company.pk, name="仓库").pk
    owner = home.client("owner")
    sent(owner, "/ledger/budget/new/", FORM | {"department": str(south), "amount": "222"})
    sent(owner, "/ledger/budget/new/", FORM | {"department": str(depot), "amount": "333"})
    shown = page_of(home.client("head"))
    assert "222 分" in shown
    assert "333 分" not in shown


def test_a_budget_in_money_from_the_next_period_on(home: Cast) -> None:
    owner = home.client("owner")
    shown = sent(
        owner,
        "/ledger/budget/new/",
        FORM | {"unit": "money", "amount": "88.5", "begins": "next", "policy": "queue"},
    )
    assert "将要开始" in shown
    assert "2026-12-01" in shown
    assert "每月 88.5 元" in shown
    assert "88.50 元" in page_of(owner, "/ledger/budget/?period=2026-12")
    assert "8,850 分" in page_of(owner, "/ledger/budget/?period=2026-12")


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "0"},
        {"amount": "-5"},
        {"amount": "1.234"},
        {"amount": "9" * 30},
        {"amount": "许多"},
        {"department": "999999"},
        {"span": "week"},
        {"asset": "gold"},
        {"policy": ""},
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field(home: Cast, change: dict[str, str]) -> None:
    owner = home.client("owner")
    answer = owner.post("/ledger/budget/new/", FORM | change)
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    with company_scope(home.company.pk):
        assert not Budget.objects.filter(company_id=home.company.pk).exists()


def test_odd_periods_lead_to_the_present_month(home: Cast) -> None:
    owner = home.client("owner")
    assert owner.get("/ledger/budget/?period=2026-13").status_code == 302
    assert page_of(owner, "/ledger/budget/?period=all")
    assert page_of(owner, "/ledger/budget/?period=2999-12")
    assert page_of(owner, "/ledger/budget/?period=1900-01")


def cents(cast: Cast) -> int:
    with company_scope(cast.company.pk):
        return worth(company_id=cast.company.pk, asset_code="spendable", on=TODAY).cents


def test_the_worth_is_said_once_and_changed_by_two(home: Cast) -> None:
    officer = home.client("officer")
    form = {"asset": "spendable", "points": "100", "money": "2", "valid_from": "2026-11-21"}
    assert "100 积分折合 1.00 元" in page_of(officer)
    shown = sent(officer, "/ledger/budget/worth/", form)
    assert "积分价值已定" in shown
    assert "100 积分折合 2.00 元" in shown
    assert cents(home) == 200
    again = form | {"money": "3", "reason": "年底加码"}
    assert "至少要提前 7 天" in sent(officer, "/ledger/budget/worth/", again)
    assert "不能改写" not in sent(officer, "/ledger/budget/worth/", again)
    shown = sent(officer, "/ledger/budget/worth/", again | {"valid_from": "2026-12-01"})
    assert "等负责人同意" in shown
    assert "年底加码" in shown
    assert cents(home) == 200
    with company_scope(home.company.pk):
        assert Case.objects.get(company_id=home.company.pk).kind == "ledger.worth"
    assert home.client("head").get("/ledger/budget/worth/").status_code == 403


def test_the_command_and_the_api_tell_the_same(home: Cast) -> None:
    owner = home.client("owner")
    sent(owner, "/ledger/budget/new/", FORM)
    sent(owner, "/ledger/budget/new/", FORM | {"span": "year", "unit": "money"})
    out = StringIO()
    call_command("budget", "--company", "hongyuan", "--period", "2026-11", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert [(one["period"], one["points"], one["money"]) for one in told] == [
        ("2026-11", "1000", "10"),
        ("2026", "100000", "1000"),
    ]
    assert told[0] | {"forecast": "0", "state": "fine", "policy": "warn", "used": "0"} == told[0]
    with company_scope(home.company.pk):
        key = create_key(
            company_id=home.company.pk, name="财务", scopes=["budgets:read"], now=NOW, actor=SYSTEM
        )
    headers = {"Authorization": f"Bearer {key.token}"}
    answer = Client().get("/api/v1/budgets?period=2026-11", headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"period": "2026-11", "items": told})
    assert Client().get("/api/v1/budgets?period=soon", headers=headers).status_code == 422
    out = StringIO()
    call_command("budget", "--company", "hongyuan", stdout=out)
    assert "已用 0 / 1000 分" in out.getvalue()
    with pytest.raises(SystemExit) as left:
        call_command("budget", "--company", "hongyuan", "--period", "soon", stderr=StringIO())
    assert left.value.code == 1


def test_the_desk_shows_the_budgets(home: Cast) -> None:
    """How far each is used up; nothing where nobody set any, and nothing for who sees none."""
    owner = home.client("owner")
    assert "budgets" not in owner.get("/").context
    sent(owner, "/ledger/budget/new/", FORM)
    sent(owner, "/ledger/budget/new/", FORM | {"span": "year", "unit": "money"})
    for role in ("owner", "officer"):
        shown = home.client(role).get("/")
        lines = shown.context["budgets"]
        assert [(one["amount"], one["unit"], one["share"], one["state"]) for one in lines] == [
            (1000, "分", 0, "正常"),
            (1000, "元", 0, "正常"),
        ]
        assert "0 / 1,000 分 · 0%" in " ".join(shown.content.decode().split())
    assert "budgets" not in home.client("employee").get("/").context


def test_a_program_sets_and_ends_a_budget(home: Cast) -> None:
    """As on the page: what held before ends; what makes no budget is named; the log has the key."""
    with company_scope(home.company.pk):
        key = create_key(
            company_id=home.company.pk,
            name="财务",
            scopes=["budgets:read", "budgets:write"],
            now=NOW,
            actor=SYSTEM,
        )

    def call(method: str, path: str = "", **body: object) -> tuple[int, Any]:
        answer = Client().generic(
            method,
            f"/api/v1/budgets{path}",
            json.dumps(body) if method == "POST" else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {key.token}"},
        )
        return answer.status_code, answer.json()

    status, first = call("POST", amount="1000.5")
    assert (status, first["starts_on"]) == (200, "2026-11-21")
    status, second = call("POST", amount="300", unit="money", policy="queue")
    assert status == 200
    (item,) = call("GET", "?period=2026-11")[1]["items"]
    assert (item["id"], item["money"], item["policy"]) == (second["id"], "300", "queue")
    for wrong, code in (
        ({"amount": "0"}, "invalid_request"),
        ({}, "invalid_request"),
        ({"amount": "1", "asset": "gold"}, "bad_budget"),
        ({"amount": "1", "span": "week"}, "bad_budget"),
        ({"amount": "1", "unit": "hours"}, "bad_budget"),
        ({"amount": "1", "policy": "hope"}, "bad_budget"),
        ({"amount": "1", "starts_on": "2026-11-20"}, "bad_budget"),
        ({"amount": "1", "department_id": 999999}, "bad_budget"),
        ({"amount": "1", "colour": "red"}, "invalid_request"),
    ):
        status, answer = call("POST", **wrong)
        assert (status, answer["code"]) == (422, code), wrong
    assert call("POST", f"/{second['id']}/end") == (
        200,
        {"id": second["id"], "ends_on": "2026-11-21"},
    )
    assert call("POST", f"/{second['id']}/end")[0] == 404
    assert call("GET", "?period=2026-11")[1]["items"] == []
    with company_scope(home.company.pk):
        names = set(
            AuditEntry.objects.filter(
                company_id=home.company.pk, action__startswith="budget."
            ).values_list("actor_name", flat=True)
        )
    assert names == {f"api key {key.key.pk}"}
