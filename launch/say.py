"""Sentences for people: Chinese, or English with MERITBOOK_LANG=en; always on standard error."""

from __future__ import annotations

import os
import sys


def is_english() -> bool:
    """True when the person asked for English."""
    return os.environ.get("MERITBOOK_LANG", "").lower().startswith("en")


def pick(chinese: str, english: str) -> str:
    """The sentence in the language asked for."""
    return english if is_english() else chinese


class Refused(Exception):
    """Something is not possible; the text is the one clear sentence to show. Exit code 1."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(pick(chinese, english))


class Usage(Refused):
    """The command line is wrong. Exit code 2."""


def say(chinese: str, english: str) -> None:
    """Tell what is going on. Standard output stays free for results."""
    write(pick(chinese, english))


def write(text: str) -> None:
    """Write one line to standard error; a closed terminal is no reason to stop."""
    try:
        print(text, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        pass
    except UnicodeEncodeError:
        print(text.encode("ascii", "backslashreplace").decode(), file=sys.stderr, flush=True)


def show(text: str) -> None:
    """Write a result (an address, a log-in) to standard output."""
    print(text, flush=True)
