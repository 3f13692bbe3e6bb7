"""Conditions as rows of field, comparison and value: the same text, said in a form."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from meritbook.kit.expressions.errors import ExpressionWrong
from meritbook.kit.expressions.functions import EMPTY
from meritbook.kit.expressions.nodes import (
    Call,
    Comparison,
    Constant,
    Inside,
    Literal,
    Logic,
    Minus,
    Named,
    Node,
    Not,
)
from meritbook.kit.expressions.parsing import parse
from meritbook.kit.expressions.tokens import NAME, tokens_of
from meritbook.kit.words import say

OPERATORS = ("=", "≠", ">", "≥", "<", "≤", "在", "不在", "包含", "不包含", "未填", "已填")
LISTS = ("在", "不在")
ALONE = ("未填", "已填")
_SHOWN = {"!=": "≠", ">=": "≥", "<=": "≤", "has": "包含", "lacks": "不包含"}
_APART = re.compile(r"[、,，;；]+")


class Row(NamedTuple):
    """One line: a name, one of OPERATORS, and the value as people write it."""

    name: str
    operator: str
    value: str = ""


class Rows(NamedTuple):
    """Lines that must all hold, or of which one must (``any``)."""

    rows: tuple[Row, ...]
    any: bool = False


def rows_of(text: str) -> Rows | None:
    """The text as rows; None when it says more than rows can. Raises ExpressionWrong."""
    if not text.strip():
        return Rows(())
    tree = parse(text)
    parts = tree.parts if isinstance(tree, Logic) else (tree,)
    rows = [_row(part) for part in parts]
    if any(row is None for row in rows):
        return None
    return Rows(tuple(row for row in rows if row), isinstance(tree, Logic) and tree.op == "or")


def text_of(rows: Rows, *, quoted: frozenset[str] = frozenset()) -> str:
    """The rows as an expression. A value that reads as a number or a day stands bare, except for
    the names in ``quoted``. Raises ExpressionWrong for a row that says nothing."""
    joined = " 或 " if rows.any else " 且 "
    return joined.join(_line(row, row.name in quoted) for row in rows.rows)


def _row(node: Node) -> Row | None:
    match node:
        case Comparison(left=Named(name=name), right=right):
            value = _plain(right)
            return None if value is None else Row(name, _SHOWN.get(node.op, node.op), value)
        case Inside(item=Named(name=name)):
            values = [_plain(each) for each in node.choices]
            if any(value is None for value in values):
                return None
            listed = "、".join(value for value in values if value is not None)
            return Row(name, "不在" if node.negated else "在", listed)
        case Call(arguments=(Named(name=name),)) if node.name in EMPTY:
            return Row(name, "未填")
        case Not(operand=Call(arguments=(Named(name=name),)) as call) if call.name in EMPTY:
            return Row(name, "已填")
        case Named(name=name):
            return Row(name, "=", "是")
        case Not(operand=Named(name=name)):
            return Row(name, "=", "否")
    return None


def _plain(node: Node) -> str | None:
    if isinstance(node, Minus):
        inner = _plain(node.operand)
        return None if inner is None else f"-{inner}"
    if not isinstance(node, Literal):
        return None
    value = node.value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    # A text that would be read as something else, or falls apart, cannot stand in a row.
    if isinstance(value, str) and (_APART.search(value) or not isinstance(constant_of(value), str)):
        return None
    return str(value)


def _line(row: Row, quoted: bool) -> str:
    name = _name(row.name)
    if row.operator in ALONE:
        asked = f"未填({name})"
        return asked if row.operator == "未填" else f"非 {asked}"
    if row.operator not in OPERATORS or not row.value.strip():
        raise ExpressionWrong(
            say("“%(name)s”这一行没有写完", name=row.name),
            position=1,
            remedy=say("请选择比较方式，并填写要比较的值"),
        )
    if row.operator in LISTS:
        values = [each.strip() for each in _APART.split(row.value) if each.strip()]
        listed = ", ".join(_written(each, quoted) for each in values)
        return f"{name} {row.operator} [{listed}]"
    text = row.operator in ("包含", "不包含")
    return f"{name} {row.operator} {_written(row.value.strip(), quoted or text)}"


def _name(name: str) -> str:
    name = name.strip()
    if not name or any(sign in name for sign in "{}｛｝"):
        raise ExpressionWrong(
            say("有一行没有选字段"), position=1, remedy=say("请选择字段，或者删去这一行")
        )
    try:
        tokens = tokens_of(name)
    except ExpressionWrong:
        return f"{{{name}}}"
    return name if len(tokens) == 2 and tokens[0].kind == NAME else f"{{{name}}}"


def _written(value: str, quoted: bool) -> str:
    if quoted or isinstance(constant_of(value), str):
        mark = next((each for each in ("“”", '""', "「」") if each[1] not in value), None)
        if mark is None:
            raise ExpressionWrong(
                say("“%(value)s”里有引号", value=value), position=1, remedy=say("请去掉引号")
            )
        return f"{mark[0]}{value}{mark[1]}"
    return value


def constant_of(value: str) -> Constant:
    """What a value in a row is when it is written bare."""
    try:
        tree = parse(value)
    except ExpressionWrong:
        return value
    if isinstance(tree, Minus) and isinstance(tree.operand, Literal):
        tree = tree.operand
    if isinstance(tree, Literal) and value[:1] not in "\"'“‘「『":
        return tree.value
    return value
