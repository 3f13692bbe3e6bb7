"""The page of an events file: 韩梅梅 looks, mends and imports; nothing is doubled."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest
import time_machine
from django.test import Client

from meritbook.awards.imports import run_import
from meritbook.files.models import ImportRun
from meritbook.kit.sheets import OutSheet, write_workbook
from meritbook.kit.tenancy import company_scope
from meritbook.ledger.operations import close_month
from tests.awards.test_pages import HEAD, hand_in, honour, rule
from tests.people import NOW, Cast


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def code(home: Cast) -> str:
    return rule(home, "S1", "签合同", points="10")


def look(officer: Client, address: str, show: str = "") -> Any:
    page = officer.get(f"{address}?show={show}")
    assert page.status_code == 200
    return page


def carry_out(cast: Cast, address: str) -> ImportRun:
    """What the worker does."""
    run_id = int(address.rstrip("/").rpartition("/")[2])
    run_import(company_id=cast.company.pk, run_id=run_id, now=NOW)
    with company_scope(cast.company.pk):
        return ImportRun.objects.get(pk=run_id)


def mixed(code: str) -> str:
    return HEAD + (
        f"a1,{code},0001,2026-11-12 10:00,,\n"
        f"a2,{code},0003,2026-11-12 10:00,,\n"
        f"a1,{code},0001,2026-11-12 10:00,,\n"  # twice the same
        f"a2,{code},0001,2026-11-12 10:00,,\n"  # the same number, somebody else
        f"a3,{code},8888,2026-11-12 10:00,,\n"
        f"a4,没有这种,0001,2026-11-12 10:00,,\n"
        f"a5,{code},0001,2026-12-12 10:00,,\n"
        f"a6,{code},0001,2019-11-12 10:00,,\n"
        f"a7,{code},0001,前天,,\n"
    )


def test_all_that_is_wrong_is_said_before_anything_is_written(home: Cast, code: str) -> None:
    officer = home.client("officer")
    address = hand_in(officer, mixed(code))["Location"]
    page = look(officer, address)
    told = {name: page.context["look"][name] for name in ("new", "duplicate", "conflict")}
    assert told == {"new": 2, "duplicate": 1, "conflict": 1}
    text = page.content.decode()
    for reason in (
        "编号“a2”和第 3 行相同，内容却不同",
        "没有工号为“8888”的员工",
        "没有类型“没有这种”",
        "时间 2026-12-12 10:00 在将来",
        "入职之前",
        "“前天”不是日期",
        "第 10 行",
    ):
        assert reason in text
    assert "--" + "revise" not in text
    assert "编号“a1”和第 2 行相同" in look(officer, address, "duplicate").content.decode()
    assert honour(home) == {}


@pytest.mark.parametrize("keep", ["good", "all"])
def test_the_officer_chooses_whether_good_rows_are_kept(home: Cast, code: str, keep: str) -> None:
    officer = home.client("officer")
    address = hand_in(officer, mixed(code))["Location"]
    would = look(officer, address).context["look"]
    officer.post(f"{address}start/", {"keep": keep})
    run = carry_out(home, address)
    if keep == "good":
        assert run.counts == {name: would[name] for name in run.counts}
        assert honour(home) == {"0001": 1000, "0003": 1000}
    else:
        assert run.state == "failed"
        assert honour(home) == {}
        assert "没有记录任何事件" in look(officer, address).content.decode()


def test_a_mended_report_is_handed_in_and_nothing_is_doubled(home: Cast, code: str) -> None:
    officer = home.client("officer")
    rows = HEAD + (
        f"a1,{code},0001,2026-11-12 10:00,,\n"
        f"=1+1,{code},8888,2026-11-12 10:00,,\n"
        f"@a3,没有这种,0003,2026-11-12 10:00,,\n"
    )
    address = hand_in(officer, rows)["Location"]
    before = officer.get(f"{address}errors.xlsx").getvalue()
    officer.post(f"{address}start/")
    carry_out(home, address)
    assert honour(home) == {"0001": 1000}

    report = officer.get(f"{address}errors.xlsx").getvalue()
    book = openpyxl.load_workbook(BytesIO(report))
    lines: list[list[Any]] = [list(line) for line in book.worksheets[0].values]
    assert [
        list(line) for line in openpyxl.load_workbook(BytesIO(before)).worksheets[0].values
    ] == (lines)
    assert lines[0][:4] == ["原因", "处理办法", "原文件行", "事件编号"]
    assert [line[2:4] for line in lines[1:]] == [[3, "=1+1"], [4, "@a3"]]
    # A formula would be one; a text with its sign in front is not.
    assert {cell.data_type for cell in book.worksheets[0]["D"]} == {"s"}
    lines[1][5], lines[2][4] = "0001", code
    mended = write_workbook([OutSheet(name="改好", headings=lines[0], rows=lines[1:])])

    again = hand_in(officer, mended, name="mended.xlsx")["Location"]
    assert look(officer, again).context["look"]["new"] == 2
    officer.post(f"{again}start/")
    carry_out(home, again)
    assert honour(home) == {"0001": 2000, "0003": 1000}

    whole = hand_in(officer, rows.replace("8888", "0001").replace("没有这种", code))["Location"]
    page = look(officer, whole)
    assert page.context["look"]["nothing_new"]
    assert "这些事件以前都记录过" in page.content.decode()
    assert "开始导入" not in page.content.decode()
    assert honour(home) == {"0001": 2000, "0003": 1000}


def test_known_numbers_become_revisions_when_the_officer_says_so(home: Cast, code: str) -> None:
    officer = home.client("officer")
    first = hand_in(officer, HEAD + f"a1,{code},0001,2026-11-12 10:00,,\n")["Location"]
    officer.post(f"{first}start/")
    carry_out(home, first)
    address = hand_in(officer, HEAD + f"a1,{code},0003,2026-11-12 10:00,,\n")["Location"]
    assert look(officer, address).context["look"]["conflict"] == 1
    officer.post(f"{address}check/", {"revise": "on"})
    page = look(officer, address)
    assert [page.context["look"][name] for name in ("conflict", "revised")] == [0, 1]
    assert "编号“a1”会更正以前记录的事件" in page.content.decode()
    officer.post(f"{address}start/")
    assert carry_out(home, address).counts["revised"] == 1
    assert honour(home) == {"0003": 1000}
    officer.post(f"{address}check/")  # too late
    assert honour(home) == {"0003": 1000}


def test_a_second_look_knows_what_came_in_the_meantime(home: Cast) -> None:
    officer = home.client("officer")
    address = hand_in(officer, HEAD + "a1,回访,0001,2026-11-12 10:00,,\n")["Location"]
    assert "没有可以导入的行" in look(officer, address).content.decode()
    code = rule(home, "S1", "回访", points="10")
    address = hand_in(officer, HEAD + f"a1,{code},0001,2026-11-12 10:00,,\n")["Location"]
    assert look(officer, address).context["look"]["new"] == 1
    with company_scope(home.company.pk):
        close_month(company_id=home.company.pk, month=date(2026, 11, 1), closed_by=1, closed_at=NOW)
    officer.post(f"{address}check/")
    page = look(officer, address)
    assert page.context["look"]["moved"] == 1
    assert "2026-11 已经关账，得分计入 2026-12-01" in page.content.decode()


def test_rows_without_points_say_why(home: Cast) -> None:
    code = rule(home, "S3", "增加单量", points="50", divisor="1000", unit="元")
    officer = home.client("officer")
    table = HEAD + f"a1,{code},0001,2026-11-12 10:00,,300\na2,{code},0001,2026-01-12 10:00,,5600\n"
    page = look(officer, hand_in(officer, table)["Location"])
    assert page.context["look"]["unscored"] == 2
    reasons = [row["reason"] for row in page.context["findings"]["rows"]]
    assert reasons[1] == "这条标准在这一天没有生效"
    assert all(reasons)


def test_five_thousand_problems_are_counted_and_the_first_are_shown(home: Cast, code: str) -> None:
    officer = home.client("officer")
    table = HEAD + "".join(f"p{n},{code},x{n},2026-11-12 10:00,,\n" for n in range(5000))
    address = hand_in(officer, table)["Location"]
    page = look(officer, address)
    found = page.context["findings"]
    assert (found["total"], found["shown"], len(found["rows"])) == (5000, 200, 200)
    assert "共 5,000 处，这里列出前 200 处" in page.content.decode()
    assert found["reasons"][0]["count"] == 5000
    assert "开始导入" not in page.content.decode()
    report = officer.get(f"{address}errors.xlsx").getvalue()
    assert openpyxl.load_workbook(BytesIO(report)).worksheets[0].max_row == 5001


def test_a_table_without_rows_says_so(home: Cast, code: str) -> None:
    officer = home.client("officer")
    page = look(officer, hand_in(officer, HEAD)["Location"])
    assert "表里没有事件" in page.content.decode()
    assert "开始导入" not in page.content.decode()


def test_only_officers_look_again_and_only_at_their_own(home: Cast, away: Cast, code: str) -> None:
    address = hand_in(home.client("officer"), mixed(code))["Location"]
    assert home.client("employee").post(f"{address}check/").status_code == 403
    assert away.client("owner").post(f"{address}check/").status_code == 404
