"""Taking a transaction back from its page: by which road, what would happen, and doing it.

What an event earned is taken back by withdrawing the event, so that its entries and its status
agree with the ledger; what a window earned follows from its events; everything else is reversed in
the ledger itself, whole or in part. A preview does the same work and rolls it back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction as database
from django.utils.translation import gettext as _

from meritbook.awards.models import Entry, Event, WindowEvent
from meritbook.awards.operations import withdraw
from meritbook.kit.errors import Refusal
from meritbook.kit.periods import MONTH, Period
from meritbook.ledger.browsing import Tx
from meritbook.ledger.operations import Amounts, reverse
from meritbook.ledger.queries import totals
from meritbook.ledger.statements import wallet
from meritbook.ledger.transactions import Whole, transaction
from meritbook.org.operations.audit import Actor, note
from meritbook.org.queries.roster import employed_between
from meritbook.standings.ranks import Ranked, ranks

WITHDRAW, REVERSE, WINDOW, NONE = "withdraw", "reverse", "window", "none"
ON_BOARDS = ("honour", "spendable")


class NotReversible(Refusal):
    """There is no road on which this transaction is taken back."""

    code = "not_reversible"
    status = 409


@dataclass(frozen=True, slots=True)
class Road:
    """How a transaction is taken back. ``why_not`` says why there is no road."""

    kind: str
    event: Event | None = None
    events: Sequence[Event] = ()
    """Of a window: what its result was made from."""
    others: Sequence[int] = ()
    """Further transactions of the event that are taken back with this one."""
    why_not: str = ""


class BalanceChange(NamedTuple):
    """A party's balance before and after, minor units."""

    party_id: int
    asset: str
    scale: int
    before: int
    after: int


class RankChange(NamedTuple):
    """A party's place on a month's board before and after."""

    party_id: int
    period: Period
    asset: str
    before: Ranked
    after: Ranked


@dataclass(frozen=True, slots=True)
class Preview:
    """What a reversal would do, nothing of it kept."""

    outcomes: Sequence[Whole]
    """The new transactions."""
    balances: Sequence[BalanceChange]
    ranks: Sequence[RankChange]


def road_of(*, company_id: int, tx: Tx, asker_party_id: int | None = None) -> Road:
    """By which road a transaction can be taken back; nobody takes back what is their own."""
    if asker_party_id is not None and asker_party_id in tx.party_ids:
        return Road(NONE, why_not=_("自己的记账要由另一位积分专员或负责人来冲销。"))
    if tx.kind == "reverse":
        return Road(NONE, why_not=_("冲销本身不能再冲销，请重新记账。"))
    if tx.is_reversed:
        return Road(NONE, why_not=_("这笔记账已全部冲销。"))
    entry = Entry.objects.filter(company_id=company_id, tx_id=tx.tx_id).first()
    if entry is None:
        return Road(REVERSE)
    if entry.event_id is not None:
        event = Event.objects.get(company_id=company_id, pk=entry.event_id)
        if not event.is_current or event.status == Event.Status.WITHDRAWN:
            return Road(NONE, why_not=_("这个事件已被更正或撤回，它的分已经冲回。"))
        return Road(
            WITHDRAW,
            event=event,
            others=tuple(
                Entry.objects.filter(
                    company_id=company_id, event_id=event.pk, reverses__isnull=True
                )
                .exclude(pk=entry.pk)
                .exclude(
                    pk__in=Entry.objects.filter(
                        company_id=company_id, event_id=event.pk, reverses__isnull=False
                    ).values("reverses_id")
                )
                .order_by("tx_id")
                .values_list("tx_id", flat=True)
            ),
        )
    members = WindowEvent.objects.filter(
        company_id=company_id, window_id=entry.window_id or 0, counted=True
    ).values("event_id")
    return Road(
        WINDOW,
        events=tuple(
            Event.objects.filter(company_id=company_id, pk__in=members).order_by("-happened_at")
        ),
        why_not=_("这笔分是周期结算的结果。要改它，请更正或撤回其中的事件，差额会自动补记。"),
    )


def take_back(
    *,
    company_id: int,
    tx: Tx,
    amounts: Amounts | None,
    token: str,
    reason: str,
    today: date,
    now: datetime,
    actor: Actor,
    asker_party_id: int | None = None,
) -> list[int]:
    """Take a transaction back on its road; the numbers of the new transactions.

    ``amounts`` names a part, signed as the new movement; None is all that is left. The same token
    again does nothing new. Raises NotReversible, or what the ledger refuses.
    """
    road = road_of(company_id=company_id, tx=tx, asker_party_id=asker_party_id)
    if road.kind == WITHDRAW and road.event is not None:
        if amounts is not None:
            raise NotReversible(_("按标准得出的分只能整笔冲销；要改成别的分值，请更正事件。"))
        made = _withdrawn(company_id, road.event, now)
        note(
            company_id=company_id,
            actor=actor,
            now=now,
            action="event.withdraw",
            object_kind="event",
            object_id=road.event.pk,
            before={"event_no": road.event.event_no, "source": road.event.source},
            reason=reason,
        )
    elif road.kind == REVERSE:
        posted = reverse(
            company_id=company_id,
            tx_id=tx.tx_id,
            key=f"reversal:{tx.tx_id}:{token}",
            fact_on=today,
            actor_id=actor.membership_id,
            note=reason,
            amounts=amounts,
        )
        if not posted.is_new:
            return [posted.tx_id]
        made = [posted.tx_id]
    elif road.kind == NONE and (known := _done_before(company_id, tx, token)):
        return known
    else:
        raise NotReversible(road.why_not)
    note(
        company_id=company_id,
        actor=actor,
        now=now,
        action="ledger.reverse",
        object_kind="transaction",
        object_id=tx.tx_id,
        after={"road": road.kind, "transactions": made},
        reason=reason,
    )
    return made


def _done_before(company_id: int, tx: Tx, token: str) -> list[int]:
    """What the same form did when it was sent the first time."""
    key = f"reversal:{tx.tx_id}:{token}"
    whole = transaction(company_id=company_id, tx_id=tx.tx_id)
    return [one.tx_id for one in whole.reversals if one.idem_key == key]


def _withdrawn(company_id: int, event: Event, now: datetime) -> list[int]:
    windows = list(  # withdrawing takes the event out of them
        WindowEvent.objects.filter(company_id=company_id, event_id=event.pk).values_list(
            "window_id", flat=True
        )
    )
    before = set(_entries(company_id, event, windows))
    withdraw(company_id=company_id, source=event.source, event_nos=[event.event_no], now=now)
    return [each for each in _entries(company_id, event, windows) if each not in before]


def _entries(company_id: int, event: Event, window_ids: Sequence[int]) -> list[int]:
    """Transactions of an event and of the windows in which it counts."""
    found = Entry.objects.filter(company_id=company_id)
    own = found.filter(event_id=event.pk).values_list("tx_id", flat=True)
    shared = found.filter(window_id__in=window_ids).values_list("tx_id", flat=True)
    return sorted({*own, *shared})


class _RolledBack(Exception):
    """Ends a preview's savepoint."""


def preview(*, company_id: int, tx: Tx, take: Callable[[], list[int]]) -> Preview:
    """What ``take`` would do, measured by doing it and rolling it back. Raises as it does."""
    period = Period.containing(MONTH, tx.effective_on)
    before = _wallets(company_id, tx.party_ids)
    ranked = {asset: _ranks(company_id, period, asset) for asset in ON_BOARDS}
    found: list[Preview] = []
    try:
        with database.atomic():
            made = take()
            outcomes = [transaction(company_id=company_id, tx_id=each) for each in made]
            after = _wallets(company_id, tx.party_ids)
            found.append(
                Preview(
                    outcomes,
                    [
                        BalanceChange(party, asset, scale, balance, after[party, asset][1])
                        for (party, asset), (scale, balance) in before.items()
                        if after[party, asset][1] != balance
                    ],
                    [
                        RankChange(party, period, asset, old[party], new[party])
                        for asset, old in ranked.items()
                        for new in [_ranks(company_id, period, asset)]
                        for party in tx.party_ids
                        if party in old and party in new and old[party] != new[party]
                    ],
                )
            )
            raise _RolledBack
    except _RolledBack:
        pass
    return found[0]


def _wallets(
    company_id: int, party_ids: Sequence[int]
) -> Mapping[tuple[int, str], tuple[int, int]]:
    return {
        (party_id, account.asset): (account.scale, account.balance)
        for party_id in party_ids
        for account in wallet(company_id=company_id, party_id=party_id)
    }


def _ranks(company_id: int, period: Period, asset: str) -> dict[int, Ranked]:
    """A board's places straight from the day totals: what is rolled back must not be remembered."""
    points: dict[int, int] = {}
    for total in totals(
        company_id=company_id, asset_code=asset, date_from=period.start, date_to=period.end
    ):
        points[total.party_id] = points.get(total.party_id, 0) + total.points
    people = employed_between(company_id=company_id, start=period.start, end=period.end)
    return ranks((one.party_id, one.employee_no, points.get(one.party_id, 0)) for one in people)
