"""Sentences for people, from modules that know no framework.

``say`` marks a sentence for the catalogue and gives it in the reader's language. The app sets the
translator when it is ready; without it the Chinese source text stands.
"""

from __future__ import annotations

from collections.abc import Callable

Translator = Callable[[str], str]


class _Speech:
    translate: Translator = staticmethod(str)


def translate_with(translator: Translator) -> None:
    """From now on sentences go through ``translator`` (asked again for each of them)."""
    _Speech.translate = staticmethod(translator)


def gettext_noop(message: str) -> str:
    """Marks a sentence for the catalogue and leaves it as it is."""
    return message


def say(message: str, /, **values: object) -> str:
    """``message`` in the reader's language, with ``%(name)s`` filled in.

    ``%`` stands for itself when no values are given.
    """
    text = _Speech.translate(message)
    return text % values if values else text


def told(message: str, /, **values: object) -> str:
    """``message`` as it is stored: in Chinese, with ``%(name)s`` filled in.

    ``kit.retelling.retold`` gives it in the language of whoever reads it later.
    """
    return message % values if values else message
