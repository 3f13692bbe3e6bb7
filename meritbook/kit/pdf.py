"""Documents to print: one long table, or chapters of text and tables; Chinese in an embedded font."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, WrapMode, XPos, YPos
from pylopdf_fonts_zh_cn import sans_path

from meritbook.kit.words import say

Align = Literal["L", "R", "C"]
_FONT = "sans"
_INK, _GREY, _LINE, _SHADE = (15, 23, 42), (100, 116, 139), (203, 213, 225), (241, 245, 249)
_MARGIN, _ROW, _PAD = 12.0, 4.6, 1.4
TEXT_MAX = 600
"""Longer texts end in an ellipsis: a cell must fit on a page."""


@dataclass(frozen=True, slots=True)
class PdfColumn:
    """A heading, its width as a share of the page's, and the side that its figures stand on."""

    title: str
    width: float
    align: Align = "L"


@dataclass(frozen=True, slots=True)
class PdfDocument:
    """What to print. ``facts`` are pairs of label and value in two columns under the title."""

    title: str
    columns: Sequence[PdfColumn]
    rows: Sequence[Sequence[str]]
    subtitle: str = ""
    facts: Sequence[tuple[str, str]] = ()
    footer: str = ""
    empty: str = ""
    landscape: bool = False
    totals: Sequence[str] = field(default_factory=tuple)
    """A last line below the table, one text a column."""


@dataclass(frozen=True, slots=True)
class PdfSection:
    """A chapter: a heading, paragraphs, then a table where there are columns."""

    title: str
    paragraphs: Sequence[str] = ()
    columns: Sequence[PdfColumn] = ()
    rows: Sequence[Sequence[str]] = ()
    level: int = 1
    """1: a chapter; 2: a part of the one before."""


@dataclass(frozen=True, slots=True)
class PdfReport:
    """A document of chapters. ``facts`` stand under the title."""

    title: str
    sections: Sequence[PdfSection]
    subtitle: str = ""
    facts: Sequence[tuple[str, str]] = ()
    footer: str = ""


def write_report(report: PdfReport) -> bytes:
    """The report's bytes; a table's heading row is repeated on every page."""
    page = _Page(
        PdfDocument(
            title=report.title,
            columns=(),
            rows=(),
            subtitle=report.subtitle,
            facts=report.facts,
            footer=report.footer,
        )
    )
    page.add_page()
    page.head()
    for section in report.sections:
        page.section(section)
    return bytes(page.output())


def write_pdf(document: PdfDocument) -> bytes:
    """The document's bytes; the heading row is repeated on every page."""
    page = _Page(document)
    page.add_page()
    page.head()
    page.heading_row()
    for row in document.rows:
        page.table_row(row)
    if not document.rows and document.empty:
        page.set_text_color(*_GREY)
        page.cell(0, 10, document.empty, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    if document.totals:
        page.table_row(document.totals, is_total=True)
    return bytes(page.output())


class _Page(FPDF):
    def __init__(self, document: PdfDocument) -> None:
        super().__init__(orientation="L" if document.landscape else "P", format="A4")
        self.document = document
        self.add_font(_FONT, fname=sans_path())
        self.set_font(_FONT, size=9)
        self.set_margins(_MARGIN, _MARGIN, _MARGIN)
        self.set_auto_page_break(auto=False)
        self.c_margin = _PAD
        self.set_title(document.title)
        self.alias_nb_pages()
        self.columns: Sequence[PdfColumn] = ()
        self.widths: list[float] = []
        self.lay_out(document.columns)
        self.bottom = self.h - _MARGIN - 8

    def lay_out(self, columns: Sequence[PdfColumn]) -> None:
        """From here on the table has these columns."""
        whole = sum(column.width for column in columns)
        self.columns = columns
        self.widths = [self.epw * column.width / whole for column in columns]

    def section(self, section: PdfSection) -> None:
        """A chapter; its heading stays with the line that follows."""
        self.lay_out(())
        size, space = (12.5, 9.0) if section.level == 1 else (10.0, 7.0)
        if section.title:
            if self.get_y() + 2 * space + _ROW > self.bottom:
                self.add_page()
            self.ln(3)
            self.set_text_color(*_INK)
            self.set_font_size(size)
            for line in self._wrapped(_printable(section.title), self.epw - 2 * _PAD):
                self.cell(0, space - 2, line, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            self.ln(1)
        self.set_font_size(9)
        for paragraph in section.paragraphs:
            self._paragraph(paragraph)
        if section.columns:
            self.lay_out(section.columns)
            if self.get_y() + 6.5 + 2 * _ROW > self.bottom:
                self.add_page()
            self.ln(1)
            self.heading_row()
            for row in section.rows:
                self.table_row(row)
            self.ln(2)

    def _paragraph(self, text: str) -> None:
        for part in text.split("\n"):
            for line in self._wrapped(_printable(part), self.epw - 2 * _PAD):
                if self.get_y() + _ROW > self.bottom:
                    self.add_page()
                self.cell(0, _ROW + 0.4, line, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1)

    def head(self) -> None:
        document = self.document
        self.set_text_color(*_INK)
        self.set_font_size(16)
        self.multi_cell(0, 8, _printable(document.title), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_font_size(9)
        if document.subtitle:
            self.set_text_color(*_GREY)
            self.multi_cell(0, 5, _printable(document.subtitle), new_x="LMARGIN", new_y="NEXT")
        self.ln(2)
        half = self.epw / 2
        for index, (label, value) in enumerate(document.facts):
            is_last = index % 2 == 1 or index == len(document.facts) - 1
            self.set_text_color(*_GREY)
            self.cell(24, 5.5, _printable(label))
            self.set_text_color(*_INK)
            self.cell(
                half - 24,
                5.5,
                self._cut(_printable(value), half - 24 - 2 * _PAD),
                new_x=XPos.LMARGIN if is_last else XPos.RIGHT,
                new_y=YPos.NEXT if is_last else YPos.TOP,
            )
        self.ln(3)

    def footer(self) -> None:
        self.set_y(-_MARGIN - 4)
        self.set_font_size(8)
        self.set_text_color(*_GREY)
        self.cell(self.epw * 0.75, 4, self._cut(_printable(self.document.footer), self.epw * 0.74))
        pages = say("第 %(page)s 页，共 %(pages)s 页", page=self.page_no(), pages="{nb}")
        self.cell(0, 4, pages, align="R")

    def heading_row(self) -> None:
        self.set_font_size(8.5)
        self.set_fill_color(*_SHADE)
        self.set_text_color(*_GREY)
        for column, width in zip(self.columns, self.widths, strict=True):
            title = self._cut(_printable(column.title), width - 2 * _PAD)
            self.cell(width, 6.5, title, align=column.align, fill=True)
        self.ln(6.5)
        self.set_text_color(*_INK)

    def table_row(self, texts: Sequence[str], *, is_total: bool = False) -> None:
        lines = [
            self._lines(text, width - 2 * _PAD)
            for text, width in zip(texts, self.widths, strict=True)
        ]
        height = max(len(each) for each in lines) * _ROW + 2 * _PAD
        if self.get_y() + height > self.bottom:
            self.add_page()
            self.heading_row()
        top, left = self.get_y(), self.l_margin
        if is_total:
            self.set_fill_color(*_SHADE)
            self.rect(left, top, self.epw, height, style="F")
        for column, width, own in zip(self.columns, self.widths, lines, strict=True):
            for number, line in enumerate(own):
                self.set_xy(left, top + _PAD + number * _ROW)
                self.cell(width, _ROW, line, align=column.align)
            left += width
        self.set_draw_color(*_LINE)
        self.set_line_width(0.1)
        self.line(self.l_margin, top + height, self.l_margin + self.epw, top + height)
        self.set_xy(self.l_margin, top + height)

    def _lines(self, text: str, width: float) -> list[str]:
        shown = _printable(text)
        if len(shown) > TEXT_MAX:
            shown = shown[: TEXT_MAX - 1] + "…"
        return self._wrapped(shown, width)

    def _wrapped(self, shown: str, width: float) -> list[str]:
        """A text of any length in lines that fit."""
        if not shown or self.get_string_width(shown) <= width:
            return [shown]
        # Chinese breaks anywhere; words of other scripts stay whole where they can.
        mode = WrapMode.WORD if shown.isascii() else WrapMode.CHAR
        found = self.multi_cell(
            width + 2 * _PAD,
            _ROW,
            shown,
            dry_run=True,
            output=MethodReturnValue.LINES,
            wrapmode=mode,
        )
        return [str(line) for line in found]  # type: ignore[union-attr]

    def _cut(self, text: str, width: float) -> str:
        if self.get_string_width(text) <= width:
            return text
        while text and self.get_string_width(text + "…") > width:
            text = text[:-1]
        return text + "…"


def _printable(text: str) -> str:
    """One line without signs that no printer knows."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
