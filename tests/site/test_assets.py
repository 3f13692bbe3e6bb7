"""Kinds of points as people meet them: names everywhere, policies, own kinds, who sees them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from meritbook.kit.tenancy import company_scope
from meritbook.ledger.assets import asset_policy
from meritbook.ledger.operations.asset_changes import change_policy
from meritbook.ledger.operations.policies import Policy
from meritbook.org.models import AuditEntry
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.keys import create_key
from meritbook.rules.operations.loading import load_drafts
from meritbook.rules.operations.postings import set_postings
from meritbook.rules.tables import read_text
from tests.awards.worlds import World, event
from tests.people import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
FORM = {
    "name": "",
    "unit": "",
    "decimals": "2",
    "visible_to": "everyone",
    "expiry": "never",
    "expiry_month": "12",
    "expiry_day": "31",
    "wallet_floor": "0",
    "clawback": "clip",
    "rate_basis": "redemption",
}
SPENDABLE = "/ledger/assets/spendable/"


@pytest.fixture(autouse=True)
def _at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW)


@pytest.fixture
def world(home: Cast) -> World:
    return World(home.company.pk, home.company.code)


def policy(cast: Cast, code: str = "spendable", **changes: Any) -> None:
    said: Policy = changes  # type: ignore[assignment]
    with company_scope(cast.company.pk):
        change_policy(company_id=cast.company.pk, code=code, policy=said, actor=SYSTEM, now=NOW)


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    return answer.content.decode()


class Program:
    """A program with a key."""

    def __init__(self, cast: Cast, *scopes: str) -> None:
        with company_scope(cast.company.pk):
            made = create_key(
                company_id=cast.company.pk, name="商城", scopes=scopes, now=NOW, actor=SYSTEM
            )
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {made.token}"}

    def call(self, method: str, address: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        answer = self.client.generic(
            method,
            f"/api/v1{address}",
            data="" if body is None else json.dumps(body),
            content_type="application/json",
            headers=headers,
        )
        return answer.status_code, answer.json()


def test_a_name_of_the_companys_own_stands_everywhere(home: Cast, world: World) -> None:
    code = world.rule("S1", "签合同", points="10").rule.code
    world.record(event("1", code, "0001", "2026-11-20 10:00"))
    officer, lilei = home.client("officer"), home.client("employee")
    assert "可用分" in page(lilei, "/wallet/")

    saved = officer.post(SPENDABLE, FORM | {"name": "星星", "unit": "颗", "decimals": "0"})

    assert saved["Location"] == SPENDABLE
    tx_id = World.select(
        world, "SELECT tx_id FROM awards_entry WHERE company_id = %s", [world.company_id]
    )[0][0]
    for client, address in (
        (lilei, "/"),
        (lilei, "/wallet/"),
        (lilei, "/boards/?asset=spendable"),
        (lilei, f"/entries/{tx_id}/why/"),
        (officer, "/ledger/"),
        (officer, "/ledger/balances/?q=0001"),
        (officer, "/ledger/assets/"),
        (officer, f"/rules/{code}/postings/"),
    ):
        shown = page(client, address)
        assert "星星" in shown, address
        assert "可用分" not in shown, address
    assert "颗" in page(lilei, "/wallet/")
    program = Program(home, "wallets:read", "assets:read")
    accounts = program.call("GET", "/employees/0001/wallet")[1]["accounts"]
    assert [(one["asset"], one["name"], one["unit"]) for one in accounts][1] == (
        "spendable",
        "星星",
        "颗",
    )
    _status, listed = program.call("GET", "/assets")
    assert [one["name"] for one in listed["items"]][:3] == ["荣誉分", "星星", "现金币"]


def test_a_change_is_kept_with_who_and_when(home: Cast) -> None:
    officer = home.client("officer")
    life = {"expiry": "months", "expiry_count": "12", "round_to": "month", "reason": "按新制度"}
    officer.post(SPENDABLE, FORM | life)
    with company_scope(home.company.pk):
        kept = asset_policy(company_id=home.company.pk, code="spendable")
        entry = AuditEntry.objects.filter(action="asset.policy").latest("id")
    assert (kept.expiry, kept.expiry_count, kept.expiry_period) == ("months", 12, "month")
    assert (entry.actor_name, entry.reason) == ("韩梅梅", "按新制度")
    assert entry.after["expiry"] == "months"
    shown = page(officer, SPENDABLE)
    assert "获得之日起 12 个月后的月底到期" in shown
    assert "现在发放的将于 2027-11-30 到期" in shown
    assert "韩梅梅" in shown
    assert "有效期：终身有效，不清零 → 获得后若干个月到期" in shown


def test_the_sentence_changes_while_one_types(home: Cast) -> None:
    officer = home.client("officer")
    preview = officer.post(
        f"{SPENDABLE}preview/",
        FORM
        | {"expiry": "period_end", "period": "quarter", "expiry_count": "0", "grace_days": "7"},
    ).content.decode()
    assert "获得当季的季末到期，宽限 7 天" in preview
    assert "现在发放的将于 2027-01-07 到期" in preview
    assert (
        "请填 1 到 120 个月"
        in officer.post(
            f"{SPENDABLE}preview/", FORM | {"expiry": "months", "expiry_count": ""}
        ).content.decode()
    )
    with company_scope(home.company.pk):
        assert asset_policy(company_id=home.company.pk, code="spendable").expiry == "never"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"expiry": "months", "expiry_count": "0"}, "请填 1 到 120 个月"),
        ({"expiry": "months", "expiry_count": "121"}, "120"),
        ({"expiry": "weekly"}, "weekly"),
        ({"carry_percent": "101", "expiry": "date"}, "100"),
        ({"carry_max": "-1", "expiry": "date"}, "0"),
        ({"grace_days": "367", "expiry": "date"}, "366"),
        ({"expiry_month": "13"}, "13"),
        ({"expiry": "date", "expiry_month": "2", "expiry_day": "30"}, "2 月没有 30 日"),
        ({"expiry": "date", "expiry_month": "4", "expiry_day": "31"}, "4 月没有 31 日"),
        ({"clawback": "debt"}, "设了最低余额的积分不能记欠账"),
        ({"wallet_floor": "0.001"}, "小数"),
        ({"wallet_floor": "1"}, "余额不足"),
        ({"decimals": "3"}, "3"),
        ({"visible_to": "all"}, "all"),
        ({"name": "名" * 41}, "40"),
    ],
)
def test_what_a_policy_cannot_be(
    home: Cast, world: World, changes: dict[str, str], said: str
) -> None:
    code = world.rule("S1", "签合同", points="0.5").rule.code
    world.record(event("1", code, "0001", "2026-11-20 10:00"))
    refused = home.client("officer").post(SPENDABLE, FORM | changes)
    assert refused.status_code == 422
    assert said in str(refused.context["form"].errors)


def test_honour_stays_rank(home: Cast) -> None:
    officer = home.client("officer")
    form = officer.get("/ledger/assets/honour/").context["form"]
    assert not {"expiry", "is_transferable", "is_convertible", "wallet_floor"} & form.fields.keys()
    program = Program(home, "assets:write")
    for body, code in (
        ({"is_transferable": True}, "honour_is_rank"),
        ({"is_convertible": True}, "honour_is_rank"),
        ({"wallet_floor": "0"}, "honour_is_rank"),
        ({"expiry": "months", "expiry_count": 12}, "keeps_no_lots"),
    ):
        status, answer = program.call("PATCH", "/assets/honour", body)
        assert (status, answer["code"]) == (422, code), body


@pytest.mark.parametrize(
    ("method", "address", "body", "status", "code"),
    [
        ("PATCH", "/assets/nothing", {"decimals": 0}, 404, "unknown_asset"),
        ("PATCH", "/assets/spendable", {"expiry": "months"}, 422, "bad_policy"),
        ("PATCH", "/assets/spendable", {"expiry_month": 2}, 422, "no_such_day"),
        ("PATCH", "/assets/spendable", {"expiry_day": 32}, 422, "invalid_request"),
        ("PATCH", "/assets/spendable", {"clawback": "debt"}, 422, "debt_needs_no_floor"),
        ("PATCH", "/assets/spendable", {"wallet_floor": "0.001"}, 422, "too_many_decimals"),
        ("PATCH", "/assets/spendable", {"wallet_floor": "many"}, 422, "bad_amount"),
        ("PATCH", "/assets/spendable", {"wallet_floor": "1e30"}, 422, "bad_amount"),
        ("PATCH", "/assets/spendable", {"scale": 4}, 422, "invalid_request"),
        ("PATCH", "/assets/spendable", {"carry_percent": 101}, 422, "invalid_request"),
        ("POST", "/assets", {"name": "星", "code": "Star"}, 422, "bad_code"),
        ("POST", "/assets", {"name": "星", "code": "honour"}, 422, "code_taken"),
        ("POST", "/assets", {"name": " "}, 422, "bad_name"),
        ("POST", "/assets", {"name": "星", "scale": 5}, 422, "invalid_request"),
    ],
)
def test_what_the_api_refuses(
    home: Cast, method: str, address: str, body: Any, status: int, code: str
) -> None:
    answer = Program(home, "assets:write").call(method, address, body)
    assert (answer[0], answer[1]["code"]) == (status, code)


def test_a_kind_of_points_of_its_own(home: Cast, world: World) -> None:
    officer = home.client("officer")
    proposed = officer.get("/ledger/assets/new/code/?name=成长星").content.decode()
    assert 'placeholder="chengzhangxing"' in proposed
    made = officer.post(
        "/ledger/assets/new/", {"name": "成长星", "unit": "颗", "scale": "0", "keeps_lots": "on"}
    )
    assert made["Location"] == "/ledger/assets/chengzhangxing/"
    assert (
        "这个代码已经用过"
        in officer.post(
            "/ledger/assets/new/", {"name": "别的", "code": "chengzhangxing", "scale": "0"}
        ).content.decode()
    )

    version = world.rule("S1", "签合同", points="25")
    address = f"/rules/{version.rule.code}/postings/"
    wanted = {"asset_honour": "1", "asset_spendable": "1", "asset_chengzhangxing": "0.1"}
    example = officer.post(address, wanted, headers={"HX-Request": "true"}).content.decode()
    assert "成长星" in example
    assert "+1" in example
    assert officer.post(address, wanted)["Location"] == f"/rules/{version.rule.code}/"
    officer.post(f"/rules/{version.rule.code}/publish/", {"active_to": "2026-11-01"})
    world.record(event("1", version.rule.code, "0001", "2026-11-20 10:00"))

    # 2.5 stars, half up; honour and spendable as ever.
    assert world.balances("chengzhangxing") == {"0001": 3}
    assert world.balances("spendable") == {"0001": 2500}
    lilei = home.client("employee")
    assert "成长星" in page(lilei, "/wallet/?asset=chengzhangxing")
    assert "成长星 +3" in page(lilei, f"/entries/{_entry(world)}/why/")
    assert "成长星" in page(lilei, "/boards/?asset=chengzhangxing")
    program = Program(home, "wallets:read", "boards:read", "events:read")
    board = program.call("GET", "/boards?period=2026-11&asset=chengzhangxing")[1]["items"]
    assert (board[0]["name"], board[0]["points"]) == ("李雷", "3")
    told = program.call("GET", "/events/1?source=crm")[1]["entries"]
    assert ("chengzhangxing", "3") in [(one["asset"], one["points"]) for one in told]
    lines = program.call("GET", "/employees/0001/statement?asset=chengzhangxing")[1]["items"]
    assert [one["balance_after"] for one in lines] == ["3"]
    journal = page_bytes(officer, "/ledger/journal.beancount")
    assert "CHENGZHANGXING" in journal.upper()


def _entry(world: World) -> int:
    rows = world.select("SELECT tx_id FROM awards_entry WHERE company_id = %s", [world.company_id])
    return int(rows[0][0])


def page_bytes(client: Client, address: str) -> str:
    answer = client.get(address)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode()


@pytest.mark.parametrize(
    ("points", "factors", "said"),
    [
        ("10", {}, "至少要记入一种积分"),
        ("10", {"asset_honour": "-1"}, "0"),
        ("10", {"asset_honour": "1001"}, "1000"),
        ("-10", {"asset_honour": "1", "asset_spendable": "1"}, "扣分只扣荣誉"),
    ],
)
def test_where_points_do_not_go(
    home: Cast, world: World, points: str, factors: dict[str, str], said: str
) -> None:
    code = world.rule("S1", "某事", points=points).rule.code
    refused = home.client("officer").post(f"/rules/{code}/postings/", factors)
    assert refused.status_code == 422
    assert said in str(refused.context["form"].errors)


@pytest.mark.parametrize(
    ("visible_to", "sees"),
    [
        ("everyone", {"employee", "head", "officer"}),
        ("managers", {"employee", "head", "officer"}),
        ("self", {"employee", "officer"}),
        ("officers", {"officer"}),
    ],
)
def test_who_sees_how_much_somebody_has(
    home: Cast, world: World, visible_to: str, sees: set[str]
) -> None:
    code = world.rule("S1", "签合同", points="77").rule.code
    world.record(event("1", code, "0001", "2026-11-20 10:00"))
    policy(home, visible_to=visible_to, name="秘密分")
    for role in ("employee", "head", "officer"):
        address = "/wallet/" if role == "employee" else "/people/0001/wallet/"
        client = home.client(role)
        for shown in (
            page(client, address),
            page(client, f"/entries/{_entry(world)}/why/").partition("<dl")[2],
        ):
            assert ("秘密分" in shown) == (role in sees), (role, address)
        held = client.get(f"{address}statement.xlsx?asset=spendable")
        assert held.status_code == 200
    boards = {"everyone": sees, "managers": {"head", "officer"}}.get(visible_to, {"officer"})
    for role in ("employee", "head", "officer"):
        answer = home.client(role).get("/boards/?asset=spendable")
        assert (answer.status_code == 200) == (role in boards), role
        exported = home.client(role).get("/boards/export.xlsx?asset=spendable&period=2026-11")
        assert (exported.status_code == 200) == (role in boards - {"employee"}), role
    narrow = Program(home, "wallets:read", "boards:read")
    whole = Program(home, "wallets:read", "boards:read", "ledger:read")
    for program, may in ((narrow, visible_to != "officers"), (whole, True)):
        accounts = program.call("GET", "/employees/0001/wallet")[1]["accounts"]
        assert ("spendable" in [one["asset"] for one in accounts]) == may
        items = program.call("GET", "/employees/0001/statement")[1]["items"]
        assert ("spendable" in [one["asset"] for one in items]) == may
        status, _ = program.call("GET", "/employees/0001/statement?asset=spendable")
        assert status == (200 if may else 404)
        status, _ = program.call("GET", "/boards?period=2026-11&asset=spendable")
        assert status == (200 if program is whole or visible_to == "everyone" else 404)


def test_only_officers_and_owners_set_policies(home: Cast) -> None:
    for role, status in (("employee", 403), ("head", 403), ("owner", 200)):
        page(home.client(role), SPENDABLE, status)
    assert home.client("employee").post(SPENDABLE, FORM).status_code == 403
    assert home.client("officer").get("/ledger/assets/nothing/").status_code == 404
    tomorrow = TODAY + timedelta(days=1)
    assert str(tomorrow) not in page(home.client("officer"), SPENDABLE)


def test_a_rank_that_is_not_for_everyone_shows_on_no_desk(home: Cast, world: World) -> None:
    code = world.rule("S1", "签合同", points="77").rule.code
    world.record(event("1", code, "0001", "2026-11-20 10:00"))
    lilei = home.client("employee")
    assert "第 1 名" in page(lilei, "/wallet/")
    assert lilei.get("/").context["top"]
    policy(home, "honour", visible_to="self")
    desk = lilei.get("/")
    assert desk.context["top"] == []
    assert desk.context["my_cards"]["rank"] is None
    assert desk.context["my_cards"]["month"] == 77
    assert "第 1 名" not in page(lilei, "/wallet/")
    assert lilei.get("/boards/?asset=honour").status_code == 302
    assert home.client("officer").get("/").context["top"]
    policy(home, "honour", visible_to="officers")
    desk = lilei.get("/")
    assert desk.context["my_cards"]["month"] is None
    assert desk.context["latest"] == []
    assert "可用分" in page(lilei, "/boards/")
    policy(home, visible_to="officers")
    page(lilei, "/boards/", 403)
    page(lilei, "/wallet/?asset=spendable")
    assert "记入荣誉分" not in page(lilei, f"/entries/{_entry(world)}/why/")


def test_a_table_loaded_again_keeps_where_its_rules_post(home: Cast) -> None:
    company_id = home.company.pk
    with company_scope(company_id):
        for text in ("签合同10分", "签合同10分", "签合同12分"):
            loaded = load_drafts(
                company_id=company_id,
                drafts=read_text(text, name="标准").drafts,
                population={},
                actor_id=None,
                now=NOW,
            )
            version = loaded.versions[0]
            if not version.postings:
                set_postings(
                    company_id=company_id,
                    rule=version.rule,
                    postings={"honour": "1", "coin": "0.1"},
                    reason="",
                    actor_id=None,
                    now=NOW,
                )
            version.refresh_from_db()
            assert version.postings == {"honour": "1", "coin": "0.1"}
