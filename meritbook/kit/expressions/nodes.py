"""The parts of an expression after parsing. ``start`` and ``end`` are offsets in its text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Constant = Decimal | str | date | bool


@dataclass(frozen=True, slots=True)
class Node:
    """Where a part stands in the text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, a text in quotation marks, a day, yes or no."""

    value: Constant


@dataclass(frozen=True, slots=True)
class Named(Node):
    """A value that the caller gives a name to."""

    name: str


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function by its name."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Minus(Node):
    """The opposite number."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """``op`` is one of ``+ - * /``."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """``op`` is one of ``= != > >= < <= has lacks``."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Inside(Node):
    """Whether a value stands in a list."""

    item: Node
    choices: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Not(Node):
    """The opposite."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """All of the parts (``and``), or any of them (``or``)."""

    op: str
    parts: tuple[Node, ...]
