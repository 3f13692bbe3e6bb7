"""Files that people send: what is read, and what is refused with which words."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import openpyxl
import pytest
import xlwt

from meritbook.kit.sheets import (
    Limits,
    Merge,
    UnreadableFile,
    decode_text,
    read_grid_text,
    read_path,
    read_workbook,
    text_of,
)


def xlsx(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def people(book: openpyxl.Workbook) -> None:
    page = book.worksheets[0]
    page.title = "人员"
    page.append(["工号", "姓名", "入职日期"])
    page.append([1001, "李雷", date(2026, 3, 1)])
    page.append(["0012", "韩梅梅", datetime(2026, 3, 2, 9, 30)])
    page.merge_cells("B5:C6")
    page["B5"] = "合并"


def packed(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return buffer.getvalue()


def edited(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {info.filename: package.read(info) for info in package.infolist()}
    parts[part] = change(parts[part])
    return packed(parts)


def refusal(
    content: bytes, *, name: str = "表.xlsx", limits: Limits | None = None
) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as refused:
        read_workbook(content, name=name, limits=limits)
    return refused.value


def test_an_xlsx_with_rows_as_the_spreadsheet_shows_them() -> None:
    (sheet,) = read_workbook(xlsx(people), name="x.xlsx").sheets
    assert sheet.name == "人员"
    assert [text_of(value) for value in sheet.rows[1]] == ["1001", "李雷", "2026-03-01"]
    assert [text_of(value) for value in sheet.rows[2]] == ["0012", "韩梅梅", "2026-03-02 09:30"]
    assert sheet.merges == (Merge(top=5, left=2, bottom=6, right=3),)
    assert sheet.value(5, 2) == "合并"
    assert sheet.value(99, 99) == ""


def test_leading_empty_rows_and_columns_keep_their_numbers() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.worksheets[0]["C4"] = "工号"

    (sheet,) = read_workbook(xlsx(fill), name="x.xlsx").sheets
    assert (len(sheet.rows), sheet.width, sheet.value(4, 3)) == (4, 3, "工号")


def test_an_old_xls() -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("人员")
    for row, line in enumerate([["工号", "姓名"], [1001, "李雷"]]):
        for column, value in enumerate(line):
            page.write(row, column, value)
    page.write_merge(2, 3, 0, 0, "合并")
    buffer = io.BytesIO()
    book.save(buffer)
    workbook = read_workbook(buffer.getvalue(), name="旧.xls")
    assert workbook.kind == "xls"
    assert [text_of(value) for value in workbook.sheets[0].rows[1]] == ["1001", "李雷"]
    assert workbook.sheets[0].merges == (Merge(top=3, left=1, bottom=4, right=1),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("sign", [",", "\t", ";", "|"])
def test_text_in_any_encoding_and_with_any_separator(encoding: str, sign: str) -> None:
    text = sign.join(["工号", "姓名", "备注"]) + "\r\n" + sign.join(["0012", "韩梅梅", '"a\nb"'])
    workbook = read_workbook(text.encode(encoding), name="人员.csv")
    assert workbook.sheets[0].name == "人员"
    assert workbook.sheets[0].rows == [["工号", "姓名", "备注"], ["0012", "韩梅梅", "a\nb"]]
    assert workbook.sheets[0].merges is None
    assert workbook.encoding == encoding


def test_blank_lines_of_a_csv_count_as_rows() -> None:
    assert read_grid_text("工号,姓名\n\n1,李雷") == [["工号", "姓名"], ["", ""], ["1", "李雷"]]


def test_excels_own_trick_for_leading_zeros_is_undone() -> None:
    (sheet,) = read_workbook('工号,姓名\n="0012",李雷'.encode(), name="a.csv").sheets
    assert text_of(sheet.rows[1][0]) == "0012"


def test_an_empty_sheet_beside_a_full_one_is_left_out() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        people(book)
        book.create_sheet("空")

    assert [s.name for s in read_workbook(xlsx(fill), name="x.xlsx").sheets] == ["人员"]


def test_hidden_sheets_are_named_not_read() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        people(book)
        page = book.create_sheet("旧名单")
        page["A1"] = "工号"
        page.sheet_state = "hidden"

    workbook = read_workbook(xlsx(fill), name="x.xlsx")
    assert ([sheet.name for sheet in workbook.sheets], workbook.hidden) == (["人员"], ("旧名单",))


def test_two_hundred_columns_work() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.worksheets[0].append([f"列{n}" for n in range(200)])
        book.worksheets[0].append(list(range(200)))

    (sheet,) = read_workbook(xlsx(fill), name="x.xlsx").sheets
    assert (sheet.width, sheet.value(2, 200)) == (200, 199)


def test_a_formula_without_a_stored_result_is_a_problem() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        people(book)
        book.worksheets[0]["C2"] = "=1+1"

    (sheet,) = read_workbook(xlsx(fill), name="x.xlsx").sheets
    assert [(p.sheet, p.row, p.column) for p in sheet.problems] == [("人员", 2, "C")]
    assert "C2" in sheet.problems[0].reason
    assert sheet.problems[0].remedy


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        pytest.param(b"", "a.xlsx", "empty_file", id="nothing"),
        pytest.param(b"\xef\xbb\xbf", "a.csv", "empty_file", id="only a mark"),
        pytest.param(b" \r\n\r\n", "a.csv", "empty_file", id="only blanks"),
        pytest.param(b",,,\n,,,\n", "a.csv", "empty_file", id="only separators"),
        pytest.param(b"%PDF-1.7 ...", "a.xlsx", "not_a_sheet", id="pdf"),
        pytest.param(b"\x89PNG\r\n\x1a\n....", "a.xlsx", "not_a_sheet", id="picture"),
        pytest.param(b"<html><table><tr><td>1", "a.xls", "not_a_sheet", id="web page as xls"),
        pytest.param(b"MZ\x00\x03\x00\x00", "a.csv", "not_a_sheet", id="program"),
        pytest.param(b"a,\xff\xff\xff", "a.csv", "unknown_encoding", id="no known encoding"),
        pytest.param(b'a,b\n"c,d\n1,2\n', "a.csv", "damaged_file", id="open quotation mark"),
        pytest.param(b"PK\x03\x04 torn", "a.xlsx", "damaged_file", id="torn zip"),
        pytest.param(packed({"word/document.xml": b"<w/>"}), "a.xlsx", "not_a_sheet", id="docx"),
        pytest.param(packed({"content.xml": b"<o/>"}), "a.ods", "not_a_sheet", id="ods"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, name: str, code: str) -> None:
    refused = refusal(content, name=name)
    assert refused.code == code
    assert refused.message.endswith("。")


def test_a_password_is_named() -> None:
    magic = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    content = magic + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(512)
    assert refusal(content).code == "password_protected"
    assert refusal(magic + bytes(1024)).code == "not_a_sheet"


def test_a_bomb_is_refused_by_its_directory() -> None:
    bomb = packed(
        {"xl/workbook.xml": b"<w/>", "xl/worksheets/sheet1.xml": b" " * 101 * 1024 * 1024}
    )
    assert len(bomb) < 200_000
    assert refusal(bomb).code == "zip_bomb"
    dense = packed(
        {"xl/workbook.xml": b"<w/>", "xl/worksheets/sheet1.xml": b" " * 20 * 1024 * 1024}
    )
    assert refusal(dense).code == "zip_bomb"


def test_a_directory_that_lies_is_refused() -> None:
    content = bytearray(packed({"xl/workbook.xml": b"<w/>", "xl/media/a.xml": b"x" * 5000}))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    assert refusal(bytes(content)).code == "damaged_file"


def test_a_cell_at_the_end_of_the_world_is_refused() -> None:
    moved = edited(
        xlsx(people),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b'r="C2"', b'r="XFD1048576"'),
    )
    refused = refusal(moved)
    assert refused.code == "too_many_cells"
    assert "1048576 行 × 16384 列" in refused.message


def test_limits_are_the_callers() -> None:
    content = ("工号\n" + "1\n" * 20).encode()
    assert refusal(content, name="a.csv", limits=Limits(rows=10)).code == "too_many_cells"
    endless = b"a" + b"\n" * 1_000_000
    assert refusal(endless, name="a.csv", limits=Limits(rows=10)).code == "too_many_cells"
    hidden = b"a,b\n" * 2_000 + b"a\x00,b\n"
    assert refusal(hidden, name="a.csv").code == "not_a_sheet"
    assert refusal(content, name="a.csv", limits=Limits(file_bytes=10)).code == "file_too_large"
    assert refusal(b"a,b,c", name="a.csv", limits=Limits(columns=2)).code == "too_many_cells"


def test_a_missing_file_is_refused_by_name(tmp_path: object) -> None:
    with pytest.raises(UnreadableFile, match=r"没有\.xlsx"):
        read_path(f"{tmp_path}/没有.xlsx")


def test_text_is_decoded_by_its_mark_first() -> None:
    assert decode_text("迟到-5分".encode("gb18030")) == ("迟到-5分", "gb18030")
    assert decode_text("迟到-5分".encode("utf-8-sig")) == ("迟到-5分", "utf-8-sig")
