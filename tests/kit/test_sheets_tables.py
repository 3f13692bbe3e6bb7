"""Tables by their headings, and what is written back to people."""

from __future__ import annotations

import io
from decimal import Decimal

import openpyxl
import pytest

from meritbook.kit.problems import Problem
from meritbook.kit.sheets import (
    Column,
    Merge,
    MissingColumns,
    OutSheet,
    Sheet,
    read_table,
    read_workbook,
    write_error_report,
    write_template,
    write_workbook,
)

PEOPLE = (
    Column(
        key="employee_no",
        title="工号",
        required=True,
        kind="code",
        aliases=("员工编号",),
        sample="0012",
    ),
    Column(key="name", title="姓名", required=True, aliases=("员工姓名", "名字")),
    Column(key="department", title="部门", required=True, hint="可写路径:销售部/华南组"),
    Column(key="state", title="状态", choices=("在职", "试用", "离职")),
)


def grid(*rows: list[str | int | float], merges: tuple[Merge, ...] = ()) -> list[Sheet]:
    return [Sheet("人员", list(rows), merges)]


@pytest.mark.parametrize(
    "headings",
    [
        ["工号", "姓名", "部门"],
        ["*工号", "姓名(必填)", "部门:"],
        ["員工編號", "員工姓名", "部門"],
        ["employee_no", "name", "department"],
        ["工 号", "姓　名", "部 门"],
    ],
)
def test_headings_under_other_names(headings: list[str | int | float]) -> None:
    table = read_table(
        grid(["公司人员表", "", ""], headings, [1001.0, "李雷", "销售部"]), columns=PEOPLE
    )
    assert (table.header_row, table.rows[0].number) == (2, 3)
    assert table.rows[0].code("employee_no") == "1001"
    assert table.rows[0].text("department") == "销售部"
    assert table.rows[0].text("state") == ""


def test_any_order_and_further_columns() -> None:
    table = read_table(
        grid(["备注", "部门", "姓名", "工号"], ["新人", "销售部", "李雷", "1001"]), columns=PEOPLE
    )
    assert table.rows[0].extras == {"备注": "新人"}
    assert table.extras == ("备注",)
    assert dict(table.columns) == {"employee_no": "工号", "name": "姓名", "department": "部门"}


def test_merged_cells_and_empty_rows() -> None:
    table = read_table(
        grid(
            ["工号", "姓名", "部门"],
            ["1001", "李雷", "销售部"],
            ["1002", "韩梅梅", ""],
            ["", " ", ""],
            ["1003", "林涛", "客服部"],
            merges=(Merge(top=2, left=3, bottom=3, right=3),),
        ),
        columns=PEOPLE,
    )
    assert [(row.number, row.text("department")) for row in table.rows] == [
        (2, "销售部"),
        (3, "销售部"),
        (5, "客服部"),
    ]


def test_missing_columns_are_named_with_their_place() -> None:
    with pytest.raises(MissingColumns) as refused:
        read_table(grid(["姓名", "入职日期"], ["李雷", "2026-03-01"]), columns=PEOPLE)
    assert refused.value.message == "「人员」第 1 行的表头缺少必填列：工号、部门。"
    with pytest.raises(MissingColumns, match="应有这些列：工号、姓名、部门"):
        read_table(grid(["a", "b"], ["c", "d"]), columns=PEOPLE)


def test_the_sheet_with_the_columns_is_found() -> None:
    sheets = [Sheet("说明", [["请填写"]]), *grid(["工号", "姓名", "部门"], ["1", "李雷", "销售部"])]
    assert read_table(sheets, columns=PEOPLE).sheet == "人员"


def test_lost_leading_zeros_are_noted() -> None:
    table = read_table(
        grid(["工号", "姓名", "部门"], ["0012", "李雷", "a"], [13, "韩梅梅", "a"]), columns=PEOPLE
    )
    assert [(p.row, p.column) for p in table.problems] == [(3, "工号")]
    assert "0013" in table.problems[0].remedy


def cells(content: bytes, sheet: int = 0) -> list[list[object]]:
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[sheet]
    return [[cell.value for cell in row] for row in page.iter_rows()]


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "http://a.b", "0012"]
)
def test_what_is_written_stays_text(text: str) -> None:
    content = write_workbook([OutSheet("表", ["姓名"], [[text]])])
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert (page["A2"].value, page["A2"].data_type) == (text, "s")
    assert page["A2"].hyperlink is None


def test_numbers_stay_exact() -> None:
    long = Decimal("12345678901234567.89")
    assert cells(write_workbook([OutSheet("表", ["a", "b", "c"], [[Decimal("0.2"), 65, long]])]))[
        1
    ] == [
        0.2,
        65,
        "12345678901234567.89",
    ]


def test_a_template_marks_what_is_required_and_reads_back() -> None:
    content = write_template(name="人员", columns=PEOPLE, notes=["一行一人。"])
    assert cells(content)[0] == ["*工号", "*姓名", "*部门", "状态"]
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert [rule.formula1 for rule in page.data_validations.dataValidation] == ['"在职,试用,离职"']
    table = read_table(read_workbook(content, name="人员.xlsx").sheets, columns=PEOPLE)
    assert table.rows == ()
    assert ["工号", "必填", "0012", ""] in cells(content, 1)


def test_an_error_report_is_the_same_rows_with_a_reason_and_reads_back() -> None:
    rows = (
        ["工号", "姓名", "部门", "备注"],
        ["0012", "李雷", "", "=1"],
        ["0013", "韩梅梅", "销售部", ""],
    )
    table = read_table(grid(*rows), columns=PEOPLE)
    problems = [
        Problem("人员", 2, "部门", "部门没有填写", "请填写部门"),
        Problem("人员", 2, "工号", "工号重复", "请改工号"),
        Problem("人员", 9, "", "这一行读不懂", ""),
    ]
    content = write_error_report(table, problems=problems)
    found = cells(content)
    assert found[0] == ["原因", "处理办法", "原文件行", "工号", "姓名", "部门", "备注"]
    assert found[1] == [
        "部门:部门没有填写;工号:工号重复",
        "请填写部门;请改工号",
        2,
        "0012",
        "李雷",
        None,
        "=1",
    ]
    assert found[2][:3] == ["这一行读不懂", None, 9]
    again = read_table(read_workbook(content, name="错误.xlsx").sheets, columns=PEOPLE)
    assert again.rows[0].code("employee_no") == "0012"
