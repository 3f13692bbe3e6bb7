"""Codes of the company's own kinds of points, proposed from their names."""

from __future__ import annotations

import re
from collections.abc import Collection

LENGTH = 40


def proposed_code(name: str, *, taken: Collection[str] = ()) -> str:
    """A code for a name: 成长星 → chengzhangxing; with a number where it is taken."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 -- its tables take a third of a second

    text = "_".join(re.findall(r"[a-z0-9]+", "".join(lazy_pinyin(name)).lower()))
    text = text if text[:1].isalpha() else f"points_{text}".rstrip("_")
    base, number = text[: LENGTH - 3].rstrip("_"), 1
    code = base
    while code in taken:
        number += 1
        code = f"{base}_{number}"
    return code
