"""The same tables as other people would keep them: every variant reads the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import opencc
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meritbook.kit.errors import Refusal
from meritbook.kit.sheets import Sheet, read_path, read_workbook, text_of
from meritbook.rules.tables import Draft, Reading, read_tables, read_text

BOOK = Path(__file__).parents[2] / "data" / "rule-tables-003.xlsx"
SHEETS = read_path(BOOK).sheets
BASE = read_tables(SHEETS)
FULL_WIDTH = str.maketrans({chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)} | {" ": "\u3000"})
TO_TRADITIONAL = opencc.OpenCC("s2t").convert


def meaning(draft: Draft) -> dict[str, object]:
    """What a draft says apart from its texts."""
    texts = {"sheet", "indicator", "process", "result", "standard", "points_text", "questions"}
    texts |= {"needs", "evidence", "checklist", "exclude", "unit"}
    found = {key: value for key, value in draft.as_dict().items() if key not in texts}
    asked = [question.field for question in draft.questions]
    return found | {"asked": asked, "items": len(draft.checklist), "exempt": len(draft.exclude)}


def assert_same(reading: Reading, *, rows: bool = True) -> None:
    assert reading.problems == ()
    base, found = [meaning(d) for d in BASE.drafts], [meaning(d) for d in reading.drafts]
    if not rows:
        for one in (*base, *found):
            one.pop("row")
    assert found == base


def rewritten(change: Callable[[str], str]) -> Reading:
    """The workbook with every text changed, saved and read again."""
    book = openpyxl.load_workbook(BOOK)
    for page in book:
        for row in page.iter_rows():
            for cell in row:
                if isinstance(cell.value, str):
                    cell.value = change(cell.value)
    return saved(book)


def saved(book: openpyxl.Workbook) -> Reading:
    buffer = io.BytesIO()
    book.save(buffer)
    return read_tables(read_workbook(buffer.getvalue(), name="积分.xlsx").sheets)


def unmerged(sheet: Sheet) -> list[list[object]]:
    """The grid with each merged value repeated; a title over the whole width stays alone."""
    grid: list[list[object]] = [list(row) for row in sheet.rows]
    for merge in sheet.merges or ():
        if merge.right - merge.left >= 5:
            continue
        for row in range(merge.top, merge.bottom + 1):
            for column in range(merge.left, merge.right + 1):
                grid[row - 1][column - 1] = sheet.value(merge.top, merge.left)
    return grid


def test_without_merged_cells_but_repeated_values() -> None:
    assert_same(read_tables([Sheet(s.name, unmerged(s), None) for s in SHEETS]))  # type: ignore[arg-type]


def test_with_merges_taken_apart_and_blanks_left() -> None:
    book = openpyxl.load_workbook(BOOK)
    for page in book:
        for merged in list(page.merged_cells.ranges):
            page.unmerge_cells(str(merged))
    assert_same(saved(book))


def test_in_traditional_characters() -> None:
    reading = rewritten(TO_TRADITIONAL)
    assert_same(reading)
    assert reading.drafts[15].indicator == "供應商"


def test_in_full_width_signs() -> None:
    assert_same(rewritten(lambda text: text.translate(FULL_WIDTH)))


def test_with_numbers_and_percentages_as_numbers() -> None:
    book = openpyxl.load_workbook(BOOK)
    page = book.worksheets[0]
    for row in range(3, 6):
        page.cell(row, 4).value = float(str(page.cell(row, 4).value).rstrip("%")) / 100
        page.cell(row, 6).value = int(str(page.cell(row, 6).value))
    assert_same(saved(book))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_as_csv(encoding: str) -> None:
    sheets: list[Sheet] = []
    for sheet in SHEETS:
        out = io.StringIO()
        csv.writer(out).writerows([[text_of(value) for value in row] for row in sheet.rows])
        sheets.extend(
            read_workbook(out.getvalue().encode(encoding), name=f"{sheet.name}.csv").sheets
        )
    assert_same(read_tables(sheets))


def test_pasted_from_the_spreadsheet() -> None:
    drafts: list[Draft] = []
    for sheet in SHEETS:
        text = "\n".join("\t".join(text_of(value) for value in row) for row in sheet.rows)
        drafts.extend(read_text(text, name=sheet.name).drafts)
    assert_same(Reading(drafts=tuple(drafts)))


def test_all_tables_below_each_other_on_one_sheet() -> None:
    rows = [row for sheet in SHEETS for row in [*unmerged(sheet), [""] * 6]]
    assert_same(read_tables([Sheet("全部", rows, None)]), rows=False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "names",
    [
        ("考核项目", "工作过程", "结果指标", "占比", "评分细则", "分值"),
        ("KPI", "关键行为", "关键成果", "权重(%)", "评分标准", "分数"),
        ("指标名称", "过程", "结果", "比重", "考核标准(说明)", "积分(分)"),
        ("關鍵指標", "關鍵過程", "關鍵結果", "權重", "衡量標準", "積分"),
        ("*指 标:", "*过 程:", "*结 果:", "权重", "*标准", "*得分"),
        ("类别", "执行过程", "预期结果", "权重比例", "积分规则", "奖扣分"),
    ],
)
def test_under_other_headings(names: tuple[str, ...]) -> None:
    own = ("关键指标", "关键过程", "关键结果", "权重", "衡量标准", "积分")
    new = dict(zip(own, names, strict=True)) | {"关键结果权重": names[3], "具体内容": "具体内容"}
    sheets = []
    for sheet in SHEETS:
        rows = [
            [new.get(text_of(value), value) if number < 2 else value for value in row]
            for number, row in enumerate(sheet.rows)
        ]
        sheets.append(replace(sheet, rows=rows))
    assert_same(read_tables(sheets))


@settings(max_examples=40, deadline=None)
@given(order=st.permutations(range(6)))
def test_in_any_order_of_columns(order: Sequence[int]) -> None:
    sheets = [
        Sheet(sheet.name, [[row[i] for i in order] for row in unmerged(sheet)], None)  # type: ignore[misc]
        for sheet in SHEETS
    ]
    reading = read_tables(sheets)
    assert_same(reading)
    assert [d.standard for d in reading.drafts] == [d.standard for d in BASE.drafts]
    assert [d.questions for d in reading.drafts] == [d.questions for d in BASE.drafts]


@settings(max_examples=30, deadline=None)
@given(
    blanks=st.integers(0, 4),
    extra=st.lists(st.sampled_from(["序号", "备注", "考核人", "数据来源"]), unique=True),
    title=st.sampled_from(["", "2026 年积分标准", "某某公司积分制管理规定"]),
)
def test_with_titles_blank_rows_and_idle_columns(blanks: int, extra: list[str], title: str) -> None:
    sheets = []
    for sheet in SHEETS[1:3]:
        grid = unmerged(sheet)
        head = [[*grid[0], *extra]]
        body = [[*row, *("x" for _ in extra)] for row in grid[1:]]
        above: list[list[object]] = [[title]] + [[""] for _ in range(blanks)]
        sheets.append(Sheet(sheet.name, above + head + body, None))  # type: ignore[arg-type]
    reading = read_tables(sheets)
    wanted = [
        (d.shape, d.points, d.row + blanks + 1)
        for d in BASE.drafts
        if d.sheet in {"采购仓库供应商", "销售"}
    ]
    assert [(d.shape, d.points, d.row) for d in reading.drafts] == wanted
    unused = {finding.text for finding in reading.findings if finding.kind == "unused_column"}
    assert bool(unused) == bool(set(extra) - {"序号"})


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(
        alphabet=st.sampled_from(
            "迟到早退每天周月个单张元万千百十五2530分/-+至~,;。::()%扣加超过分钟内延按比例目标完成 \n"
        ),
        max_size=60,
    )
)
def test_any_text_is_read_and_nothing_is_lost(text: str) -> None:
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    try:
        reading = read_text(text)
    except Refusal:
        return
    seen = {draft.row for draft in reading.drafts} | {problem.row for problem in reading.problems}
    headings = {n for n in lines if n not in seen}
    for number in headings:
        assert (
            "分" not in text.splitlines()[number - 1]
            or text.splitlines()[number - 1].rstrip()[-1] in "::"
        )
