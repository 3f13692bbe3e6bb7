"""From a tree to closures: names looked up and kinds checked once, so that a run costs little.

A comparison with a value that is not known does not hold, whichever way it is written; a sum with
one is not known. Only ``未填`` asks whether something is known.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from meritbook.kit.expressions.errors import (
    DIVIDED_BY_ZERO,
    ExpressionWrong,
    Unworkable,
    nearest,
)
from meritbook.kit.expressions.functions import (
    CHOOSE,
    EMPTY,
    EVERY_NAME,
    FUNCTIONS,
    bounded,
)
from meritbook.kit.expressions.kinds import Kind, Name, Run, called, kind_of
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
from meritbook.kit.words import say

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "has": operator.contains,
    "lacks": lambda text, part: part not in text,
}
_EQUAL = ("=", "!=")
_JOINED = "且或在不包是并属"
"""How the words begin that people write right behind a name."""
_ARITHMETIC: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}


class Typed(NamedTuple):
    """A part that can run: its kind, its closure, and whether it is the same for every subject."""

    kind: Kind
    run: Run
    constant: bool = False


class Compiler:
    """Compiles parts of one text. ``names`` are the caller's, definitions among them."""

    def __init__(self, text: str, names: Mapping[str, Name]) -> None:
        self.text, self.names = text, names
        self.used: list[str] = []
        self.chosen: dict[str, dict[str, int]] = {}
        """For each MEMBERSHIP that was compared: the choices named, with their ids."""

    def wrong(self, node: Node, reason: str, remedy: str) -> ExpressionWrong:
        return ExpressionWrong(reason, position=node.start + 1, remedy=remedy)

    def said(self, node: Node) -> str:
        return self.text[node.start : node.end]

    def compile(self, node: Node) -> Typed:
        """The part as a closure. Raises ExpressionWrong."""
        match node:
            case Literal():
                value = node.value
                return Typed(kind_of(value), lambda _subject: value, True)
            case Named():
                return self._named(node)
            case Minus():
                operand = self._of_kind(node.operand, Kind.NUMBER)
                return Typed(Kind.NUMBER, _mapped(operand.run, operator.neg), operand.constant)
            case Arithmetic():
                return self._arithmetic(node)
            case Comparison():
                return self._comparison(node)
            case Inside():
                return self._inside(node)
            case Not():
                run = self._of_kind(node.operand, Kind.YES_NO).run
                return Typed(Kind.YES_NO, lambda subject: not run(subject))
            case Logic():
                runs = [self._of_kind(part, Kind.YES_NO).run for part in node.parts]
                return Typed(Kind.YES_NO, _all(runs) if node.op == "and" else _any(runs))
            case Call():
                return self._call(node)
        raise AssertionError(node)

    def _named(self, node: Named) -> Typed:
        name = self.names.get(node.name)
        if name is None:
            raise self._unknown(node, node.name, self.names)
        self.used.append(node.name)
        return Typed(name.kind, name.read)

    def _unknown(self, node: Node, name: str, known: Mapping[str, object]) -> ExpressionWrong:
        similar = nearest(name, known)
        if any(name.startswith(one) and name[len(one)] in _JOINED for one in known if one != name):
            remedy = say("“且、或、在、包含”的前后要留空格")
        elif similar:
            remedy = say("是不是“%(name)s”？", name=similar)
        else:
            remedy = say("可以用：%(names)s", names="、".join(list(known)[:12]))
        return self.wrong(node, say("没有“%(name)s”这个字段", name=name), remedy)

    def _of_kind(self, node: Node, kind: Kind) -> Typed:
        found = self.compile(node)
        if found.kind is not kind:
            raise self.wrong(
                node,
                say(
                    "“%(part)s”是%(kind)s，这里要的是%(wanted)s",
                    part=self.said(node),
                    kind=called(found.kind),
                    wanted=called(kind),
                ),
                say("请写成比较，例如 数量 > 3")
                if kind is Kind.YES_NO
                else say("请换一个字段，或者去掉引号"),
            )
        return found

    def _arithmetic(self, node: Arithmetic) -> Typed:
        left = self._of_kind(node.left, Kind.NUMBER)
        right = self._of_kind(node.right, Kind.NUMBER)
        constant = left.constant and right.constant
        if node.op == "/":
            if right.constant and not right.run(None):
                raise self.wrong(
                    node.right, say("除数是 0"), say("请换一个不是 0 的数，或者换一个字段")
                )
            run = _divided(left.run, right.run)
        else:
            run = _calculated(_ARITHMETIC[node.op], left.run, right.run)
        if constant:
            try:
                value = run(None)
            except ArithmeticError:
                raise self.wrong(node, say("数字过大"), say("请检查是否多写了 0")) from None
            return Typed(Kind.NUMBER, lambda _subject: value, True)
        return Typed(Kind.NUMBER, run)

    def _comparison(self, node: Comparison) -> Typed:
        left, right = self._sides(node)
        if Kind.MEMBERSHIP in (left.kind, right.kind):
            return self._membership(node)
        if left.kind is not right.kind:
            raise self.wrong(
                node,
                say(
                    "“%(left)s”是%(left_kind)s，“%(right)s”是%(right_kind)s，不能相比",
                    left=self.said(node.left),
                    left_kind=called(left.kind),
                    right=self.said(node.right),
                    right_kind=called(right.kind),
                ),
                say("文字要加引号，数字不加引号，日期写成 2026-11-30"),
            )
        text = node.op in ("has", "lacks")
        if (text and left.kind is not Kind.TEXT) or (
            left.kind in (Kind.YES_NO, Kind.TEXT) and not text and node.op not in _EQUAL
        ):
            raise self.wrong(
                node,
                say("%(kind)s不能这样比较", kind=called(left.kind)),
                say("文字可以用 =、≠、包含、在；大小只能比数字和日期"),
            )
        return Typed(Kind.YES_NO, _compared(_COMPARE[node.op], left, right))

    def _sides(self, node: Comparison) -> tuple[Typed, Typed]:
        return self.compile(node.left), self.compile(node.right)

    def _membership(self, node: Comparison) -> Typed:
        named, other = node.left, node.right
        if not isinstance(named, Named):
            named, other = other, named
        if not isinstance(named, Named) or node.op not in _EQUAL:
            raise self.wrong(
                node,
                say("“%(part)s”只能和名称相比", part=self.said(node)),
                say("例如：岗位 = “客服”，或者 岗位 在 [“客服”, “销售”]"),
            )
        wanted = self._choice(named, other)
        read = self.names[named.name].read
        if node.op == "=":
            return Typed(Kind.YES_NO, lambda subject: wanted in read(subject))
        return Typed(Kind.YES_NO, lambda subject: wanted not in read(subject))

    def _choice(self, named: Named, other: Node) -> int:
        choices = self.names[named.name].choices
        if not isinstance(other, Literal) or not isinstance(other.value, str):
            raise self.wrong(
                other,
                say("“%(name)s”要和一个加引号的名称相比", name=named.name),
                say("例如：岗位 = “客服”"),
            )
        found = choices.get(other.value)
        if found is None:
            similar = nearest(other.value, choices)
            raise self.wrong(
                other,
                say("没有叫“%(text)s”的%(name)s", text=other.value, name=named.name),
                say("是不是“%(name)s”？", name=similar)
                if similar
                else say("请从公司现有的名称里选"),
            )
        self.chosen.setdefault(named.name, {})[other.value] = found
        return found

    def _inside(self, node: Inside) -> Typed:
        item = self.compile(node.item)
        negated = node.negated
        read = item.run
        if item.kind is Kind.MEMBERSHIP:
            assert isinstance(node.item, Named)  # noqa: S101 -- only a name has this kind
            ids = frozenset(self._choice(node.item, each) for each in node.choices)
            return Typed(Kind.YES_NO, lambda subject: ids.isdisjoint(read(subject)) is negated)
        values = []
        for each in node.choices:
            choice = self._of_kind(each, item.kind)
            if not choice.constant:
                raise self.wrong(each, say("这组值里只能写数字、文字或日期"), say("请逐个写出来"))
            values.append(choice.run(None))
        known = frozenset(values)

        def inside(subject: Any) -> bool:
            value = read(subject)
            return value is not None and (value in known) is not negated

        return Typed(Kind.YES_NO, inside)

    def _call(self, node: Call) -> Typed:
        if node.name in EMPTY:
            self._count(node, 1, rest=False)
            found = self.compile(node.arguments[0])
            read = found.run
            if found.kind is Kind.MEMBERSHIP:
                return Typed(Kind.YES_NO, lambda subject: not read(subject))
            return Typed(Kind.YES_NO, lambda subject: read(subject) is None)
        if node.name in CHOOSE:
            self._count(node, 3, rest=False)
            test = self._of_kind(node.arguments[0], Kind.YES_NO).run
            one = self.compile(node.arguments[1])
            other = self._of_kind(node.arguments[2], one.kind)
            first, second = one.run, other.run
            return Typed(
                one.kind, lambda subject: first(subject) if test(subject) else second(subject)
            )
        function = FUNCTIONS.get(node.name)
        if function is None:
            similar = nearest(node.name, EVERY_NAME)
            raise self.wrong(
                node,
                say("没有“%(name)s”这个函数", name=node.name),
                say("是不是“%(name)s”？", name=similar)
                if similar
                else say("可以用：%(names)s", names="、".join(EVERY_NAME)),
            )
        self._count(node, len(function.takes), rest=function.rest)
        kinds = (*function.takes, *[function.takes[-1]] * len(node.arguments))
        runs = [
            self._of_kind(each, kind).run for each, kind in zip(node.arguments, kinds, strict=False)
        ]
        return Typed(function.gives, _called(function.call, runs))

    def _count(self, node: Call, wanted: int, *, rest: bool) -> None:
        given = len(node.arguments)
        if given == wanted or (rest and given > wanted):
            return
        raise self.wrong(
            node,
            say(
                "“%(name)s”要 %(n)d 个值，这里有 %(given)d 个",
                name=node.name,
                n=wanted,
                given=given,
            ),
            say("值和值之间用逗号隔开"),
        )


def _mapped(run: Run, change: Callable[[Any], Any]) -> Run:
    def mapped(subject: Any) -> Any:
        value = run(subject)
        return None if value is None else change(value)

    return mapped


def _calculated(calculate: Callable[[Any, Any], Decimal], left: Run, right: Run) -> Run:
    def calculated(subject: Any) -> Decimal | None:
        one, other = left(subject), right(subject)
        return None if one is None or other is None else bounded(calculate(one, other))

    return calculated


def _divided(left: Run, right: Run) -> Run:
    def divided(subject: Any) -> Decimal | None:
        one, other = left(subject), right(subject)
        if one is None or other is None:
            return None
        if not other:
            raise Unworkable(DIVIDED_BY_ZERO)
        return bounded(one / other)

    return divided


def _compared(compare: Callable[[Any, Any], bool], left: Typed, right: Typed) -> Run:
    read = left.run
    if right.constant:
        bound = right.run(None)

        def compared_with(subject: Any) -> bool:
            value = read(subject)
            return value is not None and compare(value, bound)

        return compared_with
    other_of = right.run

    def compared(subject: Any) -> bool:
        value, other = read(subject), other_of(subject)
        return value is not None and other is not None and compare(value, other)

    return compared


def _called(call: Callable[..., Any], runs: list[Run]) -> Run:
    def calling(subject: Any) -> Any:
        values = [run(subject) for run in runs]
        return None if None in values else call(*values)

    return calling


def _all(runs: list[Run]) -> Run:
    if len(runs) == 2:  # by far the most common
        one, other = runs
        return lambda subject: one(subject) and other(subject)
    return lambda subject: all(run(subject) for run in runs)


def _any(runs: list[Run]) -> Run:
    if len(runs) == 2:
        one, other = runs
        return lambda subject: one(subject) or other(subject)
    return lambda subject: any(run(subject) for run in runs)
