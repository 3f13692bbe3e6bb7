"""Expressions that people write: 岗位 = “客服” 且 延迟天数 > 3.

A language of our own and nothing else: numbers (exact decimals), texts, days, yes and no; ``+ - * /``,
comparisons, lists, ``且 或 非`` (or and, or, not), named functions. No attribute access, no power, no
loops; length, depth and numbers are bounded. Names and their kinds are the caller's. A text is
compiled once to closures; see ``compile_expression``.
"""

from meritbook.kit.expressions.errors import ExpressionWrong, Unworkable
from meritbook.kit.expressions.kinds import Kind, Name, Value
from meritbook.kit.expressions.rows import Row, Rows, rows_of, text_of
from meritbook.kit.expressions.running import Compiled, Told, compile_expression

__all__ = [
    "Compiled",
    "ExpressionWrong",
    "Kind",
    "Name",
    "Row",
    "Rows",
    "Told",
    "Unworkable",
    "Value",
    "compile_expression",
    "rows_of",
    "text_of",
]
