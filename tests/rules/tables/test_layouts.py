"""Several tables on a sheet, tables without a header, headings under many names, pasted cells."""

from __future__ import annotations

import pytest

from meritbook.kit.sheets import CellValue, Merge, Sheet
from meritbook.rules.tables import NoRuleTable, Reading, read_tables, read_text

Rows = list[list[CellValue]]


def read(rows: Rows, merges: tuple[Merge, ...] | None = None) -> Reading:
    return read_tables([Sheet("标准", rows, merges)])


def seen(reading: Reading) -> list[tuple[int, str, str, str]]:
    """(row, indicator, standard, points) of each draft."""
    return [
        (draft.row, draft.indicator, draft.standard, str(draft.points)) for draft in reading.drafts
    ]


LEFT = [(3, "考勤", "迟到", "-5"), (4, "考勤", "早退", "-20")]
RIGHT = [(3, "汇报", "日报", "5"), (4, "汇报", "周报", "10")]


@pytest.mark.parametrize(
    "gap",
    [pytest.param(0, id="紧挨着"), pytest.param(1, id="空一列"), pytest.param(3, id="空三列")],
)
def test_two_tables_side_by_side(gap: int) -> None:
    blank: list[CellValue] = [""] * gap
    rows: Rows = [
        ["积分制度", "", "", *blank, "", "", ""],
        ["类别", "标准", "分值", *blank, "类别", "标准", "分值"],
        ["考勤", "迟到", "-5", *blank, "汇报", "日报", "5分/天"],
        ["", "早退", "-20", *blank, "", "周报", "10分/周"],
    ]
    reading = read(rows, (Merge(1, 1, 1, 6 + gap),))
    assert seen(reading) == LEFT + RIGHT
    assert reading.problems == ()
    assert reading.findings == ()


def test_tables_side_by_side_that_begin_on_different_rows() -> None:
    rows: Rows = [
        ["指标", "标准", "积分", "", "", "", ""],
        ["考勤", "旷工", "-50", "", "指标", "标准", "积分"],
        ["考勤", "迟到", "-5", "", "汇报", "日报", "5分/天"],
        ["考勤", "早退", "-20", "", "汇报", "周报", "10分/周"],
    ]
    assert seen(read(rows)) == [(2, "考勤", "旷工", "-50"), *LEFT, *RIGHT]


def test_awards_and_deductions_side_by_side_share_the_columns_on_the_left() -> None:
    rows: Rows = [
        ["类别", "加分标准", "加分", "扣分标准", "扣分"],
        ["考勤", "加班", "5", "迟到", "5"],
        ["汇报", "日报", "5分/天", "未交日报", "5"],
    ]
    assert seen(read(rows)) == [
        (2, "考勤", "加班", "5"),
        (3, "汇报", "日报", "5"),
        (2, "考勤", "迟到", "-5"),
        (3, "汇报", "未交日报", "-5"),
    ]


def test_numbered_tables_side_by_side() -> None:
    rows: Rows = [
        ["序号", "项目", "分值", "序号", "项目", "分值"],
        ["1", "迟到", "-5", "2", "日报", "5分/天"],
    ]
    assert seen(read(rows)) == [(2, "", "迟到", "-5"), (2, "", "日报", "5")]


def test_a_column_of_marks_to_be_filled_in_is_no_second_table() -> None:
    rows: Rows = [
        ["指标", "考核标准", "分值", "评分标准", "得分"],
        ["考勤", "打卡", "5", "缺一次扣1分", ""],
    ]
    reading = read(rows)
    assert seen(reading) == [(2, "考勤", "打卡", "5")]
    assert [finding.text for finding in reading.findings] == ["这些列没有用到：评分标准"]


def test_tables_below_each_other_with_titles_notes_and_sums_between() -> None:
    rows: Rows = [
        ["2026年积分标准", "", "", ""],
        ["", "", "", ""],
        ["指标", "标准", "积分", ""],
        ["考勤", "迟到", "-5", ""],
        ["注:迟到指9点以后", "", "", ""],
        ["合计", "", "100", ""],
        ["", "", "", ""],
        ["二、销售", "", "", ""],
        ["项目", "内容", "分值", "备注"],
        ["签单", "每签一单", "10", "录入CRM"],
        ["说明", "本制度解释权归公司", "", ""],
    ]
    reading = read(rows)
    assert seen(reading) == [(4, "考勤", "迟到", "-5"), (10, "签单", "每签一单", "10")]
    assert reading.problems == ()
    named = [(f.row, f.kind) for f in reading.findings if f.kind != "no_cap"]
    assert named == [
        (5, "not_a_rule"), (6, "not_a_rule"), (8, "not_a_rule"),
        (9, "unused_column"), (11, "not_a_rule"),
    ]  # fmt: skip


def test_a_second_table_without_points_is_named_and_not_read_with_the_first_header() -> None:
    rows: Rows = [
        ["指标", "标准", "积分"],
        ["考勤", "迟到", "-5"],
        ["类别", "标准", "备注"],
        ["汇报", "日报", "每天"],
    ]
    reading = read(rows)
    assert seen(reading) == [(2, "考勤", "迟到", "-5")]
    assert [(p.row, p.reason) for p in reading.problems] == [(3, "表头缺少积分，下面的行没有读")]
    assert (4, "not_a_rule") in [(f.row, f.kind) for f in reading.findings]


def test_words_above_a_table_that_may_be_rules_are_named() -> None:
    rows: Rows = [
        ["积分制度", "", ""],
        ["制表人", "韩梅梅", "2026-11"],
        ["指标", "标准", "积分"],
        ["考勤", "迟到", "-5"],
    ]
    reading = read(rows)
    assert [(f.row, f.kind) for f in reading.findings] == [(2, "not_a_rule")]


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        (
            [["考勤", "迟到", "-5分"], ["考勤", "早退", "-20分"]],
            "第 1 列是关键指标，第 2 列是衡量标准，第 3 列是积分",
        ),
        (
            [["1", "迟到", "-5"], ["2", "早退", "-20"]],
            "第 2 列是衡量标准，第 3 列是积分",
        ),
    ],
    ids=["三列", "有序号"],
)
def test_a_table_without_a_header_is_read_with_a_question(rows: Rows, columns: str) -> None:
    reading = read(rows)
    assert [(d.row, d.standard, d.points) for d in reading.drafts] == [
        (1, "迟到", -5),
        (2, "早退", -20),
    ]
    (question,) = reading.drafts[0].questions
    assert (question.field, question.proposal) == ("columns", columns)
    assert not reading.drafts[1].questions


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([["螺丝", "100"], ["螺母", "20"]], id="库存"),
        pytest.param([["1001", "李雷", "销售部"], ["1002", "韩梅梅", "客服部"]], id="人员"),
    ],
)
def test_a_list_of_something_else_is_no_table_without_a_header(rows: Rows) -> None:
    with pytest.raises(NoRuleTable):
        read(rows)


@pytest.mark.parametrize(
    "headings",
    [
        pytest.param(headings.split(), id=headings)
        for headings in (
            "类别 标准 分值",
            "一级指标 评分办法 赋分",
            "考核类别 奖惩内容 奖罚分",
            "板块 行为描述 单次积分",
            "项目 具体事项 加减分",
            "项目 内容 分数",
            "大项 加减分项 积分值",
            "考核維度 考核細則 積分",
            "栏目 计分方式 奖励分值",
            "KPI 计分标准 分值(分)",
            "模块 积分事项 分",
            "指标： 评分说明 ＊得分",
            "category rule points",
        )
    ],
)
def test_headings_go_by_many_names(headings: list[CellValue]) -> None:
    reading = read([headings, ["考勤", "迟到", "-5"]])
    assert seen(reading) == [(2, "考勤", "迟到", "-5")]


def test_cells_pasted_from_a_spreadsheet() -> None:
    reading = read_text('类别\t标准\t分值\n考勤\t"迟到\n一次"\t-5\n汇报\t日报\t5分/天\n')
    assert [(d.row, d.standard, d.points) for d in reading.drafts] == [
        (2, "迟到\n一次", -5),
        (3, "日报", 5),
    ]


def test_cells_pasted_without_their_header() -> None:
    reading = read_text("考勤\t迟到\t-5分\n考勤\t早退\t-20分\n")
    assert seen(reading) == [(1, "考勤", "迟到", "-5"), (2, "考勤", "早退", "-20")]
    assert [question.field for question in reading.drafts[0].questions] == ["columns"]


def test_a_heading_without_lines_is_named() -> None:
    reading = read_text("考勤:\n汇报:\n日报5分")
    assert [(d.indicator, d.standard) for d in reading.drafts] == [("汇报", "日报")]
    assert [(f.kind, f.row) for f in reading.findings] == [("not_a_rule", 1)]
