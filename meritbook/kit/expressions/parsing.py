"""From text to a tree: a small Pratt parser that knows nothing but the parts in ``nodes``."""

from __future__ import annotations

from meritbook.kit.expressions import tokens as lexis
from meritbook.kit.expressions.errors import ExpressionWrong
from meritbook.kit.expressions.nodes import (
    Arithmetic,
    Call,
    Comparison,
    Inside,
    Literal,
    Logic,
    Minus,
    Named,
    Node,
    Not,
)
from meritbook.kit.expressions.tokens import Token, tokens_of
from meritbook.kit.words import say

DEEPEST = 30
"""So many brackets may stand inside each other."""

_OR, _AND, _NOT, _COMPARED, _ADDED, _MULTIPLIED, _SIGNED = range(1, 8)
_COMPARISONS = frozenset({"=", "!=", ">", ">=", "<", "<=", "has", "lacks"})
_ORDER = frozenset({">", ">=", "<", "<="})
_POWER = {
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(_COMPARISONS, _COMPARED),
    "in": _COMPARED,
    "not in": _COMPARED,
    "not": _COMPARED,  # behind a value: "not in" in two words
    "+": _ADDED,
    "-": _ADDED,
    "*": _MULTIPLIED,
    "/": _MULTIPLIED,
}


def parse(text: str) -> Node:
    """The tree of ``text``. Raises ExpressionWrong with the place and a remedy."""
    parser = _Parser(tokens_of(text))
    if parser.now.kind == lexis.END:
        raise ExpressionWrong(
            say("公式是空的"), position=1, remedy=say("例如：延迟天数 > 3 且 岗位 = “客服”")
        )
    tree = parser.expression(0)
    if parser.now.kind != lexis.END:
        raise parser.unexpected()
    return tree


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self.found, self.at, self.depth = found, 0, 0

    @property
    def now(self) -> Token:
        return self.found[self.at]

    def take(self) -> Token:
        token = self.now
        self.at += 1
        return token

    def is_sign(self, text: str) -> bool:
        return self.now.kind == lexis.SIGN and self.now.text == text

    def expect(self, sign: str) -> Token:
        if not self.is_sign(sign):
            raise ExpressionWrong(
                say("这里缺少“%(sign)s”", sign=sign),
                position=self.now.start + 1,
                remedy=say("请检查括号是否成对"),
            )
        return self.take()

    def unexpected(self) -> ExpressionWrong:
        token = self.now
        if token.kind == lexis.END:
            return ExpressionWrong(
                say("公式没有写完"),
                position=token.start + 1,
                remedy=say("请在最后补上字段、数字或文字"),
            )
        return ExpressionWrong(
            say("“%(text)s”不能写在这里", text=self.found[self.at].text),
            position=token.start + 1,
            remedy=say("两个条件之间要写“且”或者“或”，前后留空格"),
        )

    def expression(self, power: int) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ExpressionWrong(
                say("括号套得太深，超过 %(n)d 层", n=DEEPEST),
                position=self.now.start + 1,
                remedy=say("请用中间量拆开"),
            )
        left = self.first()
        while True:
            token = self.now
            if token.kind not in (lexis.SIGN, lexis.WORD):
                break
            if token.kind == lexis.WORD and token.text == "yes":
                token = token._replace(text="=")  # 岗位 是 “客服”
            own = _POWER.get(token.text)
            if own is None or own <= power:
                break
            self.take()
            left = self.more(left, token, own)
        self.depth -= 1
        return left

    def first(self) -> Node:
        token = self.now
        if token.kind == lexis.LITERAL:
            self.take()
            assert token.value is not None  # noqa: S101 -- a literal has one
            return Literal(token.start, token.end, token.value)
        if token.kind == lexis.NAME:
            self.take()
            return (
                self.call(token) if self.is_sign("(") else Named(token.start, token.end, token.text)
            )
        if token.kind == lexis.WORD and token.text in ("yes", "no"):
            self.take()
            return Literal(token.start, token.end, token.text == "yes")
        if token.kind == lexis.WORD and token.text == "not":
            self.take()
            operand = self.expression(_NOT)
            return Not(token.start, operand.end, operand)
        if self.is_sign("-"):
            self.take()
            operand = self.expression(_SIGNED)
            return Minus(token.start, operand.end, operand)
        if self.is_sign("("):
            self.take()
            inner = self.expression(0)
            self.expect(")")
            return inner
        raise self.unexpected()

    def call(self, name: Token) -> Node:
        self.expect("(")
        arguments: list[Node] = []
        while not self.is_sign(")"):
            arguments.append(self.expression(0))
            if not self.is_sign(","):
                break
            self.take()
        closing = self.expect(")")
        return Call(name.start, closing.end, name.text, tuple(arguments))

    def more(self, left: Node, token: Token, power: int) -> Node:
        op = token.text
        if op == "not":
            if not (self.now.kind == lexis.WORD and self.now.text == "in"):
                self.at -= 1
                raise self.unexpected()
            self.take()
            op = "not in"
        if op in ("in", "not in"):
            return self.inside(left, negated=op == "not in")
        right = self.expression(power)
        if op in ("and", "or"):
            parts = (*_parts(left, op), *_parts(right, op))
            return Logic(left.start, right.end, op, parts)
        if op not in _COMPARISONS:
            return Arithmetic(left.start, right.end, op, left, right)
        return _chained(left, op, right)

    def inside(self, item: Node, *, negated: bool) -> Node:
        opening = self.now
        if not (self.is_sign("[") or self.is_sign("(")):
            raise ExpressionWrong(
                say("“在”的后面要写一组值"),
                position=opening.start + 1,
                remedy=say("例如：岗位 在 [“客服”, “销售”]"),
            )
        self.take()
        closing = "]" if opening.text == "[" else ")"
        choices: list[Node] = []
        while not self.is_sign(closing):
            choices.append(self.expression(_COMPARED))
            if not self.is_sign(","):
                break
            self.take()
        end = self.expect(closing).end
        if not choices:
            raise ExpressionWrong(
                say("这组值是空的"),
                position=opening.start + 1,
                remedy=say("例如：岗位 在 [“客服”, “销售”]"),
            )
        return Inside(item.start, end, item, tuple(choices), negated)


def _parts(node: Node, op: str) -> tuple[Node, ...]:
    return node.parts if isinstance(node, Logic) and node.op == op else (node,)


def _chained(left: Node, op: str, right: Node) -> Node:
    """``3 <= x < 10`` says both."""
    if not isinstance(left, Comparison) or op not in _ORDER or left.op not in _ORDER:
        return Comparison(left.start, right.end, op, left, right)
    both = Comparison(left.right.start, right.end, op, left.right, right)
    return Logic(left.start, right.end, "and", (left, both))
