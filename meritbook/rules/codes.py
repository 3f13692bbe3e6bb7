"""A rule's code: readable, the same in every company that loads the same line.

The code is made from sheet, indicator and standard with the numbers taken out, so that a line
keeps its code when only its numbers change.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

_NUMBERS = re.compile(r"[0-9０-９]+(?:\.[0-9]+)?")
_NOT_WORDS = re.compile(r"[\W_]+")


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).lower()
    return _NOT_WORDS.sub("", _NUMBERS.sub("", folded))


@lru_cache(maxsize=4096)
def _initials(text: str) -> str:
    letters = "".join(lazy_pinyin(_plain(text), style=Style.FIRST_LETTER, errors="default"))
    return re.sub(r"[^a-z]", "", letters.lower())[:6].upper() or "R"


def rule_code(*, sheet: str, indicator: str, standard: str, ordinal: int = 1) -> str:
    """The code of one line; ``ordinal`` tells equal lines apart, counted from 1.

    Example: ``MZHFLK-3f2a1c``.
    """
    identity = "\n".join((_plain(sheet), _plain(indicator), _plain(standard)))
    if ordinal > 1:
        identity += f"\n{ordinal}"
    digest = hashlib.sha256(identity.encode()).hexdigest()[:6]
    return f"{_initials(standard)}-{digest}"


def rule_codes(lines: Iterable[tuple[str, str, str]]) -> list[str]:
    """The codes of (sheet, indicator, standard) lines in order, all different."""
    codes: list[str] = []
    seen: set[str] = set()
    tried: dict[tuple[str, str, str], int] = {}
    for sheet, indicator, standard in lines:
        # Thousands of lines that differ in a number alone must not try each other's ordinals again.
        alike = (_plain(sheet), _plain(indicator), _plain(standard))
        ordinal = tried.get(alike, 0) + 1
        code = rule_code(sheet=sheet, indicator=indicator, standard=standard, ordinal=ordinal)
        while code in seen:
            ordinal += 1
            code = rule_code(sheet=sheet, indicator=indicator, standard=standard, ordinal=ordinal)
        tried[alike] = ordinal
        seen.add(code)
        codes.append(code)
    return codes
