"""Rows of a table that are no rules: titles of sections, notes, sums."""

from __future__ import annotations

import re
from collections.abc import Sequence

from meritbook.rules.tables.amounts import squeezed
from meritbook.rules.tables.cells import Cell

_NOTE = re.compile(
    r"^(?:备注|说明|注|附注|附|填表|制表|审核|审批|批准|编制|日期|签字|适用)[::]|^(?:注|备注|说明)$"
)
_TOTAL = re.compile(r"^(?:合计|总计|小计|总分|累计|共计)")

_SECTION = re.compile(
    r"^(?:第?[一二三四五六七八九十]+(?:[、.,]|章|节|部分|类)|\([一二三四五六七八九十\d]+\)|\d{1,2}[、.](?!\d)|【)"
    r"|(?:类|篇|部分|方面|:)$"
)


def section_of(row: Sequence[Cell]) -> str:
    """Return the title of a section within a table (一、考勤类), "" for any other row."""
    texts = list(dict.fromkeys(cell.text for cell in row if cell.text))
    if len(texts) != 1 or not row[0].text or _NOTE.match(squeezed(texts[0])):
        return ""
    if re.search(r"\d", re.sub(r"^[\d().、]+", "", squeezed(texts[0]))):
        return ""
    if not _SECTION.search(squeezed(texts[0])):
        return ""
    return re.sub(
        r"^(?:第?[一二三四五六七八九十\d]+(?:[、.．,,]|章|节|部分)|[((][一二三四五六七八九十\d]+[))]|【)\s*|[】::]$",
        "",
        texts[0],
    ).strip()


def is_aside(row: Sequence[Cell]) -> bool:
    """Say whether the row is a title, a note or a sum."""
    texts = list(dict.fromkeys(cell.text for cell in row if cell.text))
    first = squeezed(texts[0])
    return (
        is_title(row) or bool(_TOTAL.match(first)) or (len(texts) <= 2 and bool(_NOTE.match(first)))
    )


def is_title(row: Sequence[Cell]) -> bool:
    """Say whether one text is merged over the row."""
    return len({c.text for c in row if c.text}) == 1 and sum(1 for c in row if c.text) >= 3
