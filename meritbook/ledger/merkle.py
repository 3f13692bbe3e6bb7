"""Merkle trees as in RFC 6962, section 2.1: leaves and nodes are told apart by their first byte."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

LEAF = b"\x00"
NODE = b"\x01"


class Step(NamedTuple):
    """A hash on the way from a leaf to the root, and the side on which it stands."""

    side: str
    """``left`` or ``right``."""
    hash: bytes


def leaf_hash(text: str) -> bytes:
    """The hash of a transaction's text."""
    return sha256(LEAF + text.encode()).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in their order. Raises ValueError when there are none."""
    level = _level(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path(leaves: Sequence[bytes], position: int) -> list[Step]:
    """What has to be hashed together with the leaf at ``position``, from below, to reach the root."""
    level = _level(leaves)
    steps = []
    while len(level) > 1:
        neighbour = position ^ 1
        if neighbour < len(level):
            steps.append(Step("left" if neighbour < position else "right", level[neighbour]))
        level = _above(level)
        position //= 2
    return steps


def climb(leaf: bytes, steps: Sequence[Step]) -> bytes:
    """The root that a leaf reaches by ``steps``."""
    reached = leaf
    for side, neighbour in steps:
        pair = neighbour + reached if side == "left" else reached + neighbour
        reached = sha256(NODE + pair).digest()
    return reached


def _level(leaves: Sequence[bytes]) -> Sequence[bytes]:
    if not leaves:
        raise ValueError("a tree has at least one leaf")
    return leaves


def _above(level: Sequence[bytes]) -> list[bytes]:
    above = [
        sha256(NODE + left + right).digest()
        for left, right in zip(level[0::2], level[1::2], strict=False)
    ]
    if len(level) % 2:
        # An odd last one goes up as it is.
        above.append(level[-1])
    return above
