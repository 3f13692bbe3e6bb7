"""Finding things by what people type: words, pinyin, initials, or a sentence that shares words.

    best(things, typed="zrb", text=lambda one: one.name)

Exact words come first. Where nothing has them all, what shares the rarest pairs of signs with the
text is offered, so that "昨天拜访了华南的客户" finds 拜访客户.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

Thing = TypeVar("Thing")

_LATIN = re.compile(r"[a-z]+")
_WORDS = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")
_LEAST_INITIALS = 2


class Sound(NamedTuple):
    """A text as it is read: pinyin without tones or blanks, and its initials."""

    pinyin: str
    initials: str


@lru_cache(maxsize=20_000)
def sound(text: str) -> Sound:
    """How a text is read; what is not Chinese stays as it is, in lower case."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 -- its tables take a third of a second

    syllables = [one.lower() for one in lazy_pinyin(text) if one.strip()]
    letters = ["".join(sign for sign in one if sign.isalnum()) for one in syllables]
    letters = [one for one in letters if one]
    return Sound("".join(letters), "".join(one[0] for one in letters))


def has_words(text: str, typed: str) -> bool:
    """Whether ``text`` has every word of ``typed``, as it is written or as it is read."""
    lower = text.lower()
    return all(word in lower or _is_read(text, word) for word in typed.lower().split())


def _is_read(text: str, word: str) -> bool:
    if len(word) < _LEAST_INITIALS or not _LATIN.fullmatch(word):
        return False
    read = sound(text)
    return word in read.pinyin or word in read.initials


def best(
    things: Iterable[Thing], *, typed: str, text: Callable[[Thing], str], at_most: int = 12
) -> list[Thing]:
    """Things that have all the words of ``typed``, in their order; where there are none, those that
    share the most with it, the closest first. Everything when nothing was typed."""
    every = list(things)
    if not typed.strip():
        return every[:at_most]
    found = [one for one in every if has_words(text(one), typed)]
    return found[:at_most] if found else _close(every, typed, text)[:at_most]


def _close(things: Sequence[Thing], typed: str, text: Callable[[Thing], str]) -> list[Thing]:
    wanted = _pairs(typed)
    shared = [(one, wanted & _pairs(text(one))) for one in things]
    # A pair that many things have says little about each.
    common = Counter(pair for _one, pairs in shared for pair in pairs)
    weights = [
        (sum(1 / common[pair] for pair in pairs), -place, one)
        for place, (one, pairs) in enumerate(shared)
        if pairs
    ]
    weights.sort(key=lambda each: each[:2], reverse=True)
    return [one for _weight, _place, one in weights]


@lru_cache(maxsize=20_000)
def _pairs(text: str) -> frozenset[str]:
    """Neighbouring signs of Chinese words, and whole Latin words."""
    pairs: set[str] = set()
    for word in _WORDS.findall(text.lower()):
        if word.isascii():
            pairs.add(word)
        else:
            pairs.update(word[at : at + 2] for at in range(len(word) - 1))
    return frozenset(pairs)
