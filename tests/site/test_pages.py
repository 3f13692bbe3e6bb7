"""Home, wallet, why, search and the own page, as the people who use them."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from meritbook.files.models import ImportRun
from meritbook.kit import clock as time
from meritbook.kit.tenancy import company_scope
from tests.awards.worlds import World, event
from tests.people import CANARY, Cast


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Half past twelve, 2026-11-21 in Shanghai."""
    with time_machine.travel("2026-11-21 04:30Z", tick=False):
        yield


@pytest.fixture
def scored(home: Cast) -> Cast:
    """李雷 signed a deal (+10) and came late (-5), and is 2 of 4 in a visit target."""
    world = World(home.company.pk, home.company.code)
    deal = world.rule("S1", "签合同", points="10").rule.code
    late = world.rule("S1", "迟到", points="-5").rule.code
    visits = world.rule(
        "S4", "每月拜访客户 4 次", points="40", period="month", target="4", unit="次"
    ).rule.code
    world.record(
        event("D-1", deal, "0001", "2026-11-20 10:00"),
        event("L-1", late, "0001", "2026-11-21 09:10"),
        event("V-1", visits, "0001", "2026-11-19 10:00"),
        event("V-2", visits, "0001", "2026-11-19 15:00"),
    )
    return home


def tx_ids(cast: Cast) -> list[int]:
    world = World(cast.company.pk, cast.company.code)
    rows = world.select(
        "SELECT tx_id FROM awards_entry WHERE company_id = %s ORDER BY id", [cast.company.pk]
    )
    return [row[0] for row in rows]


def test_a_wallet_shows_balances_and_each_line_with_its_reason(scored: Cast) -> None:
    response = scored.client("employee").get("/wallet/")
    context = response.context
    assert [(card.asset, str(card.balance)) for card in context["accounts"]] == [
        ("honour", "5.00"),
        ("spendable", "10.00"),
        ("coin", "0.00"),
    ]
    rows = context["rows"]
    assert [(str(row.points), str(row.balance_after)) for row in rows] == [
        ("-5.00", "5.00"),
        ("10.00", "10.00"),
    ]
    assert [row.event_no for row in rows] == ["L-1", "D-1"]
    assert "签合同" in rows[1].text
    assert all(row.why_address in response.content.decode() for row in rows)


@pytest.mark.parametrize(
    ("query", "event_nos"),
    [
        pytest.param({"asset": "spendable"}, ["D-1"], id="asset"),
        pytest.param({"from": "2026-11-21"}, ["L-1"], id="from"),
        pytest.param({"to": "2026-11-20"}, ["D-1"], id="to"),
        pytest.param({"from": "yesterday"}, ["L-1", "D-1"], id="no date"),
        pytest.param({"asset": "gold"}, ["L-1", "D-1"], id="no asset"),
        pytest.param({"page": "99"}, ["L-1", "D-1"], id="no such page"),
        pytest.param({"from": "2026-12-01"}, [], id="nothing"),
    ],
)
def test_a_statement_is_narrowed(scored: Cast, query: dict[str, str], event_nos: list[str]) -> None:
    rows = scored.client("employee").get("/wallet/", query).context["rows"]
    assert [row.event_no for row in rows] == event_nos


@pytest.mark.parametrize(
    ("role", "status"), [("employee", 200), ("officer", 200), ("head", 200), ("owner", 200)]
)
def test_a_wallet_opens_for_its_owner_the_head_and_officers(
    scored: Cast, role: str, status: int
) -> None:
    assert scored.client(role).get("/people/0001/wallet/").status_code == status
    assert scored.client(role).get(f"/entries/{tx_ids(scored)[0]}/why/").status_code == status


def test_a_wallet_is_not_found_for_others(scored: Cast, away: Cast) -> None:
    stranger, own = away.client("owner"), away.client("owner").get("/people/0001/wallet/")
    assert CANARY in own.content.decode()
    assert "签合同" not in own.content.decode()
    for tx_id in tx_ids(scored):
        assert stranger.get(f"/entries/{tx_id}/why/").status_code == 404
    for address in ("/people/0002/wallet/", "/people/0004/wallet/", "/people/nobody/wallet/"):
        assert scored.client("employee").get(address).status_code == 404
    assert scored.client("head").get("/people/0004/wallet/").status_code == 404


def test_why_is_a_page_and_for_htmx_a_part(scored: Cast) -> None:
    client, address = scored.client("employee"), f"/entries/{tx_ids(scored)[0]}/why/"
    page = client.get(address).content.decode()
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<!DOCTYPE html>" in page
    assert "<html" not in part
    for text in ("签合同", "适用范围", "计算", "入账", "记入荣誉分", "D-1"):
        assert text in page
        assert text in part


def test_an_unknown_entry_is_not_found(scored: Cast) -> None:
    assert scored.client("officer").get("/entries/999999999/why/").status_code == 404


def test_an_employee_sees_what_can_be_earned_and_how_far_it_is(scored: Cast) -> None:
    context = scored.client("employee").get("/").context
    first = context["earnable"][0]
    assert (first.points, str(first.measure), first.share) == ("+40", "2", 50)
    assert [line.points for line in context["earnable"]] == ["+40", "+10"]
    assert str(context["my_cards"]["month"]) == "5.00"
    assert context["my_cards"]["today_note"] == "今天 -5"
    assert "todo" not in context
    assert "company_cards" not in context


@pytest.mark.parametrize(
    ("amount", "target", "share"),
    [
        pytest.param("50000", 100_000, 50, id="below-the-first"),
        pytest.param("190000", 380_000, 50, id="on-the-way-to-the-next"),
        pytest.param("400000", 380_000, 100, id="at-the-top"),
    ],
)
def test_a_rule_in_tiers_shows_the_next_tier(
    scored: Cast, amount: str, target: int, share: int
) -> None:
    world = World(scored.company.pk, scored.company.code)
    tiers = [{"from": "100000", "points": "100"}, {"from": "380000", "points": "800"}]
    sales = world.rule("S5", "月度业绩", unit="元", period="month", tiers=tiers).rule.code
    world.record(event("T-1", sales, "0001", "2026-11-20 10:00", amount=amount))
    page = scored.client("employee").get("/")
    first = page.context["earnable"][0]
    assert f"/ {target:,}" in page.content.decode()
    assert (first.points, first.target, first.share) == ("100 ~ 800", target, share)


def test_an_officer_sees_the_company_and_what_is_to_be_done(scored: Cast) -> None:
    context = scored.client("officer").get("/").context
    assert [card["value"] for card in context["company_cards"]] == ["1", "5", "1", "4"]
    assert [row.event_no for row in context["latest"]] == ["L-1", "D-1"]
    assert context["latest"][0].text.startswith("李雷：")
    assert context["first_steps"] == []
    assert context["todo"] == []


@pytest.mark.parametrize("kind", list(ImportRun.Kind))
def test_an_import_of_each_kind_that_waits_is_on_the_desk(scored: Cast, kind: str) -> None:
    with company_scope(scored.company.pk):
        run = ImportRun.objects.create(
            company_id=scored.company.pk,
            kind=kind,
            file_name="十一月.xlsx",
            created_at=time.now(),
        )
    (item,) = scored.client("officer").get("/").context["todo"]
    assert "十一月.xlsx" in item["title"]
    assert item["address"].endswith(f"/{run.pk}/")


def test_a_head_sees_the_team_alone(scored: Cast) -> None:
    World(scored.company.pk, scored.company.code).record(
        event("D-2", _deal(scored), "0004", "2026-11-20 12:00")
    )
    latest = scored.client("head").get("/").context["latest"]
    assert {row.text.split("：")[0] for row in latest} == {"李雷"}


def _deal(cast: Cast) -> str:
    world = World(cast.company.pk, cast.company.code)
    return str(world.select("SELECT code FROM rules_rule WHERE name = '签合同'")[0][0])


def test_a_new_company_is_told_how_to_begin(home: Cast) -> None:
    steps = home.client("owner").get("/").context["first_steps"]
    assert [(step["title"], step["done"]) for step in steps] == [
        ("导入员工", True),
        ("发布积分标准", False),
        ("记下第一件事", False),
    ]


def test_search_finds_people_and_rules(scored: Cast, away: Cast) -> None:
    client = scored.client("employee")
    found = client.get("/search/", {"q": "lilei"}).context["found"]
    assert [line.employee.name for line, _opens in found.people] == ["李雷"]
    found = client.get("/search/", {"q": "签合同"}).context["found"]
    assert [line.version.standard for line in found.rules] == ["签合同"]
    assert CANARY not in client.get("/search/", {"q": "陌生人"}).content.decode()
    nothing = client.get("/search/", {"q": "查无此人"}).content.decode()
    assert "没有找到“查无此人”" in nothing


@pytest.mark.parametrize(
    ("role", "opened"),
    [
        ("employee", {"李雷"}),
        ("head", {"李雷", "王强"}),
        ("officer", {"李雷", "韩梅梅", "王强", "赵敏", "张总"}),
    ],
)
def test_search_leads_only_to_pages_that_open(home: Cast, role: str, opened: set[str]) -> None:
    client = home.client(role)
    led = set()
    for number, person in home.people.items():
        page = client.get("/search/", {"q": number}).content.decode()
        assert person.name in page
        if f'href="/people/{number}/"' in page:
            led.add(person.name)
            assert client.get(f"/people/{number}/").status_code == 200
    assert led == opened


def test_nobody_enters_a_company_of_others(scored: Cast, away: Cast) -> None:
    client = scored.client("employee")
    assert client.post("/companies/", {"company": away.company.pk}).status_code == 404
    assert client.post("/companies/", {"company": scored.company.pk}).status_code == 302
    assert "宏远贸易" in client.get("/companies/").content.decode()


@pytest.mark.parametrize(
    "address", ["/", "/wallet/", "/me/", "/search/", "/companies/", "/entries/1/why/"]
)
def test_who_is_not_signed_in_is_asked_to(client: Any, db: None, address: str) -> None:
    assert client.get(address)["Location"] == f"/login/?next={address}"


@pytest.mark.parametrize("role", ["employee", "head", "officer", "owner"])
def test_every_way_of_the_navigation_opens(scored: Cast, role: str) -> None:
    client = scored.client(role)
    context = client.get("/").context
    addresses = [item.address for group in context["navigation"] for item in group.items]
    addresses += [item.address for item in context["dock"]]
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(
        addresses, 200
    )


def test_pages_forbid_inline_scripts_and_styles(scored: Cast) -> None:
    policy = scored.client("employee").get("/")["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
