"""Rates, and what one does with the own points: from pages and from programs, once each."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from meritbook.approvals.models import Case
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.rates import rates
from meritbook.notices.models import OutboxMessage
from tests.awards.worlds import World, event
from tests.people import NOW, TODAY, Cast
from tests.site.test_assets import Program, page, policy

pytestmark = pytest.mark.django_db
LATER = TODAY + timedelta(days=40)
RATE = {
    "source": "spendable",
    "target": "coin",
    "given": "100",
    "got": "1",
    "valid_from": str(TODAY),
    "reason": "开始兑换",
}


@pytest.fixture(autouse=True)
def _at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW)


@pytest.fixture
def world(home: Cast) -> World:
    """李雷 has 500 points of honour and 500 to spend."""
    made = World(home.company.pk, home.company.code)
    code = made.rule("S1", "签合同", points="500").rule.code
    made.record(event("1", code, "0001", "2026-11-20 10:00"))
    return made


def said(client: Client, address: str, data: dict[str, str]) -> str:
    """The page after a form was sent, with its messages."""
    return client.post(address, data, follow=True).content.decode()


def token(client: Client, address: str) -> str:
    return str(client.get(address).context["form"].initial["token"])


def test_a_rate_begins_at_once_and_changes_with_a_second_person(home: Cast, world: World) -> None:
    officer, owner = home.client("officer"), home.client("owner")
    assert "先在“积分种类”里" in page(officer, "/ledger/rates/")
    policy(home, is_convertible=True)
    preview = officer.post("/ledger/rates/preview/", RATE).content.decode()
    assert "现有 500 可用分（1 人）共可换 5 现金币" in preview

    assert "比例已定" in said(officer, "/ledger/rates/new/", RATE)
    assert "100 可用分 = 1 现金币" in page(officer, "/ledger/rates/")

    twice = RATE | {"got": "2", "valid_from": str(LATER), "reason": "业务变好"}
    preview = officer.post("/ledger/rates/preview/", twice).content.decode()
    assert "现在可换 5 现金币，调整后可换 10 现金币（+5）" in preview
    assert "已提交审批" in said(officer, "/ledger/rates/new/", twice)
    assert "等待审批" in page(officer, "/ledger/rates/")
    with company_scope(home.company.pk):
        assert len(rates(company_id=home.company.pk)) == 1
        case = Case.objects.get(company_id=home.company.pk, kind="ledger.rate")
    shown = page(owner, f"/approvals/{case.pk}/")
    assert "100 可用分 = 2 现金币" in shown
    assert "（+5）" in shown
    assert officer.post(f"/approvals/{case.pk}/decide/", {"answer": "approve"}).status_code == 403

    owner.post(f"/approvals/{case.pk}/decide/", {"answer": "approve"})

    with company_scope(home.company.pk):
        latest = rates(company_id=home.company.pk)[0]
        told = OutboxMessage.objects.filter(company_id=home.company.pk, topic="rate.changed")
        assert (latest.valid_from, latest.numerator, latest.denominator) == (LATER, 200, 10_000)
        assert [one.payload["audience"] for one in told] == ["everyone", "everyone"]
    assert "将生效" in page(officer, "/ledger/rates/")
    listed = Program(home, "assets:read").call("GET", "/rates")[1]["items"]
    assert [(one["given"], one["got"]) for one in listed] == [("100", "2"), ("100", "1")]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"target": "spendable"}, "请选另一种积分"),
        ({"target": "honour"}, "honour"),
        ({"source": "coin"}, "coin"),
        ({"given": "0"}, "0.0001"),
        ({"given": "-1"}, "0.0001"),
        ({"got": "0.001"}, "最多 2 位小数"),
        ({"given": "9223372036854775808"}, "100000"),
        ({"valid_from": "2026-11-20"}, "记账日期"),
        ({"valid_from": ""}, "必填"),
    ],
)
def test_what_a_rate_cannot_be(home: Cast, changes: dict[str, str], words: str) -> None:
    policy(home, is_convertible=True)
    refused = home.client("officer").post("/ledger/rates/new/", RATE | changes)
    assert refused.status_code == 422
    assert words in str(refused.context["form"].errors)


def test_the_table_without_rates_leads_on(home: Cast) -> None:
    """To the kinds of points while none may be converted, then to the form."""
    officer = home.client("officer")
    empty = page(officer, "/ledger/rates/")
    assert "看积分种类" in empty
    assert "/ledger/rates/new/" not in empty
    policy(home, is_convertible=True)
    assert page(officer, "/ledger/rates/").count('href="/ledger/rates/new/"') == 2


def test_a_way_back_needs_a_second_person(home: Cast) -> None:
    """100 into 1 and 1 into 1,000 would make points out of nothing."""
    officer, owner = home.client("officer"), home.client("owner")
    policy(home, is_convertible=True)
    policy(home, "coin", is_convertible=True)
    officer.post("/ledger/rates/new/", RATE)
    back = RATE | {"source": "coin", "target": "spendable", "given": "1", "got": "1000"}

    assert "已提交审批" in said(officer, "/ledger/rates/new/", back)

    with company_scope(home.company.pk):
        assert len(rates(company_id=home.company.pk)) == 1
        case = Case.objects.get(company_id=home.company.pk, kind="ledger.rate")
    assert "1000 可用分" in page(owner, f"/approvals/{case.pk}/")
    assert officer.post(f"/approvals/{case.pk}/decide/", {"answer": "approve"}).status_code == 403
    owner.post(f"/approvals/{case.pk}/decide/", {"answer": "approve"})
    with company_scope(home.company.pk):
        assert len(rates(company_id=home.company.pk)) == 2


def test_a_change_of_rate_needs_notice(home: Cast) -> None:
    policy(home, is_convertible=True)
    officer = home.client("officer")
    officer.post("/ledger/rates/new/", RATE)
    soon = RATE | {"got": "2", "valid_from": str(TODAY + timedelta(days=29))}
    refused = officer.post("/ledger/rates/new/", soon)
    assert "提前公告" in str(refused.context["form"].errors)
    taken = RATE | {"got": "2", "valid_from": str(LATER)}
    officer.post("/ledger/rates/new/", taken)
    with company_scope(home.company.pk):
        case = Case.objects.get(company_id=home.company.pk, kind="ledger.rate")
    home.client("owner").post(f"/approvals/{case.pk}/decide/", {"answer": "approve"})
    again = officer.post("/ledger/rates/new/", taken | {"got": "3"})
    assert "已有兑换比例" in str(again.context["form"].errors)


def test_one_converts_ones_own_points_once(home: Cast, world: World) -> None:
    lilei = home.client("employee")
    assert "/wallet/convert/" not in page(lilei, "/wallet/")
    assert "现在没有可以兑换的积分" in page(lilei, "/wallet/convert/")
    policy(home, is_convertible=True)
    home.client("officer").post("/ledger/rates/new/", RATE)
    assert "/wallet/convert/" in page(lilei, "/wallet/")
    form = {"what": "spendable/coin", "amount": "250", "token": token(lilei, "/wallet/convert/")}
    preview = lilei.post("/wallet/convert/preview/", form).content.decode()
    assert "100 可用分 = 1 现金币" in preview
    assert ">2.5<" in preview
    assert world.balances("coin") == {}

    assert "得到 2.5 现金币" in said(lilei, "/wallet/convert/", form)
    said(lilei, "/wallet/convert/", form)  # a second click

    assert world.balances("spendable") == {"0001": 25_000}
    assert world.balances("coin") == {"0001": 250}
    assert world.balances("honour") == {"0001": 50_000}
    other = form | {"amount": "10"}
    # Back in the browser and another amount: told in words, and the next click is another deed.
    again = lilei.post("/wallet/convert/", other)
    assert again.status_code == 422
    assert "已经提交过一次" in again.content.decode()
    assert "幂等" not in again.content.decode()
    assert again.context["form"]["token"].value() not in ("", form["token"])
    for amount, words in (
        ("251", "余额不足"),
        ("0", "0.0001"),
        ("-5", "0.0001"),
        ("0.001", "最多 2 位小数"),
        ("9223372036854775808", "1000000000"),
        ("很多", "输入"),
    ):
        fresh = form | {"amount": amount, "token": token(lilei, "/wallet/convert/")}
        refused = lilei.post("/wallet/convert/", fresh)
        assert refused.status_code == 422, amount
        assert words in str(refused.context["form"].errors), amount
    assert home.client("head").post("/wallet/convert/", form).status_code == 422


def test_one_hands_points_to_a_colleague_where_that_is_allowed(home: Cast, world: World) -> None:
    lilei = home.client("employee")
    assert "公司没有开放转赠" in page(lilei, "/wallet/transfer/")
    policy(home, is_transferable=True)
    form = {
        "what": "spendable",
        "receiver": "0004",
        "amount": "20.5",
        "note": "谢谢帮忙",
        "token": token(lilei, "/wallet/transfer/"),
    }
    assert "已转给赵敏 20.5 可用分" in said(lilei, "/wallet/transfer/", form)
    said(lilei, "/wallet/transfer/", form)
    assert world.balances("spendable") == {"0001": 47_950, "0004": 2050}
    assert "谢谢帮忙" in page(home.client("officer"), "/people/0004/wallet/?asset=spendable")
    with company_scope(home.company.pk):
        told = OutboxMessage.objects.get(company_id=home.company.pk, topic="points.received")
        assert told.payload["points"] == "20.5"
    for whom in ("0004 赵敏", "赵敏"):
        named = {"receiver": whom, "amount": "1", "token": token(lilei, "/wallet/transfer/")}
        assert "已转给赵敏" in said(lilei, "/wallet/transfer/", form | named)
    for changes, words in (
        ({"receiver": "0001"}, "不能是同一个账户"),
        ({"receiver": "0004 王强"}, "没有工号或姓名为“0004 王强”的在职同事"),
        ({"receiver": "9999"}, "没有工号或姓名为“9999”的在职同事"),
        ({"amount": "480"}, "余额不足"),
        ({"what": "honour"}, "honour"),
    ):
        fresh = form | {"token": token(lilei, "/wallet/transfer/")} | changes
        refused = lilei.post("/wallet/transfer/", fresh)
        assert refused.status_code == 422, changes
        assert words in str(refused.context["form"].errors), changes


def test_a_program_converts_spends_holds_once_each(home: Cast, world: World) -> None:
    policy(home, is_convertible=True)
    home.client("officer").post("/ledger/rates/new/", RATE)
    mall = Program(home, "wallets:write", "wallets:read")
    turn = {"from_asset": "spendable", "to_asset": "coin", "amount": "100"}
    first = mall.call("POST", "/employees/0001/convert", turn, key="c-1")
    assert (first[0], first[1]["got"], first[1]["result"]) == (201, "1", "new")
    assert mall.call("POST", "/employees/0001/convert", turn, key="c-1") == first

    spent = mall.call("POST", "/employees/0001/spend", {"asset": "spendable", "amount": 50}, "s-1")
    assert spent[0] == 201
    hold = {"asset": "spendable", "amount": "200", "note": "订单 7"}
    status, held = mall.call("POST", "/employees/0001/holds", hold, key="h-1")
    assert (status, held["state"], held["amount"]) == (201, "open", "200")
    assert mall.call("GET", "/employees/0001/holds")[1]["items"] == [held]
    account = mall.call("GET", "/employees/0001/wallet")[1]["accounts"][1]
    assert (account["balance"], account["held"], account["available"]) == ("350", "200", "150")

    where = f"/employees/0001/holds/{held['hold_id']}"
    taken = mall.call("POST", f"{where}/capture", {"amount": "80"}, key="k-1")
    assert (taken[0], taken[1]["state"], taken[1]["captured"]) == (200, "captured", "80")
    assert mall.call("POST", f"{where}/capture", {"amount": "80"}, key="k-1") == taken
    assert world.balances("spendable") == {"0001": 27_000}
    second = mall.call("POST", "/employees/0001/holds", hold, key="h-2")[1]["hold_id"]
    released = mall.call("POST", f"/employees/0001/holds/{second}/release")
    assert (released[0], released[1]["state"]) == (200, "released")
    assert mall.call("POST", f"/employees/0001/holds/{second}/release")[0] == 200
    for address, body, key, status, code in (
        (f"{where}/capture", {}, "k-2", 409, "hold_ended"),
        (f"{where}/release", None, "", 409, "hold_ended"),
        (f"/employees/0002/holds/{second}/release", None, "", 404, "unknown_hold"),
        (f"/employees/0001/holds/{second + 99}/capture", {}, "k-3", 404, "unknown_hold"),
    ):
        answer = mall.call("POST", address, body, key)
        assert (answer[0], answer[1]["code"]) == (status, code), address
    assert [
        one["state"] for one in mall.call("GET", "/employees/0001/holds?all=true")[1]["items"]
    ] == ["released", "captured"]


def test_the_longest_key_that_is_allowed_works_once(home: Cast, world: World) -> None:
    mall, longest = Program(home, "wallets:write"), "k" * 200
    first = mall.call("POST", "/employees/0001/spend", SPEND, key=longest)
    assert first[0] == 201
    assert mall.call("POST", "/employees/0001/spend", SPEND, key=longest) == first
    assert mall.call("POST", "/employees/0001/spend", SPEND, key=longest[1:] + "l")[0] == 201
    assert world.balances("spendable") == {"0001": 49_800}


def test_what_a_program_may_not_see_it_cannot_release(home: Cast, world: World) -> None:
    mall = Program(home, "wallets:write", "wallets:read")
    held = mall.call("POST", "/employees/0001/holds", SPEND, key="h-1")[1]["hold_id"]
    policy(home, visible_to="officers")

    answer = mall.call("POST", f"/employees/0001/holds/{held}/release")

    assert (answer[0], answer[1]["code"]) == (404, "unknown_asset")


SPEND = {"asset": "spendable", "amount": "1"}
TURN = {"from_asset": "spendable", "to_asset": "coin", "amount": "1"}


@pytest.mark.parametrize(
    ("address", "body", "status", "code"),
    [
        ("0001/spend", SPEND | {"amount": "0"}, 422, "bad_amount"),
        ("0001/spend", SPEND | {"amount": "-1"}, 422, "bad_amount"),
        ("0001/spend", SPEND | {"amount": "9223372036854775808"}, 422, "bad_amount"),
        ("0001/spend", SPEND | {"amount": "0.001"}, 422, "too_many_decimals"),
        ("0001/spend", SPEND | {"amount": "NaN"}, 422, "bad_amount"),
        ("0001/spend", SPEND | {"amount": "一百"}, 422, "bad_amount"),
        ("0001/spend", SPEND | {"amount": "501"}, 422, "below_floor"),
        ("0001/spend", SPEND | {"asset": "honour"}, 422, "not_spendable"),
        ("0001/spend", SPEND | {"asset": "nothing"}, 404, "unknown_asset"),
        ("7777/spend", SPEND, 404, "unknown_employee"),
        ("0001/spend", {"asset": "spendable"}, 422, "invalid_request"),
        ("0001/convert", TURN, 422, "not_convertible"),
        ("0001/convert", TURN | {"to_asset": "honour"}, 422, "not_convertible"),
        ("0001/convert", TURN | {"to_asset": "spendable"}, 422, "same_account"),
        ("0001/transfer", SPEND | {"to": "0004"}, 422, "not_transferable"),
        ("0001/transfer", SPEND | {"to": "0001"}, 422, "same_account"),
        ("0001/transfer", SPEND | {"to": "7777"}, 404, "unknown_employee"),
        ("0001/transfer", SPEND | {"to": "\x00"}, 422, "invalid_request"),
        ("0001/holds", SPEND | {"amount": "501"}, 422, "below_floor"),
        ("0001/holds", SPEND | {"asset": "honour"}, 422, "not_spendable"),
        ("0001/holds", SPEND | {"lapses_at": "2020-01-01T00:00:00Z"}, 422, "bad_lapse"),
        ("0001/holds", SPEND | {"lapses_at": "9999-12-31T23:59:59Z"}, 422, "bad_lapse"),
        ("0001/holds", SPEND | {"lapses_at": "2030-01-01T00:00:00"}, 422, "invalid_request"),
    ],
)
def test_what_the_api_refuses(
    home: Cast, world: World, address: str, body: dict[str, Any], status: int, code: str
) -> None:
    mall = Program(home, "wallets:write")
    answer = mall.call("POST", f"/employees/{address}", body, key="once")
    assert (answer[0], answer[1]["code"]) == (status, code)
    assert world.balances("spendable") == {"0001": 50_000}


def test_a_key_is_needed_and_belongs_to_one_request(home: Cast, world: World) -> None:
    mall = Program(home, "wallets:write")
    status, answer = mall.call("POST", "/employees/0001/spend", SPEND)
    assert (status, answer["code"]) == (400, "idempotency_key_missing")
    mall.call("POST", "/employees/0001/spend", SPEND, key="s-1")
    status, answer = mall.call("POST", "/employees/0001/spend", SPEND | {"amount": "2"}, key="s-1")
    assert (status, answer["code"]) == (409, "idempotency_key_reused")
    assert world.balances("spendable") == {"0001": 49_900}
