"""The seals: every transaction is in a block or waits for one, and blocks are what they say.

The leaves are made anew from the rows by the program's own query, trees and block hashes by the
program itself: neither a stored hash nor a function of the database is believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, NamedTuple

from meritbook.ledger import merkle
from meritbook.ledger.leaves import block_text, leaves_query

WAITING = ("sealed_or_waiting",)
BLOCKS = ("blocks_are_true", "blocks_are_chained")
AT_ONCE = 20_000
"""Transactions whose leaves are in memory at a time, as far as blocks allow."""
NOTHING_BEFORE = bytes(32)

_SEALED_OR_WAITING = """
SELECT 'transaction ' || coalesce(t.tx_id, s.tx_id) || CASE
    WHEN t.tx_id IS NULL AND s.seq IS NULL THEN ' waits for its seal and is gone'
    WHEN t.tx_id IS NULL THEN ' of block ' || s.seq || ' is gone'
    WHEN s.tx_id IS NULL THEN ' is in no block and waits for none'
    ELSE ' is in block ' || s.seq || ' and waits for one' END
FROM (SELECT tx_id FROM ledger_tx WHERE company_id = %(company)s) t
FULL JOIN (
    SELECT tx_id, max(seq) AS seq, count(*) AS n
    FROM (
        SELECT tx_id, seq FROM ledger_seal_tx WHERE company_id = %(company)s
        UNION ALL
        SELECT generate_series(lower(r), upper(r) - 1), NULL
        FROM ledger_unsealed u CROSS JOIN LATERAL unnest(u.tx_ids) AS r
        WHERE u.company_id = %(company)s
    ) places
    GROUP BY tx_id
) s ON s.tx_id = t.tx_id
WHERE t.tx_id IS NULL OR s.tx_id IS NULL OR s.n > 1
UNION ALL
SELECT 'block ' || s.seq || ' has transactions and is gone'
FROM (SELECT DISTINCT seq FROM ledger_seal_tx WHERE company_id = %(company)s) s
LEFT JOIN ledger_seal b ON b.company_id = %(company)s AND b.seq = s.seq
WHERE b.seq IS NULL
"""

_SEALS = """
SELECT seq, n, sum::text,
    to_char(sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    root_hash, prev_hash, hash
FROM ledger_seal WHERE company_id = %(company)s ORDER BY seq
"""

_LEAVES = f"""
SELECT tx_id, sha256('\\x00'::bytea || convert_to(text, 'UTF8')), sum
FROM ({leaves_query()}) AS leaf (tx_id, text, sum)
"""
_PLACES = """
SELECT seq, tx_id, position, leaf_hash FROM ledger_seal_tx
WHERE company_id = %(company)s AND seq BETWEEN %(first)s AND %(last)s
ORDER BY seq, position
"""

# The leaves' query looks only at the numbers that these blocks span.
_SPAN = """
SELECT '{' || int8range(min(tx_id), max(tx_id) + 1)::text || '}' FROM ledger_seal_tx
WHERE company_id = %(company)s AND seq BETWEEN %(first)s AND %(last)s
"""


class Seal(NamedTuple):
    """A stored block."""

    seq: int
    n: int
    sum: str
    sealed_at: str
    root_hash: bytes
    prev_hash: bytes
    hash: bytes


def misplaced(cursor: Any, *, company_id: int) -> Iterator[tuple[str, str]]:
    """Transactions in no block that wait for none, and places whose transaction is gone."""
    cursor.execute(_SEALED_OR_WAITING, {"company": company_id})
    yield from ((WAITING[0], detail) for (detail,) in cursor.fetchall())


def broken_blocks(cursor: Any, *, company_id: int) -> Iterator[tuple[str, str]]:
    """Every block beside what its transactions give now; a transaction that changed is named."""
    # A few index look-ups for each transaction.
    cursor.execute("SELECT set_config('enable_nestloop', 'on', true)")
    cursor.execute(_SEALS, {"company": company_id})
    seals = [Seal(*row) for row in cursor.fetchall()]
    yield from ((BLOCKS[1], detail) for detail in _broken_links(seals, company_id=company_id))
    for some in _in_turns(seals):
        yield from (
            (BLOCKS[0], detail) for detail in _broken_leaves(cursor, some, company_id=company_id)
        )


def _broken_links(seals: list[Seal], *, company_id: int) -> Iterator[str]:
    before = NOTHING_BEFORE
    for number, seal in enumerate(seals, start=1):
        text = block_text(
            company_id=company_id,
            seq=seal.seq,
            n=seal.n,
            sum_text=seal.sum,
            sealed_at_text=seal.sealed_at,
            root_hash=bytes(seal.root_hash),
            prev_hash=bytes(seal.prev_hash),
        )
        if seal.seq != number:
            yield f"block {number} is missing before block {seal.seq}"
            return
        if bytes(seal.prev_hash) != before:
            yield f"block {seal.seq} does not follow block {seal.seq - 1}"
        if bytes(seal.hash) != sha256(text.encode()).digest():
            yield f"block {seal.seq} is not what its hash says"
        before = bytes(seal.hash)


def _in_turns(seals: list[Seal]) -> Iterator[list[Seal]]:
    some: list[Seal] = []
    for seal in seals:
        if some and sum(one.n for one in some) + seal.n > AT_ONCE:
            yield some
            some = []
        some.append(seal)
    if some:
        yield some


def _broken_leaves(cursor: Any, seals: list[Seal], *, company_id: int) -> Iterator[str]:
    wanted: dict[str, Any] = {
        "company": company_id,
        "first": seals[0].seq,
        "last": seals[-1].seq,
    }
    cursor.execute(_SPAN, wanted)
    cursor.execute(_LEAVES, wanted | {"tx_ids": cursor.fetchone()[0] or "{}"})
    made_now = {tx_id: (bytes(leaf), int(points)) for tx_id, leaf, points in cursor.fetchall()}
    cursor.execute(_PLACES, wanted)
    leaves: dict[int, list[bytes]] = {seal.seq: [] for seal in seals}
    sums = dict.fromkeys(leaves, 0)
    last = dict.fromkeys(leaves, 0)
    faulty = set()
    for seq, tx_id, position, stored in cursor.fetchall():
        if seq not in leaves:
            # Its block is gone, which its neighbours tell.
            continue
        made, points = made_now.get(tx_id, (None, 0))
        row = f"block {seq}: transaction {tx_id}"
        if made is None:
            yield f"{row} is gone"
        elif made != bytes(stored):
            yield f"{row} is not what was sealed"
        elif position != len(leaves[seq]) or tx_id <= last[seq]:
            yield f"{row} is not in its place"
        else:
            leaves[seq].append(made)
            sums[seq] += points
            last[seq] = tx_id
            continue
        leaves[seq].append(made or bytes(stored))
        faulty.add(seq)
    for seal in seals:
        if len(leaves[seal.seq]) != seal.n:
            yield f"block {seal.seq}: {len(leaves[seal.seq])} of {seal.n} transactions"
        elif merkle.root(leaves[seal.seq]) != bytes(seal.root_hash):
            if seal.seq not in faulty:
                yield f"block {seal.seq}: its transactions do not give its root"
        elif seal.seq not in faulty and str(sums[seal.seq]) != seal.sum:
            yield f"block {seal.seq}: its transactions do not give its sum"
