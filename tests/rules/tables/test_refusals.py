"""What is no rule table is refused in one sentence; a line that cannot be read is a problem."""

from __future__ import annotations

from time import process_time

import pytest

from meritbook.kit.sheets import Merge, Sheet
from meritbook.rules.tables import NoRuleTable, read_tables, read_text

HEADINGS = ["关键指标", "关键过程", "关键结果", "权重", "衡量标准", "积分"]


def table(*rows: list[str], headings: list[str] = HEADINGS) -> Sheet:
    return Sheet("销售", [headings, *rows], None)


def test_missing_columns_are_named_with_their_place() -> None:
    rows = [["标题"], ["关键指标", "关键过程", "权重"], ["回款", "及时", "100%"]]
    with pytest.raises(NoRuleTable) as refused:
        read_tables([Sheet("销售", rows, None)])
    assert refused.value.message == "「销售」第 2 行的表头缺少衡量标准、积分。请补上这些列。"


def test_only_points_missing() -> None:
    with pytest.raises(NoRuleTable, match="「销售」第 1 行的表头缺少积分"):
        read_tables([table(["a", "b", "c", "1", "迟到"], headings=HEADINGS[:5])])


def test_a_sheet_that_is_something_else() -> None:
    with pytest.raises(NoRuleTable, match="没有找到积分标准的表头"):
        read_tables([Sheet("人员", [["工号", "姓名", "部门"], ["1001", "李雷", "销售部"]], None)])


def test_a_good_sheet_is_read_beside_a_bad_one() -> None:
    bad = Sheet("客服", [["关键指标", "衡量标准"], ["a", "b"]], None)
    cover = Sheet("封面", [["积分制管理制度"]], None)
    reading = read_tables([cover, table(["考勤", "", "", "", "迟到", "-5"]), bad])
    assert [draft.standard for draft in reading.drafts] == ["迟到"]
    assert [(p.sheet, p.row, p.column) for p in reading.problems] == [("客服", 1, "积分")]
    assert [(f.kind, f.sheet) for f in reading.findings] == [("skipped_sheet", "封面")]


@pytest.mark.parametrize(
    ("standard", "points", "column", "reason"),
    [
        ("着装整洁", "", "积分", "“着装整洁”缺少积分"),
        ("着装整洁", "/", "积分", "“着装整洁”缺少积分"),
        ("", "-5", "衡量标准", "“-5”缺少衡量标准"),
        ("着装整洁", "面议", "积分", "“着装整洁”的积分“面议”读不懂"),
        ("签单", "2%/单", "积分", "“签单”的积分“2%/单”读不懂"),
        ("签单", "9999999999分", "积分", "“签单”的积分“9999999999分”读不懂"),
        ("签单", "0.00001分", "积分", "“签单”的积分“0.00001分”读不懂"),
        ("迟到", "-50元", "积分", "“迟到”的积分“-50元”读不懂"),
    ],
)
def test_a_line_without_readable_points_is_a_problem(
    standard: str, points: str, column: str, reason: str
) -> None:
    good = ["考勤", "", "", "", "迟到", "-5"]
    reading = read_tables([table(good, ["考勤", "", "", "", standard, points])])
    assert len(reading.drafts) == 1
    assert [(p.row, p.column, p.reason) for p in reading.problems] == [(3, column, reason)]
    assert reading.problems[0].remedy


def test_a_result_without_standard_and_points_is_a_problem() -> None:
    reading = read_tables(
        [table(["考勤", "", "", "", "迟到", "-5"], ["纪律", "守纪", "", "", "", ""])]
    )
    assert [(p.row, p.reason) for p in reading.problems] == [(3, "“纪律”缺少衡量标准和积分")]


def test_notes_and_sums_are_passed_over_with_a_word() -> None:
    rows = [
        ["考勤", "", "", "100%", "迟到", "-5"],
        ["合计", "", "", "100%", "", ""],
        ["备注:按月公布"],
    ]
    reading = read_tables([table(*rows)])
    assert len(reading.drafts) == 1
    assert reading.problems == ()
    assert [(f.kind, f.row) for f in reading.findings if f.kind == "not_a_rule"] == [
        ("not_a_rule", 3),
        ("not_a_rule", 4),
    ]


def test_separate_columns_of_awards_and_deductions() -> None:
    headings = ["项目", "标准", "加分", "扣分"]
    rows = [["考勤", "按时打卡", "2", ""], ["考勤", "迟到", "", "5"], ["订单", "交货", "500", "50"]]
    reading = read_tables([table(*rows, headings=headings)])
    assert [(d.standard, d.points) for d in reading.drafts] == [
        ("按时打卡", 2),
        ("迟到", -5),
        ("交货", 500),
        ("交货", -50),
    ]


def test_a_column_of_units() -> None:
    headings = ["指标", "标准", "分值", "单位"]
    rows = [
        ["汇报", "工作汇报", "5", "天"],
        ["回访", "回访客户", "4", "分/个"],
        ["销售", "业绩", "50", "千元"],
    ]
    reading = read_tables([table(*rows, headings=headings)])
    assert [(d.shape, d.period, d.unit, d.divisor) for d in reading.drafts] == [
        ("S2", "day", None, None),
        ("S3", None, "个", 1),
        ("S3", None, "元", 1000),
    ]


def test_a_unit_in_the_heading_of_the_points() -> None:
    headings = ["序号", "项目", "标准", "分值(分/天)"]
    reading = read_tables([table(["1", "汇报", "工作汇报", "5"], headings=headings)])
    assert [(d.shape, d.points, d.period) for d in reading.drafts] == [("S2", 5, "day")]


@pytest.mark.parametrize("headings", [["类别", "扣分标准", "分值"], ["类别", "标准", "扣分"]])
def test_deductions_under_their_own_heading(headings: list[str]) -> None:
    reading = read_tables(
        [table(["考勤", "迟到", "5"], ["考勤", "早退", "-20"], headings=headings)]
    )
    assert [d.points for d in reading.drafts] == [-5, -20]


def test_a_sheet_of_deductions_by_its_name() -> None:
    rows = [["类别", "标准", "分值"], ["考勤", "迟到", "5"]]
    both = read_tables([Sheet("扣分标准", rows, None), Sheet("奖扣分标准", rows, None)])
    assert [d.points for d in both.drafts] == [-5, -5]
    assert [len(d.questions) for d in both.drafts] == [0, 1]


def test_sections_within_a_table_are_indicators() -> None:
    rows = [["一、考勤类", "", ""], ["1", "迟到", "-5"], ["二、汇报类", "", ""], ["1", "日报", "5"]]
    reading = read_tables([table(*rows, headings=["序号", "积分标准", "分值"])])
    assert [(d.indicator, d.standard) for d in reading.drafts] == [
        ("考勤类", "迟到"),
        ("汇报类", "日报"),
    ]
    assert reading.problems == ()


def test_two_column_tables_without_indicators() -> None:
    reading = read_tables([table(["迟到", "-5"], ["签合同", "10"], headings=["事项", "分数"])])
    assert [(d.standard, d.points) for d in reading.drafts] == [("迟到", -5), ("签合同", 10)]


def test_points_merged_over_two_standards_count_for_both() -> None:
    rows = [HEADINGS, ["汇报", "", "", "", "日报", "5 分/天"], ["汇报", "", "", "", "周报", ""]]
    reading = read_tables([Sheet("表", rows, (Merge(top=2, left=6, bottom=3, right=6),))])
    assert [(d.standard, d.points) for d in reading.drafts] == [("日报", 5), ("周报", 5)]
    assert "shared_points" in {finding.kind for finding in reading.findings}


def test_weights_that_do_not_add_up() -> None:
    rows = [["甲", "p", "r", "40%", "迟到", "-5"], ["甲", "q", "s", "40%", "早退", "-5"]]
    found = [f for f in read_tables([table(*rows)]).findings if f.kind == "weights_not_100"]
    assert [(f.row, f.text) for f in found] == [(2, "“甲”的权重合计 80%")]


def test_weights_of_an_appraisal_are_no_project() -> None:
    rows = [["甲", "", "", "40%", "出勤好", "40"], ["甲", "", "", "60%", "业绩好", "60"]]
    assert [d.shape for d in read_tables([table(*rows)]).drafts] == ["S1", "S1"]


def test_sentences_in_one_column_are_read_as_a_text() -> None:
    rows = [["行为:"], [""], ["迟到-5分"], ["日报 5 分"]]
    reading = read_tables([Sheet("标准", rows, None)])
    assert [(d.sheet, d.row, d.indicator, d.standard) for d in reading.drafts] == [
        ("标准", 3, "行为", "迟到"),
        ("标准", 4, "行为", "日报"),
    ]
    with pytest.raises(NoRuleTable):
        read_tables([Sheet("标准", [["关键指标"], ["考勤"], ["汇报"]], None)])


@pytest.mark.parametrize("sign", ["\t", ",", "|"])
def test_a_table_in_a_text_file_is_read_as_a_table(sign: str) -> None:
    text = "\n".join(
        sign.join(row) for row in (["衡量标准", "积分"], ["迟到", "-5"], ["日报", "5分/天"])
    )
    assert [(d.row, d.shape) for d in read_text(text).drafts] == [(2, "S1"), (3, "S2")]


def test_text_lines_without_points_are_problems_and_headings_are_not() -> None:
    reading = read_text("一、行为\n1、迟到-5分\n2、着装整洁\n3、早退-20分\n【汇报】\n日报5分\n")
    assert [(d.indicator, d.standard) for d in reading.drafts] == [
        ("行为", "迟到"),
        ("行为", "早退"),
        ("汇报", "日报"),
    ]
    assert [(p.row, p.reason) for p in reading.problems] == [(3, "“着装整洁”没有写积分")]


def test_a_text_without_any_standard_is_refused() -> None:
    with pytest.raises(NoRuleTable):
        read_text("\n\n行为:\n")


@pytest.mark.parametrize(
    "sign", ["1", "每", "千", "(非", "每1", "超过1分钟", "迟到-5分,", "1点", "一"]
)
def test_a_cell_full_of_anything_is_read_quickly(sign: str) -> None:
    long = sign * (30_000 // len(sign))
    started = process_time()
    for row in (["a", long, long, "", long, "5 分/天"], ["a", "", "", "", "日报", long]):
        read_tables([table(["考勤", "", "", "", "迟到", "-5"], row)])
    assert process_time() - started < 5


def test_numbers_that_nobody_can_mean_are_left_out() -> None:
    row = ["a", "", "每月至少 99999999999999 个", "99999%", "拜访客户", "5 分/个"]
    reading = read_tables([table(row)])
    assert (reading.drafts[0].target, reading.drafts[0].weight_percent) == (None, None)
    assert "number_too_large" in {finding.kind for finding in reading.findings}
