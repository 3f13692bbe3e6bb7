"""Walks over the parts of a tree."""

from __future__ import annotations

from collections.abc import Iterator

from meritbook.kit.expressions.nodes import (
    Arithmetic,
    Call,
    Comparison,
    Inside,
    Logic,
    Minus,
    Named,
    Node,
    Not,
)


def names_in(node: Node) -> list[str]:
    """The names that a part uses, each once, in the order of their first use."""
    return list(dict.fromkeys(each.name for each in _every(node) if isinstance(each, Named)))


def _every(node: Node) -> Iterator[Node]:
    yield node
    for part in _parts(node):
        yield from _every(part)


def _parts(node: Node) -> tuple[Node, ...]:
    match node:
        case Comparison() | Arithmetic():
            return (node.left, node.right)
        case Minus() | Not():
            return (node.operand,)
        case Logic():
            return node.parts
        case Call():
            return node.arguments
        case Inside():
            return (node.item, *node.choices)
    return ()
