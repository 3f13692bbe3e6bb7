"""What was told outside is still true: a tail that was cut off shows nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from meritbook.ledger.anchors import anchors

NAMES = ("anchors_agree",)

_SEALS = "SELECT seq, encode(hash, 'hex') FROM ledger_seal WHERE company_id = %(company)s"
_NOTED = (
    "SELECT seq, place, encode(hash, 'hex') FROM ledger_anchor WHERE company_id = %(company)s"
    " ORDER BY seq, place"
)


def broken_anchors(cursor: Any, *, company_id: int) -> Iterator[tuple[str, str]]:
    """Anchors, in the file and noted, whose block is gone or another."""
    # The file first: blocks sealed meanwhile are more, not fewer.
    lines = list(anchors(company_id=company_id))
    cursor.execute(_SEALS, {"company": company_id})
    hashes: dict[int, str] = dict(cursor.fetchall())
    cursor.execute(_NOTED, {"company": company_id})
    noted: list[tuple[int, str, str]] = cursor.fetchall()
    told = [(line.seq, "file", line.hash) for line in lines]
    for seq, place, head in [*told, *noted]:
        if seq not in hashes:
            yield NAMES[0], f"block {seq}, told outside ({place}), is gone"
        elif hashes[seq] != head:
            yield NAMES[0], f"block {seq} is not the one that was told outside ({place})"
    in_file = {line.seq for line in lines}
    for seq, place, _head in noted:
        if place == "file" and seq not in in_file:
            yield NAMES[0], f"the line of block {seq} is gone from the file of anchors"
