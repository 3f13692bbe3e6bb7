"""Cuts an expression into signs, numbers, texts, days and names; full-width signs count as half."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from meritbook.kit.expressions.errors import ExpressionWrong
from meritbook.kit.expressions.nodes import Constant
from meritbook.kit.words import say

LONGEST = 1000
"""So many signs an expression may have."""
DIGITS = 15
"""So many digits a number may have before its point."""

NAME, LITERAL, SIGN, WORD, END = "name", "literal", "sign", "word", "end"

_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "「": "」", "『": "』"}
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_NUMBER = re.compile(r"(\d+)(?:\.(\d+))?([千万亿])?")
_TIMES = {"千": 1000, "万": 10_000, "亿": 100_000_000}
_NAME = re.compile(r"[^\W\d]\w*")
_SIGNS = ("<=", ">=", "!=", "<>", "==", "=>", "=<", "<", ">", "=", "+", "-", "*", "/", *"()[],")
_SAME = {"<>": "!=", "==": "=", "=>": ">=", "=<": "<="}
_ODD = {"≤": "<=", "≥": ">=", "≠": "!=", "×": "*", "÷": "/", "−": "-", "、": ",", "；": ","}
_ODD |= {"【": "[", "】": "]", "——": "-", "＜": "<", "＞": ">", "＝": "="}
_WORDS = {
    "and": "and",
    "且": "and",
    "并且": "and",
    "而且": "and",
    "or": "or",
    "或": "or",
    "或者": "or",
    "not": "not",
    "非": "not",
    "不是": "!=",
    "是": "yes",
    "否": "no",
    "true": "yes",
    "false": "no",
    "in": "in",
    "在": "in",
    "属于": "in",
    "不在": "not in",
    "不属于": "not in",
    "包含": "has",
    "不包含": "lacks",
}


class Token(NamedTuple):
    """One piece of the text: what it is, what it says, and where it stands."""

    kind: str
    text: str
    start: int
    end: int
    value: Constant | None = None


def tokens_of(text: str) -> list[Token]:
    """The pieces of ``text``, closed by one of kind END. Raises ExpressionWrong."""
    if len(text) > LONGEST:
        raise ExpressionWrong(
            say("公式有 %(n)d 个字，超过 %(most)d 个", n=len(text), most=LONGEST),
            position=LONGEST + 1,
            remedy=say("请拆成几条标准，或者用中间量缩短"),
        )
    found: list[Token] = []
    plain = "".join(_half_width(each) for each in text)
    at = 0
    while at < len(text):
        if plain[at].isspace():
            at += 1
            continue
        token = (
            _quoted(text, at) or _braced(text, at) or _counted(plain, at) or _other(text, plain, at)
        )
        found.append(token)
        at = token.end
    found.append(Token(END, "", len(text), len(text)))
    return found


def _half_width(sign: str) -> str:
    if sign in _QUOTES or sign in _ODD:
        return sign
    plain = unicodedata.normalize("NFKC", sign)
    return plain if len(plain) == 1 else sign


def _quoted(text: str, at: int) -> Token | None:
    mark = "'" if text[at] == "＇" else '"' if text[at] == "＂" else text[at]
    if mark not in _QUOTES:
        return None
    closing = _QUOTES[mark]
    end = at + 1
    while end < len(text) and text[end] != closing:
        end += 1
    if end == len(text):
        raise ExpressionWrong(
            say("引号没有成对"), position=at + 1, remedy=say("请在文字后面补上引号")
        )
    said = unicodedata.normalize("NFKC", text[at + 1 : end]).strip()
    return Token(LITERAL, text[at : end + 1], at, end + 1, said)


def _braced(text: str, at: int) -> Token | None:
    """``{金额(元)}``: a name with any signs in it."""
    if text[at] not in "{｛":
        return None
    for end in range(at + 1, len(text)):
        if text[end] in "}｝":
            return Token(NAME, text[at + 1 : end].strip(), at, end + 1)
    raise ExpressionWrong(
        say("大括号没有成对"), position=at + 1, remedy=say("请在字段名后面补上大括号")
    )


def _counted(plain: str, at: int) -> Token | None:
    day = _DAY.match(plain, at)
    if day is not None:
        try:
            value = date(*(int(each) for each in day.groups()))
        except ValueError:
            raise ExpressionWrong(
                say("没有 %(day)s 这一天", day=day[0]),
                position=at + 1,
                remedy=say("请检查月份和日期，例如 2026-11-30"),
            ) from None
        return Token(LITERAL, day[0], at, day.end(), value)
    number = _NUMBER.match(plain, at)
    if number is None or not number[0][0].isascii():
        return None
    if len(number[1].lstrip("0")) > DIGITS or len(number[2] or "") > DIGITS:
        raise ExpressionWrong(
            say("数字“%(number)s…”太长", number=number[0][:DIGITS]),
            position=at + 1,
            remedy=say("请检查是否多写了 0，最多 %(n)d 位", n=DIGITS),
        )
    exact = Decimal(f"{number[1]}.{number[2] or 0}") * _TIMES.get(number[3] or "", 1)
    return Token(LITERAL, number[0], at, number.end(), exact)


def _other(text: str, plain: str, at: int) -> Token:
    if plain[at] in _ODD:
        return Token(SIGN, _ODD[plain[at]], at, at + 1)
    for sign in _SIGNS:
        if plain.startswith(sign, at):
            return Token(SIGN, _SAME.get(sign, sign), at, at + len(sign))
    name = _NAME.match(plain, at)
    if name is None:
        raise ExpressionWrong(
            say("看不懂“%(sign)s”", sign=text[at]),
            position=at + 1,
            remedy=say("可以用 + - × ÷ = ≠ > ≥ < ≤、且、或、非、在，以及括号"),
        )
    word = _WORDS.get(name[0].lower())
    if word is not None:
        return Token(WORD, word, at, name.end())
    return Token(NAME, name[0], at, name.end())
