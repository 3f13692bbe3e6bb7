"""Receipts: what shows that one transaction is in the chain, without trusting this database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from meritbook.ledger import merkle
from meritbook.ledger.leaves import block_text, leaves_query

LINKS_MAX = 2_000
"""So many blocks lead at most from a transaction's own to one that was told outside."""
PLACES = ("message", "print", "file")
"""Where a head was told, the one that people hold themselves first."""


class Link(NamedTuple):
    """A block with the text that its hash covers."""

    seq: int
    text: str
    hash: str
    sealed_at: datetime


class Anchor(NamedTuple):
    """Where the last of the links was told outside."""

    seq: int
    place: str
    at: datetime
    hash: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A transaction's text, its way to the root of its block, and the blocks up to an anchor.

    Without a seal ``links`` is empty; without an anchor the links end at the chain's head.
    """

    tx_id: int
    text: str
    leaf: str
    position: int | None
    path: list[merkle.Step]
    links: list[Link]
    anchor: Anchor | None

    def as_dict(self) -> dict[str, Any]:
        """What ``ledger/receipt.py`` checks."""
        return {
            "format": "meritbook receipt 1",
            "tx": self.tx_id,
            "text": self.text,
            "leaf": self.leaf,
            "path": [{"side": step.side, "hash": step.hash.hex()} for step in self.path],
            "blocks": [{"text": link.text, "hash": link.hash} for link in self.links],
            "anchor": {
                "block": self.anchor.seq,
                "place": self.anchor.place,
                "at": self.anchor.at.isoformat(),
                "hash": self.anchor.hash,
            }
            if self.anchor
            else None,
        }


def receipt(*, company_id: int, tx_id: int) -> Receipt | None:
    """The receipt of a transaction as it stands now; None when the company has no such one.

    Everything is made from the rows as they are: of a transaction that was changed the receipt does
    not check.
    """
    found = _rows(
        f"SELECT text FROM ({leaves_query()}) AS leaf (tx_id, text, sum)",
        company=company_id,
        tx_ids=f"{{[{tx_id},{tx_id}]}}",
    )
    if not found:
        return None
    text = str(found[0][0])
    leaf = merkle.leaf_hash(text)
    place = _rows(
        "SELECT seq, position FROM ledger_seal_tx WHERE company_id = %(company)s AND tx_id = %(tx)s",
        company=company_id,
        tx=tx_id,
    )
    if not place:
        return Receipt(tx_id, text, leaf.hex(), None, [], [], None)
    seq, position = place[0]
    leaves = [
        bytes(stored)
        for (stored,) in _rows(
            "SELECT leaf_hash FROM ledger_seal_tx WHERE company_id = %(company)s AND seq = %(seq)s"
            " ORDER BY position",
            company=company_id,
            seq=seq,
        )
    ]
    anchor = _anchor(company_id=company_id, seq=seq)
    return Receipt(
        tx_id,
        text,
        leaf.hex(),
        position,
        merkle.path(leaves, position),
        _links(company_id=company_id, first=seq, last=anchor.seq if anchor else None),
        anchor,
    )


def _anchor(*, company_id: int, seq: int) -> Anchor | None:
    """The nearest block, from ``seq`` on, that was told outside."""
    nearest = {
        place: Anchor(found, place, at, text)
        for place, found, at, text in _rows(
            "SELECT DISTINCT ON (place) place, seq, anchored_at, encode(hash, 'hex')"
            " FROM ledger_anchor WHERE company_id = %(company)s"
            " AND seq BETWEEN %(first)s AND %(last)s ORDER BY place, seq",
            company=company_id,
            first=seq,
            last=seq + LINKS_MAX - 1,
        )
    }
    return next((nearest[place] for place in PLACES if place in nearest), None)


def _links(*, company_id: int, first: int, last: int | None) -> list[Link]:
    rows = _rows(
        "SELECT seq, n, sum::text,"
        " to_char(sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
        " root_hash, prev_hash, encode(hash, 'hex'), sealed_at FROM ledger_seal"
        " WHERE company_id = %(company)s AND seq BETWEEN %(first)s AND %(last)s ORDER BY seq",
        company=company_id,
        first=first,
        last=first + LINKS_MAX - 1 if last is None else last,
    )
    return [
        Link(
            seq,
            block_text(
                company_id=company_id,
                seq=seq,
                n=n,
                sum_text=total,
                sealed_at_text=at,
                root_hash=bytes(root),
                prev_hash=bytes(before),
            ),
            made,
            sealed_at,
        )
        for seq, n, total, at, root, before, made, sealed_at in rows
    ]


def _rows(query: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
