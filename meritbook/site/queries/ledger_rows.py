"""Transactions as the ledger's pages list them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import quote

from django.utils.translation import gettext as _

from meritbook.awards.queries.entries import Explained, explain_entries
from meritbook.kit.points import from_minor
from meritbook.ledger.browsing import Tx
from meritbook.ledger.kinds import kind_name
from meritbook.ledger.transactions import LotPart
from meritbook.site.queries.ledger_words import Person, Words, source_kind_name

TONES = {
    "award": "good",
    "opening": "good",
    "grant": "good",
    "deduct": "bad",
    "expire": "bad",
    "lapse": "bad",
    "reverse": "wait",
}


class Amount(NamedTuple):
    """So many points of an asset, signed for the party; of a move between two without a sign."""

    asset: str
    points: Decimal
    is_move: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One transaction of the list."""

    tx_id: int
    posted_at: datetime
    effective_on: date
    kind: str
    tone: str
    people: Sequence[Person]
    others: str
    """Parties that are no employees."""
    text: str
    amounts: Sequence[Amount]
    source: str
    state: str
    """Whether it was taken back: "", part or whole."""
    reverses: int | None


@dataclass(frozen=True, slots=True)
class TransferLine:
    """One transfer in words."""

    source: str
    source_address: str
    target: str
    target_address: str
    asset: str
    points: Decimal
    reversed: Decimal
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class LotLine:
    """What a transaction took out of a lot, or put into it."""

    text: str
    points: Decimal


def rows_of(
    *, transactions: Sequence[Tx], words: Words, explained: dict[int, Explained]
) -> list[Row]:
    """Lines of the list, in the order given."""
    return [row_of(one, words=words, explained=explained.get(one.tx_id)) for one in transactions]


def explanations(*, company_id: int, zone: str, transactions: Sequence[Tx]) -> dict[int, Explained]:
    """Why transactions were posted, as far as an event or a window caused them."""
    return explain_entries(
        company_id=company_id, zone=zone, tx_ids=[one.tx_id for one in transactions]
    )


def row_of(tx: Tx, *, words: Words, explained: Explained | None) -> Row:
    """One line."""
    people = [words.people[each] for each in tx.party_ids if each in words.people]
    others = [words.who(each) for each in tx.party_ids if each not in words.people]
    taken = sum(one.reversed for one in tx.transfers)
    return Row(
        tx_id=tx.tx_id,
        posted_at=tx.posted_at,
        effective_on=tx.effective_on,
        kind=kind_name(tx.kind),
        tone=TONES.get(tx.kind, "calm"),
        people=people,
        others=_("、").join(others),
        text=explained.sentence if explained else tx.note,
        amounts=amounts_of(tx, words=words),
        source=source_kind_name(tx.source_kind),
        state="whole" if tx.is_reversed else "part" if taken else "",
        reverses=tx.reverses_tx_id,
    )


def amounts_of(tx: Tx, *, words: Words) -> list[Amount]:
    """What a transaction moved, asset by asset."""
    return [
        Amount(
            words.asset(one.asset),
            from_minor(one.gain, one.scale),
            one.source.party_id is not None and one.target.party_id is not None,
        )
        for one in tx.transfers
    ]


def transfer_lines(tx: Tx, *, words: Words) -> list[TransferLine]:
    """Both sides of each transfer in words."""
    return [
        TransferLine(
            source=words.account(one.source, one.asset),
            source_address=_wallet(words.people.get(one.source.party_id or 0), one.asset),
            target=words.account(one.target, one.asset),
            target_address=_wallet(words.people.get(one.target.party_id or 0), one.asset),
            asset=words.asset(one.asset),
            points=from_minor(one.amount, one.scale),
            reversed=from_minor(one.reversed, one.scale),
            expires_on=one.expires_on,
        )
        for one in tx.transfers
    ]


def lot_lines(parts: Sequence[LotPart], *, words: Words) -> list[LotLine]:
    """Lots in words: from which one points were taken, or back into which one they went."""
    found = []
    for part in parts:
        day = part.day.isoformat() if part.day else _("永不过期")
        form = {
            True: _("放回%(who)s的%(asset)s批次（%(day)s）"),
            False: _("取自%(who)s的%(asset)s批次（%(day)s）"),
        }[part.is_return or part.part == "granted"]
        values = {
            "who": words.who(part.party_id) if part.party_id is not None else "",
            "asset": words.asset(part.asset),
            "day": day,
        }
        found.append(LotLine(form % values, from_minor(part.amount, part.scale)))
    return found


def _wallet(person: Person | None, asset: str) -> str:
    if person is None:
        return ""
    return f"/people/{quote(person.employee_no, safe='')}/wallet/?asset={quote(asset)}"
