"""Ranks: equal points share one, the next rank counts everybody above (1, 1, 3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

K = TypeVar("K")


class Ranked(NamedTuple):
    """A rank with the points that it stands on."""

    rank: int
    points: int


def in_order(points: Iterable[tuple[K, str, int]]) -> list[tuple[K, int, int]]:
    """(key, 工号, points) as (key, rank, points): most points first, equals in order of 工号."""
    ordered = sorted(points, key=lambda one: (-one[2], one[1]))
    ranked: list[tuple[K, int, int]] = []
    rank, last = 0, None
    for position, (key, _number, value) in enumerate(ordered, start=1):
        if value != last:
            rank, last = position, value
        ranked.append((key, rank, value))
    return ranked


def ranks(points: Iterable[tuple[K, str, int]]) -> dict[K, Ranked]:
    """The rank of each key."""
    return {key: Ranked(rank, value) for key, rank, value in in_order(points)}
