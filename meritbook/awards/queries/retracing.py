"""Whether what is told of entries is what was posted: each is worked out again from what it keeps.

The trace is never stored. So a sample of entries is recomputed every night, and all of them on
demand; what differs names the entry and both numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from meritbook.awards.queries.entries import (
    EntryRow,
    Explained,
    contributions_of,
    explain_rows,
    person_of,
    rows_where,
)
from meritbook.kit.points import points_text
from meritbook.ledger.caps import gained_by
from meritbook.rules.queries import Rulebook, rulebook

AT_ONCE = 500


class Mismatch(NamedTuple):
    """An entry whose trace does not give what was posted."""

    tx_id: int
    rule_code: str
    text: str

    def as_dict(self) -> dict[str, object]:
        return {"tx_id": str(self.tx_id), "rule_code": self.rule_code, "text": self.text}


class Retraced(NamedTuple):
    """How many entries were worked out again, and which of them differ."""

    entries: int
    mismatches: tuple[Mismatch, ...]

    def as_dict(self) -> dict[str, object]:
        """The JSON of the command."""
        return {
            "ok": not self.mismatches,
            "entries": self.entries,
            "mismatches": [one.as_dict() for one in self.mismatches],
        }


def retrace(*, company_id: int, zone: str, sample: int | None = None) -> Retraced:
    """Work entries out again: all of them, or a random ``sample``."""
    book = rulebook(company_id=company_id)
    ids = _ids(company_id, sample)
    mismatches: list[Mismatch] = []
    for start in range(0, len(ids), AT_ONCE):
        rows = rows_where(
            company_id=company_id,
            zone=zone,
            condition="n.id = ANY(%s)",
            values=[ids[start : start + AT_ONCE]],
        )
        mismatches += _differing(company_id, zone, rows, book)
    return Retraced(len(ids), tuple(mismatches))


def _ids(company_id: int, sample: int | None) -> list[int]:
    with connection.cursor() as cursor:
        if sample is None:
            cursor.execute(
                "SELECT id FROM awards_entry WHERE company_id = %s ORDER BY id", [company_id]
            )
        else:
            cursor.execute(
                "SELECT id FROM awards_entry WHERE company_id = %s ORDER BY random() LIMIT %s",
                [company_id, sample],
            )
        return sorted(row[0] for row in cursor.fetchall())


def _differing(
    company_id: int, zone: str, rows: Sequence[EntryRow], book: Rulebook
) -> list[Mismatch]:
    explained = explain_rows(company_id=company_id, zone=zone, rows=rows, book=book)
    gained = gained_by(company_id=company_id, tx_ids=[one.row.tx_id for one in explained])
    found = []
    for one in explained:
        text = difference(one, gained.get(one.row.tx_id, {}))
        if text:
            found.append(Mismatch(one.row.tx_id, one.rule.spec.code, text))
    return found


def difference(one: Explained, gained: dict[str, int]) -> str:
    """What differs between an entry's trace and what was posted; empty when nothing does."""
    row = one.row
    if row.reverses_id is not None:
        return ""  # it takes back what another entry gave: the ledger proves that
    cap = row.facts.get("cap")
    if row.window is not None:
        pairs = contributions_of(one.rule, one.events, items=row.facts.get("items", {}))
        worth = one.rule.score_window(row.window, [pair for pair, _facts in pairs]).points
        stands = int(row.facts["points"])
    else:
        assert one.event is not None  # noqa: S101 -- a constraint: an entry has an event or a window
        person = person_of(row.facts, employee_id=row.employee_id)
        worth = one.rule.score(one.event.facts, person).points
        stands = int(cap["asked"]) if cap else row.points
    if worth != stands:
        return _("重算得 %(worth)s 分，入账依据 %(stands)s 分") % {
            "worth": points_text(worth),
            "stands": points_text(stands),
        }
    failed = next((step for step in one.steps if not step.ok), None)
    if failed is not None and row.points:
        return _("记了 %(points)s 分，步骤却没有通过：%(text)s") % {
            "points": points_text(row.points),
            "text": failed.text,
        }
    if row.points > 0 and cap is None and gained != dict(one.rule.legs(row.points)):
        return _("账本里的金额与 %(points)s 分不符") % {"points": points_text(row.points)}
    return ""
