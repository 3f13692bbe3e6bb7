"""The text in which rows travel to the ledger's staging table: pure, and made for speed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

AMOUNT_MAX = 10**15
"""The largest amount of one transfer, in minor units."""

Amounts = tuple[tuple[str, int], ...]
"""(asset code, signed minor units): above zero gives points to the party, below zero takes."""

Row = tuple[
    str,
    str,
    int,
    Amounts,
    date,
    date,
    str,
    int,
    int | None,
    int | None,
    int | None,
    int | None,
    tuple[int, ...],
    bool,
    tuple[int, int] | None,
]
"""The fields of ``operations.Issue``, in its order."""


def clean(text: str) -> str:
    """A text with NUL, which PostgreSQL cannot hold, becomes empty and is refused as a key."""
    return "" if "\x00" in text else text


def bounded(amount: int) -> int:
    """An amount out of bounds, or with a fraction, becomes 0, which the ledger refuses by name."""
    return amount if isinstance(amount, int) and -AMOUNT_MAX <= amount <= AMOUNT_MAX else 0


def columns(amounts: Amounts) -> tuple[list[str], list[int]]:
    ordered = sorted(amounts)
    return [code for code, _amount in ordered], [bounded(amount) for _code, amount in ordered]


def shape(amounts: Amounts) -> tuple[str, str]:
    """The staged form: codes joined by commas, amounts as an array literal."""
    codes, values = columns(amounts)
    return ",".join(codes), "{" + ",".join(map(str, values)) + "}"


_NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": None})


def _escaped(text: str) -> str:
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return clean(text).translate(_ESCAPES)


COLUMNS = (
    "n, key, kind, party_id, assets, amounts, effective_on, fact_on, source_kind, source_id,"
    " rule_version_id, department_id, actor_id, reverses_tx_id, note, caps, is_pending,"
    " quota_party_id, quota_amount"
)
"""The columns that ``blocks`` writes."""

_PLAIN = "\t\\N\t\\N\t\\N\t\\N"


def _extra(caps: tuple[int, ...], is_pending: bool, quota: tuple[int, int] | None) -> str:
    limits = "{" + ",".join(map(str, caps)) + "}" if caps else _NULL
    giver, amount = (quota[0], bounded(quota[1])) if quota else (_NULL, _NULL)
    return f"\t{limits}\t{'t' if is_pending else _NULL}\t{giver}\t{amount}"


def blocks(rows: Iterable[Row]) -> Iterator[str]:
    """The issues as COPY text, some thousand rows at a time."""
    days: dict[date, str] = {}
    shapes: dict[Amounts, tuple[str, str]] = {}
    words: dict[str, str] = {}
    lines: list[str] = []
    for n, issue in enumerate(rows):
        (
            key,
            kind,
            party,
            amounts,
            effective,
            fact,
            source,
            source_id,
            version,
            place,
            actor,
            undo,
            caps,
            is_pending,
            quota,
        ) = issue
        extra = _PLAIN if not (caps or is_pending or quota) else _extra(caps, is_pending, quota)
        staged = shapes.get(amounts)
        if staged is None:
            assets, values = shape(amounts)
            staged = shapes[amounts] = (_escaped(assets), values)
        effective_text = days.get(effective)
        if effective_text is None:
            effective_text = days[effective] = effective.isoformat()
        fact_text = days.get(fact)
        if fact_text is None:
            fact_text = days[fact] = fact.isoformat()
        kind_text = words.get(kind)
        if kind_text is None:
            kind_text = words[kind] = _escaped(kind)
        source_text = words.get(source)
        if source_text is None:
            source_text = words[source] = _escaped(source)
        lines.append(
            f"{n}\t{_escaped(key)}\t{kind_text}\t{party}\t{staged[0]}\t{staged[1]}\t"
            f"{effective_text}\t{fact_text}\t{source_text}\t{source_id}\t"
            f"{_NULL if version is None else version}\t{_NULL if place is None else place}\t"
            f"{_NULL if actor is None else actor}\t{_NULL if undo is None else undo}\t{extra}\n"
        )
        if len(lines) == 4096:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)
