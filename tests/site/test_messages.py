"""The catalogue: every string of the interface has English that fits it."""

import re
from collections.abc import Iterator

import polib
import pytest

from meritbook.site.messages import CATALOGUE, strings, untranslated

PLACEHOLDER = re.compile(r"%\((\w+)\)|\{(\w*)\}|%([sd])")


def pairs() -> Iterator[tuple[str, str]]:
    """Every source string with every English form of it."""
    for entry in polib.pofile(str(CATALOGUE)):
        forms = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
        for form in forms:
            yield entry.msgid, form


def placeholders(text: str) -> set[str]:
    return {"".join(found) for found in PLACEHOLDER.findall(text)}


def test_every_string_has_english() -> None:
    assert untranslated() == []


def test_the_catalogue_holds_nothing_that_is_gone() -> None:
    held = {
        (entry.msgid, entry.msgid_plural or None, entry.msgctxt)
        for entry in polib.pofile(str(CATALOGUE))
    }
    assert held - set(strings()) == set()


def test_placeholders_agree() -> None:
    wrong = [pair for pair in pairs() if placeholders(pair[0]) != placeholders(pair[1])]
    assert wrong == []


@pytest.mark.parametrize("mark", ["%%", "<", "\n"])
def test_marks_agree(mark: str) -> None:
    wrong = [pair for pair in pairs() if pair[0].count(mark) != pair[1].count(mark)]
    assert wrong == []


def test_formats_fill_in() -> None:
    """Formats with their own numbers: a wrong conversion would fail only when a page shows it."""
    for msgid, english in pairs():
        if "%(" in msgid:
            values = dict.fromkeys(placeholders(msgid), 7)
            assert english % values
