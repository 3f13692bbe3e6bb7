"""The search for missing points and what stands behind an entry, as people see them."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine

from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations.caps import add_cap
from meritbook.org.operations.audit import SYSTEM
from meritbook.org.operations.keys import create_key
from tests.awards.worlds import World, event
from tests.people import NOW, Cast


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def reports(home: Cast) -> str:
    """A daily report until 22:00: 李雷 was late on the 12th, 赵敏 in time with a secret note."""
    world = World(home.company.pk, home.company.code)
    code: str = world.rule(
        "S2",
        "每天按要求完成工作汇报",
        points="5",
        period="day",
        deadline={"kind": "time_of_day", "time": "22:00"},
    ).rule.code
    world.record(
        event("r-late", code, "0001", "2026-11-12 22:40"),
        event("r-other", code, "0004", "2026-11-12 20:00", note="家里老人住院"),
    )
    return code


def test_an_employee_asks_about_an_own_day(home: Cast, reports: str) -> None:
    client = home.client("employee")

    page = client.get("/why-not/?what=gzhb&on=2026-11-12").content.decode()

    assert "晚于截止 22:00" in page
    assert f"/rules/{reports}/" in page
    assert (
        "没有找到你在11月11日的这件事的记录"
        in client.get("/why-not/?what=汇报&on=2026-11-11").content.decode()
    )


def test_nothing_of_a_colleague_is_said(home: Cast, reports: str) -> None:
    client = home.client("employee")

    for address in (
        "/why-not/?what=汇报&on=2026-11-12",
        "/why-not/?what=&on=2026-11-12",
        "/why-not/",
    ):
        page = client.get(address).content.decode()
        for secret in ("赵敏", "家里老人住院", "r-other"):
            assert secret not in page, (address, secret)
    assert client.get("/why-not/?employee=0004&what=汇报&on=2026-11-12").status_code == 404
    assert client.get("/why-not/people/?q=zm").status_code == 403


def test_a_head_asks_for_the_team_and_for_nobody_else(home: Cast, reports: str) -> None:
    client = home.client("head")

    page = client.get("/why-not/?employee=0001&what=汇报&on=2026-11-11").content.decode()

    assert "没有找到李雷在11月11日" in page
    assert client.get("/why-not/?employee=0004&what=汇报&on=2026-11-12").status_code == 404
    found = client.get("/why-not/people/?q=").content.decode()
    assert "李雷" in found
    assert "赵敏" not in found


def test_strangers_find_nobody(home: Cast, away: Cast, reports: str) -> None:
    client = away.client("owner")

    assert client.get("/why-not/?employee=0004&on=2026-11-12").status_code == 404
    page = client.get("/why-not/?employee=0001&what=汇报&on=2026-11-12").content.decode()
    assert "没有找到与“汇报”有关的积分标准" in page
    assert "工作汇报" not in page


@pytest.mark.parametrize("day", ["2030-01-01", "yesterday", ""])
def test_a_day_that_is_none_is_refused_in_the_form(home: Cast, day: str) -> None:
    answer = home.client("employee").get("/why-not/", {"what": "汇报", "on": day})

    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()


def test_the_api_answers_the_same(home: Cast, reports: str) -> None:
    with company_scope(home.company.pk):
        key = create_key(
            company_id=home.company.pk, name="门户", scopes=["events:read"], now=NOW, actor=SYSTEM
        )
    client = home.client("employee")
    headers = {"Authorization": f"Bearer {key.token}"}

    answer = client.get("/api/v1/employees/0001/why-not?on=2026-11-12&q=hb", headers=headers).json()

    assert [(one["state"], one["failed_step"]) for one in answer["findings"]] == [
        ("failed", "deadline")
    ]
    unknown = client.get("/api/v1/employees/7777/why-not?on=2026-11-12", headers=headers)
    assert unknown.status_code == 404


def test_a_shared_cap_does_not_tell_what_others_got(home: Cast) -> None:
    world = World(home.company.pk, home.company.code)
    code = world.rule("S1", "签合同", points="70").rule.code
    with company_scope(home.company.pk):
        add_cap(
            company_id=home.company.pk,
            name="全公司每月",
            asset_code="honour",
            amount=10000,
            period="month",
            scope="company",
            policy="clip",
            valid_from=date(2026, 11, 1),
            actor=SYSTEM,
            now=NOW,
        )
    world.record(
        event("1", code, "0004", "2026-11-20 09:00"), event("2", code, "0001", "2026-11-20 10:00")
    )

    page = home.client("employee").get("/why-not/?on=2026-11-20").content.decode()

    assert "2026年11月共用上限 100，剩余不足，实得 30（全公司每月）" in page
    assert "已用" not in page


def test_the_page_of_an_entry_names_who_stands_behind_it(home: Cast) -> None:
    world = World(home.company.pk, home.company.code)
    version = world.rule("S1", "签合同", points="10", active_from=date(2026, 11, 1))
    code = version.rule.code
    world.record(event("1", code, "0001", "2026-11-20 10:00"))
    world.rule("S1", "签合同", points="20", active_from=date(2026, 11, 21), rule=version.rule)
    world.record(event("1", code, "0001", "2026-11-21 10:00"), revise=True)
    rows = world.select(
        "SELECT tx_id FROM awards_entry WHERE company_id = %s ORDER BY id", [home.company.pk]
    )
    assert len(rows) == 3

    client = home.client("employee")
    pages = [client.get(f"/entries/{row[0]}/why/").content.decode() for row in rows]

    for page in pages:
        assert "依据过不同版本" in page
        assert "记录事件" in page
        assert "事件第 2" in page
        assert sum(f"/entries/{row[0]}/why/" in page for row in rows) >= 2
    assert sum("发布标准第 2 版" in page for page in pages) == 1
    assert sum("发布标准第 1 版" in page for page in pages) == 2
