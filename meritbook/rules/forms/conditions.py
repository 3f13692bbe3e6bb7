"""The inputs of a condition: rows of field, comparison and value, or the expression itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from meritbook.kit.expressions import ExpressionWrong, Kind, Row, Rows, rows_of, text_of
from meritbook.kit.expressions.rows import ALONE, OPERATORS
from meritbook.rules.vocabulary import Vocabulary, asked_by_rows, stored_condition

ROWS, TEXT = "rows", "text"
MOST_ROWS = 12
NAMES, SIGNS, VALUES = "condition_name", "condition_sign", "condition_value"
KIND_WORDS = {
    "数字": "number",
    "文字": "text",
    "日期": "date",
    "是否": "yes_no",
}
_WORD_OF = {kind: word for word, kind in KIND_WORDS.items()}
_ASKED = re.compile(r"^(?P<name>[^(（]+?)\s*[(（]\s*(?P<kind>[^)）]+?)\s*[)）]$")
_DEFINED = re.compile(r"^(?P<name>[^=＝]+?)\s*[=＝]\s*(?P<text>.+)$")

Typed = dict[str, Any]
"""What stands in the inputs: mode, any, rows, text, attributes, definitions."""


def typed_in(data: Mapping[str, Any]) -> Typed:
    """What a request brings, as it was typed."""
    if not hasattr(data, "getlist"):
        return empty()
    lists = (data.getlist(each) for each in (NAMES, SIGNS, VALUES))
    rows = [Row(*(str(part).strip() for part in each)) for each in zip(*lists, strict=False)]
    return {
        "mode": TEXT if data.get("condition_mode") == TEXT else ROWS,
        "any": data.get("condition_any") == "any",
        "rows": rows[:MOST_ROWS],
        "text": str(data.get("condition_text") or ""),
        "attributes": str(data.get("condition_attributes") or ""),
        "definitions": str(data.get("condition_definitions") or ""),
    }


def empty() -> Typed:
    """No condition: one mode, no rows."""
    return {"mode": ROWS, "any": False, "rows": [], "text": "", "attributes": "", "definitions": ""}


def shown_condition(stored: Mapping[str, Any] | None) -> Typed:
    """The inputs for a stored condition: rows where they can say it, else the expression."""
    if not stored:
        return empty()
    typed = empty() | {
        "text": str(stored.get("text") or ""),
        "attributes": "\n".join(
            f"{name}（{_WORD_OF[kind]}）" for name, kind in (stored.get("attributes") or {}).items()
        ),
        "definitions": "\n".join(
            f"{name} = {text}" for name, text in (stored.get("definitions") or {}).items()
        ),
    }
    rows = _rows_of(typed["text"])
    if rows is None or typed["definitions"]:
        return typed | {"mode": TEXT}
    return typed | {"rows": list(rows.rows), "any": rows.any}


def after_step(typed: Typed, *, step: str, words: Vocabulary) -> Typed:
    """The inputs after somebody pressed ``add``, a row's ``drop-<index>``, or the other view.

    Going over to rows an expression that they cannot say stays where it is, with ``stuck``.
    """
    rows: list[Row] = typed["rows"]
    if step == "add" and len(rows) < MOST_ROWS:
        return typed | {"rows": [*rows, Row("", "=", "")]}
    name, _sep, index = step.partition("-")
    if name == "drop" and index.isdecimal():
        return typed | {"rows": [row for at, row in enumerate(rows) if at != int(index)]}
    if step == TEXT:
        return _to_text(typed, words)
    if step == ROWS:
        found = None if typed["definitions"].strip() else _rows_of(typed["text"])
        if found is None:
            return typed | {"mode": TEXT, "stuck": True}
        return typed | {"mode": ROWS, "rows": list(found.rows), "any": found.any}
    return typed


def _to_text(typed: Typed, words: Vocabulary) -> Typed:
    asked = asked_by_rows(typed["rows"], words=words) | _known(typed["attributes"])
    filled = [row for row in typed["rows"] if row.name or row.value]
    try:
        text = text_of(Rows(tuple(filled), any=typed["any"]), quoted=_quoted(words, asked))
    except ExpressionWrong:
        text = typed["text"]
    return typed | {
        "mode": TEXT,
        "text": text,
        "attributes": "\n".join(f"{name}（{_WORD_OF[kind]}）" for name, kind in asked.items()),
    }


def _known(text: str) -> dict[str, str]:
    try:
        return _asked(text)
    except forms.ValidationError:
        return {}


def _rows_of(text: str) -> Rows | None:
    try:
        return rows_of(text)
    except ExpressionWrong:
        return None


def _quoted(words: Vocabulary, asked: Mapping[str, str]) -> frozenset[str]:
    """The names whose values are texts, also where they look like numbers."""
    textual = (Kind.TEXT, Kind.MEMBERSHIP)
    return frozenset(name for name, kind in words.kinds(asked).items() if kind in textual)


class _Inputs(forms.Widget):
    """Reads the inputs; a template of its own shows them."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Typed:
        return typed_in(data)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class ConditionField(forms.Field):
    """A condition as a version stores it; None without one."""

    widget = _Inputs
    words = Vocabulary()

    def clean(self, value: Any) -> dict[str, Any] | None:
        typed: Typed = value or empty()
        try:
            if typed["mode"] == TEXT:
                return stored_condition(
                    text=typed["text"],
                    asked=_asked(typed["attributes"]),
                    definitions=_definitions(typed["definitions"]),
                    words=self.words,
                )
            filled = [row for row in typed["rows"] if any((row.name, row.value))]
            asked = asked_by_rows(filled, words=self.words)
            rows = Rows(tuple(filled), any=typed["any"])
            return stored_condition(
                text=text_of(rows, quoted=_quoted(self.words, asked)),
                asked=asked,
                definitions={},
                words=self.words,
            )
        except ExpressionWrong as wrong:
            raise forms.ValidationError(wrong.message) from None


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _asked(text: str) -> dict[str, str]:
    asked = {}
    for line in _lines(text):
        found = _ASKED.match(line)
        kind = KIND_WORDS.get(found["kind"]) if found else None
        if found is None or kind is None:
            raise forms.ValidationError(
                _now(
                    "看不懂这一行：%(line)s。请写成“延迟天数（数字）”，类型有数字、文字、日期、是否。"
                )
                % {"line": line}
            )
        asked[found["name"].strip()] = kind
    return asked


def _definitions(text: str) -> dict[str, str]:
    defined: dict[str, str] = {}
    for line in _lines(text):
        found = _DEFINED.match(line)
        if found is None:
            raise forms.ValidationError(
                _now("看不懂这一行：%(line)s。请写成“单价 = 金额 / 数量”。") % {"line": line}
            )
        defined[found["name"].strip()] = found["text"]
    return defined


SIGN_CHOICES = (
    ("=", _("等于")),
    ("≠", _("不等于")),
    (">", _("大于")),
    ("≥", _("大于或等于")),
    ("<", _("小于")),
    ("≤", _("小于或等于")),
    ("在", _("是其中之一")),
    ("不在", _("不是其中之一")),
    ("包含", _("包含文字")),
    ("不包含", _("不包含文字")),
    ("未填", _("没有填写")),
    ("已填", _("已经填写")),
)
assert tuple(sign for sign, _label in SIGN_CHOICES) == OPERATORS  # noqa: S101 -- one list, two places
WITHOUT_VALUE = ALONE
