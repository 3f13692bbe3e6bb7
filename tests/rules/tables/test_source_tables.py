"""The four tables and the plain lines that a company really has: every line in its shape."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from meritbook.kit.sheets import decode_text, read_path
from meritbook.rules.tables import Draft, Reading, read_tables, read_text

DATA = Path(__file__).parents[2] / "data"
SHAPES = list(csv.DictReader((DATA / "source-rule-shapes.csv").open(encoding="utf-8-sig")))
DEADLINES = {
    4: {"kind": "cut_off", "time": "16:30", "before": "same_day", "after": "next_day 12:00"},
    5: {"kind": "cut_off", "time": "16:30", "before": "same_day", "after": "next_day 12:00"},
    12: {"kind": "last_day"},
    13: {"kind": "first_day_of_next"},
    28: {"kind": "weekday", "weekday": 5, "time": "22:00"},
    29: {"kind": "last_day"},
    30: {"kind": "time_of_day", "time": "22:00"},
    35: {"kind": "date", "month": 7, "day": 20},
    36: {"kind": "date", "month": 8, "day": 30},
}


def tables() -> Reading:
    return read_tables(read_path(DATA / "rule-tables-003.xlsx").sheets)


def standards() -> Reading:
    text, _encoding = decode_text((DATA / "standards-000.txt").read_bytes())
    return read_text(text)


def spoken() -> Reading:
    return read_text("每完成一单销售获得10积分\n超额完成季度目标获得50积分")


DRAFTS = [*tables().drafts, *standards().drafts, *spoken().drafts]
LINES = [
    pytest.param(draft, shape, id=f"{shape['row']} {shape['standard']}")
    for draft, shape in zip(DRAFTS, SHAPES, strict=False)
]


def test_no_line_is_lost() -> None:
    assert [len(r.drafts) for r in (tables(), standards(), spoken())] == [41, 14, 2]
    assert [r.problems for r in (tables(), standards(), spoken())] == [(), (), ()]


@pytest.mark.parametrize(("draft", "shape"), LINES)
def test_texts_and_shape_are_as_in_the_source(draft: Draft, shape: dict[str, str]) -> None:
    assert (draft.standard, draft.shape) == (shape["standard"], shape["preset"])
    if shape["source"] == "003":
        assert draft.indicator == shape["indicator"]


@pytest.mark.parametrize(("draft", "shape"), LINES)
def test_parameters_are_as_in_the_source(draft: Draft, shape: dict[str, str]) -> None:
    wanted: dict[str, Any] = json.loads(shape["params_json"])
    found = draft.as_dict()
    for theirs, ours in (
        ("each", "points"),
        ("points", "points"),
        ("full", "points"),
        ("on_time", "points"),
        ("min", "points_min"),
        ("max", "points_max"),
        ("divisor", "divisor"),
        ("weight", "weight_percent"),
        ("project_total", "project_total"),
        ("sla_minutes", "limit_minutes"),
    ):
        if theirs in wanted:
            assert Decimal(str(found[ours])) == Decimal(str(wanted[theirs])), theirs
    for same in ("unit", "month"):
        if same in wanted:
            assert found[same] == wanted[same]
    if wanted.get("period") in ("day", "week", "month", "quarter"):
        assert draft.period == wanted["period"]
    if str(wanted.get("target", "")).isdigit():
        assert draft.target == Decimal(str(wanted["target"]))


@pytest.mark.parametrize("number", range(1, 42))
def test_deadlines(number: int) -> None:
    assert DRAFTS[number - 1].deadline == DEADLINES.get(number)


def test_the_parameters_that_the_source_only_hints_at() -> None:
    by_row = dict(enumerate(DRAFTS, start=1))
    assert by_row[5].exclude == ("标签类",)
    assert [item["item"] for item in by_row[7].checklist] == ["质量", "费用", "交期"]
    assert by_row[18].threshold == 1000
    assert by_row[18].strict
    assert (by_row[19].threshold, by_row[19].strict) == (1, False)
    assert by_row[21].checklist == (
        {"item": "微信增加朋友", "op": ">=", "value": "1"},
        {"item": "朋友圈", "op": ">=", "value": "1"},
    )
    assert by_row[22].checklist == ({"item": "群发", "op": ">=", "value": "1"},)
    assert by_row[23].checklist == (
        {"item": "电话量", "op": ">=", "value": "50"},
        {"item": "拜访", "op": ">=", "value": "1"},
    )
    assert (by_row[25].target, by_row[25].unit, by_row[25].period) == (380000, "元", "month")
    assert (by_row[27].target, by_row[27].unit) == (100, "%")
    assert by_row[34].needs == "采纳"
    assert by_row[37].evidence == "CRM"
    assert by_row[40].bonus
    assert (by_row[57].strict, by_row[57].unit, by_row[57].target) == (True, "%", 100)


def test_rows_are_those_of_the_spreadsheet() -> None:
    rows: dict[str, list[int]] = {}
    for draft in tables().drafts:
        rows.setdefault(draft.sheet, []).append(draft.row)
    assert rows == {
        "积分负责人规则设置": [3, 4, 5],
        "采购仓库供应商": list(range(2, 15)),
        "销售": list(range(2, 16)),
        "客服": list(range(3, 14)),
    }
    assert [draft.row for draft in standards().drafts] == [
        2,
        3,
        4,
        5,
        6,
        8,
        9,
        10,
        11,
        12,
        14,
        15,
        16,
        17,
    ]


def test_merged_cells_count_for_every_row_they_cover() -> None:
    rows = {(draft.sheet, draft.row): draft for draft in tables().drafts}
    assert rows["采购仓库供应商", 12].weight_percent == 15
    assert rows["采购仓库供应商", 12].process == "盘点:保证每月库存数据准确性"
    assert rows["销售", 15].result == "按要求汇报"
    assert rows["客服", 13].indicator == "客户满意度"


def test_headings_of_a_text_are_indicators_not_rules() -> None:
    indicators = [draft.indicator for draft in standards().drafts]
    assert indicators == ["行为"] * 5 + ["汇报"] * 5 + ["业绩"] * 4


def test_only_true_doubts_are_asked() -> None:
    asked = [
        (draft.sheet, draft.row, question.field)
        for draft in tables().drafts
        for question in draft.questions
    ]
    assert len(asked) <= 12
    assert ("客服", 13, "points_min") in asked
    assert ("销售", 4, "threshold") in asked
    assert ("销售", 10, "period") in asked
    assert all(q.proposal and q.text for d in tables().drafts for q in d.questions)
    assert [q.text for d in standards().drafts for q in d.questions] == []


def test_findings_name_what_is_certain() -> None:
    found = {(finding.kind, finding.sheet, finding.row) for finding in tables().findings}
    assert {
        ("missing_sign", "客服", 13),
        ("priced_differently", "客服", 10),
        ("target_without_period", "销售", 10),
        ("target_without_period", "销售", 9),
        ("weights_together", "销售", 13),
        ("different_measure", "客服", 10),
        ("placeholder", "采购仓库供应商", 4),
    } <= found
    assert not [finding for finding in tables().findings if finding.kind == "weights_not_100"]


def test_the_json_is_the_contract() -> None:
    found = json.loads(json.dumps(tables().as_dict(), ensure_ascii=False))
    assert set(found) == {"drafts", "problems", "findings"}
    assert {
        "sheet", "row", "indicator", "process", "result", "weight_percent", "standard",
        "points_text", "shape", "points", "points_min", "points_max", "unit", "divisor", "period",
        "target", "threshold", "strict", "proportional", "deadline", "limit_minutes",
        "project_total", "questions",
    } <= set(found["drafts"][0])  # fmt: skip
    assert found["drafts"][0]["points"] == "800"
    assert found["drafts"][40]["points"] is None
    assert set(found["findings"][0]) == {"kind", "sheet", "row", "text", "mend"}
