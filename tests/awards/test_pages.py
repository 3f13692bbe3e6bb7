"""Pages of events: 韩梅梅 enters for all, 王强 for 销售部, 李雷 sees his own."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from meritbook.awards.content import NewEvent
from meritbook.awards.imports import run_import
from meritbook.awards.models import Event
from meritbook.awards.operations import record
from meritbook.files.models import ImportRun
from meritbook.kit.tenancy import company_scope
from meritbook.org.models import AuditEntry
from meritbook.rules.operations import publish, save_rule
from tests.awards.worlds import event
from tests.people import NOW, Cast


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def rule(cast: Cast, shape: str, standard: str, **values: Any) -> str:
    """The code of a rule that counts from 1 November on."""
    with company_scope(cast.company.pk):
        version = save_rule(
            company_id=cast.company.pk,
            values={"shape": shape, "standard": standard, **values},
            population={},
            postings={},
            reason="",
            actor_id=None,
            now=NOW,
        )
        publish(
            company_id=cast.company.pk,
            version_ids=[version.pk],
            active_from=date(2026, 11, 1),
            actor_id=None,
            now=NOW,
        )
    return version.rule.code


def tell(cast: Cast, *events: NewEvent) -> list[int]:
    """Record events; their ids."""
    done = record(company_id=cast.company.pk, events=events, source="crm", now=NOW)
    assert not done.problems
    return [one.event_id or 0 for one in done.results]


def honour(cast: Cast) -> dict[str, int]:
    """Honour points by 工号, in minor units."""
    with company_scope(cast.company.pk), connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.employee_no, b.posted FROM ledger_balance b"
            " JOIN ledger_account a USING (company_id, account_id)"
            " JOIN ledger_asset s USING (company_id, asset_id)"
            " JOIN org_employee e ON e.company_id = a.company_id AND e.party_id = a.party_id"
            " WHERE b.company_id = %s AND s.code = 'honour' AND b.posted <> 0",
            [cast.company.pk],
        )
        return dict(cursor.fetchall())


def numbers(client: Client, query: str = "") -> list[str]:
    """The event numbers that the list shows, in its order."""
    page = client.get(f"/events/?{query}").context["page"]
    return [line.event.event_no for line in page.object_list]


@pytest.fixture
def events(home: Cast) -> list[int]:
    """Three events of 李雷, one of 王强, one of 赵敏 in another department."""
    late = rule(home, "S1", "迟到", points="-5")
    deal = rule(home, "S3", "增加单量", points="50", divisor="1000", unit="元")
    return tell(
        home,
        event("e1", late, "0001", "2026-11-12 09:12"),
        event("e2", deal, "0001", "2026-11-13 10:00", amount="5600"),
        event("e3", deal, "0001", "2026-11-14 10:00", amount="600"),
        event("e4", late, "0003", "2026-11-15 09:20"),
        event("e5", late, "0004", "2026-11-16 09:30"),
    )


def test_the_list_shows_the_latest_first_with_points_and_total(
    home: Cast, events: list[int]
) -> None:
    officer = home.client("officer")
    assert numbers(officer) == ["e5", "e4", "e3", "e2", "e1"]
    page = officer.get("/events/").content.decode()
    assert "+250" in page
    assert "共 5 条" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("q=lilei", ["e3", "e2", "e1"], id="pinyin"),
        pytest.param("q=0004", ["e5"], id="number"),
        pytest.param("q=e4", ["e4"], id="event-number"),
        pytest.param("status=nothing", ["e3"], id="status"),
        pytest.param("start=2026-11-14&end=2026-11-15", ["e4", "e3"], id="days"),
        pytest.param("source=manual", [], id="source"),
        pytest.param("start=什么时候", ["e5", "e4", "e3", "e2", "e1"], id="nonsense-is-left-out"),
    ],
)
def test_the_list_is_narrowed(home: Cast, events: list[int], query: str, found: list[str]) -> None:
    assert numbers(home.client("officer"), query) == found


def test_a_head_sees_the_department_and_an_employee_sees_the_own(
    home: Cast, events: list[int]
) -> None:
    assert numbers(home.client("head")) == ["e4", "e3", "e2", "e1"]
    assert numbers(home.client("employee")) == ["e3", "e2", "e1"]
    assert home.client("head").get(f"/events/{events[4]}/").status_code == 404
    assert home.client("employee").get(f"/events/{events[3]}/").status_code == 404


def test_another_companys_event_is_not_found(home: Cast, away: Cast) -> None:
    code = rule(away, "S1", "金丝雀机密标准", points="10")
    (theirs,) = tell(away, event("x", code, "0001"))
    owner = home.client("owner")
    for address in (f"/events/{theirs}/", f"/events/{theirs}/correct/"):
        assert owner.get(address).status_code == 404
    assert owner.post(f"/events/{theirs}/withdraw/", {"reason": "x"}).status_code == 404
    assert "金丝雀" not in owner.get("/events/").content.decode()
    assert owner.get(f"/events/new/?employee=0001&rule={code}").context["line"] is None


def test_an_empty_list_says_what_to_do(home: Cast) -> None:
    assert "/events/import/" in home.client("officer").get("/events/").content.decode()
    assert "还没有你的事件" in home.client("employee").get("/events/").content.decode()
    rule(home, "S1", "迟到", points="-5")
    assert "没有符合条件的事件" in home.client("officer").get("/events/?q=nobody").content.decode()


def test_one_event_says_why_it_earned_what_it_earned(home: Cast, events: list[int]) -> None:
    page = home.client("employee").get(f"/events/{events[1]}/")
    (standing,) = page.context["standing"]
    assert "250 分" in standing["sentence"]
    assert standing["points"] == 250
    assert all(step.ok for step in standing["steps"])
    assert "撤回" not in page.content.decode()  # not his to withdraw


def test_one_event_says_why_it_earned_nothing(home: Cast, events: list[int]) -> None:
    page = home.client("officer").get(f"/events/{events[2]}/")
    assert page.context["near"]
    assert "为什么没有得分" in page.content.decode()


def test_an_event_in_an_open_window_shows_how_it_stands(home: Cast) -> None:
    code = rule(home, "S4", "每周回访老客户", points="100", target="20", unit="个", period="week")
    first, _second = tell(
        home,
        event("v1", code, "0001", "2026-11-18 10:00", quantity="6"),
        event("v2", code, "0001", "2026-11-19 10:00", quantity="7"),
    )
    (waiting,) = home.client("employee").get(f"/events/{first}/").context["waiting"]
    assert waiting["points"] == 65
    assert "13" in waiting["sentence"]


def filled(**values: str) -> dict[str, str]:
    return {
        "happened_on": "2026-11-20",
        "happened_time": "10:00",
        "object": "",
        "note": "",
        "number": "abc123",
        **values,
    }


def test_one_event_by_hand_with_its_preview(home: Cast) -> None:
    code = rule(home, "S3", "增加单量", points="50", divisor="1000", unit="元")
    officer = home.client("officer")
    people = officer.get("/events/new/people/?q=lilei").content.decode()
    assert "李雷" in people
    assert "赵敏" not in people
    assert code in officer.get("/events/new/rules/?employee=0001&q=单量").content.decode()
    address = f"/events/new/?employee=0001&rule={code}"
    assert [str(field.label) for field in officer.get(address).context["form"].asked_fields] == [
        "金额（元）"
    ]

    preview = officer.post(
        f"/events/new/preview/?employee=0001&rule={code}", filled(field_0="5600")
    ).content.decode()
    assert "+250" in preview
    assert honour(home) == {}

    saved = officer.post(address, filled(field_0="5600"))
    again = officer.post(address, filled(field_0="5600"))
    assert saved["Location"] == again["Location"]  # the same form twice is one event
    assert honour(home) == {"0001": 25000}
    page = officer.get(saved["Location"])
    assert page.context["event"].source == "manual"
    assert page.context["history"][0]["by"] == "韩梅梅"
    with company_scope(home.company.pk):
        assert AuditEntry.objects.filter(action="event.record").exists()


def test_the_preview_says_why_not(home: Cast) -> None:
    code = rule(
        home,
        "S2",
        "日报",
        points="5",
        period="day",
        deadline={"kind": "time_of_day", "time": "22:00"},
    )
    officer = home.client("officer")
    address = f"/events/new/preview/?employee=0001&rule={code}"
    late = officer.post(address, filled(happened_time="22:01")).content.decode()
    assert "保存后不得分" in late
    good = officer.post(address, filled(happened_time="22:00")).content.decode()
    assert "周期结束时结算" in good
    no_time = officer.post(address, filled(happened_time="")).content.decode()
    assert "只有日期" in no_time


def test_what_cannot_be_is_refused_beside_its_input(home: Cast) -> None:
    code = rule(home, "S9", "客户投诉", points_min="-1000", points_max="-50")
    officer = home.client("officer")
    address = f"/events/new/?employee=0001&rule={code}"
    missing = officer.post(address, filled())
    assert missing.status_code == 422
    assert "field_0" in missing.context["form"].errors
    outside = officer.post(address, filled(field_0="-20"))
    assert "field_0" in outside.context["form"].errors
    future = officer.post(address, filled(field_0="-60", happened_on="2026-11-28"))
    assert "happened_on" in future.context["form"].errors
    assert honour(home) == {}


def test_who_may_record_for_whom(home: Cast) -> None:
    code = rule(home, "S1", "签合同", points="10")
    head, employee = home.client("head"), home.client("employee")
    assert employee.get("/events/new/").status_code == 403
    assert head.get(f"/events/new/?employee=0001&rule={code}").context["person"] is not None
    for other in ("0004", "0003", "9999"):  # another department, himself, nobody
        address = f"/events/new/?employee={other}&rule={code}"
        assert head.get(address).context["person"] is None
        head.post(address, filled())
    assert honour(home) == {}
    names = head.get("/events/new/people/?q=").content.decode()
    assert "李雷" in names
    assert "赵敏" not in names
    assert "王强" not in names
    assert head.get("/events/import/").status_code == 403


def test_an_event_is_withdrawn_with_a_reason(home: Cast, events: list[int]) -> None:
    officer = home.client("officer")
    address = f"/events/{events[1]}/withdraw/"
    officer.post(address, {"reason": ""})
    assert honour(home)["0001"] == 25000 - 500
    officer.post(address, {"reason": "客户取消了订单"})
    assert honour(home)["0001"] == -500
    page = officer.get(f"/events/{events[1]}/")
    assert page.context["history"][0]["text"] == "客户取消了订单"
    assert "已撤回" in page.content.decode()
    assert home.client("employee").post(address, {"reason": "x"}).status_code == 403


def test_an_event_is_corrected_by_a_new_revision(home: Cast, events: list[int]) -> None:
    officer = home.client("officer")
    address = f"/events/{events[1]}/correct/"
    shown = officer.get(address).context["form"]
    assert shown["field_0"].value() == "5600"
    corrected = officer.post(
        address,
        {
            "happened_on": "2026-11-13",
            "happened_time": "10:00",
            "field_0": "7600",
            "object": "",
            "note": "",
        },
    )
    assert honour(home)["0001"] == 35000 - 500
    old = officer.get(f"/events/{events[1]}/")
    assert old["Location"] == corrected["Location"]
    titles = [item["title"] for item in officer.get(corrected["Location"]).context["history"]]
    assert titles == ["更正", "记录"]


def test_a_rules_latest_entries_are_limited_to_what_one_may_see(
    home: Cast, events: list[int]
) -> None:
    with company_scope(home.company.pk):
        code = Event.objects.get(event_no="e1").type_code
    address = f"/rules/{code}/entries/"
    assert {row["name"] for row in home.client("officer").get(address).context["rows"]} == {
        "李雷",
        "王强",
        "赵敏",
    }
    assert {row["name"] for row in home.client("head").get(address).context["rows"]} == {
        "李雷",
        "王强",
    }
    assert {row["name"] for row in home.client("employee").get(address).context["rows"]} == {"李雷"}


HEAD = "事件编号,类型,工号,时间,数量,金额\n"


def hand_in(
    client: Client, content: str | bytes, *, name: str = "events.csv", **options: str
) -> Any:
    data = content if isinstance(content, bytes) else content.encode()
    return client.post(
        "/events/import/",
        {"file": SimpleUploadedFile(name, data), "source": "crm", **options},
    )


def run_of(cast: Cast) -> ImportRun:
    with company_scope(cast.company.pk):
        return ImportRun.objects.select_related("file").get()


def carry_out(cast: Cast) -> ImportRun:
    """What the worker does."""
    run_import(company_id=cast.company.pk, run_id=run_of(cast).pk, now=NOW)
    return run_of(cast)


def test_a_file_is_looked_at_started_and_told_about(home: Cast) -> None:
    code = rule(home, "S3", "增加单量", points="50", divisor="1000", unit="元")
    officer = home.client("officer")
    table = HEAD + (
        f"a1,{code},0001,2026-11-12 10:00,,5600\n"
        f"a2,{code},0003,2026-11-12 11:00,,1.2万\n"
        f"a3,{code},8888,2026-11-12 11:00,,1000\n"
        f"a4,{code},0001,不知道什么时候,,1000\n"
    )
    address = hand_in(officer, table)["Location"]
    look = officer.get(address)
    assert look.context["run"].options["preview"]["rows"][0][:3] == ["a1", code, "0001"]
    assert [look.context["look"][name] for name in ("new", "refused")] == [2, 2]
    assert "没有工号为“8888”的员工" in look.content.decode()
    assert honour(home) == {}

    officer.post(f"{address}start/")
    assert run_of(home).state == "running"
    progress = officer.get(f"{address}progress/").content.decode()
    assert "hx-get" in progress
    officer.post(f"{address}start/")  # pressed twice: started once
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (1,)

    run = carry_out(home)
    assert run.state == "done"
    assert {name: run.counts[name] for name in ("new", "refused")} == {"new": 2, "refused": 2}
    assert honour(home) == {"0001": 25000, "0003": 60000}
    assert officer.get(f"{address}progress/")["HX-Refresh"] == "true"
    page = officer.get(address).content.decode()
    assert "没有工号为“8888”的员工" in page
    assert "第 5 行" in page
    assert numbers(officer, f"run={run.pk}") == ["a2", "a1"]

    report = officer.get(f"{address}errors.xlsx").getvalue()
    rows = list(openpyxl.load_workbook(BytesIO(report)).worksheets[0].values)
    assert len(rows) == 3
    assert any("8888" in str(cell) for row in rows for cell in row)


def test_an_import_tells_how_many_earned_nothing(home: Cast) -> None:
    code = rule(home, "S3", "增加单量", points="50", divisor="1000", unit="元")
    officer = home.client("officer")
    table = HEAD + (
        f"a1,{code},0001,2026-11-12 10:00,,5600\na2,{code},0003,2026-11-12 11:00,,300\n"
    )
    address = hand_in(officer, table)["Location"]
    officer.post(f"{address}start/")
    run = carry_out(home)
    page = officer.get(address)
    assert page.context["unscored"] == 1
    assert "其中 1 条没有得分" in page.content.decode()
    assert numbers(officer, f"run={run.pk}&status=nothing") == ["a2"]


def test_one_bad_row_keeps_everything_out_when_asked(home: Cast) -> None:
    code = rule(home, "S1", "签合同", points="10")
    officer = home.client("officer")
    table = HEAD + f"a1,{code},0001,2026-11-12 10:00,,\na2,{code},8888,2026-11-12 10:00,,\n"
    address = hand_in(officer, table, all_or_nothing="on")["Location"]
    officer.post(f"{address}start/")
    assert carry_out(home).state == "failed"
    assert honour(home) == {}
    assert "没有记录任何事件" in officer.get(address).content.decode()


def test_an_import_is_given_up(home: Cast) -> None:
    code = rule(home, "S1", "签合同", points="10")
    officer = home.client("officer")
    address = hand_in(officer, HEAD + f"a1,{code},0001,2026-11-12 10:00,,\n")["Location"]
    officer.post(f"{address}drop/")
    officer.post(f"{address}start/")
    carry_out(home)
    assert run_of(home).state == "undone"
    assert honour(home) == {}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xd0\xcf\x11\xe0 broken", id="broken"),
        pytest.param("姓名,部门\n李雷,销售部\n".encode(), id="without-the-columns"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(home: Cast, content: bytes) -> None:
    response = hand_in(home.client("officer"), content)
    assert response.status_code == 422
    assert response.context["form"].errors["file"]
    with company_scope(home.company.pk):
        assert not ImportRun.objects.exists()


def test_another_companys_import_is_not_found(home: Cast, away: Cast) -> None:
    code = rule(away, "S1", "金丝雀机密标准", points="10")
    address = hand_in(away.client("owner"), HEAD + f"a1,{code},0001,2026-11-12 10:00,,\n")[
        "Location"
    ]
    owner = home.client("owner")
    for page in ("", "progress/", "errors.xlsx"):
        assert owner.get(f"{address}{page}").status_code == 404
    for act in ("start/", "drop/"):
        assert owner.post(f"{address}{act}").status_code == 404
    assert owner.get("/events/import/template.xlsx").status_code == 200
