"""Stored sentences in the reader's language: questions, findings and problems of an import.

They are kept in Chinese with their values filled in. The catalogue knows the sentence that each was
made of; here it is found again, and its English is filled with the same values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation import get_language, gettext

_PLACE = re.compile(r"%\((\w+)\)[-\d]*[sd]")
_FEWEST = 3
"""A sentence with fewer signs of its own would fit texts that it never made."""
_WORDS = frozenset({"period", "per", "weekday"})
"""Values that are words of the catalogue themselves."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    pattern: re.Pattern[str]
    longest: str
    signs: int
    translated: str


def retold(text: str) -> str:
    """``text`` in the reader's language where the catalogue knows its sentence, else as it is."""
    language = get_language() or settings.LANGUAGE_CODE
    if not text or language.startswith("zh"):
        return text
    plain = gettext(text)
    if plain != text:
        return plain
    for sentence in _sentences(language):
        if sentence.longest in text and (found := sentence.pattern.fullmatch(text)):
            return sentence.translated % _values(found.groupdict())
    return text


def _values(found: Mapping[str, str]) -> dict[str, str]:
    return {name: gettext(value) if name in _WORDS else value for name, value in found.items()}


@lru_cache(maxsize=4)
def _sentences(language: str) -> tuple[_Sentence, ...]:
    """The sentences with values, those that say most first."""
    compiled = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.mo"
    if not compiled.exists():
        return ()
    found = [
        made
        for entry in polib.mofile(str(compiled))
        if not entry.msgid_plural and (made := _sentence(entry.msgid, entry.msgstr))
    ]
    return tuple(sorted(found, key=lambda each: -each.signs))


def _sentence(message: str, translated: str) -> _Sentence | None:
    parts = _PLACE.split(message)
    literal = [part.replace("%%", "%") for part in parts[::2]]
    names = parts[1::2]
    signs = sum(len(part) for part in literal)
    if not names or signs < _FEWEST:
        return None
    pattern = re.escape(literal[0])
    for index, name in enumerate(names):
        again = name in names[:index]
        pattern += f"(?P={name})" if again else f"(?P<{name}>.*?)"
        pattern += re.escape(literal[index + 1])
    as_text = re.sub(r"%\((\w+)\)[-\d]*d", r"%(\1)s", translated)
    return _Sentence(re.compile(pattern, re.DOTALL), max(literal, key=len), signs, as_text)
