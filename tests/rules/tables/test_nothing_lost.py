"""Whatever a file holds: each row is a draft, a problem or a finding; reading never breaks."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meritbook.kit.errors import Refusal
from meritbook.kit.sheets import CellValue, Merge, Sheet, text_of
from meritbook.rules.sheets import read_rule_file
from meritbook.rules.tables import NoRuleTable, Reading, read_tables

HEADINGS: list[CellValue] = ["关键指标", "关键过程", "关键结果", "权重", "衡量标准", "积分"]
WORDS = st.one_of(
    st.sampled_from(
        [
            "", "", "考勤", "迟到", "每天22点前交日报", "每周回访20个,每个按比例", "合计", "注:按月公布",
            "一、考勤类", "-5", "5分/天", "扣5-20分", "双倍", "面议", "/", "50%", "每增加1千元", "按要求",
            "每位客户每周只算一次", "积分按人头平均", "达到10万500分,20万1200分", "标准", "积分", "指标", "罚款50元",
        ]
    ),
    st.text(max_size=8),
    st.integers(-1000, 1000),
    st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip


def accounted(reading: Reading) -> set[int]:
    """The rows that the reading speaks of."""
    rows = {draft.row for draft in reading.drafts} | {problem.row for problem in reading.problems}
    return rows | {finding.row for finding in reading.findings}


@settings(max_examples=150, deadline=None)
@given(body=st.lists(st.lists(WORDS, min_size=6, max_size=6), min_size=1, max_size=8))
def test_each_row_below_a_header_is_accounted_for(body: list[list[CellValue]]) -> None:
    rows = [HEADINGS, ["考勤", "", "", "", "早退", "-20"], *body]
    reading = read_tables([Sheet("表", rows, None)])
    held = {
        number
        for number, row in enumerate(rows[1:], start=2)
        if any(text_of(value) for value in row)
    }
    headers = {
        number
        for number, row in enumerate(rows, start=1)
        if len({text_of(value) for value in row} & {"标准", "积分", "指标"}) >= 2
    }
    assert held - headers <= accounted(reading)


@settings(max_examples=60, deadline=None)
@given(
    body=st.lists(st.lists(WORDS, min_size=4, max_size=4), min_size=1, max_size=6),
    top=st.integers(1, 6),
    left=st.integers(1, 4),
    height=st.integers(0, 4),
    width=st.integers(0, 3),
)
def test_drafts_keep_the_order_and_reading_again_says_the_same(
    body: list[list[CellValue]], top: int, left: int, height: int, width: int
) -> None:
    merge = Merge(top, left, top + height, left + width)
    sheet = Sheet("表", [["类别", "标准", "积分", "单位"], *body], (merge,))
    try:
        reading = read_tables([sheet])
    except NoRuleTable:
        return
    assert read_tables([sheet]) == reading
    rows = [draft.row for draft in reading.drafts]
    assert rows == sorted(rows)


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=400), name=st.sampled_from(["a.xlsx", "a.txt", "a.csv", "a.docx"]))
def test_any_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    _read_or_refused(data, name)


@settings(max_examples=40, deadline=None)
@given(
    data=st.data(),
    names=st.sampled_from(["word/document.xml", "xl/workbook.xml", "[Content_Types].xml"]),
)
def test_any_package_is_read_or_refused(data: st.DataObject, names: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr(names, data.draw(st.binary(max_size=80)))
    _read_or_refused(buffer.getvalue(), "a.docx")


def _document() -> bytes:
    document = docx.Document()
    document.add_heading("考勤", level=1)
    table = document.add_table(rows=2, cols=2)
    for (row, column), text in {
        (0, 0): "标准",
        (0, 1): "积分",
        (1, 0): "迟到",
        (1, 1): "-5",
    }.items():
        table.cell(row, column).text = text
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


GOOD = _document()


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(GOOD) - 1), sign=st.integers(0, 255))
def test_a_damaged_document_is_read_or_refused(at: int, sign: int) -> None:
    _read_or_refused(GOOD[:at] + bytes([sign]) + GOOD[at + 1 :], "a.docx")


@settings(max_examples=40, deadline=None)
@given(
    cut=st.integers(0, 4000),
    put=st.sampled_from(
        ["<w:tbl>", "</w:tc>", "<w:vMerge/>", '<w:gridSpan w:val="9"/>', "&#0;", "x"]
    ),
)
def test_a_document_with_odd_markup_is_read_or_refused(cut: int, put: str) -> None:
    source = zipfile.ZipFile(io.BytesIO(GOOD))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for info in source.infolist():
            body = source.read(info)
            if info.filename == "word/document.xml":
                text = body.decode()
                at = cut % len(text)
                body = (text[:at] + put + text[at:]).encode()
            package.writestr(info.filename, body)
    _read_or_refused(buffer.getvalue(), "a.docx")


def _read_or_refused(data: bytes, name: str) -> None:
    with suppress(Refusal):
        read_rule_file(name=name, data=data)


@pytest.mark.parametrize("size", [10_000])
def test_ten_thousand_lines_are_read(size: int) -> None:
    rows: list[list[CellValue]] = [HEADINGS]
    rows += [["考勤", "", "", "", f"迟到第{n}种", "-5"] for n in range(size)]
    reading = read_tables([Sheet("表", rows, None)])
    assert len(reading.drafts) == size
