"""Printed documents: Chinese that can be read and copied, long tables, odd texts."""

import io
import warnings

import pypdfium2
import pytest

from meritbook.kit.pdf import TEXT_MAX, PdfColumn, PdfDocument, write_pdf

COLUMNS = (PdfColumn("计入日", 2), PdfColumn("说明", 7), PdfColumn("分值", 2, "R"))


def pages(document: PdfDocument) -> list[str]:
    """The text of each page."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        content = write_pdf(document)
    read = pypdfium2.PdfDocument(io.BytesIO(content))
    return [page.get_textpage().get_text_range() for page in read]


def test_chinese_is_embedded_and_can_be_copied() -> None:
    (text,) = pages(
        PdfDocument(
            title="李雷的积分对账单",
            subtitle="华晟贸易有限公司",
            columns=COLUMNS,
            rows=[["2026-11-01", "签合同,10 分", "+10"]],
            facts=[("工号", "0012"), ("部门", "销售部/华南组"), ("笔数", "1")],
            totals=["合计", "", "+10"],
            footer="华晟贸易有限公司",
        )
    )
    for part in ("李雷的积分对账单", "销售部/华南组", "签合同,10 分", "+10", "第 1 页，共 1 页"):
        assert part in text


def test_headings_stand_on_every_page() -> None:
    found = pages(
        PdfDocument(
            title="长表",
            columns=COLUMNS,
            rows=[["2026-11-01", f"第 {n} 行", "+1"] for n in range(200)],
        )
    )
    assert len(found) > 4
    assert all("说明" in page for page in found)
    assert "第 0 行" in found[0]
    assert "第 199 行" in found[-1]
    assert f"第 {len(found)} 页" in found[-1]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("很长" * 1_000, id="longer than a cell bears"),
        pytest.param("W" * 400, id="one word without an end"),
        pytest.param("两行\n第二行\t制表\x00\u200f", id="control characters"),
        pytest.param("𠮷野家👍🏽", id="signs that no font has"),
        pytest.param("مرحبا שלום", id="from right to left"),
        pytest.param("{nb} **粗** <b>x</b>", id="marks of other languages"),
        pytest.param("", id="nothing"),
    ],
)
def test_odd_texts_stay_inside_their_cell(text: str) -> None:
    found = pages(
        PdfDocument(
            title=text or "空",
            columns=COLUMNS,
            rows=[[text, text, text], ["2026-11-02", "下一行", "+1"]],
            facts=[(text, text)],
            footer=text,
        )
    )
    assert 1 <= len(found) <= 12
    assert "下一行" in "".join(found)
    assert TEXT_MAX < 2_000


def test_no_rows_say_so() -> None:
    (text,) = pages(PdfDocument(title="空", columns=COLUMNS, rows=[], empty="没有积分变动"))
    assert "没有积分变动" in text
