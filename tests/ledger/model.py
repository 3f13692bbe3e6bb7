"""The operations of the ledger, on the books of ``model_books``: written from the rules, not from SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from tests.ledger.model_books import (
    Account,
    Answer,
    Books,
    Gain,
    Hold,
    Place,
    Transaction,
    Use,
    refused,
)
from tests.ledger.model_reversal import Reversals


class Model(Reversals, Books):
    """A company's ledger."""

    def __init__(self, people: Sequence[int], teams: Sequence[int]) -> None:
        super().__init__()
        self.people, self.teams = list(people), list(teams)
        self.holds: list[Hold] = []
        self.hold_keys: dict[str, tuple[Any, int]] = {}
        self.rates: dict[tuple[str, str], tuple[int, int]] = {}

    # what is gained and lost

    def post(self, key: str, gain: Gain) -> Answer:
        if gain.is_pending and any(amount < 0 for _code, amount in gain.amounts):
            return refused("bad_pending")
        if gain.quota and gain.quota[0] == gain.party:
            return refused("own_quota")
        payload = gain._replace(caps=())
        if answer := self.known(key, payload):
            return answer
        day = self.open_day(gain.day)
        amounts, cut, room = self.limit(gain, dict(sorted(gain.amounts)))
        kind = "pending" if gain.is_pending else "wallet"
        reasons = cut & {"cap_reached"}
        for code, amount in amounts.items():
            account = self.accounts[Place(kind, gain.party, code)]
            if "archived" in (account.state, self.wallet(gain.party, code).state):
                reasons.add("account_archived")
            if amount < 0 and self._room(account, code) + amount < 0:
                reasons.add("below_floor")
        if gain.quota and self.cannot_give(gain.quota[0], "quota", gain.quota[1], gain.day):
            reasons.add("quota_spent")
        if reasons:
            return refused(*reasons)

        self.taken += room
        transaction = self.begin(key, payload, gain.kind, day)
        transaction.room = room
        for seq, (code, amount) in enumerate(amounts.items(), 1):
            place = Place(kind, gain.party, code)
            account, asset = self.accounts[place], self.assets[code]
            in_lots = asset.keeps_lots and kind == "wallet"
            if amount > 0:
                if in_lots:
                    account.grant(asset.until(day), amount)
                leg = self.move_points(transaction, seq, Place("issuance", 0, code), place, amount)
                leg.until = asset.until(day) if in_lots else None
            elif amount < 0:
                if in_lots:
                    self._use(transaction, place, min(max(account.posted, 0), -amount))
                self.move_points(transaction, seq, place, Place("adjustment", 0, code), -amount)
        if gain.quota:
            giver = Place("wallet", gain.quota[0], "quota")
            self._use(transaction, giver, gain.quota[1], gain.day)
            self.move_points(
                transaction,
                len(amounts) + 1,
                giver,
                Place("redeemed", 0, "quota"),
                gain.quota[1],
            )
        return Answer("capped" if cut else "new", frozenset(cut), transaction.number)

    def post_bulk(self, rows: Sequence[tuple[str, Gain]]) -> list[Answer]:
        """Plain gifts and losses first, then what takes from a floor or repeats a key."""
        first = {key: n for n, (key, _gain) in reversed(list(enumerate(rows)))}
        later = {
            n
            for n, (key, gain) in enumerate(rows)
            if first[key] != n or gain.is_pending or gain.quota or self._is_delicate(gain)
        }
        answers = {n: self.post(*row) for n, row in enumerate(rows) if n not in later}
        answers |= {n: self.post(*rows[n]) for n in sorted(later)}
        return [answers[n] for n in range(len(rows))]

    def _is_delicate(self, gain: Gain) -> bool:
        return any(
            amount < 0
            and (self.assets[code].keeps_lots or self.assets[code].wallet_floor is not None)
            for code, amount in gain.amounts
        ) or any(
            account.state == "archived" or (account.posted < 0 and self.assets[code].keeps_lots)
            for code, _amount in gain.amounts
            for account in [self.wallet(gain.party, code)]
        )

    def _room(self, account: Account, code: str) -> float:
        floor = self.assets[code].wallet_floor
        if floor is None:
            if not (self.assets[code].keeps_lots and account.held):
                return float("inf")
            floor = 0
        return account.posted - account.held - floor

    def _use(
        self, transaction: Transaction, place: Place, amount: int, today: date | None = None
    ) -> list[tuple[date, int]]:
        taken = self.accounts[place].take(amount, today)
        transaction.uses += [Use(place, until, part) for until, part in taken]
        return taken

    # what is given away

    def spend(
        self, key: str, party: int, code: str, amount: int, today: date, kind: str = "spend"
    ) -> Answer:
        payload = (kind, party, code, amount)
        if answer := self.known(key, payload):
            return answer
        if code == "honour":
            return refused("not_spendable")
        is_lapse = kind == "lapse"
        reasons = self.cannot_give(party, code, amount, date.min if is_lapse else today)
        if reasons:
            return refused(*reasons)
        transaction = self.begin(key, payload, kind, self.open_day(today))
        place = Place("wallet", party, code)
        if self.assets[code].keeps_lots:
            self._use(transaction, place, amount, None if is_lapse else today)
        counter = Place("expired" if is_lapse else "redeemed", 0, code)
        self.move_points(transaction, 1, place, counter, amount)
        return Answer("new", number=transaction.number)

    def move(self, key: str, giver: int, taker: int, code: str, amount: int, today: date) -> Answer:
        if giver == taker:
            return refused("same_account")
        payload = ("transfer", giver, taker, code, amount)
        if answer := self.known(key, payload):
            return answer
        asset = self.assets[code]
        with_team = giver in self.teams or taker in self.teams
        if code == "honour" or not (asset.is_transferable or with_team):
            return refused("not_transferable")
        reasons = self.cannot_give(giver, code, amount, today)
        if self.wallet(taker, code).state == "archived":
            reasons.add("account_archived")
        if reasons:
            return refused(*reasons)
        transaction = self.begin(key, payload, "transfer", self.open_day(today))
        source, target = Place("wallet", giver, code), Place("wallet", taker, code)
        if not asset.keeps_lots:
            self.move_points(transaction, 1, source, target, amount)
        else:
            for seq, (until, part) in enumerate(self._use(transaction, source, amount, today), 1):
                self.accounts[target].grant(until, part)
                self.move_points(transaction, seq, source, target, part).until = until
        return Answer("new", number=transaction.number)

    def convert(
        self, key: str, party: int, from_code: str, to_code: str, amount: int, today: date
    ) -> Answer:
        payload = ("convert", party, from_code, to_code, amount)
        if answer := self.known(key, payload):
            return answer
        if not self.assets[from_code].is_convertible:
            return refused("not_convertible")
        reasons = self.cannot_give(party, from_code, amount, today)
        if self.wallet(party, to_code).state == "archived":
            reasons.add("account_archived")
        numerator, denominator = self.rates[from_code, to_code]
        gain = amount * numerator // denominator
        if gain < 1:
            reasons.add("bad_amount")
        if reasons:
            return refused(*reasons)
        day = self.open_day(today)
        transaction = self.begin(key, payload, "convert", day)
        source, target = Place("wallet", party, from_code), Place("wallet", party, to_code)
        self._use(transaction, source, amount, today)
        self.accounts[target].grant(self.assets[to_code].until(day), gain)
        self.move_points(transaction, 1, source, Place("exchange", 0, from_code), amount)
        self.move_points(
            transaction, 2, Place("exchange", 0, to_code), target, gain
        ).until = self.assets[to_code].until(day)
        return Answer("new", number=transaction.number)

    # what is set aside

    def hold(
        self, key: str, party: int, code: str, amount: int, today: date, lapses_on: date | None
    ) -> Answer:
        if code == "honour":
            return refused("not_spendable")
        payload = (party, code, amount)
        if key in self.hold_keys:
            before, number = self.hold_keys[key]
            if before == payload:
                return Answer("duplicate", number=number)
            return Answer("conflict", frozenset({"key_reused"}), number)
        reasons = self.cannot_give(party, code, amount, today)
        if reasons:
            return refused(*reasons)
        place = Place("wallet", party, code)
        account = self.accounts[place]
        lots = account.take(amount, today) if self.assets[code].keeps_lots else []
        account.held += amount
        for until, part in lots:
            account.set_aside[until] += part
        self.holds.append(Hold(place, amount, lapses_on, lots))
        self.hold_keys[key] = (payload, len(self.holds) - 1)
        return Answer("new", number=len(self.holds) - 1)

    def capture(self, number: int, key: str, amount: int | None, today: date) -> Answer:
        hold = self.holds[number]
        amount = hold.amount if amount is None else amount
        if amount > hold.amount:
            return refused("more_than_held")
        payload = ("capture", number, amount)
        if answer := self.known(key, payload):
            return answer
        if hold.outcome:
            return refused("hold_ended")
        transaction = self.begin(key, payload, "spend", self.open_day(today))
        self._let_go(hold, "captured")
        account, left = self.accounts[hold.place], amount
        for until, part in hold.lots:
            used = min(part, left)
            account.left[until] -= used
            left -= used
            if used:
                transaction.uses.append(Use(hold.place, until, used))
        self.move_points(transaction, 1, hold.place, Place("redeemed", 0, hold.place.code), amount)
        return Answer("new", number=transaction.number)

    def release(self, number: int) -> Answer:
        hold = self.holds[number]
        if hold.outcome:
            same = hold.outcome == "released"
            return Answer("duplicate") if same else refused("hold_ended")
        self._let_go(hold, "released")
        return Answer("new")

    def lapse_holds(self, today: date) -> int:
        due = [
            hold
            for hold in self.holds
            if not hold.outcome and hold.lapses_on and hold.lapses_on <= today
        ]
        for hold in due:
            self._let_go(hold, "lapsed")
        return len(due)

    def _let_go(self, hold: Hold, outcome: str) -> None:
        hold.outcome = outcome
        account = self.accounts[hold.place]
        account.held -= hold.amount
        for until, part in hold.lots:
            account.set_aside[until] -= part
            account.left[until] += part

    # what time does

    def expire(self, today: date) -> tuple[int, int]:
        """How many lots lapsed and how much that took."""
        day = self.open_day(today)
        lots = lost = 0
        due = [
            (place, until, amount)
            for place, account in self.accounts.items()
            for until, amount in account.left.items()
            if until < today and amount > 0
        ]
        for place, until, amount in due:
            asset, account = self.assets[place.code], self.accounts[place]
            carried = amount * asset.carry_percent // 100
            if asset.carry_max is not None:
                carried = min(carried, asset.carry_max)
            key = f"expire {len(self.transactions)}"
            kind = "lapse" if place.code == "quota" else "expire"
            transaction = self.begin(key, key, kind, day)
            account.left[until] -= amount
            transaction.uses.append(Use(place, until, amount))
            expired = Place("expired", 0, place.code)
            self.move_points(transaction, 1, place, expired, amount)
            if carried:
                account.left[asset.until(day)] += carried
                self.move_points(transaction, 2, expired, place, carried).until = asset.until(day)
            lots += 1
            lost += amount - carried
        return lots, lost

    def release_pending(self, number: int) -> Answer:
        original = self.transactions[number]
        if original.release:
            return Answer("duplicate", number=original.release.number)
        pending = [leg for leg in original.legs if leg.taker.kind == "pending"]
        left = [leg for leg in pending if leg.amount > leg.back]
        if not left:
            return refused("nothing_left" if pending else "not_pending")
        wallets = [Place("wallet", leg.taker.party, leg.taker.code) for leg in left]
        if any(self.accounts[wallet].state == "archived" for wallet in wallets):
            return refused("account_archived")
        day = self.open_day(original.day)
        released = self.begin(f"release {number}", number, "release", day)
        original.release = released
        for leg, wallet in zip(left, wallets, strict=True):
            asset, amount = self.assets[wallet.code], leg.amount - leg.back
            if asset.keeps_lots:
                self.accounts[wallet].grant(asset.until(day), amount)
            moved = self.move_points(released, leg.seq, leg.taker, wallet, amount)
            moved.until = asset.until(day) if asset.keeps_lots else None
        return Answer("new", number=released.number)

    # what people decide

    def close_month(self, month: date) -> bool:
        is_new = month not in self.closed
        self.closed.add(month)
        return is_new

    def reopen_month(self, month: date) -> Answer:
        if any(closed > month for closed in self.closed):
            return refused("later_month_closed")
        if month not in self.closed:
            return Answer("duplicate")
        self.closed.remove(month)
        return Answer("new")

    def set_policy(self, code: str, changes: dict[str, Any]) -> Answer:
        asset = self.assets[code]
        wanted = type(asset)(**(vars(asset) | changes))
        if wanted == asset:
            return Answer("duplicate")
        if wanted.clawback == "debt" and wanted.wallet_floor is not None:
            return refused("debt_needs_no_floor")
        if wanted.wallet_floor != asset.wallet_floor and any(
            account.posted - account.held < (wanted.wallet_floor or -(10**18))
            for place, account in self.accounts.items()
            if place.kind == "wallet" and place.code == code and wanted.wallet_floor is not None
        ):
            return refused("below_floor")
        self.assets[code] = wanted
        return Answer("new")

    def set_state(self, party: int, state: str, codes: Sequence[str]) -> Answer:
        accounts = [self.wallet(party, code) for code in codes]
        changing = [account for account in accounts if account.state != state]
        if state == "archived" and any(account.held for account in changing):
            return refused("has_holds")
        for account in changing:
            account.state = state
        return Answer("new", number=len(changing))
