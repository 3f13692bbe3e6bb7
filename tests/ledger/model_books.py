"""A ledger without a database: what each operation does to balances, lots, day totals and caps.

Small, slow and written from the rules, not from the SQL; the state machine compares the two. An
operation answers the statuses and reasons of ``meritbook.ledger.operations``; where several reasons
hold, all of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from tests.ledger.days import FOREVER, last_day, start_of

Owner = tuple[str, int]
"""(wallet or pending, party); the company's own accounts are (kind, 0)."""


class Place(NamedTuple):
    """An account: its kind, its party (0: the company's own), its asset."""

    kind: str
    party: int
    code: str


class Answer(NamedTuple):
    """What became of a request; ``reasons`` are all that hold."""

    status: str
    reasons: frozenset[str] = frozenset()
    number: int | None = None


def refused(*reasons: str) -> Answer:
    return Answer("refused", frozenset(reasons))


@dataclass
class Asset:
    """An asset and its policy, by the names of ``operations.Policy``."""

    wallet_floor: int | None = 0
    keeps_lots: bool = True
    clawback: str = "clip"
    expiry: str = "never"
    expiry_count: int = 0
    expiry_period: str = "day"
    expiry_month: int = 12
    expiry_day: int = 31
    grace_days: int = 0
    carry_percent: int = 0
    carry_max: int | None = None
    refund_grace_days: int = 30
    is_transferable: bool = False
    is_convertible: bool = False

    def until(self, day: date) -> date:
        """The last day of what counts on ``day``."""
        return last_day(
            self.expiry,
            self.expiry_count,
            self.expiry_period,
            (self.expiry_month, self.expiry_day),
            self.grace_days,
            day,
        )


def default_assets() -> dict[str, Asset]:
    """Those that every company has and that the machine uses."""
    return {
        "honour": Asset(None, keeps_lots=False, clawback="debt"),
        "spendable": Asset(),
        "coin": Asset(),
        "stock": Asset(keeps_lots=False),
        "quota": Asset(expiry="period_end", expiry_period="month", refund_grace_days=0),
    }


@dataclass
class Account:
    """What somebody has: points, what is set aside of them, and by which day they must be used."""

    posted: int = 0
    held: int = 0
    state: str = "open"
    left: Counter[date] = field(default_factory=Counter)
    set_aside: Counter[date] = field(default_factory=Counter)

    def grant(self, until: date, amount: int) -> None:
        """Points arrive; what repays a debt is in no lot."""
        self.left[until] += max(self.posted + amount, 0) - max(self.posted, 0)

    def usable(self, today: date) -> int:
        return sum(left for until, left in self.left.items() if until >= today)

    def take(self, amount: int, today: date | None = None) -> list[tuple[date, int]]:
        """Out of the lots, the earliest to lapse first."""
        taken = []
        for until in sorted(self.left):
            part = min(amount, self.left[until])
            if part > 0 and (today is None or until >= today):
                self.left[until] -= part
                amount -= part
                taken.append((until, part))
        assert amount == 0
        return taken


@dataclass
class Leg:
    """One transfer; ``back`` of it was reversed."""

    seq: int
    giver: Place
    taker: Place
    amount: int
    until: date | None = None
    back: int = 0


@dataclass
class Use:
    """What a transaction took out of a lot and what has not been put back."""

    place: Place
    until: date
    amount: int


@dataclass
class Transaction:
    """A transaction with its legs, the lots it used and the room it took under caps."""

    number: int
    kind: str
    day: date
    legs: list[Leg] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    room: Counter[tuple[int, int, date]] = field(default_factory=Counter)
    release: Transaction | None = None


@dataclass
class Hold:
    """Points set aside, with the lots they sit in."""

    place: Place
    amount: int
    lapses_on: date | None
    lots: list[tuple[date, int]]
    outcome: str = ""


@dataclass(frozen=True)
class Cap:
    """How much of an asset may be gained by a person, department or company in a span of days."""

    code: str
    amount: int
    scope: str
    period: str
    policy: str


class Gain(NamedTuple):
    """What is posted for a party."""

    kind: str
    party: int
    amounts: tuple[tuple[str, int], ...]
    day: date
    source_id: int = 1
    department: int | None = None
    caps: tuple[int, ...] = ()
    is_pending: bool = False
    quota: tuple[int, int] | None = None


class Books:
    """What operations share: accounts, keys, months, day totals, caps."""

    def __init__(self) -> None:
        self.assets = default_assets()
        self.accounts: defaultdict[Place, Account] = defaultdict(Account)
        self.keys: dict[str, tuple[Any, Transaction]] = {}
        self.transactions: list[Transaction] = []
        self.closed: set[date] = set()
        self.totals: defaultdict[tuple[Place, date], Counter[str]] = defaultdict(Counter)
        self.caps: dict[int, Cap] = {}
        self.taken: Counter[tuple[int, int, date]] = Counter()

    def wallet(self, party: int, code: str) -> Account:
        return self.accounts[Place("wallet", party, code)]

    def open_day(self, day: date) -> date:
        """The day itself, or the first open one after its closed month."""
        while day.replace(day=1) in self.closed:
            day = (day.replace(day=1) + timedelta(32)).replace(day=1)
        return day

    def known(self, key: str, payload: Any) -> Answer | None:
        if key not in self.keys:
            return None
        before, transaction = self.keys[key]
        if before == payload:
            return Answer("duplicate", number=transaction.number)
        return Answer("conflict", frozenset({"key_reused"}), transaction.number)

    def begin(self, key: str, payload: Any, kind: str, day: date) -> Transaction:
        transaction = Transaction(len(self.transactions), kind, day)
        self.transactions.append(transaction)
        self.keys[key] = (payload, transaction)
        return transaction

    def move_points(
        self, transaction: Transaction, seq: int, giver: Place, taker: Place, amount: int
    ) -> Leg:
        """One leg: balances and day totals; lots are the caller's."""
        leg = Leg(seq, giver, taker, amount)
        transaction.legs.append(leg)
        for place, other, gain in ((giver, taker, -amount), (taker, giver, amount)):
            if place.party:
                self.accounts[place].posted += gain
                self.count(place, other, transaction.day, gain)
        return leg

    def count(self, place: Place, other: Place, day: date, gain: int) -> None:
        in_publicity = {place.kind, other.kind} == {"wallet", "pending"}
        column, sign = {
            "issuance": ("earned", 1),
            "adjustment": ("deducted", -1),
            "redeemed": ("spent", -1),
        }.get("issuance" if in_publicity else other.kind, ("other", 1))
        self.totals[place, day][column] += sign * gain

    def cannot_give(self, party: int, code: str, amount: int, today: date) -> set[str]:
        """Why a party cannot give something away, whatever debt its asset allows."""
        account, asset = self.wallet(party, code), self.assets[code]
        reasons = set()
        if account.state != "open":
            reasons.add(f"account_{account.state}")
        if account.posted - account.held - max(asset.wallet_floor or 0, 0) < amount:
            reasons.add("below_floor")
        elif asset.keeps_lots and account.usable(today) < amount:
            reasons.add("lots_lapsed")
        return reasons

    def limit(
        self, gain: Gain, amounts: dict[str, int]
    ) -> tuple[dict[str, int], set[str], Counter[tuple[int, int, date]]]:
        """What caps leave of the gains, why it is less, and the room it takes."""
        counted = [
            (cap, (number, self._scope(cap, gain), start_of(cap.period, gain.day)))
            for number, cap in self.caps.items()
            if number in gain.caps and amounts.get(cap.code, 0) > 0
        ]
        rooms = {spot: cap.amount - self.taken[spot] for cap, spot in counted}
        cut, reasons = dict(amounts), set[str]()
        for policy, reason in (("clip", "cap_clipped"), ("queue", "cap_queued")):
            short = [
                Fraction(rooms[spot], amounts[cap.code])
                for cap, spot in counted
                if cap.policy == policy and rooms[spot] < cut[cap.code]
            ]
            if short:
                reasons = {reason}
                cut = {
                    code: int(amount * min(short)) if amount > 0 else amount
                    for code, amount in amounts.items()
                }
        if any(cap.policy == "refuse" and rooms[spot] < cut[cap.code] for cap, spot in counted):
            return cut, {"cap_reached"}, Counter()
        return cut, reasons, Counter({spot: cut[cap.code] for cap, spot in counted})

    def _scope(self, cap: Cap, gain: Gain) -> int:
        return {"person": gain.party, "department": gain.department or 0}.get(cap.scope, 0)

    def board(self, code: str, month: date) -> dict[int, int]:
        """What a month's board sums: earned less deducted, by party."""
        points: Counter[int] = Counter()
        for (place, day), total in self.totals.items():
            if place.kind == "wallet" and place.code == code and day.replace(day=1) == month:
                points[place.party] += total["earned"] - total["deducted"]
        return nonzero(points)


def nonzero(counts: Any) -> dict[Any, Any]:
    return {key: count for key, count in counts.items() if count}


def tidy(lots: Iterable[tuple[date, int]]) -> list[tuple[date, int]]:
    return [(until, amount) for until, amount in lots if amount]


__all__ = ["FOREVER", "Answer", "Books", "Cap", "Gain", "Hold", "Place", "refused"]
