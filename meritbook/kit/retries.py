"""Transactions that PostgreSQL broke off because another one was in their way, begun again.

Of two transactions in a deadlock one is rolled back (40P01); a transaction that cannot be put in
order with another one is too (40001). Neither is anybody's mistake: the same work, begun again,
mostly gets through. What keeps failing ends as ``Busy``, an answer that asks for patience.

A connection that breaks (PostgreSQL is restarted) is another matter: whether the last COMMIT
arrived is not known, so nothing begins again by itself. It ends as ``Unreachable``.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection
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


class Unreachable(Refusal):
    """The connection to the database broke; whether the last step was kept is to be looked up."""

    code = "unavailable"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            _("数据库刚才断开了，正在恢复。请稍后先看一看刚才那一步有没有保存，再决定要不要重做")
        )


def is_broken_off(error: BaseException) -> bool:
    """Whether the database broke a transaction off that may well be begun again."""
    if not isinstance(error, DatabaseError):
        return False
    return getattr(error.__cause__, "sqlstate", None) in _BROKEN_OFF


def is_unreachable(error: BaseException) -> bool:
    """Whether the connection is gone: the server was stopped, or takes nobody in."""
    if not isinstance(error, DatabaseError | InterfaceError):
        return False
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    if state is None:
        # psycopg's own words: no answer at all, no connection, none left in the pool.
        return isinstance(error, OperationalError | InterfaceError)
    # 57P0x: the server goes down or comes up; 08xxx: the line; 53300: too many connections.
    return state.startswith(("57P0", "08")) or state == "53300"


def stop_of(error: BaseException) -> Refusal | None:
    """The refusal that says in words what the database did, None: the error is a mistake of ours."""
    if is_broken_off(error):
        return Busy()
    return Unreachable() if is_unreachable(error) else None


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
