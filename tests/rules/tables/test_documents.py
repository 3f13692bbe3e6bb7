"""Word documents: tables with merged and nested cells, lines between them, what is refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import docx
import pytest
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.table import Table

from meritbook.kit.sheets import Limits, Merge, UnreadableFile, read_workbook
from meritbook.rules.sheets import read_rule_file
from meritbook.rules.tables import Reading


def written(write: Callable[[Document], None]) -> bytes:
    document = docx.Document()
    write(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def fill(table: Table, *rows: list[str]) -> None:
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(number, column).text = text


def read(write: Callable[[Document], None]) -> Reading:
    return read_rule_file(name="制度.docx", data=written(write))


def test_lines_and_tables_in_the_order_of_the_document() -> None:
    def write(document: Document) -> None:
        document.add_heading("积分管理制度", level=0)
        document.add_paragraph("为了激励员工,特制定本制度。")
        document.add_paragraph("一、考勤")
        document.add_paragraph("1、迟到扣5分;")
        document.add_heading("汇报", level=1)
        fill(
            document.add_table(3, 2),
            ["标准", "分值"],
            ["每天22点前交日报", "5分/天"],
            ["每周五22点前交周报", "10分/周"],
        )
        document.add_paragraph("2、旷工扣50分")

    reading = read(write)
    assert [(d.sheet, d.row, d.indicator, d.standard, d.shape) for d in reading.drafts] == [
        ("正文", 4, "考勤", "迟到扣5分;", "S1"),
        ("表 1", 2, "汇报", "每天22点前交日报", "S2"),
        ("表 1", 3, "汇报", "每周五22点前交周报", "S2"),
        ("正文", 6, "", "旷工扣50分", "S1"),
    ]
    assert reading.problems == ()
    assert [(f.sheet, f.row) for f in reading.findings if f.kind == "not_a_rule"] == [
        ("正文", 1),
        ("正文", 2),
    ]


def test_merged_cells_give_their_value_to_every_line() -> None:
    def write(document: Document) -> None:
        table = document.add_table(5, 4)
        fill(
            table,
            ["积分标准", "", "", ""],
            ["类别", "过程", "标准", "积分"],
            ["考勤", "打卡", "迟到", "-5"],
            ["", "", "早退", "-20"],
            ["汇报", "", "日报", "5分/天"],
        )
        table.cell(0, 0).merge(table.cell(0, 3))
        table.cell(2, 0).merge(table.cell(3, 0))
        table.cell(4, 0).merge(table.cell(4, 1))

    assert [(d.row, d.indicator, d.standard) for d in read(write).drafts] == [
        (3, "考勤", "迟到"),
        (4, "考勤", "早退"),
        (5, "汇报", "日报"),
    ]
    (sheet,) = read_workbook(written(write), name="a.docx", documents=True).sheets
    assert set(sheet.merges or ()) == {Merge(1, 1, 1, 4), Merge(3, 1, 4, 1), Merge(5, 1, 5, 2)}


def test_a_table_inside_a_table_is_read_as_its_own() -> None:
    def write(document: Document) -> None:
        outer = document.add_table(2, 2)
        fill(outer, ["标准", "积分"], ["迟到", "-5"])
        inner = outer.cell(1, 0).add_table(2, 2)
        fill(inner, ["标准", "积分"], ["早退", "-20"])

    assert [(d.sheet, d.row, d.standard) for d in read(write).drafts] == [
        ("表 1", 2, "迟到"),
        ("表 1-1", 2, "早退"),
    ]


def test_deleted_text_is_left_out_and_inserted_text_is_read() -> None:
    def write(document: Document) -> None:
        paragraph = document.add_paragraph("迟到扣5")
        run = paragraph.add_run("0")._r
        gone = OxmlElement("w:del")
        run.getparent().replace(run, gone)
        gone.append(run)
        put = OxmlElement("w:ins")
        put.append(paragraph.add_run("分")._r)
        paragraph._p.append(put)

    assert [(d.standard, d.points) for d in read(write).drafts] == [("迟到扣5分", -5)]


def test_a_document_of_lines_alone() -> None:
    def write(document: Document) -> None:
        for text in ("行为:", "迟到 -5分", "着装整洁", "日报 5 分"):
            document.add_paragraph(text)

    reading = read(write)
    assert [(d.row, d.indicator, d.standard) for d in reading.drafts] == [
        (2, "行为", "迟到"),
        (4, "行为", "日报"),
    ]
    assert [(f.row, f.kind) for f in reading.findings] == [(3, "not_a_rule")]


def _picture(document: Document) -> None:
    document.add_paragraph().add_run()._r.append(OxmlElement("w:drawing"))


def _bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b"0" * 40_000_000)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(written(_picture), "只有图片", id="只有图片"),
        pytest.param(_bomb(), "解压后过大", id="压缩炸弹"),
        pytest.param(b"%PDF-1.7 scan", "PDF 或图片", id="扫描件"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "PDF 或图片", id="照片"),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"),
            "另存为 .docx",
            id="旧版doc",
        ),
        pytest.param(b"PK\x03\x04broken", "已损坏", id="损坏"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words) as refused:
        read_rule_file(name="制度.docx", data=data)
    assert refused.value.message.endswith("。")


def test_an_empty_document_is_refused() -> None:
    with pytest.raises(UnreadableFile):
        read(lambda document: None)


def test_absurd_spans_and_sizes_are_refused() -> None:
    def write(document: Document) -> None:
        table = document.add_table(2, 2)
        span = OxmlElement("w:gridSpan")
        span.set("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}val", "99999999")
        table.cell(0, 0)._tc.get_or_add_tcPr().append(span)

    with pytest.raises(UnreadableFile, match="过大"):
        read(write)

    def write_many(document: Document) -> None:
        for _number in range(30):
            document.add_paragraph("迟到扣5分")

    many = written(write_many)
    with pytest.raises(UnreadableFile, match="过大"):
        read_workbook(many, name="a.docx", limits=Limits(rows=20), documents=True)


def test_wide_rows_over_many_short_ones_are_refused() -> None:
    """Every table alone is small enough; filled up to rectangles they would be many cells."""

    def write(document: Document) -> None:
        for _table in range(4):
            table = document.add_table(rows=9, cols=1)
            fill(table, ["主动上报隐患，加 5 分"])
            span = OxmlElement("w:gridSpan")
            span.set(qn("w:val"), "100")
            table.cell(0, 0)._tc.get_or_add_tcPr().append(span)

    limits = Limits(cells=1_000)
    with pytest.raises(UnreadableFile, match="文档过大"):
        read_workbook(written(write), name="a.docx", limits=limits, documents=True)


def test_other_imports_take_no_documents() -> None:
    with pytest.raises(UnreadableFile, match="不是 Excel 表格"):
        read_workbook(written(lambda document: None), name="a.docx")
