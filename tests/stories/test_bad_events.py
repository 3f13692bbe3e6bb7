"""Events files as they come: each fault is named by row, column, reason and remedy."""

import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from meritbook.awards.sheets import load_events, read_events
from meritbook.kit import clock
from meritbook.kit.commands import company_id_of
from meritbook.kit.sheets import read_workbook
from tests.stories.conftest import Desk, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.publish("standards-000.txt", start="2026-11-01")
    desk.publish("rule-tables-003.xlsx", start="2026-11-01")
    return desk


def only_problem(answer: Any) -> dict[str, Any]:
    assert (answer["new"], answer["refused"]) == (0, 1), answer
    (problem,) = answer["problems"]
    assert problem["sheet"]
    assert problem["remedy"]
    return dict(problem)


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        pytest.param({"工号": "9999"}, "工号", "9999", id="unknown 工号"),
        pytest.param({"工号": ""}, "工号", "没有填写", id="no 工号"),
        pytest.param({"类型": "跳舞"}, "类型", "跳舞", id="unknown 类型"),
        pytest.param({"类型": ""}, "类型", "没有填写", id="no 类型"),
        pytest.param({"事件编号": ""}, "事件编号", "没有填写", id="no number"),
        pytest.param({"时间": "2026-12-05 13:00"}, "时间", "将来", id="an hour ahead"),
        pytest.param({"时间": "2020-11-10 10:00"}, "时间", "入职", id="before hiring"),
        pytest.param({"时间": "去年冬天"}, "时间", "去年冬天", id="no date"),
        pytest.param({"时间": "2026-02-30"}, "时间", "2026-02-30", id="a day that is none"),
        pytest.param({"时间": ""}, "时间", "没有填写", id="no time"),
        pytest.param({"数量": "三四个"}, "数量", "三四个", id="no number of anything"),
        pytest.param({"数量": "1.00005"}, "数量", "小数", id="too fine"),
        pytest.param({"数量": "99999999999999"}, "数量", "数字太大", id="too large"),
        pytest.param({"备注": "长" * 1001}, "备注", "1000", id="too long"),
    ],
)
def test_a_row_with_a_fault(desk: Desk, change: dict[str, str], column: str, reason: str) -> None:
    good = row("1", "签合同", "2026-11-10 10:00", 数量="1", 备注="")

    problem = only_problem(desk.events([good | change]))

    assert (problem["row"], problem["column"]) == (2, column)
    assert reason in problem["reason"]


def test_five_minutes_ahead_is_a_clock_that_runs_fast(desk: Desk) -> None:
    assert desk.events([row("1", "签合同", "2026-12-05 12:04")])["new"] == 1


@pytest.mark.parametrize(
    ("amount", "points"),
    [("1,999元", "50"), ("1.2万", "600"), ("￥5,600.00", "250"), ("２０００", "100")],
)
def test_amounts_as_people_write_them(desk: Desk, amount: str, points: str) -> None:
    growth = desk.code_of("增加单量每 1 千")
    desk.events([row("1", growth, "2026-11-10 10:00", 金额=amount)])

    assert desk.balance("0012") == points


def test_a_verdict_outside_its_range(desk: Desk) -> None:
    complaint = desk.code_of("遭到客户投诉")

    answer = desk.events(
        [
            row("1", complaint, "2026-11-10 10:00", 分值="-2000"),
            row("2", complaint, "2026-11-10 10:00", 分值="-100"),
            row("3", complaint, "2026-11-10 10:00"),
        ]
    )

    assert (answer["new"], answer["refused"]) == (1, 2)
    assert [problem["row"] for problem in answer["problems"]] == [2, 4]
    assert desk.balance("0012") == "-100"


def test_numbers_that_repeat(desk: Desk) -> None:
    first = row("1", "签合同", "2026-11-10 10:00", 数量="1")

    answer = desk.events([first, first, first | {"数量": "2"}])

    assert [answer[name] for name in ("new", "duplicate", "conflict")] == [1, 1, 1]
    assert (answer["problems"][0]["row"], answer["problems"][0]["column"]) == (4, "事件编号")
    assert desk.balance("0012") == "10"
    assert desk.events([first | {"数量": "2"}], "--revise")["revised"] == 1
    assert desk.balance("0012") == "20"


def test_a_date_alone_where_the_hour_decides(desk: Desk) -> None:
    report = desk.code_of("完成工作汇报")

    assert only_problem(desk.events([row("1", report, "2026-11-10")]))["column"] == "时间"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.xlsx", b"", id="empty"),
        pytest.param("a.xlsx", b"%PDF-1.7\n\x00\x01\x02 not a table", id="no spreadsheet"),
        pytest.param("a.csv", "姓名,分数\n李雷,3\n".encode(), id="without the columns"),
        pytest.param("a.csv", "事件编号,类型,工号\n1,签合同,0012\n".encode(), id="one is missing"),
        pytest.param("none.csv", None, id="no such file"),
    ],
)
def test_a_file_that_cannot_be_read(desk: Desk, name: str, content: bytes | None) -> None:
    path: Path = desk.folder / name
    if content is not None:
        path.write_bytes(content)

    answer = desk.run("load_events", str(path), exit_code=1)

    assert answer["code"]
    assert answer["message"]


def test_a_zip_bomb_is_not_opened(desk: Desk) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 150_000_000)
    path = desk.folder / "bomb.xlsx"
    path.write_bytes(packed.getvalue())

    desk.run("load_events", str(path), exit_code=1)


def test_a_spreadsheet_as_excel_saves_it(desk: Desk) -> None:
    """Headings in another order and with other names, numbers for texts, real dates, a formula."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["发生时间", "员工编号", "事件类型", "编号", "次数", "渠道"])
    sheet.append([datetime(2026, 11, 10, 10, 0), "0012", "签合同", 1001, 2, "展会"])
    sheet.append(["2026年11月11日 上午9点30分", "0012", "签合同", 1002.0, 1, None])
    sheet.append([datetime(2026, 11, 12, 10, 0), "0012", "签合同", 1003, "=1+1", None])
    packed = io.BytesIO()
    book.save(packed)
    path = desk.folder / "excel.xlsx"
    path.write_bytes(packed.getvalue())

    answer = desk.run("load_events", str(path))

    assert (answer["new"], answer["refused"]) == (2, 1)
    assert answer["problems"][0]["row"] == 4
    assert desk.balance("0012") == "30"
    assert desk.explained("1001")["status"] == "posted"


def test_a_gbk_csv_with_two_hundred_columns(desk: Desk) -> None:
    extra = [f"附加{number}" for number in range(50)]
    content = ",".join(["事件编号", "类型", "工号", "时间", *extra]) + "\n"
    content += ",".join(["1", "签合同", "0012", "2026/11/10 10:00", *["值"] * 50]) + "\n"
    path = desk.folder / "gbk.csv"
    path.write_bytes(content.encode("gb18030"))
    assert desk.run("load_events", str(path))["new"] == 1

    many = [f"附加{number}" for number in range(200)]
    content = ",".join(["事件编号", "类型", "工号", "时间", *many]) + "\n"
    content += ",".join(["2", "签合同", "0012", "2026-11-10 10:00", *[""] * 199, "值"]) + "\n"
    content += ",".join(["3", "签合同", "0012", "2026-11-10 10:00", *["值"] * 200]) + "\n"
    path.write_bytes(content.encode("gb18030"))
    answer = desk.run("load_events", str(path))
    assert (answer["new"], answer["refused"]) == (1, 1)


def test_the_error_report_can_be_mended_and_loaded_again(desk: Desk) -> None:
    content = (
        "事件编号,类型,工号,时间\n"
        "1,签合同,0012,2026-11-10 10:00\n"
        "2,签合同,9999,2026-11-10 10:00\n"
        "3,签合同,0013,十一月\n"
    ).encode()
    loaded = load_events(
        company_id=company_id_of(desk.code),
        file=read_events(content, name="a.csv"),
        source="default",
        now=clock.now(),
    )

    report = loaded.error_report()

    (sheet,) = read_workbook(report, name="report.xlsx").sheets
    assert [line[0] for line in sheet.rows[1:]] != ["", ""]
    path = desk.folder / "report.xlsx"
    path.write_bytes(report)
    assert desk.run("load_events", str(path))["refused"] == 2
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    headings = [cell.value for cell in page[1]]
    page.cell(2, headings.index("工号") + 1).value = "0013"
    page.cell(3, headings.index("时间") + 1).value = "2026-11-11 10:00"
    book.save(path)
    assert desk.run("load_events", str(path))["new"] == 2
    assert desk.balance("0013") == "20"
    attributes = desk.run("explain", "2")
    assert attributes["status"] == "posted"


def test_unknown_names_exit_with_one(desk: Desk) -> None:
    for command in (
        ("wallet", "9999"),
        ("statement", "9999"),
        ("explain", "nothing"),
        ("board", "--period", "2026-13"),
        ("board", "--period", "2026-11", "--department", "宇航部"),
        ("board", "--period", "2026-11", "--asset", "gold"),
    ):
        assert desk.run(*command, exit_code=1)["code"]
