"""Any sequence of operations leaves the ledger as the model says, after each step and at the end."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from meritbook.ledger.operations import (
    Held,
    Policy,
    Posted,
    PostingRefused,
    Source,
    capture,
    close_month,
    convert,
    expire,
    forfeit,
    hold,
    lapse_holds,
    move,
    post_bulk,
    release,
    release_pending,
    reopen_month,
    reverse,
    set_policy,
    set_rate,
    set_state,
    spend,
)
from meritbook.ledger.queries import totals
from meritbook.org.models import Party
from tests.counts import examples
from tests.ledger.books import FOUNDED_AT, NOVEMBER_3, Book
from tests.ledger.caps import cap
from tests.ledger.model import Model
from tests.ledger.model_books import Answer, Cap, Gain, Place, nonzero

CODES = ["honour", "spendable", "coin", "stock"]
ALL_CODES = [*CODES, "option", "annuity", "quota"]
RATES = {("spendable", "coin"): (1, 10), ("coin", "spendable"): (7, 1)}
POLICIES: list[tuple[str, dict[str, Any]]] = [
    ("spendable", {"expiry": "never"}),
    ("spendable", {"expiry": "months", "expiry_count": 1, "expiry_period": "day"}),
    ("spendable", {"expiry": "months", "expiry_count": 3, "expiry_period": "month"}),
    ("spendable", {"expiry": "period_end", "expiry_period": "quarter", "expiry_count": 0}),
    ("spendable", {"expiry": "date", "expiry_month": 12, "expiry_day": 31, "grace_days": 10}),
    ("spendable", {"carry_percent": 50, "carry_max": 40}),
    ("spendable", {"carry_percent": 0, "grace_days": 0}),
    ("spendable", {"refund_grace_days": 0}),
    ("spendable", {"refund_grace_days": 20}),
    ("spendable", {"clawback": "hold"}),
    ("spendable", {"clawback": "debt", "wallet_floor": None}),
    ("spendable", {"clawback": "clip", "wallet_floor": 0}),
    ("spendable", {"is_transferable": False}),
    ("coin", {"expiry": "period_end", "expiry_period": "month", "expiry_count": 1}),
    ("coin", {"is_transferable": True, "expiry": "never"}),
    ("coin", {"is_convertible": False}),
    ("coin", {"is_convertible": True, "clawback": "hold"}),
    ("stock", {"is_transferable": True, "wallet_floor": -30}),
    ("stock", {"wallet_floor": 0}),
    ("honour", {"clawback": "clip"}),
    ("honour", {"clawback": "debt"}),
]

points = st.integers(1, 120)
shares = st.sampled_from([5, 30, 60, 100, 100, 130])
"""Hundredths of what is there: most requests can be met, some just so, some not."""
gifts = points.map(lambda n: (("honour", n), ("spendable", n)))
fines = points.map(lambda n: (("honour", -n),))
shapes = st.one_of(
    gifts,
    gifts,
    fines,
    points.map(lambda n: (("spendable", -n),)),
    st.tuples(st.integers(-60, 90), st.integers(-60, 90))
    .filter(all)
    .map(lambda pair: (("coin", pair[0]), ("stock", pair[1]))),
)
keys = st.integers(0, 19)
"""13: a key that was used before, else one of its own."""
ago = st.sampled_from([0, 0, 0, 1, 5, 35, 70])
who = st.sampled_from([0, 0, 1, 2])
pairs = st.sampled_from([(0, 1), (0, 2), (1, 0), (2, 1), (2, 0), (1, 1)])
codes = st.sampled_from([*["spendable"] * 5, *["coin"] * 3, *["stock"] * 2, "honour"])
which = st.integers(0, 60)


_OWNED = (
    " JOIN ledger_account w USING (company_id, account_id)"
    " JOIN ledger_asset a USING (company_id, asset_id)"
)
SEEN = {
    "seen_balances": "SELECT w.kind, w.party_id, a.code, b.posted, b.held, b.state"
    f" FROM ledger_balance b{_OWNED}",
    "seen_lots": "SELECT w.party_id, a.code, least(l.expires_on, '9999-12-31'),"
    " l.granted - l.used - l.revoked - l.expired - l.held, l.held"
    f" FROM ledger_lot l{_OWNED} WHERE l.granted > l.used + l.revoked + l.expired",
    "seen_totals": "SELECT w.kind, w.party_id, a.code, d.day, sum(d.earned), sum(d.deducted),"
    f" sum(d.spent), sum(d.other) FROM ledger_day_total d{_OWNED} GROUP BY 1, 2, 3, 4",
    "seen_caps": "SELECT cap_id, scope_id, period_start, sum(used)::bigint"
    " FROM ledger_cap_bucket GROUP BY 1, 2, 3",
}
"""What is compared after each step, planned once."""


def prepare(book: Book) -> tuple[list[int], dict[int, Cap]]:
    """Parties, caps, rates and convertible assets, once for all sequences."""
    team = Party.objects.create(company_id=book.company_id, kind="team").pk
    for code in ("spendable", "coin"):
        set_policy(
            company_id=book.company_id,
            code=code,
            policy={"is_convertible": True},
            changed_at=FOUNDED_AT,
            actor_id=1,
        )
    for (source, target), (numerator, denominator) in RATES.items():
        set_rate(
            company_id=book.company_id,
            from_code=source,
            to_code=target,
            valid_from=date(2026, 1, 1),
            numerator=numerator,
            denominator=denominator,
            announced_at=FOUNDED_AT,
            announced_on=date(2026, 1, 1),
        )
    caps = [
        Cap("honour", 130, "person", "month", "clip"),
        Cap("honour", 300, "company", "week", "refuse"),
        Cap("spendable", 90, "person", "day", "queue"),
        Cap("honour", 350, "department", "year", "clip"),
    ]
    ids = [
        cap(
            book,
            each.amount,
            asset_code=each.code,
            scope=each.scope,
            period=each.period,
            policy=each.policy,
            valid_from=date(2026, 1, 1),
        )
        for each in caps
    ]
    return [book.lilei, book.hanmeimei, team], dict(zip(ids, caps, strict=True))


class Machine(RuleBasedStateMachine):
    """One company; each sequence is rolled back at its end."""

    book: ClassVar[Book]
    parties: ClassVar[list[int]]
    caps: ClassVar[dict[int, Cap]]
    base: ClassVar[dict[str, Any] | None] = None

    def __init__(self) -> None:
        super().__init__()
        self.model = Model(self.parties[:2], self.parties[2:])
        self.model.caps = self.caps
        self.model.rates = RATES
        self.today = NOVEMBER_3
        self.ids: dict[int, int] = {}
        self.hold_ids: dict[int, int] = {}
        if self.base is not None:
            vars(self).update(deepcopy(self.base))
        self._key_count = 0
        self.again: Callable[[], None] = lambda: None
        self.agrees = True
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    @initialize(changes=st.lists(st.sampled_from(POLICIES), max_size=5))
    def begin(self, changes: list[tuple[str, Policy]]) -> None:
        """Policies for this sequence."""
        for code, policy in changes:
            self.model.set_policy(code, dict(policy))
            self._set_policy(code, policy)
        self._compare()

    def _key(self, n: int) -> str:
        """A key of its own, or for 13 one that was used."""
        if n == 13 and self._key_count:
            return f"k{self.today.toordinal() % self._key_count}"
        self._key_count += 1
        return f"k{self._key_count - 1}"

    def _amount(self, party: int, code: str, share: int) -> int:
        """So many hundredths of what a party could give now."""
        account = self.model.wallet(self.parties[party], code)
        return max(1, (account.posted - account.held) * share // 100)

    @rule()
    def say_it_again(self) -> None:
        """The reply was lost: the same request once more."""
        self.again()

    def teardown(self) -> None:
        try:
            # After a step that failed that failure is the news.
            if self.agrees:
                self.book.assert_sound()
                for month in sorted({day.replace(day=1) for _place, day in self.model.totals}):
                    self._compare_board(month)
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def tell_before(self) -> dict[str, Any]:
        """What every sequence finds: lots of several days, holds, publicity, quotas, orders."""
        for code in ("spendable", "coin"):
            self.set_policy((code, {"is_convertible": True, "is_transferable": True}))
        for n, policy in enumerate([*POLICIES[:5], POLICIES[13]]):
            self.set_policy(policy)
            both = (("honour", 90 + n), ("spendable", 100 + 30 * n))
            self._post(f"gift/{n}", self._gain(n, n % 3, both, 20 * n))
            self._post(f"coin/{n}", self._gain(n, n % 3, (("coin", 70), ("stock", 40)), 9))
        for party in (0, 1):
            self.post_in_publicity(n=1, party=party, amounts=both, days_ago=2)
            self.grant_quota(n=1, party=party, amount=200)
            self.hold(n=1, party=party, code="spendable", share=30, days=20)
            self.hold(n=1, party=party, code="coin", share=30, days=None)
            self.spend(n=1, party=party, code="spendable", share=60)
        self.move(n=1, pair=(0, 2), code="spendable", share=30)
        self.convert(n=1, party=1, back=False, share=60)
        names = ("model", "today", "ids", "hold_ids", "_key_count")
        return {name: deepcopy(vars(self)[name]) for name in names}

    # what is gained and lost

    def _gain(self, n: int, party: int, amounts: Any, days_ago: int, **more: Any) -> Gain:
        return Gain(
            kind="adjust",
            party=self.parties[party],
            amounts=amounts,
            day=self.today - timedelta(days_ago),
            source_id=n % 3,
            department=self.book.sales if n % 2 else None,
            **more,
        )

    def _issue(self, key: str, gain: Gain) -> Any:
        return self.book.issue(
            key,
            gain.amounts,
            kind=gain.kind,
            party_id=gain.party,
            effective_on=gain.day,
            fact_on=gain.day,
            source_id=gain.source_id,
            department_id=gain.department,
            caps=gain.caps,
            is_pending=gain.is_pending,
            quota=gain.quota,
        )

    def _post(self, key: str, gain: Gain) -> None:
        self.again = lambda: self._post(key, gain)
        self.agrees = False
        expected = self.model.post(key, gain)
        (result,) = post_bulk(company_id=self.book.company_id, issues=[self._issue(key, gain)])
        assert result.status == expected.status, (result, expected)
        assert not result.reason or result.reason in expected.reasons, (result, expected)
        self._same_transaction(expected, result.tx_id)
        self._compare()

    @rule(n=keys, party=who, amounts=shapes, days_ago=ago)
    def post(self, n: int, party: int, amounts: Any, days_ago: int) -> None:
        self._post(self._key(n), self._gain(n, party, amounts, days_ago))

    @rule(n=keys, party=who, amounts=gifts | fines, days_ago=ago, caps=st.integers(1, 15))
    def post_under_caps(self, n: int, party: int, amounts: Any, days_ago: int, caps: int) -> None:
        chosen = tuple(number for bit, number in enumerate(self.caps) if caps >> bit & 1)
        self._post(self._key(n), self._gain(n, party, amounts, days_ago, caps=chosen))

    @rule(n=keys, party=who, amounts=gifts | fines, days_ago=ago)
    def post_in_publicity(self, n: int, party: int, amounts: Any, days_ago: int) -> None:
        self._post(self._key(n), self._gain(n, party, amounts, days_ago, is_pending=True))

    @rule(n=keys, pair=pairs, share=shares)
    def praise_by_quota(self, n: int, pair: tuple[int, int], share: int) -> None:
        amount = self._amount(pair[0], "quota", share)
        amounts = (("honour", amount), ("spendable", amount))
        gain = self._gain(n, pair[1], amounts, 0, quota=(self.parties[pair[0]], amount))
        self._post(self._key(n), gain)

    @rule(n=keys, party=who, amount=st.integers(50, 300))
    def grant_quota(self, n: int, party: int, amount: int) -> None:
        gain = self._gain(n, party, (("quota", amount),), 0)._replace(kind="grant")
        self._post(self._key(n), gain)

    @rule(
        rows=st.lists(st.tuples(keys, who, shapes, ago), min_size=6, max_size=12),
        waits=st.booleans(),
    )
    def post_many(self, rows: list[tuple[int, int, Any, int]], waits: bool) -> None:
        self.agrees = False
        gains = [
            (self._key(n), self._gain(n, *rest, is_pending=waits and n % 4 == 2))
            for n, *rest in rows
        ]
        expected = self.model.post_bulk(gains)
        results = post_bulk(
            company_id=self.book.company_id, issues=[self._issue(*row) for row in gains]
        )
        for wanted, result in zip(expected, results, strict=True):
            assert result.status == wanted.status, (results, expected)
            assert not result.reason or result.reason in wanted.reasons
            self._same_transaction(wanted, result.tx_id)
        self._compare()

    # what is given away

    @rule(n=keys, party=who, code=codes, share=shares)
    def spend(self, n: int, party: int, code: str, share: int) -> None:
        key, amount = self._key(n), self._amount(party, code, share)
        kind = "lapse" if n % 5 == 4 else "spend"
        self._agree(
            lambda: self.model.spend(key, self.parties[party], code, amount, self.today, kind),
            lambda: (forfeit if kind == "lapse" else spend)(
                company_id=self.book.company_id,
                key=key,
                party_id=self.parties[party],
                code=code,
                amount=amount,
                today=self.today,
                source=Source("order", 1),
            ),
        )

    @rule(n=keys, pair=pairs, code=codes, share=shares)
    def move(self, n: int, pair: tuple[int, int], code: str, share: int) -> None:
        giver, taker = pair
        key, amount = self._key(n), self._amount(giver, code, share)
        self._agree(
            lambda: self.model.move(
                key, self.parties[giver], self.parties[taker], code, amount, self.today
            ),
            lambda: move(
                company_id=self.book.company_id,
                key=key,
                from_party_id=self.parties[giver],
                to_party_id=self.parties[taker],
                code=code,
                amount=amount,
                today=self.today,
                source=Source("gift", 1),
            ),
        )

    @rule(n=keys, party=who, back=st.booleans(), share=shares)
    def convert(self, n: int, party: int, back: bool, share: int) -> None:
        source, target = ("coin", "spendable") if back else ("spendable", "coin")
        key, amount = self._key(n), self._amount(party, source, share)
        self._agree(
            lambda: self.model.convert(
                key, self.parties[party], source, target, amount, self.today
            ),
            lambda: convert(
                company_id=self.book.company_id,
                key=key,
                party_id=self.parties[party],
                from_code=source,
                to_code=target,
                amount=amount,
                today=self.today,
                source=Source("exchange", 1),
            ),
        )

    # what is set aside

    @rule(n=keys, party=who, code=codes, share=shares, days=st.none() | st.integers(1, 40))
    def hold(self, n: int, party: int, code: str, share: int, days: int | None) -> None:
        until = None if days is None else self.today + timedelta(days)
        key, amount = self._key(n), self._amount(party, code, share)
        self._agree(
            lambda: self.model.hold(key, self.parties[party], code, amount, self.today, until),
            lambda: hold(
                company_id=self.book.company_id,
                key=key,
                party_id=self.parties[party],
                code=code,
                amount=amount,
                today=self.today,
                lapses_at=until and _at(until),
                source=Source("order", 1),
            ),
        )

    @precondition(lambda self: self.hold_ids)
    @rule(n=keys, which=which, share=st.none() | shares)
    def capture(self, n: int, which: int, share: int | None) -> None:
        key, number = self._key(n), which % len(self.hold_ids)
        amount = share and max(1, self.model.holds[number].amount * share // 100)
        self._agree(
            lambda: self.model.capture(number, key, amount, self.today),
            lambda: capture(
                company_id=self.book.company_id,
                hold_id=self.hold_ids[number],
                key=key,
                today=self.today,
                amount=amount,
            ),
        )

    @precondition(lambda self: self.hold_ids)
    @rule(which=which)
    def release(self, which: int) -> None:
        number = which % len(self.hold_ids)
        self._agree(
            lambda: self.model.release(number),
            lambda: release(
                company_id=self.book.company_id,
                hold_id=self.hold_ids[number],
                released_at=_at(self.today),
            ),
        )

    # what is taken back

    @precondition(lambda self: self.ids)
    @rule(n=keys, which=which, share=st.none() | shares)
    def reverse(self, n: int, which: int, share: int | None) -> None:
        # Half of them something of late.
        key, number = self._key(n), sorted(self.ids)[(which, -which % 8 - 8)[n % 2] % len(self.ids)]
        part = self._part(number, share)
        self._agree(
            lambda: self.model.reverse(number, key, self.today, part),
            lambda: reverse(
                company_id=self.book.company_id,
                tx_id=self.ids[number],
                key=key,
                fact_on=self.today,
                amounts=None if part is None else tuple(part.items()),
            ),
        )

    def _part(self, number: int, share: int | None) -> dict[str, int] | None:
        """So many hundredths of what is left of the first leg; whole where a part has no sense."""
        original = self.model.transactions[number]
        if share is None or original.kind in ("expire", "lapse") or not original.legs:
            return None
        leg = original.legs[-1 if share % 2 else 0]
        left = sum(
            each.amount - each.back for each in original.legs if each.taker.code == leg.taker.code
        )
        if not left:
            return None
        gained = leg.taker.party and (not leg.giver.party or leg.giver.kind == "pending")
        return {leg.taker.code: (-1 if gained else 1) * max(1, left * share // 100)}

    @precondition(lambda self: self.ids)
    @rule(which=which)
    def release_pending(self, which: int) -> None:
        waiting = [
            number
            for number in self.ids
            if any(leg.taker.kind == "pending" for leg in self.model.transactions[number].legs)
        ] or sorted(self.ids)
        number = waiting[which % len(waiting)]
        self._agree(
            lambda: self.model.release_pending(number),
            lambda: release_pending(
                company_id=self.book.company_id, tx_id=self.ids[number], today=self.today
            ),
        )

    # what time does and people decide

    @rule(days=st.sampled_from([1, 3, 10, 31, 95]))
    def days_pass(self, days: int) -> None:
        self.today += timedelta(days)

    @precondition(lambda self: any(not hold.outcome for hold in self.model.holds))
    @rule()
    def lapse_holds(self) -> None:
        expected = self.model.lapse_holds(self.today)
        assert lapse_holds(company_id=self.book.company_id, now=_at(self.today)) == expected
        self._compare()

    @precondition(
        lambda self: any(
            left and until < self.today
            for account in self.model.accounts.values()
            for until, left in account.left.items()
        )
    )
    @rule()
    def expire(self) -> None:
        begun = len(self.model.transactions)
        expected = self.model.expire(self.today)
        assert expire(company_id=self.book.company_id, today=self.today) == expected
        by_lot = {
            (each.uses[0].place.party, each.uses[0].place.code, each.uses[0].until): each.number
            for each in self.model.transactions[begun:]
        }
        rows = self.book.rows(
            "SELECT t.tx_id, w.party_id, a.code, u.expires_on FROM ledger_tx t"
            " JOIN ledger_lot_use u USING (company_id, tx_id)"
            " JOIN ledger_account w USING (company_id, account_id)"
            " JOIN ledger_asset a USING (company_id, asset_id)"
            " WHERE t.source_kind = 'lot' AND t.kind <> 'reverse' AND u.part = 'expired'"
            " AND t.tx_id > %s",
            max(self.ids.values(), default=0),
        )
        for tx_id, *lot in rows:
            self.ids[by_lot.pop(tuple(lot))] = tx_id
        assert not by_lot
        self._compare()

    @rule(back=st.sampled_from([0, 1, 2]))
    def close_month(self, back: int) -> None:
        month = (self.today - timedelta(30 * back)).replace(day=1)
        assert close_month(
            company_id=self.book.company_id, month=month, closed_by=1, closed_at=self._now()
        ) == self.model.close_month(month)

    def _now(self) -> datetime:
        """The clock by which postings are stamped."""
        ((now,),) = self.book.rows("SELECT clock_timestamp()")
        return now

    @precondition(lambda self: self.model.closed)
    @rule(which=st.integers(0, 3))
    def reopen_month(self, which: int) -> None:
        months = sorted(self.model.closed, reverse=True)
        month = months[which % len(months)]
        self._agree(
            lambda: self.model.reopen_month(month),
            lambda: reopen_month(
                company_id=self.book.company_id,
                month=month,
                reason="漏记",
                reopened_by=1,
                reopened_at=self._now(),
            ),
        )

    @rule(change=st.sampled_from(POLICIES))
    def set_policy(self, change: tuple[str, Policy]) -> None:
        code, policy = change
        self._agree(
            lambda: self.model.set_policy(code, dict(policy)),
            lambda: self._set_policy(code, policy),
        )

    def _set_policy(self, code: str, policy: Policy) -> bool:
        return set_policy(
            company_id=self.book.company_id,
            code=code,
            policy=policy,
            changed_at=_at(self.today),
            actor_id=1,
        )

    @rule(party=who, state=st.sampled_from(["open", "open", "open", "blocked", "archived"]))
    def set_state(self, party: int, state: Any) -> None:
        expected = self.model.set_state(self.parties[party], state, ALL_CODES)
        try:
            changed = set_state(
                company_id=self.book.company_id,
                party_id=self.parties[party],
                state=state,
                reason="核查",
                changed_at=_at(self.today),
                actor_id=1,
            )
        except PostingRefused as error:
            answer: Any = error.code
        else:
            answer = changed
        assert answer in {*expected.reasons, expected.number}
        self._compare()

    # comparing

    def _agree(self, wanted: Callable[[], Answer], operation: Callable[[], Any]) -> None:
        """The operation answers as the model does, and leaves what the model has."""
        self.again = lambda: self._agree(wanted, operation)
        self.agrees = False
        expected = wanted()
        try:
            done = operation()
        except PostingRefused as error:
            done = error
        if isinstance(done, PostingRefused):
            assert expected.status in ("refused", "conflict"), (done.code, expected)
            assert done.code in expected.reasons, (done.code, expected)
        else:
            is_new = done if isinstance(done, bool) else done.is_new
            assert ("new" if is_new else "duplicate") == expected.status, expected
        if isinstance(done, Held):
            assert self.hold_ids.setdefault(expected.number or 0, done.hold_id) == done.hold_id
        elif isinstance(done, Posted):
            self._same_transaction(expected, done.tx_id)
        self._compare()

    def _same_transaction(self, expected: Answer, tx_id: int | None) -> None:
        if expected.number is not None and tx_id is not None:
            assert self.ids.setdefault(expected.number, tx_id) == tx_id

    def _compare(self) -> None:
        seen = {name: self.book.rows(f"EXECUTE {name}") for name in SEEN}
        assert {
            Place(*place): tuple(state)
            for *place, posted, held, word in seen["seen_balances"]
            if (state := (posted, held, word)) != (0, 0, "open")
        } == {
            place: state
            for place, account in self.model.accounts.items()
            if (state := (account.posted, account.held, account.state)) != (0, 0, "open")
        }
        assert {
            (Place("wallet", party, code), until): parts
            for party, code, until, *parts in seen["seen_lots"]
        } == {
            (place, until): parts
            for place, account in self.model.accounts.items()
            for until in {*account.left, *account.set_aside}
            if any(parts := [account.left[until], account.set_aside[until]])
        }
        assert {
            (Place(*place), day): nonzero(
                dict(zip(("earned", "deducted", "spent", "other"), sums, strict=True))
            )
            for *place, day, earned, deducted, spent, other in seen["seen_totals"]
            if any(sums := (earned, deducted, spent, other))
        } == {spot: parts for spot, sums in self.model.totals.items() if (parts := nonzero(sums))}
        self.agrees = {tuple(spot): used for *spot, used in seen["seen_caps"] if used} == nonzero(
            self.model.taken
        )
        assert self.agrees

    def _compare_board(self, month: date) -> None:
        for code in ("honour", "spendable"):
            sums: dict[int, int] = {}
            for total in totals(
                company_id=self.book.company_id,
                asset_code=code,
                date_from=month,
                date_to=(month + timedelta(31)).replace(day=1) - timedelta(1),
            ):
                sums[total.party_id] = sums.get(total.party_id, 0) + total.points
            assert nonzero(sums) == self.model.board(code, month)


def _at(day: date) -> datetime:
    return datetime.combine(day, time(4), tzinfo=UTC)


@pytest.mark.timeout(examples(900, long=6 * 3600))
def test_any_sequence_ends_as_in_the_model(book: Book) -> None:
    Machine.book = book
    Machine.parties, Machine.caps = prepare(book)
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
        for name, query in SEEN.items():
            cursor.execute(f"PREPARE {name} AS {query}")
    Machine.base = None
    before = Machine()
    Machine.base = before.tell_before()
    before.atomic.__exit__(None, None, None)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples(100, long=10_000),
            stateful_step_count=30,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
