"""The board page: what it shows to whom, its addresses and its Excel file."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import openpyxl
import pytest
import time_machine

from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations.sealing import seal_block
from meritbook.ledger.proofs import blocks, head
from meritbook.standings.views import PER_PAGE
from tests.awards.worlds import World, event
from tests.people import CANARY, Cast


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """Noon and a bit, 2026-11-21 in Shanghai."""
    with time_machine.travel("2026-11-21 04:30Z", tick=False):
        yield


@pytest.fixture
def scored(home: Cast) -> Cast:
    """李雷 earned 30 in November and 10 in October, 赵敏 20 in November; 王强 lost 5."""
    world = World(home.company.pk, home.company.code)
    deal = world.rule("S1", "签合同", points="10").rule.code
    late = world.rule("S1", "迟到", points="-5").rule.code
    world.record(
        event("1", deal, "0001", "2026-11-20 10:00"),
        event("2", deal, "0001", "2026-11-20 11:00"),
        event("3", deal, "0001", "2026-11-19 10:00"),
        event("4", deal, "0001", "2026-10-08 10:00"),
        event("5", deal, "0004", "2026-11-18 10:00"),
        event("6", deal, "0004", "2026-11-18 11:00"),
        event("7", late, "0003", "2026-11-17 09:00"),
    )
    return home


def shown(cast: Cast, role: str, **query: str) -> Any:
    return cast.client(role).get("/boards/", query).context


def names(context: Any) -> list[tuple[int, str, str]]:
    return [(line.rank, line.name, str(line.points.normalize())) for line in context["lines"]]


def test_the_month_is_shown_with_the_own_row_marked(scored: Cast) -> None:
    context = shown(scored, "employee")
    assert names(context) == [
        (1, "李雷", "3E+1"),
        (2, "赵敏", "2E+1"),
        (3, "韩梅梅", "0"),
        (3, "张总", "0"),
        (5, "王强", "-5"),
    ]
    assert [line.is_me for line in context["lines"]] == [True, False, False, False, False]
    assert [line.share for line in context["lines"]] == [100, 66, 0, 0, 0]
    assert context["lines"][0].change == 20


def test_the_cards_say_what_the_rows_add_up_to(scored: Cast) -> None:
    page = scored.client("employee").get("/boards/").content.decode()
    for part in ("45", "上期共 10", "3 / 5", "第 1 名", "共 5 人，你在最前面"):
        assert part in page


def test_periods_are_one_step_apart_and_never_in_the_future(scored: Cast) -> None:
    context = shown(scored, "officer")
    assert (context["previous"], context["next"]) == ("?period=2026-10", "")
    assert shown(scored, "officer", period="2026-10")["next"] == "?period=2026-11"
    assert [kind["address"] for kind in context["kinds"]] == [
        "?period=2026-11-21",
        "?period=2026-W47",
        "?period=2026-11",
        "?period=2026-Q4",
        "?period=2026",
        "?period=all",
    ]


def test_a_department_keeps_its_filter_in_every_address(scored: Cast) -> None:
    choices = shown(scored, "officer")["department_choices"]
    sales = next(each.id for each in choices if each.label == "销售部")
    context = shown(scored, "officer", department=str(sales), asset="spendable")
    assert [line.name for line in context["lines"]] == ["李雷", "王强"]
    assert context["previous"] == f"?period=2026-10&asset=spendable&department={sales}"


def test_departments_are_compared_by_average(scored: Cast) -> None:
    found = [
        (line["name"], line["people"], line["total"])
        for line in shown(scored, "officer")["departments"]
    ]
    assert found[:2] == [("华南组", 1, 30), ("仓库", 1, 20)]


@pytest.mark.parametrize(
    ("role", "addresses"),
    [
        ("employee", ["/wallet/", "", "", "", ""]),
        ("head", ["/people/0001/wallet/", "", "", "", "/wallet/"]),
        ("officer", ["/people/0001/wallet/", "/people/0004/wallet/", "/wallet/", "/people/0009/wallet/", "/people/0003/wallet/"]),
    ],
)  # fmt: skip
def test_a_row_leads_only_where_the_reader_may_go(
    scored: Cast, role: str, addresses: list[str]
) -> None:
    assert [line.address for line in shown(scored, role)["lines"]] == addresses
    client = scored.client(role)
    assert {client.get(each).status_code for each in addresses if each} == {200}


def test_an_unknown_period_returns_to_the_present_one_with_a_sentence(scored: Cast) -> None:
    response = scored.client("employee").get("/boards/", {"period": "2026-13"}, follow=True)
    assert response.redirect_chain == [("/boards/", 302)]
    assert "不是一个周期" in response.content.decode()


@pytest.mark.parametrize("query", ["asset=gold", "department=999999"])
def test_what_does_not_exist_is_said(scored: Cast, query: str) -> None:
    response = scored.client("employee").get(f"/boards/?{query}", follow=True)
    assert "没有" in response.content.decode()


def test_the_own_row_is_there_when_it_is_off_the_page(
    scored: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meritbook.standings.views.PER_PAGE", 2)
    context = shown(scored, "head")
    assert [line.name for line in context["lines"]] == ["李雷", "赵敏"]
    assert (context["my_row"].rank, context["my_page"]) == (5, "?period=2026-11&page=3#me")
    assert shown(scored, "head", page="3")["my_row"] is None
    assert PER_PAGE == 50


def test_the_whole_board_goes_into_a_workbook(scored: Cast) -> None:
    response = scored.client("officer").get("/boards/export.xlsx", {"period": "2026-11"})
    sheet = openpyxl.load_workbook(BytesIO(response.content)).worksheets[0]
    rows = [row[:5] for row in sheet.iter_rows(values_only=True)]
    assert rows[:2] == [("名次", "工号", "姓名", "部门", "积分"), (1, "0001", "李雷", "华南组", 30)]
    assert len(rows) == 6
    assert 'filename="board-2026-11.xlsx"' in response["Content-Disposition"]


def test_what_is_printed_and_taken_away_names_the_ledger_s_head(scored: Cast) -> None:
    company_id = scored.company.pk
    with company_scope(company_id):
        seal_block(company_id=company_id)
        newest = head(company_id=company_id)
        assert newest is not None
    client = scored.client("officer")

    assert f"账本指纹 {newest.short}（第 1 块" in client.get("/boards/").content.decode()
    response = client.get("/boards/export.xlsx", {"period": "2026-11"})
    sheet = openpyxl.load_workbook(BytesIO(response.content)).worksheets[1]
    assert list(sheet.iter_rows(values_only=True)) == [
        ("账本指纹", "块", "完整指纹"),
        (newest.short, 1, newest.hash),
    ]
    with company_scope(company_id):
        assert blocks(company_id=company_id)[0].places == ["print"]


def test_only_officers_and_heads_take_a_board_away(scored: Cast) -> None:
    assert scored.client("employee").get("/boards/export.xlsx").status_code == 403
    assert "export.xlsx" not in scored.client("employee").get("/boards/").content.decode()
    assert scored.client("head").get("/boards/export.xlsx").status_code == 200


def test_strangers_see_their_own_board_alone(scored: Cast, away: Cast) -> None:
    ours = scored.client("officer").get("/boards/").content.decode()
    theirs = away.client("owner").get("/boards/").content.decode()
    assert CANARY not in ours
    assert "李雷" not in theirs
    assert f"{CANARY}钱一" in theirs


def test_who_is_not_signed_in_is_asked_to(client: Any, db: None) -> None:
    assert client.get("/boards/")["Location"] == "/login/?next=/boards/"


def test_a_period_without_points_has_no_winner(scored: Cast) -> None:
    page = scored.client("employee").get("/boards/", {"period": "2026-11-01"}).content.decode()
    assert "这段时间还没有人得分" in page
    assert "rank-1" not in page
    assert "还没有人得分" in page


def test_a_finished_period_is_compared_with_the_one_before(scored: Cast) -> None:
    page = scored.client("employee").get("/boards/", {"period": "2026-10"}).content.decode()
    assert "比上期 +10" in page
