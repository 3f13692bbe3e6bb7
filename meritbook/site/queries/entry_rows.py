"""Movements and entries as rows of the statement part: a sentence, figures, and the way to why."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from meritbook.awards.queries.entries import Explained
from meritbook.awards.queries.wallets import Line
from meritbook.kit.points import from_minor


class Row(NamedTuple):
    """One line of ``kit/parts/_statement_row.html``."""

    text: str
    points: Decimal
    balance_after: Decimal | None
    rule_name: str
    rule_address: str
    event_no: str
    effective_on: date
    posted_at: datetime
    reverses: bool
    why_address: str
    receipt_address: str = ""


def line_row(line: Line, *, has_receipt: bool = False) -> Row:
    """A statement's line: the sentence of its cause, or its note.

    ``has_receipt``: the reader may read the receipt (``queries.sight``).
    """
    movement, explained = line.movement, line.explained
    spec = explained.rule.spec if explained else None
    return Row(
        text=line.sentence or _("其他记账"),
        points=from_minor(movement.points, movement.scale),
        balance_after=from_minor(movement.balance_after, movement.scale),
        rule_name=spec.name if spec else "",
        rule_address=f"/rules/{spec.code}/" if spec else "",
        event_no=line.event_no or "",
        effective_on=movement.effective_on,
        posted_at=movement.posted_at,
        reverses=movement.reverses_tx_id is not None,
        why_address=f"/entries/{movement.tx_id}/why/" if explained else "",
        receipt_address=f"/receipts/{movement.tx_id}/" if has_receipt else "",
    )


def entry_row(explained: Explained, *, person: str = "") -> Row:
    """An entry without a balance; ``person`` is named before the sentence."""
    spec = explained.rule.spec
    return Row(
        text=_("%(person)s：%(sentence)s") % {"person": person, "sentence": explained.sentence}
        if person
        else explained.sentence,
        points=from_minor(explained.row.points),
        balance_after=None,
        rule_name=spec.name,
        rule_address=f"/rules/{spec.code}/",
        event_no=explained.event_no or "",
        effective_on=explained.row.effective_on,
        posted_at=explained.row.created_at,
        reverses=explained.row.reverses_id is not None,
        why_address=f"/entries/{explained.row.tx_id}/why/",
    )
