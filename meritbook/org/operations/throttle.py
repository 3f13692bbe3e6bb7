"""Back-off after failed sign-ins, made so that an outsider cannot lock somebody out.

What slows down is the pair of log-in and network address, the address alone, and only gently the
log-in itself; a browser that has signed in before has a count of its own and is held back by
none of these. Counts live in the database: every web process sees the same.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.db import connection, transaction

FORGET_AFTER = 3600
"""Seconds without a failure after which a count starts again."""


@dataclass(frozen=True, slots=True)
class Limit:
    """``free`` failures cost nothing; then each doubles a wait of ``base`` s, to ``most`` s."""

    key: bytes
    free: int
    base: float
    most: float


def limits(*, login: str, address: str, device: str | None) -> Sequence[Limit]:
    """The counts that one attempt touches. ``device``: the browser's id, once trusted."""
    if device:
        return [Limit(_key("device", device, login), free=8, base=2, most=300)]
    return [
        Limit(_key("pair", address, login), free=5, base=4, most=900),
        Limit(_key("address", address), free=60, base=1, most=60),
        Limit(_key("login", login), free=40, base=1, most=20),
    ]


def take_attempt(*, limits: Sequence[Limit], now: datetime) -> float:
    """Count an attempt under every limit; the seconds to wait when it comes too early, else 0.

    An attempt that comes too early counts for nothing, or hammering would lengthen the wait.
    """
    with transaction.atomic():
        waits = [_wait(limit, now=now) for limit in sorted(limits, key=lambda each: each.key)]
        if any(wait > 0 for wait in waits):
            return max(waits)
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO org_signinfailure (key, failures, last_at) VALUES (%s, 1, %s)"
                " ON CONFLICT (key) DO UPDATE SET last_at = excluded.last_at, failures ="
                " CASE WHEN org_signinfailure.last_at < excluded.last_at - %s * interval '1 s'"
                " THEN 1 ELSE org_signinfailure.failures + 1 END",
                [
                    (limit.key, now, FORGET_AFTER)
                    for limit in sorted(limits, key=lambda each: each.key)
                ],
            )
    return 0


def forgive(*, limits: Sequence[Limit]) -> None:
    """The attempt succeeded: the first count (pair or device) is forgotten, others go back one.

    A success must not wipe an address's count: an attacker would sign in to an own account
    between guesses.
    """
    first, *others = limits
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM org_signinfailure WHERE key = %s", [first.key])
        for limit in others:
            cursor.execute(
                "UPDATE org_signinfailure SET failures = greatest(failures - 1, 0) WHERE key = %s",
                [limit.key],
            )


def clear_old(*, now: datetime) -> None:
    """Delete counts that would start again anyway; for a nightly job."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM org_signinfailure WHERE last_at < %s - %s * interval '1 s'",
            [now, FORGET_AFTER],
        )


def _wait(limit: Limit, *, now: datetime) -> float:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT failures, last_at FROM org_signinfailure WHERE key = %s FOR UPDATE",
            [limit.key],
        )
        row = cursor.fetchone()
    if row is None:
        return 0
    failures, last_at = int(row[0]), cast(datetime, row[1])
    since = (now - last_at).total_seconds()
    if failures < limit.free or since > FORGET_AFTER:
        return 0
    wait = min(limit.most, limit.base * 2.0 ** min(failures - limit.free, 20))
    return max(0.0, wait - since)


def _key(*parts: str) -> bytes:
    return hashlib.sha256("\x00".join(parts).encode()).digest()
