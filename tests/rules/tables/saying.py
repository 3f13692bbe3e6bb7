"""A whole draft in one line, so that a table of wordings can be read: S3 points=2 unit=单 ?population."""

from __future__ import annotations

from meritbook.rules.tables import Draft, read_text
from tests.rules.tables.test_wordings import facts


def drafts_said(text: str) -> tuple[list[str], list[str]]:
    """Every draft of a text in one line each, and the kinds of its findings."""
    reading = read_text(text)
    assert reading.problems == (), reading.problems
    said = [_line(draft, text) for draft in reading.drafts]
    return said, sorted({finding.kind for finding in reading.findings})


def _line(draft: Draft, text: str) -> str:
    found = facts(draft)
    parts = [str(found.pop("shape"))]
    parts += [f"{name}={_value(value)}" for name, value in found.items()]
    parts += [f"?{question.field}" for question in draft.questions]
    head = "" if draft.standard == text else f"{draft.standard} → "
    return head + " ".join(parts)


def _value(value: object) -> str:
    match value:
        case str() | int():
            return str(value)
        case dict():
            return "/".join(str(each) for each in value.values())
        case list():
            return ",".join("".join(str(part) for part in _parts(each)) for each in value)
    return repr(value)


def _parts(each: object) -> list[object]:
    if not isinstance(each, dict):
        return [each]
    if "from" in each:
        return [each["from"], ":", each["points"]]
    return [part for part in each.values() if part]
