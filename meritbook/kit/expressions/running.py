"""Compiled expressions: what holds for a subject, and which comparisons said so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from meritbook.kit.expressions.compiling import Compiler
from meritbook.kit.expressions.errors import TOO_LARGE, ExpressionWrong, Unworkable
from meritbook.kit.expressions.kinds import Kind, Name, Run, Value, called
from meritbook.kit.expressions.nodes import Logic, Node
from meritbook.kit.expressions.parsing import parse
from meritbook.kit.expressions.walking import names_in
from meritbook.kit.words import say


class Told(NamedTuple):
    """One comparison of an expression: its text, whether it held, what its names stood for, and
    why it could not be worked out (a sentence to be translated)."""

    text: str
    held: bool
    given: tuple[tuple[str, Value], ...]
    failure: str = ""


class _Leaf(NamedTuple):
    text: str
    run: Run
    names: tuple[tuple[str, Run], ...]


_Tree = _Leaf | tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression ready to run over subjects."""

    text: str
    kind: Kind
    run: Callable[[Any], Any]
    """The value for a subject; raises ArithmeticError where there is none."""
    names: tuple[str, ...]
    """The names used, definitions among them and what those use."""
    chosen: Mapping[str, Mapping[str, int]]
    """By membership name, the choices that the text names, with their ids."""
    tree: Node
    _told: _Tree

    def holds(self, subject: Any) -> bool:
        """Whether a condition holds; what cannot be worked out does not."""
        try:
            return bool(self.run(subject))
        except ArithmeticError:
            return False

    def tell(self, subject: Any) -> list[Told]:
        """The comparisons that decided: those that failed, or when it held, those that held."""
        return _tell(self._told, subject)[1]


def compile_expression(
    text: str,
    *,
    names: Mapping[str, Name],
    definitions: Mapping[str, str] | None = None,
    kind: Kind = Kind.YES_NO,
) -> Compiled:
    """Compile ``text`` to something of ``kind``. Raises ExpressionWrong with place and remedy.

    ``definitions`` are further names with expressions of their own, in any order; one that comes
    back to itself is refused.
    """
    defined = _Defined(names, definitions or {})
    every = defined.every()
    tree = parse(text)
    compiler = Compiler(text, every)
    found = compiler.compile(tree)
    if found.kind is not kind:
        raise ExpressionWrong(
            say(
                "整个公式得到的是%(kind)s，这里要的是%(wanted)s",
                kind=called(found.kind),
                wanted=called(kind),
            ),
            position=1,
            remedy=say("请写成比较，例如 数量 > 3")
            if kind is Kind.YES_NO
            else say("请写成一个计算，例如 金额 / 数量"),
        )
    used = tuple(dict.fromkeys(_through(compiler.used, definitions or {})))
    if not used:
        raise ExpressionWrong(
            say("公式里没有用到任何字段，结果永远一样"),
            position=1,
            remedy=say("请至少写一个字段，例如 数量 > 3"),
        )
    return Compiled(
        text=text,
        kind=found.kind,
        run=found.run,
        names=used,
        chosen={
            name: {**defined.chosen.get(name, {}), **compiler.chosen.get(name, {})}
            for name in {**defined.chosen, **compiler.chosen}
        },
        tree=tree,
        _told=_told_tree(tree, text, every),
    )


def _through(names: Iterable[str], definitions: Mapping[str, str]) -> Iterator[str]:
    """The names, and those that their definitions use."""
    for name in names:
        yield name
        if name in definitions:
            yield from _through(names_in(parse(definitions[name])), definitions)


class _Defined:
    """Definitions compiled when first needed, each once."""

    def __init__(self, names: Mapping[str, Name], texts: Mapping[str, str]) -> None:
        self.names, self.texts = dict(names), texts
        self.chosen: dict[str, dict[str, int]] = {}
        self.done: set[str] = set()
        self.open: list[str] = []

    def every(self) -> dict[str, Name]:
        """The caller's names and the defined ones."""
        for name in self.texts:
            if name in self.names:
                raise ExpressionWrong(
                    say("“%(name)s”已经有别的意思", name=name),
                    position=1,
                    remedy=say("请换一个名称"),
                    part=name,
                )
        for name in self.texts:
            self._define(name)
        return self.names

    def _define(self, name: str) -> None:
        if name in self.done:
            return
        if name in self.open:
            circle = [*self.open[self.open.index(name) :], name]
            raise ExpressionWrong(
                say("%(names)s 互相引用，算不出来", names=" → ".join(circle)),
                position=1,
                remedy=say("请让其中一个不再用到另一个"),
                part=name,
            )
        self.open.append(name)
        text = self.texts[name]
        try:
            tree = parse(text)
        except ExpressionWrong as wrong:
            raise wrong.inside(name) from None
        for other in names_in(tree):
            if other in self.texts:
                self._define(other)
        compiler = Compiler(text, self.names)
        try:
            found = compiler.compile(tree)
        except ExpressionWrong as wrong:
            raise wrong.inside(name) from None
        for membership, choices in compiler.chosen.items():
            self.chosen.setdefault(membership, {}).update(choices)
        self.open.pop()
        self.done.add(name)
        self.names[name] = Name(found.kind, found.run)


def _told_tree(node: Node, text: str, names: Mapping[str, Name]) -> _Tree:
    if isinstance(node, Logic):
        return (node.op, tuple(_told_tree(part, text, names) for part in node.parts))
    run = Compiler(text, names).compile(node).run
    return _Leaf(
        text[node.start : node.end],
        run,
        tuple(
            (name, names[name].read)
            for name in names_in(node)
            if names[name].kind is not Kind.MEMBERSHIP
        ),
    )


def _tell(tree: _Tree, subject: Any) -> tuple[bool, list[Told]]:
    if isinstance(tree, _Leaf):
        told = _told(tree, subject)
        return told.held, [told]
    op, parts = tree
    answers = [_tell(part, subject) for part in parts]
    held = all(one for one, _told in answers) if op == "and" else any(one for one, _ in answers)
    return held, [told for one, own in answers if one is held for told in own]


def _told(leaf: _Leaf, subject: Any) -> Told:
    failure = ""
    try:
        held = bool(leaf.run(subject))
    except Unworkable as unworkable:
        held, failure = False, unworkable.message
    except ArithmeticError:
        held, failure = False, TOO_LARGE
    return Told(leaf.text, held, tuple(_given(leaf, subject)), failure)


def _given(leaf: _Leaf, subject: Any) -> Iterator[tuple[str, Value]]:
    for name, read in leaf.names:
        try:
            yield name, read(subject)
        except ArithmeticError:
            yield name, None
