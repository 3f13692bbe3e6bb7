"""One way to compare Chinese text: half-width, simplified, no idle blanks."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import opencc

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None)
_MINUS = dict.fromkeys(map(ord, "\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d"), "-")
_CHINESE_MARKS = str.maketrans({"。": ".", "「": '"', "」": '"', "“": '"', "”": '"'})


@lru_cache(maxsize=1)
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


_SHORT = 200
"""Texts up to this length are remembered; headings and names come again and again."""


def simplified(text: str) -> str:
    """`text` in simplified characters; everything else as it stands."""
    if text.isascii():
        return text
    return str(_to_simplified().convert(text))


def plain(text: str) -> str:
    """`text` for comparison: NFKC, one kind of minus, simplified, blanks squeezed and trimmed.

    "－５ 分/次" and "-5 分/次" become the same; the text itself is never stored this way.
    """
    return _remembered(text) if len(text) <= _SHORT else _plain(text)


@lru_cache(maxsize=8192)
def _remembered(text: str) -> str:
    return _plain(text)


def _plain(text: str) -> str:
    text = text.translate(_INVISIBLE)
    text = unicodedata.normalize("NFKC", text).translate(_MINUS).translate(_CHINESE_MARKS)
    text = re.sub(r"\s+", " ", text).strip()
    return simplified(text)
