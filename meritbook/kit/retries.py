"""Transactions that PostgreSQL broke off because another one was in their way, begun again.

Of two transactions in a deadlock one is rolled back (40P01); a transaction that cannot be put in
order with another one is too (40001). Neither is anybody's mistake: the same work, begun again,
mostly gets through. What keeps failing ends as ``Busy``, an answer that asks for patience.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from meritbook.kit.errors import Refusal

R = TypeVar("R")
ATTEMPTS = 3
RETRY_AFTER = "3"
"""Seconds, for the header of an answer that says Busy."""
_PAUSE_MAX = 0.08
_BROKEN_OFF = frozenset({"40P01", "40001"})

log = logging.getLogger(__name__)


class Busy(Refusal):
    """Others changed the same things all the time; nothing was written."""

    code = "busy"
    status = 503

    def __init__(self) -> None:
        super().__init__(_("同时有很多人在改同样的内容，请稍后再试，什么都没有丢"))


def is_broken_off(error: BaseException) -> bool:
    """Whether the database broke a transaction off that may well be begun again."""
    if not isinstance(error, DatabaseError):
        return False
    return getattr(error.__cause__, "sqlstate", None) in _BROKEN_OFF


def retried(
    work: Callable[[], R], *, attempts: int = ATTEMPTS, restore: Callable[[], bool] = lambda: True
) -> R:
    """What ``work`` answers; it opens its own transaction and runs again when that is broken off.

    ``restore`` runs before each further attempt and says whether there can be one. After the last
    attempt the error flies on. Inside a caller's transaction ``work`` runs once: what the caller
    holds is in the way too, so the outermost has to begin again.
    """
    if connection.in_atomic_block:
        return work()
    for attempt in range(1, attempts):
        try:
            return work()
        except DatabaseError as error:
            if not is_broken_off(error) or not restore():
                raise
            log.warning("broken off by the database, attempt %s: %s", attempt, error.__cause__)
        # Two that met once would meet again when both began at the same time.
        time.sleep(random.uniform(0.2, 1) * _PAUSE_MAX * attempt)  # noqa: S311 -- no secret
    return work()
