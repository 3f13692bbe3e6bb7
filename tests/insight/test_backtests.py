"""Trying drafts out: 李雷's and 赵敏's October under a new price, from page, API, command and job."""

import io
import json
from datetime import date
from io import StringIO
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.management import call_command
from django.db import connection

from meritbook.insight.models import Backtest
from meritbook.insight.operations import backtests
from meritbook.insight.operations.backtests import NothingToReplay, NotRunning
from meritbook.insight.queries.backtests import changes_of, lines_of
from meritbook.insight.queries.books import DraftGone, DraftIncomplete, drafts_of
from meritbook.insight.queries.health import span_before
from meritbook.kit.tenancy import company_scope
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.keys import create_key
from meritbook.rules.operations.by_hand import save_rule
from tests.awards.worlds import NOW, World, event, found_world
from tests.people import Cast

TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def world(home: Cast) -> World:
    """李雷 signs four contracts, 赵敏 visits fifteen customers of twenty in a week."""
    made = World(home.company.pk, home.company.code)
    deal = made.rule("S1", "签合同", points="10")
    visits = made.rule("S4", "每周回访", points="100", target="20", period="week", unit="个")
    made.record(
        *(event(f"D{n}", deal.rule.code, "0001", f"2026-10-0{n + 1} 10:00") for n in range(4)),
        event("V1", visits.rule.code, "0004", "2026-10-13 10:00", quantity="15"),
    )
    made.close(TODAY)
    return made


def draft(world: World, standard: str, **values: Any) -> int:
    """A draft of the rule whose standard this is."""
    from meritbook.rules.models import Rule

    with company_scope(world.company_id):
        rule = Rule.objects.get(company_id=world.company_id, name=standard)
        return save_rule(
            company_id=world.company_id,
            values={"standard": standard, **values},
            population={},
            postings={},
            reason="",
            actor_id=None,
            now=NOW,
            rule=rule,
        ).pk


def asked(world: World, *version_ids: int, months: int = 2) -> Backtest:
    with company_scope(world.company_id):
        return backtests.ask(
            company_id=world.company_id,
            name="试一试",
            span=span_before(TODAY, months=months),
            version_ids=version_ids,
            actor=SYSTEM,
            now=NOW,
        )


def run(world: World, *version_ids: int) -> Backtest:
    made = asked(world, *version_ids)
    backtests.run(company_id=world.company_id, backtest_id=made.pk, now=NOW)
    with company_scope(world.company_id):
        made.refresh_from_db()
    return made


def ledger(world: World) -> list[tuple[Any, ...]]:
    return world.select("SELECT count(*), max(tx_id) FROM ledger_tx WHERE company_id = %s", [world.company_id])  # fmt: skip


def test_a_new_price_moves_points_money_and_ranks(world: World) -> None:
    before = ledger(world)
    made = run(world, draft(world, "签合同", shape="S1", points="30"))
    assert ledger(world) == before
    assert made.state == "done"
    summary = made.summary
    assert (summary["before"]["points"], summary["after"]["points"]) == (115_00, 195_00)
    assert summary["posted"] == 115_00
    # 100 spendable points are 1 元.
    assert (summary["before"]["cents"], summary["after"]["cents"]) == (115, 195)
    assert (summary["winners"], summary["losers"], summary["moved"]) == (1, 0, 2)
    with company_scope(world.company_id):
        lines = {line.employee.name: line for line in lines_of(made, scope=None)}
        lilei, zhaomin = lines["李雷"], lines["赵敏"]
        assert (lilei.before, lilei.after, lilei.before_rank, lilei.after_rank) == (40_00, 120_00, 2, 1)  # fmt: skip
        assert (zhaomin.before, zhaomin.after, zhaomin.after_rank) == (75_00, 75_00, 2)
        assert lilei.manager.name == "王强"
        changes = list(changes_of(made, scope=None))
    assert [(each.before, each.after) for each in changes] == [(10_00, 30_00)] * 4
    assert "30" in changes[0].after_text
    assert changes[0].after_steps[-1]["ok"]


def test_entries_gained_and_lost_have_their_traces(world: World) -> None:
    made = run(
        world,
        draft(world, "每周回访", shape="S5", points="100", target="20", period="week", unit="个"),
    )
    with company_scope(world.company_id):
        (lost,) = changes_of(made, scope=None)
    assert (lost.before, lost.after) == (75_00, 0)
    assert "100 × 15/20 = 75" in lost.before_text
    assert "20" in lost.after_text
    (changed,) = [each for each in made.summary["rules"] if each["is_changed"]]
    assert (changed["gained"], changed["lost"], changed["changed"]) == (0, 1, 0)


def test_a_cap_that_a_draft_states_is_kept(world: World) -> None:
    made = run(world, draft(world, "签合同", shape="S1", points="30", cap="50", cap_per="month"))
    with company_scope(world.company_id):
        after = {line.employee.name: line.after for line in lines_of(made, scope=None)}
    assert after["李雷"] == 50_00


def test_without_drafts_it_is_the_ledger(world: World) -> None:
    made = run(world)
    assert made.summary["before"] == made.summary["after"]
    assert made.summary["posted"] == made.summary["after"]["points"] == 115_00


def test_a_rule_that_never_was_counts_nothing_yet(world: World) -> None:
    """Nobody recorded events for a rule that did not exist."""
    with company_scope(world.company_id):
        new = save_rule(
            company_id=world.company_id,
            values={"shape": "S1", "standard": "带新人", "points": "20"},
            population={},
            postings={},
            reason="",
            actor_id=None,
            now=NOW,
        ).pk
    assert run(world, new).summary["after"]["points"] == 115_00


def test_a_draft_with_a_gap_is_refused_with_a_remedy(world: World) -> None:
    broken = draft(world, "每周回访", shape="S4", points="100", period="week")
    with pytest.raises(DraftIncomplete, match="请先改好草稿"):
        asked(world, broken)


def test_a_draft_that_is_gone_is_refused(world: World) -> None:
    with pytest.raises(DraftGone, match="请重新选择草稿"):
        asked(world, 10**9)


@pytest.mark.django_db
def test_days_without_events_are_refused_with_a_remedy() -> None:
    world = found_world("quiet", "安静公司")
    world.hire("001", "李雷", world.department("销售部"))
    with pytest.raises(NothingToReplay, match="没有记录过事件"):
        asked(world)


@pytest.mark.django_db
def test_a_company_without_people_is_refused_with_a_remedy() -> None:
    with pytest.raises(NothingToReplay, match="请先导入员工"):
        asked(found_world("nobody", "空公司"))


def test_a_waiting_one_is_cancelled_at_once_and_never_runs(world: World) -> None:
    made = asked(world)
    with company_scope(world.company_id):
        backtests.cancel(company_id=world.company_id, backtest_id=made.pk, now=NOW)
    backtests.run(company_id=world.company_id, backtest_id=made.pk, now=NOW)
    with company_scope(world.company_id):
        made.refresh_from_db()
        assert made.state == "cancelled"
        with pytest.raises(NotRunning, match="不用取消"):
            backtests.cancel(company_id=world.company_id, backtest_id=made.pk, now=NOW)


def test_a_draft_published_while_it_waits_fails_in_words(world: World) -> None:
    version = draft(world, "签合同", shape="S1", points="30")
    made = asked(world, version)
    with company_scope(world.company_id):
        from meritbook.rules.operations.publishing import publish

        publish(
            company_id=world.company_id,
            version_ids=[version],
            active_from=TODAY,
            actor_id=None,
            now=NOW,
        )
    backtests.run(company_id=world.company_id, backtest_id=made.pk, now=NOW)
    with company_scope(world.company_id):
        made.refresh_from_db()
    assert (made.state, made.error[:6]) == ("failed", "要试算的草稿")


def test_cancelled_in_the_middle_nothing_is_left(
    live_database: str,
) -> None:
    """With real commits: the snapshot reads, a second connection tells how far it is."""

    world = found_world("live", "取消公司")
    sales = world.department("销售部")
    for n in range(60):
        world.hire(f"{n:03d}", f"员工{n}", sales)
    deal = world.rule("S1", "签合同", points="10")
    world.record(*(event(f"D{n}", deal.rule.code, f"{n:03d}", "2026-10-05 10:00") for n in range(60)))  # fmt: skip
    made = asked(world)
    seen: list[int] = []
    whole = backtests._Teller._tell

    def tell(self: Any, done: int, total: int) -> bool:
        seen.append(done)
        if done >= 20:
            with company_scope(world.company_id):
                backtests.cancel(company_id=world.company_id, backtest_id=made.pk, now=NOW)
        return whole(self, done, total)

    backtests._Teller._tell, every = tell, backtests.TELL_EVERY  # type: ignore[method-assign]
    backtests.TELL_EVERY = 0.0
    try:
        backtests.run(company_id=world.company_id, backtest_id=made.pk, now=NOW)
    finally:
        backtests._Teller._tell, backtests.TELL_EVERY = whole, every  # type: ignore[method-assign]
    with company_scope(world.company_id):
        made.refresh_from_db()
        assert (made.state, made.summary, made.lines.count()) == ("cancelled", {}, 0)
    assert 20 in seen
    assert max(seen) < 60
    again = asked(world)
    backtests.run(company_id=world.company_id, backtest_id=again.pk, now=NOW)
    with company_scope(world.company_id):
        again.refresh_from_db()
    assert (again.state, again.summary["after"]["points"], again.done) == ("done", 600_00, 60)


def test_the_snapshot_cannot_write_and_sees_nothing_later(live_database: str) -> None:
    from django.db import InternalError

    world = found_world("still", "快照公司")
    with pytest.raises(InternalError, match="read-only"):
        _write_in_snapshot(world.company_id)


def _write_in_snapshot(company_id: int) -> None:
    from meritbook.insight.queries.past import snapshot

    with snapshot(company_id), connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)
        cursor.execute("UPDATE org_company SET name = 'x'")


def test_the_officer_tries_shares_and_takes_it_home(home: Cast, world: World) -> None:
    version = draft(world, "签合同", shape="S1", points="30")
    client = home.client("officer")
    assert "签合同" in client.get("/insight/backtests/new/").content.decode()
    answer = client.post(
        "/insight/backtests/new/", {"name": "涨价", "months": "2", "drafts": [str(version)]}
    )
    assert answer.status_code == 302
    address = answer["Location"]
    page = client.get(address).content.decode()
    assert "取消试算" in page
    with company_scope(world.company_id):
        made = Backtest.objects.get(company_id=world.company_id)
    backtests.run(company_id=world.company_id, backtest_id=made.pk, now=NOW)
    assert client.get(f"{address}progress/")["HX-Refresh"] == "true"
    page = client.get(address).content.decode()
    assert "195" in page
    assert "一分不差" in page
    for view in ("departments", "posts", "managers", "rules", "budgets", "changes"):
        assert client.get(f"{address}?view={view}").status_code == 200
    assert "王强" in client.get(f"{address}?view=managers").content.decode()
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{address}export.xlsx").content))
    assert book.sheetnames == ["人员", "部门", "岗位", "主管", "标准", "得失明细"]
    assert book["人员"]["B2"].value == "李雷"
    assert [each.value for each in book["人员"][2]][5:8] == [40, 120, 80]

    head = home.client("head")
    assert head.get(address).status_code == 404
    client.post(f"{address}share/", {"shared": "1"})
    page = head.get(address).content.decode()
    assert "李雷" in page
    assert "赵敏" not in page
    assert "195" not in page
    assert "李雷" in head.get(f"{address}?view=changes").content.decode()
    book = openpyxl.load_workbook(io.BytesIO(head.get(f"{address}export.xlsx").content))
    assert "标准" not in book.sheetnames
    assert head.post(f"{address}share/", {"shared": "0"}).status_code == 403
    assert home.client("employee").get(address).status_code == 403


def test_the_form_tells_what_is_missing(home: Cast) -> None:
    world = World(home.company.pk, home.company.code)
    world.rule("S1", "签合同", points="10")
    page = home.client("officer").post("/insight/backtests/new/", {"name": "空", "months": "1"})
    assert "没有记录过事件" in page.content.decode()


def test_a_program_asks_and_reads(client: Any, home: Cast, world: World) -> None:
    draft(world, "签合同", shape="S1", points="30")
    with company_scope(world.company_id):
        token = create_key(
            company_id=world.company_id,
            name="BI",
            scopes=["insight:read", "insight:write"],
            now=NOW,
            actor=SYSTEM,
        ).token
        code = drafts_of(company_id=world.company_id)[0].rule.code
    headers = {"Authorization": f"Bearer {token}"}

    def post(body: dict[str, Any]) -> Any:
        return client.post(
            "/api/v1/insight/backtests",
            json.dumps(body),
            content_type="application/json",
            headers=headers,
        )

    made = post({"months": 2, "rules": [code]}).json()
    assert (made["state"], made["before"]) == ("waiting", None)
    backtests.run(company_id=world.company_id, backtest_id=made["id"], now=NOW)
    found = client.get(f"/api/v1/insight/backtests/{made['id']}", headers=headers).json()
    assert found["after"] == {"points": "195", "money": "1.95", "entries": 5}
    assert found["rules"][0]["code"] == code
    people = client.get(f"/api/v1/insight/backtests/{made['id']}/people?limit=1", headers=headers).json()  # fmt: skip
    assert people["items"][0]["name"] == "李雷"
    assert people["next_cursor"]
    missing = post({"rules": ["R-none"]})
    assert (missing.status_code, missing.json()["code"]) == (404, "no_draft")


def test_the_command_tries_all_drafts(world: World) -> None:
    draft(world, "签合同", shape="S1", points="30")
    out = StringIO()
    call_command("backtest", "--company", world.code, "--months", "2", "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert (answer["before"]["points"], answer["after"]["points"], answer["posted"]) == (
        "115",
        "195",
        "115",
    )
    assert answer["people"][0]["name"] == "李雷"
