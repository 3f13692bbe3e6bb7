"""What one page asks again and again is asked once.

Many parts of a page need the same small things, the names of assets or the rulebook, and none of
them knows the others. While a page is read they share the first answer; it is forgotten with the
page. Jobs, commands and requests that write ask anew each time.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

from django.utils.translation import get_language

P = ParamSpec("P")
R = TypeVar("R")

_answers: ContextVar[dict[object, Any] | None] = ContextVar("answers", default=None)


@contextmanager
def reading() -> Iterator[None]:
    """Let ``once`` remember while a page is read."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def once(query: Callable[P, R]) -> Callable[P, R]:
    """Ask ``query`` once for the same arguments, which must be hashable, while a page is read.

    The callers share the answer: nobody may change it.
    """

    @functools.wraps(query)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        answers = _answers.get()
        if answers is None:
            return query(*args, **kwargs)
        # The language too: answers hold names in words.
        key = (query, get_language(), args, tuple(sorted(kwargs.items())))
        if key not in answers:
            answers[key] = query(*args, **kwargs)
        answer: R = answers[key]
        return answer

    return asked
