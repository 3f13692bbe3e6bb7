"""Reading the seals: the chain's head, blocks, what was told outside, runs of verify."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection


class Head(NamedTuple):
    """The newest block."""

    seq: int
    hash: str
    sealed_at: datetime

    @property
    def short(self) -> str:
        """Sixteen digits in fours, short enough to print and compare by eye."""
        return short_hash(self.hash)


class Block(NamedTuple):
    """One block of the chain, and where it was told outside."""

    seq: int
    n: int
    sealed_at: datetime
    hash: str
    places: list[str]

    @property
    def short(self) -> str:
        return short_hash(self.hash)


class Told(NamedTuple):
    """A block that was told outside."""

    seq: int
    place: str
    anchored_at: datetime
    hash: str


class Witness(NamedTuple):
    """A member who is told the head."""

    membership_id: int
    name: str
    named_at: datetime


class Waiting(NamedTuple):
    """What has no seal yet."""

    transactions: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Run:
    """A run of verify; unfinished while ``finished_at`` is None."""

    verification_id: int
    asked_at: datetime
    done: int
    total: int
    finished_at: datetime | None
    is_ok: bool | None
    transactions: int | None
    checks: list[dict[str, Any]]


def short_hash(text: str) -> str:
    """The first sixteen digits of a hash in fours: ``3f2a 09bc 77d1 e04c``."""
    return " ".join(text[at : at + 4] for at in range(0, 16, 4))


def head(*, company_id: int) -> Head | None:
    """The newest block, None when nothing is sealed yet."""
    found = _rows(
        "SELECT seq, encode(hash, 'hex'), sealed_at FROM ledger_seal"
        " WHERE company_id = %(company)s ORDER BY seq DESC LIMIT 1",
        company=company_id,
    )
    return Head(*found[0]) if found else None


def sealed_count(*, company_id: int, after: int = 0) -> int:
    """How many transactions are sealed in the blocks that follow block ``after``."""
    return int(
        _rows(
            "SELECT coalesce(sum(n), 0)::bigint FROM ledger_seal"
            " WHERE company_id = %(company)s AND seq > %(after)s",
            company=company_id,
            after=after,
        )[0][0]
    )


def block_count(*, company_id: int) -> int:
    """How many blocks the chain has."""
    return int(
        _rows(
            "SELECT count(*) FROM ledger_seal WHERE company_id = %(company)s", company=company_id
        )[0][0]
    )


def blocks(*, company_id: int, offset: int = 0, limit: int = 50) -> list[Block]:
    """Blocks, the newest first."""
    return [
        Block(*row)
        for row in _rows(
            "SELECT s.seq, s.n, s.sealed_at, encode(s.hash, 'hex'), ARRAY("
            "  SELECT a.place FROM ledger_anchor a"
            "  WHERE a.company_id = s.company_id AND a.seq = s.seq ORDER BY a.place)"
            " FROM ledger_seal s WHERE s.company_id = %(company)s"
            " ORDER BY s.seq DESC OFFSET %(offset)s LIMIT %(limit)s",
            company=company_id,
            offset=offset,
            limit=limit,
        )
    ]


def unsealed(*, company_id: int) -> Waiting:
    """How much waits for its seal, and since when."""
    return Waiting(
        *_rows(
            "SELECT coalesce(sum(u.n), 0)::bigint, min(t.posted_at) FROM ledger_unsealed u"
            " LEFT JOIN ledger_tx t ON t.company_id = u.company_id AND t.tx_id = u.first_tx_id"
            " WHERE u.company_id = %(company)s",
            company=company_id,
        )[0]
    )


def last_told(*, company_id: int, place: str) -> Told | None:
    """The newest block that was told at ``place``."""
    found = _rows(
        "SELECT seq, place, anchored_at, encode(hash, 'hex') FROM ledger_anchor"
        " WHERE company_id = %(company)s AND place = %(place)s ORDER BY seq DESC LIMIT 1",
        company=company_id,
        place=place,
    )
    return Told(*found[0]) if found else None


def witnesses(*, company_id: int) -> list[Witness]:
    """The members who are told, by name; one who has left the company is told nothing."""
    return [
        Witness(*row)
        for row in _rows(
            "SELECT m.id, coalesce(e.name, m.name), w.named_at"
            " FROM ledger_witness w"
            " JOIN org_membership m ON m.company_id = w.company_id AND m.id = w.membership_id"
            " LEFT JOIN org_employee e ON e.company_id = m.company_id AND e.id = m.employee_id"
            " WHERE w.company_id = %(company)s AND w.dismissed_at IS NULL AND m.ended_at IS NULL"
            " ORDER BY 2, 1",
            company=company_id,
        )
    ]


def runs(*, company_id: int, limit: int = 5) -> list[Run]:
    """The last runs of verify, the newest first."""
    found = _rows(
        "SELECT verification_id, asked_at, done, total, finished_at, is_ok, transactions,"
        " coalesce(checks, '[]')::text FROM ledger_verification WHERE company_id = %(company)s"
        " ORDER BY verification_id DESC LIMIT %(limit)s",
        company=company_id,
        limit=limit,
    )
    return [Run(*(*row[:7], json.loads(row[7]))) for row in found]


def _rows(query: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
